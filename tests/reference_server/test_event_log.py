"""One line of JSON for each emitted and each dropped event, and nothing in it that is secret."""

import asyncio
import json
import logging
from typing import Any

import pytest

from sync_check.conformance.contract.events import ProfileChanges, ProfileUpdate
from sync_check.conformance.contract.limits import Limits
from sync_check.reference_server.clock import Clock
from sync_check.reference_server.event_log import REQUEST_ID, EventLog, JsonFormatter
from tests.reference_server.running import PASSWORD, RAISED, Running, running
from tests.reference_server.test_fanout import ANA, BEN, CHANNEL, World, renamed
from tests.reference_server.test_gateway import HANDSHAKE, stalled_reader

EVENT = ProfileUpdate(
    user_id="01ARZ3NDEKTSV4RRFFQ69G5FAV",
    updated_fields=ProfileChanges(username="secret"),
    updated_at_unix=1,
)


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def without_time(line: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in line.items() if name not in ("time", "level")}


def test_a_line_holds_exactly_these_members() -> None:
    written: list[str] = []
    log = EventLog(write=written.append, clock=Clock(wall=lambda: 12.5))
    log.emitted(EVENT, 3)
    log.dropped(EVENT, "full_queue")
    common = {"time": 12.5, "level": "info", "event": "profile_update", "scope": "user", "request_id": None}
    assert [json.loads(line) for line in written] == [
        common | {"outcome": "emitted", "recipients": 3, "reason": None},
        common | {"outcome": "dropped", "recipients": 0, "reason": "full_queue"},
    ]
    assert all(line.endswith("\n") and line.count("\n") == 1 for line in written)


class Logged:
    """The world of the fan-out's tests, with what it logs as `(event, outcome, recipients, reason)`."""

    def __init__(self, limits: Limits) -> None:
        self._written: list[str] = []
        self.world = World(limits, event_log=EventLog(write=self._written.append, clock=Clock()))

    def told(self) -> list[tuple[str, str, int, str | None]]:
        logged = map(json.loads, self._written)
        return [(line["event"], line["outcome"], line["recipients"], line["reason"]) for line in logged]


def test_a_fan_out_is_one_line_and_each_drop_another() -> None:
    logged = Logged(Limits(gateway_outbound_queue=1))
    world = logged.world
    ears = [world.ear(user_id, CHANNEL) for user_id in (ANA, BEN, ANA, BEN)]
    ears[1].connection.outbound.close()
    for full in ears[2:]:
        full.connection.outbound.block()
        full.connection.push(b"")
    world.delete_message()
    assert logged.told() == [
        ("message_delete", "dropped", 0, "closed"),
        ("message_delete", "dropped", 0, "full_queue"),
        ("message_delete", "dropped", 0, "full_queue"),
        ("message_delete", "emitted", 1, None),
    ]


def test_a_fan_out_to_nobody_is_a_line_too() -> None:
    logged = Logged(Limits())
    logged.world.rename()
    assert logged.told() == [("workspace_update", "emitted", 0, None)]


def test_an_oversized_event_is_one_line_however_many_should_have_got_it() -> None:
    logged = Logged(Limits(max_gateway_event_bytes=100))
    for _ in range(3):
        logged.world.ear(ANA, CHANNEL)
    logged.world.rename()
    assert logged.told() == [("workspace_update", "dropped", 0, "oversized_outbound")]


@pytest.mark.parametrize(
    ("limits", "line"),
    [
        (Limits(), ("workspace_update", "emitted", 1, None)),
        (Limits(max_gateway_event_bytes=100), ("workspace_update", "dropped", 0, "oversized_outbound")),
    ],
)
def test_an_answer_to_one_connection_is_one_line(
    limits: Limits, line: tuple[str, str, int, str | None]
) -> None:
    logged = Logged(limits)
    logged.world.fanout.to_connection(renamed(), logged.world.ear(ANA).connection)
    assert logged.told() == [line]


def test_a_line_that_cannot_be_written_is_lost_and_nothing_else() -> None:
    tried: list[str] = []

    def write(line: str) -> None:
        tried.append(line)
        raise BrokenPipeError

    log = EventLog(write=write, clock=Clock())
    log.emitted(EVENT, 1)
    log.dropped(EVENT, "closed")
    assert len(tried) == 2


def test_other_records_are_lines_of_json_too() -> None:
    with pytest.raises(ValueError, match="first") as raised:
        int("first\nsecond")
    failure = (raised.type, raised.value, raised.tb)
    record = logging.LogRecord("a.b", logging.ERROR, "p", 1, "what %s\n", ("not",), failure)
    token = REQUEST_ID.set("r\u001b[31m")
    text = JsonFormatter().format(record)
    REQUEST_ID.reset(token)
    line = json.loads(text)
    assert "\n" not in text
    assert "\u001b" not in text
    assert (line["level"], line["logger"], line["message"]) == ("error", "a.b", "what not\n")
    assert line["traceback"].splitlines()[-1].startswith("ValueError: invalid literal")
    assert line["request_id"] == "r\u001b[31m"


