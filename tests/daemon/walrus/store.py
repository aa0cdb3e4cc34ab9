"""An object store of its own for tests: walrus-alone in a temporary folder, and clients of it."""
import os
import shutil
import signal
import subprocess
import tempfile
import time

import boto3
import botocore.config

ACCOUNTS = {
    "main": ("000000000001", "1" * 64, "AKIAMAINMAINMAINMAIN", "main/secret+main"),
    "other": ("000000000002", "2" * 64, "AKIAOTHEROTHEROTHERO", "other/secret+other"),
}


class Store:
    def __init__(self, *arguments):
        self.dir = tempfile.mkdtemp(prefix="angophora-walrus-")
        self.arguments = list(arguments)
        self.port = 0
        with open(self.dir + "/identities", "w") as f:
            for name, (account, canonical, key, secret) in ACCOUNTS.items():
                f.write(f"{account} {canonical} {name} {key} {secret}\n")
        self.start()

    def start(self):
        port_file = self.dir + "/port"
        if os.path.exists(port_file):
            os.remove(port_file)
        log = open(self.dir + "/log", "ab")
        self.process = subprocess.Popen(
            [os.environ["WALRUS_ALONE"], "--identities", self.dir + "/identities", "--state-dir",
             self.dir, "--port", str(self.port), "--port-file", port_file] + self.arguments,
            stdout=log, stderr=log)
        deadline = time.monotonic() + 60
        while not os.path.exists(port_file):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("walrus-alone did not start: " + self.log())
            time.sleep(0.02)
        with open(port_file) as f:
            self.port = int(f.read())
        self.endpoint = f"http://127.0.0.1:{self.port}"

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def close(self):
        self.process.terminate()
        try:
            code = self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.kill()
            code = "none: it had to be killed"
        shutil.rmtree(self.dir, ignore_errors=True)
        if code != 0:
            raise RuntimeError(f"walrus-alone ended with {code}")

    def log(self):
        with open(self.dir + "/log", errors="replace") as f:
            return f.read()

    def client(self, account="main", retries=0, **config):
        _, _, key, secret = ACCOUNTS[account]
        return boto3.client(
            "s3", endpoint_url=self.endpoint, aws_access_key_id=key, aws_secret_access_key=secret,
            region_name="angophora",
            config=botocore.config.Config(retries={"max_attempts": retries}, **config))

    def environment(self, account="main"):
        """For command lines: keys, region, and a home without settings."""
        _, _, key, secret = ACCOUNTS[account]
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "RCLONE_"))}
        return dict(kept, AWS_ACCESS_KEY_ID=key, AWS_SECRET_ACCESS_KEY=secret,
                    AWS_DEFAULT_REGION="angophora", HOME=self.dir, NO_PROXY="127.0.0.1",
                    AWS_EC2_METADATA_DISABLED="true")

    def packs(self):
        return os.listdir(self.dir + "/objects/packs")

    def blob_files(self):
        return [name for _, _, names in os.walk(self.dir + "/objects/blobs") for name in names]
