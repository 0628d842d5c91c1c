"""A history comes back from its lines as it was written; other lines are refused in one sentence."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_check.conformance.contract.limits import Limits
from sync_check.conformance.history import (
    SCHEMA,
    Ending,
    Estimate,
    HarnessFailed,
    Header,
    HistoryError,
    OperationAnswered,
    Outcome,
    Record,
    RunEnded,
    ScenarioPlan,
    ScenarioSkipped,
    decode_record,
    encode_record,
    read_history,
)
from tests.conformance.histories import Builder

HEADER = Header(
    schema=SCHEMA,
    run_id="run",
    seed=4,
    target="embedded",
    contract_revision=2,
    declared=("messages",),
    features=("messages",),
    version="0.1.0",
    clients=8,
    strict=True,
    started_at="2025-10-09T08:53:20+00:00",
    plan=(ScenarioPlan(id="a/b", title="It holds.", covers=("MSG-1", "MSG-2")),),
    estimate=Estimate(accounts=1, guilds=2, requests=3, seconds=4.5),
    limits=Limits(message_bytes=17, ingress_window_s=2.5),
    repeat=("sync-check", "run"),
    selection=("a/*",),
    notes=("a note",),
)
END = RunEnded(at=2, ending=Ending.COMPLETED, records=2)


def lines_of(*records: Record) -> list[bytes]:
    return [encode_record(record) for record in records]


def changed(**members: Any) -> bytes:
    """The header's line with these members, those left out that are None."""
    header = json.loads(encode_record(HEADER)) | members
    return json.dumps({name: value for name, value in header.items() if value is not None}).encode() + b"\n"


def refusal(*lines: bytes) -> str:
    with pytest.raises(HistoryError) as caught:
        list(read_history(lines))
    text = str(caught.value)
    assert text.isprintable()
    assert len(text) < 400
    return text


@pytest.mark.parametrize(
    "record",
    [
        HEADER,
        replace(HEADER, selection=(), notes=(), plan=()),
        ScenarioSkipped(at=1, scenario="a/b", title="It holds.", covers=("MSG-1",), reason="no messages"),
        HarnessFailed(at=1, message="KeyError: 'ü\ud800'"),
        OperationAnswered(at=1, op=1, outcome=Outcome.UNKNOWN, error="reset"),
        OperationAnswered(at=1, op=1, outcome=Outcome.OK, status=204, body=""),
    ],
)
def test_a_record_comes_back_from_its_line(record: Record) -> None:
    line = encode_record(record)
    assert decode_record(line, 1) == record
    assert encode_record(decode_record(line, 1)) == line


def test_the_last_line_is_dropped_when_it_is_torn() -> None:
    whole = lines_of(HEADER, HarnessFailed(at=1, message="x"), END)
    assert list(read_history([*whole[:2], whole[2][:-1]])) == [HEADER, HarnessFailed(at=1, message="x")]
    assert list(read_history([whole[0], b'{"k":"run_e'])) == [HEADER]


@pytest.mark.parametrize(
    "lines",
    [
        (),
        (b"hello\n",),
        (b"\x1f\x8b\x08\x00\xff",),
        (b"[]\n",),
        (b'{"tool":"sync-check","schema":1}\n',),
        (encode_record(END),),
        (b"\n", encode_record(HEADER)),
        (encode_record(HEADER)[:-1],),
        (encode_record(HEADER)[:40],),
        (b"[" * 100_000,),
    ],
    ids=["nothing", "text", "zip", "list", "report", "end", "blank", "unended", "torn", "deep"],
)
def test_what_is_no_history_is_refused(lines: tuple[bytes, ...]) -> None:
    assert refusal(*lines).endswith("; give the history.ndjson of a run")


def test_an_older_schema_names_the_version_to_judge_it_with() -> None:
    header = {"k": "header", "schema": 1, "run_id": "r", "seed": 1, "version": "0.0.7"}
    assert refusal(json.dumps(header).encode() + b"\n", encode_record(END)) == (
        f"its schema is 1, older than the {SCHEMA} that this version judges;"
        " judge it with the build of sync-check that wrote it (it says 0.0.7), or repeat the run"
    )


def test_a_newer_schema_is_refused_whatever_its_header_holds() -> None:
    text = refusal(changed(schema=SCHEMA + 1, version=None, plan=None, later="x"))
    assert f"its schema is {SCHEMA + 1}, newer than the {SCHEMA}" in text


@pytest.mark.parametrize(
    ("line", "named"),
    [
        (b"\n", "no JSON object"),
        (b'{"k":"run_ended"', "no JSON object"),
        (b'"run_ended"\n', "no JSON object"),
        (b"\xff\xfe\n", "no JSON object"),
        (b'{"at":1}\n', "tells its kind"),
        (b'{"k":["run_ended"],"at":1}\n', "tells its kind"),
        (b'{"k":"run_finished","at":1}\n', "no records of kind 'run_finished'"),
        (b'{"k":"' + b"x" * 10_000 + b'","at":1}\n', "no records of kind 'xxx"),
        (b'{"k":"run_ended","at":1}\n', "ending of the run_ended record"),
        (b'{"k":"run_ended","at":"soon","ending":"completed"}\n', "at of the run_ended record"),
        (b'{"k":"run_ended","at":1,"ending":"won"}\n', "ending of the run_ended record"),
        (b'{"k":"snapshot","at":1,"settle":1,"connection":1,"guilds":[],"slices":[]}\n', "slices of the"),
    ],
)
def test_a_damaged_line_is_named(line: bytes, named: str) -> None:
    text = refusal(encode_record(HEADER), line, encode_record(END))
    assert text.startswith("line 2 is damaged: ")
    assert named in text


@pytest.mark.parametrize(
    ("members", "named"),
    [
        ({"clients": None}, "clients"),
        ({"plan": [{"id": "a/b"}]}, "plan.0.title"),
        ({"estimate": {"accounts": 1, "guilds": 1, "requests": 1, "seconds": 1e999}}, "estimate.seconds"),
        ({"limits": {"message_bytes": 0}}, "limits.message_bytes"),
        ({"limits": {"no_such": 1}}, "limits.no_such"),
        ({"schema": "two"}, "schema"),
    ],
)
def test_a_header_that_lacks_what_a_run_needs_is_refused(members: dict[str, Any], named: str) -> None:
    text = refusal(changed(**members), encode_record(END))
    assert text.startswith(f"line 1 is damaged: {named} of the header record")


def broken_into_lines(data: bytes) -> Iterator[bytes]:
    while data:
        line, newline, data = data.partition(b"\n")
        yield line + newline


@given(st.data())
def test_any_cut_is_read_up_to_its_last_whole_line(data: st.DataObject) -> None:
    builder = Builder()
    builder.begin()
    builder.client("ana")
    builder.end()
    builder.finish()
    whole = b"".join(map(encode_record, builder.records))
    first = len(encode_record(builder.records[0]))
    cut = whole[: data.draw(st.integers(first, len(whole)))]
    assert list(read_history(broken_into_lines(cut))) == builder.records[: cut.count(b"\n")]
