"""Which operations bear on a subject: on who is entitled to hear of it, or on what there is to hear.

An operation bears on entitlement if it says who is a member of the guild, with which rights, what the channel
lets them do, who is whose friend. It bears on content if it is about the very same thing. What happened to
other messages, members or channels, and how the guild is called, is no part of the cone.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from sync_check.conformance.history import Outcome, Purpose
from sync_check.conformance.judges.cones.subject import PLACES, Ids, Subject, ids_in, joined, leaf_of
from sync_check.conformance.judges.lives import Call
from sync_check.conformance.model.world import World

_ENTITLING: Final = frozenset(
    (
        *("create_guild", "join_guild", "leave_guild", "add_member", "kick_member", "change_member_role"),
        *("ban_member", "lift_ban", "ban_addresses_of", "remove_ip_ban"),
        *("create_role", "update_role", "delete_role", "assign_role", "unassign_role"),
        *("create_channel", "delete_channel", "override_role", "override_permission"),
    )
)
_FRIENDSHIP: Final = frozenset(("request_friend", "accept_friend", "delete_friend_request", "remove_friend"))
"""They entitle to what is of users, not of guilds."""
_OF_ACTOR: Final = frozenset(
    (
        *("join_guild", "leave_guild", "update_profile", "upload_avatar", "upload_banner"),
        *("issue_voice_token", "update_voice_state", "leave_voice", *_FRIENDSHIP),
    )
)
"""Operations about who asks for them."""
_MAKES: Final[Mapping[str, str]] = {
    "create_guild": "guild_id",
    "create_channel": "channel_id",
    "create_message": "message_id",
    "create_role": "role_id",
    "upload_attachment": "attachment_id",
    "request_friend": "request_id",
    "ban_addresses_of": "ban_ids",
}
"""The member of an answer that names what was made."""
_CREATING: Final = frozenset(("create_guild", "create_channel", "create_role"))
"""What entitles to nothing unless it is known what was made."""
_UNNAMED: Final = frozenset(("ban", "request"))
"""What entitlement depends on without that anything else names it."""
_EVERYONE: Final = "@everyone"
_NONE: Final[frozenset[str]] = frozenset()


class Bearing:
    """What bears on a subject, among the operations of one scenario."""

    def __init__(self, subject: Subject, calls: Iterable[Call], world: World) -> None:
        self._subject = subject
        self._calls = tuple(calls)
        self._parties: dict[str, frozenset[str]] = {}
        for call in self._calls:
            if call.name == "request_friend":
                parties = ids_in(call.arguments).get("user", _NONE) | _actor_of(call)
                self._parties |= dict.fromkeys(made_by(call).get("request", _NONE), parties)
        self._ids = joined(subject.ids, {"role": self._roles(world)})

    def calls(self, until: int) -> list[Call]:
        """The operations that bear on it, of those sent before a position."""
        return [call for call in self._calls if call.invoked < until and self._bears(call)]

    def _bears(self, call: Call) -> bool:
        if call.rule is None or not call.rule.mutates or call.purpose is Purpose.FENCE or call.retried:
            return False
        if call.outcome is Outcome.FAIL:
            return False
        about = self._about(call)
        return self._entitles(call, about) or self._is_content(about)

    def _entitles(self, call: Call, about: Ids) -> bool:
        if call.name in _FRIENDSHIP:
            return not self._subject.all_of("guild") and self._holds(about, ("user",))
        if call.name in _CREATING and not made_by(call):
            return False
        kinds = about.keys() - _UNNAMED
        return call.name in _ENTITLING and self._holds(about, kinds)

    def _is_content(self, about: Ids) -> bool:
        return bool(leaf_of(about) & self._subject.leaf) and self._holds(about, PLACES)

    def _holds(self, about: Ids, kinds: Iterable[str]) -> bool:
        """Whether all that is named of these kinds has a part in the subject."""
        return all(about.get(kind, _NONE) <= self._ids.get(kind, _NONE) for kind in kinds)

    def _about(self, call: Call) -> Ids:
        """What an operation names, made, and whom it concerns besides."""
        named = named_by(call)
        if call.name in _OF_ACTOR:
            named = joined(named, {"user": _actor_of(call)})
        parties = [self._parties.get(request, _NONE) for request in named.get("request", ())]
        return joined(named, *({"user": users} for users in parties))

    def _roles(self, world: World) -> frozenset[str]:
        """The roles that decide what the users may do: given to them, overridden there, or everybody's."""
        found = set(self._subject.all_of("role"))
        users, channels = self._subject.all_of("user"), self._subject.all_of("channel")
        for call in self._calls:
            about = ids_in(call.arguments)
            given = call.name in ("assign_role", "unassign_role") and about.get("user", _NONE) & users
            if given or (call.name == "override_permission" and about.get("channel", _NONE) & channels):
                found |= about.get("role", _NONE)
        for guild_id in sorted(self._subject.all_of("guild")):
            guild = world.guilds.get(guild_id)
            for role in guild.roles.values() if guild is not None else ():
                if role.name == _EVERYONE and role.role_id is not None:
                    found.add(role.role_id)
        return frozenset(found)


def _actor_of(call: Call) -> frozenset[str]:
    return _NONE if call.actor is None else frozenset((call.actor,))


def named_by(call: Call) -> dict[str, frozenset[str]]:
    """What an operation names, and what its answer says it made."""
    return joined(ids_in(call.arguments), made_by(call))


def made_by(call: Call) -> Ids:
    """The ids that an operation's answer says it made."""
    member = _MAKES.get(call.name)
    if call.made_message is not None:
        return {"message": frozenset((call.made_message.message_id,))}
    if member is None or not call.body:
        return {}
    try:
        body: Any = json.loads(call.body)
    except (ValueError, RecursionError):
        return {}
    return ids_in({member: body.get(member)}) if isinstance(body, Mapping) else {}
