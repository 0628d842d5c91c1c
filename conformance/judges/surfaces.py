"""Judge `surfaces`: lists walked in small pages give each item once, and a refusal tells nothing.

What a single answer says is judged with the answers, for whoever asked and whatever for. This judge puts the
pages of one walk together.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sync_check.conformance.contract.operations import ListIpBans, ReadAudit
from sync_check.conformance.history import Outcome, Purpose, canonical
from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.judgement import Judgement, lines_of_call
from sync_check.conformance.judges.lives import Call
from sync_check.conformance.model.banned_connections import had_bans, is_timed
from sync_check.conformance.model.connections import NEVER
from sync_check.conformance.model.emissions import shown
from sync_check.conformance.verdict import Kind

NAME: Final = "surfaces"
_FORBIDDEN: Final = 403


@dataclass(frozen=True, slots=True, kw_only=True)
class _Paged:
    """A paged list: the argument that continues it, where items and cursor stand, and what names an item."""

    argument: str
    items: str
    cursor: str
    identity: str


_PAGED: Final[Mapping[str, _Paged]] = {
    "list_members": _Paged(argument="cursor", items="members", cursor="next_cursor", identity="user_id"),
    "history": _Paged(argument="before", items="messages", cursor="next_before", identity="message_id"),
    "read_audit": _Paged(argument="cursor", items="events", cursor="next_cursor", identity="audit_id"),
    "list_ip_bans": _Paged(argument="cursor", items="bans", cursor="next_cursor", identity="ban_id"),
}


_WHOLE: Final = ("list_members", "history")
"""The lists that hold everything there is: nothing is left out of one of their pages."""


def judge(case: Case) -> Judgement:
    """Judge the read surfaces of a scenario."""
    judgement = Judgement(scenario=case.scenario.id, judge=NAME)
    for call in case.calls:
        if call.purpose is Purpose.SURFACE and call.outcome is not None:
            judgement.evidence["surfaces"] += 1
            if call.status in (_FORBIDDEN, 404):
                judgement.witness("LEAK-READ-1")
    pages = _Pages(case.calls)
    audited = _Audited(case)
    for walk in _walks(case.calls, pages):
        _Walk(case, judgement, walk, pages, audited).judge()
    return judgement


class _Pages:
    """The pages that were read: each distinct body is decoded once, however many clients got it."""

    def __init__(self, calls: Sequence[Call]) -> None:
        self._known: dict[tuple[str, str | None], tuple[list[str], Any]] = {}
        self._alike: dict[str, list[Call]] = {}
        self._lists: dict[int, str] = {}
        for call in calls:
            if call.name in _PAGED and call.outcome is Outcome.OK:
                key = self._lists[call.op] = _list_of(call)
                self._alike.setdefault(key, []).append(call)

    def of(self, call: Call) -> tuple[list[str], Any]:
        """The ids of a page's items and its cursor; nothing of a body that is none."""
        known = self._known.get((call.name, call.body))
        if known is None:
            known = self._known[call.name, call.body] = _page(call, _PAGED[call.name])
        return known

    def read_alike(self, call: Call) -> Sequence[Call]:
        """The calls by which the same client read the same list, in pages of whatever size."""
        return self._alike[self._lists[call.op]]


def _list_of(call: Call) -> str:
    """Who read which list."""
    left_out = ("limit", _PAGED[call.name].argument)
    asked = {name: value for name, value in call.arguments.items() if name not in left_out}
    return canonical([call.name, call.client, asked])


def _walks(calls: Sequence[Call], pages: _Pages) -> Iterator[list[Call]]:
    """The calls that walk one list, from the page without a cursor on, by who asked for what."""
    walks: dict[str, list[Call]] = {}
    for call in calls:
        paged = _PAGED.get(call.name)
        if paged is None or call.outcome is not Outcome.OK:
            continue
        asked = {name: value for name, value in call.arguments.items() if name != paged.argument}
        key = canonical([call.name, call.client, call.purpose, asked])
        cursor = call.arguments.get(paged.argument)
        if cursor is None:
            if key in walks:
                yield walks.pop(key)
            walks[key] = [call]
        elif key in walks and pages.of(walks[key][-1])[1] == cursor:
            walks[key].append(call)
    yield from walks.values()


def _page(call: Call, paged: _Paged) -> tuple[list[str], Any]:
    """The ids of a page's items and its cursor; nothing of a body that is none."""
    try:
        body = json.loads(call.body or "")
        return [str(item[paged.identity]) for item in body[paged.items]], body.get(paged.cursor)
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError):
        return [], None


class _Audited:
    """The calls that may leave a row in the audit log of a guild, and until when."""

    def __init__(self, case: Case) -> None:
        self._always: dict[str, list[Call]] = {}
        self._refused: dict[str, list[Call]] = {}
        self._connections = case.ledger.connections
        self._rests = [settle.begun for settle in case.settles if settle.counts]
        for call in case.calls:
            guild_id = str(call.arguments.get("guild_id"))
            if call.rule is None or call.rule.mutates:
                self._always.setdefault(guild_id, []).append(call)
            elif call.status == _FORBIDDEN:
                self._refused.setdefault(guild_id, []).append(call)

    def is_written(self, guild_id: str, first: int, last: int, *, guarded: bool) -> bool:
        """Whether the log of a guild may get a row between two positions.

        Refused reads leave rows where there were IP bans (`guarded`).
        """
        calls = (self._always, self._refused) if guarded else (self._always,)
        return any(
            call.invoked < last and self._over(call) > first
            for some in calls
            for call in some.get(guild_id, ())
        )

    def _over(self, call: Call) -> int:
        """From where on nothing comes of a call.

        Of a command that nothing answers: once everybody is at rest after the target ended its connection.
        """
        connection = None if call.connection is None else self._connections.get(call.connection)
        if call.acknowledged != NEVER or connection is None or not connection.is_lost:
            return call.acknowledged
        return next((rest for rest in self._rests if rest > connection.ended), NEVER)


