"""Service descriptions: read from bytes, kept, and compared."""

import stat

import pytest
from lxml import etree
from spectrum_canned import PAGE, URL, wsdl

from procore_spectrum.errors import (
    ContractChangedError,
    InvalidValueError,
    StoreCorruptError,
    StoreError,
    UnreadableReplyError,
)
from procore_spectrum.spectrum.wsdl import DirectoryWsdlCache, MemoryWsdlCache, read_contract


def test_a_description_is_read():
    """Elements come in their declared order, with action and address."""
    contract = read_contract("GetPhase", wsdl("GetPhase"))
    assert contract.elements[:3] == ("Authorization_ID", "GUID", "pCompany_Code")
    assert contract.action == contract.address == f"{URL}/ws/GetPhase"
    assert len(contract.digest) == 64


def test_the_schema_import_is_optional():
    """With or without the location-less import the description is the same."""
    without = wsdl("GetPhase").replace(
        b'<import namespace="http://schemas.xmlsoap.org/soap/encoding/"/>', b""
    )
    contract = read_contract("GetPhase", without)
    assert contract.elements == read_contract("GetPhase", wsdl("GetPhase")).elements


def test_every_declared_element_is_sent():
    """Elements without an argument are there and blank."""
    contract = read_contract("GetPhase", wsdl("GetPhase"))
    root = etree.fromstring(contract.envelope({"pJob_Number": "24-0101 <&é"}))
    (operation,) = root[0]
    sent = {etree.QName(item).localname: item.text or "" for item in operation}
    assert list(sent) == list(contract.elements)
    assert sent["pJob_Number"] == "24-0101 <&é"
    assert sent["pCost_Type"] == ""


@pytest.mark.parametrize("declared", ["Work_Local_Tax_Cod", "Work_Local_Tax_Code"])
@pytest.mark.parametrize("given", ["Work_Local_Tax_Cod", "Work_Local_Tax_Code"])
def test_the_description_decides_the_spelling(declared, given):
    """An element that pages spell in two ways is sent as it is declared."""
    contract = read_contract("AddJob", wsdl("AddJob", ["GUID", declared]))
    assert contract.resolve({given: "X"}) == {"GUID": "", declared: "X"}


def test_undeclared_arguments_are_listed():
    """An argument that the service does not know is never dropped."""
    contract = read_contract("GetPhase", wsdl("GetPhase"))
    with pytest.raises(ContractChangedError, match="pNew, pOther"):
        contract.envelope({"pNew": "1", "pOther": "2", "GUID": ""})


def test_text_that_xml_cannot_hold():
    """A control character is refused as a value of ours."""
    contract = read_contract("GetPhase", wsdl("GetPhase"))
    with pytest.raises(InvalidValueError):
        contract.envelope({"pJob_Number": "a\x00b"})


@pytest.mark.parametrize(
    ("host", "trust", "endpoint"),
    [
        (URL, True, f"{URL}/ws/GetJob"),
        ("https://evil.example.com", True, f"{URL}/ws/GetJob"),
        ("http://spectrum.example.com:8482", True, f"{URL}/ws/GetJob"),
        (URL, False, f"{URL}/ws/GetJob"),
    ],
)
def test_requests_go_to_the_configured_server(host, trust, endpoint):
    """A description cannot send credentials elsewhere."""
    contract = read_contract("GetJob", wsdl("GetJob", host=host))
    assert contract.endpoint(URL, trust_address=trust) == endpoint


def test_the_declared_path_is_used_on_our_server():
    """On the configured server the description says where."""
    content = wsdl("GetJob").replace(
        b'location="https://spectrum.example.com:8482/ws/',
        b'location="https://SPECTRUM.example.com:8482/other/',
    )
    contract = read_contract("GetJob", content)
    assert contract.endpoint(URL, trust_address=True).endswith("/other/GetJob")
    assert contract.endpoint(URL, trust_address=False) == f"{URL}/ws/GetJob"


@pytest.mark.parametrize(
    "content",
    [
        PAGE,
        b"",
        b"<definitions/>",
        b"<!DOCTYPE definitions><definitions/>",
        wsdl("GetJobMain"),
        wsdl("GetJob").replace(b"<import ", b'<import schemaLocation="http://evil.example.com/x" '),
        wsdl("GetJob").replace(b'element="n:GetJob"', b'element="n:Missing"'),
    ],
)
def test_other_documents_are_refused(content):
    """Pages, DTDs, references to other documents and other services are no description."""
    with pytest.raises(UnreadableReplyError):
        read_contract("GetJob", content)


@pytest.mark.parametrize("name", ["../etc", "", "a/b", "x.y"])
def test_odd_names_are_refused(name):
    """A service's name never becomes a path."""
    with pytest.raises(InvalidValueError):
        read_contract(name, b"")
    with pytest.raises(InvalidValueError):
        DirectoryWsdlCache("anywhere").get(name)


@pytest.mark.parametrize("kind", ["memory", "directory"])
def test_caches_give_back_what_was_put(kind, tmp_path):
    """Both caches keep the latest bytes of each service."""
    cache = MemoryWsdlCache() if kind == "memory" else DirectoryWsdlCache(tmp_path / "new" / "dir")
    assert cache.get("GetJob") is None
    cache.put("GetJob", b"one\ntwo")
    cache.put("GetJob", b"three\n")
    assert cache.get("GetJob") == b"three\n"
    assert cache.get("GetPhase") is None


def test_files_are_private_and_survive(tmp_path):
    """Another process finds the description, in a file that only its owner reads."""
    DirectoryWsdlCache(tmp_path).put("GetJob", b"x")
    assert DirectoryWsdlCache(str(tmp_path)).get("GetJob") == b"x"
    (file,) = tmp_path.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_changed_file_is_noticed(tmp_path):
    """A description that does not fit its digest is not used."""
    cache = DirectoryWsdlCache(tmp_path)
    cache.put("GetJob", b"x")
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes() + b"y")
    with pytest.raises(StoreCorruptError):
        cache.get("GetJob")


def test_failing_files_are_our_errors(tmp_path):
    """Neither reading nor writing leaks an OSError, and no draft is left behind."""
    (tmp_path / "GetJob.wsdl").mkdir()
    cache = DirectoryWsdlCache(tmp_path)
    with pytest.raises(StoreError):
        cache.get("GetJob")
    with pytest.raises(StoreError):
        cache.put("GetJob", b"x")
    assert [item.name for item in tmp_path.iterdir()] == ["GetJob.wsdl"]
