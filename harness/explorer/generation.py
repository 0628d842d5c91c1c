"""Draws programs. What there is is kept track of as if every step succeeded, so that names mean something.

Hypothesis draws; it neither runs nor shrinks anything here. Each program has a random subset of the kinds of
steps in play (swarm testing), so that long runs of one kind appear.
"""

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, TypeVar

from hypothesis import strategies as st

from sync_check.conformance.contract.features import Feature
from sync_check.conformance.contract.permissions import CANONICAL_ORDER
from sync_check.harness.explorer import program as special
from sync_check.harness.explorer.program import Program, Step
from sync_check.harness.images import PNG, png

_Thing = TypeVar("_Thing")
_UNKNOWN: Final = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
_MALFORMED: Final = "not-an-id"
_EMOJI: Final = ("tea", "🍵", "a b", "x" * 33)
_ACCESS: Final = "create_message"
_TOO_LONG: Final = 2001
_LEAST_KINDS: Final = 4


class Draw(Protocol):
    def __call__(self, strategy: st.SearchStrategy[_Thing]) -> _Thing: ...


@dataclass(slots=True)
class Draft:
    """The program so far: its steps, and the names that later ones can use."""

    draw: Draw
    members: int
    strangers: int
    steps: list[Step] = field(default_factory=list)
    channels: list[str] = field(default_factory=list)
    messages: list[tuple[str, str]] = field(default_factory=list)
    roles: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    files: list[tuple[str, str]] = field(default_factory=list)
    bans: list[str] = field(default_factory=list)
    count: int = 0

    # --- chance

    def one(self, things: Sequence[_Thing]) -> _Thing:
        return self.draw(st.sampled_from(things))

    def chance(self, percent: int) -> bool:
        return self.draw(st.integers(0, 99)) < percent

    def some(self, things: Sequence[_Thing], most: int) -> list[_Thing]:
        drawn: list[_Thing] = self.draw(
            st.lists(st.sampled_from(things), max_size=most, unique_by=str) if things else st.just([])
        )
        return drawn

    # --- names

    def new(self, letter: str) -> str:
        self.count += 1
        return f"{letter}{self.count}"

    def name(self) -> str:
        self.count += 1
        return f"name{self.count}"

    def known(self, names: Sequence[str]) -> str:
        """A reference to one of the names; now and then, or if there is none, to nothing."""
        if not names or self.chance(3):
            return self.one((_UNKNOWN, _MALFORMED))
        return f"${self.one(names)}"

    def person(self) -> str:
        return self.one([*(f"u{n}" for n in range(self.members)), *(f"s{n}" for n in range(self.strangers))])

    def actor(self) -> str:
        """Who acts: the owner somewhat more often, because that has an effect."""
        return "u0" if self.chance(25) else self.person()

    def user(self) -> str:
        return f"${self.person()}"

    def role(self) -> str:
        return self.known([*self.roles, "member", "moderator", "everyone", "owner"])

    def place(self) -> dict[str, Any]:
        return {"guild_id": "$g", "channel_id": self.known(self.channels)}

    def message(self) -> dict[str, Any]:
        if not self.messages or self.chance(4):
            return {**self.place(), "message_id": self.one((_UNKNOWN, _MALFORMED))}
        channel, message = self.one(self.messages[-4:])
        return {"guild_id": "$g", "channel_id": f"${channel}", "message_id": f"${message}"}

    def permissions(self, most: int) -> list[str]:
        return self.some(CANONICAL_ORDER, most)

    # --- steps

    def add(
        self, do: str, args: Mapping[str, Any], *, by: str | None = None, makes: str | None = None
    ) -> None:
        actor = by or self.actor()
        beside = self.chance(12) and self.may_be_beside(actor)
        self.steps.append(Step(by=actor, do=do, args=dict(args), makes=makes, beside=beside))

    def may_be_beside(self, actor: str) -> bool:
        """Nobody does two things at the same time: their order could not be told by anybody."""
        for step in reversed(self.steps):
            if step.by == actor:
                return False
            if not step.beside:
                return True
        return False


