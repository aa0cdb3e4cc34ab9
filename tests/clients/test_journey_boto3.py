"""The whole user journey with boto3, with nothing but endpoint and keys set."""

import base64
import subprocess
import time
import unittest
import uuid

import cloud


class Journey(cloud.CloudTest):
    def test_from_key_pair_to_terminated(self):
        name = "journey-" + uuid.uuid4().hex[:8]
        ec2 = self.ec2
        self.assertEqual(ec2.describe_regions()["Regions"][0]["RegionName"], "angophora")
        zones = ec2.describe_availability_zones()["AvailabilityZones"]
        self.assertEqual([(z["ZoneName"], z["State"]) for z in zones], [("zone-a", "available")])

        key = ec2.create_key_pair(KeyName=name)
        self.assertIn("PRIVATE KEY", key["KeyMaterial"])
        group = ec2.create_security_group(GroupName=name, Description="journey")["GroupId"]
        ec2.authorize_security_group_ingress(
            GroupId=group,
            IpPermissions=[{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22,
                            "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}],
        )
        token = uuid.uuid4().hex
        request = {
            "ImageId": cloud.image_id(), "InstanceType": "t2.nano", "KeyName": name,
            "SecurityGroupIds": [group], "MinCount": 1, "MaxCount": 1, "ClientToken": token,
        }
        instance = ec2.run_instances(**request)["Instances"][0]["InstanceId"]
        again = ec2.run_instances(**request)["Instances"][0]["InstanceId"]
        self.assertEqual(instance, again, "the client token did not make the call idempotent")
        try:
            ec2.get_waiter("instance_running").wait(
                InstanceIds=[instance], WaiterConfig={"Delay": 1, "MaxAttempts": 90})
            status = ec2.describe_instance_status(InstanceIds=[instance])["InstanceStatuses"]
            self.assertEqual(status[0]["InstanceState"]["Name"], "running")
            found = ec2.describe_instances(
                Filters=[{"Name": "instance-state-name", "Values": ["running"]},
                         {"Name": "key-name", "Values": [name]}])["Reservations"]
            self.assertEqual(found[0]["Instances"][0]["InstanceId"], instance)
            self.assert_refused("DependencyViolation", ec2.delete_security_group, GroupId=group)
            with cloud.public_pool("198.51.100.16/31"):
                self.addresses(instance)
            self.attributes(instance, group)
        finally:
            ec2.terminate_instances(InstanceIds=[instance])
            ec2.get_waiter("instance_terminated").wait(
                InstanceIds=[instance], WaiterConfig={"Delay": 1, "MaxAttempts": 90})
        ec2.delete_key_pair(KeyName=name)
        ec2.delete_security_group(GroupId=group)
        self.assert_refused("InvalidKeyPair.NotFound", ec2.describe_key_pairs, KeyNames=[name])

    def test_a_snapshots_life(self):
        ec2, wait = self.ec2, {"Delay": 1, "MaxAttempts": 60}
        volume = ec2.create_volume(AvailabilityZone="zone-a", Size=1)["VolumeId"]
        self.addCleanup(ec2.delete_volume, VolumeId=volume)
        ec2.get_waiter("volume_available").wait(VolumeIds=[volume], WaiterConfig=wait)
        made = ec2.create_snapshot(
            VolumeId=volume, Description="journey",
            TagSpecifications=[{"ResourceType": "snapshot", "Tags": [{"Key": "Name", "Value": "s"}]}])
        snapshot = made["SnapshotId"]
        self.assertEqual((made["State"], made["VolumeId"], made["VolumeSize"]), ("pending", volume, 1))
        ec2.get_waiter("snapshot_completed").wait(SnapshotIds=[snapshot], WaiterConfig=wait)
        found = ec2.describe_snapshots(
            OwnerIds=["self"], Filters=[{"Name": "tag:Name", "Values": ["s"]},
                                        {"Name": "volume-id", "Values": [volume]}])["Snapshots"]
        self.assertEqual([(s["SnapshotId"], s["Progress"], s["Description"]) for s in found],
                         [(snapshot, "100%", "journey")])
        stranger = [{"UserId": cloud.ENVIRONMENT["EC2_USER_ID"]}, {"Group": "all"}]
        ec2.modify_snapshot_attribute(SnapshotId=snapshot, CreateVolumePermission={"Add": stranger})
        shared = ec2.describe_snapshot_attribute(SnapshotId=snapshot, Attribute="createVolumePermission")
        self.assertCountEqual(shared["CreateVolumePermissions"], stranger)
        ec2.reset_snapshot_attribute(SnapshotId=snapshot, Attribute="createVolumePermission")
        shared = ec2.describe_snapshot_attribute(SnapshotId=snapshot, Attribute="createVolumePermission")
        self.assertEqual(shared["CreateVolumePermissions"], [])
        larger = ec2.create_volume(AvailabilityZone="zone-a", SnapshotId=snapshot, Size=2)
        self.addCleanup(ec2.delete_volume, VolumeId=larger["VolumeId"])
        self.assertEqual((larger["SnapshotId"], larger["Size"]), (snapshot, 2))
        ec2.get_waiter("volume_available").wait(VolumeIds=[larger["VolumeId"]], WaiterConfig=wait)
        ec2.delete_snapshot(SnapshotId=snapshot)
        self.assert_refused("InvalidSnapshot.NotFound", ec2.describe_snapshots, SnapshotIds=[snapshot])
        self.assert_refused("InvalidSnapshot.NotFound", ec2.create_volume,
                            AvailabilityZone="zone-a", SnapshotId=snapshot)

    def test_tags_of_all_kinds(self):
        ec2, name = self.ec2, "tags-" + uuid.uuid4().hex[:8]

        def made_with(kind):
            return [{"ResourceType": kind, "Tags": [{"Key": "Name", "Value": name}]}]

        key = ec2.create_key_pair(KeyName=name, TagSpecifications=made_with("key-pair"))
        self.addCleanup(ec2.delete_key_pair, KeyName=name)
        self.assertEqual(key["Tags"], [{"Key": "Name", "Value": name}])
        group = ec2.create_security_group(
            GroupName=name, Description="tags", TagSpecifications=made_with("security-group"))
        self.addCleanup(ec2.delete_security_group, GroupId=group["GroupId"])
        volume = ec2.create_volume(
            AvailabilityZone="zone-a", Size=1, TagSpecifications=made_with("volume"))["VolumeId"]
        self.addCleanup(ec2.delete_volume, VolumeId=volume)
        everything = [key["KeyPairId"], group["GroupId"], volume, cloud.image_id()]
        mine = [{"Key": "Journey", "Value": name}, {"Key": "empty", "Value": ""}]
        ec2.create_tags(Resources=everything, Tags=mine)
        self.addCleanup(ec2.delete_tags, Resources=[cloud.image_id()], Tags=mine)
        by_tag = [{"Name": "tag:Journey", "Values": [name]}]
        listed = [t["ResourceId"] for page in ec2.get_paginator("describe_tags").paginate(
            Filters=by_tag, PaginationConfig={"PageSize": 5}) for t in page["Tags"]]
        self.assertEqual(sorted(listed), sorted(everything))
        for found, kind in (
            (ec2.describe_key_pairs(Filters=by_tag)["KeyPairs"], "KeyPairId"),
            (ec2.describe_security_groups(Filters=by_tag)["SecurityGroups"], "GroupId"),
            (ec2.describe_volumes(Filters=by_tag)["Volumes"], "VolumeId"),
            (ec2.describe_images(Filters=by_tag)["Images"], "ImageId"),
        ):
            self.assertEqual(len(found), 1, kind)
            self.assertIn(found[0][kind], everything)
            self.assertIn({"Key": "empty", "Value": ""}, found[0]["Tags"])
        ec2.delete_tags(Resources=[volume], Tags=[{"Key": "Journey", "Value": "another"}, {"Key": "empty"}])
        tags = ec2.describe_volumes(VolumeIds=[volume])["Volumes"][0]["Tags"]
        self.assertEqual({t["Key"] for t in tags}, {"Name", "Journey"})
        ec2.delete_tags(Resources=[volume])
        self.assertEqual(ec2.describe_volumes(VolumeIds=[volume])["Volumes"][0].get("Tags", []), [])

    def test_the_accounts_attributes(self):
        attributes = {a["AttributeName"]: a["AttributeValues"][0]["AttributeValue"]
                      for a in self.ec2.describe_account_attributes()["AccountAttributes"]}
        self.assertEqual(attributes["supported-platforms"], "VPC")
        groups = self.ec2.describe_security_groups(GroupNames=["default"])["SecurityGroups"]
        self.assertEqual(attributes["default-vpc"], groups[0]["VpcId"])

    def test_tags_that_are_refused(self):
        def tag(code, resource, key, value="x"):
            self.assert_refused(code, self.ec2.create_tags, Resources=[resource],
                                Tags=[{"Key": key, "Value": value}])

        tag("InvalidID", "i-0123456789abcdef0", "a")
        tag("InvalidID", "whatever", "a")
        tag("InvalidParameterValue", cloud.image_id(), "aws:a")
        tag("InvalidParameterValue", cloud.image_id(), "a", "x" * 257)
        self.assert_refused(
            "TagLimitExceeded", self.ec2.create_tags, Resources=[cloud.image_id()],
            Tags=[{"Key": str(i), "Value": ""} for i in range(51)])

    def addresses(self, instance):
        ec2 = self.ec2
        tags = [{"ResourceType": "elastic-ip", "Tags": [{"Key": "role", "Value": "web"}]}]
        first = ec2.allocate_address(Domain="vpc", TagSpecifications=tags)
        second = ec2.allocate_address()
        self.assert_refused("InsufficientAddressCapacity", ec2.allocate_address)
        association = ec2.associate_address(
            AllocationId=first["AllocationId"], InstanceId=instance)["AssociationId"]
        shown = ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]
        self.assertEqual(shown["PublicIpAddress"], first["PublicIp"])
        self.assertEqual(shown["NetworkInterfaces"][0]["Association"]["PublicIp"], first["PublicIp"])
        found = ec2.describe_addresses(Filters=[{"Name": "tag:role", "Values": ["web"]}])["Addresses"]
        self.assertEqual([(a["AllocationId"], a["InstanceId"], a["AssociationId"]) for a in found],
                         [(first["AllocationId"], instance, association)])
        self.assert_refused("Resource.AlreadyAssociated", ec2.associate_address, InstanceId=instance,
                            AllocationId=second["AllocationId"], AllowReassociation=False)
        self.assert_refused(
            "InvalidIPAddress.InUse", ec2.release_address, AllocationId=first["AllocationId"])
        ec2.disassociate_address(AssociationId=association)
        self.assert_refused(
            "InvalidAssociationID.NotFound", ec2.disassociate_address, AssociationId=association)
        for address in (first, second):
            ec2.release_address(AllocationId=address["AllocationId"])
        self.assert_refused(
            "InvalidAllocationID.NotFound", ec2.release_address, AllocationId=first["AllocationId"])
        self.assert_refused(
            "InvalidAddress.NotFound", ec2.describe_addresses, PublicIps=[first["PublicIp"]])

    def attributes(self, instance, group):
        ec2 = self.ec2

        def attribute(name):
            return ec2.describe_instance_attribute(InstanceId=instance, Attribute=name)

        self.assertEqual(attribute("instanceType")["InstanceType"]["Value"], "t2.nano")
        self.assertEqual(attribute("groupSet")["Groups"][0]["GroupId"], group)
        ec2.modify_instance_attribute(InstanceId=instance, DisableApiTermination={"Value": True})
        self.assertTrue(attribute("disableApiTermination")["DisableApiTermination"]["Value"])
        self.assert_refused(
            "OperationNotPermitted", ec2.terminate_instances, InstanceIds=[instance])
        ec2.modify_instance_attribute(InstanceId=instance, DisableApiTermination={"Value": False})
        self.assert_refused("IncorrectInstanceState", ec2.modify_instance_attribute,
                            InstanceId=instance, UserData={"Value": b"x"})
        self.assert_refused("UnsupportedOperation", ec2.stop_instances, InstanceIds=[instance])
        self.assertEqual(
            ec2.monitor_instances(InstanceIds=[instance])["InstanceMonitorings"][0]["Monitoring"]["State"],
            "pending")
        ec2.modify_instance_attribute(InstanceId=instance, Groups=[group])

    def test_objects_there_and_back(self):
        s3 = cloud.client("s3")
        bucket = "journey-" + uuid.uuid4().hex[:8]
        s3.create_bucket(Bucket=bucket)
        body = bytes(range(256)) * 4096
        s3.put_object(Bucket=bucket, Key="a/b c+d", Body=body, Metadata={"colour": "blue"})
        got = s3.get_object(Bucket=bucket, Key="a/b c+d")
        self.assertEqual((got["Body"].read(), got["Metadata"]), (body, {"colour": "blue"}))
        part = s3.get_object(Bucket=bucket, Key="a/b c+d", Range="bytes=256-511")
        self.assertEqual(part["Body"].read(), body[256:512])
        listed = s3.list_objects_v2(Bucket=bucket, Delimiter="/")
        self.assertEqual([p["Prefix"] for p in listed["CommonPrefixes"]], ["a/"])
        s3.delete_object(Bucket=bucket, Key="a/b c+d")
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        version = s3.put_object(Bucket=bucket, Key="k", Body=b"old", Tagging="a=b",
                                ServerSideEncryption="AES256")["VersionId"]
        self.assertTrue(s3.delete_object(Bucket=bucket, Key="k")["DeleteMarker"])
        old = s3.get_object(Bucket=bucket, Key="k", VersionId=version)
        self.assertEqual((old["Body"].read(), old["TagCount"]), (b"old", 1))
        listed = s3.list_object_versions(Bucket=bucket)
        for item in listed["Versions"] + listed["DeleteMarkers"]:
            s3.delete_object(Bucket=bucket, Key=item["Key"], VersionId=item["VersionId"])
        s3.delete_bucket(Bucket=bucket)

    def test_who_am_i(self):
        identity = cloud.client("sts").get_caller_identity()
        self.assertEqual(identity["Account"], cloud.ENVIRONMENT["EC2_USER_ID"])

    def test_dry_run_changes_nothing(self):
        before = len(self.ec2.describe_key_pairs()["KeyPairs"])
        self.assert_refused(
            "DryRunOperation", self.ec2.create_key_pair, KeyName="never", DryRun=True)
        self.assertEqual(len(self.ec2.describe_key_pairs()["KeyPairs"]), before)


if __name__ == "__main__":
    unittest.main()
