"""What tests of a running cloud share: its clients, its guests, its daemons."""

import atexit
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest

import boto3
import botocore.config

DIR = os.environ["ANGOPHORA_CLOUD"]
BUILD = os.environ["ANGOPHORA_BUILD"]
DAEMONS = ("clc", "cc", "nc", "walrus", "sc")
TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


# Where the sockets of shared SSH connections live.
SOCKETS = tempfile.mkdtemp(prefix="angophora-ssh-")
atexit.register(shutil.rmtree, SOCKETS, ignore_errors=True)


def environment(eucarc=f"{DIR}/eucarc"):
    """The variables of eucarc, as a shell that sources it has them."""
    text = subprocess.run(
        ["bash", "-c", f". {eucarc} && env -0"], check=True, capture_output=True, text=True
    ).stdout
    return dict(line.split("=", 1) for line in text.split("\0") if "=" in line)


ENVIRONMENT = environment()
os.environ.update(ENVIRONMENT)


def client(service, endpoint=None, **settings):
    endpoints = {"ec2": "EC2_URL", "s3": "S3_URL", "sts": "TOKEN_URL", "iam": "AWS_IAM_URL"}
    config = botocore.config.Config(
        retries={"max_attempts": 0}, connect_timeout=5, read_timeout=60, **settings
    )
    return boto3.client(
        service,
        endpoint_url=endpoint or ENVIRONMENT[endpoints[service]],
        region_name="angophora",
        config=config,
    )


def wait_until(what, condition, limit_s=60, every_s=0.1):
    """The first true value of condition(); fails the test after the limit."""
    end = time.monotonic() + limit_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within {limit_s} s")
        time.sleep(every_s)


def run(*command, check=True, limit_s=120, **options):
    done = subprocess.run(command, capture_output=True, text=True, timeout=limit_s, **options)
    if check and done.returncode != 0:
        raise AssertionError(f"{command} ended with {done.returncode}: {done.stdout}{done.stderr}")
    return done


@contextlib.contextmanager
def host_names(*names):
    """While in use, these names lead to this machine."""
    with open("/etc/hosts", encoding="ascii") as file:
        before = file.read()
    with open("/etc/hosts", "a", encoding="ascii") as file:
        file.write(f"127.0.0.1 {' '.join(names)}\n")
    try:
        yield
    finally:
        # The file itself is a mount point: it cannot be replaced.
        with open("/etc/hosts", "w", encoding="ascii") as file:
            file.write(before)


@contextlib.contextmanager
def public_pool(addresses):
    """While in use, instances may have these public addresses; whoever has one then loses it."""
    def angophora(*arguments):
        run(f"{BUILD}/bin/angophora", "property", *arguments)

    angophora("set", "network.public_addresses", addresses)
    try:
        yield
    finally:
        ec2 = client("ec2")
        for address in ec2.describe_addresses()["Addresses"]:
            ec2.disassociate_address(PublicIp=address["PublicIp"])
            ec2.release_address(PublicIp=address["PublicIp"])
        angophora("reset", "network.public_addresses")


def image_id(kind="machine"):
    with open(f"{DIR}/images/{kind}.id", encoding="ascii") as file:
        return file.read().strip()


def daemon_pid(name):
    """The daemon's process; 0 while the supervisor has not noted one."""
    try:
        with open(f"{DIR}/run/{name}.pid", encoding="ascii") as file:
            return int(file.read().split()[0])
    except (OSError, IndexError):
        return 0


def kill_daemon(name):
    os.kill(wait_until(f"{name} runs", lambda: daemon_pid(name), 10), signal.SIGKILL)


def domains():
    """Names of the guests that libvirt runs."""
    return set(run("virsh", "-q", "-c", "qemu:///system", "list", "--name").stdout.split())


