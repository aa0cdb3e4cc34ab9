"""The life of one guest: boot, key, user data, network, console, the end without leftovers."""

import json
import socket
import subprocess
import time
import unittest
import uuid

import boto3
import botocore.credentials
import botocore.utils

import cloud


class InstanceLife(cloud.CloudTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        user_data = "#!/bin/sh\necho from-user-data > /run/proof\n"
        cls.guest = cls.start_guest(UserData=user_data).wait_running().wait_ssh()

    def test_runs_the_user_data(self):
        self.assertEqual(self.guest.ssh("cat /run/proof").stdout.strip(), "from-user-data")

    def test_knows_itself_from_metadata(self):
        read = "wget -q -O - http://169.254.169.254/latest/meta-data/"
        for key, expected in (
            ("instance-id", self.guest.id),
            ("local-ipv4", self.guest.address),
            ("ami-id", cloud.image_id()),
            ("placement/availability-zone", "zone-a"),
            ("placement/region", cloud.ENVIRONMENT["AWS_DEFAULT_REGION"]),
        ):
            self.assertEqual(self.guest.ssh(read + key).stdout.strip(), expected, key)

    def test_boto3_in_the_guests_place_works_with_its_role(self):
        """Through a tunnel into the guest boto3's own fetcher asks the real metadata service."""
        iam = cloud.client("iam")
        name = "guest-" + uuid.uuid4().hex[:8]
        trust = {"Statement": {"Effect": "Allow", "Action": "sts:AssumeRole",
                               "Principal": {"Service": "ec2.amazonaws.com"}}}
        may = {"Statement": {"Effect": "Allow", "Action": "ec2:DescribeRegions", "Resource": "*"}}
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
        self.addCleanup(iam.delete_role, RoleName=name)
        iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=json.dumps(may))
        self.addCleanup(iam.delete_role_policy, RoleName=name, PolicyName="p")
        iam.create_instance_profile(InstanceProfileName=name)
        self.addCleanup(iam.delete_instance_profile, InstanceProfileName=name)
        iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=name)
        association = self.ec2.associate_iam_instance_profile(
            InstanceId=self.guest.id, IamInstanceProfile={"Name": name},
        )["IamInstanceProfileAssociation"]["AssociationId"]
        shown = self.guest.describe()["IamInstanceProfile"]["Arn"]
        self.assertTrue(shown.endswith(f":instance-profile/{name}"), shown)
        with self.guest.tunnel("169.254.169.254", 80) as port:
            fetcher = botocore.utils.InstanceMetadataFetcher(
                timeout=5, num_attempts=1, base_url=f"http://127.0.0.1:{port}/")
            provider = botocore.credentials.InstanceMetadataProvider(iam_role_fetcher=fetcher)
            cloud.wait_until("credentials in the guest", provider.load, 30)
            found = provider.load().get_frozen_credentials()
            as_guest = boto3.client(
                "ec2", endpoint_url=cloud.ENVIRONMENT["EC2_URL"], region_name="angophora",
                aws_access_key_id=found.access_key, aws_secret_access_key=found.secret_key,
                aws_session_token=found.token)
            self.assertTrue(as_guest.describe_regions()["Regions"])
            self.assert_refused("UnauthorizedOperation", as_guest.describe_volumes)
            self.ec2.disassociate_iam_instance_profile(AssociationId=association)
            iam.remove_role_from_instance_profile(InstanceProfileName=name, RoleName=name)
            cloud.wait_until("no credentials in the guest", lambda: not provider.load(), 30)

    def test_console_shows_the_boot(self):
        cloud.wait_until("READY on the console", lambda: "GUEST READY" in self.guest.console(), 30)

    def test_a_closed_port_stays_closed(self):
        self.guest.ssh("nc -ll -p 8080 -e true >/dev/null 2>&1 &")
        probe = ["nc", "-z", "-w", "2", self.guest.address]
        self.assertNotEqual(subprocess.run(probe + ["8080"], check=False).returncode, 0)
        self.assertEqual(subprocess.run(probe + ["22"], check=False).returncode, 0)

    def test_cannot_reach_the_nodes_own_services(self):
        gateway = self.guest.ssh("ip route | awk '/default/ {print $3}'").stdout.strip()
        for port in (8773, 8774, 8775, 8776, 8778, 8779, 9775, 22):
            self.assertFalse(
                self.guest.can_connect(gateway, port), f"port {port} of {gateway} answers a guest")

    def test_two_guests_meet_only_through_an_open_port(self):
        other = self.start_guest().wait_running().wait_ssh()
        self.assertTrue(self.guest.can_connect(other.address, 22))
        other.ssh("nc -ll -p 8081 -e true >/dev/null 2>&1 &")
        self.assertTrue(other.can_connect("127.0.0.1", 8081))
        # The default group lets its members talk to each other.
        self.assertTrue(self.guest.can_connect(other.address, 8081))
        group = self.ec2.create_security_group(GroupName="apart", Description="apart")["GroupId"]
        self.ec2.authorize_security_group_ingress(
            GroupId=group, IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="0.0.0.0/0")
        apart = self.start_guest(SecurityGroupIds=[group]).wait_running().wait_ssh()
        self.assertFalse(apart.can_connect(other.address, 8081))
        self.assertTrue(apart.can_connect(other.address, 22))
        apart.terminate()
        self.ec2.delete_security_group(GroupId=group)
        with cloud.public_pool("198.51.100.7"):
            self.a_public_address_moves(self.guest, other)
        other.terminate()
        self.assertNotIn("198.51.100.7", cloud.run("nft", "list", "ruleset").stdout)

    def a_public_address_moves(self, one, two):
        """From one to two within 3 s; connections end, both reach it, and two's end leaves nothing."""
        ec2 = self.ec2
        default = ec2.describe_security_groups(GroupNames=["default"])["SecurityGroups"][0]["GroupId"]
        rule = {"GroupId": default, "IpProtocol": "tcp", "FromPort": 8090, "ToPort": 8091,
                "CidrIp": "0.0.0.0/0"}
        ec2.authorize_security_group_ingress(**rule)
        self.addCleanup(ec2.revoke_security_group_ingress, **rule)
        address = ec2.allocate_address(Domain="vpc")
        public = address["PublicIp"]
        for guest in (one, two):
            guest.ssh(f"nc -ll -p 8090 -e echo {guest.id} >/dev/null 2>&1 & nc -ll -p 8091 -e cat >/dev/null 2>&1 &")

        def who_answers():
            try:
                with socket.create_connection((public, 8090), timeout=1) as connection:
                    return connection.recv(64).decode().strip()
            except OSError:
                return None

        def give_to(guest):
            """Seconds until it answers under the address."""
            begin = time.monotonic()
            ec2.associate_address(AllocationId=address["AllocationId"], InstanceId=guest.id)
            cloud.wait_until(f"{public} leads to {guest.id}", lambda: who_answers() == guest.id, 10, 0.02)
            return time.monotonic() - begin

        def echoes(connection):
            try:
                connection.sendall(b"word")
                return connection.recv(4) == b"word"
            except OSError:
                return False

        self.assertLess(give_to(one), 3)
        metadata = "wget -q -O - http://169.254.169.254/latest/meta-data/public-ipv4"
        self.assertEqual(one.ssh(metadata).stdout.strip(), public)
        self.assertEqual(one.describe()["PublicIpAddress"], public)
        for guest in (one, two):
            self.assertTrue(guest.can_connect(public, 8091), f"from {guest.id}")
        with socket.create_connection((public, 8091), timeout=2) as held:
            self.assertTrue(echoes(held))
            took = give_to(two)
            print(f"moved in {took * 1000:.0f} ms")
            self.assertLess(took, 3)
            cloud.wait_until("the connection to the old holder ends", lambda: not echoes(held), 3)
        self.assertNotIn("PublicIpAddress", one.describe())
        two.terminate()
        shown = ec2.describe_addresses(PublicIps=[public])["Addresses"][0]
        self.assertNotIn("InstanceId", shown)

    def restarted(self, guest, restart):
        """Waits until `guest` runs another kernel than before `restart`; what it had written is there."""
        boot_id = "cat /proc/sys/kernel/random/boot_id"
        before = guest.ssh(boot_id + "; echo kept > /root/kept; sync").stdout
        restart()
        guest.hang_up()

        def back():
            done = guest.ssh(boot_id, check=False)
            return done.returncode == 0 and done.stdout != before

        cloud.wait_until("the guest after its restart", back, 240)
        self.assertEqual(guest.ssh("cat /root/kept").stdout, "kept\n")
        self.assertEqual(guest.describe()["State"]["Name"], "running")

    def test_reboot_brings_it_back(self):
        guest = self.start_guest().wait_running().wait_ssh()
        self.restarted(guest, lambda: self.ec2.reboot_instances(InstanceIds=[guest.id]))
        self.restarted(guest, lambda: guest.ssh("reboot", check=False))
        guest.terminate()

    def test_a_domain_destroyed_by_hand_is_started_again(self):
        guest = self.start_guest().wait_running().wait_ssh()
        destroy = ("virsh", "-q", "-c", "qemu:///system", "destroy", guest.id)
        self.restarted(guest, lambda: cloud.run(*destroy))

        def destroy_unseen():
            cloud.kill_daemon("nc")
            cloud.run(*destroy)

        self.restarted(guest, destroy_unseen)
        guest.terminate()


