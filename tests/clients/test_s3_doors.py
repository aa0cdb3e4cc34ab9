"""The ways in which real clients come to S3: by the bucket's name, over HTTPS, with chunked bodies,
with links that somebody signed for them."""

import datetime
import filecmp
import hashlib
import os
import socket
import subprocess
import tempfile
import unittest
import urllib.error
import urllib.parse
import urllib.request
import uuid
from unittest import mock

import boto3
import botocore.config
import botocore.exceptions
import boto.s3.connection

import cloud

BUNDLE = f"{cloud.DIR}/credentials/ca-bundle.pem"
DOMAIN = "s3.localhost"
HTTPS_S3 = "https://127.0.0.1:8776"
HTTPS_EC2 = "https://127.0.0.1:8773"


def s3_client(endpoint=None, verify=None, **config):
    return boto3.client(
        "s3", endpoint_url=endpoint or cloud.ENVIRONMENT["S3_URL"], region_name="angophora",
        verify=verify, config=botocore.config.Config(retries={"max_attempts": 0}, **config))


def fetch(url, method="GET", body=None, headers=None):
    """(status, body) of a client that knows nothing but the link."""
    request = urllib.request.Request(url, data=body, headers=headers or {}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


class S3Test(unittest.TestCase):
    def setUp(self):
        self.s3 = s3_client()
        self.bucket = "doors-" + uuid.uuid4().hex[:8]
        self.s3.create_bucket(Bucket=self.bucket)
        self.addCleanup(self.empty_bucket)
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def empty_bucket(self):
        for item in self.s3.list_objects_v2(Bucket=self.bucket).get("Contents", []):
            self.s3.delete_object(Bucket=self.bucket, Key=item["Key"])
        self.s3.delete_bucket(Bucket=self.bucket)

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def big_file(self, name="big", size=20 * 1024 * 1024):
        with open(self.path(name), "wb") as file:
            file.write(os.urandom(size))
        return self.path(name)

    def aws(self, *arguments, check=True, **environment):
        return cloud.run("/usr/bin/aws", *arguments, cwd="/", check=check,
                         env={**os.environ, **environment})


class ByName(S3Test):
    def test_boto3_puts_the_bucket_in_front_of_the_host(self):
        endpoint = f"http://{DOMAIN}:8776"
        with cloud.host_names(DOMAIN, f"{self.bucket}.{DOMAIN}"):
            s3 = s3_client(endpoint, s3={"addressing_style": "virtual"})
            hosts = []
            s3.meta.events.register(
                "before-send.s3", lambda request, **_: hosts.append(urllib.parse.urlparse(request.url).hostname))
            key = "a folder/ü+%2F ?#.txt"
            s3.put_object(Bucket=self.bucket, Key=key, Body=b"by name")
            self.assertEqual(s3.get_object(Bucket=self.bucket, Key=key)["Body"].read(), b"by name")
            self.assertEqual([o["Key"] for o in s3.list_objects_v2(Bucket=self.bucket)["Contents"]], [key])
            self.assertIn(self.bucket, [b["Name"] for b in s3.list_buckets()["Buckets"]])
            self.assertEqual(set(hosts), {DOMAIN, f"{self.bucket}.{DOMAIN}"})
        self.assertEqual(self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read(), b"by name")

    def test_boto3_makes_and_removes_a_bucket_by_name(self):
        name = "by-name-" + uuid.uuid4().hex[:8]
        with cloud.host_names(DOMAIN, f"{name}.{DOMAIN}"):
            s3 = s3_client(f"http://{DOMAIN}:8776", s3={"addressing_style": "virtual"})
            s3.create_bucket(Bucket=name)
            self.assertIn(name, [b["Name"] for b in self.s3.list_buckets()["Buckets"]])
            s3.delete_bucket(Bucket=name)

    def test_version_2_signatures_name_the_bucket_too(self):
        with cloud.host_names(DOMAIN, f"{self.bucket}.{DOMAIN}"):
            s3 = s3_client(f"http://{DOMAIN}:8776", signature_version="s3", s3={"addressing_style": "virtual"})
            s3.put_object(Bucket=self.bucket, Key="x y", Body=b"2")
            self.assertEqual(s3.get_object(Bucket=self.bucket, Key="x y")["Body"].read(), b"2")

    def test_awscli_over_https_by_name(self):
        with open(self.path("config"), "w", encoding="ascii") as file:
            file.write("[default]\ns3 =\n  addressing_style = virtual\n")
        big = self.big_file()
        with cloud.host_names(DOMAIN, f"{self.bucket}.{DOMAIN}"):
            def s3(*arguments):
                return self.aws("--endpoint-url", f"https://{DOMAIN}:8776", "s3", *arguments,
                                AWS_CONFIG_FILE=self.path("config"), AWS_CA_BUNDLE=BUNDLE)

            s3("cp", big, f"s3://{self.bucket}/big")
            s3("cp", f"s3://{self.bucket}/big", self.path("back"))
        self.assertTrue(filecmp.cmp(big, self.path("back"), shallow=False))

    def test_a_bucket_that_is_not_there_is_named(self):
        with cloud.host_names(DOMAIN, f"nobody.{DOMAIN}"):
            s3 = s3_client(f"http://{DOMAIN}:8776", s3={"addressing_style": "virtual"})
            with self.assertRaises(botocore.exceptions.ClientError) as caught:
                s3.list_objects_v2(Bucket="nobody")
        error = caught.exception.response["Error"]
        self.assertEqual((error["Code"], error["BucketName"]), ("NoSuchBucket", "nobody"))


class Https(S3Test):
    def test_awscli_on_both_doors_with_the_clouds_certificates(self):
        account = self.aws("--endpoint-url", HTTPS_EC2, "--ca-bundle", BUNDLE, "sts", "get-caller-identity",
                           "--query", "Account", "--output", "text").stdout.strip()
        self.assertEqual(account, cloud.ENVIRONMENT["EC2_USER_ID"])
        images = self.aws("--endpoint-url", HTTPS_EC2, "--ca-bundle", BUNDLE, "ec2", "describe-images",
                          "--query", "Images[].ImageId", "--output", "text").stdout
        self.assertIn(cloud.image_id(), images)
        listed = self.aws("--endpoint-url", HTTPS_S3, "--ca-bundle", BUNDLE, "s3", "ls").stdout
        self.assertIn(self.bucket, listed)

    def test_a_client_that_trusts_others_goes_away(self):
        for endpoint, command in ((HTTPS_EC2, ["ec2", "describe-regions"]), (HTTPS_S3, ["s3", "ls"])):
            done = self.aws("--endpoint-url", endpoint, *command, check=False)
            self.assertIn("CERTIFICATE_VERIFY_FAILED", done.stderr)

    def test_a_name_that_is_not_the_doors_is_refused_by_clients(self):
        with cloud.host_names("elsewhere.example.org"):
            done = self.aws("--endpoint-url", "https://elsewhere.example.org:8773", "--ca-bundle",
                            BUNDLE, "ec2", "describe-regions", check=False)
        self.assertIn("elsewhere.example.org", done.stderr)
        self.assertNotEqual(done.returncode, 0)

    def test_eucarc_for_https(self):
        out = self.path("credentials")
        angophora = f"{cloud.BUILD}/bin/angophora"
        cloud.run(angophora, "credentials", "--https", "--state-dir", f"{cloud.DIR}/clc",
                  "--host", "127.0.0.1", "--out", out)
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "EC2_", "S3_", "EUCA"))}

        def shell(command):
            return subprocess.run(["bash", "-c", f". {out}/eucarc && {command}"], env=clean, cwd="/",
                                  capture_output=True, text=True, timeout=60)

        done = shell("aws --endpoint-url $S3_URL s3 ls")
        self.assertEqual((done.returncode, self.bucket in done.stdout), (0, True), done.stderr)
        self.assertIn("nc-1", shell(f"{angophora} service list").stdout)
        # The operator's command does not talk to whoever has some certificate.
        done = shell(f"AWS_CA_BUNDLE=/etc/ssl/certs/ca-certificates.crt {angophora} service list")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("certificate verify failed", done.stderr)


