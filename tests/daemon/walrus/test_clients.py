"""Clients that others wrote drive the object store: boto3, boto 2 (Signature Version 2), awscli,
s3cmd, rclone and s3fs."""
import json
import os
import random
import shutil
import subprocess
import time
import unittest
import urllib.error
import urllib.request

import botocore.exceptions

from store import ACCOUNTS, Store


def setUpModule():
    global STORE
    STORE = Store()


def tearDownModule():
    STORE.close()


def random_file(size):
    path = f"{STORE.dir}/file-{size}"
    if not os.path.exists(path):
        with open(path, "wb") as f:
            f.write(random.Random(size).randbytes(size))
    return path


def read(path):
    with open(path, "rb") as f:
        return f.read()


class Boto3(unittest.TestCase):
    def setUp(self):
        self.s3 = STORE.client()
        self.bucket = "boto3-" + self._testMethodName.replace("_", "-")[5:40].rstrip("-")
        self.s3.create_bucket(Bucket=self.bucket,
                              CreateBucketConfiguration={"LocationConstraint": "angophora"})

    def test_metadata_and_headers_come_back(self):
        self.s3.put_object(Bucket=self.bucket, Key="a b/ü+%", Body=b"text", ContentType="text/plain",
                           CacheControl="no-cache", ContentEncoding="x-rot13",
                           Metadata={"colour": "blue"})
        got = self.s3.get_object(Bucket=self.bucket, Key="a b/ü+%")
        self.assertEqual(got["Body"].read(), b"text")
        self.assertEqual((got["ContentType"], got["CacheControl"], got["ContentEncoding"]),
                         ("text/plain", "no-cache", "x-rot13"))
        self.assertEqual(got["Metadata"], {"colour": "blue"})

    def test_ranges_and_conditions(self):
        tag = self.s3.put_object(Bucket=self.bucket, Key="k", Body=b"0123456789")["ETag"]
        got = self.s3.get_object(Bucket=self.bucket, Key="k", Range="bytes=2-4")
        self.assertEqual((got["Body"].read(), got["ContentRange"]), (b"234", "bytes 2-4/10"))
        for arguments, status in ((dict(IfNoneMatch=tag), 304), (dict(IfMatch='"x"'), 412),
                                  (dict(Range="bytes=10-"), 416)):
            with self.assertRaises(botocore.exceptions.ClientError) as failed:
                self.s3.get_object(Bucket=self.bucket, Key="k", **arguments)
            self.assertEqual(failed.exception.response["ResponseMetadata"]["HTTPStatusCode"], status)

    def test_large_upload_in_parts(self):
        source = random_file(20_000_000)
        self.s3.upload_file(source, self.bucket, "large")
        self.s3.download_file(self.bucket, "large", source + ".back")
        self.assertEqual(read(source), read(source + ".back"))
        self.s3.copy_object(Bucket=self.bucket, Key="copy",
                            CopySource={"Bucket": self.bucket, "Key": "large"})
        self.s3.delete_object(Bucket=self.bucket, Key="large")
        self.s3.download_file(self.bucket, "copy", source + ".back")
        self.assertEqual(read(source), read(source + ".back"))

    def test_listing_pages(self):
        for n in range(25):
            self.s3.put_object(Bucket=self.bucket, Key=f"d{n % 5}/k{n:02}", Body=b"")
        pages = self.s3.get_paginator("list_objects_v2").paginate(
            Bucket=self.bucket, PaginationConfig={"PageSize": 7})
        self.assertEqual(sum(len(page["Contents"]) for page in pages), 25)
        groups = self.s3.list_objects(Bucket=self.bucket, Delimiter="/")["CommonPrefixes"]
        self.assertEqual([g["Prefix"] for g in groups], [f"d{n}/" for n in range(5)])

    def test_deletes_many_at_once(self):
        names = [{"Key": f"k{n}"} for n in range(30)]
        for name in names:
            self.s3.put_object(Bucket=self.bucket, Body=b"x", **name)
        done = self.s3.delete_objects(Bucket=self.bucket, Delete={"Objects": names})
        self.assertEqual(len(done["Deleted"]), 30)
        self.s3.delete_bucket(Bucket=self.bucket)

    def test_presigned_urls(self):
        self.s3.put_object(Bucket=self.bucket, Key="k", Body=b"presigned")
        for version in ("s3v4", "s3"):
            url = STORE.client(signature_version=version).generate_presigned_url(
                "get_object", Params={"Bucket": self.bucket, "Key": "k"}, ExpiresIn=60)
            with urllib.request.urlopen(url) as answer:
                self.assertEqual(answer.read(), b"presigned", version)
            with self.assertRaises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(url.replace("/k?", "/other?"))
            self.assertEqual(refused.exception.code, 403)

    def test_other_accounts_see_only_what_they_are_granted(self):
        other = STORE.client("other")
        for acl, can_read in (("private", False), ("authenticated-read", True),
                              ("aws-exec-read", False), ("public-read", True)):
            self.s3.put_object(Bucket=self.bucket, Key=acl, Body=b"x", ACL=acl)
            if can_read:
                self.assertEqual(other.get_object(Bucket=self.bucket, Key=acl)["Body"].read(), b"x")
            else:
                with self.assertRaises(botocore.exceptions.ClientError) as refused:
                    other.get_object(Bucket=self.bucket, Key=acl)
                self.assertEqual(refused.exception.response["Error"]["Code"], "AccessDenied")

    def test_checksums_are_verified_and_kept(self):
        self.s3.put_object(Bucket=self.bucket, Key="k", Body=b"text", ChecksumAlgorithm="CRC32")
        head = self.s3.head_object(Bucket=self.bucket, Key="k", ChecksumMode="ENABLED")
        self.assertEqual(head["ChecksumCRC32"], "O4unxw==")
        with self.assertRaises(botocore.exceptions.ClientError) as refused:
            self.s3.put_object(Bucket=self.bucket, Key="k", Body=b"text", ChecksumSHA256="A" * 43 + "=")
        self.assertEqual(refused.exception.response["Error"]["Code"], "BadDigest")

    def test_a_range_has_no_checksum_of_the_whole(self):
        self.s3.put_object(Bucket=self.bucket, Key="k", Body=b"text", ChecksumAlgorithm="CRC32")
        piece = self.s3.get_object(Bucket=self.bucket, Key="k", Range="bytes=1-2", ChecksumMode="ENABLED")
        self.assertEqual((piece["Body"].read(), piece.get("ChecksumCRC32")), (b"ex", None))

    def test_what_is_not_offered_is_refused(self):
        for call, arguments in (
                (self.s3.put_bucket_website,
                 dict(WebsiteConfiguration={"IndexDocument": {"Suffix": "index.html"}})),
                (self.s3.put_bucket_accelerate_configuration,
                 dict(AccelerateConfiguration={"Status": "Enabled"})),
                (self.s3.put_object, dict(Key="k", Body=b"", WebsiteRedirectLocation="/x"))):
            with self.assertRaises(botocore.exceptions.ClientError) as refused:
                call(Bucket=self.bucket, **arguments)
            self.assertEqual(refused.exception.response["Error"]["Code"], "NotImplemented")
        self.assertNotIn("Status", self.s3.get_bucket_accelerate_configuration(Bucket=self.bucket))


