#!/usr/bin/python3
"""What the operator's command says and sets of accounts in a real cloud controller: quotas, exact
when a thousand calls come at once, and why somebody may do something."""

import collections
import csv
import concurrent.futures
import io
import json
import os
import re
import subprocess
import unittest

import boto3
import botocore.exceptions

import clc_daemon_test

AT_ONCE = 64
CALLS, QUOTA = 1000, 100


class Lab(unittest.TestCase):
    """An account of its own."""

    @classmethod
    def setUpClass(cls):
        cls.daemon = clc_daemon_test.Daemon()
        cls.daemon.start()
        cls.addClassCleanup(cls.daemon.end)
        # The account's burst of requests is not what is looked at here.
        cls.angophora("property", "set", "cloud.requests_burst", "100000")
        cls.angophora("account", "create", "lab")
        folder = cls.daemon.folder + "/lab"
        cls.angophora("credentials", "--account", "lab", "--out", folder)
        with open(folder + "/eucarc", encoding="utf-8") as file:
            text = file.read()
        cls.key, cls.secret = (
            re.search(name + r'="?([^"\n]+)"?\n', text).group(1)
            for name in ("AWS_ACCESS_KEY", "AWS_SECRET_KEY"))

    @classmethod
    def angophora(cls, *arguments, code=0):
        url, who = cls.daemon.url + "/services/", cls.daemon.administrator()
        environment = {
            **os.environ, "EC2_URL": url + "compute", "AWS_IAM_URL": url + "Euare",
            "EUCA_BOOTSTRAP_URL": url + "Empyrean", "EUCA_PROPERTIES_URL": url + "Properties",
            "S3_URL": "http://127.0.0.1:9/", "AWS_ACCESS_KEY": who["access_key_id"],
            "AWS_SECRET_KEY": who["secret_access_key"],
            "AWS_ACCESS_KEY_ID": who["access_key_id"],
            "AWS_SECRET_ACCESS_KEY": who["secret_access_key"]}
        program = os.path.join(os.path.dirname(clc_daemon_test.PROGRAM), "angophora")
        done = subprocess.run([program, *arguments], env=environment, capture_output=True,
                              text=True, check=False, timeout=60)
        assert done.returncode == code, (arguments, done.stdout, done.stderr)
        return done.stdout + done.stderr

    def client(self, service, key=None, secret=None, **options):
        return boto3.client(
            service, endpoint_url=self.daemon.url, region_name="wherever",
            aws_access_key_id=key or self.key, aws_secret_access_key=secret or self.secret,
            config=boto3.session.Config(retries={"max_attempts": 0}, **options))

    def new_user(self, name, policy):
        """A client's key of a user who may what the common policy says."""
        iam = self.client("iam")
        iam.create_user(UserName=name)
        iam.attach_user_policy(UserName=name, PolicyArn="arn:aws:iam::aws:policy/" + policy)
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return key["AccessKeyId"], key["SecretAccessKey"]


