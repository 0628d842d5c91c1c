"""Variants of what REST answers."""

from collections.abc import Mapping
from typing import Final

from sync_check.reference_server import auditing
from sync_check.reference_server.defects.rewriting import Answer, Asked, Rewriting
from sync_check.reference_server.deviation import Faithful
from sync_check.reference_server.variants.events import PermissionsReversed, permissions_reversed

_MEMBERS: Final = "/guilds/*/members"
_AUDIT: Final = "/guilds/*/audit"
_PAGED: Final = (
    (_MEMBERS, "members", "user_id"),
    (_AUDIT, "events", "audit_id"),
    ("/guilds/*/ip-bans", "bans", "ban_id"),
)
"""Lists with a cursor, with their items and what names one; a history ends so anyway."""
_ROLES: Final = (("GET", "/guilds/*/roles"), ("POST", "/guilds/*/roles"), ("PATCH", "/guilds/*/roles/*"))


class ImpliedRoleListed(Rewriting):
    """A member's roles include the one that the legacy role stands for."""

    def rewritten(self, asked: Asked, answer: Answer) -> Answer:
        page = asked.at("GET", _MEMBERS)
        guild = None if page is None else asked.guild(page[0])
        if guild is None or answer.status != 200:
            return answer
        members = [
            {**member, "role_ids": list(dict.fromkeys((*member["role_ids"], implied.role_id)))}
            for member in answer.body["members"]
            for implied in (guild.implied_role(guild.members[member["user_id"]]),)
        ]
        return answer.saying({**answer.body, "members": members})


class CursorUntilEmpty(Rewriting):
    """Each page that holds any items has a cursor; only the empty one after them has none."""

    def rewritten(self, asked: Asked, answer: Answer) -> Answer:
        for path, items, identity in _PAGED:
            if asked.at("GET", path) is not None and answer.status == 200 and answer.body[items]:
                return answer.saying({**answer.body, "next_cursor": answer.body[items][-1][identity]})
        return answer


class ReadsAudited(Rewriting):
    """Who reads an audit log is written down in it, behind what they read."""

    def rewritten(self, asked: Asked, answer: Answer) -> Answer:
        guild = asked.guild_asked
        if guild is not None and asked.at("GET", _AUDIT) is not None and answer.status == 200:
            auditing.record(asked.backend, guild, "audit.read", actor_id=asked.user_id)
        return answer


class PermissionsReversedEverywhere(PermissionsReversed, Rewriting):
    """Roles list their permissions in reverse, in events and in answers."""

    def rewritten(self, asked: Asked, answer: Answer) -> Answer:
        is_of_roles = any(asked.at(method, path) is not None for method, path in _ROLES)
        return answer.saying(permissions_reversed(answer.body)) if is_of_roles else answer


class FrameworkErrorsAsText(Rewriting):
    """What is malformed is refused in plain text."""

    def rewritten(self, asked: Asked, answer: Answer) -> Answer:
        if b"malformed_request" not in answer.data:
            return answer
        data = b"This request is malformed."
        headers = [(b"content-type", b"text/plain"), (b"content-length", b"%d" % len(data))]
        return Answer(status=answer.status, headers=headers, data=data)


VARIED: Final[Mapping[str, type[Faithful]]] = {
    "implied-role-listed": ImpliedRoleListed,
    "cursor-until-empty": CursorUntilEmpty,
    "reads-audited": ReadsAudited,
    "permissions-reversed": PermissionsReversedEverywhere,
    "framework-errors-as-text": FrameworkErrorsAsText,
}