# --- kinds of steps

Kind = Callable[[Draft], None]
"""Adds a step of its kind to a draft."""


def posts(draft: Draft) -> None:
    place = draft.place()
    text = draft.one(("~text", "~text", "~text", "", "x" * _TOO_LONG))
    message = draft.new("m")
    args: dict[str, Any] = {**place, "content": text}
    if draft.files and draft.chance(30):
        channel, attachment = draft.one(draft.files)
        args |= {"channel_id": f"${channel}", "attachment_ids": [f"${attachment}"]}
    draft.add("create_message", args, makes=message)
    channel = str(args["channel_id"])
    if text.startswith(special.SECRET) and channel.startswith(special.REFERENCE):
        draft.messages.append((channel[1:], message))


def _messages(draft: Draft) -> None:
    message = draft.message()
    if draft.chance(60):
        draft.add("edit_message", {**message, "content": draft.one(("~again", "~again", "same", ""))})
    else:
        draft.add("delete_message", message)


def _reactions(draft: Draft) -> None:
    do = draft.one(("add_reaction", "add_reaction", "remove_reaction"))
    draft.add(do, {**draft.message(), "emoji": draft.one(_EMOJI)})


def _channels(draft: Draft) -> None:
    match draft.one(("create", "update", "update", "reorder", "delete")):
        case "create":
            channel = draft.new("c")
            args = {"guild_id": "$g", "channel_name": "~new"}
            kind = draft.one((None, "voice", "text"))
            draft.add("create_channel", args | ({"kind": kind} if kind else {}), makes=channel)
            draft.channels.append(channel)
        case "update":
            draft.add("update_channel", {**draft.place(), "channel_name": "~other"})
        case "reorder":
            named = [f"${channel}" for channel in draft.some(draft.channels, 4)]
            draft.add("reorder_channels", {"guild_id": "$g", "channel_ids": named})
        case _:
            if len(draft.channels) > 1:
                draft.add("delete_channel", draft.place())


def _workspace(draft: Draft) -> None:
    fields: dict[str, Any] = draft.one(
        (
            {"guild_name": "~room"},
            {"visibility": "public"},
            {"visibility": "private"},
            {"guild_name": "x" * 65},
            {},
        )
    )
    draft.add("update_guild", {"guild_id": "$g", **fields})


def _members(draft: Draft) -> None:
    do = draft.one(("change_member_role", "change_member_role", "add_member", "add_member", "join_guild"))
    args: dict[str, Any] = {"guild_id": "$g"}
    if do != "join_guild":
        args["user_id"] = draft.user()
    if do == "change_member_role":
        args["role"] = draft.one(("moderator", "moderator", "member", "owner"))
    draft.add(do, args)


def removals(draft: Draft) -> None:
    do = draft.one(("kick_member", "kick_member", "ban_member", "leave_guild", "lift_ban"))
    draft.add(do, {"guild_id": "$g"} | ({} if do == "leave_guild" else {"user_id": draft.user()}))


def _roles(draft: Draft) -> None:
    match draft.one(("create", "update", "update", "delete", "reorder", "default")):
        case "create":
            role = draft.new("r")
            args: dict[str, Any] = {
                "guild_id": "$g",
                "role_name": draft.name(),
                "permissions": draft.permissions(3),
            }
            position = draft.one((None, None, 1, 50, 99, 100))
            draft.add("create_role", args | ({} if position is None else {"position": position}), makes=role)
            draft.roles.append(role)
        case "update":
            fields: dict[str, Any] = draft.one(
                ({"role_name": draft.name()}, {"permissions": draft.permissions(4)}, {"color_hex": "#a1b2c3"})
            )
            draft.add("update_role", {"guild_id": "$g", "role_id": draft.role(), **fields})
        case "delete":
            draft.add("delete_role", {"guild_id": "$g", "role_id": draft.role()})
        case "reorder":
            named = [f"${role}" for role in draft.some([*draft.roles, "moderator", "member"], 4)]
            draft.add("reorder_roles", {"guild_id": "$g", "role_ids": named})
        case _:
            draft.add("set_default_role", {"guild_id": "$g", "role_id": draft.role()})


