"""`docs/PLAN.md` as data: its phases, and the table that is generated into it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sync_check.conformance.contract.export import tables
from sync_check.conformance.contract.export.revision import REVISIONS, revision
from tests.house.checkout import ROOT

PLAN_FILE: Final = ROOT / "docs" / "PLAN.md"
NOT_STARTED: Final = "NOT STARTED"
DONE: Final = "DONE"
STATUSES: Final = (NOT_STARTED, "IN PROGRESS", DONE)
SECTIONS: Final = ("Goal", "Tasks", "Exit criteria")
NOTE: Final = "Implementation note"

_HEADING: Final = re.compile(r"^## Phase (\d+): (.+)$", re.MULTILINE)
_STATUS: Final = re.compile(r"^Status: (.+)$", re.MULTILINE)
_TASK: Final = re.compile(r"^- \[([ x])\] (.+)$", re.MULTILINE)
_GENERATED: Final = re.compile(r"(<!-- endpoints: begin -->\n).*(<!-- endpoints: end -->\n)", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """A phase of the plan; `tasks` are the texts with whether they are done, `sections` text by heading."""

    number: int
    title: str
    status: str
    tasks: tuple[tuple[str, bool], ...]
    sections: dict[str, str]


def phases(text: str) -> tuple[Phase, ...]:
    """The phases in the order of the text."""
    return tuple(_phases(text))


def _phases(text: str) -> Iterator[Phase]:
    for heading in _HEADING.finditer(text):
        body = text[heading.end() :].partition("\n## ")[0]
        status = _STATUS.search(body)
        parts = re.split(r"^### (.+)$", body, flags=re.MULTILINE)
        yield Phase(
            number=int(heading[1]),
            title=heading[2],
            status=status[1] if status else "",
            tasks=tuple((task[2], task[1] == "x") for task in _TASK.finditer(body)),
            sections={name: part.strip() for name, part in zip(parts[1::2], parts[2::2], strict=True)},
        )


def faults(phase: Phase, uncovered_musts: list[str]) -> list[str]:
    """What is wrong with how a phase is told, given the MUSTs of it that nothing covers."""
    found = [f"no text under {name!r}" for name in SECTIONS if not phase.sections.get(name)]
    if phase.status not in STATUSES:
        found.append(f"status {phase.status!r} is none of {', '.join(STATUSES)}")
    if phase.status == NOT_STARTED:
        found += [f"not started, but done: {task}" for task, is_done in phase.tasks if is_done]
    if phase.status == DONE:
        found += [f"done, but a task is open: {task}" for task, is_done in phase.tasks if not is_done]
        found += [f"done, but nothing covers {name}" for name in uncovered_musts]
        found += [] if phase.sections.get(NOTE) else [f"done, but there is no text under {NOTE!r}"]
    return [f"phase {phase.number}: {fault}" for fault in found]


def with_endpoints(text: str) -> str:
    """The plan with the table of the newest revision in its place."""
    table = tables.endpoints(revision(REVISIONS[-1]))
    return _GENERATED.sub(lambda place: f"{place[1]}\n{table}\n\n{place[2]}", text)
