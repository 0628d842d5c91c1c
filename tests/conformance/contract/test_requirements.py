"""The table of requirements: whole, well formed, and filed under the right subject and phase."""

import json
import pickle
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from sync_check.conformance.contract import requirements as module
from sync_check.conformance.contract.requirements import (
    REQUIREMENTS,
    Level,
    Requirement,
    Subject,
    UnknownRequirement,
    requirement,
)

# Counted in the text of the contract, not in our table.  A retired id lowers its number, a new one raises it.
FAMILY_SIZES = {
    "FEAT": 1,
    "ENV": 10,
    "REST": 6,
    "PAGE": 2,
    "AUTH": 7,
    "PROF": 4,
    "FRIEND": 5,
    "GUILD": 4,
    "JOIN": 4,
    "AUDIT": 1,
    "CHAN": 7,
    "OVR": 6,
    "MEM": 12,
    "ROLE": 9,
    "IPBAN": 3,
    "MSG": 7,
    "REACT": 5,
    "ATT": 3,
    "SEARCH": 2,
    "VOICE": 6,
    "HEALTH": 1,
    "GW": 7,
    "CMD": 2,
    "SUB": 4,
    "BAD": 11,
    "SCOPE": 8,
    "DELIV": 10,
    "ACCESS": 8,
    "PRES": 6,
    "LEAK": 9,
    "EVT": 6,
    "LIMIT": 12,
    "METRIC": 8,
    "PERM": 9,
    "CLIENT": 10,
    "UX": 5,
    "COMPAT": 4,
}
CITATION = re.compile(rf"\b(?:{'|'.join(FAMILY_SIZES)})(?:-[A-Z]+)*-\d+\b")


def family(requirement_id: str) -> str:
    return requirement_id.partition("-")[0]


def broken(holds: Callable[[Requirement], object]) -> list[str]:
    """Return the ids of all requirements for which a property does not hold."""
    return [rule.id for rule in REQUIREMENTS.values() if not holds(rule)]


def test_each_family_is_complete() -> None:
    assert Counter(map(family, REQUIREMENTS)) == FAMILY_SIZES
    assert len(REQUIREMENTS) == 224


def test_levels_are_counted() -> None:
    assert Counter(rule.level for rule in REQUIREMENTS.values()) == {Level.MUST: 192, Level.SHOULD: 32}


def test_numbers_have_no_gap() -> None:
    series = Counter(requirement_id.rpartition("-")[0] for requirement_id in REQUIREMENTS)
    assert {f"{name}-{n + 1}" for name, size in series.items() for n in range(size)} == REQUIREMENTS.keys()


def test_file_repeats_no_key() -> None:
    # A JSON reader keeps the last of two equal keys in silence, so uniqueness is a question to the text.
    keys: list[str] = []

    def collect(pairs: list[tuple[str, object]]) -> dict[str, object]:
        keys.extend(key for key, _ in pairs)
        return dict(pairs)

    text = Path(module.__file__).with_name("requirements.json").read_text(encoding="utf-8")
    json.loads(text, object_pairs_hook=collect)
    assert [key for key, count in Counter(keys).items() if count > 1] == []


def test_order_is_that_of_the_contract() -> None:
    sections = [tuple(map(int, rule.section.split("."))) for rule in REQUIREMENTS.values()]
    assert sections == sorted(sections)
    assert next(iter(REQUIREMENTS)) == "FEAT-1"
    assert list(REQUIREMENTS)[-1] == "COMPAT-4"


def test_ids_are_well_formed() -> None:
    assert broken(lambda rule: re.fullmatch(r"[A-Z]+(?:-[A-Z]+)?-[1-9][0-9]?", rule.id)) == []
    assert broken(lambda rule: REQUIREMENTS[rule.id] is rule) == []


def test_sentences_are_whole() -> None:
    assert broken(lambda rule: re.fullmatch(r"[A-Z`].*\.", rule.sentence)) == []
    assert broken(lambda rule: rule.sentence == " ".join(rule.sentence.split())) == []


def test_sentences_hold_no_broken_markup() -> None:
    def prose(rule: Requirement) -> str:
        return re.sub(r"`[^`]+`", "", rule.sentence)

    assert broken(lambda rule: not re.search(r"[`*|#<>\[\]\\]|\b(?:MUST|SHOULD|MAY)\b", prose(rule))) == []
    assert broken(lambda rule: prose(rule).count("(") == prose(rule).count(")")) == []


def test_cited_ids_exist() -> None:
    assert broken(lambda rule: set(CITATION.findall(rule.sentence)) <= REQUIREMENTS.keys()) == []


