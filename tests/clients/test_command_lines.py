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

    def test_aws_ec2_volumes(self):
        made = self.aws("ec2", "create-volume", "--availability-zone", "zone-a", "--size", "2",
                        "--volume-type", "gp3", "--tag-specifications",
                        "ResourceType=volume,Tags=[{Key=Name,Value=cli}]")
        volume = made["VolumeId"]
        self.addCleanup(self.aws, "ec2", "delete-volume", "--volume-id", volume)
        self.assertEqual((made["Size"], made["VolumeType"], made["Iops"]), (2, "gp3", 3000))

        def describe(*more):
            return self.aws("ec2", "describe-volumes", "--volume-ids", volume, *more)["Volumes"]

        cloud.wait_until("the volume", lambda: describe()[0]["State"] == "available", 30)
        self.assertEqual(describe()[0]["Tags"], [{"Key": "Name", "Value": "cli"}])
        self.assertEqual(describe("--filters", "Name=size,Values=3"), [])
        status = self.aws("ec2", "describe-volume-status", "--volume-ids", volume)
        self.assertEqual(status["VolumeStatuses"][0]["AvailabilityZone"], "zone-a")
        guest = cloud.Guest(cloud.client("ec2"))
        self.addCleanup(guest.terminate)
        guest.wait_running()
        place = ("--volume-id", volume, "--instance-id", guest.id, "--device", "/dev/sdf")
        self.assertEqual(self.aws("ec2", "attach-volume", *place)["State"], "attaching")
        self.aws("ec2", "wait", "volume-in-use", "--volume-ids", volume)
        cloud.wait_until(
            "attached", lambda: describe()[0]["Attachments"][0]["State"] == "attached", 60)
        self.assertEqual(self.aws("ec2", "detach-volume", *place)["State"], "detaching")
        cloud.wait_until("free again", lambda: describe()[0]["State"] == "available", 60)

    def test_aws_ec2_snapshots(self):
        volume = self.aws("ec2", "create-volume", "--availability-zone", "zone-a", "--size", "1")["VolumeId"]
        self.addCleanup(self.aws, "ec2", "delete-volume", "--volume-id", volume)
        self.aws("ec2", "wait", "volume-available", "--volume-ids", volume)
        snapshot = self.aws("ec2", "create-snapshot", "--volume-id", volume, "--description", "cli")["SnapshotId"]
        self.addCleanup(self.aws, "ec2", "delete-snapshot", "--snapshot-id", snapshot)

        def shown():
            return self.aws("ec2", "describe-snapshots", "--snapshot-ids", snapshot)["Snapshots"][0]

        cloud.wait_until("the snapshot", lambda: shown()["State"] == "completed", 60)
        self.assertEqual((shown()["Progress"], shown()["Description"]), ("100%", "cli"))
        self.aws("ec2", "wait", "snapshot-completed", "--snapshot-ids", snapshot)
        made = self.aws("ec2", "create-volume", "--availability-zone", "zone-a", "--snapshot-id", snapshot)
        self.addCleanup(self.aws, "ec2", "delete-volume", "--volume-id", made["VolumeId"])
        self.assertEqual((made["SnapshotId"], made["Size"]), (snapshot, 1))
        self.aws("ec2", "wait", "volume-available", "--volume-ids", made["VolumeId"])

    def test_aws_ec2_tags(self):
        name = "cli-" + uuid.uuid4().hex[:8]
        group = self.aws("ec2", "create-security-group", "--group-name", name, "--description", "d",
                         "--tag-specifications",
                         f"ResourceType=security-group,Tags=[{{Key=Name,Value={name}}}]")
        group = group["GroupId"]
        self.addCleanup(self.aws, "ec2", "delete-security-group", "--group-id", group)
        self.aws("ec2", "create-tags", "--resources", group, "--tags", "Key=stage,Value=test", "Key=empty,Value=")
        tags = self.aws("ec2", "describe-tags", "--filters", f"Name=resource-id,Values={group}")["Tags"]
        self.assertEqual({t["Key"]: t["Value"] for t in tags}, {"Name": name, "stage": "test", "empty": ""})
        found = self.aws("ec2", "describe-security-groups", "--filters", "Name=tag-key,Values=stage",
                         f"Name=tag:Name,Values={name}")["SecurityGroups"]
        self.assertEqual([g["GroupId"] for g in found], [group])
        self.aws("ec2", "delete-tags", "--resources", group, "--tags", "Key=stage", "Key=empty,Value=")
        tags = self.aws("ec2", "describe-tags", "--filters", f"Name=resource-id,Values={group}")["Tags"]
        self.assertEqual([t["Key"] for t in tags], ["Name"])

    def test_aws_ec2_addresses(self):
        with cloud.public_pool("198.51.100.24-198.51.100.25"):
            address = self.aws("ec2", "allocate-address", "--address", "198.51.100.25")
            self.assertEqual(address["PublicIp"], "198.51.100.25")
            shown = self.aws("ec2", "describe-addresses", "--filters", "Name=public-ip,Values=198.51.100.*")
            self.assertEqual([a["AllocationId"] for a in shown["Addresses"]], [address["AllocationId"]])
            self.aws("ec2", "release-address", "--allocation-id", address["AllocationId"])
            self.assertEqual(self.aws("ec2", "describe-addresses")["Addresses"], [])

    def test_angophora_property(self):
        def angophora(*arguments, **options):
            return cloud.run(f"{cloud.BUILD}/bin/angophora", "property", *arguments, **options)

        name = "network.dns_servers"
        self.addCleanup(angophora, "reset", name)
        before = angophora("list", name).stdout.splitlines()[0]
        self.assertTrue(before.startswith(name + " ="), before)
        self.assertIn("192.0.2.53", angophora("set", name, "192.0.2.53").stdout)
        self.assertEqual(angophora("list", "network").stdout.count(f"{name} = 192.0.2.53\n"), 1)
        angophora("reset", name)
        self.assertEqual(angophora("list", name).stdout.splitlines()[0], before)
        for arguments, word in (
            (("set", "network.dns_server", "192.0.2.53"), f"did you mean '{name}'"),
            (("set", name, "nonsense"), name),
            (("reset", "bogus"), "no property 'bogus'"),
        ):
            done = angophora(*arguments, check=False)
            self.assertEqual(done.returncode, 1)
            self.assertIn(word, done.stderr)

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