class Quotas(Lab):
    def create(self, ec2, name):
        try:
            ec2.create_security_group(GroupName=name, Description="x")
            return "yes"
        except botocore.exceptions.ClientError as error:
            return error.response["Error"]["Code"]

    def ec2(self):
        return self.client("ec2", read_timeout=300, max_pool_connections=AT_ONCE)

    def row(self, name, *arguments):
        shown = self.angophora("quota", "show", "--account", "lab", *arguments)
        return next(line.split()[1:3] for line in shown.splitlines() if line.startswith(name + " "))

    def test_a_thousand_calls_at_once_get_exactly_what_the_quota_leaves(self):
        ec2 = self.ec2()
        ec2.describe_security_groups()  # makes the default group, which counts
        self.angophora("quota", "set", "--account", "lab", f"security-groups={QUOTA}")
        there = int(self.row("security-groups")[0])
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            answers = pool.map(lambda i: self.create(ec2, f"group-{i}"), range(CALLS))
            seen = collections.Counter(answers)
        self.assertEqual(seen, {"yes": QUOTA - there,
                                "SecurityGroupLimitExceeded": CALLS - QUOTA + there})
        self.assertEqual(self.row("security-groups"), [str(QUOTA), str(QUOTA)])
        self.assertEqual(len(ec2.describe_security_groups()["SecurityGroups"]), QUOTA)
        self.daemon.kill()
        self.daemon.start()
        self.assertEqual(self.create(self.ec2(), "one-more"), "SecurityGroupLimitExceeded")
        self.angophora("quota", "set", "--account", "lab", "security-groups=none")
        self.assertEqual(self.create(self.ec2(), "one-more-with-the-property"),
                         "SecurityGroupLimitExceeded")
        self.assertIn("cloud.security_groups_max", self.angophora("quota", "show", "--account", "lab"))
        self.angophora("quota", "set", "--account", "lab", "security-groups=1000", "volumes=0")
        self.assertEqual(self.create(self.ec2(), "now"), "yes")
        for group in self.ec2().describe_security_groups()["SecurityGroups"]:
            if group["GroupName"] != "default":
                self.ec2().delete_security_group(GroupId=group["GroupId"])

    def test_a_user_has_a_quota_of_its_own(self):
        ec2 = self.client("ec2", *self.new_user("bea", "AmazonEC2FullAccess"))
        said = self.angophora("quota", "set", "--account", "lab", "--user", "bea", "security-groups=2")
        self.assertRegex(said, r"security-groups +0 +2 +the policy quotas")
        self.assertEqual([self.create(ec2, f"bea-{i}") for i in range(3)],
                         ["yes", "yes", "SecurityGroupLimitExceeded"])
        self.assertEqual(self.create(self.ec2(), "bea-root"), "yes")
        self.assertEqual(self.row("security-groups", "--user", "bea"), ["2", "2"])
        ec2.delete_security_group(GroupName="bea-0")
        self.assertEqual(self.create(ec2, "bea-4"), "yes")
        self.angophora("quota", "set", "--account", "lab", "--user", "bea", "security-groups=none")
        self.assertEqual(self.create(ec2, "bea-5"), "yes")
        self.assertEqual(self.client("iam").list_user_policies(UserName="bea")["PolicyNames"], [])

    def test_what_cannot_be_set_is_refused(self):
        said = self.angophora("quota", "set", "--account", "lab", "colours=3", code=1)
        self.assertIn("there are: addresses, disk-gib", said)
        for wish in ("volumes", "volumes=many", "volumes=-1"):
            self.angophora("quota", "set", "--account", "lab", wish, code=1)
        self.assertIn("NoSuchEntity", self.angophora("quota", "show", "--account", "nobody", code=1))
        self.angophora("quota", "set", "volumes=3", code=1)
        self.angophora("quota", "set", "--account", "lab", "--user", "admin", "users=3", code=1)
        self.angophora("quota", "set", "--account", "lab", "--user", "admin", "volumes=3", code=1)