class Guest:
    """A running instance, reached over SSH with the key of quickstart."""

    def __init__(self, ec2, **request):
        self.ec2 = ec2
        request = {
            "ImageId": image_id(), "InstanceType": "t2.nano", "KeyName": "quickstart",
            "MinCount": 1, "MaxCount": 1, **request,
        }
        self.id = ec2.run_instances(**request)["Instances"][0]["InstanceId"]

    def describe(self):
        return self.ec2.describe_instances(InstanceIds=[self.id])["Reservations"][0]["Instances"][0]

    def wait_running(self, limit_s=60):
        def running():
            instance = self.describe()
            if instance["State"]["Name"] in ("shutting-down", "terminated"):
                raise AssertionError(f"{self.id} ended: {instance.get('StateReason')}")
            return instance if instance["State"]["Name"] == "running" else None

        instance = wait_until(f"{self.id} running", running, limit_s)
        self.address = instance["PrivateIpAddress"]
        return self

    def ssh_command(self, *command, options=()):
        return [
            "ssh", *options, "-i", f"{DIR}/quickstart.pem", "-o", "StrictHostKeyChecking=no",
            "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR", "-o", "BatchMode=yes",
            "-o", "ConnectTimeout=2", "-o", "ServerAliveInterval=5", "-o", "ServerAliveCountMax=3",
            f"root@{self.address}", *command,
        ]

    def ssh(self, command, check=True):
        """Through the connection that wait_ssh() made, while it lives: an emulated guest is slow to
        shake hands."""
        shared = ("-o", f"ControlPath={self.socket()}")
        return run(*self.ssh_command(command, options=shared), check=check, stdin=subprocess.DEVNULL)

    def wait_ssh(self, limit_s=180):
        self.hang_up()
        options = ("-M", "-N", "-f", "-o", f"ControlPath={self.socket()}")
        # The connection stays in the background, so it must not hold this process' pipes.
        closed = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}

        def connected():
            return subprocess.run(
                self.ssh_command(options=options), check=False, timeout=60, **closed).returncode == 0

        try:
            wait_until(f"SSH of {self.id}", connected, limit_s)
        except AssertionError as error:
            raise AssertionError(f"{error}; its console ends with {self.console()[-1500:]!r}") from error
        return self

    def hang_up(self):
        """Ends the shared connection; ssh() makes one of its own then, each time."""
        if os.path.exists(self.socket()):
            subprocess.run(
                self.ssh_command(options=("-O", "exit", "-o", f"ControlPath={self.socket()}")),
                check=False, capture_output=True, timeout=30)

    def socket(self):
        return f"{SOCKETS}/{self.id}"

    def can_connect(self, address, port):
        """Whether a program in the guest gets a TCP connection."""
        command = f"nc -w 3 {address} {port} -e true"
        return self.ssh(command, check=False).returncode == 0

    @contextlib.contextmanager
    def tunnel(self, host, port):
        """A local port behind which is what the guest reaches as host:port; through the connection
        that wait_ssh() made."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            local = probe.getsockname()[1]
        control = ("-o", f"ControlPath={self.socket()}")
        way = ("-L", f"127.0.0.1:{local}:{host}:{port}")
        run(*self.ssh_command(options=(*control, "-O", "forward", *way)))
        try:
            yield local
        finally:
            run(*self.ssh_command(options=(*control, "-O", "cancel", *way)), check=False)

    def console(self):
        output = self.ec2.get_console_output(InstanceId=self.id).get("Output", "")
        return output

    def terminate(self, limit_s=60):
        self.hang_up()
        self.ec2.terminate_instances(InstanceIds=[self.id])
        wait_until(
            f"{self.id} terminated",
            lambda: self.describe()["State"]["Name"] == "terminated", limit_s,
        )


class CloudTest(unittest.TestCase):
    """A test with an EC2 client whose instances are terminated at its end."""

    @classmethod
    def setUpClass(cls):
        cls.ec2 = client("ec2")
        cls.guests = []

    @classmethod
    def tearDownClass(cls):
        for guest in cls.guests:
            try:
                guest.terminate()
            except Exception as error:  # the test's own failure says more
                print(f"terminating {guest.id}: {error}")

    @classmethod
    def start_guest(cls, **request):
        guest = Guest(cls.ec2, **request)
        cls.guests.append(guest)
        return guest

    def assert_refused(self, code, call, *arguments, **request):
        """The call fails with that EC2 error code; returns the sentence."""
        import botocore.exceptions

        with self.assertRaises(botocore.exceptions.ClientError) as caught:
            call(*arguments, **request)
        error = caught.exception.response["Error"]
        self.assertEqual(error["Code"], code, error["Message"])
        return error["Message"]
