"""`sync-check list`: the scenarios, or the defects that can be seeded."""

import json
from typing import Annotated

import typer

from sync_check.reference_server.defects import DEFECTS
from sync_check.scenarios.catalogue import catalogue


def list_command(
    defects: Annotated[bool, typer.Option("--defects", help="List the seeded defects instead.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False,
) -> None:
    """List what can be run."""
    rows = _defects() if defects else _scenarios()
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
        {"id": defect.id, "title": defect.title, "requirement": defect.requirement, "judge": defect.judge}
        for defect in DEFECTS.values()
    ]
