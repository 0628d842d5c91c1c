"""`sync-check list`: the scenarios, or what the embedded server can be made to do."""

import json
import os
from typing import Annotated

import typer

from sync_check.cli.errors import UsageFault, one_sentence
from sync_check.cli.profiles import Given, SetOption, given_profile
from sync_check.conformance.verdict import ExitCode
from sync_check.harness.scenario import Tier
from sync_check.reference_server.defects import DEFECTS
from sync_check.reference_server.variants import VARIANTS
from sync_check.scenarios.catalogue import catalogue


def list_command(
    defects: Annotated[bool, typer.Option("--defects", help="List the seeded defects instead.")] = False,
    variants: Annotated[
        bool, typer.Option("--variants", help="List the legal variants of a server of our own instead.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False,
    profile: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Say which scenarios a target of this profile cannot play."),
    ] = None,
    setting: SetOption = None,
) -> None:
    """List what can be run."""
    with one_sentence({UsageFault: ExitCode.USAGE}, debug=False):
        if defects and variants:
            raise UsageFault("--defects and --variants are two lists: ask for one of them")
        if profile is not None and (defects or variants):
            raise UsageFault(
                "--profile says what is UNSUPPORTED of scenarios: leave it out with another list"
            )
        given = None if defects or variants else given_profile(profile, os.environ, setting or ())
    rows = _defects() if defects else _variants() if variants else _scenarios(given)
    width = max(len(str(row["id"])) for row in rows)
    lines = (
        [json.dumps(rows, indent=2)] if as_json else [f"{row['id']:<{width}}  {_told(row)}" for row in rows]
    )
    for line in lines:
        typer.echo(line)


def _told(row: dict[str, object]) -> str:
    lacking = row.get("unsupported")
    if lacking is not None:
        return f"UNSUPPORTED: {lacking}"
    remarks = [str(row["tier"])] if row.get("tier") == Tier.NIGHTLY else []
    hazards = row.get("hazards")
    if isinstance(hazards, list) and hazards:
        remarks.append(f"not safe: {', '.join(hazards)}")
    return f"{row['title']}" + (f" [{'; '.join(remarks)}]" if remarks else "")


def _scenarios(given: Given | None) -> list[dict[str, object]]:
    target = None if given is None else given.target(given.profile.url or "http://localhost", os.environ)
    return [
        {
            "id": scenario.id,
            "title": scenario.title,
            "requirements": list(scenario.covers),
            "features": sorted(scenario.features),
            "tier": scenario.tier,
            "hazards": sorted(scenario.hazards),
            **({} if target is None else {"unsupported": scenario.lacks(target)}),
        }
        for scenario in catalogue()
    ]


def _defects() -> list[dict[str, object]]:
    return [
        {
            "id": defect.id,
            "title": defect.title,
            "requirement": defect.requirement,
            "judge": defect.judge,
            "kind": defect.kind,
            "scope": defect.scope,
            "shown_by": defect.shown_by,
        }
        for defect in DEFECTS.values()
    ]


def _variants() -> list[dict[str, object]]:
    return [
        {
            "id": variant.id,
            "title": variant.title,
            "permitted": variant.permitted,
            "shown_by": variant.shown_by,
        }
        for variant in VARIANTS.values()
    ]
