"""What the pages of an audit log must hold, and must not tell (contract 2.4, AUDIT-1, LEAK-READ-1)."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract import shapes
from sync_check.conformance.judges.comparing import newest_first, unexpected, within_default, wrong_value
from sync_check.conformance.judges.lives import Call
from sync_check.conformance.model.access import guild_permissions, may_access
from sync_check.conformance.model.audit_trail import AuditRow
from sync_check.conformance.model.emissions import Disagreement
from sync_check.conformance.model.results import read_result
from sync_check.conformance.model.world import World

_ACTION: Final = re.compile(r"[a-z0-9._]+")
_ROW: Final = frozenset(shapes.AuditEvent.model_fields)
_SHORTEST: Final = 3
"""Characters below which a text may stand in another by chance."""


def wrong_audit(
    worlds: Sequence[World], call: Call, asked: ops.ReadAudit, answer: shapes.AuditPage
) -> list[Disagreement]:
    rows = answer.events
    prefix = asked.action_prefix or ""
    wrong = newest_first("events", [row.created_at_unix for row in rows])
    wrong += within_default("events", asked.limit, len(rows))
    wrong += [
        unexpected("AUDIT-1", f"events[{row.audit_id}].action {row.action}")
        for row in rows
        if not row.action.startswith(prefix)
    ]
    if _is_whole(asked, answer):
        due = _due(worlds, asked)
        wrong += [
            wrong_value("AUDIT-1", "events", _named(row), f"{count} of {needed}")
            for row, needed, count in _counted(due, rows)
            if count < needed
        ]
        wrong += _wrong_order(due, rows)
    return wrong + _told_too_much(worlds, call, asked)


def _is_whole(asked: ops.ReadAudit, answer: shapes.AuditPage) -> bool:
    """Whether the page holds the whole list: of another one nobody knows how far it must reach."""
    return asked.cursor is None and answer.next_cursor is None


def _due(worlds: Sequence[World], asked: ops.ReadAudit) -> list[AuditRow]:
    """The rows that operations left for certain which were answered before the read, newest first."""
    prefix = asked.action_prefix or ""
    trail = worlds[0].audit.get(asked.guild_id)
    asked_for = (row for row in trail or () if all(action.startswith(prefix) for action in row.actions))
    return [row for row in asked_for if not row.doubtful]


def _pairs(due: Sequence[AuditRow], rows: Sequence[shapes.AuditEvent]) -> list[tuple[AuditRow, int]]:
    """The due rows that only one told row can be, and which tells of nothing else, with its place."""
    found = []
    signatures = Counter(map(_signature, due))
    for row in due:
        places = [place for place, told in enumerate(rows) if _tells(told, row)]
        if len(places) == 1 and signatures[_signature(row)] == 1:
            found.append((row, places[0]))
    return found


def told_rows(
    worlds: Sequence[World], asked: ops.ReadAudit, answer: shapes.AuditPage
) -> list[tuple[AuditRow, int]]:
    """The rows that must stand in a whole log and that one told row alone can be, with its place."""
    return _pairs(_due(worlds, asked), answer.events) if _is_whole(asked, answer) else []


def _signature(row: AuditRow) -> tuple[frozenset[str], str | None, str | None]:
    return row.actions, row.actor_id, row.target_id


def _tells(told: shapes.AuditEvent, row: AuditRow) -> bool:
    return row.is_told_by(told.action, told.actor_user_id, told.target_user_id)


def _counted(
    due: Sequence[AuditRow], rows: Sequence[shapes.AuditEvent]
) -> Iterator[tuple[AuditRow, int, int]]:
    """For each kind of row how often it is due, and how often it is told."""
    kinds = {_signature(row): row for row in due}
    needed = Counter(map(_signature, due))
    for signature, row in kinds.items():
        yield row, needed[signature], sum(_tells(told, row) for told in rows)


def _wrong_order(due: Sequence[AuditRow], rows: Sequence[shapes.AuditEvent]) -> list[Disagreement]:
    """Whether rows of operations that came one after the other stand newest first."""
    pairs = sorted(_pairs(due, rows), key=lambda pair: -pair[0].asked_at)
    return [
        wrong_value("REST-1", "events (newest first)", _named(newer), _named(older))
        for (newer, above), (older, below) in pairwise(pairs)
        if older.answered_at < newer.asked_at and above > below
    ]


def _named(row: AuditRow) -> str:
    of = "" if row.target_id is None else f" of {row.target_id}"
    return f"{' or '.join(sorted(row.actions))} by {row.actor_id}{of}"


def _told_too_much(worlds: Sequence[World], call: Call, asked: ops.ReadAudit) -> list[Disagreement]:
    """Reasons of bans and names of hidden channels, wherever a row has room for them (LEAK-READ-1)."""
    texts = list(_further_texts(call.body))
    secrets = _secrets(worlds, call.actor, asked.guild_id) if texts else {}
    return [
        unexpected("LEAK-READ-1", f"events: {what} {secret}")
        for secret, what in secrets.items()
        if any(secret.casefold() in text.casefold() for text in texts)
    ]


def _further_texts(body: str | None) -> Iterator[str]:
    """All texts in the rows of a page but those that the contract puts there."""
    for row in json.loads(body or "{}").get("events", ()):
        yield from (json.dumps(value, ensure_ascii=False) for name, value in row.items() if name not in _ROW)
        if not _ACTION.fullmatch(row["action"]):
            yield row["action"]


def _secrets(worlds: Sequence[World], viewer: str | None, guild_id: str) -> dict[str, str]:
    """What the viewer may not know in any world of the window, with what it is."""
    guilds = [guild for world in worlds if (guild := world.guilds.get(guild_id)) is not None]
    secrets: dict[str, str] = {}
    if not any("manage_ip_bans" in guild_permissions(guild, viewer) for guild in guilds):
        reasons = {bans.reason for guild in guilds for bans in guild.ip_bans if bans.reason is not None}
        secrets |= dict.fromkeys(sorted(reasons), "the reason")
    for channel_id in {channel_id for guild in guilds for channel_id in guild.channels}:
        if not any(may_access(guild, channel_id, viewer) for guild in guilds):
            names = {guild.channels[channel_id].name for guild in guilds if channel_id in guild.channels}
            secrets |= dict.fromkeys(sorted(names), "the channel")
    return {secret: what for secret, what in secrets.items() if len(secret) >= _SHORTEST}


def kept_by_audit(worlds: Sequence[World], call: Call, asked: ops.ReadAudit) -> list[str]:
    """The requirements that a page without wrong values was seen to keep.

    The last rows may come with a cursor that leads to an empty page (PAGE-2).
    """
    answer = read_result(ops.ReadAudit, call.body).value
    if not isinstance(answer, shapes.AuditPage) or asked.cursor is not None:
        return []
    due = _due(worlds, asked)
    is_told = all(count >= needed for _, needed, count in _counted(due, answer.events))
    return ["AUDIT-1"] if due and is_told else []
