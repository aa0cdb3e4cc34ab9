"""What was acknowledged survives kill -9 at any moment, whole; what was not is old or new, whole."""
import hashlib
import os
import random
import shutil
import sqlite3
import threading
import time
import unittest

import botocore.exceptions

from store import Store

ROUNDS = int(os.environ.get("WALRUS_CRASH_ROUNDS", "8"))
LOST = (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError)


def body_of(key, version):
    """Every body tells its key and version, and its size depends on both."""
    head = f"{key}:{version}:".encode()
    size = (1 << (version % 7) * 3) + version
    block = hashlib.sha256(head).digest()
    return head + (block * (size // len(block) + 1))[:size]


class Writer(threading.Thread):
    """Writes one key over and over until the store dies."""

    def __init__(self, store, key, first):
        super().__init__()
        self.client, self.key = store.client(), key
        self.acknowledged, self.tried = first, first
        self.acknowledged_deletion = False

    def run(self):
        try:
            while True:
                self.tried += 1
                body = body_of(self.key, self.tried)
                if self.tried % 5 == 0:
                    self.in_parts(body)
                else:
                    self.client.put_object(Bucket="crash", Key=self.key, Body=body)
                self.acknowledged = self.tried
        except LOST:
            pass

    def in_parts(self, body):
        name = dict(Bucket="crash", Key=self.key)
        upload = self.client.create_multipart_upload(**name)["UploadId"]
        tag = self.client.upload_part(UploadId=upload, PartNumber=1, Body=body, **name)["ETag"]
        self.client.complete_multipart_upload(
            UploadId=upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": tag}]}, **name)


class Crash(unittest.TestCase):
    arguments = []

    def setUp(self):
        self.store = Store(*self.arguments)
        self.addCleanup(self.store.close)

    def check(self, writer):
        client = self.store.client()
        try:
            body = client.get_object(Bucket="crash", Key=writer.key)["Body"].read()
        except client.exceptions.NoSuchKey:
            self.assertEqual(writer.acknowledged, 0, writer.key + " is lost")
            return 0
        version = int(body.split(b":", 2)[1])
        self.assertEqual(body, body_of(writer.key, version), writer.key + " is not whole")
        self.assertGreaterEqual(version, writer.acknowledged, writer.key + " is older than promised")
        self.assertLessEqual(version, writer.tried)
        return version  # not what was tried: that may never have arrived

    def check_no_rubbish(self):
        """After the sweep there are as many files as the database knows, and no pack without a blob
        but the present one."""
        database = sqlite3.connect(f"file:{self.store.dir}/walrus.db?mode=ro", uri=True)
        deadline = time.monotonic() + 30
        while True:
            known = {row[0] for row in database.execute("SELECT id FROM blobs WHERE file=''")}
            packs = {row[0] for row in database.execute("SELECT file FROM blobs WHERE file<>''")}
            files, kept = set(self.store.blob_files()), set(self.store.packs())
            # What is missing may just have been moved, in between.
            if files == known and packs <= kept and len(kept - packs) <= 1:
                break
            self.assertLess(time.monotonic(), deadline,
                            f"missing: {known - files} {packs - kept}; "
                            f"rubbish stays: {files - known} {kept - packs}")
            time.sleep(0.1)
        # What is counted as it comes and goes is what is there, whatever was killed.
        self.assertEqual(
            database.execute("SELECT bucket, objects, bytes FROM bucket_usage WHERE objects<>0 "
                             "ORDER BY bucket").fetchall(),
            database.execute("SELECT bucket, COUNT(*), SUM(size_bytes) FROM versions "
                             "WHERE marker=0 GROUP BY bucket ORDER BY bucket").fetchall())
        database.close()

    def test_acknowledged_objects_are_whole_after_kill(self):
        self.store.client().create_bucket(Bucket="crash")
        versions = {f"key-{n}": 0 for n in range(6)}
        chance = random.Random(20261122)
        for _ in range(ROUNDS):
            writers = [Writer(self.store, key, first) for key, first in versions.items()]
            for writer in writers:
                writer.start()
            time.sleep(chance.uniform(0.2, 1.5))
            self.store.kill()
            for writer in writers:
                writer.join()
            self.store.start()
            for writer in writers:
                versions[writer.key] = self.check(writer)
            self.check_no_rubbish()
        self.assertTrue(any(versions.values()), "nothing was ever written")

    def test_a_deletion_that_was_acknowledged_stays(self):
        client = self.store.client()
        client.create_bucket(Bucket="crash")
        client.put_object(Bucket="crash", Key="gone", Body=b"x" * 100000)
        client.put_object(Bucket="crash", Key="kept", Body=b"y" * 100000)
        client.delete_object(Bucket="crash", Key="gone")
        self.store.kill()
        self.store.start()
        client = self.store.client()
        keys = [o["Key"] for o in client.list_objects_v2(Bucket="crash")["Contents"]]
        self.assertEqual(keys, ["kept"])
        self.check_no_rubbish()

    def database_files(self):
        return [f for f in os.listdir(self.store.dir) if f.startswith("walrus.db")]

    def keep_database(self, name):
        """A copy of the database of a store that does not run."""
        os.mkdir(f"{self.store.dir}/{name}")
        for file in self.database_files():
            shutil.copy2(f"{self.store.dir}/{file}", f"{self.store.dir}/{name}/{file}")

    def bring_database(self, name):
        for file in self.database_files():
            os.remove(f"{self.store.dir}/{file}")
        for file in os.listdir(f"{self.store.dir}/{name}"):
            shutil.copy2(f"{self.store.dir}/{name}/{file}", f"{self.store.dir}/{file}")

    def keys(self):
        client = self.store.client()
        listed = client.list_objects_v2(Bucket="crash").get("Contents", [])
        return {o["Key"]: client.get_object(Bucket="crash", Key=o["Key"])["Body"].read() for o in listed}

    def test_a_lost_database_costs_no_object(self):
        client = self.store.client()
        client.create_bucket(Bucket="crash")
        client.put_object(Bucket="crash", Key="one", Body=b"1" * 100000)
        self.store.kill()
        self.keep_database("kept")
        for file in self.database_files():
            os.remove(f"{self.store.dir}/{file}")
        with self.assertRaisesRegex(RuntimeError, "walrus.db is missing"):
            self.store.start()
        self.bring_database("kept")
        self.store.start()
        self.assertEqual(self.keys(), {"one": b"1" * 100000})

    def test_an_old_database_costs_no_object(self):
        for size in (1000, 100000):  # in a pack, in a file
            with self.subTest(size=size):
                self.see_an_old_database(size)

    def see_an_old_database(self, size):
        store, self.store = self.store, Store(*self.arguments)
        try:
            one, two = b"1" * size, b"2" * size
            client = self.store.client()
            client.create_bucket(Bucket="crash")
            client.put_object(Bucket="crash", Key="one", Body=one)
            self.store.kill()
            self.keep_database("old")
            self.store.start()
            self.store.client().put_object(Bucket="crash", Key="two", Body=two)
            self.store.kill()
            self.keep_database("new")
            self.bring_database("old")
            self.store.start()
            self.check_no_rubbish()
            self.assertEqual(self.keys(), {"one": one})
            self.store.kill()
            self.bring_database("new")
            self.store.start()
            self.check_no_rubbish()
            self.assertEqual(self.keys(), {"one": one, "two": two})
        finally:
            self.store.close()
            self.store = store


class CrashWhilePacksAreCollected(Crash):
    """The same with packs that fill in no time and are looked at each second."""
    arguments = ["--pack-mib", "1", "--pack-collection-s", "1"]

    def test_small_objects_survive_packs_that_are_written_anew(self):
        client = self.store.client()
        client.create_bucket(Bucket="crash")
        bodies = {f"stays-{n}": os.urandom(60000) for n in range(3)}
        for key, body in bodies.items():
            client.put_object(Bucket="crash", Key=key, Body=body)
        first = set(self.store.packs())
        deadline = time.monotonic() + 60
        for n in range(10**6):
            client.put_object(Bucket="crash", Key="goes", Body=os.urandom(65536))
            if n > 20 and not first & set(self.store.packs()):
                break
            self.assertLess(time.monotonic(), deadline, "the first pack is never given back")
        self.store.kill()
        self.store.start()
        self.check_no_rubbish()
        found = self.keys()
        found.pop("goes")
        self.assertEqual(found, bodies)


if __name__ == "__main__":
    unittest.main()