class Boto2(unittest.TestCase):
    def test_signature_version_2(self):
        import boto.s3.connection
        _, _, key, secret = ACCOUNTS["main"]
        s3 = boto.s3.connection.S3Connection(
            key, secret, host="127.0.0.1", port=STORE.port, is_secure=False,
            calling_format=boto.s3.connection.OrdinaryCallingFormat())
        bucket = s3.create_bucket("boto2-bucket")
        part = bucket.new_key("bundle/image.part.0")
        part.set_contents_from_string("bytes", headers={"x-amz-acl": "aws-exec-read"})
        self.assertEqual(bucket.get_key("bundle/image.part.0").get_contents_as_string(), b"bytes")
        grants = part.get_acl().acl.grants
        self.assertEqual([g.permission for g in grants], ["FULL_CONTROL", "READ"])
        part.set_canned_acl("public-read")
        url = STORE.endpoint + "/boto2-bucket/bundle/image.part.0"
        self.assertEqual(urllib.request.urlopen(url).read(), b"bytes")
        self.assertEqual([k.name for k in bucket.list()], ["bundle/image.part.0"])
        bucket.delete_keys(bucket.get_all_keys())
        bucket.delete()


class CommandLines(unittest.TestCase):
    def run_it(self, *words):
        done = subprocess.run(words, env=STORE.environment(), stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, f"{words}: {done.stdout}")
        return done.stdout

    def aws(self, *words):
        return self.run_it("/usr/bin/aws", "--endpoint-url", STORE.endpoint, *words)

    def test_awscli(self):
        source = random_file(9_000_000)
        self.aws("s3", "mb", "s3://awscli")
        self.aws("s3", "cp", "--no-progress", source, "s3://awscli/dir/file")
        self.aws("s3", "cp", "--no-progress", "s3://awscli/dir/file", source + ".aws")
        self.assertEqual(read(source), read(source + ".aws"))
        listed = json.loads(self.aws("s3api", "list-objects-v2", "--bucket", "awscli"))
        self.assertEqual([o["Size"] for o in listed["Contents"]], [9_000_000])
        self.aws("s3", "rb", "--force", "s3://awscli")

    def s3cmd(self, *words):
        _, _, key, secret = ACCOUNTS["main"]
        host = f"127.0.0.1:{STORE.port}"
        return self.run_it("s3cmd", "--config=/dev/null", f"--access_key={key}",
                           f"--secret_key={secret}", f"--host={host}", f"--host-bucket={host}",
                           "--no-ssl", "--no-progress", *words)

    def test_s3cmd(self):
        source = random_file(1_000_000)
        for style in ((), ("--signature-v2",)):
            self.s3cmd("mb", "s3://s3cmd-bucket", *style)
            self.s3cmd("put", source, "s3://s3cmd-bucket/a key", *style)
            self.s3cmd("get", "--force", "s3://s3cmd-bucket/a key", source + ".s3cmd", *style)
            self.assertEqual(read(source), read(source + ".s3cmd"))
            self.s3cmd("cp", "s3://s3cmd-bucket/a key", "s3://s3cmd-bucket/copy", *style)
            self.s3cmd("setacl", "--acl-public", "s3://s3cmd-bucket/copy", *style)
            self.assertIn("/copy", self.s3cmd("ls", "s3://s3cmd-bucket", *style))
            self.s3cmd("del", "--recursive", "--force", "s3://s3cmd-bucket", *style)
            self.s3cmd("rb", "s3://s3cmd-bucket", *style)

    def test_rclone(self):
        folder = STORE.dir + "/rclone"
        os.makedirs(folder + "/sub")
        for n in range(5):
            shutil.copy(random_file(300_000), f"{folder}/sub/f{n}")
        _, _, key, secret = ACCOUNTS["main"]
        for v2 in ("false", "true"):
            remote = (f":s3,provider=Other,access_key_id={key},secret_access_key='{secret}',"
                      f"endpoint='{STORE.endpoint}',v2_auth={v2}:rclone-{v2}")
            self.run_it("rclone", "sync", folder, remote)
            self.run_it("rclone", "check", folder, remote)
            self.run_it("rclone", "purge", remote)


