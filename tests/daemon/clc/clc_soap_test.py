#!/usr/bin/python3
"""EC2's SOAP interface of the cloud controller's program: zeep, xmlsec1, forgeries, kill -9."""

import datetime
import pathlib
import re
import subprocess
import sys
import unittest

import zeep.exceptions
from clc_daemon_test import Daemon

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "clients"))
import soap_user  # noqa: E402


class Soap(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon()
        cls.addClassCleanup(cls.daemon.end)
        cls.daemon.start()
        administrator = cls.daemon.administrator()
        cls.certificate, cls.key = cls.daemon.folder + "/cert.pem", cls.daemon.folder + "/key.pem"
        for path, field in (cls.certificate, "certificate_pem"), (cls.key, "private_key_pem"):
            with open(path, "w") as file:
                file.write(administrator[field])

    @property
    def url(self):
        return self.daemon.url + "/services/compute"

    def message(self, action, members="", **options):
        with open(self.certificate) as file:
            envelope = soap_user.template(soap_user.ec2(action, members), file.read(), **options)
        return soap_user.sign(envelope, self.key)

    def refuse(self, code, call, **arguments):
        with self.assertRaises(zeep.exceptions.Fault) as caught:
            call(**arguments)
        self.assertEqual(caught.exception.code.partition(":")[2], code)
        self.assertTrue(caught.exception.detail.findtext("{*}RequestId"))
        return caught.exception.message

    def test_zeep_works_from_the_served_description(self):
        for sha256 in (False, True):
            ec2 = soap_user.zeep_client(self.url, self.key, self.certificate, sha256)
            answer = ec2.DescribeRegions()
            self.assertEqual(soap_user.texts(answer, "regionInfo/item/regionName"), ["angophora"])
            self.assertTrue(answer["requestId"])
            made = ec2.CreateKeyPair(keyName="zeep")
            self.assertIn("PRIVATE KEY", soap_user.texts(made, "keyMaterial")[0])
            listed = ec2.DescribeKeyPairs(filterSet={"item": [
                {"name": "key-name", "valueSet": {"item": [{"value": "ze*"}, {"value": "x"}]}}]})
            self.assertEqual(soap_user.texts(listed, "keySet/item/keyName"), ["zeep"])
            ec2.DeleteKeyPair(keyName="zeep")
            self.refuse("Client.InvalidKeyPair.NotFound", ec2.DescribeKeyPairs,
                        keySet={"item": [{"keyName": "zeep"}]})

    def test_zeep_writes_rules(self):
        ec2 = soap_user.zeep_client(self.url, self.key, self.certificate)
        ec2.CreateSecurityGroup(groupName="zeep", groupDescription="of a test")
        rule = {"ipProtocol": "tcp", "fromPort": 22, "toPort": 22,
                "ipRanges": {"item": [{"cidrIp": "10.0.0.0/8"}, {"cidrIp": "192.0.2.0/24"}]}}
        added = ec2.AuthorizeSecurityGroupIngress(groupName="zeep", ipPermissions={"item": [rule]})
        self.assertEqual(soap_user.texts(added, "return"), ["true"])
        shown = ec2.DescribeSecurityGroups(securityGroupSet={"item": [{"groupName": "zeep"}]})
        self.assertCountEqual(
            soap_user.texts(shown, "securityGroupInfo/item/ipPermissions/item/ipRanges/item/cidrIp"),
            ["10.0.0.0/8", "192.0.2.0/24"])
        ec2.DeleteSecurityGroup(groupName="zeep")

    def test_zeep_gets_the_codes_of_ec2(self):
        ec2 = soap_user.zeep_client(self.url, self.key, self.certificate)
        self.refuse("Client.InvalidInstanceID.NotFound", ec2.TerminateInstances,
                    instancesSet={"item": [{"instanceId": "i-0123456789abcdef0"}]})
        self.refuse("Client.DryRunOperation", ec2.DescribeRegions, dryRun=True)
        self.refuse("Server.InsufficientInstanceCapacity", ec2.RunInstances,
                    imageId="emi-0123456789abcdef0", minCount=1, maxCount=1)
        self.assertIn("colour", self.refuse(
            "Client.InvalidParameterValue", ec2.DescribeInstances,
            filterSet={"item": [{"name": "colour", "valueSet": {"item": [{"value": "x"}]}}]}))

    def test_xmlsec_signs_as_the_old_command_lines(self):
        for path in ("", "/", "/services/compute/", "/services/Eucalyptus"):
            answer = soap_user.post(self.daemon.url + path, self.message("DescribeRegions"),
                                    "DescribeRegions")
            self.assertEqual(answer.tag,
                             "{http://ec2.amazonaws.com/doc/2013-02-01/}DescribeRegionsResponse")

    def test_a_message_is_good_once_also_after_a_kill(self):
        message = self.message("CreateKeyPair", "<keyName>once</keyName>")
        self.assertEqual(soap_user.fault_code(soap_user.post(self.url, message)), "")
        self.assertEqual(soap_user.fault_code(soap_user.post(self.url, message)),
                         "Client.InvalidSecurity")
        self.daemon.kill()
        self.daemon.start()
        self.assertEqual(soap_user.fault_code(soap_user.post(self.url, message)),
                         "Client.InvalidSecurity")
        # A fresh one passes at once.
        again = soap_user.post(self.url, self.message("DeleteKeyPair", "<keyName>once</keyName>"))
        self.assertEqual(soap_user.fault_code(again), "")

    def test_forgeries_are_refused(self):
        genuine = self.message("DescribeKeyPairs", "<keySet/>")
        body = re.search(r"<soap:Body.*</soap:Body>", genuine, re.S).group(0)
        evil = body.replace("<keySet/>", "<filterSet/>")
        self.assertNotEqual(evil, body)
        token = re.search(r"<wsse:BinarySecurityToken[^>]*>[^<]*", genuine).group(0)
        now = datetime.datetime.utcnow()
        hour = datetime.timedelta(hours=1)
        forgeries = {
            "altered": (genuine.replace(body, evil), "MalformedSOAPSignature"),
            "wrapped": (genuine.replace("</soap:Header>", "<wrap>" + body + "</wrap></soap:Header>")
                        .replace("</soap:Header>" + body, "</soap:Header>" + evil), "InvalidSOAPRequest"),
            "twice": (genuine.replace(body, body + evil), "InvalidSOAPRequest"),
            "token": (genuine.replace(token, token[:-8] + "AAAAAAAA"), "AuthFailure"),
            "unsigned": (re.sub(r"<ds:Signature .*</ds:Signature>", "", genuine, flags=re.S),
                         "MalformedSOAPSignature"),
            "expired": (self.message("DescribeRegions", created=now - hour), "InvalidSecurity"),
            "early": (self.message("DescribeRegions", created=now + hour), "InvalidSecurity"),
            "eternal": (self.message("DescribeRegions", lifetime_s=86400), "InvalidSecurity"),
            "entities": ('<!DOCTYPE a [<!ENTITY b "c">]>' + genuine, "InvalidSOAPRequest"),
            "deep": ("<a>" * 5000 + "</a>" * 5000, "InvalidSOAPRequest"),
            "junk": ("x" * 1000, "InvalidSOAPRequest"),
            "large": ("<a>" + " " * (1 << 20) + "</a>", "RequestEntityTooLarge"),
        }
        for name, (message, code) in forgeries.items():
            with self.subTest(name):
                self.assertEqual(soap_user.fault_code(soap_user.post(self.url, message)),
                                 "Client." + code)
        self.assertEqual(soap_user.fault_code(soap_user.post(self.url, genuine)), "")

    def test_a_strangers_certificate_opens_nothing(self):
        folder = self.daemon.folder
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                        "-subj", "/CN=stranger", "-keyout", folder + "/stranger.key",
                        "-out", folder + "/stranger.pem"], check=True, capture_output=True)
        ec2 = soap_user.zeep_client(self.url, folder + "/stranger.key", folder + "/stranger.pem")
        message = self.refuse("Client.AuthFailure", ec2.DescribeRegions)
        self.assertIn("validate the provided access credentials", message)


if __name__ == "__main__":
    unittest.main(verbosity=2, warnings="ignore")
