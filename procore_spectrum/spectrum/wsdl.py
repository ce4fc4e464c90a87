"""Service descriptions (WSDL) and the envelopes made from them; the only place that knows zeep.

zeep serves as a codec: it reads a description from bytes and builds envelopes. It never does
I/O here, and a description that refers to another document is refused.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import attrs
from lxml import etree

from procore_spectrum.errors import (
    ContractChangedError,
    InvalidValueError,
    StoreCorruptError,
    StoreError,
    UnreadableReplyError,
)
from procore_spectrum.spectrum.convert import SPELLINGS
from procore_spectrum.spectrum.rows import local_name, parse_xml

__all__ = ["Contract", "DirectoryWsdlCache", "MemoryWsdlCache", "WsdlCache", "read_contract"]

_SERVICE = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_REFRESH = "refresh the service description and review what changed"


class WsdlCache(Protocol):
    """Keeps descriptions, so that a restart needs no network and a change is noticed."""

    def get(self, service: str) -> bytes | None:
        """The description as it was fetched, or None."""
        ...

    def put(self, service: str, content: bytes) -> None:
        """Keep a description in place of an earlier one."""
        ...


class MemoryWsdlCache:
    """Keeps descriptions for as long as the process lives."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def get(self, service: str) -> bytes | None:
        """The description as it was fetched, or None."""
        return self._kept.get(service)

    def put(self, service: str, content: bytes) -> None:
        """Keep a description in place of an earlier one."""
        self._kept[service] = content


class DirectoryWsdlCache:
    """Keeps each description in a file of its own (mode 0600), below its SHA-256 digest.

    Args:
        directory: created when it is missing. Use one for each Spectrum server.
    """

    def __init__(self, directory: str | os.PathLike[str]) -> None:
        self._directory = Path(directory)

    def get(self, service: str) -> bytes | None:
        """The description as it was fetched, or None.

        Raises:
            StoreCorruptError: the file was changed.
            StoreError: it cannot be read.
        """
        path = self._path(service)
        try:
            kept = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StoreError(f"cannot read: {error.strerror}", path=str(path)) from error
        digest, _, content = kept.partition(b"\n")
        if digest != _digest(content).encode():
            raise StoreCorruptError(
                "a service description was changed", path=str(path), hint="delete the file"
            )
        return content

    def put(self, service: str, content: bytes) -> None:
        """Keep a description in place of an earlier one, wholly or not at all.

        Raises:
            StoreError: it cannot be written.
        """
        path = self._path(service)
        try:
            self._directory.mkdir(parents=True, exist_ok=True)
            handle, draft = tempfile.mkstemp(dir=self._directory)  # mode 0600
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(_digest(content).encode() + b"\n" + content)
                    file.flush()
                    os.fsync(file.fileno())
                Path(draft).replace(path)
            except OSError:
                Path(draft).unlink(missing_ok=True)
                raise
        except OSError as error:
            raise StoreError(f"cannot write: {error.strerror}", path=str(path)) from error

    def _path(self, service: str) -> Path:
        _check_name(service)
        return self._directory / f"{service}.wsdl"


def _check_name(service: str) -> None:
    if not _SERVICE.fullmatch(service):
        raise InvalidValueError(f"{service!r} is not the name of a service")


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


# ---------------------------------------------------------------- contracts


@attrs.frozen(kw_only=True, eq=False)
class Contract:
    """What a service declares.

    Args:
        service: its name.
        digest: SHA-256 of the description.
        elements: the elements of a request, in order. All must be sent.
        action: the SOAPAction.
        address: the endpoint that the description names.
    """

    service: str
    digest: str
    elements: tuple[str, ...]
    action: str
    address: str
    _client: Any = attrs.field(repr=False)
    _lock: threading.Lock = attrs.field(factory=threading.Lock, repr=False)

    def resolve(self, arguments: Mapping[str, str]) -> dict[str, str]:
        """Every declared element, blank where no argument is given.

        Raises:
            ContractChangedError: with the arguments that the service does not declare.
        """
        filled = dict.fromkeys(self.elements, "")
        unknown = []
        for name, value in arguments.items():
            declared = self._declared(name)
            if declared is None:
                unknown.append(name)
            else:
                filled[declared] = value
        if unknown:
            raise ContractChangedError(
                f"{self.service} does not declare {', '.join(unknown)}",
                path=self.service,
                hint=_REFRESH,
            )
        return filled

    def _declared(self, name: str) -> str | None:
        spellings = next((names for names in SPELLINGS if name in names), ())
        return next((each for each in (name, *spellings) if each in self.elements), None)

    def envelope(self, arguments: Mapping[str, str]) -> bytes:
        """The request with these arguments.

        Raises:
            ContractChangedError: an argument is not declared.
            InvalidValueError: a value cannot be written in XML.
        """
        filled = self.resolve(arguments)
        try:
            with self._lock:
                message = self._client.create_message(self._client.service, self.service, **filled)
        except ValueError as error:
            raise InvalidValueError(
                "a value holds characters that XML cannot hold", path=self.service
            ) from error
        except Exception as error:  # zeep raises its own, and bare TypeError
            raise UnreadableReplyError(
                "the WSDL asks for elements that it does not name",
                path=f"{self.service}.jws",
                hint=_REFRESH,
            ) from error
        return bytes(etree.tostring(message, encoding="utf-8", xml_declaration=True))

    def endpoint(self, base_url: str, *, trust_address: bool) -> str:
        """Where to send: the declared address if it is on the configured server."""
        ours = urlsplit(base_url)
        try:
            theirs = urlsplit(self.address)
            same = (ours.scheme, ours.netloc.lower()) == (theirs.scheme, theirs.netloc.lower())
        except ValueError:
            same = False  # It is no address at all.
        return self.address if same and trust_address else f"{base_url}/ws/{self.service}"


def read_contract(service: str, content: bytes) -> Contract:
    """Read a description.

    Raises:
        UnreadableReplyError: not a WSDL of this service, or it refers to other documents.
    """
    _check_name(service)
    root = parse_xml(content, path=f"{service}.jws")
    if local_name(root) != "definitions":
        raise UnreadableReplyError("not a WSDL", path=f"{service}.jws")
    places = ("location", "schemaLocation")
    references = [
        place
        for item in root.iter()
        if local_name(item) in {"import", "include", "redefine"}
        for place in places
        if item.get(place)
    ]
    if references:
        raise UnreadableReplyError(
            "the WSDL refers to another document, which is refused", path=f"{service}.jws"
        )
    try:
        return _with_zeep(service, content)
    except Exception as error:  # zeep raises its own, and bare KeyError or AttributeError
        raise UnreadableReplyError(
            f"the WSDL does not describe {service}: {type(error).__name__}",
            path=f"{service}.jws",
            hint=_REFRESH,
        ) from error


class _NoTransport:
    """zeep's transport, without any."""

    def load(self, url: str) -> bytes:
        raise UnreadableReplyError("the WSDL refers to another document", path=url)


def _with_zeep(service: str, content: bytes) -> Contract:
    import zeep

    settings = zeep.Settings(strict=True, forbid_dtd=True, forbid_entities=True)
    new_client: Any = zeep.Client  # zeep is untyped
    client = new_client(io.BytesIO(content), transport=_NoTransport(), settings=settings)
    ports = [port for item in client.wsdl.services.values() for port in item.ports.values()]
    operation = ports[0].binding.get(service)
    return Contract(
        service=service,
        digest=_digest(content),
        elements=tuple(name for name, _ in operation.input.body.type.elements),
        action=operation.soapaction,
        address=ports[0].binding_options["address"],
        client=client,
    )
