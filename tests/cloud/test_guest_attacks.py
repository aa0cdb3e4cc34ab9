"""What a guest may try against the node, its neighbours and the services for guests, from inside a
real one: nothing of it works, and afterwards everybody is served as before."""

import subprocess
import unittest

import cloud

METADATA = "169.254.169.254"


class GuestAttacks(cloud.CloudTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.guest = cls.start_guest(UserData="the attacker's").wait_running()
        cls.victim = cls.start_guest(UserData="the victim's secret").wait_running()
        for guest in (cls.guest, cls.victim):
            guest.wait_ssh()

    def tearDown(self):
        # Whatever was tried: both guests are who they were, and are served.
        for guest in (self.guest, self.victim):
            self.assertEqual(self.read(guest, "meta-data/instance-id"), guest.id)
        self.assertTrue(self.victim.can_connect(self.guest.address, 22))

    def read(self, guest, path):
        return guest.ssh(f"timeout 6 wget -q -O - http://{METADATA}/latest/{path}", check=False).stdout

    def say(self, text, address=METADATA, port=80, limit_s=4):
        """What comes back when the guest sends this text (with the shell's escapes)."""
        command = f"printf '{text}' | nc -w {limit_s} {address} {port} 2>/dev/null | head -c 3000"
        return self.guest.ssh(command, check=False).stdout

    def open_ports(self, address, ports):
        checks = "; ".join(
            f"(nc -w 2 {address} {port} -e true 2>/dev/null && echo {port}) &" for port in ports)
        return self.guest.ssh(checks.replace("&;", "&") + " wait").stdout.split()

    def test_no_address_of_the_node_answers_but_for_guests(self):
        gateway = self.guest.ssh("ip route | awk '/default/ {print $3}'").stdout.strip()
        ports = (22, 80, 67, 111, 8773, 8774, 8775, 8776, 8777, 8778, 8779, 8780, 9773, 9775, 16509, 16514, 5900)
        for address in (gateway, METADATA, "169.254.168.254"):
            with self.subTest(address):
                self.assertEqual(
                    self.open_ports(address, [p for p in ports if (address, p) != (METADATA, 80)]), [])

    def test_loopback_of_the_node_is_not_behind_the_gateway(self):
        """A route to 127.0.0.0/8 through the node must lead nowhere."""
        gateway = self.guest.ssh("ip route | awk '/default/ {print $3}'").stdout.strip()
        script = (
            "ip addr del 127.0.0.1/8 dev lo; sysctl -q -w net.ipv4.conf.all.route_localnet=1;"
            f" ip route add 127.0.0.2/32 via {gateway};"
            " for p in 8773 8775 9775; do nc -w 1 127.0.0.2 $p -e true && echo $p; done;"
            " ip route del 127.0.0.2/32; ip addr add 127.0.0.1/8 dev lo")
        self.assertEqual(self.guest.ssh(script).stdout.split(), [])

    def test_another_guests_address_brings_neither_its_data_nor_its_traffic(self):
        def with_address(command):
            a = self.victim.address
            return self.guest.ssh(
                f"ip addr add {a}/32 dev eth0; ip route add {METADATA}/32 via 10.100.0.1 src {a};"
                f" {command}; ip route del {METADATA}/32; ip addr del {a}/32 dev eth0", check=False).stdout

        self.assertEqual(with_address(f"timeout 6 wget -q -O - http://{METADATA}/latest/user-data"), "")
        # Telling the world that the address lives here changes nothing either.
        with_address(f"arping -c 3 -U -I eth0 {self.victim.address}; arping -c 3 -A -I eth0 {self.victim.address}")
        self.victim.hang_up()
        self.assertEqual(self.victim.ssh("hostname").returncode, 0)
        self.assertEqual(self.read(self.victim, "user-data"), "the victim's secret")

    def test_another_guests_card_gets_nothing(self):
        mac = self.victim.describe()["NetworkInterfaces"][0]["MacAddress"]
        own = self.guest.describe()["NetworkInterfaces"][0]["MacAddress"]
        # The guest cuts its own line meanwhile, so it works alone and keeps what it sees.
        self.guest.ssh(
            f"(ip link set eth0 down; ip link set eth0 address {mac}; ip link set eth0 up;"
            " udhcpc -i eth0 -n -q -t 3 -T 1 -s /bin/true > /run/stolen 2>&1; echo ended $? >> /run/stolen;"
            f" ip link set eth0 down; ip link set eth0 address {own}; ip link set eth0 up;"
            " udhcpc -i eth0 -n -q -s /etc/udhcpc) >/dev/null 2>&1 &")
        cloud.wait_until(
            "the guest is back", lambda: "ended" in self.guest.ssh("cat /run/stolen", check=False).stdout, 90)
        self.assertNotIn("lease of", self.guest.ssh("cat /run/stolen").stdout)

    def test_asking_for_many_leases_takes_none_from_others(self):
        script = (
            "i=0; while [ $i -lt 40 ]; do udhcpc -i eth0 -n -q -t 1 -T 1 -s /bin/true"
            " -x 0x3d:$(printf '%012x' $i) 2>&1 | grep -o 'lease of [0-9.]*'; i=$((i+1)); done | sort -u")
        leases = set(self.guest.ssh(script).stdout.split("lease of ")[1:])
        self.assertLessEqual({lease.strip() for lease in leases}, {self.guest.address})
        # The victim's name for itself does not bring the victim's address.
        mac = self.victim.describe()["NetworkInterfaces"][0]["MacAddress"].replace(":", "")
        stolen = self.guest.ssh(
            f"udhcpc -i eth0 -n -q -t 2 -T 1 -s /bin/true -x 0x3d:01{mac} 2>&1", check=False).stdout
        self.assertNotIn(self.victim.address + " ", stolen + " ")
        renewed = self.victim.ssh("udhcpc -i eth0 -n -q -t 5 -T 1 -s /bin/true 2>&1").stdout
        self.assertIn(f"lease of {self.victim.address}", renewed)

    def test_the_metadata_service_survives_what_is_no_request(self):
        for name, text, answer in (
            ("junk", r"\001\002\003\r\n\r\n", "400"),
            ("a long line", "GET /$(head -c 60000 /dev/zero | tr \\\\0 a) HTTP/1.0\\r\\n\\r\\n", "4"),
            ("paths out", r"GET /latest/../../../etc/passwd HTTP/1.0\r\n\r\n", "4"),
            ("escapes", r"GET /latest/%%2e%%2e/%%2e%%2e/etc/passwd HTTP/1.0\r\n\r\n", "4"),
            ("an endless body", r"PUT /latest/api/token HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999999\r\n\r\n", "4"),
            ("a proxy's request", r"GET http://127.0.0.1:9775/metrics HTTP/1.1\r\nHost: 127.0.0.1:9775\r\nConnection: close\r\n\r\n", "4"),
            ("a tunnel", r"CONNECT 127.0.0.1:8775 HTTP/1.1\r\nHost: x\r\n\r\n", "4"),
            ("a forwarded token", r"PUT /latest/api/token HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 1.2.3.4\r\n"
             r"X-aws-ec2-metadata-token-ttl-seconds: 60\r\nConnection: close\r\n\r\n", "403"),
            ("a token without a time", r"PUT /latest/api/token HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "400"),
        ):
            with self.subTest(name):
                said = self.say(text)
                self.assertRegex(said, r"^HTTP/1\.[01] " + answer)
                self.assertNotIn("root:", said)

    def test_idle_connections_of_one_guest_keep_nobody_out(self):
        self.guest.ssh("i=0; while [ $i -lt 120 ]; do (sleep 20 | nc 169.254.169.254 80 >/dev/null 2>&1 &);"
                       " i=$((i+1)); done")
        self.assertEqual(self.read(self.victim, "meta-data/instance-id"), self.victim.id)
        self.guest.ssh("killall nc sleep", check=False)
        cloud.wait_until("the guest itself is served again",
                         lambda: self.read(self.guest, "meta-data/instance-id") == self.guest.id, 60)

    def test_required_tokens_are_required_and_belong_to_one_guest(self):
        strict = self.start_guest(MetadataOptions={"HttpTokens": "required"}).wait_running()
        self.assertEqual(strict.describe()["MetadataOptions"]["HttpTokens"], "required")
        # Its own start uses tokens or it would have no key.
        strict.wait_ssh()
        self.assertEqual(self.read(strict, "meta-data/instance-id"), "")
        put = (r"printf 'PUT /latest/api/token HTTP/1.0\r\nHost: x\r\n"
               r"X-aws-ec2-metadata-token-ttl-seconds: 60\r\n\r\n' | nc -w 4 169.254.169.254 80 | tail -n 1")
        token = strict.ssh(put).stdout.strip()
        get = ("timeout 6 wget -q -O - --header 'X-aws-ec2-metadata-token: {}'"
               f" http://{METADATA}/latest/meta-data/instance-id")
        self.assertEqual(strict.ssh(get.format(token)).stdout, strict.id)
        self.assertEqual(self.guest.ssh(get.format(token), check=False).stdout, "")
        forged = token[:-1] + ("0" if token[-1] != "0" else "1")
        self.assertEqual(strict.ssh(get.format(forged), check=False).stdout, "")
        strict.terminate()

    def test_the_answer_with_a_token_makes_one_hop_only(self):
        """So that a container's router or an open proxy in a guest does not carry it further."""
        # Ends by itself when it has seen the one packet that begins with "HTTP".
        capture = subprocess.Popen(
            ["tcpdump", "-i", "any", "-n", "-v", "-l", "-c", "1", "--immediate-mode",
             "src port 80 and tcp[((tcp[12] & 0xf0) >> 2):4] = 0x48545450"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            while "listening" not in capture.stderr.readline():
                pass
            said = self.say(r"PUT /latest/api/token HTTP/1.0\r\nHost: x\r\n"
                            r"X-aws-ec2-metadata-token-ttl-seconds: 60\r\n\r\n")
            self.assertRegex(said, r"^HTTP/1\.[01] 200")
            seen = capture.communicate(timeout=20)[0]
        finally:
            capture.kill()
            capture.wait()
        self.assertRegex(seen, r"\bttl 1,")


if __name__ == "__main__":
    unittest.main()
