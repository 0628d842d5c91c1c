"""The journal keeps order, writes each body once, leaves out secrets, and reads back as it was handed on."""

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_check.conformance.contract.limits import Limits
from sync_check.conformance.contract.wire import WireFrame
from sync_check.conformance.history import (
    SCHEMA,
    BodySeen,
    ClientKnown,
    CommandSent,
    ConnectionEnded,
    ConnectionOpened,
    Ending,
    EndOfConnection,
    Estimate,
    FramesReceived,
    HarnessFailed,
    Header,
    InputSent,
    OperationAnswered,
    OperationInvoked,
    Outcome,
    Purpose,
    Record,
    ScenarioEnded,
    ScenarioSkipped,
    SettleEnded,
    SliceSeen,
    UpgradeAnswered,
    canonical,
    digest,
    encode_record,
    read_history,
)
from sync_check.harness import journal as journal_module
from sync_check.harness.clock import Clock
from sync_check.harness.journal import Journal
from sync_check.harness.memo import Memo
from sync_check.harness.redaction import Secrets

TOKEN = "token-of-ana-0123456789"
MARKER = "\u27e6secret:access_token:ana:1\u27e7"


class _Standing(Clock):
    """A clock that needs no loop: it stands at 1.5 s, or goes `step` microseconds each time it is asked."""

    def __init__(self, step: int = 0) -> None:
        self._now, self._step = 1_500_000, step
        self._origin, self.read_s = 0.0, self._read

    def _read(self) -> float:
        self._now += self._step
        return self._now / 1e6


class _Kept:
    """A journal with all that came out of it; if `together` it keeps frames until `due` is called."""

    def __init__(self, *, together: bool = False) -> None:
        self.due: list[Callable[[], None]] = []
        self.lines: list[bytes] = []
        self.records: list[Record] = []
        self.secrets = Secrets()
        self.secrets.learn(TOKEN, "access_token", "ana")
        self.journal = Journal(
            clock=_Standing(step=10 if together else 0),
            secrets=self.secrets,
            write=self.lines.append,
            listeners=(self.records.append,),
            later=self.due.append if together else None,
        )


def _header(target: str = "embedded") -> Header:
    return Header(
        schema=SCHEMA,
        run_id="run",
        seed=1,
        target=target,
        contract_revision=2,
        declared=("messages",),
        features=("messages",),
        version="0",
        clients=3,
        strict=False,
        started_at="2025-10-09T08:53:20+00:00",
        plan=(),
        estimate=Estimate(accounts=0, guilds=0, requests=0, seconds=0.0),
        limits=Limits(),
        repeat=("sync-check", "run"),
    )


def _invoked(arguments: dict[str, Any]) -> OperationInvoked:
    return OperationInvoked(
        at=1,
        op=1,
        client="ana",
        session=1,
        operation="refresh",
        arguments=arguments,
        purpose=Purpose.SETUP,
        request_id="r",
    )


def test_numbers_begin_at_one_and_are_counted_apart() -> None:
    journal = _Kept().journal
    assert [journal.next_op(), journal.next_op(), journal.next_connection()] == [1, 2, 1]
    assert [journal.next_settle(), journal.next_settle(), journal.next_connection()] == [1, 2, 2]


def test_listeners_get_what_the_file_gets_in_order() -> None:
    kept = _Kept()
    kept.journal.record(_header())
    kept.journal.frame(1, '{"v":1}', False)
    kept.journal.frame(2, '{"v":1}', False)
    kept.journal.slices({"workspaces": {}})
    kept.journal.record(ConnectionEnded(at=2, connection=1, how=EndOfConnection.DROPPED))
    assert list(read_history(kept.lines)) == kept.records
    assert [encode_record(record) for record in kept.records] == kept.lines


def test_an_operation_says_which_line_it_is() -> None:
    kept = _Kept()
    kept.journal.record(_header())
    kept.journal.frame(1, '{"v":1}', False)
    kept.journal.record(_invoked({}))
    kept.journal.slices({"workspaces": {}})
    kept.journal.record(_invoked({}))
    told = [record.line for record in kept.records if isinstance(record, OperationInvoked)]
    assert told == [4, 6]
    assert [number for number, line in enumerate(kept.lines, 1) if b'"invoked"' in line] == told


def test_a_later_listener_gets_what_comes_later() -> None:
    kept, late = _Kept(), list[Record]()
    kept.journal.record(_header())
    kept.journal.listen(late.append)
    kept.journal.record(SettleEnded(at=1, settle=1))
    assert late == kept.records[1:]


