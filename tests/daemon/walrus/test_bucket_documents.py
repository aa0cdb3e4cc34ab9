"""What is set on a bucket: CORS, policy, public access, ownership, tags, lifecycle."""
import json
import time
import unittest
import urllib.error
import urllib.request

from botocore.exceptions import ClientError

from store import ACCOUNTS, Store


def setUpModule():
    global STORE, S3, OTHER
    STORE = Store("--lifecycle-day-s", "1")
    S3 = STORE.client()
    OTHER = STORE.client("other")


def tearDownModule():
    STORE.close()


def http(method, path, **headers):
    request = urllib.request.Request(STORE.endpoint + path, method=method, headers={
        k.replace("_", "-"): v for k, v in headers.items()})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.headers, refusal.read()


class Case(unittest.TestCase):
    def setUp(self):
        self.name = self.id().split(".")[-1].replace("_", "-")[:60]
        S3.create_bucket(Bucket=self.name)

    def refused(self, code, call, **arguments):
        with self.assertRaises(ClientError) as caught:
            call(**dict({"Bucket": self.name}, **arguments))
        self.assertEqual(caught.exception.response["Error"]["Code"], code)


class Cors(Case):
    def test_browsers_are_told_what_they_may(self):
        S3.put_bucket_acl(Bucket=self.name, ACL="public-read")
        path = "/" + self.name
        self.assertEqual(http("OPTIONS", path, Origin="https://a.test",
                              Access_Control_Request_Method="GET")[0], 403)
        S3.put_bucket_cors(Bucket=self.name, CORSConfiguration={"CORSRules": [
            {"AllowedMethods": ["GET"], "AllowedOrigins": ["https://*.test"],
             "AllowedHeaders": ["x-a*"], "ExposeHeaders": ["ETag"], "MaxAgeSeconds": 9}]})
        status, headers, _ = http("OPTIONS", path, Origin="https://a.test",
                                  Access_Control_Request_Method="GET",
                                  Access_Control_Request_Headers="X-Amz-Date")
        self.assertEqual((status, headers["Access-Control-Allow-Origin"],
                          headers["Access-Control-Max-Age"]), (200, "https://a.test", "9"))
        self.assertEqual(http("GET", path, Origin="https://a.test")[1]
                         ["Access-Control-Expose-Headers"], "ETag")
        self.assertIsNone(http("GET", path, Origin="https://a.com")[1]
                          ["Access-Control-Allow-Origin"])
        self.assertEqual(http("OPTIONS", path, Origin="https://a.test")[0], 400)
        self.assertEqual(http("OPTIONS", path, Origin="https://a.test",
                              Access_Control_Request_Method="PUT")[0], 403)
        S3.delete_bucket_cors(Bucket=self.name)
        self.refused("NoSuchCORSConfiguration", S3.get_bucket_cors)

    def test_rules_that_make_no_sense(self):
        rule = {"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}
        for wrong in ({"AllowedMethods": ["PATCH"]}, {"AllowedOrigins": []}):
            self.refused("MalformedXML", S3.put_bucket_cors,
                         CORSConfiguration={"CORSRules": [dict(rule, **wrong)]})
        self.refused("InvalidRequest", S3.put_bucket_cors, CORSConfiguration={
            "CORSRules": [dict(rule, AllowedOrigins=["*.*"])]})
        self.refused("MalformedXML", S3.put_bucket_cors,
                     CORSConfiguration={"CORSRules": [rule] * 101})


class Policy(Case):
    def policy(self, principal="*", action="s3:GetObject", **rest):
        return json.dumps({"Version": "2012-10-17", "Statement": [dict(
            {"Effect": "Allow", "Principal": principal, "Action": action,
             "Resource": [f"arn:aws:s3:::{self.name}", f"arn:aws:s3:::{self.name}/*"]}, **rest)]})

    def test_a_policy_lets_others_in(self):
        S3.put_object(Bucket=self.name, Key="k", Body=b"x")
        self.refused("AccessDenied", OTHER.get_object, Key="k")
        S3.put_bucket_policy(Bucket=self.name, Policy=self.policy({"AWS": ACCOUNTS["other"][0]}))
        self.assertEqual(OTHER.get_object(Bucket=self.name, Key="k")["Body"].read(), b"x")
        self.refused("AccessDenied", OTHER.put_object, Key="k", Body=b"y")
        self.assertEqual(http("GET", f"/{self.name}/k")[0], 403)
        S3.put_bucket_policy(Bucket=self.name, Policy=self.policy())
        self.assertEqual(http("GET", f"/{self.name}/k")[2], b"x")
        self.assertTrue(S3.get_bucket_policy_status(Bucket=self.name)["PolicyStatus"]["IsPublic"])
        S3.delete_bucket_policy(Bucket=self.name)
        self.assertEqual(http("GET", f"/{self.name}/k")[0], 403)
        self.refused("NoSuchBucketPolicy", S3.get_bucket_policy)

    def test_a_policy_takes_away_from_the_owner_too(self):
        S3.put_bucket_policy(Bucket=self.name, Policy=self.policy(action="s3:*", Effect="Deny"))
        self.refused("AccessDenied", S3.put_object, Key="k", Body=b"y")
        S3.delete_bucket_policy(Bucket=self.name)
        S3.put_object(Bucket=self.name, Key="k", Body=b"y")

    def test_conditions_on_tags(self):
        S3.put_object(Bucket=self.name, Key="open", Body=b"x", Tagging="security=public")
        S3.put_object(Bucket=self.name, Key="shut", Body=b"x", Tagging="security=private")
        S3.put_bucket_policy(Bucket=self.name, Policy=self.policy(Condition={
            "StringEquals": {"s3:ExistingObjectTag/security": "public"}}))
        self.assertEqual(http("GET", f"/{self.name}/open")[0], 200)
        self.assertEqual(http("GET", f"/{self.name}/shut")[0], 403)

    def test_who_may_list_learns_what_is_not_there(self):
        S3.put_bucket_policy(Bucket=self.name, Policy=self.policy(
            action="s3:ListBucket", Condition={"StringLike": {"s3:prefix": "open/*"}}))
        self.refused("NoSuchKey", OTHER.get_object, Key="open/nothing")
        self.refused("AccessDenied", OTHER.get_object, Key="shut/nothing")
        self.refused("AccessDenied", OTHER.list_objects)
        self.assertNotIn("Contents", OTHER.list_objects(Bucket=self.name, Prefix="open/"))

    def test_policies_that_make_no_sense(self):
        for bad in ("", "{}", "[", self.policy().replace("s3:::" + self.name, "s3:::other"),
                    self.policy(Effect="Perhaps"), self.policy()[:-1] + " " * 21000 + "}"):
            self.refused("MalformedPolicy", S3.put_bucket_policy, Policy=bad)

    def test_public_access_can_be_blocked(self):
        S3.put_object(Bucket=self.name, Key="k", Body=b"x", ACL="public-read")
        self.assertEqual(http("GET", f"/{self.name}/k")[0], 200)
        block = lambda **on: S3.put_public_access_block(
            Bucket=self.name, PublicAccessBlockConfiguration=on)
        block(IgnorePublicAcls=True)
        self.assertEqual(http("GET", f"/{self.name}/k")[0], 403)
        block(BlockPublicAcls=True, BlockPublicPolicy=True)
        self.refused("AccessDenied", S3.put_object, Key="k", Body=b"x", ACL="public-read")
        self.refused("AccessDenied", S3.put_bucket_acl, ACL="public-read")
        self.refused("AccessDenied", S3.put_bucket_policy, Policy=self.policy())
        S3.delete_public_access_block(Bucket=self.name)
        S3.put_bucket_policy(Bucket=self.name, Policy=self.policy())
        block(RestrictPublicBuckets=True)
        S3.put_object_acl(Bucket=self.name, Key="k", ACL="private")
        self.assertEqual(http("GET", f"/{self.name}/k")[0], 403)
        self.assertEqual(S3.get_object(Bucket=self.name, Key="k")["Body"].read(), b"x")


class Ownership(Case):
    def controls(self, name):
        S3.put_bucket_ownership_controls(Bucket=self.name, OwnershipControls={
            "Rules": [{"ObjectOwnership": name}]})

    def test_who_owns_what_others_write(self):
        S3.put_bucket_acl(Bucket=self.name, GrantWrite="id=" + ACCOUNTS["other"][1],
                          GrantFullControl="id=" + ACCOUNTS["main"][1])
        owner = lambda: S3.list_objects(Bucket=self.name)["Contents"][0]["Owner"]["ID"]
        OTHER.put_object(Bucket=self.name, Key="k", ACL="bucket-owner-full-control")
        self.assertEqual(owner(), ACCOUNTS["other"][1])
        self.controls("BucketOwnerPreferred")
        OTHER.put_object(Bucket=self.name, Key="k", ACL="bucket-owner-full-control")
        self.assertEqual(owner(), ACCOUNTS["main"][1])
        with self.assertRaises(ClientError) as caught:
            self.controls("BucketOwnerEnforced")
        self.assertEqual(caught.exception.response["Error"]["Code"],
                         "InvalidBucketAclWithObjectOwnership")

    def test_without_lists(self):
        self.controls("BucketOwnerEnforced")
        self.refused("AccessControlListNotSupported", S3.put_object, Key="k", ACL="public-read")
        self.refused("AccessControlListNotSupported", S3.put_bucket_acl, ACL="public-read")
        S3.put_object(Bucket=self.name, Key="k", Body=b"x")


class Lifecycle(Case):
    def rules(self, *rules):
        S3.put_bucket_lifecycle_configuration(
            Bucket=self.name, LifecycleConfiguration={"Rules": list(rules)})

    def wait_until(self, holds):
        deadline = time.monotonic() + 60
        while not holds():
            self.assertLess(time.monotonic(), deadline, "nothing happened")
            time.sleep(0.05)

    def test_objects_and_uploads_end_when_their_time_has_come(self):
        for key in ("old/1", "old/2", "kept/1"):
            S3.put_object(Bucket=self.name, Key=key, Body=b"x")
        S3.create_multipart_upload(Bucket=self.name, Key="old/upload")
        self.rules({"Filter": {"Prefix": "old/"}, "Status": "Enabled", "Expiration": {"Days": 1},
                    "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}})
        keys = lambda: [o["Key"] for o in S3.list_objects(Bucket=self.name)["Contents"]]
        self.wait_until(lambda: keys() == ["kept/1"])
        self.wait_until(lambda: "Uploads" not in S3.list_multipart_uploads(Bucket=self.name))

    def test_old_versions_and_lone_markers_go(self):
        S3.put_bucket_versioning(Bucket=self.name, VersioningConfiguration={"Status": "Enabled"})
        for body in (b"1", b"2"):
            S3.put_object(Bucket=self.name, Key="k", Body=body)
        S3.delete_object(Bucket=self.name, Key="k")
        self.rules({"Filter": {}, "Status": "Enabled",
                    "Expiration": {"ExpiredObjectDeleteMarker": True},
                    "NoncurrentVersionExpiration": {"NoncurrentDays": 1}})
        left = lambda: S3.list_object_versions(Bucket=self.name)
        self.wait_until(lambda: "Versions" not in left() and "DeleteMarkers" not in left())

    def test_rules_that_make_no_sense(self):
        rule = {"ID": "r", "Filter": {"Prefix": ""}, "Status": "Enabled", "Expiration": {"Days": 1}}
        put = lambda *rules: dict(LifecycleConfiguration={"Rules": list(rules)})
        for code, arguments in (
                ("InvalidArgument", put(dict(rule, ID="x" * 256))),
                ("InvalidArgument", put(rule, rule)),
                ("InvalidArgument", put(dict(rule, Expiration={"Days": 0}))),
                ("MalformedXML", put(dict(rule, Status="on"))),
                ("MalformedXML", put())):
            self.refused(code, S3.put_bucket_lifecycle_configuration, **arguments)
        self.refused("NoSuchLifecycleConfiguration", S3.get_bucket_lifecycle_configuration)


if __name__ == "__main__":
    unittest.main()
