"""Defects of what REST reads."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from sync_check.reference_server import access
from sync_check.reference_server.connections import Connections
from sync_check.reference_server.defects.rewriting import Answer, Asked, Rewriting
from sync_check.reference_server.deviation import Faithful, Telling
from sync_check.reference_server.guild import in_canonical_order
from sync_check.reference_server.store import Store

_MEMBERS: Final = "/guilds/*/members"
_HISTORY: Final = "/guilds/*/channels/*/messages"


# --- what is stale


class KickedStillListed(Rewriting):
    """Kicked members stay in the list of members."""

    def __init__(self, connections: Connections, store: Store) -> None:
        super().__init__(connections, store)
        self._gone: dict[str, dict[str, None]] = {}
        """By guild, who was ever removed."""

    def tellings(self, telling: Telling) -> Iterable[Telling]:
        if telling.event.name == "workspace_member_remove" and telling.guild is not None:
            removed = getattr(telling.event, "user_id", "")
            self._gone.setdefault(telling.guild.guild_id, {})[removed] = None
        return (telling,)

    def rewritten(self, asked: Asked, answer: Answer) -> Answer:
        page = asked.at("GET", _MEMBERS)
        if page is None or answer.status != 200 or answer.body["next_cursor"] is not None:
            return answer
        told = {member["user_id"]: member for member in answer.body["members"]}
        after = asked.query.get("cursor", "")
        stale = {one: {"user_id": one, "role_ids": []} for one in self._gone.get(page[0], {}) if one > after}
        members = [member for _, member in sorted({**stale, **told}.items())]
        return answer.saying({**answer.body, "members": members})


class DeletedStillRead(Rewriting):
    """The newest message that was deleted stays in the history of its channel."""

    def __init__(self, connections: Connections, store: Store) -> None:
        super().__init__(connections, store)
        self._told: dict[str, dict[str, Any]] = {}
        self._gone: dict[str, dict[str, Any]] = {}
        """By message everything told of it, and by channel the last one deleted."""

    def tellings(self, telling: Telling) -> Iterable[Telling]:
        payload = telling.event.wire()
        if telling.event.name == "message_create":
            self._told[payload["message_id"]] = payload
        elif telling.event.name == "message_delete" and payload["message_id"] in self._told:
            self._gone[payload["channel_id"]] = self._told[payload["message_id"]]
        return (telling,)

    def rewritten(self, asked: Asked, answer: Answer) -> Answer:
        page = asked.at("GET", _HISTORY)
        gone = None if page is None else self._gone.get(page[1])
        if gone is None or answer.status != 200 or "before" in asked.query:
            return answer
        messages = sorted(
            [*answer.body["messages"], gone], key=lambda message: message["message_id"], reverse=True
        )
        return answer.saying({**answer.body, "messages": messages[: int(asked.query.get("limit", "20"))]})


class AcceptedRequestStays(Rewriting):
    """The newest friend request that a user accepted stays in what the user reads of requests."""

    def __init__(self, connections: Connections, store: Store) -> None:
        super().__init__(connections, store)
        self._asked: dict[str, dict[str, Any]] = {}
        self._accepted: dict[str, dict[str, Any]] = {}
        """Requests by their id, and by recipient the last one accepted."""

    def tellings(self, telling: Telling) -> Iterable[Telling]:
        payload = telling.event.wire()
        if telling.event.name == "friend_request_create":
            self._asked[payload["request_id"]] = payload
        elif telling.event.name == "friend_request_update" and payload["request_id"] in self._asked:
            self._accepted[telling.cause] = self._asked[payload["request_id"]]
        return (telling,)

    def rewritten(self, asked: Asked, answer: Answer) -> Answer:
        accepted = self._accepted.get(asked.user_id)
        if accepted is None or asked.at("GET", "/friends/requests") is None or answer.status != 200:
            return answer
        incoming = sorted(
            [accepted, *answer.body["incoming"]], key=lambda one: one["request_id"], reverse=True
        )
        return answer.saying({**answer.body, "incoming": incoming})


class OwnPermissionsKept(Rewriting):
    """A user's permissions in a channel are read once; changes show after a restart."""

    def __init__(self, connections: Connections, store: Store) -> None:
        super().__init__(connections, store)
        self._read: dict[tuple[str, ...], Any] = {}

    def rewritten(self, asked: Asked, answer: Answer) -> Answer:
        channel = asked.at("GET", "/guilds/*/channels/*/permissions/self")
        if channel is None or answer.status != 200:
            return answer
        return answer.saying(self._read.setdefault((asked.user_id, *channel), answer.body))


class PermissionsIgnoreOverrides(Rewriting):
    """A user's permissions in a channel are read as if nothing were overridden; what is checked is right."""

    def rewritten(self, asked: Asked, answer: Answer) -> Answer:
        channel = asked.at("GET", "/guilds/*/channels/*/permissions/self")
        guild = None if channel is None else asked.guild(channel[0])
        if guild is None or answer.status != 200:
            return answer
        effective = in_canonical_order(access.in_guild(guild, asked.user_id))
        return answer.saying({**answer.body, "permissions": effective})


