"""A disk that is full: work that needs room is refused with a reason, what runs goes on running, and
when there is room again everything works as before."""

import contextlib
import os
import shutil
import unittest
import uuid

import botocore.exceptions

import cloud

MIB = 1 << 20


def free_bytes():
    return shutil.disk_usage(cloud.DIR).free


@contextlib.contextmanager
def only_free(mib):
    """While in use, the cloud's disk has only that much room left."""
    path = f"{cloud.DIR}/ballast"
    with open(path, "wb") as file:
        try:
            step = 1 << 40
            while (surplus := free_bytes() - mib * MIB) > MIB // 2 and step >= MIB // 8:
                step = min(step, surplus)
                try:
                    os.posix_fallocate(file.fileno(), os.fstat(file.fileno()).st_size, step)
                except OSError:  # the file system needs some for itself
                    step //= 2
            yield
        finally:
            os.unlink(path)


class FullDisk(cloud.CloudTest):
    @classmethod
    def setUpClass(cls):
        if not os.path.ismount(os.path.dirname(cloud.DIR)):
            raise unittest.SkipTest("the cloud has no disk of its own that could be filled")
        super().setUpClass()
        cls.s3 = cloud.client("s3")
        cls.bucket = "full-" + uuid.uuid4().hex[:8]
        cls.s3.create_bucket(Bucket=cls.bucket)
        cls.addClassCleanup(cls.empty_bucket)
        cls.guest = cls.start_guest().wait_running().wait_ssh()

    @classmethod
    def empty_bucket(cls):
        for item in cls.s3.list_objects_v2(Bucket=cls.bucket).get("Contents", []):
            cls.s3.delete_object(Bucket=cls.bucket, Key=item["Key"])
        cls.s3.delete_bucket(Bucket=cls.bucket)

    def blobs(self):
        return {os.path.join(folder, name)
                for folder, _, names in os.walk(f"{cloud.DIR}/walrus/objects") for name in names}

    def put(self, key, size):
        return self.s3.put_object(Bucket=self.bucket, Key=key, Body=bytes(size))

    def refused(self, call, *arguments, **request):
        with self.assertRaises(botocore.exceptions.ClientError) as caught:
            call(*arguments, **request)
        response = caught.exception.response
        return response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]

    def test_walrus_refuses_and_keeps_what_it_has(self):
        self.put("kept", 3 * MIB)
        before = self.blobs()
        with only_free(80):
            self.put("still fits", 1 * MIB)
            status, error = self.refused(self.put, "kept", 40 * MIB)
            self.assertEqual((status, error["Code"]), (507, "InsufficientStorage"))
            upload = self.s3.create_multipart_upload(Bucket=self.bucket, Key="parts")["UploadId"]
            name = {"Bucket": self.bucket, "Key": "parts", "UploadId": upload}
            status, error = self.refused(
                self.s3.upload_part, **name, PartNumber=1, Body=bytes(40 * MIB))
            self.assertEqual(error["Code"], "InsufficientStorage")
            self.s3.abort_multipart_upload(**name)
            body = self.s3.get_object(Bucket=self.bucket, Key="kept")["Body"].read()
            self.assertEqual(body, bytes(3 * MIB), "the object of before is not whole")
            # What frees room is always possible.
            self.s3.delete_object(Bucket=self.bucket, Key="still fits")
        cloud.wait_until("no piece of a refused upload stays", lambda: self.blobs() == before, 10)
        self.put("kept", 40 * MIB)
        self.assertEqual(self.s3.head_object(Bucket=self.bucket, Key="kept")["ContentLength"], 40 * MIB)
        self.s3.delete_object(Bucket=self.bucket, Key="kept")

    def test_the_node_takes_no_new_instance_and_keeps_those_it_has(self):
        def capacity():
            zone = self.ec2.describe_instance_status(InstanceIds=[self.guest.id])
            return zone["InstanceStatuses"][0]["InstanceState"]["Name"]

        files = set(os.listdir(f"{cloud.DIR}/nc/instances"))
        with only_free(200):
            def no_room():
                try:
                    guest = self.start_guest()
                except botocore.exceptions.ClientError as error:
                    self.assertEqual(error.response["Error"]["Code"], "InsufficientInstanceCapacity")
                    return True
                guest.terminate()  # taken before the node had told of its disk
                return False

            cloud.wait_until("refused at once", no_room, 60, 1)
            self.assertEqual(capacity(), "running")
            self.assertEqual(self.guest.ssh("echo alive").stdout.strip(), "alive")
        cloud.wait_until("nothing of refused instances stays",
                         lambda: set(os.listdir(f"{cloud.DIR}/nc/instances")) <= files, 20)

        def room_again():
            try:
                return self.start_guest()
            except botocore.exceptions.ClientError:
                return None

        cloud.wait_until("room again", room_again, 30, 1).wait_running().terminate()

    def test_a_guest_whose_disk_cannot_grow_waits_and_goes_on(self):
        guest = self.start_guest().wait_running().wait_ssh()
        # Begun while there is room: a guest that waits may not even take an order.
        guest.ssh("(sleep 4; dd if=/dev/urandom of=/big bs=1M count=10 conv=fsync && "
                  "sha1sum /big > /run/sum) >/dev/null 2>&1 &")
        with only_free(1):
            def paused():
                state = cloud.run("virsh", "-q", "-c", "qemu:///system", "domstate", guest.id).stdout
                return state.strip() == "paused"

            cloud.wait_until("the guest waits for room", paused, 60)
            self.assertEqual(guest.describe()["State"]["Name"], "running")
            # The cloud goes on answering meanwhile.
            self.assertTrue(self.ec2.describe_images()["Images"])
        done = cloud.wait_until(
            "the guest goes on", lambda: guest.ssh("cat /run/sum", check=False).stdout, 90)
        # Through the disk and back, not from memory.
        again = guest.ssh("echo 3 > /proc/sys/vm/drop_caches; sha1sum /big").stdout
        self.assertEqual(again, done)
        guest.terminate()


if __name__ == "__main__":
    unittest.main()
