"""Programs with an observer: somebody who may not know something, a frame that makes it so, and random steps.

The frame comes first. Then there are steps of all kinds, many of them about what is hidden; the observer
looks and pries among them, and reads everything at the end. No two steps are sent at the same time.
"""

import base64
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from hypothesis import strategies as st

from sync_check.conformance.contract.features import Feature
from sync_check.harness.explorer import program as special
from sync_check.harness.explorer.draft import Draft, Kind
from sync_check.harness.explorer.generation import swarm
from sync_check.harness.explorer.kinds import (
    connections,
    credentials,
    guilds,
    kinds_of,
    limits,
    odd,
    outages,
    people,
)
from sync_check.harness.explorer.kinds.content import posts
from sync_check.harness.explorer.kinds.guilds import removals
from sync_check.harness.explorer.kinds.people import friends
from sync_check.harness.explorer.program import Program, Step
from sync_check.harness.explorer.scope import Condition, Scope
from sync_check.harness.images import PNG, png

_OWNER: Final = "u0"
_OBSERVER: Final = "u1"
_INSIDER: Final = "u2"
_STRANGER: Final = "s0"
_JOINER: Final = "s1"
_OPEN: Final = "c0"
_HIDDEN: Final = "c1"
_MEMBERS: Final = 4
_STRANGERS: Final = 2
_GUILD: Final[Mapping[str, Any]] = {"guild_id": "$g"}
_DENIED: Final[Mapping[str, Any]] = {"allow": [], "deny": ["create_message"]}
_ALLOWED: Final[Mapping[str, Any]] = {"allow": ["create_message"], "deny": []}
_SHORT_S: Final = 60
_REACTIONS: Final = ("add_reaction", "remove_reaction")
_ALIKE: Final = (special.SUBSCRIBE, special.SAY, *_REACTIONS)
"""What treats a member alike whether a channel is hidden or unknown (LEAK-SUB-1, BAD-7, contract 2.5)."""
_UNSUITED: Final = (
    *(connections.stalls, outages.vanishings, odd.pings),
    *(people.accounts, credentials.credentials, credentials.expired),
    *(people.guilds, guilds.newcomers, limits.limits),
)
"""Who takes nothing is waited for by nobody, so it says nothing; who pings waits; of sessions the model does
not say who may know; a workspace more is nobody's secret; whoever lets people in lets the observer in; and
what lies at a limit has no other value of another length."""
_FIRST_NAME: Final = 10
"""So that what is made is not called like what is given."""


class Observer(StrEnum):
    """Who observes, and what they may not know."""

    STRANGER = "stranger"
    """Somebody in nothing: the whole guild."""
    SHUT_OUT = "shut-out"
    """A member without access to one channel: what goes on there, and whether there is one."""
    REMOVED = "removed"
    """Who was kicked, was banned or left: everything in the guild since."""
    MEMBER = "member"
    """An ordinary member: managers' business, such as IP bans, and the managers' channel."""
    BYSTANDER = "bystander"
    """Somebody with friends: other people's friendships."""


