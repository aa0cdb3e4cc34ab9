"""Every contract, read by a SOAP library that nobody here wrote: it must find each operation, and
the message it builds must be what the schema says.

  contracts_in_zeep.py WSDL_DIR
"""
import pathlib
import sys

import zeep
from lxml import etree

OPERATIONS_AT_LEAST = {"cloud": 5, "cluster": 8, "node": 7, "storage": 4, "walrus": 3}


def check(path):
    client = zeep.Client(str(path))
    contract = path.stem
    service = next(iter(client.wsdl.services.values()))
    port = next(iter(service.ports.values()))
    operations = port.binding._operations
    assert len(operations) >= OPERATIONS_AT_LEAST[contract], sorted(operations)
    for name, operation in operations.items():
        space = f"urn:angophora:{contract}:1"
        assert operation.soapaction == f"{space}/{name}", operation.soapaction
        assert operation.style == "document", name
        assert operation.input.body.qname == etree.QName(space, name), name
        assert operation.output.body.qname == etree.QName(space, name + "Response"), name
        context = operation.input.body.type.elements[0]
        assert context[0] == "context" and context[1].min_occurs == 0, name
    return client, len(operations)


def main():
    folder = pathlib.Path(sys.argv[1])
    count = 0
    clients = {}
    for contract in OPERATIONS_AT_LEAST:
        clients[contract], found = check(folder / f"{contract}.wsdl")
        count += found

    node = clients["node"]
    message = node.create_message(node.service, "GetConsoleOutput", instanceId="i-1", placementNo=7)
    body = message.find("{http://schemas.xmlsoap.org/soap/envelope/}Body")[0]
    assert body.tag == "{urn:angophora:node:1}GetConsoleOutput", body.tag
    assert [(child.tag, child.text) for child in body] == [
        ("{urn:angophora:node:1}instanceId", "i-1"),
        ("{urn:angophora:node:1}placementNo", "7"),
    ]
    print(f"{len(clients)} contracts, {count} operations")


main()
