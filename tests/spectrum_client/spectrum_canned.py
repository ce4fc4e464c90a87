"""Answers in the shape that Spectrum was recorded to send, and a server that gives them."""

import threading
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from lxml import etree

from procore_spectrum.spectrum.client import SpectrumClient
from procore_spectrum.testing import FakeClock
from procore_spectrum.wire.messages import Request, Response

URL = "https://spectrum.example.com:8482"
XML = (("Content-Type", "text/xml; charset=utf-8"),)
HTML = (("Content-Type", "text/html"),)
JSON = (("Content-Type", "application/json"),)
PAGE = b"<html><body><h2>HTTP ERROR 404</h2> /WebServices</body></html>"

CREDENTIALS = ("Authorization_ID", "GUID")
PHASE = ("pCompany_Code", "pCost_Type", "pJob_Number", "pStatus_Code", "pCost_Center", "pSort_By")
JOB = (
    "pCompany_Code",
    "pDivision",
    "pStatus_Code",
    "pProject_Manager",
    "pSuperintendent",
    "pEstimator",
    "pCustomer_Code",
    "pCost_Center",
    "pSort_By",
)
ELEMENTS = {
    "GetPhase": CREDENTIALS + PHASE,
    "GetPhaseEnhanced": CREDENTIALS + PHASE,
    "GetJob": CREDENTIALS + JOB,
    "GetJobMain": CREDENTIALS + JOB,
    "GetJobDates": CREDENTIALS + JOB,
    "GetJobUDF": CREDENTIALS + JOB[:-1],
    "GetJobContact": (
        *CREDENTIALS,
        *("pCompany_Code", "pJob_Number", "pStatus_Code", "pProject_Manager"),
        *("pSuperintendent", "pEstimator", "pFirst_Name", "pLast_Name", "pPhone_Number"),
        *("pTitle", "pCost_Center", "pSort_By"),
    ),
    "WSTestConnection": ("Authorization_ID", "Version"),
    "AddPhase": (
        *CREDENTIALS,
        *("Company_Code", "Job_Number", "Phase_Code", "Description", "Cost_Type"),
        *("Price_Method_Code", "Original_Est_Cost", "Status_Code"),
    ),
    "AddJob": (
        *CREDENTIALS,
        *("Company_Code", "Job_Number", "Taxable_Flag", "Price_Method_Code"),
        "Work_Local_Tax_Code",
    ),
    "UpdateJob": (*CREDENTIALS, "Company_Code", "Job_Number", "Job_Description"),
    "AddVendor": (
        *CREDENTIALS,
        *("Company_Code", "Vendor_Code", "Vendor_Name", "Alpha_Sort", "Terms_Code"),
        *("Terms_Days", "Terms_Disc_Code"),
    ),
    "UpdateVendor": (*CREDENTIALS, "Company_Code", "Vendor_Code", "Vendor_Name"),
}


def wsdl(service: str, elements: Sequence[str] | None = None, host: str = URL) -> bytes:
    """A service description of the recorded style."""
    names = ELEMENTS[service] if elements is None else elements
    declared = "".join(
        f'<element name="{name}" nillable="false" type="xsd:string"/>' for name in names
    )
    text = f"""<?xml version="1.0"?><!--SPECTRUM 20151116 -->
<definitions name="{service}" targetNamespace="http://www.northgate-is.com/proiv/webservices/wsdl"
  xmlns:tns="http://www.northgate-is.com/proiv/webservices/wsdl"
  xmlns:n="http://www.northgate-is.com/proiv/webservices/types"
  xmlns:xsd="http://www.w3.org/2001/XMLSchema"
  xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns="http://schemas.xmlsoap.org/wsdl/">
 <types><schema targetNamespace="http://www.northgate-is.com/proiv/webservices/types"
   xmlns="http://www.w3.org/2001/XMLSchema">
  <import namespace="http://schemas.xmlsoap.org/soap/encoding/"/>
  <element name="{service}"><complexType><sequence>{declared}</sequence></complexType></element>
  <element name="{service}Response"><complexType><sequence>
   <element name="returnArray" nillable="false"><complexType><sequence>
    <element name="returnData" nillable="false" minOccurs="0" maxOccurs="unbounded"><complexType>
     <sequence><any/></sequence></complexType></element>
   </sequence></complexType></element></sequence></complexType></element>
 </schema></types>
 <message name="{service}Input"><part name="parameters" element="n:{service}"/></message>
 <message name="{service}Output"><part name="parameters" element="n:{service}Response"/></message>
 <portType name="{service}PortType"><operation name="{service}">
  <input message="tns:{service}Input"/><output message="tns:{service}Output"/>
 </operation></portType>
 <binding name="{service}SoapBinding" type="tns:{service}PortType">
  <soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>
  <operation name="{service}"><soap:operation soapAction="{host}/ws/{service}"/>
   <input><soap:body use="literal"/></input><output><soap:body use="literal"/></output>
  </operation></binding>
 <service name="{service}Service"><port name="{service}Port" binding="tns:{service}SoapBinding">
  <soap:address location="{host}/ws/{service}"/></port></service>
</definitions>"""
    return text.encode()


