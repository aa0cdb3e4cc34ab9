"""Guests of two nodes: where they run, as whom, and whom they reach."""

import unittest

import cloud
import machines


class GuestsOfTwoNodes(machines.GuestOnEachNode):
    def test_each_node_runs_one(self):
        self.assertEqual(
            {machines.node_of(guest).name for guest in self.pair}, {"node-1", "node-2"})

    def test_they_reach_each_other(self):
        for guest, other in (self.pair, self.pair[::-1]):
            other.ssh("nc -ll -p 8081 -e true >/dev/null 2>&1 &")
            cloud.wait_until("its port", lambda other=other: other.can_connect("127.0.0.1", 8081), 10)
            self.assertTrue(guest.can_connect(other.address, 8081))

    def test_a_guest_of_another_group_does_not_get_in(self):
        group = self.ec2.create_security_group(GroupName="apart", Description="apart")["GroupId"]
        self.ec2.authorize_security_group_ingress(
            GroupId=group, IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="0.0.0.0/0")
        apart = self.start_guest(SecurityGroupIds=[group]).wait_running(120).wait_ssh(300)
        mine = machines.node_of(apart)
        far = next(g for g in self.pair if machines.node_of(g) is not mine)
        far.ssh("nc -ll -p 8082 -e true >/dev/null 2>&1 &")
        cloud.wait_until("its port", lambda: far.can_connect("127.0.0.1", 8082), 10)
        self.assertFalse(apart.can_connect(far.address, 8082))
        self.assertTrue(apart.can_connect(far.address, 22))
        # Nor under the address of one who may.
        member = next(g for g in self.pair if g is not far)
        ping = f"ping -c 1 -W 3 -I {{}} {far.address}"
        self.assertEqual(member.ssh(ping.format(member.address), check=False).returncode, 0)
        apart.ssh(f"ip addr add {member.address}/32 dev eth0")
        self.assertNotEqual(apart.ssh(ping.format(member.address), check=False).returncode, 0)
        apart.terminate()
        cloud.wait_until("no route to it", lambda: not self.routes_to(apart.address), 10)
        self.ec2.delete_security_group(GroupId=group)

    def routes_to(self, address):
        return [n.name for n in machines.NODES if address in n.run("ip", "route").stdout]

    def test_run_as_the_hypervisors_user_and_are_closed_to_others(self):
        for guest in self.pair:
            node = machines.node_of(guest)
            pid = node.guests()[guest.id]
            owner = node.run("ps", "-o", "user:32=", "-p", str(pid)).stdout.strip()
            self.assertEqual(owner, "libvirt-qemu")
            folder = f"/var/lib/angophora/nc/instances/{guest.id}"
            files = node.run("find", folder, "-type", "f").stdout.split()
            self.assertTrue(files)
            for file in files:
                peek = node.run("runuser", "-u", "nobody", "--", "head", "-c", "1", file, check=False)
                self.assertNotEqual(peek.returncode, 0, f"anybody reads {file}")


if __name__ == "__main__":
    unittest.main()
