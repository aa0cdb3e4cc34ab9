"""Images that are not what they say: refused when they are registered, or at the latest on the node,
by name, with nothing left behind; the images beside them go on working."""

import io
import os
import tarfile
import unittest
import uuid

import bundle
import cloud

IMAGE = os.urandom(64 * 1024)


def node_files():
    """What the node keeps of instances and images, but for records of what is over."""
    found = set()
    for folder, _, names in os.walk(f"{cloud.DIR}/nc"):
        if folder.endswith("/records"):
            continue
        found.update(os.path.join(folder, name) for name in names)
    return found


class BadImages(cloud.CloudTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.s3 = cloud.client("s3")
        cls.bucket = "bad-images-" + uuid.uuid4().hex[:8]
        cls.s3.create_bucket(Bucket=cls.bucket)
        cls.images = []
        cls.addClassCleanup(cls.clean)

    @classmethod
    def clean(cls):
        for image in cls.images:
            cls.ec2.deregister_image(ImageId=image)
        for item in cls.s3.list_objects_v2(Bucket=cls.bucket).get("Contents", []):
            cls.s3.delete_object(Bucket=cls.bucket, Key=item["Key"])
        cls.s3.delete_bucket(Bucket=cls.bucket)

    def register(self, location):
        image = self.ec2.register_image(
            ImageLocation=location, Name="bad-" + uuid.uuid4().hex[:8])["ImageId"]
        self.images.append(image)
        return image

    def refusal(self, what, code="InvalidManifest", manifest=None):
        """The sentence with which registering is refused."""
        location = what.upload(self.s3, self.bucket, manifest)
        before = {i["ImageId"] for i in self.ec2.describe_images()["Images"]}
        sentence = self.assert_refused(
            code, self.ec2.register_image, ImageLocation=location, Name="bad-" + uuid.uuid4().hex[:8])
        self.assertEqual({i["ImageId"] for i in self.ec2.describe_images()["Images"]}, before)
        return sentence

    def fails_on_the_node(self, image, *words):
        """An instance of it ends with a reason that has these words, and leaves nothing."""
        files, domains = node_files(), cloud.domains()
        guest = self.start_guest(
            ImageId=image, KernelId=cloud.image_id("kernel"), RamdiskId=cloud.image_id("ramdisk"))
        ended = cloud.wait_until(
            "the end of " + guest.id,
            lambda: (lambda i: i if i["State"]["Name"] == "terminated" else None)(guest.describe()), 90)
        reason = ended["StateReason"]
        self.assertIn(reason["Code"].split(".")[0], ("Server", "Client"), reason)
        for word in words:
            self.assertIn(word, reason["Message"])
        known = {f"{cloud.image_id(kind)}" for kind in ("kernel", "ramdisk", "machine")}

        def left():
            new = {f for f in node_files() - files if not any(k in f for k in known)}
            text = cloud.run("ip", "-br", "link").stdout + cloud.run("nft", "list", "ruleset").stdout
            return new or cloud.domains() - domains or guest.id[-8:] in text

        cloud.wait_until(f"no leftovers of {guest.id}", lambda: not left(), 20)
        return reason

    def test_a_bundle_made_with_openssl_alone_runs(self):
        """So that the flaws below are what is refused, and not the way these bundles are made."""
        with open(f"{cloud.DIR}/images/root.ext4", "rb") as file:
            good = bundle.Bundle(file.read())
        image = self.register(good.upload(self.s3, self.bucket))
        guest = self.start_guest(
            ImageId=image, KernelId=cloud.image_id("kernel"), RamdiskId=cloud.image_id("ramdisk"))
        guest.wait_running().wait_ssh()
        guest.terminate()

    def test_wrong_keys(self):
        folder = bundle.temporary_folder(self)
        key, certificate = bundle.new_certificate(folder)
        sentences = set()
        with self.subTest("bundled for another cloud"):
            sentences.add(self.refusal(bundle.Bundle(IMAGE, name="x", cloud_certificate=certificate)))
        with self.subTest("a key that is none"):
            what = bundle.Bundle(IMAGE, name="x")
            what.key = b"short"
            sentences.add(self.refusal(what))
        # Nobody learns from the answer how far the decryption came.
        self.assertEqual(len(sentences), 1, sentences)
        with self.subTest("signed by a stranger"):
            self.assertIn("sign", self.refusal(bundle.Bundle(IMAGE, user_key=key)))

    def test_what_was_changed_after_signing(self):
        what = bundle.Bundle(IMAGE)
        manifest = what.manifest()
        for old, new in ((f"<size>{what.size}", f"<size>{what.size + 1}"), ("x86_64", "i386"),
                         (what.digest, "0" * 40), (what.part_digests[0], "0" * 40)):
            with self.subTest(old):
                self.assertIn("sign", self.refusal(what, manifest=manifest.replace(old, new)))

    def test_sizes_and_parts_that_do_not_fit(self):
        def with_field(**fields):
            what = bundle.Bundle(IMAGE)
            for name, value in fields.items():
                setattr(what, name, value)
            return what

        for fields, word in (
            ({"size": 0}, "size"), ({"size": -1}, "size"), ({"size": 1 << 62}, "size"),
            ({"size": 1 << 80}, "size"), ({"bundled_size": 5}, "bundled size"),
            ({"part_digests": []}, "part"), ({"part_digests": ["0" * 39]}, "digest"),
            ({"digest": "nonsense"}, "digest"), ({"kind": "sandwich"}, "sandwich"),
        ):
            with self.subTest(**fields):
                self.assertIn(word, self.refusal(with_field(**fields)))
        with self.subTest("an empty part"):
            self.assertIn("part", self.refusal(with_field(parts=[b""])))
        with self.subTest("a part that is not there"):
            what = with_field(parts=[], name="gone")
            self.assertIn("gone.part.00", self.refusal(what, "AuthFailure"))

    def test_documents_that_are_no_manifests(self):
        what = bundle.Bundle(IMAGE)
        good = what.manifest()
        entity = '<!DOCTYPE m [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
        for name, document in (
            ("junk", "junk"), ("empty", " "), ("html", "<html/>"), ("cut", good[: len(good) // 2]),
            ("entity", entity + good.replace("<?xml version='1.0'?>", "").replace("x86_64", "&x;")),
            ("deep", "<a>" * 100000), ("a part elsewhere", good.replace(what.part_name(0), "../x")),
            ("an image before the image", good.replace("<machine_c", "<image></image><machine_c")),
        ):
            with self.subTest(name):
                self.assertNotIn("root:", self.refusal(what, manifest=document))

    def test_a_part_that_was_replaced_after_registration(self):
        what = bundle.Bundle(IMAGE)
        image = self.register(what.upload(self.s3, self.bucket))
        other = bytearray(what.parts[0])
        other[len(other) // 2] ^= 1
        self.s3.put_object(Bucket=self.bucket, Key=what.part_name(0), Body=bytes(other), ACL="aws-exec-read")
        self.fails_on_the_node(image, what.part_name(0))

    def test_a_part_that_was_deleted_after_registration(self):
        what = bundle.Bundle(IMAGE)
        image = self.register(what.upload(self.s3, self.bucket))
        self.s3.delete_object(Bucket=self.bucket, Key=what.part_name(0))
        self.fails_on_the_node(image, what.part_name(0))

    def test_wrong_digests_that_are_well_signed(self):
        for field, value in (("digest", "0" * 40), ("part_digests", ["0" * 40])):
            with self.subTest(field):
                what = bundle.Bundle(IMAGE)
                setattr(what, field, value)
                image = self.register(what.upload(self.s3, self.bucket))
                self.fails_on_the_node(image, image, "digest")

    def test_sizes_that_only_the_node_can_see(self):
        for size in (len(IMAGE) - 512, len(IMAGE) + 512):
            with self.subTest(size=size):
                what = bundle.Bundle(IMAGE)
                what.size = size
                image = self.register(what.upload(self.s3, self.bucket))
                self.fails_on_the_node(image, image, f"{len(IMAGE)} bytes")

    def test_a_bomb_is_stopped_at_the_size_it_promised(self):
        what = bundle.Bundle(IMAGE, tar=bundle.tar_of("bomb", bytes(300 * 1024 * 1024)))
        self.fails_on_the_node(self.register(what.upload(self.s3, self.bucket)))

    def test_hostile_archives(self):
        def archive(*entries):
            out = io.BytesIO()
            with tarfile.open(fileobj=out, mode="w") as tar:
                for name, kind, link in entries:
                    entry = tarfile.TarInfo(name)
                    entry.type, entry.linkname = kind, link
                    entry.size = len(IMAGE) if kind == tarfile.REGTYPE else 0
                    tar.addfile(entry, io.BytesIO(IMAGE))
            return out.getvalue()

        for name, tar in (
            ("a link out", archive(("x", tarfile.SYMTYPE, "/etc/shadow"))),
            ("a hard link", archive(("x", tarfile.LNKTYPE, "/etc/shadow"))),
            ("a device", archive(("x", tarfile.BLKTYPE, ""))),
            ("a folder", archive(("x", tarfile.DIRTYPE, ""))),
            ("nothing", bytes(10240)),
            ("no archive", os.urandom(10240)),
            ("a cut archive", bundle.tar_of("x", IMAGE)[:20000]),
        ):
            with self.subTest(name):
                what = bundle.Bundle(IMAGE, tar=tar)
                self.fails_on_the_node(self.register(what.upload(self.s3, self.bucket)))

    def test_a_path_in_the_archive_leads_nowhere(self):
        what = bundle.Bundle(IMAGE, tar=bundle.tar_of("../../../../tmp/angophora-evil", IMAGE))
        image = self.register(what.upload(self.s3, self.bucket))
        guest = self.start_guest(
            ImageId=image, KernelId=cloud.image_id("kernel"), RamdiskId=cloud.image_id("ramdisk"))
        cloud.wait_until("a verdict", lambda: guest.describe()["State"]["Name"] != "pending", 60)
        self.assertFalse(os.path.exists("/tmp/angophora-evil"))
        guest.terminate()


if __name__ == "__main__":
    unittest.main()