def envelope(service: str, inner: str) -> bytes:
    """The envelope around an answer, without XML declaration and with CRLF."""
    text = (
        "<SOAP-ENV:Envelope SOAP-ENV:encodingStyle='http://schemas.xmlsoap.org/soap/encoding/'"
        " xmlns:xsd='http://www.w3.org/2001/XMLSchema'"
        " xmlns:SOAP-ENV='http://schemas.xmlsoap.org/soap/envelope/'>\n"
        "<SOAP-ENV:Header></SOAP-ENV:Header><SOAP-ENV:Body>\n"
        f"<nis:{service}Response xmlns:nis='http://www.northgate-is.com/proiv/webservices/types'>"
        f"<returnArray><returnData>\n\n{inner}\n</returnData></returnArray>"
        f"</nis:{service}Response></SOAP-ENV:Body></SOAP-ENV:Envelope>"
    )
    return text.replace("\n", "\r\n").encode()


GOOD = {"Error_Code": " ", "Error_Description": " ", "Error_Column": " "}
CAP = {
    "Company_Code": " ",
    "Job_Number": " ",
    "Error_Code": "W",
    "Error_Description": (
        "WARNING - Number of returnable records exceeds maximum number of records allowed."
    ),
    "Error_Column": " ",
}


def row_text(row: Mapping[str, str]) -> str:
    """One row with indentation."""
    cells = "".join(f"        <{name}>{escape(text)}</{name}>\n" for name, text in row.items())
    return f"    <response>\n{cells}    </response>\n"


def get_reply(service: str, rows: Sequence[Mapping[str, str]], *, capped: bool = False) -> bytes:
    """The answer of a Get service: rows in a wrapper in no namespace."""
    wrapper = service[0].lower() + service[1:]
    texts = [row_text({**row, **GOOD} if "Error_Code" not in row else row) for row in rows]
    texts += [row_text(CAP)] if capped else []
    return envelope(service, f"<{wrapper}>\n{''.join(texts)}</{wrapper}>")


def put_reply(service: str, *errors: tuple[str, str, str]) -> bytes:
    """The answer of a Put service: rows directly under returnData, with small names."""
    rows = [dict(zip(("error_code", "desc", "column"), error, strict=True)) for error in errors]
    return envelope(service, "".join(map(row_text, rows)))


def fault(code: str, text: str) -> bytes:
    """A SOAP fault without detail."""
    return (
        "<SOAP-ENV:Envelope xmlns:SOAP-ENV='http://schemas.xmlsoap.org/soap/envelope/'>"
        "<SOAP-ENV:Body><SOAP-ENV:Fault>"
        f"<faultcode>SOAP-ENV:{code}</faultcode><faultstring>{escape(text)}</faultstring>"
        "</SOAP-ENV:Fault></SOAP-ENV:Body></SOAP-ENV:Envelope>"
    ).encode()


def ok(content: bytes) -> Response:
    """An answer with status 200."""
    return Response(status=200, headers=XML, content=content)


Handler = Callable[[dict[str, str]], bytes | Response | Exception]


class CannedServer:
    """A transport that serves descriptions and gives the handlers' answers, one after another."""

    def __init__(self, **handlers: Handler | Sequence[bytes | Response | Exception]) -> None:
        self.handlers = handlers
        self.wsdls = {name: wsdl(name) for name in ELEMENTS}
        self.requests: list[Request] = []
        self.calls: list[tuple[str, dict[str, str]]] = []
        self.closed = 0
        self._lock = threading.Lock()

    def send(self, request: Request) -> Response:
        """Answer as scripted."""
        with self._lock:
            return self._answer(request)

    def close(self) -> None:
        """Count."""
        self.closed += 1

    def _answer(self, request: Request) -> Response:
        self.requests.append(request)
        parts = urlsplit(request.url)
        name = parts.path.rpartition("/")[2]
        if parts.path.startswith("/wsdls/"):
            content = self.wsdls.get(name.removesuffix(".jws"))
            if content is None:
                return Response(status=404, headers=HTML, content=PAGE)
            return ok(content)
        name = name if parts.path.startswith("/ws/") else parts.path.strip("/").split("/")[0]
        sent = _arguments(request.content) if request.content.startswith(b"<?xml") else {}
        self.calls.append((name, sent))
        handler = self.handlers[name]
        answer = handler(sent) if callable(handler) else next_of(handler)
        if isinstance(answer, Exception):
            raise answer
        return ok(answer) if isinstance(answer, bytes) else answer


def next_of(answers: Sequence[bytes | Response | Exception]) -> bytes | Response | Exception:
    """The next answer of a list; the last one for ever."""
    return answers.pop(0) if isinstance(answers, list) and len(answers) > 1 else answers[0]


def _arguments(content: bytes) -> dict[str, str]:
    body = etree.fromstring(content)[0]
    return {etree.QName(item).localname: item.text or "" for item in body[0]}


def client_of(server: CannedServer, **options: object) -> SpectrumClient:
    """A client of that server, with a clock that waits instantly."""
    options.setdefault("clock", FakeClock())
    return SpectrumClient(
        url=URL, company_code="ABC", authorization_id="SECRET-ID", transport=server, **options
    )
