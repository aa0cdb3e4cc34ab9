"""kill -9 of each daemon, and of all at once, while a guest runs and calls go on: what got an answer
took effect, no guest ends, an open SSH session lives, every service answers again within 5 s."""

import subprocess
import threading
import time
import unittest
import uuid

import botocore.exceptions

import cloud

BACK_WITHIN_S = 5


class Calls(threading.Thread):
    """Makes security groups and objects all the time; remembers which were acknowledged."""

    def __init__(self):
        super().__init__(daemon=True)
        self.ec2, self.s3 = cloud.client("ec2"), cloud.client("s3")
        self.bucket = "kill-" + uuid.uuid4().hex[:8]
        self.s3.create_bucket(Bucket=self.bucket)
        self.groups, self.objects, self.unexpected = [], [], []
        self.ended = threading.Event()

    def run(self):
        while not self.ended.is_set():
            name = "kill-" + uuid.uuid4().hex
            for call, done in (
                (lambda: self.ec2.create_security_group(GroupName=name, Description="k"), self.groups),
                (lambda: self.s3.put_object(Bucket=self.bucket, Key=name, Body=name.encode()), self.objects),
            ):
                try:
                    call()
                    done.append(name)
                except botocore.exceptions.ClientError as error:
                    if error.response["ResponseMetadata"]["HTTPStatusCode"] < 500:
                        self.unexpected.append(str(error))
                except botocore.exceptions.BotoCoreError:
                    pass  # nobody answered: nothing was promised
            time.sleep(0.02)

    def finish(self):
        self.ended.set()
        self.join(30)


class Kill(cloud.CloudTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.guest = cls.start_guest().wait_running().wait_ssh()
        cls.session = subprocess.Popen(
            cls.guest.ssh_command("cat"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    @classmethod
    def tearDownClass(cls):
        cls.session.stdin.close()
        cls.session.wait(10)
        super().tearDownClass()

    def echo(self, text):
        self.session.stdin.write(text + "\n")
        self.session.stdin.flush()
        return self.session.stdout.readline().strip()

    def one_call_per_service(self):
        def answers(call):
            def attempt():
                try:
                    return call() is not None
                except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError):
                    return False

            return attempt

        s3 = cloud.client("s3")
        return (
            ("EC2", answers(self.ec2.describe_instances)),
            ("the zone", answers(lambda: self.ec2.get_console_output(InstanceId=self.guest.id))),
            ("S3", answers(s3.list_buckets)),
        )

    def kill_and_check(self, names):
        before = cloud.domains()
        calls = Calls()
        calls.start()
        time.sleep(0.5)
        pids = {name: cloud.daemon_pid(name) for name in names}
        killed_at = time.monotonic()
        for name in names:
            cloud.kill_daemon(name)
        for service, answers in self.one_call_per_service():
            left = BACK_WITHIN_S - (time.monotonic() - killed_at)
            cloud.wait_until(f"{service} after the kill of {names}", answers, max(left, 0.1))
        for name in names:
            cloud.wait_until(
                name + " is started again", lambda n=name: cloud.daemon_pid(n) != pids[n],
                BACK_WITHIN_S)
        time.sleep(0.5)
        calls.finish()

        self.assertEqual(calls.unexpected, [])
        self.assertGreater(len(calls.groups) + len(calls.objects), 0)
        known = {g["GroupName"] for g in self.ec2.describe_security_groups()["SecurityGroups"]}
        self.assertEqual(set(calls.groups) - known, set(), "acknowledged groups are lost")
        for name in calls.objects:
            body = calls.s3.get_object(Bucket=calls.bucket, Key=name)["Body"].read()
            self.assertEqual(body, name.encode())
        self.assertEqual(cloud.domains(), before)
        token = uuid.uuid4().hex
        self.assertEqual(self.echo(token), token, "the open SSH session died")
        cloud.wait_until(
            "the guest is running", lambda: self.guest.describe()["State"]["Name"] == "running", 10)
        for name in known & set(calls.groups):
            self.ec2.delete_security_group(GroupName=name)

    def test_each(self):
        for name in cloud.DAEMONS:
            with self.subTest(daemon=name):
                self.kill_and_check([name])

    def test_pairs_that_need_each_other(self):
        for names in (("clc", "nc"), ("cc", "nc"), ("clc", "walrus"), ("clc", "cc"), ("walrus", "nc")):
            with self.subTest(daemons=names):
                self.kill_and_check(names)

    def test_all_at_once(self):
        self.kill_and_check(cloud.DAEMONS)

    def test_instances_of_calls_that_were_answered_run(self):
        """An instance that RunInstances promised comes up although the node dies on the way."""
        guest = self.start_guest()
        cloud.kill_daemon("nc")
        cloud.kill_daemon("clc")
        cloud.wait_until("EC2 after the kill", self.one_call_per_service()[0][1], BACK_WITHIN_S)
        guest.wait_running(120).wait_ssh()
        guest.terminate()


if __name__ == "__main__":
    unittest.main()