class FileSystem(unittest.TestCase):
    """A bucket as a folder, by s3fs."""

    def setUp(self):
        # Without it nothing can be mounted, in some containers for example.
        if not os.path.exists("/dev/fuse"):
            self.skipTest("there is no /dev/fuse")
        STORE.client().create_bucket(Bucket="s3fs")
        _, _, key, secret = ACCOUNTS["main"]
        keys, self.folder = f"{STORE.dir}/s3fs-keys", f"{STORE.dir}/mounted"
        with open(os.open(keys, os.O_WRONLY | os.O_CREAT, 0o600), "w") as f:
            f.write(f"{key}:{secret}\n")
        os.mkdir(self.folder)
        done = subprocess.run(
            ["s3fs", "s3fs", self.folder, "-o", f"passwd_file={keys},url={STORE.endpoint}",
             "-o", "use_path_request_style,endpoint=angophora,enable_noobj_cache,multipart_size=5"],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.addCleanup(subprocess.run, ["umount", self.folder], check=True, timeout=60)
        deadline = time.monotonic() + 60
        while not os.path.ismount(self.folder):
            self.assertLess(time.monotonic(), deadline, "s3fs did not mount")
            time.sleep(0.05)

    def test_files_and_folders(self):
        os.makedirs(self.folder + "/a/b")
        with open(self.folder + "/a/b/small.txt", "w") as f:
            f.write("hello")
        large = random_file(17 << 20)  # in parts
        shutil.copyfile(large, self.folder + "/large")
        self.assertEqual(STORE.client().get_object(Bucket="s3fs", Key="a/b/small.txt")["Body"].read(), b"hello")
        self.assertEqual(STORE.client().get_object(Bucket="s3fs", Key="large")["Body"].read(), read(large))
        os.rename(self.folder + "/a/b/small.txt", self.folder + "/a/renamed.txt")
        os.chmod(self.folder + "/a/renamed.txt", 0o640)
        self.assertEqual(read(self.folder + "/a/renamed.txt"), b"hello")
        self.assertEqual(os.stat(self.folder + "/a/renamed.txt").st_mode & 0o777, 0o640)
        with open(self.folder + "/large", "r+b") as f:
            f.seek(6 << 20)
            f.write(b"in the middle")
        changed = bytearray(read(large))
        changed[6 << 20:(6 << 20) + 13] = b"in the middle"
        self.assertEqual(STORE.client().get_object(Bucket="s3fs", Key="large")["Body"].read(), bytes(changed))
        self.assertEqual(sorted(os.listdir(self.folder)), ["a", "large"])
        os.remove(self.folder + "/large")
        shutil.rmtree(self.folder + "/a")
        self.assertEqual(os.listdir(self.folder), [])


if __name__ == "__main__":
    unittest.main()
