"""`angophora image import` as an operator types it: raw and qcow2, a file system with kernel and
ramdisk, a whole disk that boots by its own loader, and files made to harm."""

import contextlib
import os
import socket
import socketserver
import subprocess
import tempfile
import threading
import unittest
import urllib.parse
import uuid

import cloud

IMAGES = f"{cloud.DIR}/images"
DISK = f"{cloud.BUILD}/guest-image/disk.img"


def qemu_img(*arguments):
    cloud.run("qemu-img", *arguments)


@contextlib.contextmanager
def ec2_that_loses_answers(action):
    """The URL of EC2 through a line that breaks before the answer to `action` arrives."""
    behind = urllib.parse.urlparse(cloud.ENVIRONMENT["EC2_URL"])

    def message(connection):
        """One HTTP message with a Content-Length; b"" at the end."""
        got = b""
        while piece := connection.recv(65536):
            got += piece
            head, _, body = got.partition(b"\r\n\r\n")
            length = [h for h in head.lower().split(b"\r\n") if h.startswith(b"content-length:")]
            if length and len(body) >= int(length[0].split(b":")[1]):
                return got
        return b""

    class Line(socketserver.BaseRequestHandler):
        def handle(self):
            with socket.create_connection((behind.hostname, behind.port)) as there:
                while request := message(self.request):
                    there.sendall(request)
                    answer = message(there)
                    if f"Action={action}&".encode() in request + b"&":
                        return
                    self.request.sendall(answer)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Line) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}{behind.path}"
        finally:
            server.shutdown()


