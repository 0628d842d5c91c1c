"""Programs as scenarios: what the special steps do, as the history tells it, and that judges agree."""

from base64 import b64encode
from time import process_time
from typing import Any, TypeVar

import pytest

from sync_check.conformance.history import (
    BodySeen,
    ConnectionEnded,
    ConnectionOpened,
    EndOfConnection,
    FramesReceived,
    OperationAnswered,
    OperationInvoked,
    Purpose,
    Record,
    read_history,
)
from sync_check.conformance.verdict import Level, Verdict
from sync_check.exploration import Ground, play, red
from sync_check.harness.explorer.program import Program, Step
from sync_check.harness.images import PNG, png
from sync_check.reference_server.defects import DEFECTS

GUILD = {"guild_id": "$g"}
PLACE = {**GUILD, "channel_id": "$c0"}
HOUR_S = 3600
R = TypeVar("R")


def step(by: str, do: str, makes: str | None = None, **args: Any) -> Step:
    return Step(by=by, do=do, args=args, makes=makes)


def post(by: str) -> Step:
    return step(by, "create_message", **PLACE, content="~x")


class Played:
    """The records of a program of two members and a stranger, and its result, which is without fault."""

    def __init__(self, *steps: Step, sweeps: bool = False) -> None:
        lines: list[bytes] = []
        program = Program(members=2, strangers=1, channels=1, steps=steps)
        finished = play(program, 1, Ground(), sweeps=sweeps, write=lines.append)
        (self.result,) = finished.results
        assert finished.faults == ()
        assert [one for one in self.result.findings if one.level is not Level.INFO] == []
        assert self.result.verdict is Verdict.PASS
        self.records: list[Record] = list(read_history(lines))

    def of(self, kind: type[R]) -> list[R]:
        return [record for record in self.records if isinstance(record, kind)]

    def connection(self, client: str, number: int = 1) -> int:
        """A user's connection of that number, from 1."""
        opened = (one for one in self.of(ConnectionOpened) if (one.client, one.number) == (client, number))
        return next(one.connection for one in opened)

    def end(self, connection: int) -> ConnectionEnded:
        return next(one for one in self.of(ConnectionEnded) if one.connection == connection)

    def heard(self, connection: int, event: str) -> list[int]:
        """When a connection got the events of a name, in microseconds."""
        bodies = {one.body for one in self.of(BodySeen) if f'"{event}"' in one.text}
        return [
            one.at + after
            for one in self.of(FramesReceived)
            for number, after in zip(one.connections, one.after, strict=True)
            if number == connection and one.body in bodies
        ]

    def asked(self, *names: str) -> list[OperationInvoked]:
        """What steps asked for, of these operations."""
        asked = self.of(OperationInvoked)
        return [one for one in asked if one.operation in names and one.purpose is Purpose.SCENARIO]

    def statuses(self, *names: str) -> list[tuple[str, int | None]]:
        answers = {one.op: one.status for one in self.of(OperationAnswered)}
        return [(one.operation, answers[one.op]) for one in self.asked(*names)]


def test_a_cut_ends_a_connection_without_a_word() -> None:
    played = Played(step("u1", "cut"), step("u1", "cut"), post("u0"))
    for number in (1, 2):
        end = played.end(played.connection("ben", number))
        assert (end.how, end.code) == (EndOfConnection.CLOSED_BY_US, None)
    assert len(played.heard(played.connection("ana", 2), "offline")) == 1


def test_who_stalls_gets_at_once_what_has_piled_up() -> None:
    said = [post("u1") for _ in range(9)]  # the last ones may still be on their way at the end
    played = Played(step("u0", "stall"), *said, step("u0", "resume"))
    stalled, free = played.connection("ana", 2), played.connection("ben")
    late, early = (played.heard(one, "message_create")[:5] for one in (stalled, free))
    assert len(set(late)) == 1
    assert early[0] < early[1] < early[4] < late[0]


def test_a_leap_lets_leases_expire_and_tokens_be_refreshed() -> None:
    played = Played(step("u1", "issue_voice_token", **PLACE), step("u0", "leap", seconds=HOUR_S), post("u1"))
    (token,) = played.asked("issue_voice_token")
    (left,) = played.heard(played.connection("ana", 2), "voice_participant_leave")
    assert left - token.at >= HOUR_S * 1_000_000
    refreshed = {one.client for one in played.of(OperationInvoked) if one.operation == "refresh"}
    assert refreshed >= {"ana", "ben"}


def test_hours_of_heartbeats_and_expiries_take_less_than_a_thousandth_of_their_time() -> None:
    hour = step("u0", "pause", seconds=HOUR_S)
    began = process_time()
    played = Played(
        step("u1", "issue_voice_token", **PLACE), hour, post("u0"), step("u0", "leap", seconds=HOUR_S), hour
    )
    used_s = process_time() - began
    passed_s = max(one.at for one in played.of(OperationInvoked)) / 1e6
    assert passed_s > 3 * HOUR_S
    assert passed_s / used_s > 1_000


