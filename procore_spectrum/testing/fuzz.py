"""Feeds damaged bytes to everything that reads bytes of others, and counts what comes of it.

A reader may give a value or raise one of our own errors. Anything else is a failure: another
exception, or an answer that takes longer than ten seconds. From a shell::

    python -m procore_spectrum.testing.fuzz --inputs 100000 --seed 0

Valid bytes are taken from a conversation with both fakes, or are written here, and are damaged
by a simple mutator. The same seed gives the same inputs; ``--at`` repeats one of them. Readers
take turns; those that take a millisecond and more have fewer, see ``Reader.turns``.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import attrs

from procore_spectrum.errors import ConfigurationError, ProcoreSpectrumError
from procore_spectrum.testing.fuzz_cases import Case, Reader
from procore_spectrum.testing.fuzz_readers import readers

__all__ = [
    "Case",
    "Reader",
    "Tally",
    "choose",
    "main",
    "mutate",
    "pick",
    "readers",
    "render",
    "run",
    "turn",
]

LONGEST = 10.0
"""Seconds after which a reader counts as hung."""

# ---------------------------------------------------------------- damaging bytes

_TOKEN = re.compile(rb'"[^"\n]*"|-?\d+(?:\.\d+)?|true|false|null|(?<=>)[^<>\n]+(?=<)')
_SPLICES = (
    *(b"\x00", b"\xff", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\r\n", b"<", b">", b"&", b"]]>", b'"'),
    *(b"{", b"}", b"[", b"]", b",", b":", b";", b"=", b"\\", b"%00", b"%", b"../", b"\xc2\xa0"),
    *(b"<!-- -->", b"<?x?>", b"&e;", b"<![CDATA[<a>]]>", b"&#0;", b"&#xD800;", b" xmlns='u'"),
)
_VALUES = (
    *(b"null", b"true", b"{}", b"[]", b"[[]]", b'""', b'"x"', b'{"id":1}', b"0", b"-1", b"1.5"),
    *(b"1e999999999", b"-1e-999999999", b"1e999999999999999999", b"9" * 30, b"9" * 400, b"nan"),
    *(b"9" * 5000, b"NaN", b"Infinity", b'"NaN"', b'"\\ud800"', b'"\\u0000"', b'"0001-01-01"'),
    *(b'"9999-12-31T23:59:59-14:00"', b'"0001-01-01T00:00:00+14:00"', b"2024-02-30", b"inf"),
    *(b'"1e999999999"', "\u0663".encode(), '"\u0663\u00b2"'.encode(), b'"' + b"9" * 5000 + b'"'),
)
_BOMB = b"".join(
    [
        b'<!DOCTYPE a [<!ENTITY e0 "ha">',
        *(b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 10) for n in range(1, 11)),
        b"]>",
    ]
)
_OUTSIDE = b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
_NESTS = ((b"[", b"]"), (b'{"a":', b"}"), (b"<a>", b"</a>"), (b"(", b")"), (b"{a=", b"}"))


def _span(data: bytes, rng: random.Random) -> tuple[int, int]:
    start = rng.randrange(len(data) + 1)
    return start, min(len(data), start + rng.choice((1, 2, 5, 10, 20, 50, 200)))


def _flip(data: bytes, rng: random.Random) -> bytes:
    if not data:
        return data
    place = rng.randrange(len(data))
    return data[:place] + bytes([data[place] ^ 1 << rng.randrange(8)]) + data[place + 1 :]


def _cut(data: bytes, rng: random.Random) -> bytes:
    return data[: rng.randrange(len(data) + 1)]


def _drop(data: bytes, rng: random.Random) -> bytes:
    start, end = _span(data, rng)
    return data[:start] + data[end:]


def _double(data: bytes, rng: random.Random) -> bytes:
    start, end = _span(data, rng)
    return data[:end] + data[start:end] * rng.choice((1, 1, 1, 3, 200)) + data[end:]


def _splice(data: bytes, rng: random.Random) -> bytes:
    place = rng.randrange(len(data) + 1)
    return data[:place] + rng.choice(_SPLICES) + data[place:]


def _replace(data: bytes, rng: random.Random) -> bytes:
    """Put another value where one stands: the kind of damage that parsers let through."""
    found = list(_TOKEN.finditer(data))
    if not found:
        return _splice(data, rng)
    start, end = rng.choice(found).span()
    return data[:start] + rng.choice(_VALUES) + data[end:]


def _swap(data: bytes, rng: random.Random) -> bytes:
    """Put one value of the input in the place of another."""
    found = list(_TOKEN.finditer(data))
    if not found:
        return _double(data, rng)
    start, end = rng.choice(found).span()
    return data[:start] + rng.choice(found).group() + data[end:]


def _nest(data: bytes, rng: random.Random) -> bytes:
    start, end = _span(data, rng)
    opening, closing = rng.choice(_NESTS)
    # The deepest cost a thousand times as much as any other damage.
    depth = rng.choice((1, 1, 10, 10, 300, 300, 3_000, 3_000, 3_000, 50_000))
    return data[:start] + opening * depth + data[start:end] + closing * depth + data[end:]


def _bomb(data: bytes, rng: random.Random) -> bytes:
    kind, name = rng.choice(((_BOMB, b"&e10;"), (_OUTSIDE, b"&e;")))
    end = data.find(b"?>") + 2 if data.startswith(b"<?xml") else 0
    body = data[end:]
    found = list(re.finditer(rb">[^<>]*<", body))
    if found:
        place = rng.choice(found).start() + 1
        body = body[:place] + name + body[place:]
    return data[:end] + kind + body


def _recode(data: bytes, rng: random.Random) -> bytes:
    text = data.decode("latin-1")
    return text.encode(rng.choice(("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig")))


_DAMAGES: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    *(_flip, _flip, _cut, _drop, _drop, _double, _double, _splice, _splice),
    *(_replace, _replace, _replace, _replace, _replace, _swap, _swap, _nest, _bomb, _recode),
)


def mutate(content: bytes, rng: random.Random) -> bytes:
    """The bytes with one to three damages, as the random numbers choose."""
    for _ in range(rng.choice((1, 1, 2, 3))):
        content = rng.choice(_DAMAGES)(content, rng)
    return content


# ---------------------------------------------------------------- running


@attrs.define
class Tally:
    """What became of one reader's inputs; ``failures`` describes each failed one."""

    inputs: int = 0
    values: int = 0
    errors: int = 0
    seconds: float = 0.0
    failures: list[str] = attrs.field(factory=list)


