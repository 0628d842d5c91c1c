"""A group of findings told in labelled lines of visible text, for the reports that are plain text."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sync_check.conformance.groups import FindingGroup
from sync_check.conformance.verdict import Excerpt, Finding
from sync_check.reports.visible import visible
from sync_check.reports.wording import counted, moment

NAME: Final = 120
TEXT: Final = 400
LINES: Final = 12
_NAMES: Final = 5
_SCENARIOS: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line about a finding; a row without label continues the one above."""

    label: str
    text: str


def heading(group: FindingGroup) -> str:
    """What is wrong, where, in one line: level, kind, requirement, scenario."""
    lead = group.lead
    return f"{lead.level.upper()}  {lead.kind}  {visible(lead.requirement, NAME)}  {where(group)}"


def where(group: FindingGroup) -> str:
    """The lead's scenario, and how many more there are: ``messages/edit and 2 more scenarios``."""
    scenario, others = visible(group.lead.scenario, NAME), len(group.scenarios) - 1
    return f"{scenario} and {counted(others, 'more scenario')}" if others else scenario


def rows(group: FindingGroup) -> tuple[Row, ...]:
    """What is known of the lead, its slice of history, and what else is in the group."""
    return (*_facts(group.lead), *_history(group.lead.excerpt), *_rest(group))


def _facts(finding: Finding) -> Iterator[Row]:
    facts = (
        ("client", finding.client, NAME),
        ("event", finding.event, NAME),
        ("cause", finding.cause, TEXT),
        ("expected", finding.expected, TEXT),
        ("received", finding.received, TEXT),
        ("judge", finding.judge, NAME),
    )
    for label, text, limit in facts:
        if text is not None:
            yield Row(label=label, text=visible(text, limit))


def _history(excerpt: tuple[Excerpt, ...]) -> Iterator[Row]:
    shown = excerpt[:LINES]
    width = max((len(visible(line.who, 24)) for line in shown), default=0)
    for index, line in enumerate(shown):
        text = f"{moment(line.at_us)}  {visible(line.who, 24):{width}}  {visible(line.text, TEXT)}"
        yield Row(label="" if index else "history", text=text)
    if len(excerpt) > len(shown):
        yield Row(label="", text=f"… {counted(len(excerpt) - len(shown), 'more line')}")


def _rest(group: FindingGroup) -> Iterator[Row]:
    if group.others:
        kinship = "of this cause" if group.causes == 1 else f"like this one, of {group.causes} causes in all"
        yield Row(label="also", text=f"{counted(len(group.others), 'more finding')} {kinship}")
    if len(group.scenarios) > 1:
        yield Row(label="", text=f"scenarios {_listed(group.scenarios, _SCENARIOS)}")
    if len(group.requirements) > 1:
        yield Row(label="", text=f"requirements {_listed(group.requirements)}")
    if len(group.clients) > 1:
        yield Row(label="", text=f"clients {_listed(group.clients)}")


def _listed(names: tuple[str, ...], most: int = _NAMES) -> str:
    shown = ", ".join(visible(name, NAME) for name in names[:most])
    hidden = len(names) - most
    return f"{shown} and {hidden} more" if hidden > 0 else shown
