"""Files that people send, as the fuzzer damages them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from functools import partial

from procore_spectrum.files.schedules import parse_schedule

__all__ = ["schedules"]

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


def schedules() -> Iterator[tuple[bytes, Callable[[bytes], object]]]:
    """Valid schedules of values as CSV and as workbooks, each with what reads it."""
    csv, xlsx = partial(parse_schedule, name="s.csv"), partial(parse_schedule, name="s.xlsx")
    yield _CSV, csv
    yield _SEMICOLONS, csv
    yield _workbook(zipfile.ZIP_STORED), xlsx
    yield _workbook(zipfile.ZIP_DEFLATED), xlsx
