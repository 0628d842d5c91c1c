"""What is odd in programs: clean on a clean server, and what is wrong with it is found."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

import pytest

from sync_check.conformance.contract.features import Feature
from sync_check.conformance.verdict import Verdict
from sync_check.exploration import Ground, Share, play, red
from sync_check.harness.adapter.dialect import Dialect
from sync_check.harness.explorer import playing
from sync_check.harness.explorer.offending import Offending
from sync_check.harness.explorer.program import Program, Step, words
from sync_check.harness.explorer.scope import Condition
from sync_check.harness.hazards import Hazard
from sync_check.harness.stage import Stage
from sync_check.harness.target import Target
from sync_check.programs import hazards_of

POST: Final = Step(
    by="u0", do="create_message", args={"guild_id": "$g", "channel_id": "$c0", "content": "~x"}
)
SHUT: Final = Step(
    by="u0",
    do="override_permission",
    args={
        "guild_id": "$g",
        "channel_id": "$c0",
        "target_kind": "member",
        "target_id": "$u1",
        "allow": [],
        "deny": ["create_message"],
    },
)
PING: Final = Step(by="u1", do="ping", args={"channel_id": "$c0"})
LEAP: Final = Step(by="u0", do="leap", args={"seconds": 61})


def _send(name: str, by: str = "u1") -> Step:
    return Step(by=by, do="send", args={"input": name, "channel_id": "$c0"})


def _request(name: str, by: str = "u1") -> Step:
    return Step(by=by, do="request", args={"request": name, "channel_id": "$c0"})


def _program(*steps: Step) -> Program:
    """Among as few as there are in these steps."""
    return Program(members=2, strangers=int("s0" in {step.by for step in steps}), channels=1, steps=steps)


CASES: Final[Mapping[str, tuple[Step, ...]]] = {
    "refused-payload-mislabelled": (_send("subscribe/nothing"),),
    "refusal-counted-twice": (_send("message/nothing"),),
    "end-counted-twice": (_send("valid/one-letter"),),
    "float-version-accepted": (_send("version/float"),),
    "duplicate-member-accepted": (_send("members/version-twice"),),
    "trailing-data-accepted": (_send("json/word-behind"),),
    "name-without-case": (_send("name/capitals"),),
    "binary-refused": (_send("binary-spelling/whole"),),
    "invalid-envelope-survives": (_send("json/array"),),
    "unknown-name-survives": (_send("valid/one-letter"),),
    "end-without-close": (_send("json/empty"),),
    "offence-ends-others": (_send("json/empty"),),
    "refused-payload-takes-effect": (_send("message/author"),),
    "taken-after-offence": (_send("json/empty"),),
    "early-message-lost": (_send("early/message"),),
    "close-awaits-answer": (_send("defied/open-object"),),
    "told-after-close": (_send("defied/open-object"), POST),
    "frame-looser": (_send("size/one-beyond"),),
    "frame-tighter": (_send("spelling/at-the-limit"),),
    "ingress-looser": (_send("rate/filled-up"),),
    "ingress-tighter": (_send("rate/filled-up"),),
    "ping-unanswered": (PING,),
    "pong-empty": (PING,),
    "ping-charged": (PING,),
    "pong-charged": (PING,),
    "content-type-ignored": (_request("content-type/text"),),
    "null-is-absent": (_request("wrong/attachments-null"),),
    "number-taken-for-text": (_request("wrong/content-number"),),
    "malformed-body-unprocessable": (_request("malformed/open-object"),),
    "body-looser": (_request("size/one-beyond"),),
    "body-tighter": (_request("size/at-the-limit"),),
}


@pytest.mark.parametrize("defect", CASES)
def test_a_defect_is_found(defect: str) -> None:
    ground = Ground(defect=defect, strict=True)
    assert red(play(_program(*CASES[defect]), 1, ground, sweeps=False).results[0], strict=True)


def _assert_clean(*steps: Step) -> list[dict[str, Any]]:
    """Play steps where nothing is wrong; returns the records."""
    lines: list[bytes] = []
    result = play(_program(*steps), 1, Ground(), sweeps=False, write=lines.append).results[0]
    assert (result.verdict, red(result)) == (Verdict.PASS, ())
    return [json.loads(line) for line in b"".join(lines).splitlines()]


def test_none_of_them_is_found_of_a_clean_server() -> None:
    _assert_clean(*{words(step): step for steps in CASES.values() for step in steps}.values())


@pytest.mark.parametrize("by", ["u1", "s0"])
def test_whoever_has_no_access_offends_all_the_same(by: str) -> None:
    sent = _names(
        _assert_clean(SHUT, *(_send(name, by) for name in ("version/float", "rejected/nothing-at-all")))
    )
    assert {"version/float", "rejected/nothing-at-all"} <= sent


@pytest.mark.parametrize("by", ["u1", "s0"])
def test_what_needs_access_is_left_out_without_it(by: str) -> None:
    names = ("spelling/two-parts", "early/message", "defied/own-close", "rate/filled-up")
    records = _assert_clean(SHUT, *(_send(name, by) for name in names), _request("wrong/array", by))
    assert not _names(records)
    assert not [one for one in records if one.get("operation") == "raw_request"]


def _names(records: Iterable[Mapping[str, Any]]) -> set[str]:
    return {one["name"] for one in records if one["k"] == "input"}


def test_what_only_the_owner_may_is_asked_by_nobody_else() -> None:
    records = _assert_clean(_request("channel/nothing", "u0"), _request("channel/nothing", "u1"))
    asked = [one["client"] for one in records if one.get("operation") == "raw_request"]
    assert asked == ["ana"]


def test_who_takes_no_notice_of_an_end_is_gone_before_time_leaps() -> None:
    _assert_clean(_send("defied/open-object"), LEAP, POST)


def test_a_stalled_connection_pings_once_it_goes_on() -> None:
    _assert_clean(Step(by="u1", do="stall"), POST, PING, POST)


def test_who_has_no_access_pings_all_the_same() -> None:
    _assert_clean(SHUT, PING, POST)


def test_raw_bytes_are_left_out_where_names_are_other_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    class Elsewhere(Offending):
        def __init__(self, stage: Stage) -> None:
            super().__init__(stage)
            target = stage.company.target
            stage.company.target = replace(target, dialect=Dialect(paths={"/guilds": "/workspaces"}))

    monkeypatch.setattr(playing, "Offending", Elsewhere)
    lines: list[bytes] = []
    play(_program(_send("version/float"), _request("wrong/array")), 1, Ground(), write=lines.append)
    assert b"raw_request" not in b"".join(lines)
    assert b"version/float" not in b"".join(lines)


def test_they_are_drawn_where_they_may_be_sent() -> None:
    both = frozenset((Condition.VERBATIM, Condition.FLOODS))

    def conditions(**declared: Any) -> frozenset[Condition]:
        url = "http://127.0.0.1:1"
        ground = Ground(target=url, declared=Target(label=url, url=url, **declared))
        return both & Share(ground=ground, seed=1, programs=1, steps=9).scope.conditions

    assert both < Share(ground=Ground(), seed=1, programs=1, steps=9).scope.conditions
    assert conditions() == both
    assert conditions(allowed=frozenset((Hazard.HOSTILE_INPUT,))) == {Condition.VERBATIM}
    assert conditions(dialect=Dialect(fields={"guild_id": "workspace_id"})) == {Condition.FLOODS}
    assert Feature.MESSAGES in Ground().features


def test_a_program_is_as_safe_as_what_it_sends() -> None:
    assert hazards_of(_program(_send("version/float"))) == {Hazard.HOSTILE_INPUT}
    assert hazards_of(_program(_send("rate/filled-up"))) == {Hazard.HOSTILE_INPUT, Hazard.FLOODS}
    assert hazards_of(_program(PING, _request("wrong/array"))) == set()
