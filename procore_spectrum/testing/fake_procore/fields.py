"""Reading sent attributes: one converter per kind of field.

A converter takes what the JSON held and returns what is stored; it raises ``ValueError`` with
the message that Procore would put beside the field.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from procore_spectrum.testing.fake_procore.answers import InvalidError, Problems

__all__ = [
    "CUSTOM_FIELD",
    "Converter",
    "Spec",
    "check_place",
    "coordinate",
    "day",
    "flag",
    "ids",
    "key",
    "number",
    "one_of",
    "plain",
    "read",
    "record",
    "record_id",
    "required",
    "stamp",
    "text",
    "whole",
    "words",
]

Converter = Callable[[Any], Any]
Spec = Mapping[str, Converter]

CUSTOM_FIELD = re.compile(r"custom_field_\d+\Z")
INVALID = "is invalid"


def words(lines: str) -> list[str]:
    """The words of a block of text; for long lists of field names."""
    return lines.split()


COUNTRIES = frozenset(
    words(
        """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ
    BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM
    DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS
    GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN
    KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ
    MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM
    PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV
    SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI
    VN VU WF WS YE YT ZA ZM ZW
    """
    )
)
STATES = {
    "US": frozenset(
        words(
            """
    AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH
    NJ NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY AS GU MP PR UM VI
    """
        )
    ),
    "CA": frozenset(["AB", "BC", "MB", "NB", "NL", "NS", "NT", "NU", "ON", "PE", "QC", "SK", "YT"]),
    "AU": frozenset(["ACT", "NSW", "NT", "QLD", "SA", "TAS", "VIC", "WA"]),
}
STATE_SHAPE = re.compile(r"[A-Z0-9]{1,3}\Z")


def text(value: Any) -> str | None:
    """Text; whole numbers become text, as in Rails."""
    if isinstance(value, bool) or not isinstance(value, str | int | None):
        raise ValueError(INVALID)
    return None if value is None else str(value)


def key(value: Any) -> str | None:
    """Text that identifies; a blank one is none."""
    return text(value) or None


def whole(value: Any) -> int | None:
    """A whole number, also as text of digits."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError(INVALID)
    if isinstance(value, str) and not re.fullmatch(r"-?[0-9]{1,19}", value):
        raise ValueError("is not a number")
    return int(value)


def record_id(value: Any) -> int:
    """An id that was sent as a number or as text; 0, which nobody has, for anything else."""
    text = str(value)
    return int(text) if re.fullmatch(r"[0-9]{1,19}", text) else 0


def number(value: Any) -> str | None:
    """A decimal number; kept and answered as text."""
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise ValueError(INVALID)
    if isinstance(value, str) and not re.fullmatch(r"-?\d+(\.\d+)?", value):
        raise ValueError("is not a number")
    return str(value)


def coordinate(value: Any) -> float | None:
    """Degrees, the one kind of number that is answered as a JSON number."""
    kept = number(value)
    return None if kept is None else float(kept)


def flag(value: Any) -> bool | None:
    """True or false."""
    if value is not None and not isinstance(value, bool):
        raise ValueError("must be true or false")
    return value


def day(value: Any) -> str | None:
    """A date ``YYYY-MM-DD``. Any other form is stored as null without a word (`doc:date-time`)."""
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        return None
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError:
        return None


def ids(value: Any) -> list[int]:
    """A list of ids."""
    if not isinstance(value, list):
        raise ValueError("must be a list")
    return [found for found in map(whole, value) if found is not None]


def plain(value: Any) -> Any:
    """Whatever was sent, with decimals as text, so that they keep their digits."""
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, list):
        return [plain(part) for part in value]
    return str(value) if isinstance(value, Decimal) else value


def record(value: Any) -> Any:
    """An object or null."""
    if value is not None and not isinstance(value, dict):
        raise ValueError("must be an object")
    return plain(value)


def one_of(*choices: str) -> Converter:
    """A converter that accepts null and the given words."""

    def choose(value: Any) -> Any:
        if value is not None and value not in choices:
            raise ValueError("is not included in the list")
        return value

    return choose


def read(spec: Spec, sent: Any, *, ignore_unknown: bool) -> dict[str, Any]:
    """The attributes to store.

    Raises:
        InvalidError: fields that are not known (unless ignored) or hold something impossible.
    """
    problems: Problems = {}
    kept: dict[str, Any] = {}
    if not isinstance(sent, dict):
        raise InvalidError({"base": ["must be an object"]})
    for name, value in sent.items():
        converter = plain if CUSTOM_FIELD.match(name) else spec.get(name)
        if converter is None:
            if not ignore_unknown:
                problems[name] = ["is not a known field"]
            continue
        try:
            kept[name] = converter(value)
        except ValueError as error:
            problems[name] = [str(error)]
    if problems:
        raise InvalidError(problems)
    return kept


def required(values: Mapping[str, Any], *names: str, creating: bool) -> Problems:
    """Problems with fields that must not be blank; on updates only those that were sent."""
    return {
        name: ["can't be blank"]
        for name in names
        if (creating or name in values) and not str(values.get(name) or "").strip()
    }


def check_place(values: Mapping[str, Any]) -> Problems:
    """Country and state: ISO 3166 codes in upper case that belong together."""
    country, state = values.get("country_code"), values.get("state_code")
    problems: Problems = {}
    if country and country not in COUNTRIES:
        problems["country_code"] = [INVALID]
    known = STATES.get(country or "")
    if state and (state not in known if known else not STATE_SHAPE.match(state)):
        problems["state_code"] = [INVALID]
    return problems


def stamp(moment: datetime) -> str:
    """A timestamp as Procore writes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
