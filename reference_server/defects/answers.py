"""Defects of what REST answers to a change or refuses."""

import base64
from collections.abc import Mapping
from typing import Any, Final

from sync_check.reference_server import access, membership
from sync_check.reference_server.defects.rewriting import ACCEPTED, Answer, Asked, Rewriting
from sync_check.reference_server.deviation import Faithful


class DeletionWithBody(Rewriting):
    """The deletion of a message is answered by 200 with a body."""

    def rewritten(self, asked: Asked, answer: Answer) -> Answer:
        gone = asked.at("DELETE", "/guilds/*/channels/*/messages/*")
        return answer if gone is None or answer.status != 204 else answer.saying(ACCEPTED, status=200)


class EditRedates(Rewriting):
    """The answer to an edit says that the message was created a second later than it was."""

    def rewritten(self, asked: Asked, answer: Answer) -> Answer:
        if asked.at("PATCH", "/guilds/*/channels/*/messages/*") is None or answer.status != 200:
            return answer
        message = answer.body
        return answer.saying({**message, "created_at_unix": message["created_at_unix"] + 1})


class ForeignGuildUnknown(Rewriting):
    """Who is no member of a guild is told that there is none."""

    def rewritten(self, asked: Asked, answer: Answer) -> Answer:
        guild = asked.guild_asked
        if answer.status != 403 or guild is None or asked.user_id in guild.members:
            return answer
        return answer.saying({"error": "not_found"}, status=404)


class MissingRightInvalid(Rewriting):
    """A member without the permission for a call is told that the call is invalid."""

    def rewritten(self, asked: Asked, answer: Answer) -> Answer:
        guild = asked.guild_asked
        if answer.status != 403 or guild is None or asked.user_id not in guild.members:
            return answer
        return answer.saying({"error": "invalid_request"}, status=400)


class PrivateJoinForbidden(Rewriting):
    """Who asks to join a private guild is told that it exists."""

    def rewritten(self, asked: Asked, answer: Answer) -> Answer:
        joined = asked.at("POST", "/guilds/*/join")
        if joined is None or answer.status != 404 or asked.guild_asked is None:
            return answer
        return answer.saying({"error": "forbidden"}, status=403)


class RefusalNamesGuild(Rewriting):
    """A refusal to who is no member says what the guild is called."""

    def rewritten(self, asked: Asked, answer: Answer) -> Answer:
        guild = asked.guild_asked
        if answer.status != 403 or guild is None or asked.user_id in guild.members:
            return answer
        return answer.saying({**answer.body, "detail": f"no member of {guild.name}"})


class RefusalEncodesName(Rewriting):
    """A refusal to who is no member has the name of the workspace in its `etag`, in base64."""

    def rewritten(self, asked: Asked, answer: Answer) -> Answer:
        guild = asked.guild_asked
        if answer.status == 403 and guild is not None and asked.user_id not in guild.members:
            answer.headers.append((b"etag", base64.b64encode(guild.name.encode())))
        return answer


class ListOrdersHidden(Rewriting):
    """The list of channels says in a header in which order all of them stand, hidden ones included."""

    def rewritten(self, asked: Asked, answer: Answer) -> Answer:
        guild = asked.guild_asked
        if guild is not None and answer.status == 200 and asked.at("GET", "/guilds/*/channels"):
            answer.headers.append((b"x-order", ",".join(guild.channels).encode()))
        return answer


class GuildBegunWithChannel(Rewriting):
    """A workspace has a channel from the beginning."""

    def rewritten(self, asked: Asked, answer: Answer) -> Answer:
        guild = asked.guild_asked
        is_listed = answer.status == 200 and asked.at("GET", "/guilds/*/channels") is not None
        if guild is None or guild.channels or not is_listed:
            return answer
        # By the id of the workspace: there is no other that stays the same.
        first = {"channel_id": guild.guild_id, "name": "general", "kind": "text"}
        return answer.saying({"channels": [first]})


class AuditOfAll(Rewriting):
    """An audit log holds the newest row of another workspace, too."""

    def rewritten(self, asked: Asked, answer: Answer) -> Answer:
        guild = asked.guild_asked
        if guild is None or answer.status != 200 or not asked.at("GET", "/guilds/*/audit"):
            return answer
        others = [
            one.audit[-1] for one in asked.backend.store.guilds.values() if one.audit and one is not guild
        ]
        page = answer.body
        rows = sorted([*page["events"], *(row.wire() for row in others[-1:])], key=_by_age)
        return answer.saying({**page, "events": rows[::-1]})


