"""Bad input through the public doors: the documented code and a sentence that names the object."""

import datetime
import unittest
import urllib.error
import urllib.request
from unittest import mock

import botocore.auth
import botocore.exceptions
import boto3

import cloud


class Refusals(cloud.CloudTest):
    def test_unknown_ids_are_named(self):
        ec2 = self.ec2
        instance = "i-0123456789abcdef0"
        for code, call, request in (
            ("InvalidInstanceID.NotFound", ec2.describe_instances, {"InstanceIds": [instance]}),
            ("InvalidInstanceID.NotFound", ec2.terminate_instances, {"InstanceIds": [instance]}),
            ("InvalidInstanceID.NotFound", ec2.reboot_instances, {"InstanceIds": [instance]}),
            ("InvalidInstanceID.NotFound", ec2.get_console_output, {"InstanceId": instance}),
            ("InvalidInstanceID.Malformed", ec2.describe_instances, {"InstanceIds": ["nonsense"]}),
            ("InvalidAMIID.NotFound", ec2.describe_images, {"ImageIds": ["emi-0123456789abcdef0"]}),
            ("InvalidKeyPair.NotFound", ec2.describe_key_pairs, {"KeyNames": ["nobody"]}),
            ("InvalidGroup.NotFound", ec2.describe_security_groups, {"GroupNames": ["nobody"]}),
        ):
            with self.subTest(code=code, call=call.__name__):
                sentence = self.assert_refused(code, call, **request)
                value = list(request.values())[0]
                value = value[0] if isinstance(value, list) else value
                self.assertIn(value, sentence)

    def test_run_instances_refuses_what_it_cannot_do(self):
        base = {"ImageId": cloud.image_id(), "MinCount": 1, "MaxCount": 1, "InstanceType": "t2.nano"}
        for code, change in (
            ("InvalidAMIID.NotFound", {"ImageId": "emi-0123456789abcdef0"}),
            ("InvalidKeyPair.NotFound", {"KeyName": "nobody"}),
            ("InvalidGroup.NotFound", {"SecurityGroupIds": ["sg-0123456789abcdef0"]}),
            ("InvalidParameterValue", {"InstanceType": "x9.huge"}),
            ("InvalidParameterValue", {"Placement": {"AvailabilityZone": "zone-z"}}),
            ("InvalidParameterValue", {"MinCount": 2, "MaxCount": 1}),
            ("InvalidParameterValue", {"UserData": "x" * 20000}),
            ("InsufficientInstanceCapacity", {"MinCount": 5000, "MaxCount": 5000}),
        ):
            with self.subTest(code=code, change=change if "UserData" not in change else "UserData"):
                with self.assertRaises(botocore.exceptions.ClientError) as caught:
                    self.ec2.run_instances(**{**base, **change})
                got = caught.exception.response["Error"]["Code"]
                self.assertTrue(got == code or (code == "InsufficientInstanceCapacity" and got in (
                    "InstanceLimitExceeded", "VcpuLimitExceeded")), got)

    def test_unknown_action_and_missing_parameter(self):
        session = boto3.Session()
        for query, code in (
            ("Action=MakeCoffee&Version=2016-11-15", "InvalidAction"),
            ("Version=2016-11-15", "MissingAction"),
            ("Action=CreateKeyPair&Version=2016-11-15", "MissingParameter"),
            ("Action=DescribeRegions&Version=2016-11-15&Coffee=black", "UnknownParameter"),
        ):
            with self.subTest(query=query):
                request = botocore.awsrequest.AWSRequest(
                    method="POST", url=cloud.ENVIRONMENT["EC2_URL"], data=query.encode(),
                    headers={"Content-Type": "application/x-www-form-urlencoded"})
                botocore.auth.SigV4Auth(session.get_credentials(), "ec2", "angophora").add_auth(request)
                with self.assertRaises(urllib.error.HTTPError) as caught:
                    urllib.request.urlopen(urllib.request.Request(
                        request.url, data=query.encode(), headers=dict(request.headers)), timeout=10)
                self.assertIn(f"<Code>{code}</Code>", caught.exception.read().decode())

    def test_wrong_key_and_skewed_clock(self):
        wrong = boto3.client(
            "ec2", endpoint_url=cloud.ENVIRONMENT["EC2_URL"], region_name="angophora",
            aws_secret_access_key="w" * 40,
            aws_access_key_id=cloud.ENVIRONMENT["AWS_ACCESS_KEY_ID"])
        self.assert_refused("AuthFailure", wrong.describe_regions)
        nobody = boto3.client(
            "ec2", endpoint_url=cloud.ENVIRONMENT["EC2_URL"], region_name="angophora",
            aws_access_key_id="AKIAIOSFODNN7EXAMPLE", aws_secret_access_key="w" * 40)
        with self.assertRaises(botocore.exceptions.ClientError) as caught:
            nobody.describe_regions()
        self.assertIn(caught.exception.response["Error"]["Code"], ("AuthFailure", "InvalidClientTokenId"))

        real = datetime.datetime

        class Late(real):
            @classmethod
            def utcnow(cls):
                return real.utcnow() - datetime.timedelta(hours=1)

        with mock.patch("datetime.datetime", Late):
            with self.assertRaises(botocore.exceptions.ClientError) as caught:
                cloud.client("ec2").describe_regions()
        self.assertIn(caught.exception.response["Error"]["Code"], ("RequestExpired", "SignatureDoesNotMatch"))

    def test_images_that_are_not_there_or_not_ours(self):
        s3 = cloud.client("s3")
        self.assert_refused(
            "InvalidAMIID.NotFound", self.ec2.deregister_image, ImageId="emi-0123456789abcdef0")
        bucket = "refusals-images"
        s3.create_bucket(Bucket=bucket)
        s3.put_object(Bucket=bucket, Key="junk.manifest.xml", Body=b"<manifest>", ACL="aws-exec-read")
        for location in (f"{bucket}/nothing.manifest.xml", f"{bucket}/junk.manifest.xml"):
            with self.assertRaises(botocore.exceptions.ClientError) as caught:
                self.ec2.register_image(ImageLocation=location, Name="junk", Architecture="x86_64")
            code = caught.exception.response["Error"]["Code"]
            self.assertIn(code, ("InvalidManifest", "InvalidAMIID.NotFound", "AuthFailure",
                                 "InvalidParameterValue"), caught.exception)
        s3.delete_object(Bucket=bucket, Key="junk.manifest.xml")
        s3.delete_bucket(Bucket=bucket)


if __name__ == "__main__":
    unittest.main()
