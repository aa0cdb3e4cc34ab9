"""Users of EC2's SOAP interface: python3-zeep with X.509 signatures, and messages that xmlsec1 signs."""

import datetime
import subprocess
import tempfile
import urllib.error
import urllib.request
import uuid

import xmlsec
import zeep
import zeep.transports
from lxml import etree
from zeep.wsse.signature import BinarySignature
from zeep.wsse.utils import WSU, ensure_id, get_security_header

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
WSSE_BASE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
NAMES = {
    "soap": SOAP,
    "wsse": WSSE_BASE + "wssecurity-secext-1.0.xsd",
    "wsu": WSSE_BASE + "wssecurity-utility-1.0.xsd",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
}


def utc(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


class Signature(BinarySignature):
    """zeep's own signature, over Body and a Timestamp, which it leaves to its users to add."""

    def apply(self, envelope, headers):
        now = datetime.datetime.utcnow()
        stamp = WSU.Timestamp(WSU.Created(utc(now)),
                              WSU.Expires(utc(now + datetime.timedelta(minutes=5))))
        ensure_id(stamp)
        get_security_header(envelope).append(stamp)
        return super().apply(envelope, headers)

    def verify(self, envelope):
        """EC2 does not sign its answers."""
        return envelope


def zeep_client(url, key, certificate, sha256=False):
    """A client made from the description that the cloud serves."""
    methods = {"signature_method": xmlsec.Transform.RSA_SHA256,
               "digest_method": xmlsec.Transform.SHA256} if sha256 else {}
    return zeep.Client(url + "?wsdl", wsse=Signature(key, certificate, **methods),
                       transport=zeep.transports.Transport(timeout=30, operation_timeout=60)).service


def texts(answer, path):
    """The texts at a path of element names in an answer; what the description leaves open."""
    names = path.split("/")
    first = names[0]
    found = [e for e in answer["_value_1"] or [] if etree.QName(e).localname == first]
    for name in names[1:]:
        found = [child for e in found for child in e if etree.QName(child).localname == name]
    return [e.text or "" for e in found]


def template(content, certificate_pem, created=None, lifetime_s=300):
    """An unsigned envelope for xmlsec1, of the shape that Amazon's ec2-api-tools send."""
    created = created or datetime.datetime.utcnow()
    expires = created + datetime.timedelta(seconds=lifetime_s)
    base64 = "".join(line for line in certificate_pem.splitlines() if "-----" not in line)
    space = " ".join('xmlns:%s="%s"' % pair for pair in NAMES.items())
    body, stamp, token = ("id-" + uuid.uuid4().hex for _ in range(3))
    method = '<ds:%s Algorithm="http://www.w3.org/%s"/>'
    exclusive = "2001/10/xml-exc-c14n#"
    references = "".join(
        '<ds:Reference URI="#%s"><ds:Transforms>%s</ds:Transforms>%s<ds:DigestValue/></ds:Reference>'
        % (part, method % ("Transform", exclusive), method % ("DigestMethod", "2000/09/xmldsig#sha1"))
        for part in (stamp, body))
    return f"""<soap:Envelope {space}><soap:Header><wsse:Security>
<wsu:Timestamp wsu:Id="{stamp}"><wsu:Created>{utc(created)}</wsu:Created><wsu:Expires>{utc(expires)}</wsu:Expires></wsu:Timestamp>
<wsse:BinarySecurityToken EncodingType="{WSSE_BASE}soap-message-security-1.0#Base64Binary" ValueType="{WSSE_BASE}x509-token-profile-1.0#X509v3" wsu:Id="{token}">{base64}</wsse:BinarySecurityToken>
<ds:Signature Id="Signature-1"><ds:SignedInfo>{method % ("CanonicalizationMethod", exclusive)}{method % ("SignatureMethod", "2000/09/xmldsig#rsa-sha1")}{references}</ds:SignedInfo>
<ds:SignatureValue/><ds:KeyInfo Id="KeyId-1"><wsse:SecurityTokenReference wsu:Id="STRId-1"><wsse:Reference URI="#{token}" ValueType="{WSSE_BASE}x509-token-profile-1.0#X509v3"/></wsse:SecurityTokenReference></ds:KeyInfo></ds:Signature>
</wsse:Security></soap:Header><soap:Body wsu:Id="{body}">{content}</soap:Body></soap:Envelope>"""


def ec2(action, members="", version="2013-02-01"):
    return f'<{action} xmlns="http://ec2.amazonaws.com/doc/{version}/">{members}</{action}>'


def sign(envelope, key):
    """`envelope` with digests and signature filled in by the xmlsec1 program."""
    with tempfile.NamedTemporaryFile("w", suffix=".xml") as file:
        file.write(envelope)
        file.flush()
        ids = ["--id-attr:Id", NAMES["wsu"] + ":Timestamp", "--id-attr:Id", SOAP + ":Body"]
        return subprocess.run(["xmlsec1", "--sign", "--privkey-pem", key, *ids, file.name],
                              check=True, capture_output=True, text=True).stdout


def post(url, message, action=""):
    """The one element in the Body of the answer."""
    request = urllib.request.Request(url, data=message.encode(), headers={
        "Content-Type": "text/xml; charset=UTF-8", "SOAPAction": '"%s"' % action})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            text = answer.read()
    except urllib.error.HTTPError as error:
        text = error.read()
    return etree.fromstring(text).find("{%s}Body" % SOAP)[0]


def fault_code(element):
    """"Client.AuthFailure" of a Fault; "" of an answer."""
    return (element.findtext("faultcode") or "").partition(":")[2]