def choose(reader: Reader, seed: int, number: int) -> tuple[Case, bytes]:
    """The input of that number for a reader: the case it was made of, and the damaged bytes."""
    rng = random.Random(f"{seed}/{number}")  # noqa: S311 - it shall be repeatable
    case = rng.choice(reader.cases)
    return case, mutate(case.content, rng)


def pick(reader: Reader, content: bytes) -> tuple[Case, bytes]:
    """A case by the first byte, and the rest: for inputs that are made without knowing cases."""
    return reader.cases[content[0] % len(reader.cases) if content else 0], content[1:]


def turn(found: Sequence[Reader], number: int) -> Reader:
    """The reader of the input of that number: each has its turns in every round."""
    place = number % sum(reader.turns for reader in found)
    for reader in found:
        place -= reader.turns
        if place < 0:
            break
    return reader


def run(found: Sequence[Reader], *, numbers: Iterable[int], seed: int = 0) -> dict[str, Tally]:
    """Give each reader its turns.

    Args:
        found: the readers, from :func:`readers`.
        numbers: the numbers of the inputs; :func:`turn` says whose they are.
        seed: another one gives other inputs.
    """
    tallies = {reader.name: Tally() for reader in found}
    for number in numbers:
        reader = turn(found, number)
        case, content = choose(reader, seed, number)
        tally = tallies[reader.name]
        tally.inputs += 1
        begun = time.perf_counter()
        try:
            case.read(content)
            tally.values += 1
        except ProcoreSpectrumError:
            tally.errors += 1
        except Exception as error:  # noqa: BLE001 - that is what is looked for
            tally.failures.append(f"--at {number}: {type(error).__name__}: {str(error)[:100]}")
        spent = time.perf_counter() - begun
        tally.seconds += spent
        if spent > LONGEST:
            tally.failures.append(f"--at {number}: took {spent:.0f} s")
    return tallies