class Policies(Lab):
    def explain(self, *arguments, code):
        return self.angophora("policy", "explain", "--account", "lab", *arguments, code=code)

    def test_explain_says_which_statement_decides(self):
        self.new_user("cid", "AmazonEC2ReadOnlyAccess")
        said = self.explain("ec2:DescribeInstances", "--user", "cid", code=0)
        self.assertIn("identity policy cid/AmazonEC2ReadOnlyAccess\n  statement 1, Allow: applies", said)
        said = self.explain("ec2:RunInstances", "--user", "cid", code=1)
        self.assertIn("does not apply: it is for other actions", said)
        self.assertIn("ec2:RunInstances is refused (implicitDeny)", said)
        condition = {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}
        statement = {"Effect": "Allow", "Action": "ec2:RunInstances", "Resource": "*",
                     "Condition": condition}
        self.client("iam").put_user_policy(
            UserName="cid", PolicyName="from-here",
            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": statement}))
        said = self.explain("ec2:RunInstances", "--user", "cid", code=1)
        self.assertIn("--with aws:sourceip=VALUE", said)
        self.explain("ec2:RunInstances", "--user", "cid", "--with", "aws:SourceIp=192.0.2.7", code=0)
        self.explain("ec2:RunInstances", "--user", "cid", "--with", "aws:SourceIp", code=2)
        self.assertIn("NoSuchEntity", self.explain("ec2:RunInstances", "--user", "nobody", code=2))
        self.explain("iam:CreateUser", "--user", "admin", code=0)
        self.angophora("policy", "explain", "iam:CreateUser")

    def test_boto3_simulates_and_decodes(self):
        key = self.new_user("dan", "AmazonEC2ReadOnlyAccess")
        iam = self.client("iam")
        arn = iam.get_user(UserName="dan")["User"]["Arn"]
        results = iam.simulate_principal_policy(
            PolicySourceArn=arn, ActionNames=["ec2:DescribeInstances", "ec2:RunInstances"])
        self.assertEqual([r["EvalDecision"] for r in results["EvaluationResults"]],
                         ["allowed", "implicitDeny"])
        with self.assertRaises(botocore.exceptions.ClientError) as caught:
            self.client("ec2", *key).create_key_pair(KeyName="k")
        self.assertEqual(caught.exception.response["Error"]["Code"], "UnauthorizedOperation")
        message = caught.exception.response["Error"]["Message"].split("failure message: ")[1]
        decoded = self.client("sts").decode_authorization_message(EncodedMessage=message)
        content = json.loads(decoded["DecodedMessage"])
        self.assertEqual(content["context"]["action"], "ec2:CreateKeyPair")
        self.assertEqual(content["context"]["principal"]["arn"], arn)
        with self.assertRaises(botocore.exceptions.ClientError) as caught:
            self.client("sts", *key).decode_authorization_message(EncodedMessage=message)
        self.assertEqual(caught.exception.response["Error"]["Code"], "AccessDenied")

    def test_boto3_reads_the_whole_account(self):
        key = self.new_user("eva", "AmazonS3ReadOnlyAccess")
        iam = self.client("iam")
        pages = iam.get_paginator("get_account_authorization_details").paginate(
            Filter=["User"], PaginationConfig={"PageSize": 1})
        users = {u["UserName"]: u for page in pages for u in page["UserDetailList"]}
        self.assertIn("admin", users)
        self.assertEqual(users["eva"]["AttachedManagedPolicies"][0]["PolicyName"],
                         "AmazonS3ReadOnlyAccess")
        self.assertEqual(iam.generate_credential_report()["State"], "COMPLETE")
        report = iam.get_credential_report()
        rows = {r["user"]: r for r in csv.DictReader(io.StringIO(report["Content"].decode()))}
        self.assertIn("<root_account>", rows)
        self.assertEqual(rows["eva"]["access_key_1_active"], "true")
        self.assertEqual(rows["eva"]["access_key_2_active"], "false")
        self.assertEqual(rows["eva"]["arn"], users["eva"]["Arn"])
        iam.update_access_key(UserName="eva", AccessKeyId=key[0], Status="Inactive")
        again = iam.get_credential_report()["Content"].decode()
        rows = {r["user"]: r for r in csv.DictReader(io.StringIO(again))}
        self.assertEqual(rows["eva"]["access_key_1_active"], "false")

    def test_boto3_gives_users_passwords(self):
        iam = self.client("iam")
        iam.update_account_password_policy(MinimumPasswordLength=12, RequireNumbers=True,
                                           AllowUsersToChangePassword=True)
        self.assertEqual(
            iam.get_account_password_policy()["PasswordPolicy"]["MinimumPasswordLength"], 12)
        key = self.new_user("fay", "AmazonS3ReadOnlyAccess")
        with self.assertRaises(iam.exceptions.PasswordPolicyViolationException):
            iam.create_login_profile(UserName="fay", Password="short-1")
        secret = "a-cheese-4-breakfast"
        made = iam.create_login_profile(UserName="fay", Password=secret, PasswordResetRequired=True)
        self.assertTrue(made["LoginProfile"]["PasswordResetRequired"])
        own = self.client("iam", *key)
        own.change_password(OldPassword=secret, NewPassword="a-bread-5-evenings")
        self.assertFalse(
            iam.get_login_profile(UserName="fay")["LoginProfile"]["PasswordResetRequired"])
        with self.assertRaises(botocore.exceptions.ClientError) as caught:
            own.change_password(OldPassword=secret, NewPassword="a-bread-6-evenings")
        self.assertEqual(caught.exception.response["Error"]["Code"], "AccessDenied")
        self.daemon.kill()
        for name in os.listdir(self.daemon.folder):
            if os.path.isfile(self.daemon.folder + "/" + name):
                with open(self.daemon.folder + "/" + name, "rb") as file:
                    self.assertNotIn(secret.encode(), file.read(), name)
        for name in os.listdir(self.daemon.folder + "/audit"):
            with open(self.daemon.folder + "/audit/" + name, "rb") as file:
                self.assertNotIn(secret.encode(), file.read(), name)
        self.daemon.start()
        iam = self.client("iam")
        iam.delete_login_profile(UserName="fay")
        with self.assertRaises(iam.exceptions.NoSuchEntityException):
            iam.get_login_profile(UserName="fay")


if __name__ == "__main__":
    unittest.main()