def _assignments(draft: Draft) -> None:
    do = draft.one(("assign_role", "assign_role", "unassign_role"))
    draft.add(do, {"guild_id": "$g", "role_id": draft.role(), "user_id": draft.user()})


def _overrides(draft: Draft) -> None:
    """Access above all: given, taken, and given back."""
    lists: dict[str, list[str]] = draft.one(
        (
            {"allow": [_ACCESS], "deny": []},
            {"allow": [], "deny": [_ACCESS]},
            {"allow": [], "deny": [_ACCESS]},
            {"allow": [], "deny": []},
            {"allow": draft.permissions(2), "deny": []},
        )
    )
    if draft.chance(25):
        role = draft.one(("owner", "moderator", "member"))
        draft.add("override_role", {**draft.place(), "role": role, **lists})
        return
    kind = draft.one(("role", "member"))
    target = draft.role() if kind == "role" else draft.user()
    draft.add("override_permission", {**draft.place(), "target_kind": kind, "target_id": target, **lists})


def _profiles(draft: Draft) -> None:
    fields: dict[str, Any] = draft.one(({"about_markdown": draft.name()}, {"about_markdown": ""}, {}))
    draft.add("update_profile", fields)


def _images(draft: Draft) -> None:
    data = draft.one((png("a"), png("b"), b"no picture", b""))
    do = draft.one(("upload_avatar", "upload_banner"))
    draft.add(do, {"content_type": PNG, "data": base64.b64encode(data).decode()})


def friends(draft: Draft) -> None:
    if not draft.requests or draft.chance(40):
        request = draft.new("q")
        draft.add("request_friend", {"recipient_user_id": draft.user()}, makes=request)
        draft.requests.append(request)
        return
    do = draft.one(("accept_friend", "accept_friend", "delete_friend_request", "remove_friend"))
    if do == "remove_friend":
        draft.add(do, {"user_id": draft.user()})
    else:
        draft.add(do, {"request_id": draft.known(draft.requests)})


def _files(draft: Draft) -> None:
    place = draft.place()
    channel = str(place["channel_id"])
    if draft.files and draft.chance(35):
        at, attachment = draft.one(draft.files)
        do = draft.one(("read_attachment", "delete_attachment"))
        draft.add(do, {"guild_id": "$g", "channel_id": f"${at}", "attachment_id": f"${attachment}"})
        return
    attachment = draft.new("a")
    data = base64.b64encode(png(attachment)).decode()
    draft.add("upload_attachment", {**place, "content_type": PNG, "data": data}, makes=attachment)
    if channel.startswith(special.REFERENCE):
        draft.files.append((channel[1:], attachment))


def _voice(draft: Draft) -> None:
    place = draft.place()
    match draft.one(("token", "token", "state", "leave")):
        case "token":
            sources = draft.one((None, ["microphone", "camera"], ["screen_share"]))
            draft.add("issue_voice_token", place | ({"publish_sources": sources} if sources else {}))
        case "state":
            flags = draft.one(({"is_muted": True}, {"is_muted": False, "is_deafened": True}, {}))
            draft.add("update_voice_state", {**place, **flags})
        case _:
            draft.add("leave_voice", place)


def _connections(draft: Draft) -> None:
    do = draft.one((special.CONNECT, special.DISCONNECT, special.SUBSCRIBE, special.SUBSCRIBE))
    # A malformed id would end the connection (BAD-4).
    channel = draft.one([*(f"${channel}" for channel in draft.channels), _UNKNOWN])
    args = {"channel_id": channel} if do == special.SUBSCRIBE else {}
    draft.add(do, args, by=draft.person())