WORDS: Final[Mapping[Observer, str]] = {
    Observer.STRANGER: "a stranger",
    Observer.SHUT_OUT: "a member who is shut out of a channel",
    Observer.REMOVED: "a former member",
    Observer.MEMBER: "an ordinary member",
    Observer.BYSTANDER: "a user who is no party to a friend request",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """A program, and by which name of it who observes."""

    program: Program
    observer: Observer
    name: str


@dataclass(slots=True, kw_only=True)
class _Frame:
    """What comes before the random steps: `hidden` is the channel that the observer may not know.

    `heavy` are kinds of steps that are drawn more often.
    """

    name: str
    steps: list[Step] = field(default_factory=list)
    hidden: str = _HIDDEN
    unheard: bool = False
    """Whether the observer never learnt that there is the hidden channel."""
    heavy: list[Kind] = field(default_factory=list)

    def add(
        self, by: str, do: str, args: Mapping[str, Any] | None = None, *, makes: str | None = None
    ) -> None:
        self.steps.append(Step(by=by, do=do, args={**_GUILD, **(args or {})}, makes=makes))

    def hide(self, channel: str) -> None:
        """Nobody but the owner and one insider has access to it any more, and its name is another one."""
        place = {"channel_id": f"${channel}"}
        everyone = {"target_kind": "role", "target_id": "$everyone"}
        insider = {"target_kind": "member", "target_id": f"${_INSIDER}"}
        self.hidden = channel
        self.add(_OWNER, "override_permission", {**place, **everyone, **_DENIED})
        self.add(_OWNER, "override_permission", {**place, **insider, **_ALLOWED})
        self.add(_OWNER, "update_channel", {**place, "channel_name": "~hidden"})
        self.listen(_INSIDER, channel)

    def listen(self, who: str, channel: str) -> None:
        """Somebody subscribes to a channel."""
        step = Step(by=who, do=special.SUBSCRIBE, args={"channel_id": f"${channel}"})
        self.steps.append(step)


def _stranger(_draft: Draft) -> _Frame:
    return _Frame(name=_STRANGER)


def _shut_out(draft: Draft) -> _Frame:
    if draft.chance(50):
        frame = _Frame(name=_OBSERVER)
        frame.hide(_HIDDEN)
        return frame
    # Who comes later has never heard of the channel, so that even that there is one is a secret.
    frame = _Frame(name=_STRANGER, unheard=True)
    frame.add(_OWNER, "create_channel", {"channel_name": "~new"}, makes="h")
    frame.hide("h")
    frame.add(_OWNER, "add_member", {"user_id": f"${_STRANGER}"})
    frame.listen(_STRANGER, _OPEN)
    return frame


def _removed(draft: Draft) -> _Frame:
    frame = _Frame(name=_OBSERVER)
    do = draft.one(("kick_member", "ban_member", "leave_guild"))
    if do == "leave_guild":
        frame.add(_OBSERVER, do)
    else:
        frame.add(_OWNER, do, {"user_id": f"${_OBSERVER}"})
    return frame


def _member(_draft: Draft) -> _Frame:
    frame = _Frame(name=_OBSERVER, heavy=[_bans_of_addresses, _bans_of_addresses, removals])
    frame.add(_OWNER, "change_member_role", {"user_id": f"${_INSIDER}", "role": "moderator"})
    # Whoever joins shows an address, which can then be banned.
    frame.add(_OWNER, "update_guild", {"visibility": "public"})
    frame.add(_JOINER, "join_guild")
    frame.add(_OWNER, "update_guild", {"visibility": "private"})
    frame.hide(_HIDDEN)
    return frame


def _bystander(draft: Draft) -> _Frame:
    return _Frame(name=draft.one((_OBSERVER, _STRANGER)), heavy=[friends, friends, friends])


_FRAMES: Final[Mapping[Observer, Callable[[Draft], _Frame]]] = {
    Observer.STRANGER: _stranger,
    Observer.SHUT_OUT: _shut_out,
    Observer.REMOVED: _removed,
    Observer.MEMBER: _member,
    Observer.BYSTANDER: _bystander,
}


def answers_alike(step: Step, *, as_member: bool) -> bool:
    """Whether the observer's step gets the same answer whether or not a channel that it names exists.

    Below a guild a non-member gets 403 whatever is named, but for voice state and leave (REST-5).
    """
    return step.do in _ALIKE if as_member else step.do not in ("update_voice_state", "leave_voice")


# --- kinds of steps


def _bans_of_addresses(draft: Draft) -> None:
    """By a manager, of whoever joined; sometimes lifted, or for a short time."""
    by = draft.one((_OWNER, _OWNER, _INSIDER))
    if draft.bans and draft.chance(40):
        draft.add("remove_ip_ban", {**_GUILD, "ban_id": f"${draft.one(draft.bans)}"}, by=by)
        return
    ban = draft.new("b")
    args: dict[str, Any] = {**_GUILD, "target_user_id": f"${_JOINER}", "reason": "~rude"}
    if draft.chance(30):
        args["expires_in_secs"] = _SHORT_S
    draft.add("ban_addresses_of", args, by=by, makes=ban)
    draft.bans.append(ban)


def _inside(channel: str) -> Kind:
    """Something happens in a channel, done by somebody who has access to it."""

    def add(draft: Draft) -> None:
        by = draft.one((_OWNER, _INSIDER))
        place = {**_GUILD, "channel_id": f"${channel}"}
        written = [message for at, message in draft.messages if at == channel]
        do = draft.one(_DOINGS if written else _BEGINNINGS)
        if do in _ON_MESSAGES:
            place["message_id"] = f"${draft.one(written[-3:])}"
        made = _MADE.get(do)
        makes = None if made is None else draft.new(made)
        draft.add(do, {**place, **_ARGUMENTS.get(do, {})}, by=by, makes=makes)
        if do == "create_message" and makes is not None:
            draft.messages.append((channel, makes))
        elif do == "upload_attachment" and makes is not None:
            draft.files.append((channel, makes))

    return add


_BEGINNINGS: Final = (
    "create_message",
    "create_message",
    "upload_attachment",
    "update_channel",
    "issue_voice_token",
)
_ON_MESSAGES: Final = ("edit_message", "add_reaction", "remove_reaction", "delete_message")
_DOINGS: Final = (*_BEGINNINGS, *_ON_MESSAGES)
_MADE: Final[Mapping[str, str]] = {"create_message": "m", "upload_attachment": "a"}
_ARGUMENTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "create_message": {"content": "~text"},
    "edit_message": {"content": "~again"},
    "add_reaction": {"emoji": "tea"},
    "remove_reaction": {"emoji": "tea"},
    "update_channel": {"channel_name": "~other"},
    "upload_attachment": {
        "content_type": PNG,
        "data": base64.b64encode(png("inside")).decode(),
        "filename": "~file",
    },
}


