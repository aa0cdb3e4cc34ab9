"""Bundles as euca2ools and Amazon's tools make them, out of openssl's commands alone, with a flaw
wherever a test wants one."""

import gzip
import hashlib
import io
import os
import subprocess
import tarfile
import tempfile
import uuid
import xml.sax.saxutils

import cloud

PART_BYTES = 10 * 1024 * 1024


def openssl(*arguments, data=b""):
    return subprocess.run(["openssl", *arguments], input=data, capture_output=True, check=True).stdout


def new_certificate(folder):
    """(key file, certificate file) that no cloud knows."""
    key, certificate = f"{folder}/other.key", f"{folder}/other.crt"
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate,
            "-subj", "/CN=other", "-days", "2")
    return key, certificate


def tar_of(name, image):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as tar:
        entry = tarfile.TarInfo(name)
        entry.size = len(image)
        tar.addfile(entry, io.BytesIO(image))
    return out.getvalue()


class Bundle:
    """The parts and the manifest of one image. Change a field before upload() to make a flaw."""

    def __init__(self, image, name=None, tar=None, cloud_certificate=None, user_key=None):
        self.name = name or "bundle-" + uuid.uuid4().hex[:8]
        self.cloud_certificate = cloud_certificate or cloud.ENVIRONMENT["EUCALYPTUS_CERT"]
        self.user_key = user_key or cloud.ENVIRONMENT["EC2_PRIVATE_KEY"]
        tar = tar if tar is not None else tar_of(self.name, image)
        self.key, self.iv = os.urandom(16), os.urandom(16)
        sealed = openssl("enc", "-aes-128-cbc", "-K", self.key.hex(), "-iv", self.iv.hex(),
                         data=gzip.compress(tar, 1))
        self.parts = [sealed[i : i + PART_BYTES] for i in range(0, len(sealed), PART_BYTES)]
        self.digest = hashlib.sha1(tar).hexdigest()
        self.part_digests = [hashlib.sha1(part).hexdigest() for part in self.parts]
        self.size, self.bundled_size = len(image), len(sealed)
        self.account = cloud.ENVIRONMENT["EC2_USER_ID"]
        self.kind, self.configuration = "machine", ""

    def part_name(self, number):
        return f"{self.name}.part.{number:02}"

    def sealed_for_the_cloud(self, secret):
        return openssl("pkeyutl", "-encrypt", "-certin", "-inkey", self.cloud_certificate,
                       "-pkeyopt", "rsa_padding_mode:pkcs1", data=secret.hex().encode()).hex()

    def manifest(self):
        escape = xml.sax.saxutils.escape
        key, iv = self.sealed_for_the_cloud(self.key), self.sealed_for_the_cloud(self.iv)
        parts = "".join(
            f'<part index="{i}"><filename>{self.part_name(i)}</filename>'
            f'<digest algorithm="SHA1">{digest}</digest></part>'
            for i, digest in enumerate(self.part_digests))
        configuration = ("<machine_configuration><architecture>x86_64</architecture>"
                         f"{self.configuration}</machine_configuration>")
        image = (
            f"<image><name>{escape(self.name)}</name><user>{self.account}</user><type>{self.kind}</type>"
            f'<digest algorithm="SHA1">{self.digest}</digest><size>{self.size}</size>'
            f"<bundled_size>{self.bundled_size}</bundled_size>"
            f'<ec2_encrypted_key algorithm="AES-128-CBC">{key}</ec2_encrypted_key>'
            f'<user_encrypted_key algorithm="AES-128-CBC">{key}</user_encrypted_key>'
            f"<ec2_encrypted_iv>{iv}</ec2_encrypted_iv><user_encrypted_iv>{iv}</user_encrypted_iv>"
            f'<parts count="{len(self.part_digests)}">{parts}</parts></image>')
        signature = openssl("dgst", "-sha1", "-sign", self.user_key,
                            data=(configuration + image).encode()).hex()
        return ("<?xml version='1.0'?><manifest><version>2007-10-10</version><bundler><name>test</name>"
                f"<version>1</version><release>0</release></bundler>{configuration}{image}"
                f"<signature>{signature}</signature></manifest>")

    def upload(self, s3, bucket, manifest=None):
        """Puts it all where RegisterImage finds it; returns the location."""
        for number, part in enumerate(self.parts):
            s3.put_object(Bucket=bucket, Key=self.part_name(number), Body=part, ACL="aws-exec-read")
        s3.put_object(Bucket=bucket, Key=f"{self.name}.manifest.xml",
                      Body=(manifest or self.manifest()).encode(), ACL="aws-exec-read")
        return f"{bucket}/{self.name}.manifest.xml"


def temporary_folder(test):
    folder = tempfile.TemporaryDirectory()
    test.addCleanup(folder.cleanup)
    return folder.name
