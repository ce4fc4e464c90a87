"""From a configuration to a connected :class:`~procore_spectrum.Syncer`."""

from __future__ import annotations

import getpass
import os
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

import attrs

from procore_spectrum.apply.approvals import Person
from procore_spectrum.cli.config import Config, secret
from procore_spectrum.cli.notify import make_notifier
from procore_spectrum.errors import ConfigurationError
from procore_spectrum.ports import StateStore
from procore_spectrum.procore.client import ProcoreClient
from procore_spectrum.procore.tokens import FileTokenStore
from procore_spectrum.spectrum.client import SpectrumClient
from procore_spectrum.spectrum.sql import SqlSpectrumReader
from procore_spectrum.spectrum.target import SpectrumTarget
from procore_spectrum.spectrum.wsdl import DirectoryWsdlCache, MemoryWsdlCache
from procore_spectrum.stores import open_store
from procore_spectrum.syncer import Syncer
from procore_spectrum.wire.httpx_transport import HttpxTransport

__all__ = ["Connection", "connect"]


@attrs.frozen(kw_only=True)
class Connection:
    """Both clients, the store and the facade that holds them together.

    ``reader`` reads by SQL what the web services do not list, and ``notices`` sends webhooks, if
    that is configured.
    """

    config: Config
    procore: ProcoreClient
    spectrum: SpectrumClient
    store: StateStore
    syncer: Syncer
    spectrum_transport: HttpxTransport
    reader: SqlSpectrumReader | None = None
    notices: HttpxTransport | None = None

    @property
    def person(self) -> Person:
        """Who is at the keyboard, for the journal."""
        return self.syncer.person

    def close(self) -> None:
        """Release connections and files; all of them, even if one of them fails to."""
        with ExitStack() as opened:
            opened.callback(self.store.close)
            if self.notices is not None:
                opened.callback(self.notices.close)
            if self.reader is not None:
                opened.callback(self.reader.close)
            opened.callback(self.spectrum_transport.close)
            opened.callback(self.spectrum.close)
            opened.callback(self.procore.close)


def connect(config: Config, environ: Mapping[str, str] = os.environ) -> Connection:
    """Build everything that the configuration describes. Sends nothing yet.

    Raises:
        ConfigurationError: a secret is missing, or a setting cannot be used.
        StoreError: the store cannot be opened.
    """
    with ExitStack() as opened:
        connection = _connect(config, environ, opened)
        opened.pop_all()
    return connection


def _connect(config: Config, environ: Mapping[str, str], opened: ExitStack) -> Connection:
    """Build it; ``opened`` closes what was opened before something failed."""
    procore = ProcoreClient(
        base_url=config.procore.base_url,
        login_url=config.procore.login_url,
        company_id=config.procore.company_id,
        client_id=_needed("PROCORE_CLIENT_ID", environ),
        client_secret=_needed("PROCORE_CLIENT_SECRET", environ),
        token_store=(
            FileTokenStore(config.procore.token_file) if config.procore.token_file else None
        ),
        grant=config.procore.grant,
    )
    opened.callback(procore.close)
    cache = config.spectrum.wsdl_cache
    transport = HttpxTransport(verify=config.spectrum.ca_file or True)
    opened.callback(transport.close)
    spectrum = SpectrumClient(
        url=config.spectrum.url,
        company_code=config.spectrum.company_code,
        authorization_id=_needed("SPECTRUM_AUTHORIZATION_ID", environ),
        client_id=secret("SPECTRUM_CLIENT_ID", environ),
        client_secret=secret("SPECTRUM_CLIENT_SECRET", environ),
        transport=transport,
        wsdl_cache=DirectoryWsdlCache(Path(cache)) if cache else MemoryWsdlCache(),
        max_parallel=config.spectrum.max_parallel,
        row_cap=config.spectrum.row_cap,
        vendor_row_cap=config.spectrum.vendor_row_cap or None,
        basic_auth=config.spectrum.basic_auth,
        repair_double_encoding=config.spectrum.repair_double_encoding,
        tolerate_cut_envelope=config.spectrum.tolerate_cut_envelope,
    )
    reader = _reader(config, environ)
    if reader is not None:
        opened.callback(reader.close)
    notices = HttpxTransport() if config.notify.webhook.url else None
    if notices is not None:
        opened.callback(notices.close)
    notifier = make_notifier(
        config.notify, secret=lambda name: secret(name, environ), transport=notices
    )
    user = _user()
    actor = f"{user} (command line)"
    store = open_store(config.store_url)
    opened.callback(store.close)
    syncer = Syncer(
        procore=procore,
        spectrum=spectrum,
        erp=SpectrumTarget(spectrum, reader=reader),
        store=store,
        settings=config.settings,
        actor=actor,
        person=Person(name=actor, roles=config.settings.approvals.roles_of(user)),
        notifier=notifier,
    )
    return Connection(
        config=config,
        procore=procore,
        spectrum=spectrum,
        store=store,
        syncer=syncer,
        spectrum_transport=transport,
        reader=reader,
        notices=notices,
    )


def _reader(config: Config, environ: Mapping[str, str]) -> SqlSpectrumReader | None:
    """What reads Spectrum by SQL; nothing unless there is a query."""
    if not config.spectrum.sql.queries:
        return None
    return SqlSpectrumReader(
        _needed("SPECTRUM_SQL_URL", environ),
        company_code=config.spectrum.company_code,
        queries=config.spectrum.sql.queries,
        timeout=config.spectrum.sql.timeout,
    )


def _needed(name: str, environ: Mapping[str, str]) -> str:
    found = secret(name, environ)
    if not found:
        raise ConfigurationError(
            f"{name} is not set", path=name, hint="set the variable, or put it into the keyring"
        )
    return found


def _user() -> str:
    try:
        return getpass.getuser()
    except OSError:  # no such user in the machine's tables, as in some containers
        return "unknown user"
