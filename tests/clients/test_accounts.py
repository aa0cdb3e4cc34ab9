"""Accounts with clients nobody here wrote: they are strictly apart but for what their owners share,
their users come and go, and a key that is revoked opens nothing any more."""

import json
import os
import unittest
import urllib.parse
import urllib.request
import uuid

import boto
import boto.exception
import boto.iam.connection
import boto.s3.connection

import accounts
import cloud
import test_euca2ools_wire as wire

DISK = f"{cloud.BUILD}/guest-image/disk.img"
IAM = "{https://iam.amazonaws.com/doc/2010-05-08/}"


def new_name(kind):
    return f"{kind}-{uuid.uuid4().hex[:8]}"


def euare(action, **parameters):
    return wire.query(
        cloud.ENVIRONMENT["AWS_IAM_URL"], "iam", "2010-05-08", action, **parameters)


def old_boto(account, connection, variable):
    url = urllib.parse.urlparse(cloud.ENVIRONMENT[variable])
    options = {"path": url.path} if variable != "S3_URL" else {
        "calling_format": boto.s3.connection.OrdinaryCallingFormat()}
    return connection(aws_access_key_id=account.key, aws_secret_access_key=account.secret,
                      host=url.hostname, port=url.port, is_secure=False, **options)


class AccountsTest(cloud.CloudTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dev = cls.account("dev")
        cls.ops = cls.account("ops")

    @classmethod
    def account(cls, kind):
        account = accounts.Account(kind)
        cls.addClassCleanup(account.delete)
        return account

    def assert_code(self, code, call, *arguments, **request):
        self.assertEqual(accounts.code_of(call, *arguments, **request), code, request)

    def shared_image(self):
        """The cloud's own guest image with its kernel and ramdisk, shared for this test."""
        for image in map(cloud.image_id, ("kernel", "ramdisk", "machine")):
            self.ec2.modify_image_attribute(
                ImageId=image, LaunchPermission={"Add": [{"UserId": self.dev.number}]})
            self.addCleanup(self.ec2.modify_image_attribute, ImageId=image,
                            LaunchPermission={"Remove": [{"UserId": self.dev.number}]})
        return image


class Images(AccountsTest):
    def images(self, account):
        return [i["ImageId"] for i in account.client("ec2").describe_images()["Images"]]

    def run_instance(self, account, image):
        return account.client("ec2").run_instances(
            ImageId=image, InstanceType="t2.nano", MinCount=1, MaxCount=1)

    def test_an_image_is_seen_and_run_by_those_it_is_shared_with(self):
        third = self.account("third")
        image = self.dev.import_image(DISK)
        self.assertEqual(
            self.dev.client("ec2").describe_images(ImageIds=[image])["Images"][0]["OwnerId"],
            self.dev.number)
        for other in (self.ops, third):
            self.assertNotIn(image, self.images(other))
            self.assert_code("InvalidAMIID.NotFound", self.run_instance, other, image)

        self.dev.aws("ec2", "modify-image-attribute", "--image-id", image, "--launch-permission",
                     f"Add=[{{UserId={self.ops.number}}}]")
        self.assertIn(image, self.images(self.ops))
        ec2 = self.ops.client("ec2")
        guest = cloud.Guest(ec2, ImageId=image, KeyName=self.key_of(ec2))
        self.addCleanup(guest.terminate)
        guest.wait_running(120)
        self.assertNotIn(image, self.images(third))
        self.assert_code("InvalidAMIID.NotFound", self.run_instance, third, image)
        self.assert_code("InvalidAMIID.NotFound", third.client("ec2").describe_images,
                         ImageIds=[image])

        self.dev.aws("ec2", "modify-image-attribute", "--image-id", image, "--launch-permission",
                     "Add=[{Group=all}]")
        seen = old_boto(third, boto.connect_euca, "EC2_URL").get_all_images()
        self.assertIn(image, [i.id for i in seen])
        # Seeing and running is all: it is the owner's to change.
        self.assert_code("AuthFailure", third.client("ec2").deregister_image, ImageId=image)

        self.dev.aws("ec2", "modify-image-attribute", "--image-id", image, "--launch-permission",
                     f"Remove=[{{Group=all}},{{UserId={self.ops.number}}}]")
        self.assertNotIn(image, self.images(third))
        self.assert_code("InvalidAMIID.NotFound", self.run_instance, self.ops, image)
        self.assertEqual(guest.describe()["State"]["Name"], "running")

    def key_of(self, ec2):
        name = new_name("key")
        ec2.create_key_pair(KeyName=name)
        return name

    def test_a_bundle_that_may_not_be_read_is_no_image(self):
        """Nobody registers what lies in another's bucket."""
        image = self.dev.import_image(DISK)
        location = self.dev.client("ec2").describe_images(
            ImageIds=[image])["Images"][0]["ImageLocation"]
        self.dev.client("s3").put_object_acl(
            ACL="private", **dict(zip(("Bucket", "Key"), location.split("/", 1))))
        self.assert_code("AuthFailure", self.ops.client("ec2").register_image,
                         ImageLocation=location, Name=new_name("stolen"))


class Strangers(AccountsTest):
    def test_what_another_has_is_not_there(self):
        ec2, strange = self.dev.client("ec2"), self.ops.client("ec2")
        key = new_name("key")
        key_pair = ec2.create_key_pair(KeyName=key)["KeyPairId"]
        group = ec2.create_security_group(GroupName=key, Description="d")["GroupId"]
        volume = ec2.create_volume(AvailabilityZone="zone-a", Size=1)["VolumeId"]
        instance = ec2.run_instances(
            ImageId=self.shared_image(), InstanceType="t2.nano", MinCount=1, MaxCount=1,
            KeyName=key, SecurityGroupIds=[group])["Instances"][0]["InstanceId"]
        rule = {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1,
                "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}
        for code, call, request in (
            ("InvalidInstanceID.NotFound", "describe_instances", {"InstanceIds": [instance]}),
            ("InvalidInstanceID.NotFound", "terminate_instances", {"InstanceIds": [instance]}),
            ("InvalidInstanceID.NotFound", "reboot_instances", {"InstanceIds": [instance]}),
            ("InvalidInstanceID.NotFound", "get_console_output", {"InstanceId": instance}),
            ("InvalidKeyPair.NotFound", "describe_key_pairs", {"KeyNames": [key]}),
            ("InvalidKeyPair.NotFound", "describe_key_pairs", {"KeyPairIds": [key_pair]}),
            ("InvalidGroup.NotFound", "describe_security_groups", {"GroupIds": [group]}),
            ("InvalidGroup.NotFound", "delete_security_group", {"GroupId": group}),
            ("InvalidGroup.NotFound", "authorize_security_group_ingress",
             {"GroupId": group, "IpPermissions": [rule]}),
            ("InvalidVolume.NotFound", "describe_volumes", {"VolumeIds": [volume]}),
            ("InvalidVolume.NotFound", "delete_volume", {"VolumeId": volume}),
            ("InvalidVolume.NotFound", "attach_volume",
             {"VolumeId": volume, "InstanceId": instance, "Device": "/dev/sdf"}),
        ):
            with self.subTest(call):
                self.assert_code(code, getattr(strange, call), **request)
        strange.delete_key_pair(KeyName=key)
        self.assertEqual(ec2.describe_key_pairs(KeyNames=[key])["KeyPairs"][0]["KeyPairId"], key_pair)
        self.assertEqual(strange.describe_instances()["Reservations"], [])
        self.assertEqual(strange.describe_volumes()["Volumes"], [])
        self.assertEqual([g["GroupName"] for g in strange.describe_security_groups()["SecurityGroups"]],
                         ["default"])
        address = ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]
        self.assertNotIn(address["PrivateIpAddress"], json.dumps(strange.describe_instances()))


class Objects(AccountsTest):
    def setUp(self):
        self.s3, self.strange = self.dev.client("s3"), self.ops.client("s3")
        self.bucket = new_name("bucket")
        self.s3.create_bucket(Bucket=self.bucket)
        self.s3.put_object(Bucket=self.bucket, Key="secret", Body=b"secret")
        self.s3.put_object(Bucket=self.bucket, Key="open", Body=b"open", ACL="public-read")

    def test_a_private_bucket_is_its_accounts_alone(self):
        bucket = self.bucket
        for call, request in (
            ("list_objects_v2", {}), ("get_object", {"Key": "secret"}),
            ("put_object", {"Key": "mine", "Body": b"x"}), ("delete_object", {"Key": "secret"}),
            ("get_bucket_acl", {}), ("get_object_acl", {"Key": "open"}), ("delete_bucket", {}),
        ):
            with self.subTest(call):
                self.assert_code("AccessDenied", getattr(self.strange, call), Bucket=bucket, **request)
        self.assertNotIn(bucket, [b["Name"] for b in self.strange.list_buckets()["Buckets"]])
        self.assert_code("BucketAlreadyExists", self.strange.create_bucket, Bucket=bucket)
        old = old_boto(self.ops, boto.s3.connection.S3Connection, "S3_URL")
        with self.assertRaises(boto.exception.S3ResponseError) as caught:
            old.get_bucket(bucket, validate=False).get_key("secret")
        self.assertEqual(caught.exception.status, 403)
        done = self.ops.aws("s3", "cp", f"s3://{bucket}/secret", "/dev/null", url="S3_URL", check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual(self.s3.get_object(Bucket=bucket, Key="secret")["Body"].read(), b"secret")

    def test_an_object_for_everybody_is_read_by_everybody(self):
        got = self.strange.get_object(Bucket=self.bucket, Key="open")["Body"].read()
        self.assertEqual(got, b"open")
        url = f"{cloud.ENVIRONMENT['S3_URL'].rstrip('/')}/{self.bucket}/open"
        with urllib.request.urlopen(url, timeout=10) as answer:
            self.assertEqual(answer.read(), b"open")

    def test_owners_are_canonical_ids_of_accounts(self):
        owner = self.s3.get_bucket_acl(Bucket=self.bucket)["Owner"]
        self.assertEqual(owner["DisplayName"], self.dev.name)
        _, root = euare("ListAccounts")
        ids = {m.find(f"{IAM}AccountName").text: m.find(f"{IAM}CanonicalId").text
               for m in root.iter(f"{IAM}member")}
        self.assertEqual(owner["ID"], ids[self.dev.name])
        self.s3.put_object_acl(Bucket=self.bucket, Key="secret",
                               GrantRead=f"id={ids[self.ops.name]}")
        got = self.strange.get_object(Bucket=self.bucket, Key="secret")["Body"].read()
        self.assertEqual(got, b"secret")


class Users(AccountsTest):
    def setUp(self):
        self.iam = self.dev.client("iam")
        self.user = new_name("user")
        self.iam.create_user(UserName=self.user, Path="/lab/")
        self.addCleanup(euare, "DeleteUser", UserName=self.user, DelegateAccount=self.dev.name,
                        IsRecursive="true")

    def test_boto3_keeps_users_and_keys(self):
        iam, user = self.iam, self.user
        arn = f"arn:aws:iam::{self.dev.number}:user/lab/{user}"
        self.assertEqual(iam.get_user(UserName=user)["User"]["Arn"], arn)
        pages = iam.get_paginator("list_users").paginate(PaginationConfig={"PageSize": 1})
        self.assertEqual([u["UserName"] for p in pages for u in p["Users"]], ["admin", user])
        self.assertEqual([u["Arn"] for u in iam.list_users(PathPrefix="/lab/")["Users"]], [arn])
        self.assert_code("EntityAlreadyExists", iam.create_user, UserName=user.upper())
        self.assert_code("ValidationError", iam.create_user, UserName="a b")
        self.assert_code("NoSuchEntity", iam.get_user, UserName="nobody")
        key = iam.create_access_key(UserName=user)["AccessKey"]
        iam.create_access_key(UserName=user)
        self.assert_code("LimitExceeded", iam.create_access_key, UserName=user)
        self.assert_code("DeleteConflict", iam.delete_user, UserName=user)
        identity = accounts.client("sts", key["AccessKeyId"], key["SecretAccessKey"])
        self.assertEqual(identity.get_caller_identity()["Arn"], arn)
        self.assertEqual(iam.get_account_summary()["SummaryMap"]["Users"], 1)

    def test_a_user_without_a_policy_may_do_nothing(self):
        key = self.iam.create_access_key(UserName=self.user)["AccessKey"]
        pair = key["AccessKeyId"], key["SecretAccessKey"]
        self.assert_code("UnauthorizedOperation", accounts.client("ec2", *pair).describe_instances)
        self.assert_code("AccessDenied", accounts.client("iam", *pair).list_users)
        s3 = accounts.client("s3", *pair)
        known = lambda: accounts.code_of(s3.list_buckets) != "InvalidAccessKeyId"
        cloud.wait_until("the key in S3", known, 5)
        self.assert_code("AccessDenied", s3.list_buckets)

    def test_policies_let_a_user_do_what_they_say(self):
        """boto3 puts, awscli attaches, boto 2 reads: by user, by group, by a managed policy."""
        key = self.iam.create_access_key(UserName=self.user)["AccessKey"]
        ec2 = accounts.client("ec2", key["AccessKeyId"], key["SecretAccessKey"])
        document = {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "ec2:CreateKeyPair",
             "Resource": f"arn:aws:ec2:*:{self.dev.number}:key-pair/{self.user}-*"},
            {"Effect": "Allow", "Action": "ec2:DeleteKeyPair", "Resource": "*"}]}
        self.iam.put_user_policy(
            UserName=self.user, PolicyName="keys", PolicyDocument=json.dumps(document))
        name = self.user + "-1"
        ec2.create_key_pair(KeyName=name)
        self.assert_code("UnauthorizedOperation", ec2.create_key_pair, KeyName="another")
        self.assert_code("UnauthorizedOperation", ec2.describe_key_pairs)
        ec2.delete_key_pair(KeyName=name)
        old = old_boto(self.dev, boto.iam.connection.IAMConnection, "AWS_IAM_URL")
        kept = old.get_user_policy(self.user, "keys")["get_user_policy_response"]
        kept = urllib.parse.unquote(kept["get_user_policy_result"]["policy_document"])
        self.assertEqual(json.loads(kept), document)
        self.assertEqual(
            self.iam.get_user_policy(UserName=self.user, PolicyName="keys")["PolicyDocument"],
            document)
        group = new_name("staff")
        iam = lambda *words, **more: self.dev.aws("iam", *words, url="AWS_IAM_URL", **more)
        iam("create-group", "--group-name", group)
        iam("add-user-to-group", "--group-name", group, "--user-name", self.user)
        iam("attach-group-policy", "--group-name", group, "--policy-arn",
            "arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess")
        ec2.describe_key_pairs()
        iam("detach-group-policy", "--group-name", group, "--policy-arn",
            "arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess")
        self.assert_code("UnauthorizedOperation", ec2.describe_key_pairs)
        iam("remove-user-from-group", "--group-name", group, "--user-name", self.user)
        iam("delete-group", "--group-name", group)
        self.assert_code("MalformedPolicyDocument", self.iam.put_user_policy,
                         UserName=self.user, PolicyName="bad", PolicyDocument="{")
        self.iam.delete_user_policy(UserName=self.user, PolicyName="keys")
        self.iam.delete_access_key(UserName=self.user, AccessKeyId=key["AccessKeyId"])

    def test_awscli_changes_a_user(self):
        renamed = self.user + "-x"
        iam = lambda *words, **more: self.dev.aws("iam", *words, url="AWS_IAM_URL", **more)
        iam("update-user", "--user-name", self.user, "--new-user-name", renamed, "--new-path", "/")
        self.addCleanup(iam, "delete-user", "--user-name", renamed)
        listed = json.loads(iam("list-users", "--output", "json").stdout)["Users"]
        self.assertIn(renamed, [u["UserName"] for u in listed])
        key = json.loads(iam("create-access-key", "--user-name", renamed, "--output", "json").stdout)
        key = key["AccessKey"]["AccessKeyId"]
        iam("update-access-key", "--user-name", renamed, "--access-key-id", key, "--status", "Inactive")
        shown = json.loads(iam("list-access-keys", "--user-name", renamed, "--output", "json").stdout)
        self.assertEqual(shown["AccessKeyMetadata"][0]["Status"], "Inactive")
        iam("delete-access-key", "--user-name", renamed, "--access-key-id", key)
        alias = new_name("alias")
        iam("create-account-alias", "--account-alias", alias)
        self.assertIn(alias, iam("list-account-aliases").stdout)
        iam("delete-account-alias", "--account-alias", alias)
        refused = iam("get-user", "--user-name", self.user, check=False)
        self.assertIn("NoSuchEntity", refused.stderr)

    def test_old_boto_reads_and_makes_users(self):
        iam = old_boto(self.dev, boto.iam.connection.IAMConnection, "AWS_IAM_URL")
        users = iam.get_all_users()["list_users_response"]["list_users_result"]["users"]
        self.assertIn(self.user, [u["user_name"] for u in users])
        name = new_name("old")
        iam.create_user(name)
        key = iam.create_access_key(name)["create_access_key_response"]["create_access_key_result"]
        key = key["access_key"]["access_key_id"]
        iam.update_access_key(key, "Inactive", name)
        iam.delete_access_key(key, name)
        iam.delete_user(name)


