"""Text: tidying it without loss, and the keys by which two spellings are recognised as one.

Every ``*_key`` function, and :func:`normalised_name`, gives ``""`` when there is nothing to
compare, and gives its own result back unchanged.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from html import unescape

from procore_spectrum.errors import InvalidValueError, Violation

__all__ = [
    "address_key",
    "clean",
    "email_domain",
    "email_key",
    "fits",
    "fitting",
    "normalised_name",
    "phone_digits",
    "unprintable",
    "without_markup",
    "zip_key",
]

_LEGAL_FORMS = """ag bv co company corp corporation gmbh inc incorporated limited llc llp lp ltd nv
pa pc plc pllc pty sa sarl srl ulc"""
_DROPPED_AT_THE_END = frozenset([*_LEGAL_FORMS.split(), "and"])

_ADDRESS_WORDS = {
    long: short
    for short, longs in {
        "ave": "avenue av",
        "blvd": "boulevard",
        "bldg": "building",
        "cir": "circle",
        "ct": "court",
        "dr": "drive",
        "fl": "floor",
        "hwy": "highway",
        "ln": "lane",
        "pkwy": "parkway",
        "pl": "place",
        "rd": "road",
        "sq": "square",
        "st": "street str",
        "ste": "suite unit apt apartment",
        "ter": "terrace",
        "e": "east",
        "n": "north",
        "ne": "northeast",
        "nw": "northwest",
        "s": "south",
        "se": "southeast",
        "sw": "southwest",
        "w": "west",
    }.items()
    for long in longs.split()
}

_EXTENSION = re.compile(r"(?:extension|ext|x|#)[.:\s]*\d+\s*$")
_BREAK = re.compile(r"</?(?:br|p|div|li|ol|ul|tr|td|th|h[1-6])\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-z][^<>]*>", re.IGNORECASE)
_SHOWN = 40
_US_ZIP = re.compile(r"(\d{5})(?:\d{4})?")


def clean(text: str | None) -> str:
    """The text trimmed, with every run of white space as one blank; None as ``""``.

    Raises:
        InvalidValueError: the argument is neither text nor None.
    """
    if text is None:
        return ""
    if not isinstance(text, str):
        raise InvalidValueError(f"expected text, not {type(text).__name__}")
    return " ".join(text.split())


def without_markup(text: str | None) -> str:
    """The words of a text in HTML, as Procore keeps some; plain text as it is, None as ``""``."""
    return unescape(_TAG.sub("", _BREAK.sub(" ", text or "")))


def fits(text: str, limit: int | None, path: str) -> Violation | None:
    """A violation when the text has more than ``limit`` characters. Nothing is ever cut."""
    if limit is None or len(text) <= limit:
        return None
    return Violation(
        code="too-long",
        message=f"{_shown(text)} has {len(text)} characters; at most {limit} are stored",
        path=path,
        hint="shorten it in the system it comes from",
    )


def _shown(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")


def fitting(text: str, length: int, path: str, how: str, notes: list[Violation]) -> str:
    """The text, cut only where ``how`` is ``"shorten"``, and never without a note.

    Args:
        text: as it is.
        length: most characters.
        path: the field.
        how: ``"hold"`` leaves the text as it is, for a rule to refuse it.
        notes: where the note goes.
    """
    if len(text) <= length or how != "shorten":
        return text
    notes.append(
        Violation(
            code="shortened",
            message=f"{text!r} was shortened to {length} characters",
            path=path,
        )
    )
    return text[:length].rstrip()


def unprintable(text: str, path: str) -> Violation | None:
    """A violation when the text holds control characters, which XML and screens cannot show."""
    found = sorted({char for char in text if unicodedata.category(char) in {"Cc", "Cs"}})
    if not found:
        return None
    shown = ", ".join(f"U+{ord(char):04X}" for char in found)
    return Violation(
        code="unprintable",
        message=f"holds characters that cannot be sent: {shown}",
        path=path,
        hint="type the text again in the system it comes from",
    )


def normalised_name(text: str | None) -> str:
    """A company's name without the spelling habits that tell no two companies apart.

    Case, accents and punctuation are folded, ``&`` is "and", initials are joined, legal forms
    at the end and "The" at the start are dropped, as long as something remains:
    ``"The J. B. Müller & Co., Inc."`` gives ``"jb muller"``.
    """
    folded = _folded(clean(text))
    tokens = _joined_initials(_words(re.sub("[&+]", " and ", folded)))
    while len(tokens) > 1 and tokens[-1] in _DROPPED_AT_THE_END:
        tokens.pop()
    while len(tokens) > 1 and tokens[0] == "the":
        tokens.pop(0)
    return " ".join(tokens)


def phone_digits(text: str | None) -> str:
    """The digits of a telephone number, without extension and US country code."""
    number = _EXTENSION.sub("", clean(text).casefold())
    digits = "".join(str(unicodedata.decimal(char)) for char in number if char.isdecimal())
    return digits[1:] if len(digits) == 11 and digits[0] == "1" else digits


def email_key(text: str | None) -> str:
    """An e-mail address in one case; ``""`` when it is not exactly one address."""
    address = clean(text).casefold()
    name, _, domain = address.partition("@")
    well_formed = name and domain and "." in domain and not set("@ ,;") & set(name + domain)
    return address if well_formed else ""


def email_domain(text: str | None) -> str:
    """The part of an e-mail address behind the ``@``."""
    return email_key(text).partition("@")[2]


def address_key(text: str | None) -> str:
    """A street address with usual words abbreviated: ``"1 North Main St., Suite 4"`` gives
    ``"1 n main st ste 4"``.
    """
    folded = _folded(clean(text)).replace("#", " ste ")
    tokens = [_ADDRESS_WORDS.get(word, word) for word in _words(folded)]
    # "Suite #4" says the same thing twice.
    return re.sub(r"\bste( ste)+\b", "ste", " ".join(tokens))


def zip_key(text: str | None) -> str:
    """A postal code in capitals without blanks; of a US ZIP+4 only the five digits."""
    code = "".join(_words(_folded(clean(text)))).upper()
    us = _US_ZIP.fullmatch(code)
    return us[1] if us else code


def _folded(text: str) -> str:
    """Without case, accents and compatibility forms (Unicode, compatibility caseless match)."""
    for _ in range(2):
        text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(char for char in text if not unicodedata.combining(char))


def _words(folded: str) -> list[str]:
    # Periods and apostrophes stand inside words (O'Brien, L.L.C.); all else stands between.
    joined = re.sub(r"[.'’`]", "", folded)
    return "".join(char if char.isalnum() else " " for char in joined).split()


def _joined_initials(words: Iterable[str]) -> list[str]:
    """``j b hunt`` as ``jb hunt``."""
    tokens: list[str] = []
    initials = False
    for word in words:
        single = len(word) == 1 and word.isalpha()
        if single and initials:
            tokens[-1] += word
        else:
            tokens.append(word)
        initials = single
    return tokens
