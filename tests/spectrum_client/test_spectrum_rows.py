"""The strict reader: every row or an error, whatever happens to the bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spectrum_canned import CAP, GOOD, envelope, fault, get_reply, put_reply, row_text

from procore_spectrum.errors import UnreadableReplyError
from procore_spectrum.spectrum.rows import Fault, read_reply

ROWS = [
    {"Job_Number": "24-0101", "Phase_Code": "010000", "JTD_Hours": ".00"},
    {"Job_Number": "24-0101", "Phase_Code": "020000", "JTD_Hours": "-.50"},
    {"Job_Number": "24-0101", "Phase_Code": "030000", "JTD_Hours": "8.00"},
]
REPLY = get_reply("GetPhase", ROWS)
CELLS = st.dictionaries(
    st.sampled_from(["Job_Number", "Description", "City"]),
    st.text(alphabet="abcdé <&>1-", min_size=1, max_size=8),
    min_size=1,
)


@given(st.lists(CELLS.filter(lambda row: any(text.strip() for text in row.values())), max_size=4))
def test_rows_are_read_as_they_were_sent(rows):
    """Every row comes back with its names and stripped texts, in order."""
    found = read_reply(get_reply("GetJob", rows), service="GetJob")
    assert list(found.rows) == [{name: text.strip() for name, text in row.items()} for row in rows]
    assert not found.capped
    assert not found.errors


@pytest.mark.parametrize("tolerant", [False, True])
@pytest.mark.parametrize("part", range(4))
def test_a_cut_at_any_byte_never_loses_a_row(tolerant, part):
    """A body that was cut anywhere is an error, or has all its rows."""
    for end in range(part, len(REPLY), 4):
        try:
            found = read_reply(REPLY[:end], service="GetPhase", tolerate_cut_envelope=tolerant)
        except UnreadableReplyError:
            continue
        assert tolerant
        assert list(found.rows) == ROWS


@pytest.mark.parametrize("end", [b"</getPhase>", b"</returnData>", b"</SOAP-ENV:Body></SOAP"])
def test_a_cut_envelope_can_be_tolerated(end):
    """With the switch on, only closing tags outside the rows may be missing."""
    cut = REPLY[: REPLY.index(end) + len(end)]
    with pytest.raises(UnreadableReplyError):
        read_reply(cut, service="GetPhase")
    found = read_reply(cut, service="GetPhase", tolerate_cut_envelope=True)
    assert list(found.rows) == ROWS


def test_a_cut_envelope_without_rows_can_be_tolerated():
    """An empty wrapper that was closed has no rows to lose."""
    reply = get_reply("GetPhase", [])
    cut = reply[: reply.index(b"</returnData>")]
    assert read_reply(cut, service="GetPhase", tolerate_cut_envelope=True).rows == ()


def test_a_whole_body_is_read_with_the_switch_on():
    """Tolerance changes nothing for a body that is whole."""
    assert read_reply(REPLY, service="GetPhase", tolerate_cut_envelope=True).rows == tuple(ROWS)


@pytest.mark.parametrize("content", [b"", b"<a", b"plain text", b"<a><b></a></response>"])
def test_garbage_is_garbage_with_the_switch_on(content):
    """Tolerance does not make sense of anything else."""
    with pytest.raises(UnreadableReplyError):
        read_reply(content, service="GetPhase", tolerate_cut_envelope=True)


@pytest.mark.parametrize("inner", ["<getDiscipline>\n</getDiscipline>", "<getDiscipline/>", ""])
def test_no_rows(inner):
    """An empty wrapper and an empty returnData are listings without rows."""
    assert read_reply(envelope("GetDiscipline", inner), service="GetDiscipline").rows == ()


def test_the_capping_row_is_not_a_row():
    """The row after the last tells that there is more, and is no data."""
    found = read_reply(get_reply("GetPhase", ROWS, capped=True), service="GetPhase")
    assert list(found.rows) == ROWS
    assert found.capped
    assert [error.code for error in found.errors] == ["W"]
    assert found.errors[0].row == 4


def test_a_warning_on_a_data_row_keeps_the_row():
    """A row with data and a warning is data, and the listing counts as cut off."""
    found = read_reply(
        get_reply("GetPhase", [{**ROWS[0], **CAP, "Job_Number": "1"}]), service="GetPhase"
    )
    assert found.capped
    assert len(found.rows) == 1


def test_error_rows_of_a_read_are_no_data():
    """A row with code A holds no record, whatever its other cells say."""
    bad = {"Job_Number": "1", **GOOD, "Error_Code": "A", "Error_Description": "not authorized"}
    found = read_reply(get_reply("GetPhase", [bad]), service="GetPhase")
    assert found.rows == ()
    assert found.errors[0].code == "A"


def test_several_errors_of_a_put():
    """All errors of a Put are read, with their small names and columns."""
    reply = put_reply("AddVendor", ("I", "Status is invalid", "Status"), ("M", "needed", "Type"))
    found = read_reply(reply, service="AddVendor", kind="write")
    assert [(error.code, error.column) for error in found.errors] == [
        ("I", "Status"),
        ("M", "Type"),
    ]


def test_the_put_shape_is_understood_in_a_read():
    """An unauthorised read may answer in the Put form."""
    found = read_reply(put_reply("GetJob", ("A", "no", "Authorization_ID")), service="GetJob")
    assert found.errors[0].column == "Authorization_ID"


@pytest.mark.parametrize(
    "inner", ["", "<addVendor/>", "<response></response>", "done", row_text({"Vendor_Code": ""})]
)
def test_any_body_without_error_codes_is_success_of_a_write(inner):
    """The body of a successful Put is not documented, so every well-formed one is accepted."""
    found = read_reply(envelope("AddVendor", inner), service="AddVendor", kind="write")
    assert found.errors == ()


def test_a_fault():
    """A fault is read with its code and text."""
    assert read_reply(fault("Server", "Error executing Web Service"), service="GetJob") == Fault(
        code="SOAP-ENV:Server", text="Error executing Web Service"
    )


@pytest.mark.parametrize(
    "inner",
    [
        "<getPhase><row/></getPhase>",
        "<getPhase>text</getPhase>",
        "<getJob><response><A>1</A></response></getJob>",
        "<getPhase><response><A><B/></A></response></getPhase>",
        "<getPhase><response><A>1</A><A>2</A></response></getPhase>",
        "<getPhase><response>text</response></getPhase>",
        "<getPhase><response><A> </A></response></getPhase>",
        "<getPhase><response/></getPhase>",
        "words",
    ],
)
def test_unexpected_shapes_of_a_read_are_refused(inner):
    """Whatever is not a row as recorded is an error, never skipped."""
    with pytest.raises(UnreadableReplyError):
        read_reply(envelope("GetPhase", inner), service="GetPhase")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"returnArray", b"array"),
        (b"returnData", b"data"),
        (b"GetPhaseResponse", b"GetJobResponse"),
        (b"SOAP-ENV:Body", b"SOAP-ENV:Trunk"),
        (b"http://schemas.xmlsoap.org/soap/envelope/", b"urn:other"),
        (b"<SOAP-ENV:Header></SOAP-ENV:Header>", b"text"),
    ],
)
def test_unexpected_envelopes_are_refused(old, new):
    """Every level of the envelope is checked."""
    with pytest.raises(UnreadableReplyError):
        read_reply(REPLY.replace(old, new), service="GetPhase")


def test_an_empty_body_is_refused():
    """A SOAP body holds exactly one answer."""
    text = b"<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/'><e:Body/></e:Envelope>"
    with pytest.raises(UnreadableReplyError):
        read_reply(text, service="GetPhase")


@pytest.mark.parametrize(
    "dtd",
    [
        b"<!DOCTYPE a>",
        b'<!DOCTYPE a [<!ENTITY x "y">]>',
        b'<!DOCTYPE a SYSTEM "http://example.com/x.dtd">',
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
    ],
)
def test_document_types_are_refused(dtd):
    """No answer may bring a DTD or entities."""
    with pytest.raises(UnreadableReplyError):
        read_reply(dtd + REPLY, service="GetPhase")


def test_entities_are_not_expanded():
    """An entity used in a cell never becomes text."""
    content = b'<!DOCTYPE a [<!ENTITY x "boom">]>' + REPLY.replace(b"010000", b"&x;")
    with pytest.raises(UnreadableReplyError):
        read_reply(content, service="GetPhase")


@pytest.mark.parametrize("name", ["Café Zürich", "it’s", "plain", "Ã"])
def test_double_encoding_is_repaired_on_request(name):
    """Text that was encoded twice is repaired only when asked for."""
    encoding = "cp1252" if "’" in name else "latin-1"
    twice = name.encode().decode(encoding) if name != "Ã" else name
    reply = get_reply("GetJob", [{"City": twice}])
    assert read_reply(reply, service="GetJob").rows[0]["City"] == twice
    repaired = read_reply(reply, service="GetJob", repair_double_encoding=True)
    assert repaired.rows[0]["City"] == name
