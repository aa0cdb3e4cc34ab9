"""The machines of tests/machines/up, as its tests see them."""

import os
import subprocess

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

    def start(self):
        # What keeps the machine alive must not hold our pipes.
        with open(os.path.join(DIR, "bed", self.name, "start.log"), "w", encoding="utf-8") as log:
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


FRONT = Machine("front", "192.0.2.1", "common", "clc", "admin", "walrus")
ZONE = Machine("zone", "192.0.2.2", "common", "cc", "sc")
NODES = [
    Machine("node-1", "192.0.2.3", "common", "nc"),
    Machine("node-2", "192.0.2.4", "common", "nc"),
]
ALL = [FRONT, ZONE, *NODES]


def node_of(guest):
    """The node that runs a guest; None when none does."""
    return next((node for node in NODES if guest.id in node.guests()), None)


def services():
    """State and reason of every component by name."""
    listed = FRONT.shell(". credentials/eucarc; angophora service list").splitlines()[1:]
    return {line.split()[2]: line.split()[3] for line in listed}


def wait_all_enabled(limit_s=60):
    cloud.wait_until(
        "all services ENABLED",
        lambda: list(services().values()).count("ENABLED") == 6, limit_s, every_s=0.5)
