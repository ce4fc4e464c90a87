"""Answers as Spectrum writes them: string building, CRLF, no XML declaration."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from procore_spectrum.testing.fake_spectrum.calls import Finding, Row
from procore_spectrum.testing.fake_spectrum.layouts import Field, Layout, Value

__all__ = [
    "NOT_FOUND_PAGE",
    "WARNING",
    "echo_body",
    "envelope",
    "fault",
    "number",
    "rows_body",
    "short_body",
    "special_row",
    "text_of",
    "wsdl",
]

WARNING = "WARNING - Number of returnable records exceeds maximum number of records allowed."

_TYPES = "http://www.northgate-is.com/proiv/webservices/types"
_WSDL = "http://www.northgate-is.com/proiv/webservices/wsdl"
_ENCODING = "http://schemas.xmlsoap.org/soap/encoding/"
_SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
_XSD = "http://www.w3.org/2001/XMLSchema"

_ERRORS = ("Error_Code", "Error_Description", "Error_Column")
_DECIMALS = {"Latitude": 6, "Longitude": 6, "Contact_ID": 0, "Price_Level_Material": 0}

# Characters that XML 1.0 cannot hold at all.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

NOT_FOUND_PAGE = (
    b"<html>\n<head>\n<title>Error 404 Not Found</title>\n</head>\n"
    b"<body><h2>HTTP ERROR 404</h2>\n<p>Problem accessing /WebServices. Reason:\n"
    b"<pre>    Not Found</pre></p><hr><i><small>Powered by Jetty://</small></i><hr/>\n"
    b"</body>\n</html>\n"
)


def _escape(text: str) -> str:
    if text.isalnum():
        return text
    safe = text if text.isprintable() else _NOT_XML.sub("", text)
    return safe.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def number(value: Decimal, decimals: int = 2) -> str:
    """A number without a leading zero: ``.00``, ``-.50``, ``1234.50``."""
    text = f"{value:.{decimals}f}"
    sign = "-" if text.startswith("-") and text.strip("-0.") else ""
    digits = text.removeprefix("-")
    return sign + (digits.removeprefix("0") if decimals else digits)


def text_of(field: Field, value: Value | None) -> str:
    """A value as text on the wire; an unset number with decimals is zero."""
    if isinstance(value, str):
        return value
    if isinstance(value, date):
        return f"{value:%m/%d}/{value.year:04d}"
    decimals = _DECIMALS.get(field.name, 2)
    if value is None:
        return number(Decimal(0), decimals) if field.kind == "Numeric" and decimals else ""
    return number(value, decimals)


# ---------------------------------------------------------------- answers of services


def envelope(service: str, payload: str) -> str:
    """The SOAP envelope around the content of one ``returnData``."""
    return (
        f"<SOAP-ENV:Envelope SOAP-ENV:encodingStyle='{_ENCODING}' xmlns:xsd='{_XSD}' "
        f"xmlns:xsi='{_XSD}-instance' xmlns:SOAP-ENV='{_SOAP}'>\r\n"
        "<SOAP-ENV:Header></SOAP-ENV:Header><SOAP-ENV:Body>\r\n"
        f"<nis:{service}Response xmlns:nis='{_TYPES}'><returnArray><returnData>{payload}"
        f"</returnData></returnArray></nis:{service}Response>"
        "</SOAP-ENV:Body></SOAP-ENV:Envelope>"
    )


def rows_body(layout: Layout, rows: Iterable[Row]) -> str:
    """The wrapper of a Get with one ``response`` per row."""
    lines = [f"\r\n\r\n<{layout.wrapper}>\r\n"]
    for row in rows:
        lines.append("    <response>\r\n")
        lines.extend(_element(field, row) for field in layout.outputs)
        if "Error_Code" in row and layout.outputs[-1].name != "Error_Column":
            lines.extend(f"        <{name}>{row[name]}</{name}>\r\n" for name in _ERRORS)
        lines.append("    </response>\r\n")
    lines.append(f"</{layout.wrapper}>\r\n")
    return "".join(lines)


def _element(field: Field, row: Row) -> str:
    name = field.name
    text = text_of(field, row.get(name, " " if name in _ERRORS else None))
    if text:
        return f"        <{name}>{_escape(text)}</{name}>\r\n"
    if field.kind == "Date":
        return f"        <{name}></{name}>\r\n"
    return f"        <{name}/>\r\n"


def special_row(layout: Layout, finding: Finding) -> Row:
    """A row of single spaces that carries only an error or a warning."""
    row: dict[str, Value] = {field.name: " " for field in layout.outputs}
    row.update(Error_Code=finding.code, Error_Description=finding.text)
    row["Error_Column"] = finding.column or " "
    return row


def short_body(findings: Sequence[Finding]) -> str:
    """The form without a wrapper, in small letters; empty when there is nothing to say."""
    return "".join(
        f"\r\n<response><error_code>{_escape(finding.code)}</error_code>"
        f"<desc>{_escape(finding.text)}</desc>"
        f"<column>{_escape(finding.column)}</column></response>"
        for finding in findings
    )


def echo_body(layout: Layout, values: Mapping[str, str]) -> str:
    """A wrapper that repeats the elements of a write, with blank error fields."""
    sent = "".join(
        f"<{field.name}>{_escape(values[field.name])}</{field.name}>"
        for field in layout.inputs
        if field.name not in {"Authorization_ID", "GUID"}
    )
    blank = "<error_code></error_code><desc></desc><column></column>"
    return f"\r\n<{layout.wrapper}><response>{sent}{blank}</response></{layout.wrapper}>\r\n"


def fault(side: str, text: str) -> str:
    """A SOAP fault; ``side`` is Client or Server."""
    return (
        f"<SOAP-ENV:Envelope xmlns:SOAP-ENV='{_SOAP}'>\r\n<SOAP-ENV:Body><SOAP-ENV:Fault>"
        f"<faultcode>SOAP-ENV:{side}</faultcode><faultstring>{_escape(text)}</faultstring>"
        "</SOAP-ENV:Fault></SOAP-ENV:Body></SOAP-ENV:Envelope>"
    )


# ---------------------------------------------------------------- service descriptions


def wsdl(layout: Layout, origin: str) -> str:
    """The WSDL of one service; ``origin`` is the server's scheme, host and port."""
    name, address = layout.name, f"{origin}/ws/{layout.name}"
    declared = "".join(
        f'      <element name="{field.name}" nillable="false" type="xsd:string"/>\r\n'
        for field in layout.inputs
    )
    return _WSDL_TEXT.format(name=name, address=_escape(address), declared=declared)