class ChunkedBodies(S3Test):
    def test_boto3_streams_with_a_checksum_behind_the_body(self):
        """Over HTTPS botocore sends aws-chunked with a trailer."""
        s3 = s3_client(HTTPS_S3, verify=BUNDLE)
        sent = []
        s3.meta.events.register("before-send.s3", lambda request, **_: sent.append(dict(request.headers)))
        body = os.urandom(3 * 1024 * 1024 + 17)
        for algorithm in ("CRC32", "SHA1", "SHA256"):
            with self.subTest(algorithm):
                s3.put_object(Bucket=self.bucket, Key=algorithm, Body=body, ChecksumAlgorithm=algorithm)
                self.assertIn(b"aws-chunked", sent[-1]["Content-Encoding"])
                got = s3.get_object(Bucket=self.bucket, Key=algorithm, ChecksumMode="ENABLED")
                self.assertEqual(got["Body"].read(), body)
                self.assertIn("Checksum" + algorithm, got)
                # The encoding was of the request, not of the object.
                self.assertNotIn("aws-chunked", got.get("ContentEncoding", ""))

    def test_parts_of_a_multipart_upload_may_be_chunked_too(self):
        s3 = s3_client(HTTPS_S3, verify=BUNDLE)
        big = self.big_file(size=12 * 1024 * 1024)
        s3.upload_file(big, self.bucket, "parts", ExtraArgs={"ChecksumAlgorithm": "SHA256"})
        s3.download_file(self.bucket, "parts", self.path("back"))
        self.assertTrue(filecmp.cmp(big, self.path("back"), shallow=False))

    def test_a_wrong_checksum_behind_the_body_leaves_no_object(self):
        s3 = s3_client(HTTPS_S3, verify=BUNDLE)
        with mock.patch("botocore.httpchecksum.Sha256Checksum.digest", return_value=b"\0" * 32):
            with self.assertRaises(botocore.exceptions.ClientError) as caught:
                s3.put_object(Bucket=self.bucket, Key="bad", Body=b"body", ChecksumAlgorithm="SHA256")
        self.assertEqual(caught.exception.response["Error"]["Code"], "BadDigest")
        self.assertNotIn("Contents", self.s3.list_objects_v2(Bucket=self.bucket))


