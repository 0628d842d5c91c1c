"""The story with presence and voice: what a correct server says when people come, go, speak and fall silent.

Each step can be told wrongly: `to` names the connections that get an event, and the parts of an answer to a
subscribe can be sent one by one.
"""

from collections.abc import Iterable
from typing import Any

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.history import CommandSent, EndOfConnection
from sync_check.conformance.run import ScenarioResult
from sync_check.conformance.verdict import Finding
from tests.conformance.histories import FEATURES, NOW, user
from tests.conformance.stories import ACCEPTED, Story

LIVE = (*FEATURES, "presence", "voice", "overrides.permission", "channels.delete")
WINDOW_S = 1.0
LEFT = "voice_participant_leave"
ENDED = "voice_stream_unpublish"


class LiveStory(Story):
    """`present` are the connections that are present, by name, `voices` who is in the channel."""

    def __init__(self, *covers: str, features: tuple[str, ...] = LIVE) -> None:
        self.names: dict[int, str] = {}
        self.present: dict[str, list[int]] = {}
        self.voices: dict[str, dict[str, Any]] = {}
        self.streams: dict[str, list[str]] = {}
        super().__init__(*covers, declared=features, features=features)

    def judged(self) -> ScenarioResult:
        """The result after a last message and a settle."""
        self.post("ana", "the last one")
        self.close_scenario()
        return self.result()

    def later(self, seconds: float = 2 * WINDOW_S) -> None:
        """Let time go by."""
        self._at += round(seconds * 1_000_000)

    # --- coming

    def open(self, client: str, *, began: int | None = None, ready: bool = True) -> int:
        connection = super().open(client, began=began, ready=ready)
        self.names[connection] = client
        return connection

    def come(self, client: str) -> int:
        """One more connection of a member, subscribed."""
        connection = self.open(client)
        self.owners[connection] = client
        self.subscribed.append(connection)
        self.subscribe(connection, self.guild, self.channel)
        return connection

    def subscribe(self, connection: int, guild: str, channel: str, *, confirmed: bool = True) -> None:
        self.ask(connection, guild, channel)
        if confirmed:
            self.list_online(connection)
            self.enter(connection)
            self.confirm(connection)
            self.list_voices(connection)

    def ask(self, connection: int, guild: str | None = None, channel: str | None = None) -> None:
        place = {"guild_id": guild or self.guild, "channel_id": channel or self.channel}
        self.add(CommandSent(at=self.now(), connection=connection, command="subscribe", arguments=place))

    def list_online(self, connection: int, names: Iterable[str] | None = None) -> None:
        """Who is online, the subscriber included."""
        online = {*self.present, self.names[connection]} if names is None else names
        listed = [user(name) for name in sorted(online)] if names is None else [user(name) for name in online]
        self.frame(connection, "presence_sync", {"guild_id": self.guild, "user_ids": listed})

    def enter(self, connection: int, to: Iterable[int] | None = None) -> None:
        """The connection is present; if it is its user's first, all who are there are told."""
        name = self.names[connection]
        is_first = name not in self.present
        self.present.setdefault(name, [])
        if connection not in self.present[name]:
            self.present[name].append(connection)
        if is_first:
            self.tell(name, "online", to)

    def tell(self, name: str, status: str, to: Iterable[int] | None = None) -> None:
        there = [connection for connections in self.present.values() for connection in connections]
        update = {"guild_id": self.guild, "user_id": user(name), "status": status}
        self.frames(sorted(there) if to is None else to, "presence_update", update)

    def confirm(self, connection: int) -> None:
        self.frame(connection, "subscribed", self.place)

    def list_voices(self, connection: int, participants: Iterable[dict[str, Any]] | None = None) -> None:
        listed = list(self.voices.values() if participants is None else participants)
        self.frame(
            connection,
            "voice_participant_sync",
            {**self.place, "participants": listed, "synced_at_unix": NOW},
        )

    # --- going

    def leave(
        self,
        connection: int,
        to: Iterable[int] | None = None,
        how: EndOfConnection = EndOfConnection.CLOSED_BY_US,
    ) -> None:
        """The connection ends; `to` are those who are told if it was its user's last."""
        name = self.names[connection]
        self.close(connection, how)
        self.owners.pop(connection, None)
        self.subscribed = [one for one in self.subscribed if one != connection]
        self.present[name].remove(connection)
        if not self.present[name]:
            del self.present[name]
            if name in self.voices:
                self.depart(name, to)
            self.tell(name, "offline", to)

    def kick(
        self,
        actor: str,
        member: str,
        to: Iterable[int] | None = None,
        *,
        stop: bool = True,
        departs: bool = True,
        offline: bool = True,
    ) -> int:
        """A removal, the departure that it causes, and `offline`."""
        op = self.invoke_kick(member, actor)
        self.finish_kick(op, member, to, departs=departs, offline=offline)
        return op

    def invoke_kick(self, member: str, actor: str = "ana") -> int:
        return self.invoke(actor, ops.KickMember(guild_id=self.guild, user_id=user(member)))

    def finish_kick(
        self,
        op: int,
        member: str,
        to: Iterable[int] | None = None,
        *,
        departs: bool = True,
        offline: bool = False,
    ) -> None:
        self.frames(self._hearers(to), "workspace_member_remove", self.removal(member))
        del self.present[member]
        self.subscribed = [one for one in self.subscribed if self.owners[one] != member]
        if departs and member in self.voices:
            self.depart(member)
        if offline:
            self.tell(member, "offline")
        self.answer(op, 200, ACCEPTED)
        del self.roles[member]

    # --- voice

    def participant(self, name: str, **flags: Any) -> dict[str, Any]:
        return {
            "user_id": user(name),
            "identity": f"{name}-here",
            "joined_at_unix": NOW,
            "updated_at_unix": NOW,
            "is_muted": False,
            "is_deafened": False,
            "is_speaking": False,
            "is_video_enabled": False,
            "is_screen_share_enabled": False,
        } | flags

    def of(self, name: str, **further: Any) -> dict[str, Any]:
        """The members that all events about a participant share."""
        return {**self.place, "user_id": user(name), "identity": f"{name}-here", **further}

    def granted(self, name: str, *sources: str) -> dict[str, Any]:
        return {
            "token": f"⟦secret:voice_token:{name}:1⟧",
            "livekit_url": "wss://media.invalid",
            "room": "room",
            "identity": f"{name}-here",
            "can_publish": bool(sources),
            "can_subscribe": False,
            "publish_sources": list(sources),
            "expires_in_secs": 300,
        }

    def token(self, name: str, *sources: str, to: Iterable[int] | None = None) -> int:
        """A token for these sources, the microphone where none is named."""
        wanted = list(sources) or ["microphone"]
        hearers = self._hearers(to)
        op = self.invoke(name, ops.IssueVoiceToken(**self.place, publish_sources=list(sources) or None))
        if name in self.voices:
            update = {"updated_fields": {"is_video_enabled": "camera" in wanted}, "updated_at_unix": NOW}
            self.frames(hearers, "voice_participant_update", self.of(name, **update))
        else:
            self.voices[name] = self.participant(name)
            joined = {**self.place, "participant": self.voices[name]}
            self.frames(hearers, "voice_participant_join", joined)
        former = self.streams.get(name, [])
        for stream in former:
            if stream not in wanted:
                self.end_stream(name, stream, hearers)
        for stream in wanted:
            if stream not in former:
                published = self.of(name, stream=stream, published_at_unix=NOW)
                self.frames(hearers, "voice_stream_publish", published)
        self.streams[name] = wanted
        self.answer(op, 200, self.granted(name, *wanted))
        return op

    def state(self, name: str, to: Iterable[int] | None = None, *, at: int = NOW, **flags: bool) -> int:
        """The flags are told as they are asked for."""
        op = self.invoke(name, ops.UpdateVoiceState.model_validate({**self.place, **flags}))
        self.tell_state(name, to, at=at, **flags)
        self.answer(op, 204)
        return op

    def tell_state(self, name: str, to: Iterable[int] | None = None, *, at: int = NOW, **flags: bool) -> None:
        self.voices[name] = self.voices[name] | flags | {"updated_at_unix": at}
        update = self.of(name, updated_fields=flags, updated_at_unix=at)
        self.frames(self._hearers(to), "voice_participant_update", update)

    def go(self, name: str, to: Iterable[int] | None = None) -> int:
        """A participant leaves by request."""
        op = self.invoke(name, ops.LeaveVoice(**self.place))
        if name in self.voices:
            self.depart(name, to)
        self.answer(op, 204)
        return op

    def depart(self, name: str, to: Iterable[int] | None = None) -> None:
        hearers = self._hearers(to)
        for stream in self.streams.pop(name):
            self.end_stream(name, stream, hearers)
        self.end_voice(name, hearers)

    def end_stream(self, name: str, stream: str, to: Iterable[int] | None = None) -> None:
        self.frames(self._hearers(to), ENDED, self.of(name, stream=stream, unpublished_at_unix=NOW))

    def end_voice(self, name: str, to: Iterable[int] | None = None) -> None:
        del self.voices[name]
        self.frames(self._hearers(to), LEFT, self.of(name, left_at_unix=NOW))


def findings(result: ScenarioResult, judge: str) -> list[tuple[str, str | None]]:
    """What one judge found: requirement and client."""
    return [(found.requirement, found.client) for found in result.findings if found.judge == judge]


def only_of(result: ScenarioResult, judge: str) -> Finding:
    """The one finding of a judge."""
    found = [finding for finding in result.findings if finding.judge == judge]
    assert len(found) == 1, [finding.message for finding in found]
    return found[0]
