#!/usr/bin/python3
"""The cloud controller's program over real sockets: its front door, and what survives kill -9."""

import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request
import xml.etree.ElementTree as ElementTree

import boto3
import botocore.exceptions

PROGRAM = sys.argv.pop(1)


class Daemon:
    """A cloud controller in a folder of its own, on ports that the system chose."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="clc-daemon-")
        self.port = 0
        self.process = None

    def start(self):
        log = open(self.folder + "/log", "ab")
        begin = log.tell()
        arguments = {"state-dir": self.folder, "listen-address": "127.0.0.1", "port": self.port,
                     "internal-address": "127.0.0.1", "internal-port": 0, "admin-port": 0}
        command = [PROGRAM]
        for name, value in arguments.items():
            command += ["--" + name, str(value)]
        self.end_process()
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=log)
        self.port = int(self._wait_for(begin, r"event=daemon\.started .*? port=(\d+)"))

    def _wait_for(self, begin, pattern):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with open(self.folder + "/log", "rb") as log:
                log.seek(begin)
                text = log.read().decode()
            found = re.search(pattern, text)
            if found:
                return found.group(1)
            if self.process.poll() is not None:
                raise AssertionError("the daemon ended:\n" + text)
            time.sleep(0.02)
        raise AssertionError("no line like " + pattern)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def end_process(self):
        if self.process and self.process.poll() is None:
            self.kill()

    def end(self):
        self.end_process()
        shutil.rmtree(self.folder)

    @property
    def url(self):
        return "http://127.0.0.1:%d" % self.port

    def administrator(self):
        with open(self.folder + "/administrator.json") as file:
            return json.load(file)

    def client(self, service, **more):
        who = self.administrator()
        return boto3.client(service, endpoint_url=more.pop("url", self.url),
                            region_name="wherever", aws_access_key_id=who["access_key_id"],
                            aws_secret_access_key=more.pop("secret", who["secret_access_key"]),
                            config=boto3.session.Config(retries={"max_attempts": 0}), **more)


class FrontDoor(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon()
        cls.daemon.start()

    @classmethod
    def tearDownClass(cls):
        cls.daemon.end()

    def refuse(self, code, status, call, **arguments):
        with self.assertRaises(botocore.exceptions.ClientError) as caught:
            call(**arguments)
        self.assertEqual(caught.exception.response["Error"]["Code"], code)
        self.assertEqual(caught.exception.response["ResponseMetadata"]["HTTPStatusCode"], status)
        return caught.exception.response

    def raw(self, data):
        """Bytes in, bytes out."""
        with socket.create_connection(("127.0.0.1", self.daemon.port), timeout=30) as connection:
            connection.sendall(data)
            answer = b""
            while True:
                piece = connection.recv(65536)
                if not piece:
                    return answer.decode()
                answer += piece

    def test_every_path_and_slash_reaches_ec2(self):
        for path in ["", "/", "/services/compute", "/services/compute/", "/services/Eucalyptus"]:
            answer = self.daemon.client("ec2", url=self.daemon.url + path).describe_regions()
            self.assertEqual(answer["Regions"][0]["RegionName"], "angophora")

    def test_sts_answers_at_its_own_path_and_at_ec2s(self):
        for path in ["/services/Tokens", "/services/compute", "/"]:
            answer = self.daemon.client("sts", url=self.daemon.url + path).get_caller_identity()
            self.assertEqual(answer["Account"], self.daemon.administrator()["account_id"])

    def test_the_same_port_speaks_tls(self):
        ec2 = self.daemon.client("ec2", url=self.daemon.url.replace("http:", "https:"),
                                 verify=False)
        self.assertTrue(ec2.describe_regions()["Regions"][0]["Endpoint"].startswith("https://"))

    def test_a_key_pair_from_making_to_deleting(self):
        ec2 = self.daemon.client("ec2")
        made = ec2.create_key_pair(KeyName="ring")
        self.assertIn("BEGIN RSA PRIVATE KEY", made["KeyMaterial"])
        self.refuse("InvalidKeyPair.Duplicate", 400, ec2.create_key_pair, KeyName="ring")
        listed = ec2.describe_key_pairs(KeyNames=["ring"], IncludePublicKey=True)["KeyPairs"][0]
        self.assertEqual(listed["KeyFingerprint"], made["KeyFingerprint"])
        self.assertEqual(listed["KeyPairId"], made["KeyPairId"])
        self.assertIn("CreateTime", listed)
        ec2.delete_key_pair(KeyName="ring")
        self.refuse("InvalidKeyPair.NotFound", 400, ec2.describe_key_pairs, KeyNames=["ring"])

    def test_a_security_group_from_making_to_deleting(self):
        ec2 = self.daemon.client("ec2")
        group = ec2.create_security_group(GroupName="ring", Description="of a test")["GroupId"]
        rule = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22,
                "IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": "ssh"}]}
        added = ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])
        self.assertTrue(added["Return"])
        self.assertEqual(added["SecurityGroupRules"][0]["CidrIpv4"], "0.0.0.0/0")
        self.refuse("InvalidPermission.Duplicate", 400, ec2.authorize_security_group_ingress,
                    GroupId=group, IpPermissions=[rule])
        shown = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]
        self.assertEqual(shown["IpPermissions"][0]["IpRanges"], rule["IpRanges"])
        ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=[rule])
        self.refuse("InvalidPermission.NotFound", 400, ec2.revoke_security_group_ingress,
                    GroupId=group, IpPermissions=[rule])
        ec2.delete_security_group(GroupId=group)
        self.refuse("InvalidGroup.NotFound", 400, ec2.describe_security_groups, GroupIds=[group])

    def test_paging_goes_through_boto3s_paginator(self):
        ec2 = self.daemon.client("ec2")
        names = {"page-%d" % i for i in range(11)}
        for name in names:
            ec2.create_security_group(GroupName=name, Description="of a test")
        pages = ec2.get_paginator("describe_security_groups").paginate(
            Filters=[{"Name": "group-name", "Values": ["page-*"]}],
            PaginationConfig={"PageSize": 5})
        self.assertEqual({g["GroupName"] for page in pages for g in page["SecurityGroups"]}, names)
        for name in names:
            ec2.delete_security_group(GroupName=name)

    def test_refusals_have_the_codes_of_aws(self):
        ec2 = self.daemon.client("ec2")
        self.refuse("DryRunOperation", 412, ec2.describe_regions, DryRun=True)
        self.refuse("InvalidAction", 400, ec2.describe_spot_fleet_requests)
        self.refuse("InvalidParameterValue", 400, ec2.describe_key_pairs,
                    Filters=[{"Name": "colour", "Values": ["red"]}])
        self.refuse("UnsupportedOperation", 400, ec2.run_instances, ImageId="emi-12345678",
                    MinCount=1, MaxCount=1, ElasticGpuSpecification=[{"Type": "large"}])
        self.refuse("InvalidGroupId.Malformed", 400, ec2.describe_security_groups,
                    GroupIds=["sg-zzz"])
        wrong = self.daemon.client("ec2", secret="wrong")
        refusal = self.refuse("AuthFailure", 401, wrong.describe_regions)
        self.assertTrue(refusal["ResponseMetadata"]["RequestId"])
        wrong = self.daemon.client("sts", secret="wrong")
        self.refuse("SignatureDoesNotMatch", 403, wrong.get_caller_identity)

    def test_services_that_are_not_there_are_named(self):
        watch = self.daemon.client("cloudwatch", url=self.daemon.url + "/services/CloudWatch")
        refusal = self.refuse("UnsupportedOperation", 400, watch.list_metrics)
        self.assertIn("cloudwatch", refusal["Error"]["Message"])

    def test_an_s3_request_is_shown_the_way(self):
        who = self.daemon.administrator()
        request = urllib.request.Request(self.daemon.url + "/bucket/key", method="PUT", data=b"x",
                                         headers={"Authorization": "AWS %s:sig" % who["access_key_id"]})

        class Stay(urllib.request.HTTPRedirectHandler):
            def redirect_request(self, *_):
                return None

        with self.assertRaises(urllib.error.HTTPError) as caught:
            urllib.request.build_opener(Stay).open(request, timeout=30)
        self.assertEqual(caught.exception.code, 301)
        body = ElementTree.fromstring(caught.exception.read())
        self.assertEqual(body.findtext("Endpoint"), "http://127.0.0.1:8776")

    def test_bytes_that_are_no_request_get_an_envelope(self):
        for data in [b"NONSENSE\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n",
                     b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\nConnection: close\r\n\r\n"]:
            head, _, body = self.raw(data).partition("\r\n\r\n")
            self.assertRegex(head, r"^HTTP/1.1 [45]\d\d ")
            self.assertEqual(ElementTree.fromstring(body).tag, "Response", data)

    def test_odd_parameters_get_an_envelope(self):
        for query in ["?Action=%zz", "?" + "a=b&" * 20000, "?Action=" + "x" * 5000, "?%00=%00",
                      "?Action=DescribeRegions&Filter.1.Name=a&Filter.1.Name=b"]:
            with self.assertRaises(urllib.error.HTTPError) as caught:
                urllib.request.urlopen(self.daemon.url + "/" + query, timeout=30)
            self.assertIn(caught.exception.code, range(400, 432))
            self.assertEqual(ElementTree.fromstring(caught.exception.read()).tag, "Response")

    def trusted_role(self, name):
        number = self.daemon.client("sts").get_caller_identity()["Account"]
        trust = {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": number}, "Action": "sts:AssumeRole"}]}
        iam = self.daemon.client("iam")
        role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]
        self.assertEqual(role["AssumeRolePolicyDocument"], trust)
        return role["Arn"]

    def in_session(self, service, credentials):
        return boto3.client(
            service, endpoint_url=self.daemon.url, region_name="wherever",
            aws_access_key_id=credentials["AccessKeyId"],
            aws_secret_access_key=credentials["SecretAccessKey"],
            aws_session_token=credentials["SessionToken"],
            config=boto3.session.Config(retries={"max_attempts": 0}))

    def test_boto3_takes_on_a_role_and_is_out_when_it_is_gone(self):
        arn, iam = self.trusted_role("ops"), self.daemon.client("iam")
        readers = "arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess"
        iam.attach_role_policy(RoleName="ops", PolicyArn=readers)
        sts = self.daemon.client("sts")
        got = sts.assume_role(RoleArn=arn, RoleSessionName="night", DurationSeconds=900)
        ec2 = self.in_session("ec2", got["Credentials"])
        ec2.describe_instances()
        self.refuse("UnauthorizedOperation", 403, ec2.create_key_pair, KeyName="k")
        who = self.in_session("sts", got["Credentials"]).get_caller_identity()
        self.assertEqual(who["Arn"], got["AssumedRoleUser"]["Arn"])
        self.assertEqual([r["RoleName"] for r in iam.list_entities_for_policy(
            PolicyArn=readers)["PolicyRoles"]], ["ops"])
        self.refuse("DeleteConflict", 409, iam.delete_role, RoleName="ops")
        iam.detach_role_policy(RoleName="ops", PolicyArn=readers)
        self.refuse("UnauthorizedOperation", 403, ec2.describe_instances)
        iam.delete_role(RoleName="ops")
        self.refuse("AuthFailure", 401, ec2.describe_instances)

    def test_boto3_keeps_instance_profiles(self):
        arn, iam = self.trusted_role("web"), self.daemon.client("iam")
        iam.create_instance_profile(InstanceProfileName="web", Path="/lab/")
        iam.add_role_to_instance_profile(InstanceProfileName="web", RoleName="web")
        seen = iam.get_instance_profile(InstanceProfileName="web")["InstanceProfile"]
        self.assertEqual([r["Arn"] for r in seen["Roles"]], [arn])
        pages = iam.get_paginator("list_instance_profiles_for_role").paginate(RoleName="web")
        self.assertEqual([p["InstanceProfileName"] for page in pages
                          for p in page["InstanceProfiles"]], ["web"])
        iam.remove_role_from_instance_profile(InstanceProfileName="web", RoleName="web")
        iam.delete_instance_profile(InstanceProfileName="web")
        iam.delete_role(RoleName="web")

    def test_boto3_gets_sessions_of_its_own_and_for_others(self):
        sts = self.daemon.client("sts")
        own = self.in_session("ec2", sts.get_session_token()["Credentials"])
        own.describe_instances()
        iam = self.in_session("iam", sts.get_session_token()["Credentials"])
        self.refuse("AccessDenied", 403, iam.list_users)
        policy = {"Statement": {"Effect": "Allow", "Action": "ec2:Describe*", "Resource": "*"}}
        guest = sts.get_federation_token(Name="guest", Policy=json.dumps(policy))
        self.assertTrue(guest["FederatedUser"]["Arn"].endswith(":federated-user/guest"))
        ec2 = self.in_session("ec2", guest["Credentials"])
        ec2.describe_instances()
        self.refuse("UnauthorizedOperation", 403, ec2.create_key_pair, KeyName="k")
        broken = dict(guest["Credentials"], SessionToken="rubbish")
        self.refuse("InvalidClientTokenId", 403, self.in_session("sts", broken).get_caller_identity)

    def test_boto2_takes_on_a_role(self):
        import boto.sts
        from boto.regioninfo import RegionInfo
        arn, who = self.trusted_role("old"), self.daemon.administrator()
        region = RegionInfo(name="wherever", endpoint="127.0.0.1")
        sts = boto.sts.STSConnection(who["access_key_id"], who["secret_access_key"], region=region,
                                     port=self.daemon.port, is_secure=False)
        assumed = sts.assume_role(arn, "night")
        keys = assumed.credentials
        ec2 = self.in_session("ec2", {"AccessKeyId": keys.access_key,
                                      "SecretAccessKey": keys.secret_key,
                                      "SessionToken": keys.session_token})
        self.refuse("UnauthorizedOperation", 403, ec2.describe_instances)
        self.daemon.client("iam").delete_role(RoleName="old")

    def test_boto2_signs_both_ways(self):
        import boto
        from boto.ec2.regioninfo import RegionInfo
        who = self.daemon.administrator()
        connection = boto.connect_ec2(
            who["access_key_id"], who["secret_access_key"], is_secure=False,
            region=RegionInfo(name="eucalyptus", endpoint="127.0.0.1"), port=self.daemon.port,
            path="/services/compute")
        self.assertEqual([r.name for r in connection.get_all_regions()], ["angophora"])
        self.assertEqual(connection.get_all_security_groups()[0].name, "default")
        connection = boto.connect_euca("127.0.0.1", who["access_key_id"], who["secret_access_key"],
                                       port=self.daemon.port, path="/services/Eucalyptus")
        made = connection.create_key_pair("boto2")
        self.assertIn("PRIVATE KEY", made.material)
        self.assertTrue(connection.delete_key_pair("boto2"))


    def test_euca2ools_requests_are_understood(self):
        """As euca2ools 3.4 puts them on the wire."""
        ec2, admin = ("/services/compute", "ec2", "2015-10-01"), ("/services/Empyrean", "bootstrap", "eucalyptus")
        group = self.daemon.client("ec2").describe_security_groups()["SecurityGroups"][0]["GroupId"]
        ssh = ("GroupId=%s&IpPermissions.1.IpProtocol=tcp&IpPermissions.1.FromPort=22&"
               "IpPermissions.1.ToPort=22&IpPermissions.1.IpRanges.1.CidrIp=0.0.0.0/0" % group)
        for door, form, expected in (
                (ec2, "Action=DescribeAvailabilityZones&ZoneName.1=verbose", "availabilityZoneInfo"),
                (ec2, "Action=DescribeRegions&Filter.1.Name=region-name&Filter.1.Value.1=*", "regionName"),
                (ec2, "Action=CreateKeyPair&KeyName=euca", "keyMaterial"),
                (ec2, "Action=DescribeKeyPairs&Filter.1.Name=key-name&Filter.1.Value.1=euca", "keySet"),
                (ec2, "Action=DeleteKeyPair&KeyName=euca", "return"),
                (ec2, "Action=CreateSecurityGroup&GroupName=euca&GroupDescription=x", "groupId"),
                (ec2, "Action=AuthorizeSecurityGroupIngress&" + ssh, "return"),
                (ec2, "Action=RevokeSecurityGroupIngress&" + ssh, "return"),
                (ec2, "Action=AuthorizeSecurityGroupIngress&GroupName=euca&IpPermissions.1.IpProtocol=icmp&"
                      "IpPermissions.1.FromPort=-1&IpPermissions.1.ToPort=-1&"
                      "IpPermissions.1.Groups.1.GroupName=default", "return"),
                (ec2, "Action=DeleteSecurityGroup&GroupName=euca", "return"),
                (("/services/Tokens", "sts", "2011-06-15"), "Action=GetCallerIdentity", "Arn"),
                (admin, "Action=RegisterService&Name=cc-euca&Type=cluster&Host=127.0.0.1&Partition=z", "enrolmentToken"),
                (admin, "Action=DescribeServices&ListAll=true&ShowEvents=true", "serviceStatuses"),
                (admin, "Action=ModifyService&Name=cc-euca&State=STOPPED", "return"),
                (admin, "Action=DeregisterService&Name=cc-euca", "return"),
                (admin, "Action=DescribeServiceCertificates&Format=pem&FingerprintDigest=SHA-256", "certificate"),
                (("/services/Properties", "properties", "eucalyptus"), "Action=DescribeProperties", "properties")):
            with self.subTest(form=form):
                self.assertRegex(self.post_as_euca2ools(door, form), "<%s/?>" % expected)

    def post_as_euca2ools(self, door, form):
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest
        from botocore.credentials import Credentials
        path, service, version = door
        who = self.daemon.administrator()
        form = (form.replace("*", "%2A").replace("/", "%2F") + "&Version=" + version).encode()
        request = AWSRequest("POST", self.daemon.url + path, data=form, headers={
            "Content-Type": "application/x-www-form-urlencoded", "Accept": "*/*",
            "Accept-Encoding": "gzip, deflate", "Content-Length": str(len(form))})
        SigV4Auth(Credentials(who["access_key_id"], who["secret_access_key"]), service,
                  "undefined-4711").add_auth(request)
        sent = urllib.request.Request(request.url, data=form, headers=dict(request.headers))
        with urllib.request.urlopen(sent, timeout=30) as answer:
            return answer.read().decode()


class Restart(unittest.TestCase):
    def setUp(self):
        self.daemon = Daemon()
        self.daemon.start()
        self.addCleanup(self.daemon.end)

    def test_what_was_acknowledged_is_there_after_kill_9(self):
        who = self.daemon.administrator()
        for i in range(5):
            self.daemon.client("ec2").create_security_group(GroupName="g%d" % i, Description="x")
            self.daemon.kill()
            self.daemon.start()
            groups = self.daemon.client("ec2").describe_security_groups()["SecurityGroups"]
            self.assertEqual(len(groups), i + 2)
        self.assertEqual(self.daemon.administrator(), who)

    def test_a_killed_first_start_leaves_no_dead_credentials(self):
        os.unlink(self.daemon.folder + "/administrator.json")
        self.daemon.kill()
        self.daemon.start()
        self.assertTrue(self.daemon.client("sts").get_caller_identity()["Account"])

    def test_a_draft_of_credentials_counts_only_with_the_database(self):
        path = self.daemon.folder + "/administrator.json"
        good = self.daemon.administrator()
        self.daemon.kill()
        os.rename(path, path + ".draft")
        self.daemon.start()
        self.assertEqual(self.daemon.administrator(), good)
        self.daemon.kill()
        with open(path + ".draft", "w") as file:
            json.dump(dict(good, access_key_id="AKIANOBODYKNOWSTHIS1"), file)
        self.daemon.start()
        self.assertEqual(self.daemon.administrator(), good)
        self.assertFalse(os.path.exists(path + ".draft"))

    def test_a_key_that_was_rotated_away_stays_away(self):
        iam = self.daemon.client("iam")
        first = self.daemon.administrator()["access_key_id"]
        iam.create_access_key()
        iam.delete_access_key(AccessKeyId=first)
        self.daemon.kill()
        self.daemon.start()
        self.assertEqual(self.daemon.administrator()["access_key_id"], first)
        with self.assertRaises(botocore.exceptions.ClientError):
            self.daemon.client("sts").get_caller_identity()

    def test_a_lost_database_begins_no_second_cloud(self):
        self.daemon.kill()
        who = self.daemon.administrator()
        os.mkdir(self.daemon.folder + "/kept")
        for name in os.listdir(self.daemon.folder):
            if name.startswith("clc.sqlite"):
                os.rename(self.daemon.folder + "/" + name, self.daemon.folder + "/kept/" + name)
        with self.assertRaisesRegex(AssertionError, "daemon.not_started .*clc.sqlite is missing"):
            self.daemon.start()
        self.assertEqual(self.daemon.administrator(), who)
        for name in os.listdir(self.daemon.folder + "/kept"):
            os.rename(self.daemon.folder + "/kept/" + name, self.daemon.folder + "/" + name)
        self.daemon.start()
        self.assertTrue(self.daemon.client("sts").get_caller_identity()["Account"])

    def test_sigterm_ends_it_cleanly(self):
        self.daemon.process.send_signal(signal.SIGTERM)
        self.assertEqual(self.daemon.process.wait(timeout=30), 0)

    def test_keys_are_for_their_owner_alone(self):
        for folder, _, files in os.walk(self.daemon.folder):
            for name in files:
                mode = os.stat(os.path.join(folder, name)).st_mode & 0o777
                if name.endswith(".key") or name in ("administrator.json", "secret", "masters") or "sqlite" in name:
                    self.assertEqual(mode & 0o077, 0, name)

    def test_the_databases_files_hold_no_secret(self):
        iam = self.daemon.client("iam")
        iam.create_user(UserName="sealed")
        key = iam.create_access_key(UserName="sealed")["AccessKey"]
        secrets = (self.daemon.administrator()["secret_access_key"], key["SecretAccessKey"])
        for kill in (False, True):
            if kill:
                self.daemon.kill()
            for name in os.listdir(self.daemon.folder):
                if not name.startswith("clc.sqlite"):
                    continue
                with open(os.path.join(self.daemon.folder, name), "rb") as file:
                    content = file.read()
                for secret in secrets:
                    self.assertNotIn(secret.encode(), content, name)
        self.daemon.start()
        self.assertTrue(self.daemon.client("sts").get_caller_identity()["Account"])

    def test_a_start_that_fails_names_the_file(self):
        self.daemon.kill()
        path = self.daemon.folder + "/keys/image.key"
        with open(path, "rb") as file:
            good = file.read()
        with open(path, "wb") as file:
            file.write(os.urandom(5000))
        with self.assertRaisesRegex(AssertionError, "daemon.not_started .*image.key"):
            self.daemon.start()
        self.assertEqual(self.daemon.process.wait(timeout=30), 1)
        with open(path, "wb") as file:
            file.write(good)
        self.daemon.start()

    def test_an_image_key_is_never_made_anew_beside_its_certificate(self):
        self.daemon.kill()
        os.unlink(self.daemon.folder + "/keys/image.key")
        with self.assertRaisesRegex(AssertionError, "image.key is missing"):
            self.daemon.start()

    def test_the_internal_port_refuses_strangers(self):
        with open(self.daemon.folder + "/log") as log:
            port = int(re.search(r"internal_port=(\d+)", log.read()).group(1))
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        with socket.create_connection(("127.0.0.1", port), timeout=30) as plain:
            with context.wrap_socket(plain) as connection:
                connection.sendall(b"POST /services/Cloud HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n"
                                   b"Connection: close\r\n\r\n<a/>")
                status = connection.recv(4096).split(b" ")[1]
        self.assertIn(status, (b"400", b"403", b"500"))


if __name__ == "__main__":
    unittest.main(verbosity=2, warnings="ignore")
