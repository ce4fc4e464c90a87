"""Reading the configuration: a TOML file for choices, the environment or a keyring for secrets.

Only the command line does this; the library itself reads no file and no environment.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

import attrs
import cattrs
from cattrs.gen import make_dict_structure_fn, override

from procore_spectrum.apply.approvals import ApprovalSettings
from procore_spectrum.cli.notify import NotifyConfig
from procore_spectrum.errors import ConfigurationError, ProcoreSpectrumError
from procore_spectrum.features import (
    FEATURES,
    CostCodeSettings,
    JobSettings,
    PrimeContractSettings,
    Settings,
    VendorSettings,
)
from procore_spectrum.mapping import (
    BudgetSettings,
    ChangeOrderMapping,
    CommitmentMapping,
    CostCodeMapping,
    CostTypeEntry,
    CostTypeTable,
    GlAccounts,
    JobCostSettings,
    JobMapping,
    Numbering,
    PhaseMask,
    PlaceMapping,
    PrimeChangeMapping,
    PrimeContractMapping,
    VendorMapping,
    WbsCodeMapping,
)
from procore_spectrum.plan.plan import GuardSettings

__all__ = [
    "DEFAULT_FILE",
    "Config",
    "ProcoreConfig",
    "SpectrumConfig",
    "SqlConfig",
    "load_config",
    "secret",
]

DEFAULT_FILE = "procore-spectrum.toml"
_KEYRING = "procore-spectrum"
_SECTIONS = frozenset(
    {
        "approvals",
        "budgets",
        "change_orders",
        "commitments",
        "cost_codes",
        "features",
        "guards",
        "job_costs",
        "jobs",
        "notify",
        "prime_contracts",
        "procore",
        "spectrum",
        "store",
        "vendors",
    }
)


@attrs.frozen(kw_only=True)
class ProcoreConfig:
    """Where Procore is, and which company; ``token_file`` keeps rotating tokens."""

    base_url: str = "https://api.procore.com"
    login_url: str = "https://login.procore.com"
    company_id: int
    grant: Literal["client_credentials", "refresh_token"] = "client_credentials"
    token_file: str = ""


@attrs.frozen(kw_only=True)
class SqlConfig:
    """Reading by SQL what the web services do not list; where the database is, is a secret.

    Args:
        queries: a query for each table, such as ``subcontracts``; empty: SQL is not used.
        timeout: most seconds for a query.
    """

    queries: Mapping[str, str] = attrs.field(factory=dict)
    timeout: int = 60


@attrs.frozen(kw_only=True)
class SpectrumConfig:
    """Where Spectrum is, which company, and the switches for what is not documented.

    ``release`` is only for the doctor, because no service tells it; ``wsdl_cache`` is a
    directory; ``ca_file`` holds the certificate of a private authority; a ``vendor_row_cap`` of
    0 says that the listing of vendors is never cut off.
    """

    url: str
    company_code: str
    release: str = ""
    wsdl_cache: str = ""
    ca_file: str = ""
    max_parallel: int = 3
    row_cap: int = 500
    vendor_row_cap: int = 500
    basic_auth: bool = True
    repair_double_encoding: bool = False
    tolerate_cut_envelope: bool = False
    sql: SqlConfig = attrs.field(factory=SqlConfig)


@attrs.frozen(kw_only=True)
class Config:
    """Everything that the file says."""

    procore: ProcoreConfig
    spectrum: SpectrumConfig
    store_url: str = "sqlite:///procore-spectrum.db"
    settings: Settings = attrs.field(factory=Settings)
    notify: NotifyConfig = attrs.field(factory=NotifyConfig)


def load_config(path: str | None, environ: Mapping[str, str] = os.environ) -> Config:
    """Read the configuration file.

    Args:
        path: the file; None takes ``PROCORE_SPECTRUM_CONFIG``, else ``procore-spectrum.toml``.
        environ: where to look for the variable.

    Raises:
        ConfigurationError: no such file, not TOML, an unknown or missing or misplaced setting.
    """
    file = Path(path or environ.get("PROCORE_SPECTRUM_CONFIG") or DEFAULT_FILE)
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"the configuration file {file} cannot be read",
            hint="name it with --config, or see docs/reference/configuration",
        ) from error
    try:
        data = tomllib.loads(text, parse_float=Decimal)
    except (ValueError, ArithmeticError, RecursionError) as error:
        # Besides its own error tomllib lets out those of absurd numbers and of deep nesting.
        raise ConfigurationError(
            f"{file} is not TOML: {error}", path=str(file), hint="correct the file"
        ) from None
    return parse_config(data, where=str(file))


def parse_config(data: Mapping[str, Any], *, where: str = "configuration") -> Config:
    """The configuration in a parsed TOML document.

    Raises:
        ConfigurationError: a setting is unknown, missing or of the wrong type; it is named.
    """
    unknown = sorted(set(data) - _SECTIONS)
    if unknown:
        raise ConfigurationError(
            f"unknown section [{unknown[0]}]",
            path=where,
            hint=f"known: {', '.join(sorted(_SECTIONS))}",
        )
    try:
        return Config(
            procore=_part(data, "procore", ProcoreConfig),
            spectrum=_part(data, "spectrum", SpectrumConfig),
            store_url=_store_url(data.get("store", {})),
            notify=_part(data, "notify", NotifyConfig),
            settings=Settings(
                features=_features(data),
                vendors=_part(data, "vendors", VendorSettings),
                jobs=_part(data, "jobs", JobSettings),
                cost_codes=_part(data, "cost_codes", CostCodeSettings),
                commitments=_part(data, "commitments", CommitmentMapping),
                change_orders=_part(data, "change_orders", ChangeOrderMapping),
                budgets=_part(data, "budgets", BudgetSettings),
                job_costs=_part(data, "job_costs", JobCostSettings),
                prime_contracts=_part(data, "prime_contracts", PrimeContractSettings),
                approvals=_part(data, "approvals", ApprovalSettings),
                guards=_part(data, "guards", GuardSettings),
            ),
        )
    except ProcoreSpectrumError as error:
        raise ConfigurationError(
            error.message, path=f"{where}: {error.path}" if error.path else where, hint=error.hint
        ) from error


def _features(data: Mapping[str, Any]) -> tuple[str, ...]:
    """``features = ["vendors", …]`` at the top of the file."""
    known = [feature.name for feature in FEATURES]
    chosen = data.get("features", list(Settings().features))
    if not isinstance(chosen, list) or not all(name in known for name in chosen):
        raise ConfigurationError(
            "not a list of features", path="features", hint=f"choose from {', '.join(known)}"
        )
    return tuple(chosen)


def secret(name: str, environ: Mapping[str, str] = os.environ) -> str | None:
    """A secret from the environment, else from the keyring if one is installed.

    Args:
        name: such as ``PROCORE_CLIENT_SECRET``; the keyring entry has the same name, under the
            service ``procore-spectrum``.
        environ: the environment.
    """
    if environ.get(name):
        return environ[name]
    try:
        keyring = import_module("keyring")
    except ImportError:
        return None
    try:
        found: str | None = keyring.get_password(_KEYRING, name)
    except keyring.errors.KeyringError as error:
        raise ConfigurationError(
            f"the keyring did not give {name}", hint="unlock it, or set the variable"
        ) from error
    return found


def _store_url(table: Any) -> str:
    default = attrs.fields(Config).store_url.default
    url = table.get("url", default) if isinstance(table, Mapping) else None
    if not isinstance(url, str) or set(table) - {"url"}:
        raise ConfigurationError(
            "the section takes only url, a text", path="store", hint=f'write url = "{default}"'
        )
    return url


def _part(data: Mapping[str, Any], name: str, kind: type[Any]) -> Any:
    table = data.get(name, {})
    if not isinstance(table, Mapping):
        raise ConfigurationError(
            f"{name} is not a section", path=name, hint=f"write [{name}] and the settings below it"
        )
    try:
        return _converter().structure(table, kind)
    except cattrs.BaseValidationError as error:
        reasons = cattrs.transform_error(error, path=name, format_exception=_reason)
        raise ConfigurationError(
            f"{'; '.join(reasons)}", path=name, hint="see docs/reference/configuration"
        ) from None


def _reason(error: BaseException, kind: type | None) -> str:
    """Our own errors in their words, all others in those of the converter."""
    if isinstance(error, ProcoreSpectrumError):
        where = f"{error.path}: " if error.path else ""
        return f"{where}{error.message}" + (f" ({error.hint})" if error.hint else "")
    return cattrs.v.format_exception(error, kind)


# ---------------------------------------------------------------- how TOML becomes settings


@cache
def _converter() -> cattrs.Converter:
    converter = cattrs.Converter(forbid_extra_keys=True)
    converter.register_structure_hook(str, _exactly(str))
    converter.register_structure_hook(bool, _exactly(bool))
    converter.register_structure_hook(int, _exactly(int))
    converter.register_structure_hook(date, _exactly(date))
    converter.register_structure_hook(Decimal, lambda value, _: Decimal(str(value)))
    converter.register_structure_hook(PhaseMask, lambda value, _: PhaseMask.parse(value))
    converter.register_structure_hook(CostTypeTable, lambda value, _: _cost_types(value))
    converter.register_structure_hook(
        CostCodeMapping, lambda value, _: CostCodeMapping(division_names=_texts(value))
    )
    for kind in (
        PlaceMapping,
        VendorMapping,
        JobMapping,
        WbsCodeMapping,
        Numbering,
        GlAccounts,
        PrimeContractMapping,
        PrimeChangeMapping,
    ):
        hook = make_dict_structure_fn(kind, converter, _cattrs_forbid_extra_keys=True)
        converter.register_structure_hook(kind, hook)
    names = override(rename="division_names")
    hook = make_dict_structure_fn(
        CostCodeSettings, converter, names=names, _cattrs_forbid_extra_keys=True
    )
    converter.register_structure_hook(CostCodeSettings, hook)
    return converter


def _exactly(kind: type) -> Any:
    def check(value: Any, _: Any) -> Any:
        if type(value) is not kind:
            raise TypeError(f"expected {kind.__name__}, not {type(value).__name__}")
        return value

    return check


def _texts(value: Any) -> dict[str, str]:
    if not isinstance(value, Mapping) or not all(isinstance(v, str) for v in value.values()):
        raise TypeError("expected a table of texts")
    return dict(value)


def _cost_types(value: Any) -> CostTypeTable:
    """``{L = {name = "Labor", base_type = "labor"}, labor_as = "other"}``."""
    if not isinstance(value, Mapping):
        raise TypeError("expected a table of cost types")
    rest = dict(value)
    more = {"labor_as": rest.pop("labor_as")} if isinstance(rest.get("labor_as"), str) else {}
    return CostTypeTable(
        entries=tuple(CostTypeEntry(code=code, **entry) for code, entry in rest.items()), **more
    )
