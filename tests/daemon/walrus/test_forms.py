"""Uploads by browser forms: policies of Version 2 and 4, and forms that are none."""
import base64
import datetime
import hashlib
import hmac
import json
import unittest
import urllib.error
import urllib.request

from store import ACCOUNTS, Store


def setUpModule():
    global STORE, S3
    STORE = Store()
    S3 = STORE.client()
    S3.create_bucket(Bucket="bucket")
    S3.create_bucket(Bucket="public", ACL="public-read-write")


def tearDownModule():
    STORE.close()


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def post(fields, body=b"content", bucket="bucket", boundary="xyz", raw=None):
    form = b"".join(b'--%s\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (
        boundary.encode(), name.encode(), value.encode()) for name, value in fields)
    form += (b'--%s\r\nContent-Disposition: form-data; name="file"; filename="up.txt"\r\n'
             b"Content-Type: text/plain\r\n\r\n%s\r\n--%s--\r\n") % (
                 boundary.encode(), body, boundary.encode())
    request = urllib.request.Request(
        f"{STORE.endpoint}/{bucket}", data=raw if raw is not None else form, method="POST",
        headers={"Content-Type": "multipart/form-data; boundary=" + boundary})
    try:
        with urllib.request.build_opener(NoRedirect).open(request, timeout=30) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.headers, refusal.read()


def policy(*conditions, bucket="bucket", hours=1):
    until = datetime.datetime.utcnow() + datetime.timedelta(hours=hours)
    return base64.b64encode(json.dumps({
        "expiration": until.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "conditions": [{"bucket": bucket}, ["starts-with", "$key", ""], *conditions]}).encode()
    ).decode()


def signed(text, account="main"):
    """The fields that sign a policy under Version 2."""
    _, _, key, secret = ACCOUNTS[account]
    mac = hmac.new(secret.encode(), text.encode(), hashlib.sha1).digest()
    return [("AWSAccessKeyId", key), ("Policy", text), ("Signature", base64.b64encode(mac).decode())]


class Forms(unittest.TestCase):
    def refused(self, status, code, answer):
        self.assertEqual(answer[0], status, answer[2])
        self.assertIn(f"<Code>{code}</Code>".encode(), answer[2])
        self.assertTrue(answer[1]["x-amz-request-id"])

    def body_of(self, key, bucket="bucket"):
        return S3.get_object(Bucket=bucket, Key=key)["Body"].read()

    def test_anybody_where_anybody_may(self):
        self.assertEqual(post([("key", "a/${filename}")], bucket="public")[0], 204)
        self.assertEqual(self.body_of("a/up.txt", "public"), b"content")
        self.refused(403, "AccessDenied", post([("key", "k")]))

    def test_version_2(self):
        text = policy(["eq", "$Content-Type", "text/x"], ["starts-with", "$x-amz-meta-a", ""],
                      ["content-length-range", 1, 1000000])
        bytes_ = bytes(range(256)) * 2000
        fields = [("key", "v2"), ("Content-Type", "text/x"), ("x-amz-meta-a", "b")] + signed(text)
        self.assertEqual(post(fields, bytes_)[0], 204)
        self.assertEqual(self.body_of("v2"), bytes_)
        head = S3.head_object(Bucket="bucket", Key="v2")
        self.assertEqual((head["ContentType"], head["Metadata"]), ("text/x", {"a": "b"}))

    def test_version_4(self):
        made = STORE.client(signature_version="s3v4").generate_presigned_post(
            "bucket", "v4", Fields={"acl": "public-read"}, Conditions=[{"acl": "public-read"}])
        self.assertEqual(post(list(made["fields"].items()))[0], 204)
        self.assertEqual(self.body_of("v4"), b"content")
        wrong = dict(made["fields"], **{"x-amz-signature": "0" * 64})
        self.refused(403, "SignatureDoesNotMatch", post(list(wrong.items())))

    def test_what_is_answered(self):
        for asked, status in (("200", 200), ("201", 201), ("204", 204), ("404", 204), ("x", 204)):
            answer = post([("key", "k"), ("success_action_status", asked)], bucket="public")
            self.assertEqual(answer[0], status)
        created = post([("key", "k"), ("success_action_status", "201")], bucket="public")
        self.assertIn(b"<Key>k</Key>", created[2])
        status, headers, _ = post([("key", "k"), ("success_action_redirect", "http://x.test/?a=b")],
                                  bucket="public")
        self.assertEqual(status, 303)
        self.assertTrue(headers["Location"].startswith("http://x.test/?a=b&bucket=public&key=k&etag="))

    def test_conditions_hold(self):
        key = ("key", "k")
        self.refused(403, "AccessDenied", post([key] + signed(policy(hours=-1))))
        self.refused(403, "AccessDenied", post([key] + signed(policy(bucket="other"))))
        self.refused(403, "AccessDenied", post([key, ("acl", "private")] + signed(policy())))
        self.refused(403, "AccessDenied", post([key] + signed(policy(["eq", "$acl", "private"]))))
        length = lambda least, most: signed(policy(["content-length-range", least, most]))
        self.refused(400, "EntityTooLarge", post([key] + length(0, 6)))
        self.refused(400, "EntityTooSmall", post([key] + length(8, 100)))
        self.assertEqual(post([key] + length(7, 7))[0], 204)

    def test_who_signs(self):
        key = ("key", "k")
        good = signed(policy())
        self.refused(403, "SignatureDoesNotMatch", post([key] + good[:2] + [("Signature", "AA==")]))
        self.refused(403, "InvalidAccessKeyId", post([key, ("AWSAccessKeyId", "none")] + good[1:]))
        self.refused(400, "InvalidArgument", post([key] + good[:2]))
        self.refused(400, "InvalidArgument", post(good))
        self.refused(403, "AccessDenied", post([key] + signed(policy(), "other")))
        bad = base64.b64encode(b"{").decode()
        self.refused(400, "InvalidPolicyDocument", post([key] + signed(bad)))
        deep = base64.b64encode(b'{"expiration":' + b"[" * 20000).decode()
        self.refused(400, "InvalidPolicyDocument", post([key] + signed(deep)))

    def test_what_is_no_form(self):
        for raw in (b"", b"--xyz--\r\n", b"nothing at all", b"--xyz\r\nno: name\r\n\r\nv\r\n--xyz--",
                    b"\x00" * 100000):
            self.refused(400, "MalformedPOSTRequest", post([], raw=raw))
        cut = b'--xyz\r\nContent-Disposition: form-data; name="key"\r\n\r\nk\r\n' \
              b'--xyz\r\nContent-Disposition: form-data; name="file"\r\n\r\nhalf'
        self.refused(400, "IncompleteBody", post([], bucket="public", raw=cut))
        self.refused(400, "MalformedPOSTRequest", post([("f", "v" * 70000), ("key", "k")]))


if __name__ == "__main__":
    unittest.main()
