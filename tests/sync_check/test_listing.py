"""`sync-check list` and `--version`."""

import json
from dataclasses import replace

import pytest

from sync_check import __version__
from sync_check.conformance.contract.requirements import REQUIREMENTS
from sync_check.conformance.examination import JUDGES
from sync_check.harness.scenario import Tier
from sync_check.reference_server.defects import DEFECTS, NONINTERFERENCE
from sync_check.reference_server.variants import VARIANTS
from sync_check.scenarios.catalogue import catalogue
from sync_check.scenarios.registry import REGISTERED
from tests.sync_check.command import one_sentence, sync_check_here


def test_scenarios_are_listed_with_their_titles() -> None:
    ran = sync_check_here("list")
    assert ran.code == 0
    ids = [line.split()[0] for line in ran.out.splitlines()]
    assert "messages/edit" in ids
    assert len(ids) == len(set(ids)) >= 6


def test_scenarios_in_json_name_requirements_of_the_contract() -> None:
    rows = json.loads(sync_check_here("list", "--json").out)
    assert all(row["requirements"] and set(row["requirements"]) <= REQUIREMENTS.keys() for row in rows)


def test_scenarios_say_their_tier_and_whether_they_are_safe(monkeypatch: pytest.MonkeyPatch) -> None:
    edit = REGISTERED["messages/edit"]
    monkeypatch.setitem(REGISTERED, edit.id, replace(edit, tier=Tier.NIGHTLY))
    rows = {row["id"]: row for row in json.loads(sync_check_here("list", "--json").out)}
    assert rows["messages/edit"]["tier"] == "nightly"
    assert rows["messages/delete"]["tier"] == "gate"
    assert rows["messages/delete"]["hazards"] == []
    assert rows["ip_bans/ban"]["hazards"] == ["hostile_input", "ip_bans"]
    lines = {line.split()[0]: line for line in sync_check_here("list").out.splitlines()}
    assert lines["messages/edit"].endswith(". [nightly]")
    assert lines["messages/delete"].endswith(".")
    assert lines["ip_bans/ban"].endswith(". [not safe: hostile_input, ip_bans]")


def test_defects_in_json_say_what_should_find_them_and_where() -> None:
    rows = json.loads(sync_check_here("list", "--defects", "--json").out)
    assert {row["id"] for row in rows} == DEFECTS.keys()
    for row in rows:
        assert row["title"]
        assert row["requirement"] in REQUIREMENTS
        assert row["judge"] in {*(judge.NAME for judge in JUDGES), NONINTERFERENCE}
        assert row["shown_by"] in {*(one.id for one in catalogue()), NONINTERFERENCE}


def test_variants_in_json_say_what_permits_them() -> None:
    rows = json.loads(sync_check_here("list", "--variants", "--json").out)
    assert {row["id"] for row in rows} == VARIANTS.keys()
    assert all(row["title"] and row["permitted"] for row in rows)


def test_one_list_at_a_time() -> None:
    ran = sync_check_here("list", "--defects", "--variants")
    assert ran.code == 2
    assert "--variants" in one_sentence(ran.err)


def test_the_version_is_that_of_the_package() -> None:
    assert sync_check_here("--version").out.split() == ["sync-check", __version__]