class InstanceEnd(cloud.CloudTest):
    def test_ends_when_its_user_powers_it_off(self):
        guest = self.start_guest().wait_running().wait_ssh()
        guest.ssh("poweroff", check=False)
        guest.hang_up()
        cloud.wait_until(
            "its end", lambda: guest.describe()["State"]["Name"] == "terminated", 120)
        self.assertEqual(
            guest.describe()["StateReason"]["Code"], "Client.InstanceInitiatedShutdown")

    def test_terminate_frees_everything(self):
        guest = self.start_guest().wait_running()
        mac = guest.describe()["NetworkInterfaces"][0]["MacAddress"]
        self.assertIn(guest.id, cloud.domains())
        guest.terminate()
        self.assertNotIn(guest.id, cloud.domains())

        def leftovers():
            found = []
            for command in (["ip", "-br", "link"], ["nft", "list", "ruleset"], ["ip", "route"]):
                text = cloud.run(*command).stdout
                if guest.address in text or mac in text or guest.id in text:
                    found.append(command)
            files = cloud.run("find", cloud.DIR + "/nc", "-name", f"*{guest.id}*").stdout.split()
            # The record stays for a while, so that a late order finds that it ended.
            return found + [f for f in files if not f.endswith(".json")]

        cloud.wait_until("no leftovers", lambda: not leftovers(), 10)


if __name__ == "__main__":
    unittest.main()
