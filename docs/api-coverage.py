#!/usr/bin/python3
"""Writes docs/api-coverage.md from the actions' sources and AWS' own service model.

  docs/api-coverage.py           writes the page
  docs/api-coverage.py --check   exits 1 when the page is not what it would write, or an action has
                                 no test
"""

import pathlib
import re
import sys

import botocore.session

TOP = pathlib.Path(__file__).resolve().parent.parent
PAGE = TOP / "docs/api-coverage.md"
NAMES = {"ec2": "EC2", "sts": "STS", "iam": "IAM", "bootstrap": "Bootstrap (Version=eucalyptus)",
         "properties": "Properties (Version=eucalyptus)"}


def sources():
    """Action name -> (text of its file, API)."""
    found = {}
    for path in sorted((TOP / "clc/actions").glob("*.cc")):
        text = path.read_text()
        for name, body in re.findall(r"extern const Action (\w+)\{(.*?)\};", text, re.S):
            api = re.search(r"\.api = Api::(\w+)", body)
            found[name] = (text, api.group(1) if api else "ec2")
    return found


def sentence(text):
    comment = " ".join(line[3:] for line in text.split("\n\n")[0].splitlines() if line.startswith("// "))
    comment = comment.split("#include")[0].split(": ", 1)[1]
    first = re.split(r"(?<=[.])\s", comment)[0]
    return first[0].upper() + first[1:]


def parameters(text):
    """Names that are honoured and names that are refused with a reason, outside nested structures."""
    block = re.search(r"> kParams\[\] = \{(.*?)\n\};", text, re.S)
    block = block.group(1) if block else ""
    taken = re.findall(r'(?:required|optional)<[^>]*>\(\s*"(\w+)"', block)
    taken += ["Filter"] * ("filters<" in block)
    for helper, usual in ("max_results", "MaxResults"), ("next_token", "NextToken"), ("client_token", "ClientToken"):
        taken += [name or usual for name in re.findall(helper + r'<[^>]*>\(\s*(?:"(\w+)")?\s*\)', block)]
    return taken, re.findall(r'refused<[^>]*>\(\s*"(\w+)"', block)


def aws_parameters(model, name):
    if name not in model.operation_names:
        return set()
    shape = model.operation_model(name).input_shape
    names = set()
    for member, member_shape in (shape.members if shape else {}).items():
        wire = member_shape.serialization
        wire = wire.get("queryName") or wire.get("name") or member
        names.add(wire[0].upper() + wire[1:])
    return names - {"DryRun"}


def page():
    session = botocore.session.get_session()
    models = {"ec2": session.get_service_model("ec2", "2016-11-15"), "iam": session.get_service_model("iam")}
    order = re.findall(r"ACTION\(\w+, (\w+)\)", (TOP / "clc/actions/actions.inc").read_text())
    found = sources()
    lines = ["# What the APIs offer", "",
             "Written by `docs/api-coverage.py`. A parameter that stands in no column is answered with",
             "UnknownParameter (IAM: ValidationError); one that is refused says why. DryRun works for every action of EC2.",
             "Every action of EC2 is also served by SOAP, with the same parameters; `wsdl/ec2.wsdl` has their elements.", ""]
    for api, title in NAMES.items():
        rows = [name for name in order if found[name][1] == api]
        if not rows:
            continue
        lines += ["## " + title, "", "| action | what it does | honoured | refused |", "|---|---|---|---|"]
        for name in rows:
            text, _ = found[name]
            taken, refused = parameters(text)
            aws = aws_parameters(models[api], name) if api in models else set()
            unknown = sorted(aws - set(taken) - set(refused))
            refused = ", ".join(refused + ["%s (unknown)" % n for n in unknown]) or "-"
            lines.append("| %s | %s | %s | %s |" % (name, sentence(text), ", ".join(taken) or "-", refused))
        lines.append("")
    return "\n".join(lines)


def untested():
    tests = "".join(path.read_text() for path in (TOP / "clc").rglob("*_test.cc"))
    return [name for name in sources() if '"%s"' % name not in tests]


if sys.argv[1:] == ["--check"]:
    if untested():
        sys.exit("no test in clc/ calls " + ", ".join(untested()))
    if PAGE.read_text() != page():
        sys.exit("docs/api-coverage.md is old: run docs/api-coverage.py")
else:
    PAGE.write_text(page())
