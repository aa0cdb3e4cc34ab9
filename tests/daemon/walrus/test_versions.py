"""Versions, tags and locks of objects, as boto3 sees them."""
import datetime
import unittest

from botocore.exceptions import ClientError

from store import Store


def setUpModule():
    global STORE, S3
    STORE = Store()
    S3 = STORE.client()


def tearDownModule():
    STORE.close()


class Case(unittest.TestCase):
    def refused(self, code, call, **arguments):
        with self.assertRaises(ClientError) as caught:
            call(**arguments)
        self.assertEqual(caught.exception.response["Error"]["Code"], code)
        return caught.exception.response["ResponseMetadata"]["HTTPHeaders"]

    def bucket(self, versioning="Enabled", **arguments):
        name = self.id().split(".")[-1].replace("_", "-")[:60]
        S3.create_bucket(Bucket=name, **arguments)
        if versioning:
            S3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": versioning})
        return name


class Versioning(Case):
    def test_old_versions_stay_and_come_back(self):
        bucket = self.bucket()
        first = S3.put_object(Bucket=bucket, Key="k", Body=b"one")["VersionId"]
        second = S3.put_object(Bucket=bucket, Key="k", Body=b"two")["VersionId"]
        self.assertNotEqual(first, second)
        self.assertEqual(S3.get_object(Bucket=bucket, Key="k")["Body"].read(), b"two")
        self.assertEqual(
            S3.get_object(Bucket=bucket, Key="k", VersionId=first)["Body"].read(), b"one")
        marker = S3.delete_object(Bucket=bucket, Key="k")
        self.assertTrue(marker["DeleteMarker"])
        headers = self.refused("NoSuchKey", S3.get_object, Bucket=bucket, Key="k")
        self.assertEqual(headers["x-amz-delete-marker"], "true")
        self.assertEqual(S3.list_objects_v2(Bucket=bucket)["KeyCount"], 0)
        self.refused("MethodNotAllowed", S3.get_object, Bucket=bucket, Key="k",
                     VersionId=marker["VersionId"])
        S3.delete_object(Bucket=bucket, Key="k", VersionId=marker["VersionId"])
        self.assertEqual(S3.get_object(Bucket=bucket, Key="k")["Body"].read(), b"two")
        self.refused("BucketNotEmpty", S3.delete_bucket, Bucket=bucket)

    def test_suspended_replaces_the_null_version(self):
        bucket = self.bucket(versioning="")
        S3.put_object(Bucket=bucket, Key="k", Body=b"zero")
        S3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        kept = S3.put_object(Bucket=bucket, Key="k", Body=b"one")["VersionId"]
        S3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
        S3.put_object(Bucket=bucket, Key="k", Body=b"two")
        versions = S3.list_object_versions(Bucket=bucket)["Versions"]
        self.assertEqual([v["VersionId"] for v in versions], ["null", kept])
        self.assertEqual([v["IsLatest"] for v in versions], [True, False])
        self.assertEqual(S3.delete_object(Bucket=bucket, Key="k")["VersionId"], "null")
        self.assertEqual([v["VersionId"] for v in S3.list_object_versions(Bucket=bucket)["Versions"]],
                         [kept])

    def test_odd_versions(self):
        bucket = self.bucket()
        S3.put_object(Bucket=bucket, Key="k", Body=b"x")
        for odd in ("nothing", "0" * 32, "%00", "a b", "x" * 900):
            self.refused("NoSuchVersion", S3.get_object, Bucket=bucket, Key="k", VersionId=odd)
            self.assertEqual(S3.delete_object(Bucket=bucket, Key="k", VersionId=odd)
                             ["ResponseMetadata"]["HTTPStatusCode"], 204)
        self.assertEqual(S3.get_object(Bucket=bucket, Key="k")["Body"].read(), b"x")

    def test_pages_of_versions(self):
        bucket = self.bucket()
        made = [(key, S3.put_object(Bucket=bucket, Key=key, Body=b"")["VersionId"])
                for key in ("a", "b") for _ in range(3)]
        pages = S3.get_paginator("list_object_versions").paginate(
            Bucket=bucket, PaginationConfig={"PageSize": 2})
        found = [(v["Key"], v["VersionId"]) for page in pages for v in page["Versions"]]
        self.assertEqual(found, made[2::-1] + made[:2:-1])
        self.refused("InvalidArgument", S3.list_object_versions, Bucket=bucket, KeyMarker="a",
                     VersionIdMarker="gone")

    def test_copies_take_and_make_versions(self):
        bucket = self.bucket()
        first = S3.put_object(Bucket=bucket, Key="k", Body=b"one")["VersionId"]
        S3.put_object(Bucket=bucket, Key="k", Body=b"two")
        copied = S3.copy_object(Bucket=bucket, Key="k",
                                CopySource={"Bucket": bucket, "Key": "k", "VersionId": first})
        self.assertEqual(copied["CopySourceVersionId"], first)
        self.assertEqual(S3.get_object(Bucket=bucket, Key="k")["Body"].read(), b"one")
        self.assertEqual(len(S3.list_object_versions(Bucket=bucket)["Versions"]), 3)

    def test_versioning_that_makes_no_sense(self):
        bucket = self.bucket()
        self.refused("MalformedXML", S3.put_bucket_versioning, Bucket=bucket,
                     VersioningConfiguration={"Status": "Perhaps"})
        self.refused("IllegalVersioningConfigurationException", S3.put_bucket_versioning,
                     Bucket=bucket, VersioningConfiguration={})