def _commands(draft: Draft) -> None:
    for _ in range(draft.one((1, 1, 2))):
        draft.add(special.SAY, {"channel_id": f"${draft.one(draft.channels)}", "content": "~said"})


def _access_games(draft: Draft) -> None:
    """One who is let out and in again, while the others talk."""
    user, channel = draft.user(), draft.one(draft.channels)
    place = {"guild_id": "$g", "channel_id": f"${channel}"}
    target = {"target_kind": "member", "target_id": user}
    draft.add("override_permission", {**place, **target, "allow": [], "deny": [_ACCESS]}, by="u0")
    if draft.chance(50):
        draft.add("create_message", {**place, "content": "~behind your back"}, by="u0")
    draft.add("override_permission", {**place, **target, "allow": [], "deny": []}, by="u0")
    draft.add("create_message", {**place, "content": "~welcome back"}, by="u0")


def _reads(draft: Draft) -> None:
    do = draft.one(
        ("history", "history", "list_channels", "list_members", "list_roles", "own_permissions", "read_audit")
    )
    place = draft.place()
    draft.add(do, place if do in ("history", "own_permissions") else {"guild_id": "$g"})


def _searches(draft: Draft) -> None:
    draft.add("search", {"guild_id": "$g", "q": draft.one(("text", "again", "name1"))})


def _pauses(draft: Draft) -> None:
    draft.add(special.PAUSE, {"seconds": draft.one((1, 2, 61, 301))}, by="u0")


_KINDS: Final[Mapping[Kind, Feature | None]] = {
    _messages: Feature.MESSAGES,
    _reactions: Feature.REACTIONS,
    _channels: Feature.CHANNELS_CREATE,
    _workspace: Feature.WORKSPACE_UPDATE,
    _members: Feature.MEMBERS,
    removals: Feature.MEMBERS,
    _roles: Feature.ROLES,
    _assignments: Feature.ROLES,
    _overrides: Feature.OVERRIDES_PERMISSION,
    _profiles: Feature.PROFILE,
    _images: Feature.PROFILE_AVATAR,
    friends: Feature.FRIENDS,
    _files: Feature.ATTACHMENTS,
    _voice: Feature.VOICE,
    _connections: None,
    _commands: Feature.MESSAGES,
    _access_games: Feature.OVERRIDES_PERMISSION,
    _reads: None,
    _searches: Feature.SEARCH,
}
"""The kinds of steps, and the feature without which there is no point in one."""


def kinds_of(features: frozenset[Feature], *, pauses: bool = False) -> list[Kind]:
    """The kinds of steps that a target with these features can be asked for."""
    kinds = [kind for kind, feature in _KINDS.items() if feature in (None, *features)]
    return [*kinds, _pauses] if pauses else kinds


def swarm(draft: Draft, kinds: list[Kind]) -> list[Kind]:
    """A random subset of them, or all where it would be small."""
    chosen = draft.some(list(range(len(kinds))), len(kinds))
    return [kinds[number] for number in sorted(chosen)] if len(chosen) >= _LEAST_KINDS else kinds


@st.composite
def programs(draw: Any, *, features: frozenset[Feature], steps: int, pauses: bool = False) -> Program:
    """Programs of up to `steps` steps for a target with these features.

    `pauses` are for virtual time, where they cost nothing.
    """
    draft = Draft(draw, members=draw(st.integers(3, 5)), strangers=draw(st.integers(1, 2)))
    channels = draw(st.integers(1, 3))
    draft.channels = [f"c{number}" for number in range(channels)]
    kinds = kinds_of(features, pauses=pauses)
    # Without messages there is nothing to see of access, so these are always in play.
    in_play = [posts, *swarm(draft, kinds)]
    while len(draft.steps) < steps:
        draft.one(in_play)(draft)
    return Program(
        members=draft.members, strangers=draft.strangers, channels=channels, steps=tuple(draft.steps[:steps])
    ).closed()