def render(tallies: Mapping[str, Tally]) -> str:
    """The table: reader, inputs, values, our errors, failures; then the failures one by one."""
    head = f"{'reader':24}{'inputs':>10}{'values':>10}{'our errors':>12}{'failures':>10}{'ms':>8}"
    lines = [head]
    for name, tally in tallies.items():
        each = 1000 * tally.seconds / max(1, tally.inputs)
        lines.append(
            f"{name:24}{tally.inputs:10,}{tally.values:10,}{tally.errors:12,}"
            f"{len(tally.failures):10,}{each:8.2f}"
        )
    for name, tally in tallies.items():
        lines += [f"{name} {failure}" for failure in tally.failures[:20]]
    return "\n".join(lines)


def main(argv: Sequence[str] | None = None) -> int:
    """Run and print the table. Returns the exit status: 1 if anything failed."""
    wanted = _parser().parse_args(argv)
    # zeep warns of descriptions that it goes on to refuse.
    warnings.simplefilter("ignore")
    begun = time.perf_counter()
    if wanted.workers > 1:
        tallies = _shared_out(wanted)
    else:
        with tempfile.TemporaryDirectory() as name:
            found = readers(Path(name))
            if wanted.at is not None:
                return _repeat(found, wanted.seed, wanted.at)
            first, step = map(int, wanted.part.split("/"))
            numbers = _part(range(wanted.inputs), first, step, found)
            tallies = run(found, numbers=numbers, seed=wanted.seed)
    spent = time.perf_counter() - begun
    if wanted.json:
        shown = {name: attrs.asdict(tally) for name, tally in tallies.items()}
        sys.stdout.write(json.dumps(shown))
    else:
        speed = wanted.inputs / spent
        sys.stdout.write(f"{render(tallies)}\n{wanted.inputs:,} inputs, {speed:,.0f} a second\n")
    return 1 if any(tally.failures for tally in tallies.values()) else 0


def _part(numbers: range, first: int, step: int, found: Sequence[Reader]) -> Iterable[int]:
    """Whole rounds in turns, so that every part has all readers."""
    size = sum(reader.turns for reader in found)
    return (number for number in numbers if number // size % step == first - 1)


def _shared_out(wanted: argparse.Namespace) -> dict[str, Tally]:
    """The same inputs, by several processes."""
    command = [sys.executable, "-m", "procore_spectrum.testing.fuzz", "--json"]
    command += ["--inputs", str(wanted.inputs), "--seed", str(wanted.seed)]
    workers = [
        subprocess.Popen(  # noqa: S603 - our own module, no shell
            [*command, "--part", f"{number}/{wanted.workers}"], stdout=subprocess.PIPE, text=True
        )
        for number in range(1, wanted.workers + 1)
    ]
    answers = [worker.communicate()[0] for worker in workers]
    if any(worker.returncode not in (0, 1) for worker in workers) or not all(answers):
        raise ConfigurationError("a worker of the fuzzer failed; its message is above")
    sums: dict[str, Tally] = {}
    for answer in answers:
        for name, tally in json.loads(answer).items():
            sums[name] = _sum(sums.get(name, Tally()), Tally(**tally))
    return sums


def _sum(one: Tally, other: Tally) -> Tally:
    return Tally(
        inputs=one.inputs + other.inputs,
        values=one.values + other.values,
        errors=one.errors + other.errors,
        seconds=one.seconds + other.seconds,
        failures=[*one.failures, *other.failures],
    )


def _repeat(found: Sequence[Reader], seed: int, number: int) -> int:
    """Show one input, and what comes of it."""
    reader = turn(found, number)
    case, content = choose(reader, seed, number)
    sys.stdout.write(f"{reader.name}\n{content[:4000]!r}\n")
    try:
        sys.stdout.write(f"{case.read(content)!r:.500}\n")
    except ProcoreSpectrumError as error:
        sys.stdout.write(f"{error!r}\n")
    except Exception:  # noqa: BLE001 - that is what is looked for
        sys.stdout.write(traceback.format_exc())
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m procore_spectrum.testing.fuzz",
        description="Feed damaged bytes to every reader.",
    )
    parser.add_argument("--inputs", type=int, default=100_000, help="how many in all")
    parser.add_argument("--seed", type=int, default=0, help="which inputs")
    parser.add_argument("--at", type=int, help="repeat and show the input of that number")
    parser.add_argument("--workers", type=int, default=1, help="processes that share the work")
    parser.add_argument("--part", default="1/1", help="e.g. 1/2: the first of two parts")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
