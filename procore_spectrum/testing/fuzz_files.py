"""Files that people send, write or keep, as the fuzzer damages them."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from procore_spectrum.cli.config import load_config
from procore_spectrum.errors import ConfigurationError
from procore_spectrum.files.schedules import parse_schedule
from procore_spectrum.plan import codec
from procore_spectrum.plan.plan import Plan
from procore_spectrum.procore.tokens import FileTokenStore, Token
from procore_spectrum.spectrum.wsdl import DirectoryWsdlCache
from procore_spectrum.testing.faults import FaultPlan
from procore_spectrum.testing.fuzz_cases import Case

__all__ = [
    "configuration",
    "fault_plans",
    "plan_files",
    "schedules",
    "token_files",
    "wsdl_caches",
]

_CSV = (
    b"\xef\xbb\xbfItem,Description,Amount,Quantity,Unit,Unit Price,Phase,Cost Type\r\n"
    b'1,"Concrete, poured","$12,500.00",10,CY,1250.00,031000,S\r\n'
    b"2,Steel,-100.50,,,,050000,M\r\n"
    b'3,"says ""hello""",0,,,,,\r\n'
)
_SEMICOLONS = b"item;description;amount\n1;Roof;1000.00\n2;Paint;5\n"
_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/xl/workbook.xml" ContentType="application/'
    'vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/'
    'vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>'
)
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELATED = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_SHEET = (
    f'<worksheet xmlns="{_MAIN}"><sheetData>'
    '<row r="1"><c r="A1" t="inlineStr"><is><t>Item</t></is></c>'
    '<c r="B1" t="inlineStr"><is><t>Amount</t></is></c></row>'
    '<row r="2"><c r="A2" t="inlineStr"><is><t>1</t></is></c><c r="B2"><v>1250.5</v></c></row>'
    '<row r="3"><c r="A3"><v>2</v></c><c r="B3"><v>99</v></c></row>'
    "</sheetData></worksheet>"
)


def _workbook(compression: int) -> bytes:
    """A workbook as small as one can be; uncompressed, so that damage reaches its XML too."""
    parts = {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": f'{_RELATED}<Relationship Id="r1" Type="{_OFFICE}/officeDocument"'
        ' Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        '<sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'{_RELATED}<Relationship Id="r1"'
        f' Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": _SHEET,
    }
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", compression) as archive:
        for name, text in parts.items():
            archive.writestr(zipfile.ZipInfo(name), text, compression)
    return target.getvalue()


def schedules() -> Iterator[Case]:
    """Valid schedules of values as CSV and as workbooks, each with what reads it."""
    csv, xlsx = partial(parse_schedule, name="s.csv"), partial(parse_schedule, name="s.xlsx")
    yield Case(_CSV, csv)
    yield Case(_SEMICOLONS, csv)
    yield Case(_workbook(zipfile.ZIP_STORED), xlsx)
    yield Case(_workbook(zipfile.ZIP_DEFLATED), xlsx)


# ---------------------------------------------------------------- what the library keeps

_WORD = "sample"


def token_files(path: Path) -> Iterator[Case]:
    """Tokens that rotate."""
    store = FileTokenStore(path)
    expires_at = datetime(2026, 1, 5, 9, tzinfo=UTC)
    store.save(Token(access_token=_WORD, refresh_token=_WORD, expires_at=expires_at))

    def read(content: bytes) -> object:
        path.write_bytes(content)
        return store.load()

    yield Case(path.read_bytes(), read)


def wsdl_caches(folder: Path) -> Iterator[Case]:
    """A description that was kept, with its digest."""
    cache = DirectoryWsdlCache(folder)
    cache.put("GetJob", b"<definitions/>")
    (path,) = folder.iterdir()

    def read(content: bytes) -> object:
        path.write_bytes(content)
        return cache.get("GetJob")

    yield Case(path.read_bytes(), read)


# ---------------------------------------------------------------- what people write

_TOML = b"""features = ["vendors", "jobs", "cost_codes"]
[procore]
company_id = 598134325658789
token_file = "token.json"
[spectrum]
url = "https://spectrum.test:8482"
company_code = "ABC"
row_cap = 500
basic_auth = true
[store]
url = "sqlite:///sync.db"
[vendors]
types = ["SUB", ""]
known_types = ["SUB", "MAT"]
[vendors.mapping.place]
country_code = "US"
countries_by_state = { ON = "CA", QC = "CA" }
[jobs]
connected_on = 2024-01-01
take_on = ["23-0103"]
[jobs.mapping]
time_zone = "US/Pacific"
stage_ids = { A = 41 }
[cost_codes]
phase_mask = "##-####"
[cost_codes.division_names]
03 = "Concrete"
[cost_codes.cost_types]
labor_as = "other"
L = { name = "Labor", base_type = "labor" }
[approvals]
four_eyes = true
[guards]
max_share = 0.20
"""


def configuration(path: Path) -> Iterator[Case]:
    """Nearly every kind of setting."""

    def read(content: bytes) -> object:
        path.write_bytes(content)
        return load_config(str(path), {})

    yield Case(_TOML, read)


def plan_files(plans: Iterable[Plan]) -> Iterator[Case]:
    """Plans of a conversation, as they are and sealed again after the damage."""
    for plan in plans:
        content = codec.dumps(plan).encode()
        yield Case(content, codec.loads)
        yield Case(content, _load_sealed)


def _load_sealed(content: bytes) -> object:
    """With a seal that fits the damage, so that it is read further than to the seal."""
    try:
        data = json.loads(content)
        rest = json.dumps({name: data[name] for name in data if name != "digest"}, sort_keys=True)
        content = json.dumps({**data, "digest": hashlib.sha256(rest.encode()).hexdigest()}).encode()
    except (ValueError, TypeError, RecursionError):
        pass
    return codec.loads(content)


def fault_plans() -> Iterator[Case]:
    """Both spellings of what a sandbox shall do wrong."""
    text = """# when : what
after 3 : reset_after
method POST path "/vendors" skip 1 : lost_reply
label GetPhase times 2 : cut_body 400 framed=true
at 7 : status 429 retry_after=2 ; always times any : stall 0.5
"""
    plan = FaultPlan.from_text(text)
    yield Case(text.encode(), lambda content: FaultPlan.from_text(content.decode("latin-1")))
    yield Case(json.dumps(plan.to_json()).encode(), _read_fault_plan)


def _read_fault_plan(content: bytes) -> object:
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):
        raise ConfigurationError("not JSON") from None
    return FaultPlan.from_json(data)
