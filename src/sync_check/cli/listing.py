"""`sync-check list`: the scenarios, or what the embedded server can be made to do."""

import json
from typing import Annotated

import typer

from sync_check.cli.errors import UsageFault, one_sentence
from sync_check.conformance.verdict import ExitCode
from sync_check.reference_server.defects import DEFECTS
from sync_check.reference_server.variants import VARIANTS
from sync_check.scenarios.catalogue import catalogue


def list_command(
    defects: Annotated[bool, typer.Option("--defects", help="List the seeded defects instead.")] = False,
    variants: Annotated[
        bool, typer.Option("--variants", help="List the legal variants of the embedded server instead.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False,
) -> None:
    """List what can be run."""
    with one_sentence({UsageFault: ExitCode.USAGE}, debug=False):
        if defects and variants:
            raise UsageFault("--defects and --variants are two lists: ask for one of them")
    rows = _defects() if defects else _variants() if variants else _scenarios()
    width = max(len(str(row["id"])) for row in rows)
    lines = (
        [json.dumps(rows, indent=2)] if as_json else [f"{row['id']:<{width}}  {row['title']}" for row in rows]
    )
    for line in lines:
        typer.echo(line)


def _scenarios() -> list[dict[str, object]]:
    return [
        {
            "id": scenario.id,
            "title": scenario.title,
            "requirements": list(scenario.covers),
            "features": sorted(scenario.features),
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