class Tags(Case):
    def test_tags_of_versions(self):
        bucket = self.bucket()
        first = S3.put_object(Bucket=bucket, Key="k", Body=b"1", Tagging="a=1")["VersionId"]
        S3.put_object(Bucket=bucket, Key="k", Body=b"2")
        S3.put_object_tagging(Bucket=bucket, Key="k", Tagging={
            "TagSet": [{"Key": "b", "Value": "<2>"}]})
        self.assertEqual(S3.get_object(Bucket=bucket, Key="k")["TagCount"], 1)
        read = lambda **v: S3.get_object_tagging(Bucket=bucket, Key="k", **v)["TagSet"]
        self.assertEqual(read(), [{"Key": "b", "Value": "<2>"}])
        self.assertEqual(read(VersionId=first), [{"Key": "a", "Value": "1"}])
        S3.delete_object_tagging(Bucket=bucket, Key="k")
        self.assertEqual(read(), [])

    def test_tags_that_are_too_many_or_too_long(self):
        bucket = self.bucket()
        S3.put_object(Bucket=bucket, Key="k", Body=b"1")
        for tags in ([("k%d" % i, "") for i in range(11)], [("n" * 129, "")], [("n", "v" * 257)],
                     [("n", "1"), ("n", "2")]):
            self.refused("InvalidTag", S3.put_object_tagging, Bucket=bucket, Key="k", Tagging={
                "TagSet": [{"Key": k, "Value": v} for k, v in tags]})
        self.refused("InvalidArgument", S3.put_object, Bucket=bucket, Key="k", Tagging="a=%zz")
        self.assertEqual(S3.get_object_tagging(Bucket=bucket, Key="k")["TagSet"], [])


class Locks(Case):
    def locked(self):
        bucket = self.bucket(versioning="", ObjectLockEnabledForBucket=True)
        self.assertEqual(S3.get_bucket_versioning(Bucket=bucket)["Status"], "Enabled")
        return bucket

    def test_governance_gives_way_to_who_may(self):
        bucket = self.locked()
        S3.put_object_lock_configuration(Bucket=bucket, ObjectLockConfiguration={
            "ObjectLockEnabled": "Enabled",
            "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}}})
        version = S3.put_object(Bucket=bucket, Key="k", Body=b"1")["VersionId"]
        self.assertEqual(S3.head_object(Bucket=bucket, Key="k")["ObjectLockMode"], "GOVERNANCE")
        self.refused("AccessDenied", S3.delete_object, Bucket=bucket, Key="k", VersionId=version)
        S3.delete_object(Bucket=bucket, Key="k")
        self.assertEqual(S3.delete_object(Bucket=bucket, Key="k", VersionId=version,
                                          BypassGovernanceRetention=True)["VersionId"], version)

    def test_compliance_gives_way_to_nobody(self):
        bucket = self.locked()
        until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=2)
        version = S3.put_object(Bucket=bucket, Key="k", Body=b"1", ObjectLockMode="COMPLIANCE",
                                ObjectLockRetainUntilDate=until)["VersionId"]
        self.refused("AccessDenied", S3.delete_object, Bucket=bucket, Key="k", VersionId=version,
                     BypassGovernanceRetention=True)
        shorter = {"Mode": "COMPLIANCE", "RetainUntilDate": until - datetime.timedelta(days=1)}
        self.refused("AccessDenied", S3.put_object_retention, Bucket=bucket, Key="k",
                     Retention=shorter, BypassGovernanceRetention=True)
        longer = {"Mode": "COMPLIANCE", "RetainUntilDate": until + datetime.timedelta(days=1)}
        S3.put_object_retention(Bucket=bucket, Key="k", Retention=longer)
        past = {"Mode": "COMPLIANCE", "RetainUntilDate": datetime.datetime(2020, 1, 1)}
        self.refused("InvalidArgument", S3.put_object_retention, Bucket=bucket, Key="k",
                     Retention=past)

    def test_a_legal_hold_holds_until_it_is_lifted(self):
        bucket = self.locked()
        version = S3.put_object(Bucket=bucket, Key="k", Body=b"1",
                                ObjectLockLegalHoldStatus="ON")["VersionId"]
        answer = S3.delete_objects(Bucket=bucket, Delete={"Objects": [
            {"Key": "k", "VersionId": version}, {"Key": "other"}]}, BypassGovernanceRetention=True)
        self.assertEqual([e["Code"] for e in answer["Errors"]], ["AccessDenied"])
        self.assertEqual([d["Key"] for d in answer["Deleted"]], ["other"])
        S3.put_object_legal_hold(Bucket=bucket, Key="k", LegalHold={"Status": "OFF"})
        S3.delete_object(Bucket=bucket, Key="k", VersionId=version)

    def test_no_locks_without_a_bucket_for_them(self):
        bucket = self.bucket()
        self.refused("InvalidRequest", S3.put_object, Bucket=bucket, Key="k",
                     ObjectLockLegalHoldStatus="ON")
        S3.put_object(Bucket=bucket, Key="k", Body=b"1")
        self.refused("InvalidRequest", S3.get_object_retention, Bucket=bucket, Key="k")
        locked = "locks-stay-versioned"
        S3.create_bucket(Bucket=locked, ObjectLockEnabledForBucket=True)
        self.refused("InvalidBucketState", S3.put_bucket_versioning, Bucket=locked,
                     VersioningConfiguration={"Status": "Suspended"})


if __name__ == "__main__":
    unittest.main()
