"""Users in S3 by their policies, and temporary credentials: boto3, awscli and boto 2 take on roles,
work with them in EC2 and S3, and are out as soon as the role is gone."""

import json
import unittest
import urllib.parse
import uuid

import boto.regioninfo
import boto.sts

import accounts
import cloud


def new_name(kind):
    return f"{kind}-{uuid.uuid4().hex[:8]}"


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action, resource="*", **more):
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


class SessionsTest(cloud.CloudTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dev = accounts.Account("dev")
        cls.addClassCleanup(cls.dev.delete)
        cls.iam, cls.s3 = cls.dev.client("iam"), cls.dev.client("s3")
        cls.bucket = new_name("bucket")
        cls.s3.create_bucket(Bucket=cls.bucket)
        cls.s3.put_object(Bucket=cls.bucket, Key="home/alice/k", Body=b"hers")
        cls.s3.put_object(Bucket=cls.bucket, Key="k", Body=b"ours")

    def setUp(self):
        self.user = new_name("user")
        self.iam.create_user(UserName=self.user)
        key = self.iam.create_access_key(UserName=self.user)["AccessKey"]
        self.pair = key["AccessKeyId"], key["SecretAccessKey"]
        self.role = new_name("role")
        trust = document({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {
            "AWS": f"arn:aws:iam::{self.dev.number}:user/{self.user}"}})
        self.arn = self.iam.create_role(
            RoleName=self.role, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        self.iam.put_role_policy(
            RoleName=self.role, PolicyName="p", PolicyDocument=document(
                allow("ec2:Describe*"), allow("s3:GetObject", f"arn:aws:s3:::{self.bucket}/*")))

    def assert_code(self, code, call, *arguments, **request):
        self.assertEqual(accounts.code_of(call, *arguments, **request), code, request)

    def session(self, service, credentials):
        return accounts.client(service, credentials["AccessKeyId"], credentials["SecretAccessKey"],
                               credentials["SessionToken"])

    def assume(self):
        sts = accounts.client("sts", *self.pair)
        return sts.assume_role(RoleArn=self.arn, RoleSessionName="night")["Credentials"]


class Objects(SessionsTest):
    def test_a_user_reads_what_the_policy_says(self):
        self.iam.put_user_policy(UserName=self.user, PolicyName="p", PolicyDocument=document(
            allow("s3:GetObject", f"arn:aws:s3:::{self.bucket}/home/alice/*"),
            allow("s3:ListBucket", f"arn:aws:s3:::{self.bucket}",
                  Condition={"StringLike": {"s3:prefix": "home/alice/*"}})))
        s3 = accounts.client("s3", *self.pair)
        reads = lambda: accounts.code_of(
            s3.get_object, Bucket=self.bucket, Key="home/alice/k") == ""
        self.assertLess(accounts.seconds_until("the policy in S3", reads, 10), 2)
        self.assert_code("AccessDenied", s3.get_object, Bucket=self.bucket, Key="k")
        self.assert_code("AccessDenied", s3.list_objects_v2, Bucket=self.bucket)
        self.assert_code("AccessDenied", s3.put_object, Bucket=self.bucket, Key="home/alice/k")
        listed = s3.list_objects_v2(Bucket=self.bucket, Prefix="home/alice/")["Contents"]
        self.assertEqual([o["Key"] for o in listed], ["home/alice/k"])

    def test_a_role_that_is_gone_ends_its_sessions(self):
        credentials = self.assume()
        s3, ec2 = self.session("s3", credentials), self.session("ec2", credentials)
        reads = lambda: accounts.code_of(s3.get_object, Bucket=self.bucket, Key="k") == ""
        self.assertLess(accounts.seconds_until("the role in S3", reads, 10), 2)
        self.assert_code("AccessDenied", s3.put_object, Bucket=self.bucket, Key="k", Body=b"x")
        ec2.describe_instances()
        self.assert_code("UnauthorizedOperation", ec2.create_key_pair, KeyName="k")
        self.iam.delete_role_policy(RoleName=self.role, PolicyName="p")
        self.iam.delete_role(RoleName=self.role)
        self.assert_code("AuthFailure", ec2.describe_instances)
        ended = lambda: accounts.code_of(
            s3.get_object, Bucket=self.bucket, Key="k") == "InvalidAccessKeyId"
        self.assertLess(accounts.seconds_until("the session's end in S3", ended, 10), 2)


class Clients(SessionsTest):
    def test_boto3_hands_sessions_limits(self):
        sts = accounts.client("sts", *self.pair)
        narrow = sts.assume_role(
            RoleArn=self.arn, RoleSessionName="night", DurationSeconds=900,
            Policy=document(allow("ec2:DescribeVolumes")))["Credentials"]
        ec2 = self.session("ec2", narrow)
        ec2.describe_volumes()
        self.assert_code("UnauthorizedOperation", ec2.describe_instances)
        who = self.session("sts", narrow).get_caller_identity()
        self.assertEqual(who["Arn"], f"arn:aws:sts::{self.dev.number}:assumed-role/{self.role}/night")
        self.assert_code("AccessDenied", self.dev.client("sts").assume_role,
                         RoleArn=self.arn, RoleSessionName="other")
        self.assert_code("ValidationError", sts.assume_role, RoleArn=self.arn,
                         RoleSessionName="other", DurationSeconds=7200)

    def test_awscli_keeps_roles_and_instance_profiles(self):
        aws = lambda *arguments: json.loads(
            self.dev.aws("--output", "json", "iam", *arguments, url="AWS_IAM_URL").stdout or "null")
        profile = new_name("profile")
        aws("create-instance-profile", "--instance-profile-name", profile)
        aws("add-role-to-instance-profile", "--instance-profile-name", profile,
            "--role-name", self.role)
        seen = aws("get-instance-profile", "--instance-profile-name", profile)["InstanceProfile"]
        self.assertEqual([r["Arn"] for r in seen["Roles"]], [self.arn])
        self.assertIn(self.role, [r["RoleName"] for r in aws("list-roles")["Roles"]])
        role = aws("get-role", "--role-name", self.role)["Role"]
        self.assertEqual(role["AssumeRolePolicyDocument"]["Statement"][0]["Action"], "sts:AssumeRole")

    def test_boto_2_takes_on_a_role(self):
        url = urllib.parse.urlparse(cloud.ENVIRONMENT["TOKEN_URL"])
        region = boto.regioninfo.RegionInfo(name="angophora", endpoint=url.hostname)
        sts = boto.sts.STSConnection(*self.pair, region=region, port=url.port, path=url.path,
                                     is_secure=False)
        assumed = sts.assume_role(self.arn, "old")
        self.assertTrue(assumed.user.arn.endswith(f"assumed-role/{self.role}/old"))
        ec2 = accounts.client("ec2", assumed.credentials.access_key,
                              assumed.credentials.secret_key, assumed.credentials.session_token)
        ec2.describe_instances()


if __name__ == "__main__":
    unittest.main()