class _Walk:
    """One walk over a list."""

    def __init__(
        self, case: Case, judgement: Judgement, calls: Sequence[Call], pages: _Pages, audited: _Audited
    ) -> None:
        self._case = case
        self._judgement = judgement
        self._calls = calls
        self._pages = pages
        self._audited = audited
        self._paged = _PAGED[calls[0].name]

    def judge(self) -> None:
        pages = [self._pages.of(call) for call in self._calls]
        self._sizes([items for items, _ in pages])
        if self._changed_meanwhile():
            return
        self._endless(pages)
        seen: dict[str, Call] = {}
        for call, (items, _) in zip(self._calls, pages, strict=True):
            for item in items:
                if item in seen:
                    self._find("PAGE-1", call, "an item came on two pages", f"{item} once", f"{item} again")
                    return
                seen[item] = call
        if pages[-1][1] is None:
            self._ends(pages, seen)

    def _ends(self, pages: Sequence[tuple[list[str], Any]], seen: Mapping[str, Call]) -> None:
        self._judgement.evidence["walks"] += 1
        if len(pages) > 1:
            self._judgement.witness("PAGE-1", "PAGE-2")
        longest = self._whole()
        if longest is not None and longest.keys() - seen.keys():
            missing = sorted(longest.keys() - seen.keys())[0]
            self._find(
                "PAGE-1", self._calls[-1], "a walk in small pages left an item out", missing, "nothing of it"
            )

    def _endless(self, pages: Sequence[tuple[list[str], Any]]) -> None:
        """Whether the walk goes on behind the last item: a page after it has no item, and a cursor.

        A server may leave out of a page what does not belong there, so a single empty page that leads on is
        none where items are filtered. A page without anything new that leads to an earlier one is.
        """
        seen, cursors, idle = set[str](), set[str](), 0
        for call, (items, cursor) in zip(self._calls, pages, strict=True):
            idle = idle + 1 if seen.issuperset(items) else 0
            seen.update(items)
            if idle and cursor is not None:
                over = not items and (idle > 1 or call.name in _WHOLE)
                if over or str(cursor) in cursors:
                    wanted = "null as the cursor of the last page, or of one empty page after it"
                    self._find("PAGE-2", call, "the walk does not end", wanted, str(cursor))
                    return
            cursors.add(str(cursor))

    def _whole(self) -> Mapping[str, Call] | None:
        """The items of the same list, read by the same client in another walk over the same world.

        An audit log may get rows that nobody knows of, such as of its being read: so what was read later
        tells nothing of what there was before.
        """
        first = self._calls[0]
        world = self._case.timeline.span(first.invoked, self._calls[-1].acknowledged)
        found: dict[str, Call] = {}
        for call in self._pages.read_alike(first):
            if call.window(self._case.timeline).span != world:
                continue
            if first.name == ReadAudit.name and call.acknowledged > first.invoked:
                continue
            if not self._changes_by_itself(call, *self._calls):
                found |= dict.fromkeys(self._pages.of(call)[0], call)
        return found or None

    def _changed_meanwhile(self) -> bool:
        """PAGE-1 speaks of lists that do not change."""
        span = self._case.timeline.span(self._calls[0].invoked, self._calls[-1].acknowledged)
        return len(span) > 1 or self._changes_by_itself(*self._calls)

    def _changes_by_itself(self, *calls: Call) -> bool:
        """Whether the list may have changed between these calls without anything that the model knows.

        IP bans expire, and more may stand in an audit log than what was accepted: refused attempts, or
        visits from banned addresses.
        """
        first, last = min(call.invoked for call in calls), max(call.acknowledged for call in calls)
        guild_id = str(calls[0].arguments.get("guild_id"))
        states = self._case.timeline.guilds(guild_id, self._case.timeline.span(first, last))
        if calls[0].name == ListIpBans.name:
            return is_timed(states)
        return calls[0].name == ReadAudit.name and self._audited.is_written(
            guild_id, first, last, guarded=had_bans(states)
        )

    def _sizes(self, pages: Sequence[Sequence[str]]) -> None:
        for call, items in zip(self._calls, pages, strict=True):
            limit = call.arguments.get("limit")
            if isinstance(limit, int) and len(items) > limit:
                wanted = f"at most {limit} items"
                self._find("PAGE-2", call, "a page exceeds its limit", wanted, f"{len(items)} items")

    def _find(self, requirement: str, call: Call, message: str, expected: str, received: str) -> None:
        self._judgement.find(
            Kind.CONTRACT,
            requirement,
            f"{call.name}: {message}",
            client=call.client,
            expected=expected,
            received=shown(received),
            cause=call,
            excerpt=[line for one in self._calls[-3:] for line in lines_of_call(one)],
        )