@pytest.mark.parametrize(
    "record",
    [
        _header(f"http://t.test/?t={TOKEN}"),
        replace(_header(), repeat=("run", TOKEN), selection=(TOKEN,), notes=(f"a {TOKEN}",)),
        ScenarioSkipped(at=1, scenario="a/b", title="", covers=(), reason=f"no {TOKEN}"),
        HarnessFailed(at=1, message=f"KeyError: {TOKEN}"),
        ScenarioEnded(at=1, scenario="a/b", ending=Ending.HALTED, message=f"no {TOKEN}"),
        ClientKnown(at=1, client="ana", user_id=TOKEN, username=TOKEN),
        _invoked({"refresh_token": TOKEN, "deep": [{TOKEN: TOKEN}]}),
        OperationAnswered(at=1, op=1, outcome=Outcome.OK, status=200, body=f'{{"t":"{TOKEN}"}}', error=TOKEN),
        ConnectionEnded(
            at=1, connection=1, how=EndOfConnection.CLOSED_BY_TARGET, code=1008, reason=f"bad {TOKEN}"
        ),
        CommandSent(at=1, connection=1, command="subscribe", arguments={"guild_id": TOKEN}),
        SettleEnded(at=1, settle=1, void=TOKEN),
        InputSent(
            at=1,
            connection=1,
            name=TOKEN,
            op=1,
            frames=(WireFrame(opcode=1, payload=f"a {TOKEN}"), TOKEN),
            meant={"content": TOKEN},
        ),
        UpgradeAnswered(at=1, client="ana", header=f"Bearer {TOKEN}", query=TOKEN, body=TOKEN, error=TOKEN),
        UpgradeAnswered(at=1, client="ana", status=101, headers={"x-session": TOKEN}),
        ConnectionOpened(
            at=1,
            connection=1,
            client="ana",
            number=1,
            session=1,
            request_id="r-1",
            began=1,
            headers={"set-cookie": f"a={TOKEN}"},
        ),
    ],
)
def test_no_record_holds_a_secret(record: Record) -> None:
    kept = _Kept()
    kept.journal.record(record)
    assert TOKEN.encode() not in kept.lines[0]
    assert TOKEN not in repr(kept.records[0])
    assert repr(kept.records[0]).count(MARKER) == repr(record).count(TOKEN)


def test_a_body_is_written_once_before_its_first_frame() -> None:
    kept = _Kept()
    for number in (1, 2, 1):
        kept.journal.frame(number, f'{{"t":"{TOKEN}ü"}}', False)
    text = f'{{"t":"{MARKER}ü"}}'
    assert kept.records == [
        BodySeen(body=1, text=text, size=len(TOKEN) + 10),
        *(FramesReceived(at=1_500_000, body=1, connections=(number,), after=(0,)) for number in (1, 2, 1)),
    ]


def _streams(records: list[Record]) -> dict[int, list[tuple[str | None, int, int]]]:
    """By connection the text of each frame, when it came, and how many settles were over by then."""
    bodies: dict[int, str] = {}
    found: dict[int, list[tuple[str | None, int, int]]] = {}
    settles = 0
    for record in records:
        if isinstance(record, BodySeen):
            bodies[record.body] = record.text
        elif isinstance(record, FramesReceived):
            for number, after in zip(record.connections, record.after, strict=True):
                found.setdefault(number, []).append((bodies[record.body], record.at + after, settles))
        else:
            settles += 1
    return found


class TestTogether:
    """Frames of one body between two other records are one record, with the time of each."""

    def test_a_body_that_many_receive_is_one_record(self) -> None:
        kept = _Kept(together=True)
        for number in (3, 1, 2):
            kept.journal.frame(number, "body", False)
        assert kept.records == [BodySeen(body=1, text="body", size=4)]
        kept.journal.flush()
        assert kept.records[1:] == [
            FramesReceived(at=1_500_010, body=1, connections=(3, 1, 2), after=(0, 10, 20))
        ]
        assert kept.lines[1] == encode_record(kept.records[1])

    @pytest.mark.parametrize("again", [False, True])
    def test_whatever_else_is_recorded_comes_after_them(self, again: bool) -> None:
        kept = _Kept(together=True)
        kept.journal.frame(1, "body", False)
        kept.journal.record(SettleEnded(at=1, settle=1))
        if again:
            kept.journal.frame(2, "body", False)
            kept.journal.flush()
        kinds = [record.kind for record in kept.records]
        assert kinds == ["body", "frames", "settle_ended"] + ["frames"] * again

    def test_bodies_that_come_to_all_in_turn_are_a_record_each(self) -> None:
        kept = _Kept(together=True)
        for number in (1, 2, 3):
            for data in ("one", "two"):
                kept.journal.frame(number, data, False)
        kept.journal.flush()
        frames = [record for record in kept.records if isinstance(record, FramesReceived)]
        assert [(one.body, one.connections) for one in frames] == [(1, (1, 2, 3)), (2, (1, 2, 3))]

    @given(
        st.lists(
            st.one_of(
                st.tuples(st.integers(1, 4), st.sampled_from(["a", "b", "c", b"a", b"b"])), st.just(None)
            ),
            max_size=40,
        )
    )
    def test_each_connection_gets_what_it_got_in_its_order_and_between_the_same_records(
        self, happenings: list[tuple[int, str | bytes] | None]
    ) -> None:
        kept = _Kept(together=True)
        expected: dict[int, list[tuple[str | None, int, int]]] = {}
        settles, at = 0, 1_500_000
        for happening in happenings:
            if happening is None:
                settles += 1
                kept.journal.record(SettleEnded(at=at, settle=settles))
            else:
                number, data = happening
                kept.journal.frame(number, data, isinstance(data, bytes))
                at += 10
                text = data if isinstance(data, str) else base64.b64encode(data).decode()
                expected.setdefault(number, []).append((text, at, settles))
        kept.journal.flush()
        assert _streams(kept.records) == expected

    def test_none_is_kept_for_long(self) -> None:
        kept = _Kept(together=True)
        kept.journal.frame(1, "body", False)
        kept.journal.frame(2, "body", False)
        assert len(kept.due) == 1
        kept.due.pop()()
        assert isinstance(kept.records[-1], FramesReceived)
        kept.journal.frame(1, "body", False)
        assert len(kept.due) == 1

    def test_the_very_same_text_over_and_over_does_not_wait_for_ever(self) -> None:
        kept = _Kept(together=True)
        for _ in range(journal_module._MOST_WAITING + 2):
            kept.journal.frame(1, "", False)
        frames = [record for record in kept.records if isinstance(record, FramesReceived)]
        assert len(frames) == journal_module._MOST_WAITING

    def test_equal_texts_are_one_body_however_they_came(self) -> None:
        kept = _Kept(together=True)
        for number, text in enumerate(("body", str(b"body", "utf-8"))):
            kept.journal.frame(number, text, False)
        kept.journal.flush()
        bodies = [record for record in kept.records if isinstance(record, BodySeen)]
        assert len(bodies) == 1


