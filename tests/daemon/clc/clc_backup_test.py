#!/usr/bin/python3
"""A cloud controller that is backed up while it works, lost, and brought back on a blank machine,
with a real Walrus beside it that knows more than the backup does."""

import json
import os
import re
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import boto3
import botocore.exceptions

CLC, WALRUS, ANGOPHORA = sys.argv[1:4]
del sys.argv[1:4]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(what, condition, limit=60):
    deadline = time.monotonic() + limit
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError("not in time: " + what)
        time.sleep(0.05)


class Program:
    """A daemon with its state in a folder, on ports that stay the same when it starts again."""

    def __init__(self, program, folder, **settings):
        self.folder = folder
        self.log = folder + ".log"
        self.command = [program]
        for name, value in {"state_dir": folder, "listen_address": "127.0.0.1",
                            "admin_port": 0, **settings}.items():
            self.command += ["--" + name.replace("_", "-"), str(value)]
        self.process = None

    def start(self):
        with open(self.log, "ab") as log:
            self.begin = log.tell()
            self.process = subprocess.Popen(self.command, stdout=subprocess.DEVNULL, stderr=log)

    def logged(self, pattern):
        with open(self.log, "rb") as log:
            log.seek(self.begin)
            return re.findall(pattern, log.read().decode())

    def wait_started(self):
        def started():
            if self.process.poll() is not None:
                raise AssertionError("it ended: " + self.log)
            return self.logged(r"event=daemon\.started")
        wait_until("start of " + self.command[0], started)

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
        if self.process:
            self.process.wait()


