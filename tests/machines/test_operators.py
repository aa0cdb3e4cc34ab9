"""What the one who runs the cloud does: looks at it, gives up a node for lost, and brings the cloud controller back
from a backup on a blank machine. In this order."""

import json
import os
import shutil
import unittest
import uuid

import cloud
import machines
import writers
from test_volumes import Volume, wait_device


class Operators(machines.GuestOnEachNode):
    @classmethod
    def tearDownClass(cls):
        cls.guests = [g for g in cls.guests if g.describe()["State"]["Name"] != "terminated"]
        super().tearDownClass()

    def attached(self, guest, device="/dev/sdf"):
        volume = Volume(self.ec2)
        self.addCleanup(self.give_back, volume)
        volume.wait("available").attach(guest, device)
        volume.wait_attachment("attached")
        return volume

    @staticmethod
    def give_back(volume):
        if volume.gone():
            return
        if volume.describe()["Attachments"]:
            volume.detach(Force=True)
        volume.wait("available", 60)
        volume.delete()

    def status(self):
        """Exit status and what is not well."""
        done = machines.FRONT.angophora("status", "--json", check=False)
        return done.returncode, json.loads(done.stdout)

    def test_1_status_shows_the_whole_cloud(self):
        cloud.wait_until("all well", lambda: self.status()[0] == 0, 30, 1)
        text = machines.FRONT.angophora("status").stdout
        for name in ("walrus-1", "cc-1", "sc-1", "node-1", "node-2", "zone-a"):
            self.assertIn(name, text)
        # What is wrong comes first, in words, and shows in the exit status.
        machines.ZONE.shell("systemctl stop angophora-sc")
        try:
            cloud.wait_until("missed", lambda: self.status()[0] == 1, 30, 1)
            done = machines.FRONT.angophora("status", check=False)
            self.assertEqual(done.returncode, 1)
            self.assertIn("storage sc-1 is ", done.stdout)
        finally:
            machines.ZONE.shell("systemctl start angophora-sc")
        cloud.wait_until("all well again", lambda: self.status()[0] == 0, 60, 1)

    def test_2_doctor_finds_each_machine_well_and_what_is_not(self):
        for machine in machines.ALL:
            with self.subTest(machine.name):
                done = machine.run("angophora", "doctor", check=False)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        zone = machines.ZONE
        for what, hurt, heal, said in (
            ("a daemon that does not run", "systemctl stop angophora-cc", "systemctl start angophora-cc", "cc"),
            ("a key that others read", "chmod 644 /var/lib/angophora/sc/keys/*.key",
             "chmod 600 /var/lib/angophora/sc/keys/*.key", "/var/lib/angophora/sc/keys/"),
        ):
            with self.subTest(what):
                zone.shell(hurt)
                try:
                    done = zone.run("angophora", "doctor", check=False)
                    self.assertEqual(done.returncode, 1, done.stdout)
                    self.assertIn(said, done.stdout)
                finally:
                    zone.shell(heal)
        machines.wait_all_enabled()

    def test_3_a_node_that_is_lost_for_good_gives_up_its_volumes(self):
        kept, lost = self.pair
        node = machines.NODES[1]
        volume = self.attached(lost)
        writer = writers.Writer(lost, wait_device(lost, volume), "lost", 0)
        known = writer.acknowledged()
        node.power_cut()
        cloud.wait_until("missed", lambda: machines.services()["node-2"] == "NOTREADY", 30)
        refused = machines.FRONT.angophora("service", "deregister", "node-2", check=False)
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("--force", refused.stdout + refused.stderr)
        machines.FRONT.angophora("service", "deregister", "node-2", "--force")
        self.assertNotIn("node-2", machines.services())
        self.assertEqual(lost.describe()["State"]["Name"], "terminated")
        volume.wait("available", 60)
        volume.attach(kept)
        volume.wait_attachment("attached")
        writers.check(kept, wait_device(kept, volume), writer, known)
        volume.detach()
        volume.wait("available")
        # It was not: it comes back, as a stranger, and may come in again as a new one. What it ran is over.
        node.start()
        node.enrol("node-2", "nc", "--type", "node", "--zone", "zone-a")
        node.shell("systemctl restart angophora-nc")
        machines.wait_all_enabled()
        cloud.wait_until("the old guest ends", lambda: lost.id not in node.guests(), 90, 1)
        cloud.wait_until("all well", lambda: self.status()[0] == 0, 60, 1)
        self.assertEqual(volume.describe()["State"], "available")

    def test_4_the_cloud_controller_comes_back_on_a_blank_machine(self):
        front, guest = machines.FRONT, self.pair[0]
        known = self.attached(guest, "/dev/sdg")
        device = wait_device(guest, known)
        secret = uuid.uuid4().hex
        front.shell(f"echo {secret} > passphrase; chmod 600 passphrase")
        front.angophora("backup", "cloud.backup", "--passphrase-file", "passphrase")
        front.angophora("restore", "--check", "cloud.backup", "--passphrase-file", "passphrase")
        forgotten = self.attached(guest, "/dev/sdh")
        late = self.ec2.create_key_pair(KeyName="late")
        writer = writers.Writer(guest, device, "through", 0)
        running = {node.name: node.guests() for node in machines.NODES}
        self.replace_front()
        front.shell("systemctl stop angophora-clc")
        refused = front.angophora(
            "restore", "cloud.backup", "--passphrase-file", "passphrase", check=False)
        self.assertNotEqual(refused.returncode, 0)  # there is the state of the fresh installation
        front.angophora("restore", "cloud.backup", "--passphrase-file", "passphrase", "--replace")
        front.shell("systemctl start angophora-clc")
        front.shell("angophora credentials --host 192.0.2.1 --s3-host 192.0.2.1 --out credentials")
        machines.wait_all_enabled(120)
        # Guests went on, also writing, and are known; so are their volumes.
        self.assertEqual({node.name: node.guests() for node in machines.NODES}, running)
        self.assertEqual(guest.describe()["State"]["Name"], "running")
        known.wait_attachment("attached", 60)
        writer.goes_on()
        writers.check(guest, device, writer, writer.stop())
        # What came after the backup is named and left alone.
        self.assertNotIn("late", [k["KeyName"] for k in self.ec2.describe_key_pairs()["KeyPairs"]])
        self.assertEqual(late["KeyName"], "late")
        code, told = cloud.wait_until("what is unknown", self.unknown_volumes, 60, 1)
        self.assertEqual(code, 1)
        self.assertEqual(told, [forgotten.id])
        self.assertIn(forgotten.id, machines.ZONE.storage_daemons("nbdkit"))
        # And the cloud works: a new guest from the old images, a volume with a snapshot.
        self.start_guest().wait_running(120).wait_ssh(300)
        another = self.attached(guest, "/dev/sdi")
        another.detach()
        another.wait("available")

    def unknown_volumes(self):
        code, status = self.status()
        found = [v for storage in status["storage"] for v in storage["unknown_volumes"]]
        return (code, found) if found else None

    def replace_front(self):
        """Its machine is lost, but for the object store's disk and what was kept elsewhere: another one comes, blank."""
        front = machines.FRONT
        keep = os.path.join(machines.DIR, "bed", "kept")
        old = os.path.join(machines.DIR, "bed", front.name)
        os.makedirs(keep)
        for path in ("root/cloud.backup", "root/passphrase", "etc/angophora/angophora-clc.toml"):
            shutil.copy(os.path.join(old, "root", path), keep)
        front.power_cut()
        walrus = os.path.join(old, "over/var/lib/angophora/walrus")
        cloud.run("cp", "-a", walrus, os.path.join(keep, "walrus"))
        shutil.rmtree(os.path.join(old, "over"))
        shutil.rmtree(os.path.join(old, "work"))
        front.start()
        front.install(machines.PACKAGES)
        for file in ("cloud.backup", "passphrase"):
            front.put(os.path.join(keep, file))
        front.put(os.path.join(keep, "angophora-clc.toml"))
        front.shell("cp angophora-clc.toml /etc/angophora/; systemctl stop angophora-walrus; "
                    "rm -rf /var/lib/angophora/walrus")
        with_owner = os.path.join(old, "root/var/lib/angophora/walrus")
        cloud.run("cp", "-a", os.path.join(keep, "walrus"), with_owner)
        front.shell("chown -R angophora: /var/lib/angophora/walrus; chmod 700 /var/lib/angophora/walrus; "
                    "systemctl start angophora-walrus; systemctl restart angophora-clc")


if __name__ == "__main__":
    unittest.main()
