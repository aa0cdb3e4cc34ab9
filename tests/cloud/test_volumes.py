"""Volumes: made, attached to running guests while they run, moved from one to another with their
bytes, and still there whatever daemon was killed meanwhile."""

import concurrent.futures
import time
import unittest
import uuid

import cloud

BACK_WITHIN_S = 30


class Volume:
    """A volume of a GiB of zone-a, unless it is asked otherwise."""

    def __init__(self, ec2, **request):
        self.ec2 = ec2
        size = {} if "SnapshotId" in request else {"Size": 1}
        request = {"AvailabilityZone": "zone-a", **size, **request}
        self.id = ec2.create_volume(**request)["VolumeId"]

    def describe(self):
        return self.ec2.describe_volumes(VolumeIds=[self.id])["Volumes"][0]

    def wait(self, state, limit_s=30):
        cloud.wait_until(f"{self.id} {state}", lambda: self.describe()["State"] == state, limit_s)
        return self

    def wait_attachment(self, state, limit_s=60):
        def reached():
            attachments = self.describe()["Attachments"]
            return [a["State"] for a in attachments] == [state]

        cloud.wait_until(f"{self.id} {state}", reached, limit_s)

    def attach(self, guest, device="/dev/sdf"):
        self.ec2.attach_volume(VolumeId=self.id, InstanceId=guest.id, Device=device)

    def detach(self, **more):
        self.ec2.detach_volume(VolumeId=self.id, **more)

    def gone(self):
        listed = self.ec2.describe_volumes()["Volumes"]
        return self.id not in [v["VolumeId"] for v in listed]

    def delete(self):
        self.ec2.delete_volume(VolumeId=self.id)
        cloud.wait_until(f"{self.id} gone", self.gone, 30)


def device_in(guest, volume):
    """The guest's device that is this volume, by its serial number; "" when there is none."""
    serial = volume.id.replace("-", "")
    command = f"grep -l {serial} /sys/block/vd*/serial 2>/dev/null"
    found = guest.ssh(command, check=False).stdout.strip()
    return "/dev/" + found.split("/")[3] if found else ""


def wait_device(guest, volume, limit_s=30):
    return cloud.wait_until(
        f"{volume.id} in {guest.id}", lambda: device_in(guest, volume), limit_s)


def wait_no_device(guest, volume, limit_s=30):
    cloud.wait_until(
        f"{volume.id} not in {guest.id}", lambda: not device_in(guest, volume), limit_s)


