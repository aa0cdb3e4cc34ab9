"""Daemons that are restarted and a node that loses power: what users have stays."""

import subprocess
import unittest

import cloud
import machines


class Restarts(machines.GuestOnEachNode):
    def guest_on(self, node):
        return next(g for g in self.pair if machines.node_of(g) is node)

    def test_1_a_restart_of_every_daemon_leaves_guests_alone(self):
        before = [node.guests() for node in machines.NODES]
        sessions = [
            subprocess.Popen(
                guest.ssh_command("cat"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            for guest in self.pair
        ]
        try:
            for machine in machines.ALL:
                units = [f"angophora-{daemon}" for daemon in machine.daemons]
                machine.run("systemctl", "restart", *units)
            machines.wait_all_enabled()
            self.assertEqual([node.guests() for node in machines.NODES], before)
            for session in sessions:
                session.stdin.write("still here\n")
                session.stdin.flush()
                self.assertEqual(session.stdout.readline(), "still here\n")
        finally:
            for session in sessions:
                session.kill()
                session.communicate()
        self.assertTrue(self.pair[0].can_connect(self.pair[1].address, 22))

    def test_2_after_a_power_cut_of_its_node_a_guest_is_started_again(self):
        node = machines.NODES[1]
        guest = self.guest_on(node)
        guest.ssh("echo kept > /root/kept; sync")
        boot_id = guest.ssh("cat /proc/sys/kernel/random/boot_id").stdout
        node.power_cut()
        cloud.wait_until(
            "the cloud notices", lambda: machines.services()["node-2"] == "NOTREADY", 30)
        self.assertEqual(guest.describe()["State"]["Name"], "running")
        node.start()
        machines.wait_all_enabled()
        guest.wait_ssh(300)
        self.assertNotEqual(guest.ssh("cat /proc/sys/kernel/random/boot_id").stdout, boot_id)
        self.assertEqual(guest.ssh("cat /root/kept").stdout, "kept\n")
        other = next(g for g in self.pair if g is not guest)
        self.assertTrue(guest.can_connect(other.address, 22))


if __name__ == "__main__":
    unittest.main()