def test_binary_frames_are_in_base64_and_undecodable_text_is_shown() -> None:
    kept = _Kept()
    for data, binary in ((b"\xffa", True), (b"\xffa", False), ("\\xffa", False), (b"\xffa", True)):
        kept.journal.frame(1, data, binary)
    bodies = [record for record in kept.records if isinstance(record, BodySeen)]
    assert [(body.text, body.size, body.binary) for body in bodies] == [
        ("/2E=", 2, True),
        ("\\xffa", 2, False),
        ("\\xffa", 5, False),
    ]


def test_a_secret_in_a_binary_frame_is_marked() -> None:
    kept = _Kept()
    kept.journal.frame(1, b"\x01\x02" + TOKEN.encode() + b"\x03", True)
    body = kept.records[0]
    assert isinstance(body, BodySeen)
    assert "secret:access_token:ana:1:base64" in body.text


def test_a_forgotten_body_is_written_again_and_the_history_stays_right() -> None:
    kept = _Kept()
    kept.journal._bodies = Memo(entries=2)
    texts = [f"body {number % 7}" for number in range(50)]
    for text in texts:
        kept.journal.frame(1, text, False)
    bodies = {record.body: record.text for record in kept.records if isinstance(record, BodySeen)}
    frames = [record for record in kept.records if isinstance(record, FramesReceived)]
    assert [bodies[frame.body] for frame in frames] == texts
    assert list(read_history([encode_record(_header()), *kept.lines]))[1:] == kept.records


@given(st.text(alphabet=st.sampled_from('a"\\\u27e6\ud800\udfff\n\u2028ü'), max_size=20) | st.text())
def test_any_text_comes_back_from_the_file(text: str) -> None:
    text = json.loads(
        json.dumps(text)
    )  # what JSON can hold: two surrogates that make a pair become one character
    kept = _Kept()
    kept.journal.record(_header())
    kept.journal.frame(1, text, False)
    kept.journal.record(_invoked({"content": text, "deep": [text]}))
    assert all(line.count(b"\n") == 1 and line.endswith(b"\n") for line in kept.lines)
    assert list(read_history(kept.lines)) == kept.records


class TestSlices:
    def test_equal_slices_share_a_digest_and_are_written_once(self) -> None:
        kept = _Kept()
        first = kept.journal.slices({"members/a": ["u", "v"], "members/b": ["u", "v"]})
        again = kept.journal.slices({"members/a": ["u", "v"]})
        assert first["members/a"] == first["members/b"] == again["members/a"]
        assert kept.records == [SliceSeen(digest=first["members/a"], value='["u","v"]')]

    def test_digest_is_that_of_the_canonical_text(self) -> None:
        value = {"b": "ü", "a": [1, None]}
        assert _Kept().journal.slices({"x": value})["x"] == digest(canonical(value))

    def test_digest_is_the_one_that_a_judge_computes_from_the_record(self) -> None:
        kept = _Kept()
        content = f"\u27e6{TOKEN}\u27e7\ud800"
        digests = kept.journal.slices({"messages/c": [{"content": content}]})
        kept.journal.record(_invoked({"content": content}))
        invoked = kept.records[-1]
        assert isinstance(invoked, OperationInvoked)
        recorded = canonical([{"content": invoked.arguments["content"]}])
        assert digests["messages/c"] == digest(recorded)
        assert kept.records[0] == SliceSeen(digest=digest(recorded), value=recorded)
        assert TOKEN not in json.dumps([line.decode() for line in kept.lines])