async def test_each_event_of_a_request_has_its_id(capsys: pytest.CaptureFixture[str]) -> None:
    async with running(log="json") as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        watcher = await ben.connect(room)
        capsys.readouterr()
        headers = {**ana.headers, "x-request-id": "r-1"}
        await server.http.post(room.messages, json={"content": "a secret"}, headers=headers)
        await ana.post(f"{room.member(ben)}/ban")
        told = [without_time(line) for line in lines(capsys)]
        assert told[0] == {
            "event": "message_create",
            "scope": "channel",
            "outcome": "emitted",
            "recipients": 1,
            "reason": None,
            "request_id": "r-1",
        }
        assert [line["event"] for line in told[1:]] == ["workspace_member_ban", "workspace_member_remove"]
        (made_up,) = {line["request_id"] for line in told[1:]}
        assert made_up
        assert made_up != "r-1"
        assert await watcher.names_until_now() == [line["event"] for line in told]


async def test_an_event_without_a_request_has_no_id(capsys: pytest.CaptureFixture[str]) -> None:
    async with running(log="json") as server:
        ana = server.person("ana")
        await ana.connect(server.room(ana))
        assert [(line["event"], line["request_id"]) for line in lines(capsys)] == [
            ("ready", None),
            ("subscribed", None),
        ]


async def test_an_upgrade_that_follows_a_request_at_once_is_not_its_doing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async with running(log="json") as server:
        ana = server.person("ana")
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        server.writers.append(writer)
        request = head("GET /health HTTP/1.1", {"x-request-id": "r-1"})
        writer.write(request + head("GET /gateway/ws HTTP/1.1", HANDSHAKE | ana.headers))
        assert b'{"status":"ok"}' in await reader.readuntil(b'"t":"ready"')
        assert [(line["event"], line["request_id"]) for line in lines(capsys)] == [("ready", None)]


def head(start: str, headers: dict[str, str]) -> bytes:
    """The head of a request."""
    named = [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([start, "host: x", *named, "", ""]).encode()


async def test_a_request_id_of_any_bytes_stays_within_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    async with running(log="json") as server:
        ana = server.person("ana")
        hostile = b'a", "event": "forged\xff\xe2\x80\xa8\t\\'
        headers = {**{n.encode(): v.encode() for n, v in ana.headers.items()}, b"x-request-id": hostile}
        await server.http.patch("/users/me/profile", json={"about_markdown": "x"}, headers=headers)
        written = capsys.readouterr().err
        assert written.isascii()
        (line,) = map(json.loads, written.splitlines())
        assert (line["event"], line["request_id"]) == ("profile_update", hostile.decode("latin-1"))


async def test_a_long_request_id_is_cut_off(capsys: pytest.CaptureFixture[str]) -> None:
    async with running(log="json") as server:
        ana = server.person("ana")
        headers = {**ana.headers, "x-request-id": "r" * 4000}
        await server.http.patch("/users/me/profile", json={"about_markdown": "x"}, headers=headers)
        assert [line["request_id"] for line in lines(capsys)] == ["r" * 128]


async def _overflow(server: Running) -> None:
    ana, ben = server.person("ana"), server.person("ben")
    room = server.room(ana, ben)
    slow = await stalled_reader(server, ben, room)
    said = 0
    while not any("slow_consumer" in name for name in server.counters()):
        await ana.say(room, "x" * 2000)
        said += 1
        assert said < 500
    slow.close()


async def test_each_drop_has_a_line_with_its_reason(capsys: pytest.CaptureFixture[str]) -> None:
    limits = RAISED.model_copy(update={"gateway_outbound_queue": 4})
    async with running(log="json", limits=limits, send_buffer=8192) as server:
        await _overflow(server)
        told = lines(capsys)
        drops = [line for line in told if line["outcome"] == "dropped"]
        assert [(line["event"], line["reason"], line["recipients"]) for line in drops] == [
            ("message_create", "full_queue", 0)
        ]
        emitted = 'gateway_events_emitted_total{event_type="message_create",scope="channel"}'
        counted = sum(line["recipients"] for line in told if line["event"] == "message_create")
        assert counted == server.counters()[emitted]


async def test_nothing_secret_is_logged(capsys: pytest.CaptureFixture[str]) -> None:
    async with running(log="json") as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        await ben.connect(room)
        await ana.say(room, "a secret")
        await ana.patch("/users/me/profile", {"username": "newname"})
        logged = capsys.readouterr().err
        assert "message_create" in logged
        secrets = ("a secret", "newname", PASSWORD, "127.0.0.1", ana.user_id, room.channel_id, room.guild_id)
        assert not [secret for secret in (*secrets, ana.tokens["access_token"]) if secret in logged]


async def test_by_default_events_are_not_logged(capsys: pytest.CaptureFixture[str]) -> None:
    async with running() as server:
        ana = server.person("ana")
        await ana.connect(server.room(ana))
        assert capsys.readouterr().err == ""
