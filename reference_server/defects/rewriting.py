"""Answering REST calls otherwise: the base of all deviations that do, variants included."""

import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode

from sync_check.reference_server.asgi import Application, Message, Receive, Scope, Send
from sync_check.reference_server.backend import Backend
from sync_check.reference_server.defects.spelling import compact
from sync_check.reference_server.deviation import Faithful
from sync_check.reference_server.edge import Call, call_of
from sync_check.reference_server.guild import Guild

ACCEPTED = {"accepted": True}


@dataclass(frozen=True, slots=True)
class Asked:
    """A REST call that passed `edge`."""

    scope: Scope

    @property
    def call(self) -> Call:
        return call_of(self.scope)

    @property
    def backend(self) -> Backend:
        return self.call.backend

    @property
    def user_id(self) -> str:
        """Who calls; empty without a valid token."""
        session = self.call.session
        return "" if session is None else session.user_id

    def at(self, method: str, path: str) -> tuple[str, ...] | None:
        """What stands for each `*` of `path`; None for another method or path."""
        found = re.fullmatch(path.replace("*", "([^/]+)"), self.scope["path"])
        return found.groups() if found is not None and self.scope["method"] == method else None

    def guild(self, guild_id: str) -> Guild | None:
        return self.backend.store.guilds.get(guild_id)

    @property
    def guild_asked(self) -> Guild | None:
        """The guild that the path names, if it exists."""
        _, first, *rest = self.scope["path"].split("/")
        return self.guild(rest[0]) if first == "guilds" and rest else None

    @property
    def query(self) -> dict[str, str]:
        """The query, of each name the last value."""
        given = parse_qs(self.scope["query_string"].decode("latin-1"), keep_blank_values=True)
        return {name: values[-1] for name, values in given.items()}

    def ask(self, query: dict[str, str]) -> None:
        """Have the server answer another query."""
        self.scope["query_string"] = urlencode(query).encode("latin-1")


@dataclass(slots=True, kw_only=True)
class Answer:
    """An answer; `body` may be read only where it is known to be JSON."""

    status: int = 200
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    data: bytes = b""

    @property
    def body(self) -> Any:
        return json.loads(self.data)

    def saying(self, body: Any, *, status: int | None = None) -> "Answer":
        """The same answer with another body, and another status where one is given."""
        data = compact(body)
        kept = [pair for pair in self.headers if pair[0] not in (b"content-type", b"content-length")]
        headers = [*kept, (b"content-type", b"application/json"), (b"content-length", b"%d" % len(data))]
        return Answer(status=status or self.status, headers=headers, data=data)


class Rewriting(Faithful):
    """Sees each call before it is answered, and each answer before it is sent."""

    def instead(self, asked: Asked) -> Answer | None:
        """An answer that the server is not asked for; None to ask it."""
        return None

    def rewritten(self, asked: Asked, answer: Answer) -> Answer:
        """What is sent in place of the server's answer."""
        return answer

    def answering(self, app: Application) -> Application:
        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            asked = Asked(scope)
            given = self.instead(asked)
            if given is None:
                given = Answer()
                await app(scope, receive, _into(given))
                given = self.rewritten(asked, given)
            await send({"type": "http.response.start", "status": given.status, "headers": given.headers})
            await send({"type": "http.response.body", "body": given.data})

        return answer


def _into(answer: Answer) -> Send:
    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            answer.status, answer.headers = message["status"], list(message.get("headers", ()))
        else:
            answer.data += message.get("body", b"")

    return send
