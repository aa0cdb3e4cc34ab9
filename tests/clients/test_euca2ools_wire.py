"""What euca2ools puts on the wire, byte by byte as it signs it: region "undefined-PID", accept
headers among the signed ones, API version 2015-10-01, S3's Version 2 for bundles, Version 2 with a
form for registering. (euca2ools itself is Python 2, which Debian 12 no longer has.)"""

import base64
import datetime
import email.utils
import hashlib
import hmac
import unittest
import urllib.error
import urllib.parse
import urllib.request
import uuid
import xml.etree.ElementTree as ElementTree

import botocore.auth
import botocore.awsrequest
import botocore.credentials

import cloud

KEY = cloud.ENVIRONMENT["AWS_ACCESS_KEY_ID"]
SECRET = cloud.ENVIRONMENT["AWS_SECRET_ACCESS_KEY"]
EC2 = "{http://ec2.amazonaws.com/doc/2015-10-01/}"


def send(url, method, body, headers):
    request = urllib.request.Request(url, data=body, headers=headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def query(url, service, version, action, **parameters):
    """A query call as euca2ools makes it: SigV4 over a POST form."""
    form = {"Action": action, "Version": version, **parameters}
    body = urllib.parse.urlencode(form).encode()
    request = botocore.awsrequest.AWSRequest(
        method="POST", url=url, data=body,
        headers={
            "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
            "Content-Length": str(len(body)), "Accept": "*/*", "Accept-Encoding": "gzip, deflate, compress",
            "User-Agent": "euca2ools/3.4.1",
        })
    credentials = botocore.credentials.Credentials(KEY, SECRET)
    botocore.auth.SigV4Auth(credentials, service, "undefined-4711").add_auth(request)
    status, answer = send(url, "POST", body, dict(request.headers))
    return status, ElementTree.fromstring(answer)


def compute(action, **parameters):
    return query(cloud.ENVIRONMENT["EC2_URL"], "ec2", "2015-10-01", action, **parameters)


class Compute(unittest.TestCase):
    def test_describe_calls_with_their_quirks(self):
        for action, parameters in (
            ("DescribeRegions", {}),
            ("DescribeAvailabilityZones", {"ZoneName.1": "verbose"}),
            ("DescribeInstances", {"InstanceId.1": "verbose"}),
            ("DescribeImages", {}),
            ("DescribeKeyPairs", {}),
            ("DescribeSecurityGroups", {"Filter.1.Name": "group-name", "Filter.1.Value.1": "default"}),
            ("DescribeInstanceStatus", {"IncludeAllInstances": "true"}),
            ("DescribeInstanceTypes", {"InstanceType.1": "t2.nano"}),
        ):
            with self.subTest(action=action):
                status, root = compute(action, **parameters)
                self.assertEqual((status, root.tag), (200, f"{EC2}{action}Response"),
                                 ElementTree.tostring(root))
                self.assertIsNotNone(root.find(f"{EC2}requestId"))

    def test_addresses_as_euca2ools_names_them(self):
        with cloud.public_pool("198.51.100.28/32"):
            status, root = compute("AllocateAddress")
            self.assertEqual((status, root.findtext(f"{EC2}publicIp")), (200, "198.51.100.28"))
            status, root = compute("DescribeAddresses", **{"PublicIp.1": "198.51.100.28"})
            self.assertEqual(status, 200)
            self.assertEqual(root.findtext(f"{EC2}addressesSet/{EC2}item/{EC2}domain"), "vpc")
            status, root = compute("DescribeAddresses", **{"PublicIp.1": "verbose"})
            self.assertEqual(len(root.findall(f"{EC2}addressesSet/{EC2}item")), 1)
            status, root = compute("ReleaseAddress", PublicIp="198.51.100.28")
            self.assertEqual((status, root.findtext(f"{EC2}return")), (200, "true"))

    def test_errors_have_the_envelope_that_euca2ools_reads(self):
        status, root = compute("DescribeImages", **{"ImageId.1": "emi-00000000000000000"})
        self.assertEqual(status, 400)
        self.assertEqual(root.find("Errors/Error/Code").text, "InvalidAMIID.NotFound")
        self.assertIn("emi-00000000000000000", root.find("Errors/Error/Message").text)

    def test_describe_node_controllers_finds_the_instances_of_a_node(self):
        """euserv-describe-node-controllers reads them from tags of a verbose listing."""
        def nodes(**parameters):
            _, root = compute("DescribeInstances", **parameters)
            tags = root.iterfind(f".//{EC2}tagSet/{EC2}item")
            return {t.findtext(f"{EC2}value") for t in tags if t.findtext(f"{EC2}key") == "euca:node"}

        self.assertEqual(nodes(**{"InstanceId.1": "verbose"}), {"nc-1"})
        self.assertEqual(nodes(), set())

    def test_authorize_with_a_group_means_the_group_alone(self):
        """euca-authorize -o GROUP sends 0.0.0.0/0 as well."""
        name = "wire-" + uuid.uuid4().hex[:8]
        self.assertEqual(compute("CreateSecurityGroup", GroupName=name, GroupDescription="w")[0], 200)
        rule = {
            "GroupName": name, "IpPermissions.1.IpProtocol": "udp", "IpPermissions.1.FromPort": "53",
            "IpPermissions.1.ToPort": "53", "IpPermissions.1.Groups.1.GroupName": "default",
            "IpPermissions.1.Groups.1.UserId": cloud.ENVIRONMENT["EC2_USER_ID"],
            "IpPermissions.1.IpRanges.1.CidrIp": "0.0.0.0/0",
        }
        try:
            self.assertEqual(compute("AuthorizeSecurityGroupIngress", **rule)[0], 200)
            _, root = compute("DescribeSecurityGroups", **{"GroupName.1": name})
            rules = root.find(f".//{EC2}ipPermissions")
            self.assertEqual(len(list(rules.iter(f"{EC2}groupName"))), 1)
            self.assertEqual(list(rules.iter(f"{EC2}cidrIp")), [])
            self.assertEqual(compute("RevokeSecurityGroupIngress", **rule)[0], 200)
        finally:
            compute("DeleteSecurityGroup", GroupName=name)

    def test_a_key_pair_comes_and_goes(self):
        name = "wire-" + uuid.uuid4().hex[:8]
        status, root = compute("CreateKeyPair", KeyName=name)
        self.assertEqual(status, 200)
        self.assertIn("PRIVATE KEY", root.find(f"{EC2}keyMaterial").text)
        status, root = compute("DeleteKeyPair", KeyName=name)
        self.assertEqual((status, root.find(f"{EC2}return").text), (200, "true"))


    def test_tags_come_and_go(self):
        """euca-create-tags sends an empty value; euca-delete-tags sends none, or the empty one."""
        name = "wire-" + uuid.uuid4().hex[:8]
        _, root = compute("CreateSecurityGroup", GroupName=name, GroupDescription="w")
        group = root.find(f"{EC2}groupId").text
        self.addCleanup(compute, "DeleteSecurityGroup", GroupId=group)

        def tags():
            _, root = compute("DescribeTags", **{"Filter.1.Name": "resource-id", "Filter.1.Value.1": group})
            items = root.findall(f"{EC2}tagSet/{EC2}item")
            self.assertEqual({i.findtext(f"{EC2}resourceType") for i in items} - {"security-group"}, set())
            return {i.findtext(f"{EC2}key"): i.findtext(f"{EC2}value") for i in items}

        status, root = compute("CreateTags", **{
            "ResourceId.1": group, "Tag.1.Key": "a", "Tag.1.Value": "1", "Tag.2.Key": "b", "Tag.2.Value": ""})
        self.assertEqual((status, root.find(f"{EC2}return").text), (200, "true"))
        self.assertEqual(tags(), {"a": "1", "b": ""})
        for form in ({"Tag.1.Key": "a", "Tag.1.Value": ""}, {"Tag.1.Key": "b", "Tag.1.Value": "1"}):
            self.assertEqual(compute("DeleteTags", **{"ResourceId.1": group, **form})[0], 200)
        self.assertEqual(tags(), {"a": "1", "b": ""})
        status, root = compute("DeleteTags", **{
            "ResourceId.1": group, "Tag.1.Key": "a", "Tag.2.Key": "b", "Tag.2.Value": ""})
        self.assertEqual((status, tags()), (200, {}))
        status, root = compute("CreateTags", **{"ResourceId.1": "sg-00000000", "Tag.1.Key": "a"})
        self.assertEqual((status, root.find("Errors/Error/Code").text), (400, "InvalidID"))


class Volumes(unittest.TestCase):
    def setUp(self):
        self.guest = cloud.Guest(cloud.client("ec2"))
        self.addCleanup(self.guest.terminate)
        self.guest.wait_running()

    def ok(self, action, **parameters):
        status, root = compute(action, **parameters)
        self.assertEqual(status, 200, ElementTree.tostring(root))
        return root

    def state(self, volume):
        root = self.ok("DescribeVolumes", **{"VolumeId.1": volume})
        item = root.find(f"{EC2}volumeSet/{EC2}item")
        attachment = item.find(f"{EC2}attachmentSet/{EC2}item/{EC2}status")
        return item.find(f"{EC2}status").text, attachment.text if attachment is not None else None

    def test_a_volume_comes_is_attached_and_goes(self):
        root = self.ok("CreateVolume", AvailabilityZone="zone-a", Size="1")
        volume = root.find(f"{EC2}volumeId").text
        self.assertEqual(root.find(f"{EC2}status").text, "creating")
        cloud.wait_until("available", lambda: self.state(volume) == ("available", None), 30)
        root = self.ok("AttachVolume", VolumeId=volume, InstanceId=self.guest.id, Device="/dev/sdf")
        for name in ("attachTime", "device", "instanceId", "status", "volumeId"):
            self.assertTrue(root.find(EC2 + name).text, name)
        cloud.wait_until("attached", lambda: self.state(volume) == ("in-use", "attached"), 60)
        root = self.ok("DetachVolume", VolumeId=volume)
        self.assertEqual(root.find(f"{EC2}status").text, "detaching")
        cloud.wait_until("available", lambda: self.state(volume) == ("available", None), 60)
        self.assertEqual(self.ok("DeleteVolume", VolumeId=volume).find(f"{EC2}return").text, "true")
        self.ok("DescribeVolumes", **{"VolumeId.1": "verbose"})


class Snapshots(unittest.TestCase):
    def ok(self, action, **parameters):
        status, root = compute(action, **parameters)
        self.assertEqual(status, 200, ElementTree.tostring(root))
        return root

    def test_a_snapshot_comes_is_shared_and_goes(self):
        volume = self.ok("CreateVolume", AvailabilityZone="zone-a", Size="1").find(f"{EC2}volumeId").text
        self.addCleanup(compute, "DeleteVolume", VolumeId=volume)
        where = {"VolumeId.1": volume}
        path = f"{EC2}volumeSet/{EC2}item/{EC2}status"
        cloud.wait_until(
            "available", lambda: self.ok("DescribeVolumes", **where).find(path).text == "available", 30)
        root = self.ok("CreateSnapshot", VolumeId=volume, Description="wire")
        for name in ("description", "ownerId", "snapshotId", "startTime", "status", "volumeId", "volumeSize"):
            self.assertTrue(root.find(EC2 + name).text, name)
        snapshot = root.find(f"{EC2}snapshotId").text
        path = f"{EC2}snapshotSet/{EC2}item/{EC2}status"
        cloud.wait_until("completed", lambda: self.ok(
            "DescribeSnapshots", **{"SnapshotId.1": snapshot}).find(path).text == "completed", 60)
        self.ok("ModifySnapshotAttribute", SnapshotId=snapshot,
                **{"CreateVolumePermission.Add.1.UserId": cloud.ENVIRONMENT["EC2_USER_ID"]})
        root = self.ok("DescribeSnapshotAttribute", SnapshotId=snapshot, Attribute="createVolumePermission")
        self.assertEqual([u.text for u in root.iter(f"{EC2}userId")], [cloud.ENVIRONMENT["EC2_USER_ID"]])
        self.ok("ResetSnapshotAttribute", SnapshotId=snapshot, Attribute="createVolumePermission")
        self.ok("DescribeSnapshots", **{"SnapshotId.1": "verbose"})
        self.assertEqual(self.ok("DeleteSnapshot", SnapshotId=snapshot).find(f"{EC2}return").text, "true")


class Administration(unittest.TestCase):
    def test_euserv_describe_services(self):
        status, root = query(cloud.ENVIRONMENT["EUCA_BOOTSTRAP_URL"], "bootstrap", "eucalyptus",
                             "DescribeServices", ListAll="true")
        self.assertEqual(status, 200)
        text = ElementTree.tostring(root).decode()
        for name in ("cc-1", "nc-1", "sc-1", "walrus-1"):
            self.assertIn(name, text)

    def test_euserv_registers_and_deregisters(self):
        name = "wire-" + uuid.uuid4().hex[:8]
        url = cloud.ENVIRONMENT["EUCA_BOOTSTRAP_URL"]
        status, root = query(url, "bootstrap", "eucalyptus", "RegisterService", Name=name,
                             Type="node", Host="127.0.0.1", Port="1", Partition="zone-a")
        self.assertEqual(status, 200, ElementTree.tostring(root))
        status, root = query(url, "bootstrap", "eucalyptus", "DescribeServices", **{"ServiceName.1": name})
        text = ElementTree.tostring(root).decode()
        self.assertIn("NOTREADY", text)
        self.assertIn("not enrolled", text)
        status, _ = query(url, "bootstrap", "eucalyptus", "DeregisterService", Name=name)
        self.assertEqual(status, 200)

    def bootstrap(self, action, **parameters):
        return query(cloud.ENVIRONMENT["EUCA_BOOTSTRAP_URL"], "bootstrap", "eucalyptus", action, **parameters)

    def properties(self, action, **parameters):
        return query(cloud.ENVIRONMENT["EUCA_PROPERTIES_URL"], "properties", "eucalyptus", action, **parameters)

    def test_euserv_describe_node_controllers(self):
        status, root = self.bootstrap("DescribeNodeControllers")
        self.assertEqual(status, 200, ElementTree.tostring(root))
        text = ElementTree.tostring(root).decode()
        for piece in ("nc-1", "zone-a", "ENABLED", "t2.nano"):
            self.assertIn(piece, text)

    def test_euserv_describe_events(self):
        status, root = self.bootstrap("DescribeEvents", Format="oneline")
        self.assertEqual(status, 200, ElementTree.tostring(root))
        text = ElementTree.tostring(root).decode()
        for piece in ("registered", "enrolled", "enabled", "walrus-1"):
            self.assertIn(piece, text)

    def test_euserv_describe_service_types(self):
        status, root = self.bootstrap("DescribeAvailableServiceTypes")
        self.assertEqual(status, 200, ElementTree.tostring(root))
        names = [e.text for e in root.iter() if e.tag.endswith("componentName")]
        self.assertEqual(sorted(names), ["cloud", "cluster", "node", "storage", "walrus"])

    def test_euserv_modify_service_keeps_instances_from_a_node(self):
        try:
            status, root = self.bootstrap("ModifyService", Name="nc-1", State="stopped")
            self.assertEqual(status, 200, ElementTree.tostring(root))
            _, root = self.bootstrap("DescribeNodeControllers")
            self.assertIn("STOPPED", ElementTree.tostring(root).decode())
        finally:
            status, _ = self.bootstrap("ModifyService", Name="nc-1", State="ENABLED")
        self.assertEqual(status, 200)
        status, root = self.bootstrap("ModifyService", Name="nc-1", State="DISABLED")
        self.assertEqual(status, 400)
        self.assertIn("ENABLED or STOPPED", ElementTree.tostring(root).decode())

    def test_euserv_migrate_instances_is_refused(self):
        status, root = query(cloud.ENVIRONMENT["EC2_URL"], "ec2", "2014-10-01", "MigrateInstances",
                             SourceHost="127.0.0.1")
        self.assertEqual(status, 400)
        self.assertEqual(root.find("Errors/Error/Code").text, "UnsupportedOperation")

    def test_euctl(self):
        name = "cloud.key_pairs_max"

        def value(root, field="value"):
            return next(e.text for e in root.iter() if e.tag.rpartition("}")[2] == field)

        status, root = self.properties("DescribeProperties", **{"Property.1": name})
        self.assertEqual(status, 200, ElementTree.tostring(root))
        before = value(root)
        try:
            status, root = self.properties("ModifyPropertyValue", Name=name, Value="77")
            self.assertEqual((status, value(root), value(root, "oldValue")), (200, "77", before))
            status, root = self.properties("ModifyPropertyValue", Name=name, Reset="true")
            self.assertEqual((status, value(root)), (200, value(root, "defaultValue")))
            self.properties("ModifyPropertyValue", Name=name, Value="78")
            status, root = self.properties("ResetPropertyValue", Name=name)
            self.assertEqual((status, value(root, "oldValue")), (200, "78"))
        finally:
            self.properties("ModifyPropertyValue", Name=name, Value=before)
        status, root = self.properties("ModifyPropertyValue", Name="cloud.key_pair_max", Value="1")
        self.assertEqual(status, 400)
        self.assertIn(name, ElementTree.tostring(root).decode())

    def test_bundling_certificate(self):
        _, root = query(cloud.ENVIRONMENT["EUCA_BOOTSTRAP_URL"], "bootstrap", "eucalyptus",
                        "DescribeServiceCertificates", Format="pem", FingerprintDigest="SHA-256")
        text = ElementTree.tostring(root).decode()
        self.assertIn("image-bundling", text)
        self.assertIn("BEGIN CERTIFICATE", text)


class Bundles(unittest.TestCase):
    def s3_v2(self, method, path, body=b"", headers=None):
        headers = {"Content-Type": "application/octet-stream", **(headers or {}),
                   "Date": email.utils.formatdate(usegmt=True)}
        amazon = "".join(f"{k}:{v}\n" for k, v in sorted(headers.items()) if k.startswith("x-amz-"))
        text = f"{method}\n\n{headers['Content-Type']}\n{headers['Date']}\n{amazon}{path}"
        digest = hmac.new(SECRET.encode(), text.encode(), hashlib.sha1).digest()
        headers["Authorization"] = f"AWS {KEY}:{base64.b64encode(digest).decode()}"
        return send(cloud.ENVIRONMENT["S3_URL"].rstrip("/") + path, method, body, headers)

    def test_parts_are_uploaded_with_version_2(self):
        bucket = "/wire-" + uuid.uuid4().hex[:8]
        self.assertEqual(self.s3_v2("PUT", bucket)[0], 200)
        headers = {"x-amz-acl": "aws-exec-read"}
        self.assertEqual(self.s3_v2("PUT", bucket + "/a.part.0", b"part", headers)[0], 200)
        self.assertEqual(self.s3_v2("GET", bucket + "/a.part.0"), (200, b"part"))
        self.assertEqual(self.s3_v2("DELETE", bucket + "/a.part.0")[0], 204)
        self.assertEqual(self.s3_v2("DELETE", bucket)[0], 204)

    def test_register_image_with_a_version_2_form(self):
        url = urllib.parse.urlparse(cloud.ENVIRONMENT["EC2_URL"])
        form = {
            "Action": "RegisterImage", "Version": "2015-10-01", "Name": "wire",
            "ImageLocation": "nowhere/none.manifest.xml", "Architecture": "x86_64",
            "AWSAccessKeyId": KEY, "SignatureVersion": "2", "SignatureMethod": "HmacSHA256",
            "Timestamp": datetime.datetime.utcnow().strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        canonical = "&".join(
            f"{urllib.parse.quote(k, safe='-_~')}={urllib.parse.quote(v, safe='-_~')}"
            for k, v in sorted(form.items()))
        text = f"POST\n{url.netloc}\n{url.path}\n{canonical}"
        digest = hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).digest()
        form["Signature"] = base64.b64encode(digest).decode()
        status, answer = send(
            cloud.ENVIRONMENT["EC2_URL"], "POST", urllib.parse.urlencode(form).encode(),
            {"Content-Type": "application/x-www-form-urlencoded"})
        # The signature holds; what it names is not there, and EC2 calls that an AuthFailure too.
        message = ElementTree.fromstring(answer).find("Errors/Error/Message").text
        self.assertIn(status, (400, 403))
        self.assertIn("nowhere/none.manifest.xml", message)


if __name__ == "__main__":
    unittest.main()
