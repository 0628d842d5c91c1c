"""`sync-check list` and `--version`."""

import json

from sync_check import __version__
from sync_check.conformance.contract.requirements import REQUIREMENTS
from tests.sync_check.command import sync_check_here


def test_scenarios_are_listed_with_their_titles() -> None:
    ran = sync_check_here("list")
    assert ran.code == 0
    ids = [line.split()[0] for line in ran.out.splitlines()]
    assert "messages/edit" in ids
    assert len(ids) == len(set(ids)) >= 6


def test_scenarios_in_json_name_requirements_of_the_contract() -> None:
    rows = json.loads(sync_check_here("list", "--json").out)
    assert all(row["requirements"] and set(row["requirements"]) <= REQUIREMENTS.keys() for row in rows)


def test_defects_in_json_say_what_should_find_them() -> None:
    rows = json.loads(sync_check_here("list", "--defects", "--json").out)
    assert {row["id"] for row in rows} >= {
        "message-update-dropped",
        "guild-event-to-stranger",
        "kick-keeps-stream",
    }
    for row in rows:
        assert row["title"]
        assert row["requirement"] in REQUIREMENTS
        assert row["judge"] in {"delivery", "convergence", "schema", "leaks", "answers"}


def test_the_version_is_that_of_the_package() -> None:
    assert sync_check_here("--version").out.split() == ["sync-check", __version__]
