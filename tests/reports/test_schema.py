import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from sync_check.reports.schema import Report
from tests.reports import runs


def parsed(text: str) -> Any:
    return json.loads(text)


def strings(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case list():
            for item in value:
                yield from strings(item)
        case dict():
            for key, item in value.items():
                yield from (key, *strings(item))


def test_the_file_says_what_was_run_and_what_came_out() -> None:
    report = parsed(Report.of(runs.failing()).to_json())
    assert (report["schema"], report["tool"], report["verdict"], report["exit_code"]) == (
        1,
        "sync-check",
        "fail",
        1,
    )
    assert report["run"]["id"] == "01J9ZK3V6T4Q8W2N5M7B1C0D2E"
    assert report["run"]["seed"] == 4
    assert report["run"]["clients"] == 8
    assert report["run"]["virtual_s"] is None
    assert report["totals"]["fail"] == 3
    assert report["totals"]["unsupported"] == 0
    assert report["latency_ms"] == {"p50": 3.12, "p95": 8.4, "p99": 14.05, "samples": 480}


def test_a_scenario_has_its_findings_with_their_slice_of_history() -> None:
    scenarios = {entry["id"]: entry for entry in parsed(Report.of(runs.failing()).to_json())["scenarios"]}
    rename = scenarios["workspace/rename"]
    assert rename["verdict"] == "fail"
    assert rename["requirements"] == ["SCOPE-4", "SCOPE-5"]
    (finding,) = rename["findings"]
    wanted = {
        "level": "fail",
        "kind": "safety",
        "judge": "delivery",
        "requirement": "SCOPE-5",
        "client": "stranger#1",
        "event": "workspace_update",
        "cause": "update_guild by ana (op 41)",
    }
    assert wanted.items() <= finding.items()
    assert finding["excerpt"][0]["at_us"] == 912_014
    assert scenarios["members/role-change"]["note"] == "a fence of ben#1 did not arrive within 5 s"
    assert scenarios["messages/delete"]["findings"] == []


def test_requirements_have_level_status_and_witnesses() -> None:
    entries = parsed(Report.of(runs.failing()).to_json())["requirements"]
    assert {"id": "SCOPE-5", "level": "MUST", "status": "violated", "witnesses": 7} in entries


def test_the_order_of_keys_is_fixed() -> None:
    run = runs.passing()
    shuffled = tuple(
        replace(result, witnesses={"B-1": 1, "A-1": 2}, evidence={"z": 1, "a": 2}) for result in run.results
    )
    report = parsed(Report.of(replace(run, finished=runs.finished(*shuffled))).to_json())
    assert list(report)[:4] == ["schema", "tool", "run", "verdict"]
    assert list(report["scenarios"][0]["witnesses"]) == ["A-1", "B-1"]
    assert list(report["scenarios"][0]["evidence"]) == ["a", "z"]


def test_the_file_reads_back_as_the_same_report() -> None:
    report = Report.of(runs.failing())
    assert Report.model_validate_json(report.to_json()) == report


def test_a_later_addition_to_the_schema_is_no_obstacle_and_another_schema_is() -> None:
    content = parsed(Report.of(runs.passing()).to_json())
    assert Report.model_validate(content | {"later": 1}).schema_version == 1
    with pytest.raises(ValidationError):
        Report.model_validate(content | {"schema": 2})


@pytest.mark.parametrize("text", runs.HOSTILE.values(), ids=runs.HOSTILE)
def test_hostile_texts_are_visible_in_every_field(text: str) -> None:
    written = Report.of(runs.hostile(text)).to_json()
    assert written.encode()
    assert all(value.isprintable() for value in strings(parsed(written)))


def test_a_flood_is_bounded() -> None:
    assert max(map(len, strings(parsed(Report.of(runs.hostile("x" * 100_000)).to_json())))) < 17_000
