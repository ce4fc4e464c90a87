"""Vendors over REST: what is sent, and how answers are read."""

import pytest
from spectrum_canned import (
    JSON,
    URL,
    CannedServer,
    client_of,
)

from procore_spectrum.errors import (
    NotPermittedError,
    UnreadableReplyError,
)
from procore_spectrum.spectrum import services
from procore_spectrum.wire.messages import Response

VENDOR = b'{"Vendor_Code": "ACME ", "Name": "Acme", "Discount_Percent": 1.50, "Purchase_Zip": null}'


def rest(content: bytes, status: int = 200) -> CannedServer:
    """A server that lists vendors."""
    return CannedServer(vendors=[Response(status=status, headers=JSON, content=content)])


@pytest.mark.parametrize(
    "content",
    [
        b"[" + VENDOR + b"]",
        b'{"vendors": [' + VENDOR + b'], "count": 1}',
        b"[" + VENDOR.replace(b"Vendor_Code", b"vendorCode") + b"]",
    ],
)
def test_vendors(content):
    """A bare array and an object with one array are understood, whatever the names' case."""
    server = rest(content)
    (vendor,) = client_of(server).send(services.list_vendors()).items
    assert vendor.vendor_code == "ACME"
    assert str(vendor.discount_percent) == "1.50"
    (request,) = server.requests
    assert request.url == f"{URL}/vendors/ABC"
    assert request.header("Authorization").startswith("Basic ")


def test_vendor_filters_bring_the_cost_center():
    """Another filter needs a cost center; the id stays out of the query by default."""
    server = rest(b"[]")
    client_of(server).send(services.list_vendors(vendor_type="SUB", city="Seattle"))
    client_of(server, authorization_id_in_query=True).send(services.list_vendors(cost_center="1"))
    assert server.requests[0].url.endswith("?pType=SUB&pCity=Seattle&pCostCenter=ALL")
    assert server.requests[1].url.endswith("?pCostCenter=1&Authorization_ID=SECRET-ID")


@pytest.mark.parametrize(
    "content",
    [
        b"{}",
        b"[1]",
        b"3",
        b'{"a": [], "b": []}',
        b"<html>",
        b'[{"Vendor_Code": true}]',
        b'[{"Vendor_Code": {}}]',
        b'[{"Vendor_Code": "A", "vendorCode": "B"}]',
        b'[{"Vendor_Code": " "}]',
    ],
)
def test_other_json_is_refused(content):
    """An answer that could mean anything is not read."""
    with pytest.raises(UnreadableReplyError):
        client_of(rest(content)).send(services.list_vendors())


def test_rest_errors():
    """Error codes in JSON are judged like rows, and a status other than 200 is no listing."""
    with pytest.raises(NotPermittedError):
        client_of(rest(b'{"Error_Code": "A", "desc": "no"}')).send(services.list_vendors())
    with pytest.raises(UnreadableReplyError):
        client_of(rest(b"[]", status=204)).send(services.list_vendors())


def test_vendor_cap():
    """The unknown cap of the vendor listing is a switch."""
    content = (
        b"["
        + VENDOR
        + b","
        + VENDOR.replace(b"ACME", b"B")
        + b', {"x": "", "Name": "c", "Vendor_Code": "C", "y": 1}]'
    )
    assert client_of(rest(content), vendor_row_cap=3).send(services.list_vendors()).capped
    assert not client_of(rest(content), vendor_row_cap=None).send(services.list_vendors()).capped