class Restored(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="clc-backup-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.port, self.s3_port, internal, walrus_internal = [free_port() for _ in range(4)]
        self.clc = Program(CLC, self.folder + "/clc", port=self.port, internal_port=internal,
                           internal_address="127.0.0.1", s3_port=self.s3_port)
        self.walrus = Program(WALRUS, self.folder + "/walrus", port=self.s3_port,
                              internal_port=walrus_internal, internal_address="127.0.0.1")
        self.addCleanup(self.walrus.kill)
        self.addCleanup(self.clc.kill)
        self.clc.start()
        self.clc.wait_started()
        with open(self.clc.folder + "/administrator.json") as file:
            self.who = json.load(file)
        self.walrus_internal = walrus_internal

    def start_walrus(self):
        os.mkdir(self.walrus.folder, 0o700)
        self.angophora("service", "register", "walrus-1", "--type", "walrus", "--host", "127.0.0.1",
                       "--port", str(self.walrus_internal), "--token-file",
                       self.walrus.folder + "/enrolment-token")
        self.walrus.start()
        self.walrus.wait_started()

    def angophora(self, *arguments, code=0, text=None):
        url = f"http://127.0.0.1:{self.port}/services/"
        environment = {
            **os.environ, "EC2_URL": url + "compute", "AWS_IAM_URL": url + "Euare",
            "EUCA_BOOTSTRAP_URL": url + "Empyrean", "EUCA_PROPERTIES_URL": url + "Properties",
            "S3_URL": f"http://127.0.0.1:{self.s3_port}",
            "AWS_ACCESS_KEY_ID": self.who["access_key_id"],
            "AWS_SECRET_ACCESS_KEY": self.who["secret_access_key"]}
        done = subprocess.run([ANGOPHORA, *arguments], env=environment, input=text, text=True,
                              capture_output=True, timeout=60)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def client(self, service, key=None, secret=None):
        port = self.s3_port if service == "s3" else self.port
        return boto3.client(service, endpoint_url=f"http://127.0.0.1:{port}", region_name="south",
                            aws_access_key_id=key or self.who["access_key_id"],
                            aws_secret_access_key=secret or self.who["secret_access_key"],
                            config=boto3.session.Config(retries={"max_attempts": 0}))

    def s3_takes(self, key):
        try:
            self.client("s3", key["AccessKeyId"], key["SecretAccessKey"]).list_buckets()
            return True
        except (botocore.exceptions.ClientError, botocore.exceptions.EndpointConnectionError):
            return False

    def backup(self, name, *more, **how):
        path = self.folder + "/" + name
        self.angophora("backup", path, "--state-dir", self.clc.folder, *more, **how)
        return path

    def restore(self, path, *more, **how):
        return self.angophora("restore", path, "--state-dir", self.clc.folder, *more, **how)

    def lose_and_restore(self, path):
        self.clc.kill()
        shutil.rmtree(self.clc.folder)
        self.restore(path)
        self.clc.start()
        self.clc.wait_started()

    def status(self):
        # No zone is registered, so something is always to be looked at.
        out = self.angophora("status", "--json", code=1)
        return json.loads(out.splitlines()[0])

    def test_the_cloud_goes_on(self):
        self.start_walrus()
        self.angophora("property", "set", "cloud.access_keys_max", "10")
        iam = self.client("iam")
        known = iam.create_access_key()["AccessKey"]
        wait_until("the key counts in S3", lambda: self.s3_takes(known))
        self.client("s3").create_bucket(Bucket="kept")
        image_key = open(self.clc.folder + "/keys/image.key").read()
        path = self.backup("cloud.backup")
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        self.assertEqual(os.listdir(self.folder).count("cloud.backup.partial"), 0)

        # What the backup knows nothing of.
        iam.update_access_key(AccessKeyId=known["AccessKeyId"], Status="Inactive")
        late = iam.create_access_key()["AccessKey"]
        wait_until("the later key counts in S3", lambda: self.s3_takes(late))
        wait_until("the earlier one does not", lambda: not self.s3_takes(known))
        for i in range(5):
            self.angophora("service", "register", f"late-{i}", "--type", "node", "--zone", "zone-a",
                           "--host", "127.0.0.1", "--port", str(i + 1))
        before = self.status()

        self.lose_and_restore(path)
        self.assertEqual(open(self.clc.folder + "/keys/image.key").read(), image_key)
        self.assertEqual(stat.S_IMODE(os.stat(self.clc.folder + "/keys").st_mode), 0o700)
        self.assertFalse(os.path.exists(self.clc.folder + "/restored.json"))
        # Walrus takes the identities of the backup, though it knew later ones.
        wait_until("the key of the backup counts again", lambda: self.s3_takes(known))
        wait_until("the later key is gone", lambda: not self.s3_takes(late))
        self.assertEqual(self.client("s3").list_buckets()["Buckets"][0]["Name"], "kept")

        # It takes the registry too: what is changed from now on reaches it.
        def walrus_state():
            found = [s for s in self.status()["services"] if s["name"] == "walrus-1"]
            return found[0]["state"]

        wait_until("Walrus is ENABLED", lambda: walrus_state() == "ENABLED")
        after = self.status()
        self.assertGreater(after["registry_version"], before["registry_version"])
        self.assertIn("restored_at", after)
        self.assertNotIn("late-1", [s["name"] for s in after["services"]])
        wait_until("Walrus has the registry", lambda: self.walrus.logged(
            r"event=registry\.changed version=%d " % after["registry_version"]))
        fresh = self.client("iam").create_access_key()["AccessKey"]
        wait_until("a new key counts in S3", lambda: self.s3_takes(fresh))
        self.assertIn("restored", self.angophora("service", "events"))

        # The same backup a second time: numbers grow again.
        self.lose_and_restore(path)
        wait_until("the new key is gone", lambda: not self.s3_takes(fresh))
        wait_until("the key of the backup counts", lambda: self.s3_takes(known))
        self.assertGreater(self.status()["registry_version"], after["registry_version"])

    def test_a_backup_is_of_one_moment(self):
        """What was answered before it began is in it, and nothing without what came before."""
        stop = threading.Event()
        made = []

        def work():
            ec2 = self.client("ec2")
            while not stop.is_set():
                name = "g-%d" % len(made)
                ec2.create_security_group(GroupName=name, Description="d")
                made.append(name)

        worker = threading.Thread(target=work)
        worker.start()
        try:
            wait_until("work", lambda: len(made) > 20)
            answered = len(made)
            path = self.backup("busy.backup")
            begun = len(made) + 1
        finally:
            stop.set()
            worker.join()
        self.lose_and_restore(path)
        groups = {g["GroupName"] for g in self.client("ec2").describe_security_groups()["SecurityGroups"]}
        count = len(groups) - 1  # default
        self.assertEqual(groups, {"default"} | {"g-%d" % i for i in range(count)})
        self.assertGreaterEqual(count, answered)
        self.assertLessEqual(count, begun)

    def test_an_encrypted_backup_needs_its_passphrase(self):
        path = self.backup("sealed.backup", "--passphrase-file", "-", text="open sesame\n")
        with open(path, "rb") as file:
            self.assertNotIn(b"PRIVATE KEY", file.read())
        self.assertIn("is encrypted", self.restore(path, "--check", code=1))
        self.restore(path, "--check", "--passphrase-file", "-", code=1, text="open sesam\n")
        self.assertIn("whole", self.restore(path, "--check", "--passphrase-file", "-",
                                            text="open sesame\n"))

    def test_what_is_there_is_not_overwritten(self):
        path = self.backup("cloud.backup")
        self.assertIn("is there already", self.angophora(
            "backup", path, "--state-dir", self.clc.folder, code=1))
        self.assertIn("is running", self.restore(path, "--replace", code=1))
        self.clc.kill()
        self.assertIn("--replace", self.restore(path, code=1))
        self.restore(path, "--replace")
        aside = [n for n in os.listdir(self.clc.folder) if n.startswith("before-restore-")]
        self.assertEqual(len(aside), 1)
        self.assertIn("clc.sqlite", os.listdir(self.clc.folder + "/" + aside[0]))
        self.clc.start()
        self.clc.wait_started()
        self.client("ec2").describe_regions()

    def test_the_doctor_sees_the_machine(self):
        self.start_walrus()
        settings = self.folder + "/etc"
        os.mkdir(settings)
        for daemon in self.clc, self.walrus:
            with open(settings + "/" + os.path.basename(daemon.folder) + ".toml", "w") as file:
                file.write(f'state_dir = "{daemon.folder}"\nadmin_port = 0\n')

        def doctor(code):
            out = self.angophora("doctor", "--settings-dir", settings, "--json", code=code)
            return {f["object"] + ": " + f["message"]
                    for f in json.loads(out.splitlines()[0])["findings"] if f["level"] == "failure"}

        self.assertEqual(doctor(0), set())
        key = self.walrus.folder + "/keys/signing.key"
        os.chmod(key, 0o644)
        self.assertEqual(doctor(1), {key + ": has mode 0644: others may read it"})
        os.chmod(key, 0o600)
        self.clc.kill()
        self.assertIn("cannot be reached", "".join(doctor(1)))
        self.angophora("doctor", "--settings-dir", self.folder + "/nowhere", code=2)

    def test_what_opens_encrypted_objects_comes_along(self):
        key = self.walrus.folder + "/master-key"
        said = self.angophora("backup", self.folder + "/without.backup", "--state-dir",
                              self.clc.folder, "--walrus-key", key)
        self.assertIn("without Walrus' master key", said)
        os.mkdir(self.walrus.folder, 0o700)
        with open(key, "wb") as file:
            file.write(b"k" * 32)
        path = self.backup("with.backup", "--walrus-key", key)
        kept = self.clc.folder + "/restored-walrus-master-key"

        def lose_and_restore(path):
            self.clc.kill()
            shutil.rmtree(self.clc.folder)
            return self.restore(path, "--walrus-key", key)

        self.assertNotIn("master key", lose_and_restore(self.folder + "/without.backup"))
        self.assertNotIn("master key", lose_and_restore(path))  # it is there
        os.remove(key)
        self.assertIn("is at " + key + " again", lose_and_restore(path))
        with open(key, "rb") as file:
            self.assertEqual(file.read(), b"k" * 32)
        self.assertEqual(os.stat(key).st_mode & 0o777, 0o600)
        self.assertFalse(os.path.exists(kept))
        # A key that opens what came since stays.
        with open(key, "wb") as file:
            file.write(b"n" * 32)
        self.assertIn(kept, lose_and_restore(path))
        with open(key, "rb") as file:
            self.assertEqual(file.read(), b"n" * 32)
        with open(kept, "rb") as file:
            self.assertEqual(file.read(), b"k" * 32)
        self.assertFalse(os.path.exists(self.clc.folder + "/walrus"))

    def test_a_damaged_backup_changes_nothing(self):
        path = self.backup("cloud.backup")
        with open(path, "r+b") as file:
            file.seek(-1000, os.SEEK_END)
            file.write(b"spoilt")
        self.clc.kill()
        shutil.rmtree(self.clc.folder)
        self.assertIn("damaged", self.restore(path, code=1))
        self.assertFalse(os.path.exists(self.clc.folder))

    def test_half_a_restoration_is_not_started(self):
        """The database comes last: without it the daemon refuses, and a second try goes through."""
        path = self.backup("cloud.backup")
        self.clc.kill()
        os.remove(self.clc.folder + "/clc.sqlite")
        self.clc.start()
        self.assertNotEqual(self.clc.process.wait(30), 0)
        self.restore(path, "--replace")
        self.clc.start()
        self.clc.wait_started()


if __name__ == "__main__":
    unittest.main()
