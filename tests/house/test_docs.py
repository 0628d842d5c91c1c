"""The docs are true: commands parse, scenarios and defects exist, tables are complete."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer.main

from sync_check.cli import app
from sync_check.conformance.contract.requirements import REQUIREMENTS, Subject
from sync_check.conformance.examination import JUDGES
from sync_check.conformance.verdict import ExitCode
from sync_check.harness.scenario import Tier
from sync_check.profiles import Profile, read_profile
from sync_check.reference_server.defects import DEFECTS
from sync_check.scenarios.catalogue import FAMILIES, catalogue, select
from tests.house.witnesses import all_citations

ROOT = Path(__file__).resolve().parents[2]
DOCS = (
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "docs/GATEWAY_EVENTS.md",
    "docs/PLAN.md",
    "docs/COVERAGE.md",
)
README = (ROOT / "README.md").read_text(encoding="utf-8")
_COMMAND = re.compile(r"^ {4}(?:\S*/)?(sync-check .+?)(?: +#.*)?$", re.MULTILINE)


def commands() -> list[str]:
    return [match for doc in DOCS for match in _COMMAND.findall((ROOT / doc).read_text(encoding="utf-8"))]


def subcommands() -> dict[str, Any]:
    group: Any = typer.main.get_command(app)
    return dict(group.commands)


def test_there_are_commands_to_check() -> None:
    assert len(commands()) >= 4


@pytest.mark.parametrize("command", commands())
def test_a_command_of_the_docs_parses_and_names_what_exists(command: str) -> None:
    words = shlex.split(command)[1:]
    name, *rest = words
    subcommand = subcommands()[name]
    context = subcommand.make_context(name, rest)
    select(context.params.get("scenarios") or ())
    assert context.params.get("defect") in {None, *DEFECTS}


def test_the_profile_of_the_readme_is_one() -> None:
    (shown,) = re.findall(r"^```toml\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    profile = read_profile(shown)
    assert profile.model_fields_set == Profile.model_fields.keys() - {"features"}


def test_the_scenario_table_is_the_catalogue() -> None:
    families = "|".join(family.__name__.rpartition(".")[2] for family in FAMILIES)
    told = re.findall(rf"^\| `((?:{families})/[a-z-]+)` \|", README, re.MULTILINE)
    assert told == [one.id for one in catalogue()]


def test_the_scenario_table_tells_what_is_nightly() -> None:
    told = re.findall(r"^\| `([a-z_]+/[a-z-]+)` \| .* \(tier nightly\) \|$", README, re.MULTILINE)
    assert told == [one.id for one in catalogue() if one.tier is Tier.NIGHTLY]


def test_the_judges_are_all_told() -> None:
    told = README.partition("\n## Judges\n")[2].partition("\n## ")[0]
    assert {judge.NAME for judge in JUDGES if f"**{judge.NAME}**" not in told} == set()


def test_the_rules_that_no_run_looks_for_are_told() -> None:
    seen = {one.requirement_id for one in all_citations()} | {
        name for one in catalogue() for name in one.covers
    }
    servers = {name for name, rule in REQUIREMENTS.items() if rule.subject is Subject.SERVER}
    told = README.partition("\nSome rules no run can see")[2].partition("\n\n")[0]
    assert {name for name in servers - seen if name not in told} == set()


@pytest.mark.parametrize("doc", DOCS)
def test_every_scenario_named_anywhere_exists(doc: str) -> None:
    families = "|".join(family.__name__.rpartition(".")[2] for family in FAMILIES)
    named = re.findall(rf"`((?:{families})/[a-z-]+)`", (ROOT / doc).read_text(encoding="utf-8"))
    assert set(named) <= {one.id for one in catalogue()}


def test_the_exit_codes_are_all_told() -> None:
    told = [int(code) for code in re.findall(r"^\| (\d+) \| ", README, re.MULTILINE)]
    assert told == [code.value for code in ExitCode]


def test_every_option_of_run_is_told() -> None:
    options = {
        option
        for parameter in subcommands()["run"].params
        for option in parameter.opts
        if option.startswith("--")
    }
    assert {option for option in options if option not in README} == set()


def test_the_architecture_fits_on_a_page() -> None:
    assert len((ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8").splitlines()) <= 80
