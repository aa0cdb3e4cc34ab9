#!/usr/bin/python3
"""The audit log of a real cloud controller: what it holds after kill -9, and who finds a change."""

import json
import os
import subprocess
import unittest

import clc_daemon_test


class AuditLog(unittest.TestCase):
    def setUp(self):
        self.daemon = clc_daemon_test.Daemon()
        self.daemon.start()
        self.addCleanup(self.daemon.end)

    def verify_audit(self):
        """The exit status of `angophora audit verify` and what it printed."""
        command = [os.path.join(os.path.dirname(clc_daemon_test.PROGRAM), "angophora"), "audit", "verify", "--dir",
                   self.daemon.folder + "/audit"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        return done.returncode, done.stdout + done.stderr

    def audit_file(self):
        return self.daemon.folder + "/audit/audit-0000000001.jsonl"

    def test_every_call_is_in_the_audit_log_also_after_kill_9(self):
        ec2, names = self.daemon.client("ec2"), []
        for i in range(20):
            names.append("g%d" % i)
            ec2.create_security_group(GroupName=names[-1], Description="x")
            if i % 5 == 4:
                self.daemon.kill()
                self.daemon.start()
                ec2 = self.daemon.client("ec2")
        key = self.daemon.client("iam").create_access_key()["AccessKey"]
        with open(self.audit_file(), encoding="utf-8") as log:
            text = log.read()
        records = [json.loads(line) for line in text.splitlines()]
        made = [r for r in records if r["eventName"] == "CreateSecurityGroup"]
        self.assertEqual([r["requestParameters"]["GroupName"] for r in made], names)
        self.assertEqual({r["userIdentity"]["type"] for r in records}, {"Root"})
        self.assertIn("boto3", made[0]["userAgent"].lower())
        self.assertNotIn(key["SecretAccessKey"], text)
        self.assertEqual(self.verify_audit()[0], 0)

    def test_a_changed_audit_log_is_found_and_a_torn_line_is_none(self):
        self.daemon.client("ec2").describe_regions()
        self.daemon.kill()
        with open(self.audit_file(), "ab") as log:
            log.write(b'{"eventVersion":"1.')
        code, said = self.verify_audit()
        self.assertEqual(code, 0, said)
        self.assertIn("19 bytes", said)
        self.daemon.start()
        self.daemon.client("ec2").describe_regions()
        self.assertEqual(self.verify_audit()[0], 0)
        with open(self.audit_file(), "r+b") as log:
            log.seek(100)
            byte = log.read(1)
            log.seek(100)
            log.write(bytes([byte[0] ^ 1]))
        code, said = self.verify_audit()
        self.assertEqual(code, 1)
        self.assertIn("FOUND: audit-0000000001.jsonl line 1", said)


if __name__ == "__main__":
    unittest.main()
