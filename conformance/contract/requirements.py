"""The requirements of the gateway contract: one value for each testable rule.

A scenario, a judge, a report and a seeded defect cite a requirement by its id (`ENV-1`, `MSG-EDIT-2`).
Ids are stable: they are never renumbered or reused, only retired.  The rules themselves lie in
`requirements.json` next to this module, by section and in the order of the contract, as
`id: [level, sentence]`.

**Subject.**  The client is the subject of every `CLIENT` and `UX` rule and of `COMPAT-3`; the server is
the subject of all others (contract, section 0.1).

**Phase.**  The phase of the delivery plan that a rule serves follows from its family, the part of the id
before the first hyphen, apart from some rules that belong to the work of another phase:

===== ======================================== ============================= ===============================
phase goal                                     families                      and by exception
===== ======================================== ============================= ===============================
0     contract, inventory, compatibility       FEAT ENV REST PAGE EVT COMPAT CLIENT-1
1     event infrastructure, connections,       AUTH GW CMD SUB BAD SCOPE
      limits                                   DELIV ACCESS PRES LIMIT
                                               METRIC HEALTH
2     message lifecycle                        MSG REACT ATT SEARCH          CMD-2
3     workspace, channels, membership          GUILD JOIN CHAN MEM VOICE     ACCESS-2 ACCESS-3 CLIENT-8
                                                                             PRES-6 SCOPE-8
4     roles, overrides, moderation, secrecy    ROLE OVR PERM IPBAN AUDIT     ACCESS-4 ACCESS-5 ACCESS-8
                                               LEAK                          CHAN-2 CLIENT-7 JOIN-4 MEM-12
                                                                             VOICE-6
5     profile and friends                      PROF FRIEND                   SCOPE-7
6     settings of client and workspace         UX
7     hardening, rollout, regression net       CLIENT                        COMPAT-3 COMPAT-4 METRIC-6
                                                                             METRIC-7
===== ======================================== ============================= ===============================

The plan names no phase for voice: who is in a voice channel is state of that channel, so it goes with the
channels.  Reducer rules (`CLIENT`) cut across all event families, so they go with the regression net.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Final

__all__ = ["REQUIREMENTS", "Level", "Requirement", "Subject", "UnknownRequirement", "requirement"]


class Level(StrEnum):
    """How much a broken requirement weighs (contract, section 0.1)."""

    MUST = "MUST"
    """Breaking it is a conformance failure."""
    SHOULD = "SHOULD"
    """Breaking it is a deviation, which fails only a strict run."""
    MAY = "MAY"
    """Both ways are fine."""


class Subject(StrEnum):
    """Whose behaviour a requirement is about."""

    SERVER = "server"
    CLIENT = "client"


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One testable rule of the contract."""

    id: str
    """Stable id, such as `MSG-EDIT-2`."""
    level: Level
    sentence: str
    """The rule in the contract's words; backticks mark names on the wire."""
    section: str
    """Number of the contract's section that states the rule, such as `2.4` or `7`."""
    phase: int
    """Phase of the delivery plan that the rule serves, 0 to 7; see the table above."""
    subject: Subject


class UnknownRequirement(LookupError):
    """No requirement has the id `requirement_id`; `near` holds the most similar ids, best first."""

    def __init__(self, requirement_id: str, near: tuple[str, ...] = ()) -> None:
        super().__init__(requirement_id, near)
        self.requirement_id = requirement_id
        self.near = near

    def __str__(self) -> str:
        hint = f"; did you mean {' or '.join(self.near)}?" if self.near else ""
        return f"the contract has no requirement {self.requirement_id!r}{hint}"


_FAMILIES_OF_PHASE: Final[Mapping[int, str]] = {
    0: "FEAT ENV REST PAGE EVT COMPAT",
    1: "AUTH GW CMD SUB BAD SCOPE DELIV ACCESS PRES LIMIT METRIC HEALTH",
    2: "MSG REACT ATT SEARCH",
    3: "GUILD JOIN CHAN MEM VOICE",
    4: "ROLE OVR PERM IPBAN AUDIT LEAK",
    5: "PROF FRIEND",
    6: "UX",
    7: "CLIENT",
}
_EXCEPTIONS_OF_PHASE: Final[Mapping[int, str]] = {
    0: "CLIENT-1",
    2: "CMD-2",
    3: "ACCESS-2 ACCESS-3 CLIENT-8 PRES-6 SCOPE-8",
    4: "ACCESS-4 ACCESS-5 ACCESS-8 CHAN-2 CLIENT-7 JOIN-4 MEM-12 VOICE-6",
    5: "SCOPE-7",
    7: "COMPAT-3 COMPAT-4 METRIC-6 METRIC-7",
}
_PHASES: Final[Mapping[str, int]] = {
    name: phase
    for names_of_phase in (_FAMILIES_OF_PHASE, _EXCEPTIONS_OF_PHASE)
    for phase, names in names_of_phase.items()
    for name in names.split()
}


def _family(requirement_id: str) -> str:
    return requirement_id.partition("-")[0]


def _phase(requirement_id: str) -> int:
    exception = _PHASES.get(requirement_id)
    # Not `get` for the family: a new one must be given a phase before anything can cite it.
    return _PHASES[_family(requirement_id)] if exception is None else exception


def _subject(requirement_id: str) -> Subject:
    is_client = _family(requirement_id) in {"CLIENT", "UX"} or requirement_id == "COMPAT-3"
    return Subject.CLIENT if is_client else Subject.SERVER


def _load() -> Iterator[Requirement]:
    # JSON and a plain path, not TOML and `importlib.resources`: every command pays for this at start-up.
    text = Path(__file__).with_name("requirements.json").read_text(encoding="utf-8")
    sections: dict[str, dict[str, tuple[str, str]]] = json.loads(text)
    for section, rules in sections.items():
        for requirement_id, (level, sentence) in rules.items():
            yield Requirement(
                id=requirement_id,
                level=Level(level),
                sentence=sentence,
                section=section,
                phase=_phase(requirement_id),
                subject=_subject(requirement_id),
            )


REQUIREMENTS: Final[Mapping[str, Requirement]] = MappingProxyType({rule.id: rule for rule in _load()})
"""Every requirement by its id, in the order of the contract."""


def requirement(requirement_id: str) -> Requirement:
    """Return the requirement with this id.

    Raises:
        UnknownRequirement: The contract has no such requirement; the error names similar ids.

    """
    try:
        return REQUIREMENTS[requirement_id]
    except KeyError:
        raise UnknownRequirement(requirement_id, _near(requirement_id)) from None


def _near(requirement_id: str) -> tuple[str, ...]:
    # Imported here because only a mistake needs it.
    from difflib import get_close_matches

    return tuple(get_close_matches(requirement_id.upper(), REQUIREMENTS, n=3))