class Administration(AccountsTest):
    def test_euare_makes_keeps_and_deletes_an_account(self):
        name = new_name("wire")
        status, root = euare("CreateAccount", AccountName=name)
        self.assertEqual(status, 200, wire.ElementTree.tostring(root))
        number = root.find(f".//{IAM}AccountId").text
        self.addCleanup(euare, "DeleteAccount", AccountName=name, Recursive="true")
        status, root = euare("CreateAccessKey", UserName="admin", DelegateAccount=number)
        key = root.find(f".//{IAM}AccessKeyId").text, root.find(f".//{IAM}SecretAccessKey").text
        self.assertEqual(
            accounts.client("sts", *key).get_caller_identity()["Arn"],
            f"arn:aws:iam::{number}:user/admin")
        _, root = euare("ListAccountAliases", DelegateAccount=number)
        self.assertEqual(root.find(f".//{IAM}AccountAliases/{IAM}member").text, name)
        self.assertEqual(euare("CreateUser", UserName="bea", DelegateAccount=name)[0], 200)
        users = [u["UserName"] for u in accounts.client("iam", *key).list_users()["Users"]]
        self.assertEqual(users, ["admin", "bea"])
        status, root = euare("DeleteAccount", AccountName=name)
        self.assertEqual((status, root.find(f".//{IAM}Code").text), (409, "DeleteConflict"))
        self.assertEqual(euare("DeleteAccount", AccountName=name, Recursive="true")[0], 200)
        status, root = euare("DeleteAccount", AccountName=name)
        self.assertEqual((status, root.find(f".//{IAM}Code").text), (404, "NoSuchEntity"))

    def test_others_are_no_administrators(self):
        old = old_boto(self.dev, boto.iam.connection.IAMConnection, "AWS_IAM_URL")
        for action, parameters in (
            ("CreateAccount", {"AccountName": "mine"}), ("ListAccounts", {}),
            ("DeleteAccount", {"AccountName": self.ops.name}),
            ("ListUsers", {"DelegateAccount": self.ops.name}),
            ("CreateAccessKey", {"DelegateAccount": self.ops.name}),
        ):
            with self.subTest(action), self.assertRaises(boto.exception.BotoServerError) as caught:
                old.get_response(action, parameters)
            self.assertEqual((caught.exception.status, caught.exception.error_code),
                             (403, "AccessDenied"))

    def test_the_operators_command(self):
        listed = accounts.angophora("account", "list").stdout
        self.assertIn(self.dev.number, listed)
        self.assertIn(self.dev.name, listed)
        again = accounts.angophora("account", "create", self.dev.name, check=False)
        self.assertNotEqual(again.returncode, 0)
        self.assertIn("EntityAlreadyExists", again.stderr)
        none = accounts.angophora("account", "delete", new_name("none"), check=False)
        self.assertIn("NoSuchEntity", none.stderr)
        files = set(os.listdir(self.dev.folder.name))
        self.assertLessEqual({"eucarc", "credentials.zip", "admin-cert.pem", "admin-key.pem"}, files)
        for name in files - {"cloud-cert.pem", "ca-bundle.pem"}:
            self.assertEqual(os.stat(f"{self.dev.folder.name}/{name}").st_mode & 0o077, 0, name)
        keys = lambda: len(self.dev.client("iam").list_access_keys()["AccessKeyMetadata"])
        before = keys()
        out = accounts.angophora("credentials", "--account", self.dev.name, "--out",
                                 "/proc/none", check=False)
        self.assertNotEqual(out.returncode, 0)
        self.assertEqual(keys(), before, "a key that could not be written is no key")

    def test_an_account_with_an_instance_or_volume_stays(self):
        volume = self.ops.client("ec2").create_volume(AvailabilityZone="zone-a", Size=1)["VolumeId"]
        refused = accounts.angophora("account", "delete", self.ops.name, "--recursive", check=False)
        self.assertIn("DeleteConflict", refused.stderr)
        ec2 = self.ops.client("ec2")
        state = lambda: ec2.describe_volumes(VolumeIds=[volume])["Volumes"][0]["State"]
        cloud.wait_until("the volume", lambda: state() == "available", 30)
        ec2.delete_volume(VolumeId=volume)


