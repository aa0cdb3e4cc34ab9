"""Objects that lie encrypted on the disk: SSE-C, SSE-S3, SSE-KMS."""
import base64
import hashlib
import os
import unittest

from botocore.exceptions import ClientError

from store import Store

KEY, OTHER_KEY = b"k" * 32, b"o" * 32
BODY = b"what must not be seen on the disk. " * 9000


def setUpModule():
    global STORE, S3
    STORE = Store("--kms-keys", "first,second")
    S3 = STORE.client()
    S3.create_bucket(Bucket="bucket")


def tearDownModule():
    STORE.close()


def customer(key=KEY, prefix="SSECustomer"):
    return {prefix + "Algorithm": "AES256", prefix + "Key": key}


def seen_on_disk():
    for folder, _, names in os.walk(STORE.dir + "/objects"):
        for name in names:
            with open(os.path.join(folder, name), "rb") as f:
                if b"must not be seen" in f.read():
                    return True
    return False


class Encryption(unittest.TestCase):
    def tearDown(self):
        for found in S3.list_objects(Bucket="bucket").get("Contents", []):
            S3.delete_object(Bucket="bucket", Key=found["Key"])

    def read(self, key="k", **arguments):
        return S3.get_object(Bucket="bucket", Key=key, **arguments)["Body"].read()

    def refused(self, code, call, **arguments):
        with self.assertRaises(ClientError) as caught:
            call(Bucket="bucket", **arguments)
        self.assertEqual(caught.exception.response["Error"]["Code"], code)

    def test_the_customers_key(self):
        S3.put_object(Bucket="bucket", Key="k", Body=BODY, **customer())
        self.assertFalse(seen_on_disk())
        self.assertEqual(self.read(**customer()), BODY)
        for first, last in ((0, 0), (15, 16), (17, 100000), (262143, 262145)):
            self.assertEqual(self.read(Range=f"bytes={first}-{last}", **customer()),
                             BODY[first:last + 1])
        self.refused("InvalidRequest", S3.get_object, Key="k")
        self.refused("InvalidArgument", S3.get_object, Key="k", **customer(OTHER_KEY))
        S3.put_object(Bucket="bucket", Key="plain", Body=b"x")
        self.refused("InvalidRequest", S3.get_object, Key="plain", **customer())

    def test_keys_that_are_none(self):
        put = lambda **a: dict(a, Key="k", Body=b"x")
        self.refused("InvalidArgument", S3.put_object, **put(**customer(b"short")))
        self.refused("InvalidArgument", S3.put_object, **put(
            SSECustomerKeyMD5="AAAAAAAAAAAAAAAAAAAAAA==",
            **customer(base64.b64encode(KEY).decode())))
        self.refused("InvalidEncryptionAlgorithmError", S3.put_object, **put(
            **dict(customer(), SSECustomerAlgorithm="ROT13")))
        self.refused("InvalidArgument", S3.put_object, **put(
            ServerSideEncryption="AES256", **customer()))

    def test_the_stores_key(self):
        made = S3.put_object(Bucket="bucket", Key="k", Body=BODY, ServerSideEncryption="AES256")
        self.assertEqual(made["ServerSideEncryption"], "AES256")
        self.assertEqual(made["ETag"], '"%s"' % hashlib.md5(BODY).hexdigest())
        self.assertFalse(seen_on_disk())
        self.assertEqual(self.read(), BODY)
        STORE.kill()
        STORE.start()
        self.assertEqual(self.read(Range="bytes=100-199"), BODY[100:200])

    def test_named_keys(self):
        S3.put_object(Bucket="bucket", Key="k", Body=BODY, ServerSideEncryption="aws:kms",
                      SSEKMSKeyId="first")
        self.assertEqual(S3.head_object(Bucket="bucket", Key="k")["SSEKMSKeyId"], "first")
        self.assertEqual(self.read(), BODY)
        for code, arguments in (("KMS.NotFoundException", {"SSEKMSKeyId": "third"}),
                                ("InvalidArgument", {})):
            self.refused(code, S3.put_object, Key="k", ServerSideEncryption="aws:kms", **arguments)
        self.refused("InvalidArgument", S3.put_object, Key="k", ServerSideEncryption="odd")

    def test_the_buckets_default(self):
        S3.put_bucket_encryption(Bucket="bucket", ServerSideEncryptionConfiguration={"Rules": [
            {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]})
        S3.put_object(Bucket="bucket", Key="k", Body=BODY)
        S3.delete_bucket_encryption(Bucket="bucket")
        self.assertFalse(seen_on_disk())
        self.assertEqual(S3.head_object(Bucket="bucket", Key="k")["ServerSideEncryption"], "AES256")
        self.assertEqual(self.read(), BODY)

    def test_copies_change_keys(self):
        S3.put_object(Bucket="bucket", Key="k", Body=BODY, **customer())
        source = dict(CopySource="bucket/k", **customer(prefix="CopySourceSSECustomer"))
        S3.copy_object(Bucket="bucket", Key="other", **source, **customer(OTHER_KEY))
        self.assertEqual(self.read("other", **customer(OTHER_KEY)), BODY)
        S3.copy_object(Bucket="bucket", Key="store", ServerSideEncryption="AES256", **source)
        self.assertEqual(self.read("store"), BODY)
        self.assertFalse(seen_on_disk())
        S3.copy_object(Bucket="bucket", Key="plain", **source)
        self.assertEqual(self.read("plain"), BODY)
        self.assertTrue(seen_on_disk())
        S3.copy_object(Bucket="bucket", Key="back", CopySource="bucket/plain", **customer())
        S3.delete_object(Bucket="bucket", Key="plain")
        self.assertEqual(self.read("back", **customer()), BODY)
        self.refused("InvalidRequest", S3.copy_object, Key="x", CopySource="bucket/k")

    def test_uploads_in_parts(self):
        first = b"1" * (5 << 20)
        S3.put_object(Bucket="bucket", Key="source", Body=BODY)
        begun = S3.create_multipart_upload(Bucket="bucket", Key="k", **customer())
        part = dict(Bucket="bucket", Key="k", UploadId=begun["UploadId"])
        tags = [S3.upload_part(PartNumber=1, Body=first, **part, **customer())["ETag"],
                S3.upload_part_copy(PartNumber=2, CopySource="bucket/source",
                                    CopySourceRange="bytes=10-99", **part, **customer())
                ["CopyPartResult"]["ETag"]]
        self.assertEqual(tags[1], '"%s"' % hashlib.md5(BODY[10:100]).hexdigest())
        for key in ({}, customer(OTHER_KEY)):
            with self.assertRaises(ClientError):
                S3.upload_part(PartNumber=3, Body=b"x", **part, **key)
        S3.complete_multipart_upload(**part, MultipartUpload={"Parts": [
            {"PartNumber": i + 1, "ETag": tag} for i, tag in enumerate(tags)]})
        self.assertEqual(self.read(**customer()), first + BODY[10:100])
        self.assertEqual(self.read(Range=f"bytes={len(first) - 3}-{len(first) + 2}", **customer()),
                         b"111" + BODY[10:13])


if __name__ == "__main__":
    unittest.main()
