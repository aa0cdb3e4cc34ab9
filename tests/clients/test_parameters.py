"""AWS' own service model against every EC2 action that this cloud has: each parameter, also deep inside
structures, is honoured or refused with a sentence that names it; none is unknown or ignored."""

import datetime
import pathlib
import re
import unittest

import botocore.exceptions
import botocore.session

import cloud

ACTIONS = re.findall(
    r"^ACTION\(\w+, (\w+)\)", pathlib.Path(cloud.TOP, "clc/actions/actions.inc").read_text(), re.M)
MODEL = botocore.session.get_session().get_service_model("ec2")
IDS = {"InstanceId": "i-0123456789abcdef0", "ImageId": "emi-0123456789abcdef0",
       "GroupId": "sg-0123456789abcdef0", "VolumeId": "vol-0123456789abcdef0",
       "SnapshotId": "snap-0123456789abcdef0"}
# What needs a form of its own to get as far as the action.
PLAUSIBLE = {
    "CidrIp": "10.0.0.0/8", "UserId": "123456789012", "FromPort": 1, "ToPort": 2, "IpProtocol": "tcp",
    "MinCount": 1, "MaxCount": 1, "MaxResults": 100, "NextToken": "x", "ImageLocation": "b/m.manifest.xml",
    "KeyFormat": "pem", "Name": "name", "PublicKeyMaterial": b"ssh-rsa AAAA",
}


# What the model calls optional, and no use of the action goes without.
NEEDED = {"RegisterImage": {"ImageLocation": "b/m.manifest.xml"}, "RunInstances": {"ImageId": IDS["ImageId"]},
          "DeleteKeyPair": {"KeyName": "x"}, "DeleteSecurityGroup": {"GroupId": IDS["GroupId"]}}


def value_of(shape, name):
    if name in PLAUSIBLE:
        return PLAUSIBLE[name]
    if name.rstrip("s") in IDS:
        return [IDS[name.rstrip("s")]] if shape.type_name == "list" else IDS[name]
    if shape.type_name == "structure":
        return {n: value_of(m, n) for n, m in shape.members.items() if n in shape.required_members}
    if shape.type_name == "list":
        return [value_of(shape.member, name)]
    if shape.type_name == "string":
        return shape.enum[0] if shape.enum else "x"
    return {"integer": 1, "long": 1, "double": 1.0, "float": 1.0, "boolean": True, "blob": b"x",
            "timestamp": datetime.datetime(2030, 1, 1)}[shape.type_name]


def required_of(operation):
    shape = MODEL.operation_model(operation).input_shape
    return {**{n: value_of(shape.members[n], n) for n in shape.required_members},
            **NEEDED.get(operation, {})}


def paths(shape, depth=0):
    """Every parameter as the value that reaches it: (name, value)."""
    for name, member in shape.members.items():
        inner = member.member if member.type_name == "list" else member
        if inner.type_name == "structure" and depth < 4:
            for deeper, value in paths(inner, depth + 1):
                base = value_of(inner, name)
                whole = {**base, **value} if isinstance(base, dict) else value
                yield f"{name}.{deeper}", {name: [whole] if member.type_name == "list" else whole}
            continue
        yield name, {name: value_of(member, name)}


class Parameters(cloud.CloudTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Without any, the cloud has no room for whatever asks for one.
        cls.enterClassContext(cloud.public_pool("198.51.100.32/30"))

    def ask(self, operation, request):
        """(code, sentence) of a dry run; ("", "") when it was simply done."""
        call = getattr(self.ec2, botocore.xform_name(operation))
        try:
            call(**request)
        except botocore.exceptions.ClientError as error:
            response = error.response
            self.assertLess(response["ResponseMetadata"]["HTTPStatusCode"], 500, response)
            return response["Error"]["Code"], response["Error"]["Message"]
        return "", ""

    def test_every_parameter_is_known(self):
        operations = [a for a in ACTIONS if a in MODEL.operation_names]
        self.assertGreater(len(operations), 20)
        for operation in operations:
            shape = MODEL.operation_model(operation).input_shape
            required = required_of(operation)
            for name, value in paths(shape):
                if name == "DryRun":
                    continue
                with self.subTest(f"{operation} {name}"):
                    request = {**required, **value}
                    if "DryRun" in shape.members:
                        request["DryRun"] = True
                    code, sentence = self.ask(operation, request)
                    self.assertNotIn(code, ("UnknownParameter", "InternalError", "MissingAction"), sentence)
                    if code == "UnsupportedOperation":
                        # The sentence names what is not supported, as it is called on the wire.
                        self.assertRegex(sentence, r"The parameter [\w.]+ is not supported: \w+")

    def test_dry_runs_are_answered_as_such(self):
        for operation in ACTIONS:
            if operation not in MODEL.operation_names:
                continue
            shape = MODEL.operation_model(operation).input_shape
            if "DryRun" not in shape.members:
                continue
            with self.subTest(operation):
                required = required_of(operation)
                code = self.ask(operation, {**required, "DryRun": True})[0]
                if code != "DryRunOperation":  # then it tells why the real request would be refused
                    self.assertEqual(self.ask(operation, required)[0], code)

    def test_filters_that_aws_documents(self):
        """Each is taken, or refused by name; a made-up one is always refused."""
        for operation in ACTIONS:
            if operation not in MODEL.operation_names:
                continue
            shape = MODEL.operation_model(operation).input_shape
            filters = shape.members.get("Filters")
            if filters is None:
                continue
            names = re.findall(r"<li>\s*<p>\s*<code>([\w.:<>-]+)</code>", filters.documentation)
            for name in names + ["coffee"]:
                name = name.replace("<key>", "colour")
                with self.subTest(f"{operation} {name}"):
                    code, sentence = self.ask(operation, {"Filters": [{"Name": name, "Values": ["x"]}]})
                    if name == "coffee":
                        self.assertEqual(code, "InvalidParameterValue")
                    if code:
                        self.assertIn(name, sentence)

    def test_pages_cover_everything_once(self):
        names = [f"page-{i}" for i in range(7)]
        groups = [self.ec2.create_security_group(GroupName=n, Description="p")["GroupId"] for n in names]
        try:
            for operation in ACTIONS:
                if operation not in MODEL.operation_names or not self.ec2.can_paginate(
                        botocore.xform_name(operation)):
                    continue
                shape = MODEL.operation_model(operation).input_shape
                if "MaxResults" not in shape.members:
                    continue
                with self.subTest(operation):
                    call = getattr(self.ec2, botocore.xform_name(operation))
                    key = [k for k, v in call().items() if isinstance(v, list)][0]
                    pages = self.ec2.get_paginator(botocore.xform_name(operation)).paginate(
                        PaginationConfig={"PageSize": 5})
                    found = [repr(item) for page in pages for item in page[key]]
                    whole = [repr(item) for item in call()[key]]
                    self.assertEqual(len(found), len(set(found)))
                    self.assertEqual(sorted(found), sorted(whole))
                    code, _ = self.ask(operation, {"NextToken": "nonsense"})
                    self.assertIn(code, ("InvalidNextToken", "InvalidPaginationToken", "InvalidParameterValue"))
        finally:
            for group in groups:
                self.ec2.delete_security_group(GroupId=group)


if __name__ == "__main__":
    unittest.main()
