"""A second zone is added while the first serves, and taken out again."""

import subprocess
import unittest
import uuid

import cloud
import machines
import writers
from test_volumes import Volume, wait_device

SECOND = machines.Machine("zone-b", "192.0.2.5", "common", "admin", "cc", "sc", "nc")


class SecondZone(cloud.CloudTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.guest = cls.start_guest().wait_running(120).wait_ssh(300)
        cls.volume = Volume(cls.ec2)
        cls.addClassCleanup(cls.take_back, cls.volume)
        cls.volume.wait("available").attach(cls.guest)
        cls.volume.wait_attachment("attached")
        cls.device = wait_device(cls.guest, cls.volume)

    @staticmethod
    def take_back(volume):
        if volume.describe()["Attachments"]:
            volume.detach(Force=True)
        volume.wait("available", 60)
        volume.delete()

    def make(self, **request):
        volume = Volume(self.ec2, **request)
        self.addCleanup(self.take_back, volume)
        return volume.wait("available", 60)

    def test_1_it_is_added_while_the_first_serves(self):
        session = subprocess.Popen(
            self.guest.ssh_command("cat"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            writer = writers.Writer(self.guest, self.device, "through", 0)
            self.add()
            session.stdin.write("still here\n")
            session.stdin.flush()
            self.assertEqual(session.stdout.readline(), "still here\n")
            writers.check(self.guest, self.device, writer, writer.stop())
        finally:
            session.kill()
            session.communicate()
        zones = self.ec2.describe_availability_zones()["AvailabilityZones"]
        self.assertEqual({z["ZoneName"]: z["State"] for z in zones},
                         {"zone-a": "available", "zone-b": "available"})

    def add(self):
        SECOND.start()
        SECOND.install(machines.PACKAGES)
        SECOND.allow_guests()
        SECOND.enrol("cc-2", "cc", "--type", "cluster", "--zone", "zone-b")
        SECOND.enrol("sc-2", "sc", "--type", "storage", "--zone", "zone-b")
        SECOND.enrol("node-3", "nc", "--type", "node", "--zone", "zone-b")
        cloud.wait_until("its components", lambda: "node-3" in machines.services(), 10)
        machines.wait_all_enabled()

    def test_2_both_zones_have_guests_and_volumes(self):
        far = self.start_guest(Placement={"AvailabilityZone": "zone-b"}).wait_running(120)
        self.assertEqual(far.describe()["Placement"]["AvailabilityZone"], "zone-b")
        self.assertIn(far.id, SECOND.guests())
        self.assertIsNone(machines.node_of(far))
        far.wait_ssh(300)
        self.assertTrue(far.can_connect(self.guest.address, 22))
        self.assertTrue(self.guest.can_connect(far.address, 22))
        text = uuid.uuid4().hex
        volume = self.make(AvailabilityZone="zone-b")
        self.assert_refused(
            "InvalidVolume.ZoneMismatch", self.ec2.attach_volume, VolumeId=volume.id,
            InstanceId=self.guest.id, Device="/dev/sdg")
        volume.attach(far)
        volume.wait_attachment("attached")
        device = wait_device(far, volume)
        far.ssh(f"printf %s {text} | dd of={device} bs=4096 conv=notrunc,fsync 2>/dev/null")
        # What was made there goes to the first zone as a snapshot.
        snapshot = self.ec2.create_snapshot(VolumeId=volume.id)["SnapshotId"]
        self.addCleanup(self.ec2.delete_snapshot, SnapshotId=snapshot)
        self.ec2.get_waiter("snapshot_completed").wait(
            SnapshotIds=[snapshot], WaiterConfig={"Delay": 1, "MaxAttempts": 90})
        copy = self.make(SnapshotId=snapshot)
        copy.attach(self.guest, "/dev/sdg")
        copy.wait_attachment("attached")
        device = wait_device(self.guest, copy)
        self.assertEqual(self.guest.ssh(f"head -c {len(text)} {device}").stdout, text)

    def test_3_it_is_taken_out_again(self):
        for guest in self.guests[1:]:
            guest.terminate()
        for component in ("node-3", "sc-2", "cc-2"):
            machines.FRONT.angophora("service", "deregister", component)
        zones = self.ec2.describe_availability_zones()["AvailabilityZones"]
        self.assertEqual([z["ZoneName"] for z in zones], ["zone-a"])
        SECOND.power_off()
        machines.wait_all_enabled()


if __name__ == "__main__":
    unittest.main()