def test_a_logout_ends_the_connections_of_its_session_alone_and_the_user_goes_on() -> None:
    played = Played(step("u1", "logout", refresh_token="$u1"), step("u1", "connect"), post("u1"))
    assert played.end(played.connection("ben")).how is EndOfConnection.CLOSED_BY_TARGET
    assert played.end(played.connection("ben", 2)).how is EndOfConnection.CLOSED_BY_US
    opened = played.of(ConnectionOpened)
    assert {one.number: one.session for one in opened if one.client == "ben"} == {1: 1, 2: 2, 3: 3}
    assert [one.session for one in played.asked("create_message")] == [3]


def test_sign_ups_and_log_ins_hold_no_secret() -> None:
    played = Played(
        step("u0", "register", username="~new", password="~new"),
        step("u0", "register", username="$u1", password="~new"),
        step("u0", "login", username="$u1", password="$u1"),
        step("u0", "login", username="$u1", password="~other"),
        step("u0", "refresh", refresh_token="$u0"),
        post("u0"),
    )
    names = ("register", "login", "refresh")
    assert played.statuses(*names) == [
        ("register", 200),
        ("register", 200),
        ("login", 200),
        ("login", 401),
        ("refresh", 200),
    ]
    secrets = [
        str(value)
        for one in played.asked(*names)
        for name, value in one.arguments.items()
        if name != "username"
    ]
    assert len(secrets) == 5
    assert all(value.startswith("\N{MATHEMATICAL LEFT WHITE SQUARE BRACKET}secret:") for value in secrets)


def test_what_was_written_and_uploaded_is_looked_for_by_everybody() -> None:
    upload = step("u0", "upload_attachment", **PLACE, content_type=PNG, data=b64encode(png("x")).decode())
    played = Played(upload, post("u0"), sweeps=True)
    surfaces = [one for one in played.of(OperationInvoked) if one.purpose is Purpose.SURFACE]
    assert "anonymous" in {one.client for one in surfaces if one.operation == "read_attachment"}
    (sent,) = played.asked("create_message")
    word = str(sent.arguments["content"]).split()[-1]
    assert word in {one.arguments["q"] for one in surfaces if one.operation == "search"}


UPLOAD = step("u0", "upload_attachment", "a", **PLACE, content_type=PNG, data=b64encode(png("x")).decode())
FILE = {**PLACE, "attachment_id": "$a"}
NOTE = step("u0", "create_message", "m", **PLACE, content="~x")
EDIT = step("u0", "edit_message", **PLACE, message_id="$m", content="~y")


def test_a_file_that_was_uploaded_is_attached_read_and_deleted_under_its_name() -> None:
    share = step("u0", "create_message", **PLACE, content="~x", attachment_ids=["$a"])
    played = Played(
        UPLOAD, share, step("u1", "read_attachment", **FILE), step("u0", "delete_attachment", **FILE)
    )
    assert played.statuses("create_message", "read_attachment", "delete_attachment") == [
        ("create_message", 200),
        ("read_attachment", 200),
        ("delete_attachment", 204),
    ]


def test_a_search_for_a_message_is_one_for_what_it_was_last_given() -> None:
    search = step("u1", "search", **GUILD, q="$m")
    played = Played(NOTE, search, EDIT, search, step("u1", "search", **GUILD, q="x"))
    words = [
        str(one.arguments["content"]).split()[-1] for one in played.asked("create_message", "edit_message")
    ]
    assert [one.arguments["q"] for one in played.asked("search")] == [*words, "x"]


@pytest.mark.parametrize(
    ("defect", "steps", "sweeps"),
    [
        ("attachment-to-anybody", (UPLOAD,), True),
        ("deleted-attachment-served", (UPLOAD, step("u0", "delete_attachment", **FILE)), True),
        ("search-misses-edits", (NOTE, EDIT, step("u1", "search", **GUILD, q="$m")), False),
        (
            "permissions-ignore-overrides",
            (
                step(
                    "u0",
                    "override_permission",
                    **PLACE,
                    target_kind="role",
                    target_id="$everyone",
                    allow=["publish_video"],
                    deny=[],
                ),
            ),
            False,
        ),
    ],
)
def test_a_few_steps_show_what_is_read_wrong(defect: str, steps: tuple[Step, ...], sweeps: bool) -> None:
    program = Program(members=2, strangers=1, channels=1, steps=steps)
    (result,) = play(program, 1, Ground(defect=defect), sweeps=sweeps).results
    wanted = DEFECTS[defect]
    assert (wanted.judge, wanted.requirement) in {(one.judge, one.requirement) for one in red(result)}


def test_a_banned_address_is_cut_off_and_let_in_again() -> None:
    channel = {"channel_id": "$c0"}
    played = Played(
        step("u0", "update_guild", **GUILD, visibility="public"),
        step("s0", "join_guild", **GUILD),
        step("u0", "ban_addresses_of", "b", **GUILD, target_user_id="$s0"),
        step("s0", "subscribe", **channel),
        step("u0", "remove_ip_ban", **GUILD, ban_id="$b"),
        step("s0", "connect"),
        step("s0", "subscribe", **channel),
        post("s0"),
    )
    assert played.result.witnesses["IPBAN-2"] >= 1
    assert EndOfConnection.CLOSED_BY_TARGET in {one.how for one in played.of(ConnectionEnded)}
    assert played.statuses("remove_ip_ban", "create_message") == [
        ("remove_ip_ban", 200),
        ("create_message", 200),
    ]
