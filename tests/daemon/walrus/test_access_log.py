"""Access logs of buckets: records reach the target, also those that wait when the daemon ends."""
import json
import time
import unittest

from store import Store


def setUpModule():
    global STORE, S3
    STORE = Store("--access-log-roll-s", "1")
    S3 = STORE.client()


def tearDownModule():
    STORE.close()


def records():
    found = S3.list_objects_v2(Bucket="logs").get("Contents", [])
    return "".join(S3.get_object(Bucket="logs", Key=o["Key"])["Body"].read().decode()
                   for o in found)


class AccessLog(unittest.TestCase):
    def test_records_reach_the_target(self):
        S3.create_bucket(Bucket="watched")
        S3.create_bucket(Bucket="logs")
        S3.put_bucket_policy(Bucket="logs", Policy=json.dumps({"Statement": [{
            "Effect": "Allow", "Principal": {"Service": "logging.s3.amazonaws.com"},
            "Action": "s3:PutObject", "Resource": "arn:aws:s3:::logs/*"}]}))
        S3.put_bucket_logging(Bucket="watched", BucketLoggingStatus={"LoggingEnabled": {
            "TargetBucket": "logs", "TargetPrefix": "of-watched/"}})
        S3.put_object(Bucket="watched", Key="first", Body=b"12345")
        deadline = time.monotonic() + 60
        while "REST.PUT.OBJECT first" not in records():
            self.assertLess(time.monotonic(), deadline)
            S3.head_bucket(Bucket="watched")
        key = S3.list_objects_v2(Bucket="logs")["Contents"][0]["Key"]
        self.assertRegex(key, r"^of-watched/\d{4}(-\d\d){5}-[0-9a-f]{16}$")
        S3.put_object(Bucket="watched", Key="last", Body=b"12345")
        STORE.process.terminate()
        STORE.process.wait(timeout=60)
        STORE.start()
        self.assertIn("REST.PUT.OBJECT last", records())
        status = S3.get_bucket_logging(Bucket="watched")["LoggingEnabled"]
        self.assertEqual(status["TargetBucket"], "logs")


if __name__ == "__main__":
    unittest.main()
