"""Volumes of two nodes: moved with their data, and a snapshot of one that is being written."""

import os
import subprocess
import tempfile
import unittest
import uuid

import cloud
import machines
import writers
from test_volumes import Volume, wait_device, wait_no_device

DEVICE_MIB = 64  # of the file system, at the volume's beginning

# Files one after the other, each under its name only when it is whole; the last is in /run/files.
FILES = r"""
n=0
while [ ! -e /run/files.stop ]; do
  n=$((n + 1))
  yes "file $n" | head -n 2000 > /mnt/v/new && sync && mv /mnt/v/new /mnt/v/f.$n && sync || break
  echo $n > /run/files.new && mv /run/files.new /run/files
done
touch /run/files.stopped
"""


class Moves(machines.GuestOnEachNode):
    def attached(self, volume, guest):
        volume.attach(guest)
        volume.wait_attachment("attached", 90)
        return wait_device(guest, volume, 60)

    def make(self, **more):
        volume = Volume(self.ec2, **more)
        self.addCleanup(self.clean_up, volume)
        return volume.wait("available", 60)

    def clean_up(self, volume):
        if volume.describe()["Attachments"]:
            volume.detach(Force=True)
        volume.wait("available", 60)
        volume.delete()

    def test_1_a_volume_moves_from_node_to_node_and_back(self):
        self.assertNotEqual(*(machines.node_of(g).name for g in self.pair))
        volume = self.make()
        for number in range(3):
            guest = self.pair[number % 2]
            node = machines.node_of(guest)
            device = self.attached(volume, guest)
            if number > 0:
                read = guest.ssh(f"dd if={device} bs=1M skip=900 count=1 2>/dev/null | head -c {len(text)}")
                self.assertEqual(read.stdout, text)
            text = uuid.uuid4().hex
            guest.ssh(f"printf %s {text} | dd of={device} bs=1M seek=900 conv=notrunc,fsync 2>/dev/null")
            served = machines.ZONE.storage_daemons("nbdkit")[volume.id]
            self.assertEqual(len(served), 1)
            clients = [n.name for n in machines.NODES
                       for _ in n.storage_daemons("qemu-storage-daemon").get(volume.id, [])]
            self.assertEqual(clients, [node.name])
            volume.detach()
            volume.wait("available", 60)
            wait_no_device(guest, volume)
        self.assertNotIn(volume.id, machines.ZONE.storage_daemons("nbdkit"))

    def test_2_guests_of_both_nodes_work_with_their_volumes_and_each_other(self):
        texts = [uuid.uuid4().hex for _ in self.pair]
        devices = [self.attached(self.make(), guest) for guest in self.pair]
        for guest, device, text in zip(self.pair, devices, texts):
            guest.ssh(f"printf %s {text} | dd of={device} bs=4096 conv=notrunc,fsync 2>/dev/null")
        # What is on one guest's volume is fetched by the other over the network.
        for at, guest in enumerate(self.pair):
            other, device = self.pair[1 - at], devices[1 - at]
            other.ssh(f"(head -c 32 {device} | nc -l -p 8090) >/dev/null 2>&1 &")
            fetch = f"nc -w 3 {other.address} 8090 </dev/null"
            fetched = cloud.wait_until(
                "the other's volume", lambda guest=guest, fetch=fetch: guest.ssh(fetch, check=False).stdout, 20)
            self.assertEqual(fetched, texts[1 - at])

    def test_3_a_snapshot_of_a_volume_that_is_being_written_is_a_consistent_file_system(self):
        guest, other = self.pair
        volume = self.make()
        device = self.attached(volume, guest)
        self.put_file_system(guest, device)
        guest.ssh(f"mkdir -p /mnt/v && mount -t ext4 {device} /mnt/v")
        guest.ssh(f"cat > /run/writer <<'E'\n{FILES}E\nsh /run/writer >/dev/null 2>&1 &")
        files = lambda: int(guest.ssh("cat /run/files", check=False).stdout.strip() or 0)
        cloud.wait_until("files", lambda: files() > 2, 60)
        before = files()
        snapshot = self.ec2.create_snapshot(VolumeId=volume.id)["SnapshotId"]
        self.addCleanup(self.ec2.delete_snapshot, SnapshotId=snapshot)
        asked = files()
        cloud.wait_until("more files", lambda: files() > asked + 2, 60)
        self.ec2.get_waiter("snapshot_completed").wait(
            SnapshotIds=[snapshot], WaiterConfig={"Delay": 1, "MaxAttempts": 90})
        guest.ssh("touch /run/files.stop")
        cloud.wait_until("the end", lambda: guest.ssh("ls /run/files.stopped", check=False).stdout, 60)
        after = files()
        copy = self.make(SnapshotId=snapshot)
        found = self.judge(other, self.attached(copy, other))
        print(f"{before} files before the snapshot, {found} in it, {after} at the end")
        self.assertGreaterEqual(found, before)
        self.assertLess(found, after)
        guest.ssh("umount /mnt/v")

    def test_4_both_storage_daemons_outlive_the_controllers(self):
        guest = self.pair[0]
        node = machines.node_of(guest)
        volume = self.make()
        device = self.attached(volume, guest)
        writer = writers.Writer(guest, device, "through", 0)
        before = self.storage_daemons(node, volume)
        # The client has a scope of its own; the server outlives its service, which ends its own process alone.
        scopes = node.shell("systemctl list-units --plain --no-legend --type=scope")
        self.assertRegex(scopes, f"angophora-volume-{guest.id}-{volume.id}.scope +loaded active running")
        for restarts in ((node,), (machines.ZONE,), (node, machines.ZONE)):
            for machine in restarts:
                machine.shell("systemctl restart " + " ".join(f"angophora-{d}" for d in machine.daemons))
            machines.wait_all_enabled()
            writer.goes_on()
            self.assertEqual(self.storage_daemons(node, volume), before)
        writers.check(guest, device, writer, writer.stop())
        volume.detach()
        volume.wait("available", 60)
        self.assertNotIn(volume.id, node.shell("systemctl list-units --plain --no-legend --type=scope"))
        self.assertNotIn(volume.id, node.storage_daemons("qemu-storage-daemon"))
        self.assertNotIn(volume.id, machines.ZONE.storage_daemons("nbdkit"))

    def storage_daemons(self, node, volume):
        """Process ids of the volume's client and server."""
        (client,) = node.storage_daemons("qemu-storage-daemon")[volume.id]
        (server,) = machines.ZONE.storage_daemons("nbdkit")[volume.id]
        return client, server

    def put_file_system(self, guest, device):
        with tempfile.NamedTemporaryFile() as image:
            image.truncate(DEVICE_MIB << 20)
            cloud.run("mke2fs", "-q", "-F", "-t", "ext4", "-J", "size=4", image.name)
            put = guest.ssh_command(f"gzip -dc | dd of={device} bs=1M conv=notrunc,fsync 2>/dev/null")
            subprocess.run(["sh", "-c", 'gzip -c "$0" | "$@"', image.name, *put], check=True, timeout=120)

    def judge(self, guest, device):
        """How many files there are; each must be whole, and the file system as after a power cut."""
        with tempfile.NamedTemporaryFile() as image:
            get = guest.ssh_command(f"dd if={device} bs=1M count={DEVICE_MIB} 2>/dev/null | gzip -1")
            subprocess.run(["sh", "-c", '"$@" | gzip -dc > "$0"', image.name, *get], check=True, timeout=180)
            self.assertEqual(os.path.getsize(image.name), DEVICE_MIB << 20)
            cloud.run("e2fsck", "-E", "journal_only", "-y", image.name)
            cloud.run("e2fsck", "-f", "-n", image.name)
        guest.ssh(f"mkdir -p /mnt/v && mount -t ext4 {device} /mnt/v")
        names = guest.ssh("ls /mnt/v").stdout.split()
        numbers = sorted(int(name[2:]) for name in names if name.startswith("f."))
        self.assertEqual(numbers, list(range(1, len(numbers) + 1)))
        broken = guest.ssh(
            "cd /mnt/v; for f in f.*; do "
            "[ \"$(sort -u $f)\" = \"file ${f#f.}\" ] && [ $(wc -l < $f) = 2000 ] || echo $f; done").stdout
        self.assertEqual(broken, "")
        guest.ssh("umount /mnt/v")
        return len(numbers)


if __name__ == "__main__":
    unittest.main()