class SignedLinks(S3Test):
    def clients(self):
        return (("V4", s3_client(signature_version="s3v4")), ("V2", s3_client(signature_version="s3")))

    def test_links_of_boto3(self):
        for version, s3 in self.clients():
            with self.subTest(version):
                name = {"Bucket": self.bucket, "Key": f"{version}/a b+c"}
                put = s3.generate_presigned_url("put_object", name, ExpiresIn=60)
                self.assertEqual(fetch(put, "PUT", b"hello", {"Content-Type": ""})[0], 200)
                get = s3.generate_presigned_url("get_object", name, ExpiresIn=60)
                self.assertEqual(fetch(get), (200, b"hello"))
                head = s3.generate_presigned_url("head_object", name, ExpiresIn=60)
                self.assertEqual(fetch(head, "HEAD")[0], 200)
                attachment = s3.generate_presigned_url(
                    "get_object", {**name, "ResponseContentDisposition": "attachment"}, ExpiresIn=60)
                with urllib.request.urlopen(attachment, timeout=10) as answer:
                    self.assertEqual(answer.headers["Content-Disposition"], "attachment")
                delete = s3.generate_presigned_url("delete_object", name, ExpiresIn=60)
                self.assertEqual(fetch(delete, "DELETE")[0], 204)
                self.assertEqual(fetch(get)[0], 404)

    def test_links_of_old_boto(self):
        url = urllib.parse.urlparse(cloud.ENVIRONMENT["S3_URL"])
        s3 = boto.s3.connection.S3Connection(
            host=url.hostname, port=url.port, is_secure=False,
            calling_format=boto.s3.connection.OrdinaryCallingFormat())
        put = s3.generate_url(60, "PUT", self.bucket, "old")
        self.assertEqual(fetch(put, "PUT", b"old", {"Content-Type": ""})[0], 200)
        self.assertEqual(fetch(s3.generate_url(60, "GET", self.bucket, "old")), (200, b"old"))

    def test_a_link_is_good_for_one_thing_only(self):
        self.s3.put_object(Bucket=self.bucket, Key="one", Body=b"1")
        self.s3.put_object(Bucket=self.bucket, Key="two", Body=b"2")
        for version, s3 in self.clients():
            with self.subTest(version):
                link = s3.generate_presigned_url(
                    "get_object", {"Bucket": self.bucket, "Key": "one"}, ExpiresIn=60)
                for wrong, method in (
                    (link.replace("/one?", "/two?"), "GET"),
                    (link, "DELETE"),
                    (link.replace("X-Amz-Expires=60", "X-Amz-Expires=6000") if version == "V4" else link.replace("Expires=1", "Expires=2"), "GET"),
                    (link + "&response-content-type=text/html", "GET"),
                    (link + "&acl", "GET"),
                    (link.replace("Signature=", "Signature=A") if version == "V2" else
                     link[:-1] + ("0" if link[-1] != "0" else "1"), "GET"),
                ):
                    status, body = fetch(wrong, method)
                    self.assertEqual(status, 403, (wrong, body))
                    self.assertIn(b"<Code>SignatureDoesNotMatch</Code>", body)
        self.assertEqual(self.s3.get_object(Bucket=self.bucket, Key="one")["Body"].read(), b"1")

    def test_a_link_ends(self):
        self.s3.put_object(Bucket=self.bucket, Key="x", Body=b"x")
        real = datetime.datetime

        class Earlier(real):
            @classmethod
            def utcnow(cls):
                return real.utcnow() - datetime.timedelta(minutes=5)

        for version, s3 in self.clients():
            with self.subTest(version):
                with mock.patch("datetime.datetime", Earlier), \
                        mock.patch("time.time", return_value=real.utcnow().timestamp() - 300):
                    link = s3.generate_presigned_url(
                        "get_object", {"Bucket": self.bucket, "Key": "x"}, ExpiresIn=60)
                status, body = fetch(link)
                self.assertEqual(status, 403)
                self.assertIn(b"expired", body)

    def test_a_key_that_nobody_has(self):
        self.s3.put_object(Bucket=self.bucket, Key="x", Body=b"x")
        link = self.s3.generate_presigned_url("get_object", {"Bucket": self.bucket, "Key": "x"})
        status, body = fetch(link.replace(cloud.ENVIRONMENT["AWS_ACCESS_KEY_ID"], "AKIAIOSFODNN7EXAMPLE"))
        self.assertEqual(status, 403)
        self.assertIn(b"<Code>InvalidAccessKeyId</Code>", body)
        self.assertEqual(fetch(link.split("?")[0])[0], 403)


