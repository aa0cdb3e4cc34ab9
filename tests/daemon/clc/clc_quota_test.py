#!/usr/bin/python3
"""Quotas of a real cloud controller: set with the operator's command, and exact when a thousand
calls come at once."""

import collections
import concurrent.futures
import os
import re
import subprocess
import unittest

import boto3
import botocore.exceptions

import clc_daemon_test

AT_ONCE = 64
CALLS, QUOTA = 1000, 100


class Quotas(unittest.TestCase):
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

    def ec2(self, key=None, secret=None):
        return boto3.client(
            "ec2", endpoint_url=self.daemon.url, region_name="wherever",
            aws_access_key_id=key or self.key, aws_secret_access_key=secret or self.secret,
            config=boto3.session.Config(retries={"max_attempts": 0}, read_timeout=300,
                                        max_pool_connections=AT_ONCE))

    def iam(self):
        return boto3.client(
            "iam", endpoint_url=self.daemon.url, region_name="wherever",
            aws_access_key_id=self.key, aws_secret_access_key=self.secret)

    def create(self, ec2, name):
        try:
            ec2.create_security_group(GroupName=name, Description="x")
            return "yes"
        except botocore.exceptions.ClientError as error:
            return error.response["Error"]["Code"]

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
        iam = self.iam()
        iam.create_user(UserName="bea")
        iam.attach_user_policy(UserName="bea",
                               PolicyArn="arn:aws:iam::aws:policy/AmazonEC2FullAccess")
        key = iam.create_access_key(UserName="bea")["AccessKey"]
        ec2 = self.ec2(key["AccessKeyId"], key["SecretAccessKey"])
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
        self.assertEqual(iam.list_user_policies(UserName="bea")["PolicyNames"], [])

    def test_what_cannot_be_set_is_refused(self):
        said = self.angophora("quota", "set", "--account", "lab", "colours=3", code=1)
        self.assertIn("there are: addresses, disk-gib", said)
        for wish in ("volumes", "volumes=many", "volumes=-1"):
            self.angophora("quota", "set", "--account", "lab", wish, code=1)
        self.assertIn("NoSuchEntity", self.angophora("quota", "show", "--account", "nobody", code=1))
        self.angophora("quota", "set", "volumes=3", code=1)
        self.angophora("quota", "set", "--account", "lab", "--user", "admin", "users=3", code=1)
        self.angophora("quota", "set", "--account", "lab", "--user", "admin", "volumes=3", code=1)


if __name__ == "__main__":
    unittest.main()
