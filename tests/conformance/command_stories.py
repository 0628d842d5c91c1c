"""The story in which clients speak by command: what a correct server says of `message_create`, and does.

Nothing acknowledges a command. `bound` shows that it was over: a later subscribe is answered.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.history import ConnectionEnded, EndOfConnection, Purpose
from sync_check.conformance.run import ScenarioResult
from tests.conformance.histories import user
from tests.conformance.stories import Story


class CommandStory(Story):
    """`said` are author and text by the number of the command, `made` the messages that are stored."""

    def __init__(self, *covers: str) -> None:
        super().__init__(*covers)
        self.said: dict[int, tuple[str, str]] = {}
        self.made: dict[int, dict[str, Any]] = {}

    def judged(self) -> ScenarioResult:
        """The result after a last message and a settle."""
        self.post("ana", "the last one")
        self.close_scenario()
        return self.result()

    def speak(self, connection: int, text: str, **place: str) -> int:
        """A `message_create` goes out; returns the number of what it asks for."""
        op = self.send(connection, ops.SendMessage(**{**self.place, **place}, content=text))
        self.said[op] = self.owners[connection], text
        return op

    def store(self, op: int) -> dict[str, Any]:
        """The message is there, if it is not already."""
        if op not in self.made:
            message = self.made[op] = self.message(self.id(), *self.said[op])
            self.messages[message["message_id"]] = message
        return self.made[op]

    def carry_out(self, op: int, to: Iterable[int] | None = None, **told: Any) -> str:
        """The message is stored, and told to the connections `to`."""
        message = self.store(op)
        self.frames(self._hearers(to), "message_create", message | told)
        return str(message["message_id"])

    def bound(self, connection: int) -> None:
        """Subscribe once more; the answer shows that what was sent before is over."""
        self.subscribe(connection, self.guild, self.channel)

    def say(self, connection: int, text: str, to: Iterable[int] | None = None, **told: Any) -> str:
        """Send a command that is carried out and bounded."""
        op = self.speak(connection, text)
        message_id = self.carry_out(op, to, **told)
        self.bound(connection)
        return message_id

    def cut(
        self,
        connection: int,
        code: int | None = 1008,
        how: EndOfConnection = EndOfConnection.CLOSED_BY_TARGET,
    ) -> None:
        """The target ends a connection."""
        self.add(ConnectionEnded(at=self.now(), connection=connection, how=how, code=code, reason="no"))
        self.owners.pop(connection)
        self.subscribed = [one for one in self.subscribed if one != connection]

    def later(self, seconds: float) -> None:
        """Let time go by."""
        self._at += round(seconds * 1_000_000)

    def read_history(self, reader: str = "ana", messages: Iterable[Mapping[str, Any]] | None = None) -> int:
        """Somebody reads the channel, newest first."""
        shown = list(self.messages.values())[::-1] if messages is None else list(messages)
        page = {"messages": shown, "next_before": shown[-1]["message_id"] if shown else None}
        return self.call(reader, ops.History(**self.place), body=page, purpose=Purpose.SCENARIO)

    def join_up(self, name: str, hearers: Iterable[int]) -> None:
        """Somebody becomes a member."""
        add = ops.AddMember(guild_id=self.guild, user_id=user(name))
        op = self.invoke("ana", add)
        self.frames(hearers, "workspace_member_add", self.addition(name))
        self.answer(op, 200, {"accepted": True})
        self.roles[name] = "member"