class VolumeTest(cloud.CloudTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.one = cls.start_guest()
        cls.other = cls.start_guest()
        cls.one.wait_running().wait_ssh()
        cls.other.wait_running().wait_ssh()

    def make(self):
        volume = Volume(self.ec2)
        self.addCleanup(self.clean_up, volume)
        return volume.wait("available")

    def clean_up(self, volume):
        if volume.gone():
            return
        if volume.describe()["Attachments"]:
            volume.detach(Force=True)
        volume.wait("available", 60)
        volume.delete()

    def write(self, guest, device, text):
        """Text at the beginning and far behind it, on the disk and not in the guest's memory."""
        guest.ssh(
            f"printf '%s' {text} | dd of={device} bs=4096 conv=notrunc,sync 2>/dev/null && "
            f"printf '%s' {text} | dd of={device} bs=1M seek=900 conv=notrunc 2>/dev/null && sync")

    def read(self, guest, device, length):
        first = guest.ssh(f"dd if={device} bs={length} count=1 2>/dev/null").stdout
        far = guest.ssh(
            f"dd if={device} bs=1M skip=900 count=1 2>/dev/null | dd bs={length} count=1 2>/dev/null")
        self.assertEqual(first, far.stdout)
        return first


class VolumeLife(VolumeTest):
    def test_moves_from_guest_to_guest_with_its_bytes(self):
        volume = self.make()
        text = uuid.uuid4().hex
        volume.attach(self.one)
        volume.wait("in-use").wait_attachment("attached")
        device = wait_device(self.one, volume)
        size = self.one.ssh(f"cat /sys/block/{device[5:]}/size").stdout.strip()
        self.assertEqual(int(size) * 512, 1 << 30)
        mappings = self.one.describe()["BlockDeviceMappings"]
        self.assertEqual([m["Ebs"]["VolumeId"] for m in mappings], [volume.id])
        self.write(self.one, device, text)
        volume.detach()
        volume.wait("available")
        wait_no_device(self.one, volume)
        volume.attach(self.other, "/dev/sdg")
        volume.wait_attachment("attached")
        self.assertEqual(self.read(self.other, wait_device(self.other, volume), len(text)), text)
        volume.detach()
        volume.wait("available")
        volume.delete()

    def test_a_file_system_moves_along(self):
        volume = self.make()
        volume.attach(self.one)
        volume.wait_attachment("attached")
        device = wait_device(self.one, volume)
        self.one.ssh(f"mke2fs {device} >/dev/null 2>&1 && mkdir -p /mnt/v && "
                     f"mount -t ext2 {device} /mnt/v 2>/dev/null || mount -t ext4 {device} /mnt/v")
        self.one.ssh("echo kept > /mnt/v/file && umount /mnt/v && sync")
        volume.detach()
        volume.wait("available")
        volume.attach(self.other)
        volume.wait_attachment("attached")
        device = wait_device(self.other, volume)
        self.other.ssh(f"mkdir -p /mnt/v; mount -t ext2 {device} /mnt/v 2>/dev/null || "
                       f"mount -t ext4 {device} /mnt/v")
        self.assertEqual(self.other.ssh("cat /mnt/v/file").stdout.strip(), "kept")
        self.other.ssh("umount /mnt/v")

    def test_waiters_of_boto3(self):
        config = {"Delay": 1, "MaxAttempts": 60}
        volume = Volume(self.ec2)
        self.addCleanup(self.clean_up, volume)
        ids = {"VolumeIds": [volume.id], "WaiterConfig": config}
        self.ec2.get_waiter("volume_available").wait(**ids)
        volume.attach(self.one)
        self.ec2.get_waiter("volume_in_use").wait(**ids)
        volume.wait_attachment("attached")
        volume.detach()
        self.ec2.get_waiter("volume_available").wait(**ids)
        self.ec2.delete_volume(VolumeId=volume.id)
        self.ec2.get_waiter("volume_deleted").wait(**ids)

    def test_several_at_a_time(self):
        volumes = [self.make() for _ in range(4)]
        for letter, volume in zip("fghi", volumes):
            volume.attach(self.one, f"/dev/sd{letter}")
        for volume in volumes:
            volume.wait_attachment("attached")
        devices = {wait_device(self.one, volume) for volume in volumes}
        self.assertEqual(len(devices), 4)
        for volume in volumes:
            volume.detach()
        for volume in volumes:
            volume.wait("available")

    def test_the_end_of_an_instance_gives_its_volumes_back(self):
        guest = self.start_guest().wait_running().wait_ssh()
        volume = self.make()
        volume.attach(guest)
        volume.wait_attachment("attached")
        text = uuid.uuid4().hex
        self.write(guest, wait_device(guest, volume), text)
        guest.terminate()
        volume.wait("available")
        volume.attach(self.other)
        volume.wait_attachment("attached")
        self.assertEqual(self.read(self.other, wait_device(self.other, volume), len(text)), text)

    def test_a_forced_detach_needs_no_guest(self):
        """A guest that holds the device open loses it all the same, and keeps running."""
        volume = self.make()
        volume.attach(self.one)
        volume.wait_attachment("attached")
        device = wait_device(self.one, volume)
        self.one.ssh(f"(exec 3<{device}; sleep 30) >/dev/null 2>&1 &")
        volume.detach(Force=True)
        volume.wait("available", 60)
        volume.attach(self.other)
        volume.wait_attachment("attached")
        self.assertEqual(self.one.ssh("echo alive").stdout.strip(), "alive")

    def test_many_are_made_quickly(self):
        began = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            volumes = list(pool.map(lambda _: Volume(cloud.client("ec2")), range(30)))
        for volume in volumes:
            self.addCleanup(self.clean_up, volume)
        for volume in volumes:
            volume.wait("available")
        print(f"30 volumes available after {time.monotonic() - began:.1f} s")


class VolumeRefusals(VolumeTest):
    def test_what_cannot_be(self):
        ec2 = self.ec2
        self.assert_refused("InvalidZone.NotFound", ec2.create_volume, AvailabilityZone="z", Size=1)
        self.assert_refused(
            "InvalidParameterValue", ec2.create_volume, AvailabilityZone="zone-a", Size=16385)
        self.assert_refused(
            "UnsupportedOperation", ec2.create_volume, AvailabilityZone="zone-a", Size=1,
            Encrypted=True)
        self.assert_refused(
            "InvalidVolume.NotFound", ec2.describe_volumes, VolumeIds=["vol-00000000000000000"])
        volume = self.make()
        self.assert_refused("IncorrectState", ec2.detach_volume, VolumeId=volume.id)
        self.assert_refused(
            "InvalidParameterValue", ec2.attach_volume, VolumeId=volume.id,
            InstanceId=self.one.id, Device="nonsense")
        volume.attach(self.one)
        self.assert_refused("VolumeInUse", ec2.delete_volume, VolumeId=volume.id)
        self.assert_refused(
            "VolumeInUse", ec2.attach_volume, VolumeId=volume.id, InstanceId=self.other.id,
            Device="/dev/sdf")
        self.assert_refused(
            "InvalidAttachment.NotFound", ec2.detach_volume, VolumeId=volume.id,
            InstanceId=self.other.id)
        second = self.make()
        self.assert_refused(
            "InvalidDevice.InUse", ec2.attach_volume, VolumeId=second.id,
            InstanceId=self.one.id, Device="xvdf")
        volume.wait_attachment("attached")


class VolumesOutliveDaemons(VolumeTest):
    """kill -9 of any daemon, in any state: the volume gets where it should, with its bytes."""

    def back(self, name, pid):
        cloud.wait_until(
            f"{name} is started again",
            lambda: cloud.daemon_pid(name) not in (0, pid), BACK_WITHIN_S)

    def kill(self, name):
        pid = cloud.daemon_pid(name)
        cloud.kill_daemon(name)
        self.back(name, pid)
        if name == "clc":
            def answers():
                try:
                    return self.ec2.describe_regions()
                except Exception:  # it is on its way back
                    return None

            cloud.wait_until("EC2 answers again", answers, BACK_WITHIN_S)

    def test_each_daemon_at_each_step(self):
        for name in ("sc", "nc", "clc", "cc"):
            with self.subTest(daemon=name):
                self.one_life(name)

    def one_life(self, name):
        text = uuid.uuid4().hex
        volume = Volume(self.ec2)
        self.addCleanup(self.clean_up, volume)
        self.kill(name)
        volume.wait("available", 60)
        volume.attach(self.one)
        self.kill(name)
        volume.wait_attachment("attached", 90)
        device = wait_device(self.one, volume)
        self.write(self.one, device, text)
        self.kill(name)
        self.assertEqual(self.read(self.one, device, len(text)), text)
        volume.detach()
        self.kill(name)
        volume.wait("available", 90)
        wait_no_device(self.one, volume)
        volume.attach(self.other)
        volume.wait_attachment("attached", 60)
        self.assertEqual(self.read(self.other, wait_device(self.other, volume), len(text)), text)
        volume.detach()
        volume.wait("available", 60)
        self.ec2.delete_volume(VolumeId=volume.id)
        self.kill(name)
        cloud.wait_until(f"{volume.id} gone", volume.gone, 60)

    def test_writing_goes_on_while_the_storage_controller_starts_again(self):
        volume = self.make()
        volume.attach(self.one)
        volume.wait_attachment("attached")
        device = wait_device(self.one, volume)
        self.one.ssh(
            f"(for i in $(seq 1 200); do dd if=/dev/zero of={device} bs=64k count=16 seek=$i "
            "conv=notrunc,fsync 2>/dev/null || { echo failed > /run/writer; exit; }; done; "
            "echo done > /run/writer) >/dev/null 2>&1 &")
        for _ in range(2):
            self.kill("sc")
        cloud.wait_until(
            "the writer's end",
            lambda: self.one.ssh("cat /run/writer", check=False).stdout.strip() or None, 120, 1)
        self.assertEqual(self.one.ssh("cat /run/writer").stdout.strip(), "done")


if __name__ == "__main__":
    unittest.main()
