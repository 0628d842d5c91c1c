"""The first difference between two sequences of observations, and the requirement that it breaks."""

from dataclasses import replace

import pytest

from sync_check.conformance.judges.noninterference import NAME, judged
from sync_check.conformance.judges.noninterference.comparison import first_difference
from sync_check.conformance.judges.noninterference.observation import ANSWER, END, FRAME, Observed
from sync_check.conformance.verdict import Kind, Level

ANSWERED = Observed(at=10, where="ana", kind=ANSWER, what="list_channels", text='200 {"channels":[]}')
TOLD = Observed(at=20, where="ana#1", kind=FRAME, what="message_create", text="a frame of 9 bytes")


def _frame(name: str) -> Observed:
    return replace(TOLD, what=name)


def test_what_is_alike_has_no_difference() -> None:
    assert first_difference((ANSWERED, TOLD), (ANSWERED, TOLD)) is None


@pytest.mark.parametrize(
    "other",
    [
        (),
        (ANSWERED,),
        (ANSWERED, replace(TOLD, at=21)),
        (ANSWERED, replace(TOLD, text="other")),
        (TOLD, ANSWERED),
    ],
    ids=["nothing", "one missing", "later", "another text", "another order"],
)
def test_number_time_text_and_order_are_compared(other: tuple[Observed, ...]) -> None:
    assert first_difference((ANSWERED, TOLD), other) is not None


@pytest.mark.parametrize(
    ("one", "other", "requirement"),
    [
        ((ANSWERED,), (replace(ANSWERED, text="403"),), "LEAK-READ-1"),
        ((replace(ANSWERED, what="join_guild"),), (), "LEAK-JOIN-1"),
        ((TOLD,), (), "SCOPE-3"),
        ((TOLD,), (replace(TOLD, text="a frame of 8 bytes"),), "LEAK-CHAN-1"),
        ((TOLD,), (replace(TOLD, at=30),), "SCOPE-3"),
        ((_frame("channel_create"),), (), "LEAK-CHAN-1"),
        ((_frame("channel_delete"),), (), "LEAK-CHAN-2"),
        ((_frame("workspace_ip_ban_sync"),), (), "LEAK-IP-2"),
        ((_frame("workspace_role_create"),), (), "SCOPE-5"),
        ((_frame("friend_request_create"),), (), "SCOPE-6"),
        ((_frame("profile_update"),), (), "SCOPE-7"),
        ((_frame("subscribed"),), (), "LEAK-SUB-1"),
        ((_frame("made_up"),), (), "SCOPE-3"),
        ((replace(TOLD, kind=END, what=""),), (), "LEAK-SUB-1"),
    ],
)
def test_each_difference_breaks_a_requirement_of_its_own(
    one: tuple[Observed, ...], other: tuple[Observed, ...], requirement: str
) -> None:
    difference = first_difference(one, other)
    assert difference is not None
    assert difference.requirement == requirement


def test_a_finding_shows_both_sides_where_they_differ() -> None:
    long = replace(ANSWERED, text="x" * 500 + "left")
    runs = ((TOLD, long), (TOLD, replace(long, text="x" * 500 + "right")))
    difference = first_difference(*runs)
    assert difference is not None
    finding = judged("s", difference, runs, observer="a stranger", otherwise="without it")
    assert (finding.judge, finding.kind, finding.level) == (NAME, Kind.SAFETY, Level.FAIL)
    assert "a stranger" in finding.message
    assert (finding.client, finding.event) == ("ana", None)
    assert finding.expected is not None
    assert finding.received is not None
    assert finding.expected.endswith("left")
    assert finding.received.endswith("right")
    assert {line.who for line in finding.excerpt} == {
        f"{who} {how}" for who in ("ana", "ana#1") for how in ("as drawn", "without it")
    }


def test_a_side_that_is_over_says_nothing_more() -> None:
    runs = ((TOLD,), ())
    difference = first_difference(*runs)
    assert difference is not None
    finding = judged("s", difference, runs, observer="x", otherwise="y")
    assert (finding.received, finding.event) == ("nothing more", "message_create")