def _by_age(row: Mapping[str, Any]) -> tuple[int, str]:
    return row["created_at_unix"], row["audit_id"]


class RequestIdInError(Rewriting):
    """A refusal about friends names the newest pending request, whomever that concerns."""

    def rewritten(self, asked: Asked, answer: Answer) -> Answer:
        pending = list(asked.backend.store.friend_requests)
        if (
            answer.status not in (400, 404)
            or not pending
            or asked.at("DELETE", "/friends/requests/*") is None
        ):
            return answer
        return answer.saying({**answer.body, "detail": f"not {pending[-1]}"})


class RefusalShowsToken(Rewriting):
    """A refusal repeats the caller's access token."""

    def rewritten(self, asked: Asked, answer: Answer) -> Answer:
        if answer.status != 403:
            return answer
        return answer.saying({**answer.body, "detail": f"refused to {asked.call.token}"})


class OwnerCanBeBanned(Rewriting):
    """Whoever may ban can ban the owner of the workspace, too."""

    def instead(self, asked: Asked) -> Answer | None:
        banned = asked.at("POST", "/guilds/*/members/*/ban")
        guild = None if banned is None else asked.guild(banned[0])
        if banned is None or guild is None or not access.is_owner(guild, banned[1]):
            return None
        if "ban_member" not in access.in_guild(guild, asked.user_id):
            return None
        guild.banned[banned[1]] = None
        membership.remove(asked.backend, guild, banned[1], "ban", actor_id=asked.user_id)
        return Answer().saying(ACCEPTED)


class ReactionOfAnotherTaken(Rewriting):
    """Who takes back a reaction that they have not added takes away another user's, in silence."""

    def instead(self, asked: Asked) -> Answer | None:
        reaction = asked.at("DELETE", "/guilds/*/channels/*/messages/*/reactions/*")
        guild = None if reaction is None else asked.guild(reaction[0])
        channel = None if reaction is None or guild is None else guild.channels.get(reaction[1])
        if reaction is None or guild is None or channel is None or asked.user_id not in guild.members:
            return None
        message = channel.messages.get(reaction[2])
        reactors = {} if message is None else message.reactions.get(reaction[3], {})
        if reactors and asked.user_id not in reactors:
            reactors.popitem()
        return None


class RoleChangeUnaudited(Rewriting):
    """The change of a member's legacy role leaves no row in the audit log."""

    def rewritten(self, asked: Asked, answer: Answer) -> Answer:
        guild = asked.guild_asked
        if asked.at("PATCH", "/guilds/*/members/*") is not None and guild is not None:
            guild.audit[:] = [row for row in guild.audit if row.action != "member.role.update"]
        return answer


class IpBanNotApplied(Rewriting):
    """From a banned address a member can still list the channels."""

    def rewritten(self, asked: Asked, answer: Answer) -> Answer:
        listed, guild = asked.at("GET", "/guilds/*/channels"), asked.guild_asked
        if listed is None or guild is None or answer.status != 403 or asked.user_id not in guild.members:
            return answer
        channels = [channel.shape().wire() for channel in access.readable(guild, asked.user_id)]
        return answer.saying({"channels": channels}, status=200)


DEFECTIVE: Final[Mapping[str, type[Faithful]]] = {
    "deletion-with-body": DeletionWithBody,
    "edit-redates": EditRedates,
    "foreign-guild-unknown": ForeignGuildUnknown,
    "missing-right-invalid": MissingRightInvalid,
    "private-join-forbidden": PrivateJoinForbidden,
    "refusal-names-guild": RefusalNamesGuild,
    "refusal-encodes-name": RefusalEncodesName,
    "list-orders-hidden": ListOrdersHidden,
    "audit-of-all": AuditOfAll,
    "guild-begun-with-channel": GuildBegunWithChannel,
    "refusal-shows-token": RefusalShowsToken,
    "request-id-in-error": RequestIdInError,
    "reaction-of-another-taken": ReactionOfAnotherTaken,
    "role-change-unaudited": RoleChangeUnaudited,
    "ip-ban-not-applied": IpBanNotApplied,
    "owner-can-be-banned": OwnerCanBeBanned,
}
