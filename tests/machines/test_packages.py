"""The packages themselves: users, hardening, upgrade, removal, purge. In this order."""

import unittest

import cloud
import machines


class Packages(cloud.CloudTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.guest = cls.start_guest().wait_running(120).wait_ssh(300)
        cls.node = machines.node_of(cls.guest)

    @classmethod
    def tearDownClass(cls):
        pass  # the last test leaves no cloud that could terminate instances

    def test_1_daemons_run_under_their_own_user(self):
        for machine in machines.ALL:
            for daemon in machine.daemons:
                pid = machine.main_pid(daemon)
                user = machine.run("ps", "-o", "user:32=", "-p", str(pid)).stdout.strip()
                self.assertEqual(user, "root" if daemon == "nc" else "angophora", daemon)
                state = machine.run("stat", "-c", "%U %a", f"/var/lib/angophora/{daemon}").stdout
                self.assertEqual(state, f"{user} {'711' if daemon == 'nc' else '700'}\n")

    def test_2_units_are_hardened(self):
        for machine in machines.ALL:
            for daemon in machine.daemons:
                # In tenths: 0 is sealed, 100 open.
                limit = "70" if daemon == "nc" else "20"
                machine.run(
                    "systemd-analyze", "security", "--no-pager", f"--threshold={limit}",
                    f"angophora-{daemon}.service")

    def test_3_secrets_are_closed_to_other_users(self):
        for machine in machines.ALL:
            for daemon in machine.daemons:
                keys = machine.shell(
                    f"find /var/lib/angophora/{daemon} -name '*.key' -o -name '*.db'").split()
                self.assertTrue(keys, daemon)
                for key in keys:
                    peek = machine.run("runuser", "-u", "nobody", "--", "cat", key, check=False)
                    self.assertNotEqual(peek.returncode, 0, f"anybody reads {key}")

    def test_4_an_upgrade_keeps_state_settings_and_guests(self):
        pids = [node.guests() for node in machines.NODES]
        front = machines.FRONT
        settings = front.shell("cat /etc/angophora/angophora-clc.toml")
        before = [(m, d, m.main_pid(d)) for m in machines.ALL for d in m.daemons]
        machines.ZONE.shell("systemctl disable --now angophora-sc")
        for machine in machines.ALL:
            machine.install(machines.NEWER)
            version = machine.run("dpkg-query", "-W", "-f", "${Version}", "angophora-common").stdout
            self.assertTrue(version.endswith("+newer"), version)
        # What the administrator switched off stays off.
        state = machines.ZONE.run("systemctl", "is-active", "angophora-sc", check=False).stdout
        self.assertEqual(state, "inactive\n")
        machines.ZONE.shell("systemctl enable --now angophora-sc")
        machines.wait_all_enabled()
        for machine, daemon, pid in before:
            self.assertNotEqual(machine.main_pid(daemon), pid, f"the old {daemon} still runs")
        self.assertEqual([node.guests() for node in machines.NODES], pids)
        self.assertEqual(front.shell("cat /etc/angophora/angophora-clc.toml"), settings)
        self.assertEqual(self.guest.describe()["State"]["Name"], "running")
        self.assertEqual(self.guest.ssh("echo here").stdout, "here\n")

    def test_5_removal_keeps_guests_and_installing_again_finds_them(self):
        pids = self.node.guests()
        self.node.shell("apt-get -y remove angophora-nc", limit_s=300)
        self.assertEqual(self.node.guests(), pids)
        self.assertEqual(self.guest.ssh("echo here").stdout, "here\n")
        self.node.install(machines.NEWER)
        machines.wait_all_enabled()
        self.assertEqual(self.node.guests(), pids)
        self.guest.ec2.reboot_instances(InstanceIds=[self.guest.id])
        self.guest.wait_ssh(300)

    def test_6_a_purge_leaves_nothing(self):
        self.assertTrue(self.node.guests())
        for machine in machines.ALL:
            machine.shell("apt-get -y purge 'angophora-*'", limit_s=300)
            for what, command in {
                "files": "find / -xdev \\( -path /root -o -path /proc \\) -prune -o "
                         "-iname '*angophora*' -print",
                "processes": "ps -eo args= | grep -E 'angophora|qemu-system' | grep -v grep || true",
                "links": "ip -brief link | grep ango || true",
                "routes": "ip route show proto 173",
                "rules": "! command -v nft >/dev/null || nft list ruleset",
                "account": "getent passwd angophora || true",
                "domains": "! command -v virsh >/dev/null || virsh -q list --all",
                "failed units": "systemctl --failed --plain --no-legend",
            }.items():
                left = machine.shell(command).strip()
                self.assertEqual(left, "", f"{what} on {machine.name}")
        self.assertEqual(self.node.shell("cat /proc/sys/net/ipv4/ip_forward"), "0\n")


if __name__ == "__main__":
    unittest.main()