class RolesAsBefore(Rewriting):
    """A new order of roles is read the other way round."""

    def __init__(self, connections: Connections, store: Store) -> None:
        super().__init__(connections, store)
        self._order: dict[str, list[str]] = {}

    def tellings(self, telling: Telling) -> Iterable[Telling]:
        if telling.event.name == "workspace_role_reorder" and telling.guild is not None:
            self._order[telling.guild.guild_id] = list(getattr(telling.event, "role_ids", ()))
        return (telling,)

    def rewritten(self, asked: Asked, answer: Answer) -> Answer:
        listed = asked.at("GET", "/guilds/*/roles")
        if listed is None or answer.status != 200:
            return answer
        wrong = {role_id: at for at, role_id in enumerate(self._order.get(listed[0], ()), start=1)}
        roles = [
            {**role, "position": wrong.get(role["role_id"], role["position"])}
            for role in answer.body["roles"]
        ]
        roles.sort(key=lambda role: -role["position"])
        return answer.saying({**answer.body, "roles": roles})


class ListIgnoresOverrides(Rewriting):
    """The list of channels shows what an override hides; history and delivery keep to it."""

    def rewritten(self, asked: Asked, answer: Answer) -> Answer:
        listed = asked.at("GET", "/guilds/*/channels")
        guild = None if listed is None else asked.guild(listed[0])
        if guild is None or answer.status != 200:
            return answer
        if "create_message" not in access.in_guild(guild, asked.user_id):
            return answer
        return answer.saying({"channels": [channel.shape().wire() for channel in guild.channels.values()]})


# --- pages


class PageSkips(Rewriting):
    """The second and each later page of members leaves out its first member."""

    def rewritten(self, asked: Asked, answer: Answer) -> Answer:
        if asked.at("GET", _MEMBERS) is None or answer.status != 200 or "cursor" not in asked.query:
            return answer
        return answer.saying({**answer.body, "members": answer.body["members"][1:]})


class PageRepeats(Rewriting):
    """A page of members begins with the last member of the page before."""

    def rewritten(self, asked: Asked, answer: Answer) -> Answer:
        page, cursor = asked.at("GET", _MEMBERS), asked.query.get("cursor")
        guild = None if page is None else asked.guild(page[0])
        if guild is None or answer.status != 200 or cursor not in guild.members:
            return answer
        again = {"user_id": cursor, "role_ids": list(guild.members[cursor].role_ids)}
        limit = int(asked.query.get("limit", "50"))
        return answer.saying({**answer.body, "members": [again, *answer.body["members"]][:limit]})


class PageTooLong(Rewriting):
    """A page of a channel's history holds one message more than was asked for."""

    def instead(self, asked: Asked) -> Answer | None:
        limit = asked.query.get("limit", "")
        if asked.at("GET", _HISTORY) is not None and limit.isdecimal() and 0 < int(limit) < 100:
            asked.ask({**asked.query, "limit": str(int(limit) + 1)})
        return None


class AuditNeverEnds(Rewriting):
    """The last page of an audit log leads on, to empty pages that lead on."""

    def rewritten(self, asked: Asked, answer: Answer) -> Answer:
        if asked.at("GET", "/guilds/*/audit") is None or answer.status != 200:
            return answer
        body = answer.body
        last = body["events"][-1]["audit_id"] if body["events"] else asked.query.get("cursor")
        return answer.saying({**body, "next_cursor": body["next_cursor"] or last})


class BeforeIgnored(Rewriting):
    """Every page of a channel's history is the newest one."""

    def instead(self, asked: Asked) -> Answer | None:
        if asked.at("GET", _HISTORY) is not None:
            asked.ask({name: value for name, value in asked.query.items() if name != "before"})
        return None


class HistoryLeavesOut(Rewriting):
    """Each later page of a channel's history leaves out its last message, and goes on behind it."""

    def rewritten(self, asked: Asked, answer: Answer) -> Answer:
        if asked.at("GET", _HISTORY) is None or answer.status != 200 or "before" not in asked.query:
            return answer
        return answer.saying({**answer.body, "messages": answer.body["messages"][:-1]})


class HistoryForgetsFormat(Rewriting):
    """A channel's history tells messages without their formatting."""

    def rewritten(self, asked: Asked, answer: Answer) -> Answer:
        if asked.at("GET", _HISTORY) is None or answer.status != 200:
            return answer
        messages = [{**message, "markdown_tokens": []} for message in answer.body["messages"]]
        return answer.saying({**answer.body, "messages": messages})


DEFECTIVE: Final[Mapping[str, type[Faithful]]] = {
    "kicked-still-listed": KickedStillListed,
    "deleted-still-read": DeletedStillRead,
    "accepted-request-stays": AcceptedRequestStays,
    "own-permissions-kept": OwnPermissionsKept,
    "permissions-ignore-overrides": PermissionsIgnoreOverrides,
    "role-order-reversed": RolesAsBefore,
    "list-ignores-overrides": ListIgnoresOverrides,
    "page-skips": PageSkips,
    "page-repeats": PageRepeats,
    "page-too-long": PageTooLong,
    "audit-never-ends": AuditNeverEnds,
    "before-ignored": BeforeIgnored,
    "history-leaves-out": HistoryLeavesOut,
    "history-forgets-format": HistoryForgetsFormat,
}
