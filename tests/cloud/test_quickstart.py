"""packaging/quickstart again: over a cloud that runs, after its supervisor was killed, beside itself,
and on folders that are not its own."""

import os
import signal
import subprocess
import tempfile
import unittest

import cloud

QUICKSTART = os.path.join(cloud.TOP, "packaging/quickstart")
AGAIN = (QUICKSTART, "--dir", cloud.DIR, "--build-dir", cloud.BUILD, "--no-build", "--no-instance")


def supervisors():
    """Process ids of the supervisor, of the one that looks after logs, and of a keeper for each daemon."""
    lines = cloud.run("ps", "-eo", "pid=,args=").stdout.splitlines()
    return [int(line.split()[0]) for line in lines if line.endswith(f"supervise run {cloud.DIR}")]


class Quickstart(cloud.CloudTest):
    def test_it_finds_what_is_there(self):
        before = [cloud.daemon_pid(name) for name in cloud.DAEMONS]
        done = cloud.run(*AGAIN)
        self.assertIn("five daemons run and are enrolled", done.stdout)
        self.assertEqual([cloud.daemon_pid(name) for name in cloud.DAEMONS], before)
        guest = self.start_guest().wait_running()
        guest.terminate()

    def test_what_a_killed_supervisor_left_is_replaced(self):
        with open(f"{cloud.DIR}/run/supervise.pid", encoding="ascii") as file:
            os.kill(int(file.read().split()[0]), signal.SIGKILL)
        orphans = [cloud.daemon_pid(name) for name in cloud.DAEMONS]
        cloud.run(*AGAIN)
        self.assertEqual(len(supervisors()), 2 + len(cloud.DAEMONS))
        for name, orphan in zip(cloud.DAEMONS, orphans):
            self.assertNotEqual(cloud.daemon_pid(name), orphan, name)
            self.assertFalse(os.path.exists(f"/proc/{orphan}"), f"the old {name} runs on")

    def test_a_killed_keeper_is_made_again_with_its_daemon(self):
        walrus = cloud.daemon_pid("walrus")
        with open(f"/proc/{walrus}/stat", encoding="ascii") as file:
            keeper = int(file.read().rsplit(")", 1)[1].split()[1])
        self.assertIn(keeper, supervisors())
        os.kill(keeper, signal.SIGKILL)
        os.kill(walrus, signal.SIGKILL)
        cloud.wait_until(
            "walrus runs again", lambda: cloud.daemon_pid("walrus") not in (0, walrus), 20)
        self.assertEqual(len(supervisors()), 2 + len(cloud.DAEMONS))
        cloud.run(*AGAIN)

    def test_a_second_one_at_the_same_time_is_refused(self):
        with subprocess.Popen(["flock", f"{cloud.DIR}/lock", "cat"], stdin=subprocess.PIPE) as holder:
            try:
                cloud.wait_until(
                    "the lock is held",
                    lambda: cloud.run("flock", "-n", f"{cloud.DIR}/lock", "true", check=False).returncode, 10)
                done = cloud.run(*AGAIN, check=False)
            finally:
                holder.stdin.close()
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("another quickstart", done.stderr)

    def test_folders_of_others_are_left_alone(self):
        with tempfile.TemporaryDirectory() as folder:
            thesis = os.path.join(folder, "thesis")
            with open(thesis, "w", encoding="ascii") as file:
                file.write("precious")
            for action in ([], ["--down"], ["--purge"]):
                done = cloud.run(QUICKSTART, "--dir", folder, "--no-build", *action, check=False)
                self.assertNotEqual(done.returncode, 0, action)
                self.assertIn(folder, done.stderr)
                self.assertEqual(os.listdir(folder), ["thesis"], action)

    def test_a_second_cloud_is_refused_and_its_purge_harms_nobody(self):
        """Also while the first is down: its guests live on."""
        guest = self.start_guest().wait_running().wait_ssh()
        with tempfile.TemporaryDirectory() as folder:
            os.chmod(folder, 0o711)
            other = (QUICKSTART, "--dir", folder, "--build-dir", cloud.BUILD, "--no-build")
            done = cloud.run(*other, check=False)
            self.assertNotEqual(done.returncode, 0)
            self.assertRegex(done.stderr, r"port \d+ of this machine is in use")
            cloud.run(*AGAIN[:-2], "--down")
            try:
                done = cloud.run(*other, check=False)
                self.assertNotEqual(done.returncode, 0)
                self.assertIn(guest.id, done.stderr)
                # As it would be with a part of a cloud in it.
                os.makedirs(f"{folder}/nc/network")
                self.assertIn("its network and libvirtd stay", cloud.run(*other, "--purge").stdout)
            finally:
                cloud.run(*AGAIN)
            os.makedirs(folder, exist_ok=True)
        self.assertEqual(guest.ssh("echo here").stdout, "here\n")
        guest.terminate()

    def test_what_its_user_removed_is_made_again(self):
        self.ec2.delete_key_pair(KeyName="quickstart")
        machine, kernel = cloud.image_id(), cloud.image_id("kernel")
        self.ec2.deregister_image(ImageId=kernel)
        # All but the last two of its arguments: with the instance, which runs already.
        done = cloud.run(*AGAIN[:-1])
        self.assertIn("answers over SSH", done.stdout)
        self.assertNotIn(cloud.image_id(), (machine, ""))
        self.assertNotEqual(cloud.image_id("kernel"), kernel)
        # The instance of one that was killed before it noted what it had started.
        guest = self.start_guest(ClientToken="killed")
        noted = f"{cloud.DIR}/instance.id"
        with open(f"{cloud.DIR}/instance.token", "w", encoding="ascii") as file:
            file.write(f"{cloud.image_id()} killed\n")
        os.rename(noted, f"{noted}.kept")
        try:
            done = cloud.run(*AGAIN[:-1])
        finally:
            os.rename(f"{noted}.kept", noted)
        self.assertIn(f"{guest.id} answers over SSH", done.stdout)
        self.assertFalse(os.path.exists(f"{cloud.DIR}/instance.token"))
        guest.terminate()

    def test_an_instance_whose_key_file_is_lost_is_named(self):
        key, noted = f"{cloud.DIR}/quickstart.pem", f"{cloud.DIR}/instance.id"
        os.rename(key, f"{key}.kept")
        try:
            done = cloud.run(*AGAIN[:-1], check=False)
        finally:
            os.rename(f"{key}.kept", key)
        self.assertNotEqual(done.returncode, 0)
        with open(noted, encoding="ascii") as file:
            self.assertRegex(done.stderr, f"quickstart.pem, the key of the instance {file.read().strip()}, is gone")

    def test_doctor_finds_it_healthy(self):
        done = cloud.run(
            f"{cloud.BUILD}/bin/angophora", "doctor", "--settings-dir", f"{cloud.DIR}/etc", check=False)
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_other_settings_reach_running_daemons_and_guests_live_on(self):
        guest = self.start_guest().wait_running().wait_ssh()
        before = [cloud.daemon_pid(name) for name in cloud.DAEMONS]
        # An administrator has settings of his own for other clouds.
        strange = {**os.environ, "AWS_SESSION_TOKEN": "of-another-cloud", "AWS_PROFILE": "work",
                   "http_proxy": "http://127.0.0.1:1", "no_proxy": ""}
        try:
            changed = cloud.run(*AGAIN, "--domain", "other.example", env=strange).stdout
            self.assertIn("settings or programs have changed", changed)
            for name, pid in zip(cloud.DAEMONS, before):
                self.assertNotEqual(cloud.daemon_pid(name), pid, name)
            with open(f"{cloud.DIR}/images/machine.id", encoding="ascii") as file:
                self.assertTrue(file.read().startswith("emi-"))
            self.assertEqual(guest.ssh("echo here").stdout, "here\n")
        finally:
            cloud.run(*AGAIN)
        guest.terminate()

    def test_no_other_user_of_the_host_reads_disks_images_or_the_network(self):
        guest = self.start_guest().wait_running()
        network = f"{cloud.DIR}/nc/network/document.json"
        image = f"{cloud.DIR}/nc/images/{cloud.image_id()}.img"
        for file in (f"{cloud.DIR}/nc/instances/{guest.id}/root.qcow2", image, network):
            self.assertTrue(os.path.exists(file), file)
            peek = cloud.run("runuser", "-u", "nobody", "--", "head", "-c", "1", file, check=False)
            self.assertNotEqual(peek.returncode, 0, f"anybody reads {file}")
        guest.terminate()

    def test_a_folder_that_guests_cannot_reach_is_refused(self):
        with tempfile.TemporaryDirectory() as folder:  # 0700
            done = cloud.run(
                QUICKSTART, "--dir", folder + "/cloud", "--build-dir", cloud.BUILD, "--no-build", check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("libvirt-qemu", done.stderr)

    def test_credentials_are_found_from_any_shell(self):
        for shell in ("bash", "sh"):
            certificate = cloud.run(shell, "-c", f". {cloud.DIR}/eucarc && ls $EC2_CERT", cwd="/")
            self.assertTrue(certificate.stdout.startswith("/"), shell)

    def test_wrong_arguments_are_named(self):
        for arguments, word in ((["--dir"], "--dir"), (["--no-such"], "--no-such"),
                                (["--virtualization", "bogus"], "bogus"),
                                (["--host", 'a b"c'], 'a b"c'), (["--domain", 'x"y'], 'x"y')):
            done = cloud.run(QUICKSTART, *arguments, check=False)
            self.assertEqual(done.returncode, 2)
            self.assertIn(word, done.stderr)


if __name__ == "__main__":
    unittest.main()
