"""Reading SOAP requests: by local names, without entities, DTD or network."""

from __future__ import annotations

from lxml import etree

from procore_spectrum.testing.fake_spectrum.layouts import Layout

__all__ = ["SoapFaultError", "read_soap"]

_SOAP_NAMESPACE = "http://schemas.xmlsoap.org/soap/envelope/"


class SoapFaultError(Exception):
    """The answer is a SOAP fault; ``side`` is Client or Server."""

    def __init__(self, side: str, text: str) -> None:
        super().__init__(text)
        self.side = side
        self.text = text


def _local(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _children(element: etree._Element) -> list[etree._Element]:
    return list(element.iterchildren("*"))


def read_soap(content: bytes, layout: Layout) -> dict[str, str]:
    """The elements of a request, by local name, without surrounding blanks.

    Raises:
        SoapFaultError: not SOAP, another operation, or an element is missing, unknown or repeated.
    """
    operation = _operation(content)
    if _local(operation) != layout.name:
        raise SoapFaultError("Client", f"The request is not for Web Service {layout.name}")
    values: dict[str, str] = {}
    for child in _children(operation):
        name = _local(child)
        if name in values:
            raise SoapFaultError("Server", f"Error executing Web Service: {name} occurs twice")
        values[name] = (child.text or "").strip()
    declared = [field.name for field in layout.inputs]
    for name in declared:
        if name not in values:
            raise SoapFaultError("Server", f"Error executing Web Service: {name} is missing")
    for name in values:
        if name not in declared:
            raise SoapFaultError("Server", f"Error executing Web Service: {name} is not known")
    return values


def _operation(content: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise SoapFaultError("Client", "The request is not well-formed XML") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise SoapFaultError("Client", "A document type is not allowed")
    if root.tag == f"{{{_SOAP_NAMESPACE}}}Envelope":
        for part in _children(root):
            if part.tag == f"{{{_SOAP_NAMESPACE}}}Body" and len(_children(part)) == 1:
                return _children(part)[0]
    raise SoapFaultError("Client", "The request is not a SOAP 1.1 envelope with one operation")
