"""Scenarios are found by id, family and glob, and cite what the contract has."""

import pkgutil
from dataclasses import replace

import pytest

from sync_check import scenarios
from sync_check.conformance.contract.requirements import UnknownRequirement
from sync_check.harness.adapter.dialect import Dialect
from sync_check.harness.scenario import Tier
from sync_check.harness.target import DRIVEN_FEATURES, Target
from sync_check.scenarios.catalogue import FAMILIES, NothingInTier, UnknownScenario, catalogue, select
from sync_check.scenarios.registry import REGISTERED, scenario


def test_all_are_selected_without_a_pattern() -> None:
    assert select(()) == catalogue()


@pytest.mark.parametrize(
    ("pattern", "selected"),
    [
        ("messages/edit", {"messages/edit"}),
        ("messages", {"messages/edit", "messages/delete"}),
        ("*/kick", {"members/kick"}),
        ("m*/*e*", {"messages/edit", "messages/delete", "members/role-change"}),
    ],
)
def test_a_pattern_selects(pattern: str, selected: set[str]) -> None:
    assert {one.id for one in select((pattern,))} >= selected
    assert all(one.id in {two.id for two in catalogue()} for one in select((pattern,)))


def test_the_order_is_that_of_the_catalogue_whatever_the_order_of_the_patterns() -> None:
    assert [one.id for one in select(("audit", "messages/edit"))] == ["messages/edit", "audit/read"]


def test_an_unknown_pattern_names_the_nearest_ids() -> None:
    with pytest.raises(UnknownScenario) as caught:
        select(("messages/edti",))
    assert caught.value.nearest[0] == "messages/edit"
    assert "messages/edit" in str(caught.value)


def test_nothing_near_is_said_too() -> None:
    with pytest.raises(UnknownScenario, match="sync-check list"):
        select(("zzzz",))


@pytest.fixture
def nightly(monkeypatch: pytest.MonkeyPatch) -> tuple[str, ...]:
    """Of a family of two one is nightly; of another, all are."""
    ids = ("messages/edit", *(one.id for one in select(("friends",))))
    for scenario_id in ids:
        monkeypatch.setitem(REGISTERED, scenario_id, replace(REGISTERED[scenario_id], tier=Tier.NIGHTLY))
    return ids


def test_the_gate_leaves_out_what_is_nightly(nightly: tuple[str, ...]) -> None:
    gate = {one.id for one in select((), Tier.GATE)}
    assert gate == {one.id for one in catalogue() if one.tier is Tier.GATE}
    assert {one.id for one in select((), Tier.NIGHTLY)} == {one.id for one in catalogue()} >= {*nightly}
    assert gate.isdisjoint(nightly)
    assert "messages/edit" not in {one.id for one in select(("messages",), Tier.GATE)}


def test_an_id_names_its_scenario_whatever_its_tier(nightly: tuple[str, ...]) -> None:
    assert [one.id for one in select(("messages/edit",), Tier.GATE)] == ["messages/edit"]
    with pytest.raises(NothingInTier, match="'friends' is of tier gate: add --tier nightly"):
        select(("friends",), Tier.GATE)


def test_every_module_of_the_folder_is_a_family_or_part_of_the_catalogue() -> None:
    modules = {module.name for module in pkgutil.iter_modules(scenarios.__path__)}
    families = {family.__name__.rpartition(".")[2] for family in FAMILIES}
    assert modules == families | {"catalogue", "registry"}


def test_every_scenario_has_a_title_requirements_and_features_that_we_drive() -> None:
    for one in catalogue():
        assert one.title.endswith(".")
        assert one.covers
        assert one.features <= DRIVEN_FEATURES
        assert one.family in {family.__name__.rpartition(".")[2] for family in FAMILIES}


def test_raw_bytes_are_not_sent_to_a_target_with_names_of_its_own() -> None:
    (wire,) = select(("wire/envelope",))
    plain = Target(label="t", url="http://127.0.0.1:1")
    assert wire.lacks(plain) is None
    for dialect in (Dialect(fields={"content": "text"}), Dialect(paths={"/guilds": "/workspaces"})):
        lacking = wire.lacks(replace(plain, dialect=dialect))
        assert lacking is not None
        assert "other names" in lacking
        assert select(("messages/edit",))[0].lacks(replace(plain, dialect=dialect)) is None


def test_a_scenario_cannot_cite_what_the_contract_does_not_have() -> None:
    with pytest.raises(UnknownRequirement):
        scenario("messages/never", covers=["NO-SUCH-1"], features=())(catalogue()[0].body)
