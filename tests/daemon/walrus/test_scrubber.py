"""Bytes that changed on the disk are never served, and the scrubber says which they are."""
import os
import time
import unittest

import botocore.exceptions

from store import Store


class FlippedBits(unittest.TestCase):
    def setUp(self):
        self.store = Store("--scrub-mib-per-s", "100", "--scrub-every-s", "1")
        self.addCleanup(self.store.close)
        self.client = self.store.client()
        self.client.create_bucket(Bucket="bits")

    def flip(self, path, offset):
        with open(path, "r+b") as f:
            f.seek(offset)
            byte = f.read(1)
            f.seek(offset)
            f.write(bytes([byte[0] ^ 1]))

    def only(self, folder):
        paths = [os.path.join(where, name) for where, _, names in os.walk(f"{self.store.dir}/objects/{folder}")
                 for name in names]
        self.assertEqual(len(paths), 1)
        return paths[0]

    def check_not_served(self, key, **range_):
        """An error, or a body that ends early: never a whole answer."""
        try:
            body = self.client.get_object(Bucket="bits", Key=key, **range_)["Body"].read()
        except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError) as error:
            return error
        self.fail(f"{key} was served: {len(body)} bytes")

    def wait_for_log(self, event):
        deadline = time.monotonic() + 90
        while event not in self.store.log():
            self.assertLess(time.monotonic(), deadline, f"no {event} in the log")
            time.sleep(0.1)

    def test_a_small_object_is_checked_at_every_read(self):
        self.client.put_object(Bucket="bits", Key="small", Body=b"s" * 5000)
        self.flip(self.only("packs"), 3000)
        self.check_not_served("small")
        self.check_not_served("small", Range="bytes=0-9")

    def test_a_large_object_is_checked_at_the_first_read_after_a_start(self):
        body = os.urandom(3 << 20)
        self.client.put_object(Bucket="bits", Key="large", Body=body)
        self.store.kill()
        self.flip(self.only("blobs"), 2 << 20)
        self.store.start()
        self.client = self.store.client()
        self.check_not_served("large")
        self.check_not_served("large", Range="bytes=0-9")
        self.flip(self.only("blobs"), 2 << 20)
        self.assertEqual(self.client.get_object(Bucket="bits", Key="large")["Body"].read(), body)

    def test_an_object_of_parts_is_not_served_as_a_whole(self):
        name = dict(Bucket="bits", Key="parts")
        upload = self.client.create_multipart_upload(**name)["UploadId"]
        tags = [self.client.upload_part(UploadId=upload, PartNumber=n, Body=part, **name)["ETag"]
                for n, part in ((1, b"1" * (5 << 20)), (2, b"2" * 1000))]
        self.client.complete_multipart_upload(
            UploadId=upload, MultipartUpload={"Parts": [{"PartNumber": n + 1, "ETag": tag}
                                                        for n, tag in enumerate(tags)]}, **name)
        self.store.kill()
        self.flip(self.only("packs"), 500)
        self.store.start()
        self.client = self.store.client()
        self.check_not_served("parts")

    def test_the_scrubber_finds_what_nobody_reads(self):
        self.client.put_object(Bucket="bits", Key="small", Body=b"s" * 5000)
        self.client.put_object(Bucket="bits", Key="large", Body=b"l" * 200000)
        self.flip(self.only("packs"), 3000)
        self.flip(self.only("blobs"), 100000)
        self.store.kill()
        self.store.start()
        self.wait_for_log("bits/small")
        self.wait_for_log("bits/large")
        self.client = self.store.client()
        self.check_not_served("large")


if __name__ == "__main__":
    unittest.main()
