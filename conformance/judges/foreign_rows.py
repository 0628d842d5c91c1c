"""Rows of audit logs that are no business of the guild: they stand in another log, or are about others."""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

from sync_check.conformance.contract.operations import ReadAudit
from sync_check.conformance.history import Outcome, canonical
from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.lives import Call
from sync_check.conformance.judges.readings import ids_in
from sync_check.conformance.model.timeline import Span


class _Row(NamedTuple):
    audit_id: str
    users: frozenset[str]


class ForeignRow(NamedTuple):
    """A row that was told in the answer to `call`, and why it does not belong there."""

    call: Call
    audit_id: str
    why: str


class _Pages(dict[int, Sequence[_Row]]):
    """By operation the rows that it was answered."""


class _Asked:
    """What the operations of a run were asked with, of those that may change something."""

    def __init__(self) -> None:
        self._texts: list[tuple[Call, str]] = []
        self._seen = 0

    def naming(self, calls: Mapping[int, Call], name: str) -> Iterator[tuple[Call, str]]:
        """Those of all calls so far that name something, with what they were asked with."""
        for call in islice(calls.values(), self._seen, None):
            if call.rule is None or call.rule.mutates:
                self._texts.append((call, canonical(dict(call.arguments))))
        self._seen = len(calls)
        for call, text in self._texts:
            if name in text:
                yield call, text


def foreign_rows(case: Case) -> Iterator[ForeignRow]:
    """The pages that a scenario read with a row that belongs to another guild, each with one such row."""
    pages = case.memory.table(_Pages)
    guilds: dict[str, set[str]] = {}
    read = [call for call in case.ledger.named(ReadAudit.name) if call.outcome is Outcome.OK]
    for call in read:
        rows = pages.get(call.op)
        if rows is None:
            rows = pages[call.op] = tuple(_rows(call.body))
        for row in rows:
            guilds.setdefault(row.audit_id, set()).add(_guild(call))
    concerned: dict[str, frozenset[str]] = {}
    for call in read:
        if call.scenario != case.scenario.index or call.retried:
            continue
        shared = [row.audit_id for row in pages[call.op] if len(guilds[row.audit_id]) > 1]
        if shared:
            yield ForeignRow(call, min(shared), "that stands in the log of another guild")
            continue
        strange = _about_others(case, call, pages[call.op], concerned)
        if strange:
            yield ForeignRow(call, min(strange), "about a user who never had to do with the guild")


def _about_others(
    case: Case, call: Call, rows: Sequence[_Row], concerned: dict[str, frozenset[str]]
) -> Sequence[str]:
    guild = case.timeline.present.guilds.get(_guild(call))
    people = case.timeline.present.people.keys()
    members = frozenset() if guild is None else guild.members.keys()
    left = [(row.audit_id, row.users & people - members) for row in rows]
    if not any(users for _, users in left):
        return ()
    of_guild = concerned.get(_guild(call))
    if of_guild is None:
        of_guild = concerned[_guild(call)] = frozenset(_concerned(case, _guild(call)))
    return [audit_id for audit_id, users in left if users - of_guild]


def _concerned(case: Case, guild_id: str) -> Iterator[str]:
    """Who ever was a member, asked for a change, or was named when one was asked for."""
    last = len(case.timeline.worlds_so_far) - 1
    for state in case.timeline.guilds(guild_id, Span(first=0, last=last)):
        if state is not None:
            yield from state.members
    for call, text in case.memory.table(_Asked).naming(case.ledger.calls, guild_id):
        yield call.actor or ""
        yield from ids_in(text)


def _guild(call: Call) -> str:
    return str(call.arguments.get("guild_id"))


def _rows(body: str | None) -> Iterator[_Row]:
    try:
        page = json.loads(body or "")
    except (ValueError, RecursionError):
        return
    events: Any = page.get("events") if isinstance(page, Mapping) else None
    for event in events if isinstance(events, list) else ():
        if isinstance(event, dict) and isinstance(event.get("audit_id"), str):
            users = (event.get("actor_user_id"), event.get("target_user_id"))
            yield _Row(event["audit_id"], frozenset(one for one in users if isinstance(one, str)))
