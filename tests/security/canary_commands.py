"""The canary run of the command line: every feature on, a database, and a store that was lost."""

from __future__ import annotations

from pathlib import Path

from canary_money import MONEY
from canary_run import SECRETS, SECRETS_OF_FAKES, SQL_PASSWORD, Leftovers
from click.testing import CliRunner
from money_company import FEATURES, MoneyCompany

from procore_spectrum.cli.commands import cli
from procore_spectrum.procore.tokens import FileTokenStore
from procore_spectrum.testing import serve
from procore_spectrum.testing.sql_file import SqlFile

TOML = """
features = [{features}]
[procore]
base_url = "{procore}"
login_url = "{procore}"
company_id = {company}
token_file = "{folder}/money-token.json"
[spectrum]
url = "{spectrum}"
company_code = "ABC"
release = "2025 R1"
wsdl_cache = "{folder}/wsdl"
vendor_row_cap = 0
[spectrum.sql.queries]
{queries}
[store]
url = "sqlite:///{folder}/money.db"
[jobs]
in_progress = "take"
[cost_codes]
phase_mask = "##-####"
[cost_codes.cost_types]
L = {{ name = "Labor", base_type = "labor" }}
M = {{ name = "Material", base_type = "other" }}
S = {{ name = "Subcontract", base_type = "other" }}
[commitments]
numbering = {{ policy = "as_is" }}
gl_accounts = {{ default = "500100" }}
[change_orders]
numbering = {{ policy = "template", text = "CR-####" }}
status_code = "C"
status_actions = {{ C = 3 }}
[budgets]
mode = "override"
[job_costs]
vendor_code = "OURS"
[prime_contracts.mapping]
phase_code = "010100"
cost_type = "S"
single_item = "100"
[prime_contracts.change_orders]
numbering = {{ policy = "template", text = "CR-####" }}
status_code = "A"
status_actions = {{ A = 1 }}
approved_date = false
[guards]
max_share = 1
"""


def run_money_commands(left: Leftovers, folder: Path) -> None:
    """Lose the store, rebuild it, export, compare and give wrong secrets: all by commands."""
    company = MoneyCompany(MONEY, **SECRETS_OF_FAKES)
    company.accept_all()
    company.everything()
    company.contract({2: 70_000})
    database = SqlFile(company.spectrum, folder / "books.db")
    secrets = {
        **SECRETS,
        "PROCORE_CLIENT_ID": company.procore.client_id,
        # What follows the name is ours alone: sqlite takes no password, and looks at no such word.
        "SPECTRUM_SQL_URL": f"sqlite:///file:{folder / 'books.db'}?uri=true&word={SQL_PASSWORD}",
    }
    with serve(company.procore) as one, serve(database) as other:
        file = folder / "money.toml"
        file.write_text(
            TOML.format(
                features=", ".join(f'"{name}"' for name in FEATURES),
                queries="\n".join(f'{name} = "{sql}"' for name, sql in database.queries.items()),
                procore=one.url,
                spectrum=other.url,
                company=company.procore.company_id,
                folder=folder,
            )
        )

        def type_in(*arguments: str, **wrong: str) -> None:
            given = {**secrets, **wrong}
            result = CliRunner(env=given).invoke(cli, ["--config", str(file), *arguments])
            if result.exception is not None and not isinstance(result.exception, SystemExit):
                raise result.exception
            left.add(f"output of {arguments[0]}", result.stdout + result.stderr)
            left.statuses.setdefault(arguments[0], []).append(result.exit_code)

        type_in("rebuild")
        for json_too in ([], ["--json"]):
            type_in("rebuild", *json_too)
            type_in("plan", *json_too, "--out", str(folder / "money-plan.json"))
            type_in("apply", *json_too)
            type_in("approvals", "list", *json_too)
            type_in("staged", *json_too)
            type_in("reconcile", *json_too)
            type_in("reconcile", *json_too, SPECTRUM_SQL_URL=f"nothing://{SQL_PASSWORD}")
            type_in("reconcile", *json_too, SPECTRUM_AUTHORIZATION_ID="CANARY-WRONG-ID")
        for form in ("csv", "html", "xlsx"):
            type_in("reconcile", "--format", form, "--out", str(folder / f"money.{form}"))
        token = FileTokenStore(folder / "money-token.json").load()
        if token is not None:
            left.secrets.add(token.access_token)
    left.add("recorded calls", [*company.procore.calls, *company.spectrum.calls])
