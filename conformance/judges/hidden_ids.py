"""Ids of channels, messages, files, roles and IP bans, and who may know them (LEAK-READ-1).

Who may see a thing at some moment of the window may be told its id. Of what exists no more, whoever could see
it once. Ids of users and guilds are no secret.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.history import Outcome
from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.lives import Call
from sync_check.conformance.judges.readings import ids_in
from sync_check.conformance.model.access import guild_permissions, is_member, may_access
from sync_check.conformance.model.timeline import Span
from sync_check.conformance.model.world import Guild

_MAKING: Final[Mapping[str, tuple[str, str]]] = {
    ops.CreateChannel.name: ("channel", "channel_id"),
    ops.CreateMessage.name: ("message", "message_id"),
    ops.UploadAttachment.name: ("file", "attachment_id"),
    ops.CreateRole.name: ("role", "role_id"),
    ops.BanAddressesOf.name: ("ban", "ban_ids"),
}
"""What an operation makes, and where its answer says the id."""


class Thing(NamedTuple):
    """Something with an id: what it is, where it is, and who made it."""

    what: str
    guild_id: str
    channel_id: str | None
    maker: str | None


class _Audience(NamedTuple):
    """Who may know of all things of one place alike."""

    guild_id: str
    channel_id: str | None
    bans: bool


class _Made(dict[int, Mapping[str, Thing]]):
    """What was made, by id, of each operation that made something."""


class HiddenIds:
    """Looks up the ids of what users may not see."""

    def __init__(self, case: Case) -> None:
        self._timeline = case.timeline
        self._things = dict(_things(case))
        self._in: dict[str, Mapping[_Audience, Sequence[str]]] = {}
        self._may: dict[tuple[str, Span, _Audience], bool] = {}

    def __getitem__(self, an_id: str) -> Thing:
        return self._things[an_id]

    def told(self, text: str, user_id: str, span: Span) -> frozenset[str]:
        """The ids in a text that a user may not know at any moment of a span."""
        audiences = self._in.get(text)
        if audiences is None:
            audiences = self._in[text] = self._by_audience(text)
        hidden = [ids for audience, ids in audiences.items() if not self._may_know(audience, user_id, span)]
        return frozenset(one for ids in hidden for one in ids if self._things[one].maker != user_id)

    def _by_audience(self, text: str) -> Mapping[_Audience, Sequence[str]]:
        found: dict[_Audience, list[str]] = {}
        for one in ids_in(text) & self._things.keys():
            thing = self._things[one]
            audience = _Audience(thing.guild_id, thing.channel_id, thing.what == "ban")
            found.setdefault(audience, []).append(one)
        return found

    def _may_know(self, audience: _Audience, user_id: str, span: Span) -> bool:
        key = user_id, span, audience
        may = self._may.get(key)
        if may is None:
            states = [one for one in self._timeline.guilds(audience.guild_id, span) if _holds(one, audience)]
            if not states:
                states = [*self._timeline.guilds(audience.guild_id, Span(first=0, last=span.last))]
            may = self._may[key] = any(_sees(state, audience, user_id) for state in states)
        return may


def _holds(state: Guild | None, audience: _Audience) -> bool:
    """Whether the place exists."""
    return state is not None and (audience.channel_id is None or audience.channel_id in state.channels)


def _sees(state: Guild | None, audience: _Audience, user_id: str) -> bool:
    if audience.bans:
        return "manage_ip_bans" in guild_permissions(state, user_id)
    if audience.channel_id is not None:
        return may_access(state, audience.channel_id, user_id)
    return is_member(state, user_id)


def _things(case: Case) -> Iterator[tuple[str, Thing]]:
    made = case.memory.table(_Made)
    for call in case.ledger.named(*_MAKING):
        if call.outcome is not Outcome.OK:
            continue
        known = made.get(call.op)
        if known is None:
            known = made[call.op] = dict(_made_by(call))
        yield from known.items()


def _made_by(call: Call) -> Iterator[tuple[str, Thing]]:
    what, member = _MAKING[call.name]
    ids = _member(call.body, member)
    for an_id in ids if isinstance(ids, list) else [ids]:
        if isinstance(an_id, str):
            channel_id = an_id if what == "channel" else call.arguments.get("channel_id")
            yield an_id, Thing(what, str(call.arguments.get("guild_id")), channel_id, call.actor)


def _member(body: str | None, name: str) -> Any:
    try:
        value = json.loads(body or "")
    except (ValueError, RecursionError):
        return None
    return value.get(name) if isinstance(value, dict) else None
