"""Debian's awscli, s3cmd and rclone, as a user types them."""

import filecmp
import json
import os
import tempfile
import unittest
import urllib.parse
import uuid

import cloud


class CommandLines(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.bucket = "cli-" + uuid.uuid4().hex[:8]
        self.big = os.path.join(self.folder.name, "big")
        with open(self.big, "wb") as file:
            file.write(os.urandom(20 * 1024 * 1024))

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def aws(self, *arguments, url="EC2_URL"):
        done = cloud.run(
            "/usr/bin/aws", "--endpoint-url", cloud.ENVIRONMENT[url], *arguments, cwd="/")
        return json.loads(done.stdout) if done.stdout.startswith("{") else done.stdout

    def test_aws_ec2(self):
        images = self.aws("ec2", "describe-images")["Images"]
        self.assertIn(cloud.image_id(), [i["ImageId"] for i in images])
        kinds = self.aws("ec2", "describe-instance-types", "--instance-types", "t2.nano")
        self.assertEqual(kinds["InstanceTypes"][0]["InstanceType"], "t2.nano")
        self.assertEqual(
            self.aws("sts", "get-caller-identity")["Account"], cloud.ENVIRONMENT["EC2_USER_ID"])

    def test_aws_s3_multipart_and_sync(self):
        url = f"s3://{self.bucket}"
        self.aws("s3", "mb", url, url="S3_URL")
        self.aws("s3", "cp", self.big, url + "/big", url="S3_URL")
        self.aws("s3", "cp", url + "/big", self.path("back"), url="S3_URL")
        self.assertTrue(filecmp.cmp(self.big, self.path("back"), shallow=False))
        self.aws("s3", "rb", url, "--force", url="S3_URL")

    def test_s3cmd(self):
        host = urllib.parse.urlparse(cloud.ENVIRONMENT["S3_URL"]).netloc
        with open(self.path("s3cfg"), "w", encoding="ascii") as file:
            file.write(
                "[default]\n"
                f"access_key = {cloud.ENVIRONMENT['AWS_ACCESS_KEY_ID']}\n"
                f"secret_key = {cloud.ENVIRONMENT['AWS_SECRET_ACCESS_KEY']}\n"
                f"host_base = {host}\nhost_bucket = {host}\nuse_https = False\n")

        def s3cmd(*arguments):
            return cloud.run("/usr/bin/s3cmd", "-c", self.path("s3cfg"), "--no-progress", *arguments)

        url = f"s3://{self.bucket}"
        s3cmd("mb", url)
        s3cmd("put", self.big, url + "/big")
        s3cmd("get", url + "/big", self.path("back"))
        self.assertTrue(filecmp.cmp(self.big, self.path("back"), shallow=False))
        self.assertIn("/big", s3cmd("ls", url).stdout)
        s3cmd("del", "--recursive", "--force", url)
        s3cmd("rb", url)

    def test_rclone(self):
        environment = {
            **os.environ,
            "RCLONE_CONFIG": self.path("none"),
            "RCLONE_CONFIG_A_TYPE": "s3", "RCLONE_CONFIG_A_PROVIDER": "Other",
            "RCLONE_CONFIG_A_ENDPOINT": cloud.ENVIRONMENT["S3_URL"],
            "RCLONE_CONFIG_A_ACCESS_KEY_ID": cloud.ENVIRONMENT["AWS_ACCESS_KEY_ID"],
            "RCLONE_CONFIG_A_SECRET_ACCESS_KEY": cloud.ENVIRONMENT["AWS_SECRET_ACCESS_KEY"],
        }

        environment.pop("AWS_CA_BUNDLE", None)  # this version of rclone cannot use one

        def rclone(*arguments):
            return cloud.run("/usr/bin/rclone", *arguments, env=environment)

        source = self.path("tree")
        os.makedirs(source + "/deep/er")
        for name in ("one", "deep/two", "deep/er/three"):
            with open(f"{source}/{name}", "w", encoding="ascii") as file:
                file.write(name * 1000)
        rclone("mkdir", f"a:{self.bucket}")
        rclone("copy", source, f"a:{self.bucket}/tree")
        rclone("copy", self.big, f"a:{self.bucket}", "--s3-upload-cutoff", "5M", "--s3-chunk-size", "5M")
        rclone("check", source, f"a:{self.bucket}/tree")
        rclone("purge", f"a:{self.bucket}")


if __name__ == "__main__":
    unittest.main()