class ImageImport(cloud.CloudTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.imported = []

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        for image in cls.imported:
            cls.ec2.deregister_image(ImageId=image)

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def angophora(self, file, *options, **environment):
        return subprocess.run(
            [f"{cloud.BUILD}/bin/angophora", "image", "import", file, "--work-dir",
             self.folder.name, *options], capture_output=True, text=True, timeout=120,
            env={**os.environ, **environment})

    def import_image(self, file, *options):
        """Imports; the last line of the output is the image's id."""
        done = self.angophora(file, "--name", "import-" + uuid.uuid4().hex[:8], *options)
        self.assertEqual(done.returncode, 0, done.stderr)
        image = done.stdout.strip()
        self.imported.append(image)
        return image

    def refusal(self, file, *options):
        before = {i["ImageId"] for i in self.ec2.describe_images()["Images"]}
        done = self.angophora(file, *options)
        self.assertNotEqual(done.returncode, 0, "it was taken")
        self.assertEqual({i["ImageId"] for i in self.ec2.describe_images()["Images"]}, before)
        return done.stderr

    def boot(self, image):
        return self.start_guest(ImageId=image).wait_running().wait_ssh()

    def test_a_whole_disk_in_qcow2_boots_by_its_own_loader(self):
        qemu_img("convert", "-f", "raw", "-O", "qcow2", "-c", DISK, self.path("disk.qcow2"))
        image = self.import_image(self.path("disk.qcow2"), "--description", "a whole disk")
        described = self.ec2.describe_images(ImageIds=[image])["Images"][0]
        self.assertEqual(described["Description"], "a whole disk")
        self.assertNotIn("KernelId", described)
        guest = self.boot(image)
        # Its own loader's command line, and its own partition.
        self.assertIn("root=LABEL=guest", guest.ssh("cat /proc/cmdline").stdout)
        self.assertIn("vda1", guest.ssh("cat /proc/partitions").stdout)
        guest.terminate()

    def test_a_whole_raw_disk_boots_by_its_own_loader(self):
        guest = self.boot(self.import_image(DISK))
        self.assertIn("vda1", guest.ssh("cat /proc/partitions").stdout)
        guest.terminate()

    def test_a_file_system_in_qcow2_boots_with_kernel_and_ramdisk(self):
        qemu_img("convert", "-f", "raw", "-O", "qcow2", f"{IMAGES}/root.ext4", self.path("root.qcow2"))
        image = self.import_image(
            self.path("root.qcow2"), "--kernel", cloud.image_id("kernel"), "--ramdisk",
            cloud.image_id("ramdisk"))
        described = self.ec2.describe_images(ImageIds=[image])["Images"][0]
        self.assertEqual(described["KernelId"], cloud.image_id("kernel"))
        guest = self.boot(image)
        self.assertEqual(guest.ssh("echo hello").stdout.strip(), "hello")
        guest.terminate()

    def test_what_would_be_refused_is_refused_before_the_upload(self):
        image = self.import_image(f"{IMAGES}/root.ext4")
        name = self.ec2.describe_images(ImageIds=[image])["Images"][0]["Name"]
        cases = {f"{image} has the name {name}": ["--name", name],
                 "InvalidAMIID.NotFound": ["--kernel", "eki-0123456789abcdef0"]}
        for sentence, options in cases.items():
            with self.subTest(sentence):
                told = self.refusal(f"{IMAGES}/root.ext4", *options)
                self.assertIn(sentence, told)
                self.assertNotIn("bundling", told)

    def test_public_images_say_so(self):
        image = self.import_image(f"{IMAGES}/root.ext4", "--public")
        self.assertTrue(self.ec2.describe_images(ImageIds=[image])["Images"][0]["Public"])

    def test_a_lost_answer_is_asked_for(self):
        """What is registered keeps its bundle, also when nobody heard that it was registered."""
        name = "import-" + uuid.uuid4().hex[:8]
        with ec2_that_loses_answers("RegisterImage") as url:
            done = self.angophora(f"{IMAGES}/initrd.img", "--kind", "ramdisk", "--name", name, EC2_URL=url)
        images = self.ec2.describe_images(Owners=["self"], Filters=[{"Name": "name", "Values": [name]}])["Images"]
        self.imported += [image["ImageId"] for image in images]
        self.assertEqual((done.returncode, done.stdout.split()), (0, self.imported[-1:]), done.stderr)
        bucket, _, manifest = images[0]["ImageLocation"].partition("/")
        cloud.client("s3").head_object(Bucket=bucket, Key=manifest)

    def test_an_image_that_could_not_be_made_public_keeps_its_bundle(self):
        name = "import-" + uuid.uuid4().hex[:8]
        with ec2_that_loses_answers("ModifyImageAttribute") as url:
            done = self.angophora(
                f"{IMAGES}/initrd.img", "--kind", "ramdisk", "--name", name, "--public", EC2_URL=url)
        self.assertNotEqual(done.returncode, 0)
        self.imported.append(done.stdout.strip())
        self.assertIn(f"{self.imported[-1]} is registered, but not public", done.stderr)
        location = self.ec2.describe_images(ImageIds=self.imported[-1:])["Images"][0]["ImageLocation"]
        bucket, _, manifest = location.partition("/")
        cloud.client("s3").head_object(Bucket=bucket, Key=manifest)

    def test_hostile_qcow2_is_refused(self):
        secret = self.path("secret")
        with open(secret, "wb") as file:
            file.write(b"secret" * 100000)
        cases = {
            "backing file": ["create", "-q", "-f", "qcow2", "-b", secret, "-F", "raw"],
            "external data file":
                ["create", "-q", "-f", "qcow2", "-o", f"data_file={self.path('outside')}"],
            "the limit is": ["create", "-q", "-f", "qcow2", "-o", "cluster_size=2M"],
        }
        for sentence, command in cases.items():
            with self.subTest(sentence):
                file = self.path("hostile.qcow2")
                size = {"backing file": [], "external data file": ["8M"], "the limit is": ["100P"]}
                qemu_img(*command, file, *size[sentence])
                self.assertIn(sentence, self.refusal(file))

    def test_a_backing_file_in_json_is_refused(self):
        """The name of a backing file may be a whole description of a block device."""
        file = self.path("json.qcow2")
        backing = 'json:{"driver":"raw","file":{"driver":"file","filename":"/etc/shadow"}}'
        qemu_img("create", "-q", "-u", "-f", "qcow2", "-b", backing, "-F", "raw", file, "8M")
        self.assertIn("backing file", self.refusal(file))

    def test_a_cut_or_broken_qcow2_is_refused(self):
        qemu_img("convert", "-f", "raw", "-O", "qcow2", f"{IMAGES}/root.ext4", self.path("whole"))
        with open(self.path("whole"), "rb") as file:
            whole = file.read()
        with open(self.path("cut"), "wb") as file:
            file.write(whole[: 70000])
        with open(self.path("junk"), "wb") as file:
            file.write(b"QFI\xfb" + os.urandom(5000))
        for name in ("cut", "junk"):
            with self.subTest(name):
                self.assertIn(name, self.refusal(self.path(name)))

    def test_what_is_no_file_is_refused_by_name(self):
        open(self.path("empty"), "wb").close()
        os.mkfifo(self.path("pipe"))
        for name in ("/dev/zero", self.folder.name, self.path("empty"), self.path("pipe"), "/none"):
            with self.subTest(name):
                self.assertIn(name, self.refusal(name))

    def test_leaves_nothing_in_its_work_folder(self):
        self.refusal("/none")
        self.import_image(f"{IMAGES}/initrd.img", "--kind", "ramdisk")
        self.assertEqual([n for n in os.listdir(self.folder.name) if "angophora" in n], [])


if __name__ == "__main__":
    unittest.main()
