"""Variants of what REST answers."""

from collections.abc import Mapping
from typing import Final

from sync_check.reference_server.defects.rewriting import Answer, Asked, Rewriting
from sync_check.reference_server.deviation import Faithful
from sync_check.reference_server.variants.events import PermissionsReversed, permissions_reversed

_MEMBERS: Final = "/guilds/*/members"
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
    """Each page of members that holds any has a cursor; only the empty one after them has none."""

    def rewritten(self, asked: Asked, answer: Answer) -> Answer:
        if asked.at("GET", _MEMBERS) is None or answer.status != 200 or not answer.body["members"]:
            return answer
        return answer.saying({**answer.body, "next_cursor": answer.body["members"][-1]["user_id"]})


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
    "permissions-reversed": PermissionsReversedEverywhere,
    "framework-errors-as-text": FrameworkErrorsAsText,
}
