"""Each machine in turn is switched off, loses its power and is cut off from the network while guests of both nodes
write to volumes; then it comes back. Nothing is lost, nothing runs twice, no volume is written by two."""

import time
import unittest

import cloud
import machines
import writers
from test_volumes import Volume, wait_device

# How long it is away once the cloud has noticed.
AWAY_S = 8


class Outages(machines.GuestOnEachNode):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for guest, node in zip(cls.pair, machines.NODES):
            # Whoever else is away.
            cls.addClassCleanup(cls.route, "del", guest, node)
            cls.route("add", guest, node)
        cls.volumes = []
        for guest in cls.pair:
            volume = Volume(cls.ec2)
            cls.addClassCleanup(cls.give_back, volume)
            cls.volumes.append(volume.wait("available"))
            volume.attach(guest)
        cls.devices = []
        for guest, volume in zip(cls.pair, cls.volumes):
            volume.wait_attachment("attached")
            cls.devices.append(wait_device(guest, volume))
        cls.parts = 0
        cls.promised = {volume.id: [] for volume in cls.volumes}  # writers, and what they had acknowledged

    @staticmethod
    def route(verb, guest, node):
        cloud.run("ip", "route", verb, f"{guest.address}/32", "via", node.address)

    @classmethod
    def give_back(cls, volume):
        if volume.describe()["Attachments"]:
            volume.detach(Force=True)
        volume.wait("available", 60)
        volume.delete()

    # --- what happens ---

    def begin_to_write(self):
        type(self).parts += 1
        return [writers.Writer(guest, device, f"w{at}-{self.parts}", self.parts)
                for at, (guest, device) in enumerate(zip(self.pair, self.devices))]

    def away(self, machine, how):
        """The machine is away and back; whether its guests went through it."""
        if how == "cut off":
            with machine.cut_off():
                self.wait_noticed(machine)
                time.sleep(AWAY_S)
            return True
        machine.power_off() if how == "switched off" else machine.power_cut()
        self.wait_noticed(machine)
        time.sleep(AWAY_S)
        machine.start()
        return machine not in machines.NODES

    def wait_noticed(self, machine):
        if machine is machines.FRONT:
            return  # nobody there to notice
        names = {"zone": {"cc-1", "sc-1"}}.get(machine.name, {machine.name})

        def noticed():
            states = machines.services()
            return not [name for name in names if states[name] == "ENABLED"]

        cloud.wait_until(f"the cloud misses {machine.name}", noticed, 30, 0.5)

    def outage(self, machine, how):
        writing = self.begin_to_write()
        known = [writer.acknowledged() for writer in writing]
        began = time.monotonic()
        with machines.RunsOnce() as once:
            guests_live = self.away(machine, how)
            machines.wait_all_enabled()
            self.all_is_there(machine, guests_live)
        self.assertEqual(once.twice, set())
        self.assertGreater(once.looks, 0)
        back = time.monotonic() - began
        for at, writer in enumerate(writing):
            if guests_live or machines.NODES[at] is not machine:
                writer.goes_on(90)
                known[at] = writer.stop()
            self.promised[self.volumes[at].id].append((writer, known[at]))
        self.check_volumes()
        print(f"{machine.name} {how}: all as before {back:.0f} s after it began, {known} blocks written", flush=True)

    # --- what must be true afterwards ---

    def all_is_there(self, machine, guests_live):
        for guest, node in zip(self.pair, machines.NODES):
            if node is machine and not guests_live:
                guest.wait_ssh(300)
            elif guest.ssh("true", check=False).returncode != 0:
                guest.wait_ssh(120)
            self.assertEqual(guest.describe()["State"]["Name"], "running")
            self.assertEqual([n.name for n in machines.NODES if guest.id in n.guests()], [node.name])
        for volume, guest in zip(self.volumes, self.pair):
            described = volume.describe()
            self.assertEqual(described["State"], "in-use")
            self.assertEqual([(a["State"], a["InstanceId"]) for a in described["Attachments"]],
                             [("attached", guest.id)])
        for at, guest in enumerate(self.pair):
            type(self).devices[at] = wait_device(guest, self.volumes[at], 60)
            other = self.pair[1 - at]
            cloud.wait_until(
                f"{guest.id} reaches {other.id}",
                lambda guest=guest, other=other: guest.can_connect(other.address, 22), 60)
        self.check_daemons()

    def check_daemons(self):
        served = machines.ZONE.storage_daemons("nbdkit")
        for volume, node in zip(self.volumes, machines.NODES):
            self.assertEqual(len(served.get(volume.id, [])), 1, served)
            clients = [n.name for n in machines.NODES
                       for _ in n.storage_daemons("qemu-storage-daemon").get(volume.id, [])]
            self.assertEqual(clients, [node.name])

    def check_volumes(self):
        """All that any writer was ever told to be on disk."""
        for guest, device, volume in zip(self.pair, self.devices, self.volumes):
            for writer, acknowledged in self.promised[volume.id]:
                with self.subTest(volume=volume.id, writer=writer.who):
                    writers.check(guest, device, writer, acknowledged)

    # --- the tests ---

    def test_1_the_front_is_away(self):
        for how in ("cut off", "switched off", "power cut"):
            with self.subTest(how):
                self.outage(machines.FRONT, how)

    def test_2_the_zone_is_away(self):
        for how in ("cut off", "switched off", "power cut"):
            with self.subTest(how):
                self.outage(machines.ZONE, how)

    def test_3_a_node_is_away(self):
        for node, how in ((machines.NODES[0], "cut off"), (machines.NODES[1], "switched off"),
                          (machines.NODES[0], "power cut"), (machines.NODES[1], "cut off")):
            with self.subTest(f"{node.name} {how}"):
                self.outage(node, how)

    def test_4_a_volume_of_a_node_that_is_cut_off_moves_to_another(self):
        """Its guest goes on writing there, unreachable: nothing of that reaches the volume any more."""
        here, there = self.pair
        volume = self.make_and_attach(here, "/dev/sdh")
        device = wait_device(here, volume)
        writer = writers.Writer(here, device, "first", 0)
        known = writer.acknowledged()
        with machines.NODES[0].cut_off(), machines.RunsOnce() as once:
            self.wait_noticed(machines.NODES[0])
            began = time.monotonic()
            volume.detach(Force=True)
            volume.wait("available", 60)
            print(f"taken from a node that is cut off after {time.monotonic() - began:.1f} s")
            volume.attach(there, "/dev/sdh")
            volume.wait_attachment("attached")
            device = wait_device(there, volume)
            writers.check(there, device, writer, max(known, 1))
            before = writers.read(there, device, writer.first, writers.BLOCKS // 4)
            second = writers.Writer(there, device, "second", 1)
        machines.wait_all_enabled()
        here.wait_ssh(120)
        cloud.wait_until(
            "the first node lets go",
            lambda: volume.id not in machines.NODES[0].storage_daemons("qemu-storage-daemon"), 60)
        second.goes_on()
        written = second.stop()
        writers.check(there, device, second, written)
        after = writers.read(there, device, writer.first, writers.BLOCKS // 4)
        self.assertEqual(before, after, "the first guest wrote to a volume that it had no more")
        self.assertEqual(once.twice, set())
        self.assertEqual(here.describe()["State"]["Name"], "running")

    def make_and_attach(self, guest, device):
        volume = Volume(self.ec2)
        self.addCleanup(self.give_back, volume)
        volume.wait("available").attach(guest, device)
        volume.wait_attachment("attached")
        return volume


if __name__ == "__main__":
    unittest.main()