class EmptyObjects(S3Test):
    def test_boto3_goes_on_after_an_empty_object(self):
        """It sends Expect: 100-continue, keeps the connection, and is easily confused about it."""
        s3 = s3_client(read_timeout=5)
        for body in (b"", b"some", b"", b"", b"more"):
            s3.put_object(Bucket=self.bucket, Key="x", Body=body)
            self.assertEqual(s3.get_object(Bucket=self.bucket, Key="x")["Body"].read(), body)
        with self.assertRaises(botocore.exceptions.ClientError):
            s3.put_object(Bucket="nobody-" + self.bucket, Key="x", Body=b"")
        s3.put_object(Bucket=self.bucket, Key="x", Body=b"after a refusal")


class CutUploads(S3Test):
    def blobs(self):
        return {os.path.join(folder, name)
                for folder, _, names in os.walk(f"{cloud.DIR}/walrus/objects") for name in names}

    def test_a_client_that_dies_leaves_the_old_object_and_no_file(self):
        before = self.blobs()
        self.s3.put_object(Bucket=self.bucket, Key="part.00", Body=b"old")
        kept = self.blobs()
        link = self.s3.generate_presigned_url("put_object", {"Bucket": self.bucket, "Key": "part.00"})
        url = urllib.parse.urlparse(link)
        connection = socket.create_connection((url.hostname, url.port))
        connection.sendall(
            f"PUT {url.path}?{url.query} HTTP/1.1\r\nHost: {url.netloc}\r\n"
            "Content-Length: 10485760\r\n\r\n".encode() + b"n" * 1000000)
        connection.close()
        cloud.wait_until("nothing of the cut upload", lambda: self.blobs() == kept, 10)
        self.assertEqual(self.s3.get_object(Bucket=self.bucket, Key="part.00")["Body"].read(), b"old")
        self.s3.delete_object(Bucket=self.bucket, Key="part.00")
        cloud.wait_until("nothing left", lambda: self.blobs() == before, 10)

    def test_a_killed_upload_is_taken_up_where_it_was(self):
        """Multipart: a new program finds the parts that arrived and sends the others."""
        part = os.urandom(5 * 1024 * 1024)
        upload = self.s3.create_multipart_upload(Bucket=self.bucket, Key="big")["UploadId"]
        name = {"Bucket": self.bucket, "Key": "big", "UploadId": upload}
        self.s3.upload_part(**name, PartNumber=1, Body=part)
        again = s3_client()
        found = again.list_multipart_uploads(Bucket=self.bucket)["Uploads"]
        self.assertEqual([u["UploadId"] for u in found], [upload])
        parts = again.list_parts(**name)["Parts"]
        self.assertEqual([(p["PartNumber"], p["Size"]) for p in parts], [(1, len(part))])
        last = again.upload_part(**name, PartNumber=2, Body=b"end")
        again.complete_multipart_upload(**name, MultipartUpload={"Parts": [
            {"PartNumber": 1, "ETag": parts[0]["ETag"]}, {"PartNumber": 2, "ETag": last["ETag"]}]})
        body = self.s3.get_object(Bucket=self.bucket, Key="big")["Body"].read()
        self.assertEqual(hashlib.sha256(body).digest(), hashlib.sha256(part + b"end").digest())


if __name__ == "__main__":
    unittest.main()