def _looks(name: str, hidden: str) -> Kind:
    """The observer reads something, or tries to learn of what is hidden."""

    def add(draft: Draft) -> None:
        do, args = draft.one([*_reads(name), *_tries(hidden)])
        draft.add(do, args, by=name)

    return add


def _reads(name: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every read that there is, of what the observer may know and of what they may be refused."""
    place = {**_GUILD, "channel_id": f"${_OPEN}"}
    yield from (
        ("list_guilds", {}),
        ("list_public_guilds", {}),
        ("list_friends", {}),
        ("list_friend_requests", {}),
    )
    for do in ("list_channels", "list_members", "list_roles", "read_audit", "list_ip_bans"):
        yield do, _GUILD
    yield "history", place
    yield "own_permissions", place
    for word in ("text", "hidden"):
        yield "search", {**_GUILD, "q": word}
    yield "look_up_users", {"user_ids": [f"${_OWNER}", f"${_INSIDER}", f"${name}"]}
    yield "read_profile", {"user_id": f"${_INSIDER}"}


def _tries(hidden: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """What answers alike whether a channel is hidden or does not exist, to members as well."""
    place = {"channel_id": f"${hidden}"}
    yield special.SUBSCRIBE, place
    for do in _REACTIONS:
        yield do, {**_GUILD, **place, "message_id": "$g", "emoji": "tea"}


# --- programs


@st.composite
def watched_programs(draw: Any, *, features: frozenset[Feature], steps: int, observer: Observer) -> Watched:
    """Programs of a frame, `steps` random steps, and a last look around."""
    draft = Draft(draw, members=_MEMBERS, strangers=_STRANGERS, features=features, count=_FIRST_NAME)
    frame = _FRAMES[observer](draft)
    # What is hidden is drawn as often as all the rest.
    draft.channels = [_OPEN, frame.hidden]
    looks, inside = _looks(frame.name, frame.hidden), _inside(frame.hidden)
    scope = Scope(features=features, conditions=frozenset((Condition.VIRTUAL,)))
    kinds = [kind for kind in kinds_of(scope) if kind not in _UNSUITED]
    in_play = [posts, inside, inside, looks, *frame.heavy, *swarm(draft, kinds)]
    while len(draft.steps) < steps:
        draft.one(in_play)(draft)
    # Whoever speaks where they may not is cut off, so that comes last.
    speaks = (special.SAY, {"channel_id": f"${frame.hidden}", "content": "~text"})
    looked = (*_reads(frame.name), *_tries(frame.hidden), speaks)
    last = [Step(by=frame.name, do=do, args=args) for do, args in looked]
    drawn = [_alone(step) for step in draft.steps[:steps] if _fits(step, frame, observer)]
    program = Program(members=_MEMBERS, strangers=_STRANGERS, channels=2, steps=(*frame.steps, *drawn, *last))
    return Watched(program=program.closed(), observer=observer, name=frame.name)


def _alone(step: Step) -> Step:
    return step.model_copy(update={"beside": False})


def _fits(step: Step, frame: _Frame, observer: Observer) -> bool:
    """Whether a step leaves secret what is: nobody lets the observer in, or asks for it by name."""
    if frame.unheard and frame.hidden in step.uses and step.do != special.SAY:
        return step.do != "reorder_channels" and (step.by != frame.name or step.do in _ALIKE)
    if step.do == "metrics":
        return False  # its counters are of the whole process, which anybody may know
    if step.do == special.SAY and step.by != frame.name:
        return False  # what somebody else says by command is known to the model only once it is shown
    about = step.args.get("user_id") == f"${frame.name}"
    if about and step.do in ("change_member_role", "assign_role"):
        return False
    if observer not in (Observer.STRANGER, Observer.REMOVED):
        return True
    return not (about and step.do == "add_member") and step.args.get("visibility") != "public"