class Revocation(AccountsTest):
    """Keys begin and end in both doors, within two seconds in S3's."""

    def new_key(self):
        key = self.dev.client("iam").create_access_key()["AccessKey"]
        self.addCleanup(accounts.code_of, self.dev.client("iam").delete_access_key,
                        AccessKeyId=key["AccessKeyId"])
        pair = key["AccessKeyId"], key["SecretAccessKey"]
        s3 = accounts.client("s3", *pair)
        took = accounts.seconds_until("new in S3", lambda: self.s3_code(s3) == "", 2)
        print(f"a new key in S3 after {took * 1000:.0f} ms")
        return key["AccessKeyId"], accounts.client("ec2", *pair), s3

    @staticmethod
    def s3_code(s3):
        return accounts.code_of(s3.list_buckets)

    def assert_dead(self, ec2, s3, what):
        self.assert_code("AuthFailure", ec2.describe_instances)
        dead = lambda: self.s3_code(s3) == "InvalidAccessKeyId"
        took = accounts.seconds_until(f"{what} in S3", dead, 2)
        print(f"{what} in S3 after {took * 1000:.0f} ms")

    def test_a_key_that_is_switched_off_and_on_and_deleted(self):
        key, ec2, s3 = self.new_key()
        iam = self.dev.client("iam")
        self.assert_code("", ec2.describe_instances)
        iam.update_access_key(AccessKeyId=key, Status="Inactive")
        self.assert_dead(ec2, s3, "switched off")
        iam.update_access_key(AccessKeyId=key, Status="Active")
        self.assert_code("", ec2.describe_instances)
        accounts.seconds_until("on again in S3", lambda: self.s3_code(s3) == "", 2)
        iam.delete_access_key(AccessKeyId=key)
        self.assert_dead(ec2, s3, "deleted")

    def test_a_key_revoked_while_walrus_was_away(self):
        key, ec2, s3 = self.new_key()
        cloud.kill_daemon("walrus")
        self.dev.client("iam").delete_access_key(AccessKeyId=key)
        self.assert_code("AuthFailure", ec2.describe_instances)

        def answers():
            try:
                return self.s3_code(self.dev.client("s3")) == ""
            except Exception:
                return False

        cloud.wait_until("walrus is back", answers, 30)
        self.assert_dead(ec2, s3, "revoked meanwhile")

    def test_the_keys_of_a_deleted_account(self):
        account = self.account("brief")
        ec2, s3 = account.client("ec2"), account.client("s3")
        accounts.angophora("account", "delete", account.name)
        self.assert_dead(ec2, s3, "its account deleted")


if __name__ == "__main__":
    unittest.main()
