"""What newer SDKs put on the wire, and what nobody should: raw HTTP against the object store."""
import base64
import datetime
import hashlib
import hmac
import http.client
import socket
import unittest
import xml.etree.ElementTree
import zlib

from store import ACCOUNTS, Store


def setUpModule():
    global STORE
    STORE = Store("--domain", "s3.test")
    client = STORE.client()
    client.create_bucket(Bucket="bucket")
    client.create_bucket(Bucket="public", ACL="public-read-write")


def tearDownModule():
    STORE.close()


def sign(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


class Signer:
    """Signature Version 4 of a PUT whose body is sent in chunks."""

    def __init__(self, path, payload, headers):
        _, _, self.access_key, secret = ACCOUNTS["main"]
        self.time = datetime.datetime.utcnow().strftime("%Y%m%dT%H%M%SZ")
        self.scope = self.time[:8] + "/r/s3/aws4_request"
        key = ("AWS4" + secret).encode()
        for part in self.scope.split("/"):
            key = sign(key, part)
        self.key = key
        self.headers = {"host": f"127.0.0.1:{STORE.port}", "x-amz-date": self.time,
                        "x-amz-content-sha256": payload, **headers}
        names = sorted(self.headers)
        lines = "".join(f"{name}:{self.headers[name]}\n" for name in names)
        canonical = f"PUT\n{path}\n\n{lines}\n{';'.join(names)}\n{payload}"
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        self.previous = sign(
            key, f"AWS4-HMAC-SHA256\n{self.time}\n{self.scope}\n{digest}").hex()
        self.headers["Authorization"] = (
            f"AWS4-HMAC-SHA256 Credential={self.access_key}/{self.scope}, "
            f"SignedHeaders={';'.join(names)}, Signature={self.previous}")

    def chunk(self, data):
        empty = hashlib.sha256(b"").hexdigest()
        self.previous = sign(
            self.key, f"AWS4-HMAC-SHA256-PAYLOAD\n{self.time}\n{self.scope}\n{self.previous}\n"
            f"{empty}\n{hashlib.sha256(data).hexdigest()}").hex()
        return f"{len(data):x};chunk-signature={self.previous}\r\n".encode() + data + b"\r\n"


class Protocol(unittest.TestCase):
    def call(self, method, path, body=None, headers=None, chunked=False):
        connection = http.client.HTTPConnection("127.0.0.1", STORE.port, timeout=30)
        self.addCleanup(connection.close)
        connection.request(method, path, body, headers or {}, encode_chunked=chunked)
        answer = connection.getresponse()
        return answer, answer.read()

    def code(self, method, path, body=None, headers=None):
        _, text = self.call(method, path, body, headers)
        return xml.etree.ElementTree.fromstring(text).findtext("Code")

    def get(self, key):
        return STORE.client().get_object(Bucket="bucket", Key=key)["Body"].read()

    def test_signed_chunks(self):
        signer = Signer("/bucket/signed", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
                        {"x-amz-decoded-content-length": "70000", "content-encoding": "aws-chunked"})
        body = signer.chunk(b"a" * 65536) + signer.chunk(b"b" * 4464) + signer.chunk(b"")
        answer, text = self.call("PUT", "/bucket/signed", body, signer.headers)
        self.assertEqual(answer.status, 200, text)
        self.assertEqual(self.get("signed"), b"a" * 65536 + b"b" * 4464)
        self.assertNotIn("ContentEncoding", STORE.client().head_object(Bucket="bucket", Key="signed"))

    def test_a_changed_chunk_is_refused(self):
        signer = Signer("/bucket/changed", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
                        {"x-amz-decoded-content-length": "5"})
        body = (signer.chunk(b"hello") + signer.chunk(b"")).replace(b"hello", b"jello")
        answer, text = self.call("PUT", "/bucket/changed", body, signer.headers)
        self.assertEqual(answer.status, 403)
        self.assertIn(b"SignatureDoesNotMatch", text)
        self.assertEqual(self.code("GET", "/public/changed"), "NoSuchKey")

    def trailer_put(self, key, checksum):
        data = b"streamed " * 9000
        signer = Signer("/bucket/" + key, "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
                        {"x-amz-decoded-content-length": str(len(data)),
                         "x-amz-trailer": "x-amz-checksum-crc32", "content-encoding": "aws-chunked",
                         "x-amz-sdk-checksum-algorithm": "CRC32", "transfer-encoding": "chunked"})
        pieces = [b"%x\r\n" % len(data) + data + b"\r\n",
                  b"0\r\nx-amz-checksum-crc32:" + checksum(data) + b"\r\n\r\n"]
        return data, self.call("PUT", "/bucket/" + key, iter(pieces), signer.headers, chunked=True)

    def test_unsigned_chunks_with_a_checksum_behind_them(self):
        right = lambda data: base64.b64encode(zlib.crc32(data).to_bytes(4, "big"))
        data, (answer, text) = self.trailer_put("trailer", right)
        self.assertEqual(answer.status, 200, text)
        self.assertEqual(self.get("trailer"), data)
        _, (answer, text) = self.trailer_put("wrong", lambda data: b"AAAAAA==")
        self.assertEqual((answer.status, b"BadDigest" in text), (400, True))

    def test_buckets_in_host_names(self):
        host = {"Host": f"public.s3.test:{STORE.port}", "x-amz-acl": "public-read"}
        answer, _ = self.call("PUT", "/folder/key", b"virtual", host)
        self.assertEqual(answer.status, 200)
        self.assertEqual(self.call("GET", "/public/folder/key")[1], b"virtual")
        self.assertIn(b"<Key>folder/key</Key>", self.call("GET", "/?prefix=folder", headers=host)[1])

    def test_bad_requests_get_s3_errors(self):
        for code, method, path, body, headers in (
                ("NoSuchBucket", "GET", "/nowhere/key", None, {}),
                ("AccessDenied", "GET", "/bucket", None, {}),
                ("AccessDenied", "GET", "/", None, {}),
                ("InvalidURI", "GET", "/public/%zz", None, {}),
                ("KeyTooLongError", "PUT", "/public/" + "k" * 1025, b"", {}),
                ("InvalidDigest", "PUT", "/public/k", b"", {"Content-MD5": "short"}),
                ("BadDigest", "PUT", "/public/k", b"x", {"Content-MD5": "A" * 22 + "=="}),
                ("BadDigest", "PUT", "/public/k", b"x", {"x-amz-checksum-sha1": "AAAA"}),
                ("MetadataTooLarge", "PUT", "/public/k", b"x", {"x-amz-meta-a": "x" * 2100}),
                ("InvalidArgument", "PUT", "/public/k", b"x", {"x-amz-acl": "everybody"}),
                ("InvalidStorageClass", "PUT", "/public/k", b"x", {"x-amz-storage-class": "WARM"}),
                ("InvalidArgument", "GET", "/public?max-keys=many", None, {}),
                ("MalformedXML", "POST", "/public?delete", b"<Delete>", {}),
                ("MalformedXML", "POST", "/public?delete",
                 b"<!DOCTYPE a [<!ENTITY b 'c'>]><Delete>&b;</Delete>", {}),
                ("MaxMessageLengthExceeded", "POST", "/public?delete", b" " * 3_000_000, {}),
                ("NoSuchUpload", "PUT", "/public/k?partNumber=1&uploadId=none", b"x", {}),
                ("NotImplemented", "PUT", "/public?website", b"<a/>", {}),
                ("MethodNotAllowed", "POST", "/public/k", b"", {}),
                ("InvalidAccessKeyId", "GET", "/public/k?AWSAccessKeyId=x&Signature=y&Expires=9999999999",
                 None, {}),
        ):
            self.assertEqual(self.code(method, path, body, headers), code, (method, path))

    def test_what_is_no_request_gets_an_id_too(self):
        for raw in (b"NOT HTTP AT ALL\r\n\r\n", b"GET / HTTP/1.1\r\nHost: x\r\n" + b"a: b\r\n" * 9000):
            with socket.create_connection(("127.0.0.1", STORE.port), timeout=30) as wire:
                wire.sendall(raw)
                answer = wire.makefile("rb").read().lower()
            self.assertRegex(answer, rb"^http/1.1 4[0-9][0-9] ")
            self.assertIn(b"\r\nx-amz-request-id: ", answer)
            self.assertIn(b"<requestid>", answer)

    def test_a_refused_upload_is_not_asked_for(self):
        connection = http.client.HTTPConnection("127.0.0.1", STORE.port, timeout=30)
        self.addCleanup(connection.close)
        connection.putrequest("PUT", "/bucket/k")
        connection.putheader("Content-Length", str(1 << 30))
        connection.putheader("Expect", "100-continue")
        connection.endheaders()
        self.assertEqual(connection.getresponse().status, 403)

    def test_errors_of_head_have_no_body(self):
        answer, text = self.call("HEAD", "/public/missing")
        self.assertEqual((answer.status, text), (404, b""))


class DiskFull(unittest.TestCase):
    def test_is_said_clearly_and_loses_nothing(self):
        store = Store()
        self.addCleanup(store.close)
        client = store.client()
        client.create_bucket(Bucket="bucket")
        client.put_object(Bucket="bucket", Key="k", Body=b"old")
        store.kill()
        store.arguments = ["--free-reserve-mib", str(1 << 20)]
        store.start()
        with self.assertRaises(client.exceptions.ClientError) as refused:
            client.put_object(Bucket="bucket", Key="k", Body=b"new")
        self.assertEqual(refused.exception.response["Error"]["Code"], "InsufficientStorage")
        self.assertEqual(client.get_object(Bucket="bucket", Key="k")["Body"].read(), b"old")
        client.delete_object(Bucket="bucket", Key="k")


if __name__ == "__main__":
    unittest.main()
