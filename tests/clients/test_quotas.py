"""What accounts may have and why their users may not, with clients nobody here wrote and the
operator's command."""

import base64
import json
import unittest

import boto
import boto.exception
import botocore.exceptions

import accounts
import cloud
import test_accounts


class Quotas(test_accounts.AccountsTest):
    """Set by the operator, seen and felt by the account."""

    def setUp(self):
        super().setUp()
        self.image = self.shared_image()

    def limit(self, *limits):
        accounts.angophora("quota", "set", "--account", self.dev.name, *limits)

    def launch(self, *more):
        done = self.dev.aws(
            "ec2", "run-instances", "--image-id", self.image, "--instance-type", "t2.nano",
            "--query", "Instances[].InstanceId", "--output", "text", *more, check=False)
        return done.stdout.split(), done.stderr

    def test_awscli_is_told_which_quota_and_what_to_do(self):
        self.addCleanup(self.limit, "instances=none", "vcpus=none", "volume-gib=none")
        self.limit("instances=2")
        instances, said = self.launch("--count", "1:5")
        self.assertEqual(len(instances), 2, said)
        _, said = self.launch()
        self.assertIn("(InstanceLimitExceeded)", said)
        self.assertIn(f"angophora quota set --account {self.dev.name} instances=N", said)
        self.limit("instances=none", "vcpus=2", "volume-gib=1")
        self.assertIn("(VcpuLimitExceeded)", self.launch()[1])
        ec2 = self.dev.client("ec2")
        self.assert_code("VolumeLimitExceeded", ec2.create_volume, AvailabilityZone="zone-a", Size=2)
        shown = accounts.angophora("quota", "show", environment=self.dev.environment).stdout
        self.assertRegex(shown, r"vcpus +2 +2 +the policy quotas")
        ec2.terminate_instances(InstanceIds=instances)
        cloud.wait_until("room again", lambda: self.launch()[0], 60, 1)

    def test_old_boto_is_told_too(self):
        self.addCleanup(self.limit, "security-groups=none")
        self.limit("security-groups=1")
        ec2 = test_accounts.old_boto(self.dev, boto.connect_euca, "EC2_URL")
        self.assertEqual([g.name for g in ec2.get_all_security_groups()], ["default"])
        with self.assertRaises(boto.exception.EC2ResponseError) as caught:
            ec2.create_security_group("more", "more")
        self.assertEqual(caught.exception.error_code, "SecurityGroupLimitExceeded")


class Policies(test_accounts.AccountsTest):
    """Why a user may, or not, as its account's root finds out."""

    def setUp(self):
        super().setUp()
        self.user = test_accounts.new_name("user")
        self.dev.client("iam").create_user(UserName=self.user)

    def test_awscli_explains_decodes_and_reports(self):
        arn = self.dev.client("iam").get_user(UserName=self.user)["User"]["Arn"]
        decision = self.dev.aws(
            "iam", "simulate-principal-policy", "--policy-source-arn", arn, "--action-names",
            "ec2:RunInstances", "--query", "EvaluationResults[].EvalDecision", "--output", "text",
            url="AWS_IAM_URL").stdout.strip()
        self.assertEqual(decision, "implicitDeny")
        done = accounts.angophora("policy", "explain", "ec2:RunInstances", "--user", self.user,
                                  environment=self.dev.environment, check=False)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertIn(f"{arn} ec2:RunInstances on *\nrefused: ", done.stdout)
        key = self.dev.client("iam").create_access_key(UserName=self.user)["AccessKey"]
        ec2 = accounts.client("ec2", key["AccessKeyId"], key["SecretAccessKey"])
        with self.assertRaises(botocore.exceptions.ClientError) as caught:
            ec2.describe_instances()
        message = caught.exception.response["Error"]["Message"].split("failure message: ")[1]
        decoded = self.dev.aws(
            "sts", "decode-authorization-message", "--encoded-message", message, "--query",
            "DecodedMessage", "--output", "text", url="TOKEN_URL").stdout
        self.assertEqual(json.loads(decoded)["context"]["action"], "ec2:DescribeInstances")
        self.dev.aws("iam", "generate-credential-report", url="AWS_IAM_URL")
        report = json.loads(self.dev.aws("iam", "get-credential-report", url="AWS_IAM_URL").stdout)
        table = base64.b64decode(report["Content"]).decode()
        self.assertIn(f"\n{self.user},{arn},", table)
        details = json.loads(self.dev.aws(
            "iam", "get-account-authorization-details", "--filter", "User",
            url="AWS_IAM_URL").stdout)
        self.assertIn(self.user, [u["UserName"] for u in details["UserDetailList"]])


if __name__ == "__main__":
    unittest.main()
