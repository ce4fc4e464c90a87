"""Which records of the other system may be the same company, and why.

Works in both directions on a small neutral record, :class:`Party`. An index makes the work per
vendor nearly constant: only values that few parties share are followed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

import attrs

from procore_spectrum.mapping.keys import key_text
from procore_spectrum.mapping.places import joined_lines
from procore_spectrum.mapping.text import (
    address_key,
    clean,
    email_domain,
    email_key,
    normalised_name,
    phone_digits,
    zip_key,
)
from procore_spectrum.models import procore, spectrum

__all__ = [
    "CompanyIndex",
    "Party",
    "Suggestion",
    "exact_unique_name",
    "party_of_company",
    "party_of_vendor",
    "suggest",
]

#: How far each piece of evidence goes on its own, in percent. Several are combined like
#: independent witnesses: each takes its share of the doubt that the others left.
_WEIGHTS: Mapping[str, int] = {
    "same tax id": 90,
    "same code": 75,
    "same name": 75,
    "same e-mail": 60,
    "same phone": 50,
    "same address": 40,
    "same e-mail domain": 25,
}
_SIMILAR_NAME_AT_MOST = 60
_SIMILAR_FROM_PERCENT = 60

#: A value that more parties share than this identifies nobody.
_MOST_SHARED = 50

_MAIL_PROVIDERS = """aol.com att.net bellsouth.net comcast.net cox.net gmail.com googlemail.com
hotmail.com icloud.com live.com mac.com me.com msn.com outlook.com proton.me protonmail.com
sbcglobal.net verizon.net yahoo.ca yahoo.com ymail.com"""
_EVERYBODYS_DOMAINS = frozenset(_MAIL_PROVIDERS.split())

_Key: TypeAlias = tuple[str, str]


@attrs.frozen(kw_only=True)
class Party:
    """A company as either system knows it; what is unknown is blank."""

    id: str
    name: str
    code: str = ""
    tax_id: str = attrs.field(default="", repr=False)
    email: str = ""
    phone: str = ""
    address: str = ""
    city: str = ""
    state: str = ""
    zip: str = ""


@attrs.frozen(kw_only=True)
class Suggestion:
    """A party that may be the same: how likely (0 to 100, never certain) and why."""

    target_id: str
    score: int
    evidence: tuple[str, ...]


class CompanyIndex:
    """Parties, ready to be searched by anything that identifies them.

    Args:
        parties: the companies; their order does not matter.
    """

    def __init__(self, parties: Iterable[Party]) -> None:
        self._parties = tuple(parties)
        self._by_key: dict[_Key, list[int]] = defaultdict(list)
        self._by_name: dict[str, list[int]] = defaultdict(list)
        self._by_word: dict[str, list[int]] = defaultdict(list)
        self._words: list[frozenset[str]] = []
        for position, party in enumerate(self._parties):
            for key in _keys(party):
                self._by_key[key].append(position)
            words = frozenset(normalised_name(party.name).split())
            for word in words:
                self._by_word[word].append(position)
            self._words.append(words)
            self._by_name[_plain_name(party)].append(position)

    def __len__(self) -> int:
        return len(self._parties)

    def named(self, name: str) -> tuple[Party, ...]:
        """The parties with this very name, white space and case apart; none for a blank one."""
        plain = clean(name).casefold()
        return tuple(self._parties[at] for at in self._by_name.get(plain, ())) if plain else ()

    def search(self, party: Party) -> Iterator[tuple[Party, Mapping[str, int]]]:
        """Every party that shares something, with the weight of each piece of evidence."""
        found: dict[int, dict[str, int]] = defaultdict(dict)
        for key in _keys(party):
            for position in _few(self._by_key.get(key)):
                found[position][key[0]] = _WEIGHTS[key[0]]
        for position, overlap in self._similar(party):
            if "same name" not in found[position]:
                found[position]["similar name"] = overlap * _SIMILAR_NAME_AT_MOST // 100
        for position, evidence in found.items():
            if "same e-mail" in evidence:
                evidence.pop("same e-mail domain", None)
            yield self._parties[position], evidence

    def _similar(self, party: Party) -> Iterator[tuple[int, int]]:
        """Parties with a rare word of the name in common and enough others, with the overlap."""
        words = frozenset(normalised_name(party.name).split())
        near = {at for word in words for at in _few(self._by_word.get(word))}
        for position in near:
            theirs = self._words[position]
            overlap = 200 * len(words & theirs) // (len(words) + len(theirs))
            if overlap >= _SIMILAR_FROM_PERCENT:
                yield position, overlap


def suggest(party: Party, companies: CompanyIndex, *, limit: int = 5) -> tuple[Suggestion, ...]:
    """The companies that may be this party, the likeliest first.

    The same parties give the same answer in whatever order they were indexed. An answer is a
    suggestion to a person, not a decision.

    Args:
        party: whom to look for.
        companies: where to look.
        limit: most suggestions to return.
    """
    found = (
        Suggestion(target_id=company.id, score=_score(evidence), evidence=_ranked(evidence))
        for company, evidence in companies.search(party)
    )
    best = sorted(found, key=lambda item: (-item.score, item.target_id, item.evidence))
    return tuple(best[: max(limit, 0)])


def exact_unique_name(
    party: Party, *, vendors: CompanyIndex, companies: CompanyIndex
) -> Party | None:
    """The one company with this party's name, when only one vendor has it as well.

    Names are equal when they differ in white space and case only.

    Args:
        party: a vendor of ``vendors``.
        vendors: everybody on the party's own side.
        companies: everybody on the other side.
    """
    here, there = vendors.named(party.name), companies.named(party.name)
    return there[0] if len(here) == len(there) == 1 else None


def party_of_vendor(vendor: spectrum.Vendor) -> Party:
    """A Spectrum vendor as a party; its id is the vendor code. Spectrum shows no tax ids."""
    code = key_text(vendor.vendor_code)
    return Party(
        id=code,
        name=clean(vendor.name),
        code=code,
        email=clean(vendor.email),
        phone=clean(vendor.phone_number),
        address=joined_lines(vendor, ", "),
        city=clean(vendor.city),
        state=clean(vendor.state),
        zip=clean(vendor.zip_code),
    )


def party_of_company(company: procore.Vendor) -> Party:
    """A Procore company as a party; its code is the origin code or else the short name."""
    register = company.business_register
    return Party(
        id=str(company.id),
        name=clean(company.name),
        code=key_text(company.origin_code) or key_text(company.abbreviated_name),
        tax_id=clean(register.identifier) if register else "",
        email=clean(company.email_address),
        phone=clean(company.business_phone),
        address=clean(company.address),
        city=clean(company.city),
        state=clean(company.state_code),
        zip=clean(company.zip),
    )


def _keys(party: Party) -> Iterator[_Key]:
    """What identifies a party, under the name of the evidence that it gives."""
    tax_id = "".join(char for char in party.tax_id if char.isalnum()).casefold()
    phone, email = phone_digits(party.phone), email_key(party.email)
    domain = email_domain(party.email)
    street, place = address_key(party.address), zip_key(party.zip)
    candidates = {
        "same tax id": tax_id,
        "same code": clean(party.code).casefold(),
        "same name": normalised_name(party.name),
        "same e-mail": email,
        "same phone": phone if len(phone) >= 7 and len(set(phone)) > 1 else "",
        "same address": f"{street}|{place}" if street and place else "",
        "same e-mail domain": "" if domain in _EVERYBODYS_DOMAINS else domain,
    }
    return ((kind, value) for kind, value in candidates.items() if value)


def _plain_name(party: Party) -> str:
    return clean(party.name).casefold()


def _few(positions: list[int] | None) -> Iterable[int]:
    return positions if positions and len(positions) <= _MOST_SHARED else ()


def _score(evidence: Mapping[str, int]) -> int:
    """From 0 to 99, in whole numbers, so that every machine agrees."""
    doubt = 100 * 100
    for weight in sorted(evidence.values()):
        doubt = doubt * (100 - weight) // 100
    return min(99, 100 - doubt // 100)


def _ranked(evidence: Mapping[str, int]) -> tuple[str, ...]:
    return tuple(sorted(evidence, key=lambda kind: (-evidence[kind], kind)))
