"""Bad input in bulk: each gets the documented code and a sentence that names the object, and the cloud
is afterwards what it was before."""

import base64
import datetime
import hashlib
import http.client
import unittest
import urllib.parse
import uuid
import xml.etree.ElementTree as ElementTree
from unittest import mock

import boto3
import botocore.auth
import botocore.awsrequest
import botocore.config
import botocore.exceptions

import cloud

CREDENTIALS = boto3.Session().get_credentials()


def send(url, method, body, headers, path=None):
    """(status, body) of exactly these bytes."""
    parsed = urllib.parse.urlparse(url)
    connection = http.client.HTTPConnection(parsed.hostname, parsed.port, timeout=20)
    try:
        connection.request(method, path or (parsed.path or "/") + ("?" + parsed.query if parsed.query else ""),
                           body=body, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def query(body, url=None, service="ec2", headers=None):
    """(status, code, sentence) of a signed query with this body."""
    url = url or cloud.ENVIRONMENT["EC2_URL"]
    body = body if isinstance(body, bytes) else body.encode()
    request = botocore.awsrequest.AWSRequest(
        method="POST", url=url, data=body,
        headers={"Content-Type": "application/x-www-form-urlencoded", **(headers or {})})
    botocore.auth.SigV4Auth(CREDENTIALS, service, "angophora").add_auth(request)
    status, answer = send(url, "POST", body, dict(request.headers))
    root = ElementTree.fromstring(answer)
    error = root.find("Errors/Error")
    if error is None:
        error = root.find("{*}Error")
    return status, error.findtext("Code") if error is not None else "", \
        (error.findtext("Message") or "") if error is not None else ""


class Queries(cloud.CloudTest):
    def test_parameters_that_cannot_be_read(self):
        run = f"Action=RunInstances&Version=2016-11-15&ImageId={cloud.image_id()}&InstanceType=t2.nano"
        for body, code, word in (
            (run + "&MinCount=one&MaxCount=1", "InvalidParameterValue", "MinCount"),
            (run + "&MinCount=1.5&MaxCount=2", "InvalidParameterValue", "MinCount"),
            (run + "&MinCount=-1&MaxCount=1", "InvalidParameterValue", "MinCount"),
            (run + "&MinCount=99999999999999999999&MaxCount=1", "InvalidParameterValue", "MinCount"),
            (run + "&MinCount=&MaxCount=1", "MissingParameter", "MinCount"),
            (run + "&MinCount=1&MaxCount=0", "InvalidParameterValue", ""),
            (run + "&MinCount=1&MaxCount=1&UserData=%21%21", "InvalidParameterValue", "UserData"),
            (run + "&MinCount=1&MaxCount=1&Monitoring.Enabled=perhaps", "InvalidParameterValue", "Monitoring"),
            (run + "&MinCount=1&MaxCount=1&MinCount=1", "", "MinCount"),
            (run + "&MinCount=1&MaxCount=1&Placement=zone-a", "", "Placement"),
            (run + "&MinCount=1&MaxCount=1&Placement.Colour=red", "UnknownParameter", "Placement.Colour"),
            ("Action=DescribeInstances&Version=2016-11-15&InstanceId.x=i-1", "", "InstanceId"),
            ("Action=DescribeInstances&Version=2016-11-15&InstanceId.99999999999=i-1", "", "i-1"),
            ("Action=DescribeInstances&Version=2016-11-15&MaxResults=3", "InvalidParameterValue", "MaxResults"),
            ("Action=DescribeInstances&Version=2016-11-15&DryRun=maybe", "InvalidParameterValue", "DryRun"),
            ("Action=DescribeInstances&Version=2016-11-15&Filter.1.Value.1=x", "", "Filter"),
            ("Action=CreateKeyPair&Version=2016-11-15&KeyName=%ff%fe", "InvalidParameterValue", ""),
            ("Action=CreateKeyPair&Version=2016-11-15&KeyName=a%00b", "InvalidParameterValue", ""),
            ("Action=CreateKeyPair&Version=2016-11-15&KeyName=" + "k" * 300, "InvalidParameterValue", "KeyName"),
            ("Action=CreateKeyPair&Version=2016-11-15&KeyName=", "MissingParameter", "KeyName"),
            ("Action=ImportKeyPair&Version=2016-11-15&KeyName=bad&PublicKeyMaterial=AAAA", "InvalidKey.Format", ""),
            ("Action=%3Cscript%3E&Version=2016-11-15", "InvalidAction", "&lt;script&gt;"),
            ("Action=DescribeRegions&Version=yesterday", "", ""),
        ):
            with self.subTest(body[-60:]):
                status, got, sentence = query(body)
                if code == "" and word == "":
                    self.assertLess(status, 500)
                    continue
                self.assertEqual(status, 400, (got, sentence))
                if code:
                    self.assertEqual(got, code, sentence)
                self.assertNotEqual(got, "InternalError")
                self.assertIn(word.replace("&lt;", "<").replace("&gt;", ">"), sentence)

    def test_bodies_that_are_too_much(self):
        many = "&".join(f"InstanceId.{i}=i-{i:017x}" for i in range(1, 20000))
        for name, body in (
            ("many parameters", "Action=DescribeInstances&Version=2016-11-15&" + many),
            ("a long value", "Action=CreateKeyPair&Version=2016-11-15&KeyName=" + "k" * 2_000_000),
            ("deep names", "Action=DescribeInstances&Version=2016-11-15&" + "A." * 20000 + "1=x"),
        ):
            with self.subTest(name):
                status, answer = None, None
                try:
                    status, answer, _ = query(body)
                except (ConnectionError, http.client.HTTPException):
                    continue  # the door was shut before all of it came
                self.assertIn(status, (400, 413), answer)
        self.assertEqual(query("Action=DescribeRegions&Version=2016-11-15")[0], 200)

    def test_signatures(self):
        url, body = cloud.ENVIRONMENT["EC2_URL"], b"Action=DescribeRegions&Version=2016-11-15"

        def signed(change=lambda headers: None, data=body, secret=None, key=None):
            credentials = botocore.credentials.Credentials(
                key or CREDENTIALS.access_key, secret or CREDENTIALS.secret_key)
            request = botocore.awsrequest.AWSRequest(
                method="POST", url=url, data=body,
                headers={"Content-Type": "application/x-www-form-urlencoded"})
            botocore.auth.SigV4Auth(credentials, "ec2", "angophora").add_auth(request)
            headers = dict(request.headers)
            change(headers)
            status, answer = send(url, "POST", data, headers)
            return status, ElementTree.fromstring(answer).findtext("Errors/Error/Code")

        def edit(name, old, new):
            def change(headers):
                headers[name] = headers[name].replace(old, new)
            return change

        self.assertEqual(signed()[0], 200)
        for name, answer in (
            ("none", signed(lambda h: h.pop("Authorization"))),
            ("another body", signed(data=b"Action=DescribeImages&Version=2016-11-15")),
            ("another secret", signed(secret="w" * 40)),
            ("an unknown key", signed(key="AKIAIOSFODNN7EXAMPLE")),
            ("another date", signed(edit("X-Amz-Date", "T", "T0")),),
            ("half of it", signed(edit("Authorization", "Signature=", "Sig="))),
            ("host not signed", signed(edit("Authorization", "host;", ""))),
            ("another algorithm", signed(edit("Authorization", "AWS4-HMAC-SHA256", "AWS4-NONE"))),
            ("junk", signed(lambda h: h.update(Authorization="Basic x"))),
        ):
            with self.subTest(name):
                status, code = answer
                self.assertIn(status, (400, 401, 403))
                self.assertIn(code, (
                    "AuthFailure", "SignatureDoesNotMatch", "IncompleteSignature", "InvalidClientTokenId",
                    "MissingAuthenticationToken", "RequestExpired"), name)

    def test_user_data_at_its_limit(self):
        request = {"ImageId": cloud.image_id(), "InstanceType": "t2.nano", "MinCount": 1, "MaxCount": 1,
                   "DryRun": True}
        self.assert_refused("DryRunOperation", self.ec2.run_instances, UserData="x" * 16384, **request)
        self.assert_refused("InvalidParameterValue", self.ec2.run_instances, UserData="x" * 16385,
                            **{**request, "DryRun": False})

    def test_wrong_states(self):
        guest = self.start_guest()
        guest.wait_running()
        guest.terminate()
        ec2 = self.ec2
        sentence = self.assert_refused(
            "IncorrectInstanceState", ec2.reboot_instances, InstanceIds=[guest.id])
        self.assertIn(guest.id, sentence)
        # What is gone may be asked to go again.
        ended = ec2.terminate_instances(InstanceIds=[guest.id])["TerminatingInstances"][0]
        self.assertEqual(ended["CurrentState"]["Name"], "terminated")
        group = ec2.create_security_group(GroupName="state-" + uuid.uuid4().hex[:6], Description="s")["GroupId"]
        ec2.delete_security_group(GroupId=group)
        self.assertIn(group, self.assert_refused(
            "InvalidGroup.NotFound", ec2.delete_security_group, GroupId=group))
        self.assert_refused("CannotDelete", ec2.delete_security_group, GroupName="default")

    def test_a_full_cloud(self):
        """Nothing is taken when not all that was asked for fits, and what fits still fits."""
        before = {i["InstanceId"] for r in self.ec2.describe_instances()["Reservations"] for i in r["Instances"]}
        capacity = self.ec2.describe_instance_types(InstanceTypes=["m5.4xlarge"])["InstanceTypes"]
        self.assertTrue(capacity)
        request = {"ImageId": cloud.image_id(), "InstanceType": "m5.4xlarge", "MinCount": 3, "MaxCount": 3}
        sentence = self.assert_refused("InsufficientInstanceCapacity", self.ec2.run_instances, **request)
        self.assertIn("m5.4xlarge", sentence)
        after = {i["InstanceId"] for r in self.ec2.describe_instances()["Reservations"] for i in r["Instances"]}
        self.assertEqual(after, before)
        guest = self.start_guest().wait_running()
        guest.terminate()


class Objects(unittest.TestCase):
    def setUp(self):
        self.s3 = cloud.client("s3")
        self.bucket = "bad-" + uuid.uuid4().hex[:8]
        self.s3.create_bucket(Bucket=self.bucket)
        self.addCleanup(self.empty)

    def empty(self):
        for item in self.s3.list_objects_v2(Bucket=self.bucket).get("Contents", []):
            self.s3.delete_object(Bucket=self.bucket, Key=item["Key"])
        self.s3.delete_bucket(Bucket=self.bucket)

    def error(self, call, **request):
        with self.assertRaises(botocore.exceptions.ClientError) as caught:
            call(**request)
        response = caught.exception.response
        return response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Code"], response["Error"]

    def signed(self, method, path, body=b"", headers=None, payload=None):
        url = cloud.ENVIRONMENT["S3_URL"].rstrip("/") + path
        request = botocore.awsrequest.AWSRequest(method=method, url=url, data=body, headers=headers or {})
        signer = botocore.auth.S3SigV4Auth(CREDENTIALS, "s3", "angophora")
        if payload:
            signer.payload = lambda _: payload
        signer.add_auth(request)
        status, answer = send(url, method, body, dict(request.headers))
        return status, ElementTree.fromstring(answer).findtext("Code") if answer else ""

    def test_names_and_keys(self):
        for name in ("Up", "a", "a..b", "192.168.1.1", "-x-", "x" * 64, "under_score"):
            with self.subTest(name):
                self.assertEqual(self.signed("PUT", "/" + name), (400, "InvalidBucketName"))
        self.assertEqual(self.error(self.s3.put_object, Bucket=self.bucket, Key="k" * 1025, Body=b"")[1],
                         "KeyTooLongError")
        self.assertEqual(self.signed("PUT", f"/{self.bucket}/%zz")[0], 400)
        self.s3.create_bucket(Bucket=self.bucket)  # one's own may be made again

    def test_what_is_not_there(self):
        nobody = "nobody-" + uuid.uuid4().hex
        self.assertEqual(self.error(self.s3.list_objects_v2, Bucket=nobody)[:2], (404, "NoSuchBucket"))
        status, code, error = self.error(self.s3.get_object, Bucket=self.bucket, Key="none")
        self.assertEqual((status, code, error["Key"]), (404, "NoSuchKey", "none"))
        self.assertEqual(self.error(
            self.s3.list_parts, Bucket=self.bucket, Key="x", UploadId="nonsense")[:2], (404, "NoSuchUpload"))
        self.s3.put_object(Bucket=self.bucket, Key="x", Body=b"x")
        self.assertEqual(self.error(self.s3.delete_bucket, Bucket=self.bucket)[:2], (409, "BucketNotEmpty"))

    def test_bodies_that_are_not_what_was_said(self):
        path = f"/{self.bucket}/x"
        wrong = base64.b64encode(hashlib.md5(b"other").digest()).decode()
        self.assertEqual(self.signed("PUT", path, b"body", {"Content-MD5": wrong}), (400, "BadDigest"))
        self.assertEqual(self.signed("PUT", path, b"body", {"Content-MD5": "short"}), (400, "InvalidDigest"))
        self.assertEqual(self.signed("PUT", path, b"body", payload="0" * 64), (400, "XAmzContentSHA256Mismatch"))
        self.assertEqual(self.signed("POST", f"/{self.bucket}?delete", b"<Delete>",
                                     {"Content-MD5": base64.b64encode(hashlib.md5(b"<Delete>").digest()).decode()}),
                         (400, "MalformedXML"))
        self.assertNotIn("Contents", self.s3.list_objects_v2(Bucket=self.bucket))

    def test_parts_that_do_not_fit(self):
        upload = self.s3.create_multipart_upload(Bucket=self.bucket, Key="m")["UploadId"]
        name = {"Bucket": self.bucket, "Key": "m", "UploadId": upload}
        for number in (0, 10001):
            self.assertEqual(self.error(self.s3.upload_part, **name, PartNumber=number, Body=b"x")[1], "InvalidArgument")
        etags = [self.s3.upload_part(**name, PartNumber=n, Body=b"small")["ETag"] for n in (1, 2)]
        one, two = ({"PartNumber": n, "ETag": etags[n - 1]} for n in (1, 2))
        complete = self.s3.complete_multipart_upload
        self.assertEqual(self.error(complete, **name, MultipartUpload={"Parts": [one, two]})[1], "EntityTooSmall")
        self.assertEqual(self.error(complete, **name, MultipartUpload={"Parts": [two, one]})[1], "InvalidPartOrder")
        self.assertEqual(self.error(complete, **name, MultipartUpload={
            "Parts": [{"PartNumber": 1, "ETag": '"' + "0" * 32 + '"'}]})[1], "InvalidPart")
        self.s3.abort_multipart_upload(**name)

    def test_ranges_and_conditions(self):
        etag = self.s3.put_object(Bucket=self.bucket, Key="r", Body=b"0123456789")["ETag"]
        name = {"Bucket": self.bucket, "Key": "r"}
        self.assertEqual(self.error(self.s3.get_object, **name, Range="bytes=10-")[:2], (416, "InvalidRange"))
        self.assertEqual(self.error(self.s3.get_object, **name, IfMatch='"no"')[:2], (412, "PreconditionFailed"))
        self.assertEqual(self.error(self.s3.get_object, **name, IfNoneMatch=etag)[0], 304)

    def test_signatures_and_clocks(self):
        def with_keys(key, secret, version):
            return boto3.client(
                "s3", endpoint_url=cloud.ENVIRONMENT["S3_URL"], region_name="angophora", aws_access_key_id=key,
                aws_secret_access_key=secret, config=botocore.config.Config(
                    signature_version=version, retries={"max_attempts": 0}))

        for version in ("s3v4", "s3"):
            with self.subTest(version):
                wrong = with_keys(CREDENTIALS.access_key, "w" * 40, version)
                self.assertEqual(self.error(wrong.list_buckets)[:2], (403, "SignatureDoesNotMatch"))
                nobody = with_keys("AKIAIOSFODNN7EXAMPLE", "w" * 40, version)
                self.assertEqual(self.error(nobody.list_buckets)[:2], (403, "InvalidAccessKeyId"))
        real = datetime.datetime

        class Late(real):
            @classmethod
            def utcnow(cls):
                return real.utcnow() - datetime.timedelta(hours=1)

        with mock.patch("datetime.datetime", Late):
            self.assertEqual(self.error(cloud.client("s3", signature_version="s3v4").list_buckets)[:2],
                             (403, "RequestTimeTooSkewed"))


if __name__ == "__main__":
    unittest.main()
