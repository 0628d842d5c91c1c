"""Judge `times`: every `_unix` field tells the moment that it records, by the target's clock (ENV-10).

What that clock says is known from the `Date` of answers, which servers do not make of what they store.
Without one it may be off by a day: a moment told in another unit, or not at all, is still far from that.

Of what is old a read tells when that came about; where nothing tells when it did, it was in this run.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple

from sync_check.conformance.contract import events, shapes
from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract.dates import DATE, unix_of
from sync_check.conformance.contract.events import Event
from sync_check.conformance.history import Outcome
from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.deliveries import Delivery
from sync_check.conformance.judges.judgement import Judgement, line_of_frame, lines_of_call
from sync_check.conformance.judges.lives import Call
from sync_check.conformance.judges.values_of_audit import told_rows
from sync_check.conformance.model.results import read_result
from sync_check.conformance.verdict import Excerpt, Kind

NAME: Final = "times"
_REQUIREMENT: Final = "ENV-10"
_OFF_BY_S: Final = 5
_ROUNDED_S: Final = 1
"""Whole seconds are told."""
_STALE_S: Final = 2
"""How old a `Date` may be that a server makes about once a second."""
_UNKNOWN_S: Final = 24 * 3600
"""By how much a clock may be off of which nothing is known."""
_US: Final = 1_000_000
_FAR_BACK: Final = -(1 << 62)
_LATE: Final = (events.VoiceParticipantLeave, events.VoiceStreamUnpublish)
"""What may have come about before the operation that they are told with: participations expire."""


class _Clock(NamedTuple):
    """What the target's clock said at the run's start, at least and at most, in unix seconds."""

    least: float
    most: float


class _Span(NamedTuple):
    """Between these two times, in microseconds, something happened; if `exact`, in an operation."""

    first: int
    last: int
    exact: bool = False


class _Told(NamedTuple):
    """A moment that is told at a path."""

    path: str
    unix: int
    span: _Span


@dataclass(frozen=True, slots=True, kw_only=True)
class _Where:
    """What tells moments: an event or an answer."""

    name: str
    client: str
    cause: Call | None
    excerpt: Sequence[Excerpt]
    event: str | None = None


def judge(case: Case) -> Judgement:
    """Judge the moments that a scenario's events and answers tell; of each field the first that is wrong."""
    judgement = Judgement(scenario=case.scenario.id, judge=NAME)
    clocks = _clocks(case)
    if not clocks:
        return judgement
    seen: set[tuple[str, str]] = set()
    for where, told in (*_in_events(case), *_in_answers(case)):
        judgement.evidence["times"] += 1
        bounds = _bounds(clocks, told.span)
        if any(least <= told.unix <= most for least, most in bounds):
            if told.span.exact:
                judgement.witness(_REQUIREMENT)
            continue
        key = where.name, told.path
        if key in seen:
            continue
        seen.add(key)
        judgement.find(
            Kind.CONTRACT,
            _REQUIREMENT,
            f"{where.name}: {told.path} is not when it happened",
            client=where.client,
            event=where.event,
            expected=_shown(bounds[-1]),
            received=str(told.unix),
            cause=where.cause,
            excerpt=where.excerpt,
        )
    return judgement


# --- the target's clock


def _clocks(case: Case) -> list[_Clock]:
    """What is known of the target's clock, which may have been set; nothing without a header of the run."""
    found = list[_Clock]()
    for call in case.ledger.dated:
        unix = unix_of((call.headers or {}).get(DATE, ""))
        if unix is not None and call.answered_at is not None:
            most = unix + 1 + _STALE_S - call.invoked_at / _US
            found.append(_Clock(unix - call.answered_at / _US, most))
    if found or not case.header.started_at:
        return found
    started = datetime.fromisoformat(case.header.started_at).timestamp()
    return [_Clock(started - _UNKNOWN_S, started + _UNKNOWN_S)]


def _bounds(clocks: Sequence[_Clock], span: _Span) -> list[tuple[int, int]]:
    """The unix seconds that may be told, by each of the clocks."""
    return [
        (
            int(clock.least + span.first / _US) - _OFF_BY_S - _ROUNDED_S,
            int(clock.most + span.last / _US) + _OFF_BY_S,
        )
        for clock in clocks
    ]


def _shown(bounds: tuple[int, int]) -> str:
    least, most = bounds
    return f"at most {most}" if least < 0 else f"{least} to {most}"


# --- events


def _in_events(case: Case) -> Iterator[tuple[_Where, _Told]]:
    """What events tell, once for each body and cause."""
    seen: set[tuple[int, int | None]] = set()
    for delivery in case.own_deliveries:
        event = delivery.reading.check.event
        if event is None or not _fields(type(event)):
            continue
        emitted = delivery.delivers
        key = delivery.reading.body, None if emitted is None else emitted.number
        if key not in seen:
            seen.add(key)
            where = _where(case, delivery, event)
            yield from ((where, told) for told in _of_event(case, delivery, event))


