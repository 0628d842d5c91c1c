"""Answers whose bodies reveal in which state an operation found the world, where that matters.

Only for those an order is looked for by what they say: where operations commute, as the reactions of
different users do, an answer may tell of the order as well, but nothing depends on it.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract import shapes
from sync_check.conformance.judges import values_of_guilds, values_of_moderation, values_of_people
from sync_check.conformance.judges.lives import Call
from sync_check.conformance.model.access import is_member
from sync_check.conformance.model.results import read_result
from sync_check.conformance.model.world import World

_Contradicts = Callable[[Call, Any, Any, World, World], bool]
"""Call, operation, answer, the world before and the one after to whether the answer belongs to others."""


def contradicts(call: Call, before: World, after: World) -> bool:
    """Whether an accepted operation cannot have been answered so that made `after` of `before`."""
    check = None if call.operation is None else _CHECKS.get(type(call.operation))
    if check is None or call.operation is None:
        return False
    answer = read_result(type(call.operation), call.body).value
    return answer is not None and check(call, call.operation, answer, before, after)


def _joined(
    call: Call, asked: ops.JoinGuild, answer: shapes.JoinResult, before: World, _after: World
) -> bool:
    was_member = is_member(before.guilds.get(asked.guild_id), call.actor)
    return (answer.outcome == "already_member") is not was_member


def _guild(call: Call, asked: ops.UpdateGuild, answer: shapes.Guild, _before: World, after: World) -> bool:
    return bool(values_of_guilds.guild_changed(after, call, asked, answer))


def _role(call: Call, asked: ops.UpdateRole, answer: shapes.Role, _before: World, after: World) -> bool:
    return bool(values_of_guilds.role_changed(after, call, asked, answer))


def _profile(
    call: Call, _asked: ops.UpdateProfile, answer: shapes.Profile, _before: World, after: World
) -> bool:
    return bool(values_of_people.profile_of([after], call.actor, answer))


def _banned(
    call: Call, asked: ops.BanAddressesOf, answer: shapes.CreatedIpBans, before: World, _after: World
) -> bool:
    return bool(values_of_moderation.addresses_banned([before], call, asked, answer))


_CHECKS: Final[Mapping[type[ops.Operation], _Contradicts]] = {
    ops.JoinGuild: _joined,
    ops.UpdateGuild: _guild,
    ops.UpdateRole: _role,
    ops.UpdateProfile: _profile,
    ops.BanAddressesOf: _banned,
}
