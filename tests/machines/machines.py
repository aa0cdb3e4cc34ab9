"""The machines of tests/machines/up, as its tests see them."""

import contextlib
import os
import re
import subprocess
import threading

import cloud

DIR = os.environ["ANGOPHORA_MACHINES"]
TOOL = os.path.join(cloud.TOP, "tests/machines/machine")
PACKAGES = os.path.join(cloud.BUILD, "packages")
NEWER = os.path.join(DIR, "newer")


class Machine:
    def __init__(self, name, address, *roles):
        self.name = name
        self.address = address
        self.roles = roles  # of the packages on it
        self.daemons = [r for r in roles if r not in ("common", "admin")]

    def run(self, *command, **options):
        return cloud.run(TOOL, "exec", DIR, self.name, *command, **options)

    def shell(self, script, **options):
        return self.run("bash", "-ec", "cd; " + script, **options).stdout

    def power_cut(self):
        cloud.run(TOOL, "kill", DIR, self.name)

    def power_off(self):
        cloud.run(TOOL, "stop", DIR, self.name)

    def runs(self):
        return os.path.exists(os.path.join(DIR, "bed", self.name, "leader"))

    @contextlib.contextmanager
    def cut_off(self):
        """While in use, its cable is not plugged in."""
        def cable(state):
            cloud.run("ip", "link", "set", f"vb-{self.name}", state)

        cable("down")
        try:
            yield
        finally:
            cable("up")

    def start(self):
        folder = os.path.join(DIR, "bed", self.name)
        os.makedirs(folder, exist_ok=True)
        # What keeps the machine alive must not hold our pipes.
        with open(os.path.join(folder, "start.log"), "w", encoding="utf-8") as log:
            subprocess.run(
                [TOOL, "start", DIR, self.name, self.address], check=True, timeout=120,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def put(self, path):
        """Copies a file into root's home."""
        with open(path, "rb") as source:
            subprocess.run(
                [TOOL, "exec", DIR, self.name, "sh", "-c", f"cat > /root/{os.path.basename(path)}"],
                check=True, stdin=source)

    def install(self, folder):
        """Installs this machine's packages out of a folder of this host."""
        names = []
        for role in self.roles:
            (name,) = [f for f in os.listdir(folder) if f.startswith(f"angophora-{role}_")]
            self.put(os.path.join(folder, name))
            names.append("./" + name)
        self.shell("apt-get -y install " + " ".join(names), limit_s=300)

    def allow_guests(self):
        """Its control groups are read-only in a container: libvirt does without."""
        self.shell("echo 'cgroup_controllers = [ ]' >> /etc/libvirt/qemu.conf; systemctl restart libvirtd")

    def enrol(self, component, daemon, *options):
        """Registers a component of this machine and hands it its token."""
        token = FRONT.angophora("service", "register", component, "--host", self.address, *options).stdout
        owner = "root" if daemon == "nc" else "angophora"
        file = f"/var/lib/angophora/{daemon}/enrolment-token"
        self.shell(f"install -m 600 -o {owner} /dev/stdin {file}", input=token)

    def angophora(self, *arguments, check=True):
        """The operator's command, with the administrator's credentials where it has them."""
        script = '[ ! -e credentials/eucarc ] || . credentials/eucarc; exec angophora "$@"'
        return self.run("bash", "-c", "cd; " + script, "angophora", *arguments, check=check)

    def main_pid(self, daemon):
        unit = f"angophora-{daemon}.service"
        return int(self.run("systemctl", "show", "-p", "MainPID", "--value", unit).stdout)

    def guests(self):
        """Process id of QEMU by the guest's id."""
        lines = self.run("ps", "-eo", "pid=,args=").stdout.splitlines()
        found = {}
        for pid, program, *arguments in (line.split() for line in lines if len(line.split()) > 1):
            if program.endswith("qemu-system-x86_64") and "-name" in arguments:
                name = arguments[arguments.index("-name") + 1]
                found[name.removeprefix("guest=").split(",")[0]] = int(pid)
        return found

    def storage_daemons(self, program):
        """Process ids of the volumes' nbdkit or qemu-storage-daemon by volume."""
        found = {}
        for line in self.run("ps", "-eo", "pid=,args=").stdout.splitlines():
            pid, name = line.split()[:2]
            volume = re.search(r"vol-[0-9a-f]{17}", line)
            if os.path.basename(name) == program and volume:
                found.setdefault(volume[0], []).append(int(pid))
        return found


FRONT = Machine("front", "192.0.2.1", "common", "admin", "clc", "walrus")
ZONE = Machine("zone", "192.0.2.2", "common", "admin", "cc", "sc")
NODES = [
    Machine("node-1", "192.0.2.3", "common", "admin", "nc"),
    Machine("node-2", "192.0.2.4", "common", "admin", "nc"),
]
ALL = [FRONT, ZONE, *NODES]


def node_of(guest):
    """The node that runs a guest; None when none does."""
    return next((node for node in NODES if guest.id in node.guests()), None)


def services():
    """State and reason of every component by name."""
    listed = FRONT.angophora("service", "list").stdout.splitlines()[1:]
    return {line.split()[2]: line.split()[3] for line in listed}


def wait_all_enabled(limit_s=90):
    def all_enabled():
        try:
            return set(services().values()) == {"ENABLED"}
        except AssertionError:  # the cloud controller is on its way back
            return False

    cloud.wait_until("all services ENABLED", all_enabled, limit_s, every_s=0.5)


class RunsOnce:
    """Looks, from its start to its end, that no guest runs on two nodes at a time, whatever becomes of
    the network."""

    def __init__(self):
        self.twice = set()
        self.looks = 0
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._end.set()
        self._thread.join()

    def _watch(self):
        while not self._end.wait(0.5):
            seen = set()
            for node in NODES:
                try:
                    here = set(node.guests()) if node.runs() else set()
                except (AssertionError, subprocess.TimeoutExpired):  # it has just been switched off
                    continue
                self.twice |= seen & here
                seen |= here
            self.looks += 1


class GuestOnEachNode(cloud.CloudTest):
    """Tests with a running guest on each node: `pair`, in the order of NODES."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        pair = [cls.start_guest() for _ in NODES]
        for guest in pair:
            guest.wait_running(120)
        for guest in pair:
            guest.wait_ssh(300)
        cls.pair = sorted(pair, key=lambda g: node_of(g).name)