def _where(case: Case, delivery: Delivery, event: Event) -> _Where:
    number = min(delivery.times)
    name = case.by_number[number].name
    return _Where(
        name=event.name,
        client=name,
        cause=None if delivery.emitted is None else delivery.emitted.call,
        excerpt=[line_of_frame(delivery.to(number), name)],
        event=event.name,
    )


@lru_cache
def _fields(event: type[Event]) -> tuple[str, ...]:
    """The members of an event that hold moments, or those that do."""
    nested = ("participant", "participants")
    return tuple(name for name in event.model_fields if name.endswith("_unix") or name in nested)


def _of_event(case: Case, delivery: Delivery, event: Event) -> Iterator[_Told]:
    span = _span(case, delivery, event)
    since = case.ledger.begun_of(delivery.reading.guild_id)
    for name in _fields(type(event)):
        value: Any = getattr(event, name)
        if isinstance(value, shapes.Participant):
            yield from _of_participant(name, value, span)
        elif isinstance(value, list):
            earlier = _Span(_FAR_BACK if since is None else since, span.last)
            for one in value:
                yield from _of_participant(f"{name}[{one.user_id}]", one, earlier)
        else:
            yield _Told(name, value, span)


def _of_participant(path: str, told: shapes.Participant, span: _Span) -> Iterator[_Told]:
    for name in ("joined_at_unix", "updated_at_unix"):
        yield _Told(f"{path}.{name}", getattr(told, name), span)


def _span(case: Case, delivery: Delivery, event: Event) -> _Span:
    """When that happened which an event tells of: it had when the first client heard of it."""
    last = next(iter(delivery.times.values()))
    emitted = delivery.delivers
    if emitted is not None and not isinstance(event, _LATE):
        answered_at = emitted.call.answered_at
        return _Span(emitted.call.invoked_at, last if answered_at is None else min(last, answered_at), True)
    if isinstance(event, events.VoiceParticipantSync):
        connection = case.by_number[min(delivery.times)]
        leases = connection.leases_of(event.guild_id, event.channel_id)
        return _Span(min((lease.asked_at for lease in leases), default=0), last)
    return _Span(0, last)


# --- answers


def _in_answers(case: Case) -> Iterator[tuple[_Where, _Told]]:
    for call in case.calls:
        check = _CHECKS.get(call.name)
        if check is None or call.outcome is not Outcome.OK or call.operation is None or call.is_command:
            continue
        answer = read_result(type(call.operation), call.body).value
        if answer is None:
            continue
        where = _Where(name=call.name, client=call.client, cause=call, excerpt=lines_of_call(call))
        yield from ((where, told) for told in check(case, call, answer))


def _answered(call: Call) -> int:
    return call.invoked_at if call.answered_at is None else call.answered_at


def _created(
    _case: Case, call: Call, answer: shapes.Message | shapes.CreatedFriendRequest
) -> Iterator[_Told]:
    span = _Span(call.invoked_at, _answered(call), True)
    yield _Told("created_at_unix", answer.created_at_unix, span)


def _friends(_case: Case, call: Call, answer: shapes.FriendList) -> Iterator[_Told]:
    """All users are those of the run, and nobody's friend before it."""
    for friend in answer.friends:
        yield _Told("friends[].created_at_unix", friend.created_at_unix, _Span(0, _answered(call)))


def _rows(case: Case, call: Call, answer: shapes.AuditPage) -> Iterator[_Told]:
    """Of a row that can be but one operation's that operation tells when it was written."""
    guild_id = str(call.arguments.get("guild_id"))
    since = case.ledger.begun_of(guild_id)
    earlier = _Span(_FAR_BACK if since is None else since, _answered(call))
    spans = dict[int, _Span]()
    window = call.window(case.timeline)
    if isinstance(call.operation, ops.ReadAudit) and window.acknowledged <= case.blind_from:
        worlds = list(case.timeline.worlds(window.span))
        for row, place in told_rows(worlds, call.operation, answer):
            spans[place] = _Span(row.asked_at, row.answered_at, True)
    for place, told in enumerate(answer.events):
        yield _Told("events[].created_at_unix", told.created_at_unix, spans.get(place, earlier))


def _bans(case: Case, call: Call, answer: shapes.IpBanPage) -> Iterator[_Told]:
    guild_id = str(call.arguments.get("guild_id"))
    since = case.ledger.begun_of(guild_id)
    span = _Span(_FAR_BACK if since is None else since, _answered(call))
    for ban in answer.bans:
        yield _Told("bans[].created_at_unix", ban.created_at_unix, span)


_CHECKS: Final[Mapping[str, Any]] = {
    ops.CreateMessage.name: _created,
    ops.RequestFriend.name: _created,
    ops.ListFriends.name: _friends,
    ops.ReadAudit.name: _rows,
    ops.ListIpBans.name: _bans,
}
"""What is told by operation; all else that answers tell of the past is compared with what was told before."""
