"""More accounts than the administrator's, as an operator makes them and clients use them."""

import contextlib
import os
import tempfile
import time
import uuid

import boto3
import botocore.config
import botocore.exceptions

import cloud

ANGOPHORA = f"{cloud.BUILD}/bin/angophora"
VARIABLES = {"ec2": "EC2_URL", "s3": "S3_URL", "sts": "TOKEN_URL", "iam": "AWS_IAM_URL"}


def angophora(*arguments, environment=None, check=True):
    return cloud.run(ANGOPHORA, *arguments, check=check, env={**os.environ, **(environment or {})})


def client(service, key, secret, token=None):
    config = botocore.config.Config(retries={"max_attempts": 0}, connect_timeout=5, read_timeout=60)
    return boto3.client(
        service, endpoint_url=cloud.ENVIRONMENT[VARIABLES[service]], region_name="angophora",
        aws_access_key_id=key, aws_secret_access_key=secret, aws_session_token=token, config=config)


def code_of(call, *arguments, **request):
    """The code of the error that the call ends with; "" when it succeeds."""
    try:
        call(*arguments, **request)
    except botocore.exceptions.ClientError as error:
        return error.response["Error"]["Code"]
    return ""


def seconds_until(what, condition, limit_s):
    """How long it took until condition() was true; fails the test after the limit."""
    begin = time.monotonic()
    cloud.wait_until(what, condition, limit_s, 0.02)
    return time.monotonic() - begin


class Account:
    """An account made with the operator's command, and its root's credentials."""

    def __init__(self, kind):
        self.name = f"{kind}-{uuid.uuid4().hex[:8]}"
        self.number = angophora("account", "create", self.name).stdout.strip()
        self.folder = tempfile.TemporaryDirectory()
        try:
            angophora("credentials", "--account", self.name, "--out", self.folder.name)
            self.environment = cloud.environment(f"{self.folder.name}/eucarc")
        except BaseException:
            self.delete()
            raise
        self.key = self.environment["AWS_ACCESS_KEY_ID"]
        self.secret = self.environment["AWS_SECRET_ACCESS_KEY"]
        cloud.wait_until(f"{self.name} in S3", self.is_known_to_s3, 10)

    def client(self, service):
        return client(service, self.key, self.secret)

    def is_known_to_s3(self):
        return code_of(self.client("s3").list_buckets) == ""

    def aws(self, *arguments, url="EC2_URL", check=True):
        return cloud.run(
            "/usr/bin/aws", "--endpoint-url", cloud.ENVIRONMENT[url], *arguments, cwd="/",
            check=check, env={**os.environ, **self.environment})

    def import_image(self, file):
        done = angophora("image", "import", file, "--name", "image-" + uuid.uuid4().hex[:8],
                         environment=self.environment)
        return done.stdout.strip()

    def empty(self):
        """Ends what stands in the way of the account's end."""
        ec2, s3 = self.client("ec2"), self.client("s3")
        for reservation in ec2.describe_instances()["Reservations"]:
            for instance in reservation["Instances"]:
                ec2.terminate_instances(InstanceIds=[instance["InstanceId"]])

        def ended():
            states = {i["State"]["Name"] for r in ec2.describe_instances()["Reservations"]
                      for i in r["Instances"]}
            return states <= {"terminated"}

        cloud.wait_until("the instances' end", ended, 60)
        for volume in ec2.describe_volumes()["Volumes"]:
            ec2.delete_volume(VolumeId=volume["VolumeId"])
        cloud.wait_until("the volumes' end", lambda: not ec2.describe_volumes()["Volumes"], 60)
        for bucket in s3.list_buckets()["Buckets"]:
            for item in s3.list_objects_v2(Bucket=bucket["Name"]).get("Contents", []):
                s3.delete_object(Bucket=bucket["Name"], Key=item["Key"])
            s3.delete_bucket(Bucket=bucket["Name"])

    def delete(self):
        with contextlib.suppress(Exception):  # the account may be gone, or have no keys yet
            self.empty()
        angophora("account", "delete", self.name, "--recursive", check=False)
        self.folder.cleanup()