_WSDL_TEXT = f"""<?xml version="1.0" encoding="UTF-8"?>
<!--SPECTRUM 20250315 -->
<definitions name="{{name}}" targetNamespace="{_WSDL}" xmlns:tns="{_WSDL}" xmlns:n="{_TYPES}"
    xmlns:xsd="{_XSD}" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/"
    xmlns="http://schemas.xmlsoap.org/wsdl/">
 <types>
  <schema targetNamespace="{_TYPES}" xmlns="{_XSD}">
   <import namespace="{_ENCODING}"/>
   <element name="{{name}}"><complexType><sequence>
{{declared}}   </sequence></complexType></element>
   <element name="{{name}}Response"><complexType><sequence>
    <element name="returnArray" nillable="false"><complexType><sequence>
     <element name="returnData" nillable="false" minOccurs="0" maxOccurs="unbounded">
      <complexType><sequence><any/></sequence></complexType>
     </element>
    </sequence></complexType></element>
   </sequence></complexType></element>
  </schema>
 </types>
 <message name="{{name}}Input"><part name="parameters" element="n:{{name}}"/></message>
 <message name="{{name}}Output"><part name="parameters" element="n:{{name}}Response"/></message>
 <portType name="{{name}}PortType"><operation name="{{name}}">
  <input message="tns:{{name}}Input"/><output message="tns:{{name}}Output"/>
 </operation></portType>
 <binding name="{{name}}SoapBinding" type="tns:{{name}}PortType">
  <soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>
  <operation name="{{name}}"><soap:operation soapAction="{{address}}"/>
   <input><soap:body use="literal"/></input><output><soap:body use="literal"/></output>
  </operation>
 </binding>
 <service name="{{name}}Service"><port name="{{name}}Port" binding="tns:{{name}}SoapBinding">
  <soap:address location="{{address}}"/></port></service>
</definitions>
"""
