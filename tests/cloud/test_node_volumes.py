"""Volumes of a real guest on a real node: seen, written, taken away, given back with their data; the
node controller, the volume's client and its server killed in the middle of it. The storage
controller's part is played by nbdkit's own file plug-in."""

import os
import re
import signal
import socket
import subprocess
import tempfile
import time
import unittest
import urllib.request

DIR = os.environ["ANGOPHORA_CLOUD"]
BUILD = os.environ["ANGOPHORA_BUILD"]
HERE = os.path.dirname(os.path.abspath(__file__))
DOMAIN = "i-00000000000000001"
KEY = "5a" * 32


def wait_until(what, condition, limit_s=60, every_s=0.05):
    end = time.monotonic() + limit_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within {limit_s} s")
        time.sleep(every_s)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def qemu_user():
    with open("/etc/libvirt/qemu.conf", encoding="utf-8") as file:
        return re.search(r'^user = "(.*)"', file.read(), re.MULTILINE).group(1)


def processes(mark):
    """Processes of this bed whose command line holds the mark."""
    found = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                line = file.read().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if mark in line and line.split()[0].split("/")[-1] in ("qemu-storage-daemon", "nbdkit", "qemu-system-x86_64"):
            found[int(pid)] = line
    return found


class NodeVolumes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dir = tempfile.mkdtemp(prefix="volumes-", dir="/run")
        os.chmod(cls.dir, 0o711)  # QEMU runs as a user of its own
        cls.node = cls.storage = None
        cls.addClassCleanup(cls.clean)
        for name in ("state/instances", "images", "keys"):
            os.makedirs(f"{cls.dir}/{name}")
        cls.make_images()
        with open(f"{cls.dir}/keys/keys.psk", "w", encoding="ascii") as file:
            file.write(f"trial:{KEY}\n")
        subprocess.run(["truncate", "-s", "1G", f"{cls.dir}/volume.raw"], check=True)
        cls.ensure_tap()
        cls.port, cls.storage_port = free_port(), free_port()
        cls.start_storage()
        cls.start_node()
        cls.assert_accepted("/run")
        wait_until("the guest", lambda: "TRIAL UP" in cls.console(), 120)

    @classmethod
    def clean(cls):
        if cls.node:
            try:
                cls.get("/terminate")
                wait_until("the end", lambda: cls.report().startswith("terminated"), 30)
            except (OSError, AssertionError):
                pass
            cls.node.kill()
            cls.node.wait()
        if cls.storage:
            cls.storage.kill()
            cls.storage.wait()
        for pid in processes(cls.dir):
            os.kill(pid, signal.SIGKILL)
        subprocess.run(["virsh", "-q", "-c", "qemu:///system", "undefine", DOMAIN], capture_output=True, check=False)
        subprocess.run(["ip", "link", "del", "faketap1"], capture_output=True, check=False)
        subprocess.run(["rm", "-rf", cls.dir], check=True)

    @classmethod
    def make_images(cls):
        images = f"{cls.dir}/images"
        os.symlink(f"{DIR}/images/vmlinuz", f"{images}/vmlinuz")
        subprocess.run(["truncate", "-s", "1M", f"{images}/root"], check=True)
        with open(f"{cls.dir}/trial", "wb") as out, open(f"{HERE}/volume_node/trial-init", "rb") as init:
            out.write(init.read())
        os.chmod(f"{cls.dir}/trial", 0o755)
        subprocess.run(
            f"cat {DIR}/images/initrd.img > {images}/initrd && "
            f"(cd {cls.dir} && echo trial | cpio -o -H newc 2>/dev/null | gzip) >> {images}/initrd",
            shell=True, check=True)

    @classmethod
    def start_storage(cls):
        cls.storage = subprocess.Popen([
            "nbdkit", "-f", "-i", "127.0.0.1", "-p", str(cls.storage_port), "--tls=require",
            f"--tls-psk={cls.dir}/keys/keys.psk", "-e", "trial", "file", f"{cls.dir}/volume.raw"])

        def answers():
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", cls.storage_port)) == 0

        wait_until("nbdkit", answers, 10)

    @classmethod
    def ensure_tap(cls):
        """The guest's port: the part of the network, which this node does not have."""
        if not os.path.exists("/sys/class/net/faketap1"):
            subprocess.run(["ip", "tuntap", "add", "dev", "faketap1", "mode", "tap"], check=True)
        return True

    @classmethod
    def kill_storage(cls):
        cls.storage.kill()
        cls.storage.wait()

    @classmethod
    def start_node(cls):
        log = open(f"{cls.dir}/node.log", "ab")
        cls.node = subprocess.Popen(
            [f"{BUILD}/tests/cloud/angophora-volume-node", f"{cls.dir}/state", f"{cls.dir}/run",
             f"{cls.dir}/images", str(cls.port), str(cls.storage_port), KEY, qemu_user()],
            stdout=log, stderr=log)
        wait_until("the node", lambda: not cls.report().startswith(("notready", "?")), 20)

    @classmethod
    def kill_node(cls):
        cls.node.kill()
        cls.node.wait()

    @classmethod
    def get(cls, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{cls.port}{path}", timeout=20) as answer:
            return answer.read().decode().strip()

    @classmethod
    def report(cls):
        try:
            return cls.get("/report")
        except OSError:
            return "?"

    @classmethod
    def assert_accepted(cls, path):
        answer = cls.get(path)
        if answer != "accepted":
            raise AssertionError(f"{path}: {answer}")

    @classmethod
    def console(cls):
        try:
            with open(f"{cls.dir}/state/instances/{DOMAIN}/console.log", encoding="utf-8", errors="replace") as file:
                return file.read()
        except OSError:
            return ""

    @classmethod
    def count(cls, word):
        return cls.console().count(f"TRIAL {word}")

    @classmethod
    def kept(cls):
        return max(map(int, re.findall(r"TRIAL KEPT (\d+)", cls.console())), default=0)

    @classmethod
    def has(cls):
        return re.findall(r"TRIAL HAS (\w+)", cls.console())

    epoch = 0

    @classmethod
    def attach(cls):
        """Orders it under the next epoch and waits for the guest; the seconds until it saw the disk."""
        NodeVolumes.epoch += 1
        seen = len(cls.has())
        began = time.monotonic()
        cls.assert_accepted(f"/attach?epoch={cls.epoch}&device=/dev/sdf")
        wait_until("the guest sees the disk", lambda: len(cls.has()) > seen, 30, 0.01)
        took = time.monotonic() - began
        cls.wait_state("attached")
        return took

    @classmethod
    def wait_state(cls, state, limit_s=90):
        """libvirt lets a call wait half a minute for another one's end, so that is no failure; it is told."""
        began = time.monotonic()
        wait_until(f"the volume {state}", lambda: cls.report().startswith(f"running {state} {cls.epoch}"), limit_s)
        if (took := time.monotonic() - began) > 20:
            print(f"{state} after {took:.0f} s")

    @classmethod
    def detach(cls, force="no"):
        cls.assert_accepted(f"/detach?epoch={cls.epoch}&force={force}")
        cls.wait_state("detached")

    @classmethod
    def wait_written(cls, more=20, limit_s=60):
        target = cls.kept() + more
        wait_until("the guest writes", lambda: cls.kept() >= target, limit_s)

    def clients(self):
        # A guest that was started with its volume names the socket as well.
        return {pid: line for pid, line in processes(f"{self.dir}/run/").items() if "storage-daemon" in line.split()[0]}

    def assert_detached_clean(self):
        self.assertEqual(self.clients(), {})
        self.assertEqual(os.listdir(f"{self.dir}/run"), [])

    def setUp(self):
        self.errors = self.count("ERROR")

    def tearDown(self):
        self.assertEqual(self.count("ERROR"), self.errors, "the guest saw an error")

    def run(self, result=None):
        """A test that fails shows what the node controller said."""
        failures = len(result.failures) + len(result.errors)
        super().run(result)
        if len(result.failures) + len(result.errors) > failures:
            with open(f"{self.dir}/node.log", encoding="utf-8", errors="replace") as log:
                print("".join(log.readlines()[-60:]), f"report: {self.report()}", sep="")

    def ensure_attached(self):
        if not self.report().startswith("running attached"):
            self.attach()
        self.wait_written()

    def test_1_is_seen_written_taken_away_and_given_back(self):
        took = self.attach()
        print(f"attach to seen: {took:.2f} s")
        self.wait_written()
        began = time.monotonic()
        self.detach()
        print(f"detached after {time.monotonic() - began:.2f} s")
        wait_until("the disk has left", lambda: self.count("GONE") > 0, 10)
        self.assert_detached_clean()
        kept = self.kept()
        self.attach()
        self.assertGreaterEqual(int(self.has()[-1]), kept)

    def test_2_node_controller_killed_while_attaching_and_detaching(self):
        self.ensure_attached()
        for pause_ms in (0, 30, 80, 150, 300):
            kept = self.kept()
            self.assert_accepted(f"/detach?epoch={self.epoch}&force=no")
            time.sleep(pause_ms / 1000)
            self.kill_node()
            self.start_node()
            self.wait_state("detached")
            self.assert_detached_clean()
            NodeVolumes.epoch += 1
            self.assert_accepted(f"/attach?epoch={self.epoch}&device=/dev/sdf")
            time.sleep(pause_ms / 1000)
            self.kill_node()
            self.start_node()
            self.wait_state("attached")
            self.wait_written(10)
            self.assertGreaterEqual(int(self.has()[-1]), kept)
            self.assertEqual(len(self.clients()), 1)

    def test_3_server_killed_under_load(self):
        self.ensure_attached()
        client = self.clients()
        self.kill_storage()
        time.sleep(3)  # how long it is down, not a wait for something
        self.start_storage()
        began = time.monotonic()
        self.wait_written(20)
        print(f"writes again {time.monotonic() - began:.2f} s after the server is back")
        self.assertEqual(self.clients(), client)

    def test_4_client_killed_under_load(self):
        self.ensure_attached()
        (pid,) = self.clients()
        os.kill(pid, signal.SIGKILL)
        began = time.monotonic()
        self.wait_written(20)
        print(f"writes again {time.monotonic() - began:.2f} s after its client was killed")
        self.assertNotIn(pid, self.clients())

    def test_5_client_and_node_controller_killed_together(self):
        self.ensure_attached()
        (pid,) = self.clients()
        self.kill_node()
        os.kill(pid, signal.SIGKILL)
        time.sleep(1)
        self.start_node()
        self.wait_written(20)

    def test_6_guest_crashes(self):
        self.ensure_attached()
        kept, ups = self.kept(), self.count("UP")
        (pid,) = [pid for pid, line in processes(DOMAIN).items() if "qemu-system" in line]
        os.kill(pid, signal.SIGKILL)
        wait_until("the guest again", lambda: self.ensure_tap() and self.count("UP") > ups, 120)
        wait_until("its volume", lambda: len(self.has()) and int(self.has()[-1]) >= kept, 30)
        self.wait_state("attached")

    def test_7_taken_away_by_force_while_storage_is_away(self):
        self.ensure_attached()
        self.kill_storage()
        time.sleep(1)
        began = time.monotonic()
        self.detach("yes")
        print(f"detached by force after {time.monotonic() - began:.2f} s")
        ticks = self.count("TICK")
        wait_until("the guest lives", lambda: self.count("TICK") > ticks + 1, 30)
        wait_until("nothing is left", lambda: not self.clients(), 60)
        self.start_storage()
        self.attach()
        self.wait_written()

    def test_8_ends_with_its_guest(self):
        self.ensure_attached()
        self.assert_accepted("/terminate")
        wait_until("the end", lambda: self.report().startswith("terminated detached"), 30)
        self.assert_detached_clean()


if __name__ == "__main__":
    unittest.main()