def test_sections_are_section_numbers() -> None:
    assert broken(lambda rule: re.fullmatch(r"(?:10|[0-9])(?:\.[1-9])?", rule.section)) == []


@pytest.mark.parametrize(
    ("requirement_id", "section"),
    [
        ("FEAT-1", "0.2"),
        ("ENV-10", "1"),
        ("IPBAN-3", "2.4"),
        ("MSG-1", "2.5"),
        ("METRIC-8", "7"),
        ("CLIENT-10", "9.1"),
        ("CLIENT-7", "9.3"),
        ("UX-5", "9.4"),
    ],
)
def test_section_is_where_the_contract_states_the_rule(requirement_id: str, section: str) -> None:
    assert requirement(requirement_id).section == section


def test_clients_are_the_subject_of_client_rules_only() -> None:
    about_clients = {rule.id for rule in REQUIREMENTS.values() if rule.subject is Subject.CLIENT}
    assert about_clients == {
        *(f"CLIENT-{number}" for number in range(1, 11)),
        *(f"UX-{number}" for number in range(1, 6)),
        "COMPAT-3",
    }


def test_every_phase_has_requirements() -> None:
    assert {rule.phase for rule in REQUIREMENTS.values()} == set(range(8))


def test_every_phase_has_a_server_rule_but_the_settings_phase() -> None:
    phases = {rule.phase for rule in REQUIREMENTS.values() if rule.subject is Subject.SERVER}
    assert phases == set(range(8)) - {6}


@pytest.mark.parametrize(
    ("requirement_id", "phase"),
    [
        ("ENV-1", 0),
        ("CLIENT-1", 0),
        ("SCOPE-2", 1),
        ("LIMIT-SLOW-1", 1),
        ("CMD-2", 2),
        ("MSG-DEL-1", 2),
        ("MEM-7", 3),
        ("ACCESS-3", 3),
        ("PERM-ESC-1", 4),
        ("ACCESS-4", 4),
        ("SCOPE-7", 5),
        ("FRIEND-4", 5),
        ("UX-1", 6),
        ("CLIENT-6", 7),
        ("COMPAT-3", 7),
    ],
)
def test_phase_follows_family_and_exceptions(requirement_id: str, phase: int) -> None:
    assert requirement(requirement_id).phase == phase


def test_docstring_shows_the_phases_in_force() -> None:
    table = (module.__doc__ or "").split("\n=====")[2]
    shown: dict[str, int] = {}
    phase = -1
    for line in table.splitlines()[1:]:
        phase = int(line[0]) if line[0].isdigit() else phase
        shown.update(dict.fromkeys(re.findall(r"\b[A-Z]{2,}(?:-\d+)?", line), phase))
    assert broken(lambda rule: rule.phase == shown.get(rule.id, shown[family(rule.id)])) == []
    assert shown.keys() <= REQUIREMENTS.keys() | FAMILY_SIZES.keys()


def test_lookup_returns_the_rule_itself() -> None:
    rule = requirement("MSG-EDIT-2")
    assert rule is REQUIREMENTS["MSG-EDIT-2"]
    assert rule == Requirement(
        id="MSG-EDIT-2",
        level=Level.MUST,
        sentence=(
            "An edit keeps id, author, `created_at_unix`, attachments and reactions, "
            "in the response and in history."
        ),
        section="2.5",
        phase=2,
        subject=Subject.SERVER,
    )


def test_table_and_rules_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        del REQUIREMENTS["ENV-1"]  # type: ignore[attr-defined]
    with pytest.raises(FrozenInstanceError):
        REQUIREMENTS["ENV-1"].phase = 7  # type: ignore[misc]


@pytest.mark.parametrize("mistake", ["msg-edit-2", "MSG-EDIT2", "MSGEDIT-2"])
def test_unknown_id_suggests_the_nearest(mistake: str) -> None:
    with pytest.raises(UnknownRequirement) as caught:
        requirement(mistake)
    assert caught.value.requirement_id == mistake
    assert caught.value.near[0] == "MSG-EDIT-2"
    assert str(caught.value).startswith(
        f"the contract has no requirement '{mistake}'; did you mean MSG-EDIT-2 or "
    )


def test_unknown_id_like_no_other_suggests_nothing() -> None:
    with pytest.raises(LookupError, match=r"^the contract has no requirement 'quux'$"):
        requirement("quux")


def test_unknown_id_survives_the_way_between_processes() -> None:
    error = UnknownRequirement("ENV-99", ("ENV-9",))
    copy = pickle.loads(pickle.dumps(error))
    assert (copy.requirement_id, copy.near, str(copy)) == ("ENV-99", ("ENV-9",), str(error))
