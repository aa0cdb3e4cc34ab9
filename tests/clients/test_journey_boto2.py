"""python3-boto 2.49: connect_euca with SigV4 and odd scopes, SigV2, and S3's own SigV2."""

import unittest
import urllib.parse
import uuid

import boto
import boto.ec2.connection
import boto.exception
import boto.s3.connection

import cloud


def connect(**options):
    url = urllib.parse.urlparse(cloud.ENVIRONMENT["EC2_URL"])
    return boto.connect_euca(host=url.hostname, port=url.port, path=url.path, is_secure=False, **options)


class OldBoto(unittest.TestCase):
    def test_connect_euca_with_version_4(self):
        ec2 = connect()
        self.assertEqual([r.name for r in ec2.get_all_regions()], ["angophora"])
        self.assertEqual([z.name for z in ec2.get_all_zones()], ["zone-a"])
        self.assertIn(cloud.image_id(), [i.id for i in ec2.get_all_images()])

    def test_version_2_signatures(self):
        class Version2(boto.ec2.connection.EC2Connection):
            def _required_auth_capability(self):
                return ["ec2"]

        url = urllib.parse.urlparse(cloud.ENVIRONMENT["EC2_URL"])
        ec2 = Version2(
            host=url.hostname, port=url.port, path=url.path, is_secure=False,
            region=boto.ec2.regioninfo.RegionInfo(name="angophora", endpoint=url.hostname))
        self.assertEqual([z.name for z in ec2.get_all_zones()], ["zone-a"])

    def test_key_pair_and_group(self):
        ec2 = connect()
        name = "boto2-" + uuid.uuid4().hex[:8]
        self.assertIn("PRIVATE KEY", ec2.create_key_pair(name).material)
        group = ec2.create_security_group(name, "made by boto 2")
        self.assertTrue(ec2.authorize_security_group(
            group_id=group.id, ip_protocol="tcp", from_port=80, to_port=80, cidr_ip="192.0.2.0/24"))
        rules = ec2.get_all_security_groups(group_ids=[group.id])[0].rules
        self.assertEqual([(r.ip_protocol, r.from_port) for r in rules], [("tcp", "80")])
        self.assertTrue(ec2.delete_security_group(group_id=group.id))
        self.assertTrue(ec2.delete_key_pair(name))

    def test_an_instances_life(self):
        ec2 = connect()
        reservation = ec2.run_instances(
            cloud.image_id(), key_name="quickstart", instance_type="t2.nano",
            security_groups=["default"], user_data="hello from boto 2")
        instance = reservation.instances[0]
        self.addCleanup(ec2.terminate_instances, [instance.id])
        cloud.wait_until("running", lambda: instance.update() == "running")
        self.assertEqual(instance.key_name, "quickstart")
        self.assertEqual([i.id for r in ec2.get_all_reservations([instance.id]) for i in r.instances],
                         [instance.id])
        status = ec2.get_all_instance_status([instance.id])[0]
        self.assertEqual((status.id, status.zone), (instance.id, "zone-a"))
        # boto 2 sends InstanceId.1 here.
        cloud.wait_until(
            "its console shows the boot",
            lambda: b"Linux" in (instance.get_console_output().output or b""), 120, every_s=1)
        self.assertEqual(ec2.get_password_data(instance.id) or "", "")
        instance.reboot()  # raises when it is refused
        volume = ec2.create_volume(1, "zone-a")
        cloud.wait_until("available", lambda: volume.update() == "available")
        self.assertTrue(volume.attach(instance.id, "/dev/sdf"))
        cloud.wait_until("attached", lambda: volume.update() and volume.attachment_state() == "attached")
        self.assertTrue(volume.detach())
        cloud.wait_until("detached", lambda: volume.update() == "available", 120)
        self.assertTrue(volume.delete())
        with cloud.public_pool("198.51.100.20"):
            address = ec2.allocate_address()
            self.assertTrue(ec2.associate_address(instance.id, address.public_ip))
            shown = ec2.get_all_addresses([address.public_ip])[0]
            self.assertEqual((shown.instance_id, shown.domain), (instance.id, "vpc"))
            instance.update()
            self.assertEqual((instance.ip_address, instance.public_dns_name), (address.public_ip,) * 2)
            self.assertTrue(ec2.disassociate_address(address.public_ip))
            self.assertTrue(ec2.release_address(address.public_ip))
        protection = "disableApiTermination"
        self.assertTrue(instance.modify_attribute(protection, True))
        self.assertEqual(instance.get_attribute(protection)[protection], True)
        with self.assertRaisesRegex(boto.exception.EC2ResponseError, "OperationNotPermitted"):
            ec2.terminate_instances([instance.id])
        self.assertTrue(instance.modify_attribute(protection, False))
        self.assertEqual(ec2.monitor_instances([instance.id])[0].id, instance.id)
        self.assertEqual([i.id for i in ec2.terminate_instances([instance.id])], [instance.id])
        cloud.wait_until("terminated", lambda: instance.update() == "terminated")

    def test_image_permissions_and_rules(self):
        ec2 = connect()
        image, stranger = cloud.image_id(), cloud.ENVIRONMENT["EC2_USER_ID"]
        self.assertTrue(ec2.modify_image_attribute(image, operation="add", user_ids=[stranger]))
        shown = ec2.get_image_attribute(image).attrs
        self.assertIn(stranger, shown["user_ids"])
        self.assertTrue(ec2.modify_image_attribute(image, operation="remove", user_ids=[stranger]))
        name = "boto2-" + uuid.uuid4().hex[:8]
        group = ec2.create_security_group(name, "made by boto 2")
        rule = {"ip_protocol": "udp", "from_port": 53, "to_port": 53, "cidr_ip": "192.0.2.0/24"}
        self.assertTrue(group.authorize(**rule))
        self.assertTrue(group.revoke(**rule))
        self.assertTrue(group.delete())
        public = cloud.run("ssh-keygen", "-y", "-f", f"{cloud.DIR}/quickstart.pem").stdout
        self.assertEqual(ec2.import_key_pair(name, public.encode()).name, name)
        self.assertEqual([k.name for k in ec2.get_all_key_pairs([name])], [name])
        self.assertTrue(ec2.delete_key_pair(name))

    def test_a_snapshot(self):
        ec2 = connect()
        volume = ec2.create_volume(1, "zone-a")
        self.addCleanup(volume.delete)
        cloud.wait_until("available", lambda: volume.update() == "available")
        snapshot = volume.create_snapshot("made by boto 2")
        cloud.wait_until("completed", lambda: snapshot.update() == "100%" and snapshot.status == "completed", 60)
        self.assertEqual([s.id for s in ec2.get_all_snapshots([snapshot.id], owner="self")], [snapshot.id])
        self.assertTrue(snapshot.share(user_ids=[cloud.ENVIRONMENT["EC2_USER_ID"]]))
        self.assertEqual(snapshot.get_permissions(), {"user_ids": [cloud.ENVIRONMENT["EC2_USER_ID"]]})
        self.assertTrue(snapshot.reset_permissions())
        copy = snapshot.create_volume("zone-a", size=1)
        cloud.wait_until("available", lambda: copy.update() == "available")
        self.assertEqual(copy.snapshot_id, snapshot.id)
        self.assertTrue(copy.delete())
        self.assertTrue(snapshot.delete())

    def test_tags(self):
        ec2, name = connect(), "boto2-" + uuid.uuid4().hex[:8]
        group = ec2.create_security_group(name, "made by boto 2")
        self.addCleanup(group.delete)
        group.add_tag("Name", name)
        self.assertTrue(ec2.create_tags([group.id], {"stage": "test", "empty": ""}))
        tags = {t.name: t.value for t in ec2.get_all_tags(filters={"resource-id": group.id})}
        self.assertEqual(tags, {"Name": name, "stage": "test", "empty": ""})
        found = ec2.get_all_security_groups(filters={"tag:Name": name})
        self.assertEqual([(g.id, g.tags["stage"]) for g in found], [(group.id, "test")])
        self.assertTrue(ec2.delete_tags([group.id], {"stage": "other", "Name": None}))
        self.assertTrue(ec2.delete_tags([group.id], ["empty"]))
        tags = {t.name for t in ec2.get_all_tags(filters={"resource-id": group.id})}
        self.assertEqual(tags, {"stage"})

    def test_s3_with_its_own_version_2(self):
        url = urllib.parse.urlparse(cloud.ENVIRONMENT["S3_URL"])
        s3 = boto.s3.connection.S3Connection(
            host=url.hostname, port=url.port, is_secure=False,
            calling_format=boto.s3.connection.OrdinaryCallingFormat())
        bucket = s3.create_bucket("boto2-" + uuid.uuid4().hex[:8])
        key = bucket.new_key("x y")
        key.set_contents_from_string("hello")
        self.assertEqual(bucket.get_key("x y").get_contents_as_string(), b"hello")
        self.assertEqual([k.name for k in bucket.list()], ["x y"])
        key.delete()
        bucket.delete()


if __name__ == "__main__":
    unittest.main()
