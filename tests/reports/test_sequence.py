"""Sequence diagrams: whole XML whatever a target sent, and the same for the same cone."""

import re
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync_check.conformance.cone import Act, Cone, Named, Part, Step
from sync_check.conformance.verdict import Finding
from sync_check.reports.completed import CompletedRun
from sync_check.reports.page import index_html, sequence_svg
from sync_check.reports.sequence import diagram_of
from tests.reports import runs
from tests.reports.test_page import Page

SVG = "{http://www.w3.org/2000/svg}"
KICK = (
    ("context", Act.REQUEST, "ana", 10, "add_member(ben) \u2192 200"),
    ("context", Act.OPENED, "ben#1", 20, "connect"),
    ("context", Act.COMMAND, "ben#1", 30, "subscribe(c1) \u2192 subscribed"),
    ("cause", Act.REQUEST, "ana", 40, "kick_member(ben) (op 3)"),
    ("cause", Act.FRAME, "ben#1", 50, "workspace_member_remove(ben, reason=kick)"),
    ("cause", Act.ANSWER, "ana", 60, "200"),
    ("bad", Act.FRAME, "ben#1", 70, "message_create(m1, c1, content=to whom)"),
)


def step(part: str, act: Act, lane: str, at_us: int | None, text: str) -> Step:
    return Step(part=Part(part), act=act, lane=lane, at_us=at_us, text=text, detail=f"detail of {text}")


def cone(**changed: Any) -> Cone:
    usual = Cone(
        callers=("ana",),
        connections=("ben#1",),
        steps=tuple(step(*one) for one in KICK),
        names=(Named(name="c1", id="01J9ZK3V6T4Q8W2N5M7B1C0D2E"), Named(name="m1", id="01J9")),
    )
    return replace(usual, **changed)


LEAK = runs.finding(
    client="ben#1",
    requirement="ACCESS-3",
    message="message_create reached a connection that is not entitled to it",
    expected="nothing",
    received="message_create",
)


def parsed(svg: str) -> ET.Element:
    return ET.fromstring(svg)


def texts(root: ET.Element) -> list[str]:
    return [element.text or "" for element in root.iter(f"{SVG}text")]


def test_a_diagram_has_a_row_for_each_step_and_a_lane_for_each_who() -> None:
    root = parsed(sequence_svg(LEAK, cone()))
    rows = [
        (group.attrib["class"], [text.text for text in group.findall(f"{SVG}text")])
        for group in root.findall(f"{SVG}g")
    ]
    assert rows == [
        ("lane", ["ana", "REST"]),
        ("lane", ["server", None]),
        ("lane own", ["ben#1", "gateway"]),
        ("context request", ["0.000010 s", "add_member(ben) \u2192 200"]),
        ("context opened", ["0.000020 s", "connect"]),
        ("context command", ["0.000030 s", "subscribe(c1) \u2192 subscribed"]),
        ("cause request", ["0.000040 s", "kick_member(ben) (op 3)"]),
        ("cause frame", ["0.000050 s", "workspace_member_remove(ben, reason=kick)"]),
        ("cause answer", ["0.000060 s", "200"]),
        ("bad frame", ["0.000070 s", "\u2717 message_create(m1, c1, content=to whom)"]),
    ]
    assert "ACCESS-3: message_create reached a connection that is not entitled to it" in texts(root)
    assert "expected nothing, received message_create" in texts(root)
    assert [text for text in texts(root) if text.startswith(("c1 ", "m1 "))] == [
        "c1  01J9ZK3V6T4Q8W2N5M7B1C0D2E",
        "m1  01J9",
    ]


def test_arrows_go_the_way_that_things_went() -> None:
    diagram = diagram_of(LEAK, cone())
    ana, server, ben = (lane.x for lane in diagram.lanes)
    assert ana < server < ben
    assert [(row.start, row.end) for row in diagram.rows] == [
        (ana, server),
        (ben, server),
        (ben, server),
        (ana, server),
        (server, ben),
        (server, ana),
        (server, ben),
    ]
    assert [row.y for row in diagram.rows] == sorted({row.y for row in diagram.rows})
    opened = diagram.rows[1].y
    assert [lane.top == opened for lane in diagram.lanes] == [False, False, True]


def test_a_lane_ends_where_its_connection_does() -> None:
    steps = (*cone().steps[:3], step("bad", Act.CUT, "ben#1", 80, "the connection is cut"))
    diagram = diagram_of(LEAK, cone(steps=steps))
    assert diagram.lanes[2].bottom == diagram.rows[-1].y
    assert (diagram.rows[-1].start, diagram.rows[-1].end) == (diagram.lanes[2].x,) * 2


def test_what_befalls_the_server_is_a_mark_on_its_lane() -> None:
    steps = (*cone().steps[:3], step("context", Act.DOWN, "", 80, "the server is killed"), cone().steps[-1])
    diagram = diagram_of(LEAK, cone(steps=steps))
    assert (diagram.rows[3].start, diagram.rows[3].end) == (diagram.lanes[1].x,) * 2
    assert "0.000080 s, server: the server is killed." in diagram.story


def test_signs_tell_what_colours_tell() -> None:
    steps = (
        step("other", Act.FRAME, "eve#1", 1, "x"),
        step("bad", Act.MISSING, "ben#1", None, "x"),
        step("proof", Act.REQUEST, "ana", 2, "fence: y"),
        step("proof", Act.FRAME, "ben#1", 3, "y"),
    )
    diagram = diagram_of(LEAK, cone(steps=steps, connections=("ben#1", "eve#1")))
    assert [(row.label, row.at) for row in diagram.rows] == [
        ("\u2713 x", "0.000001 s"),
        ("\u2717 missing: x", ""),
        ("fence: y", "0.000002 s"),
        ("\u2713 later: y", "0.000003 s"),
    ]


def test_who_does_not_see_it_is_told_all_of_it() -> None:
    root = parsed(sequence_svg(LEAK, cone(left_out=3)))
    assert root.attrib["role"] == "img"
    title, desc = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert desc is not None
    assert root.attrib["aria-labelledby"] == f"{title.attrib['id']} {desc.attrib['id']}"
    assert title.text == (
        "ACCESS-3: message_create reached a connection that is not entitled to it, at ben#1"
    )
    assert " ".join((desc.text or "").split()).startswith(
        "3 earlier steps left out. 0.000010 s, ana to server: add_member(ben) \u2192 200."
    )
    assert "server to ben#1: \u2717 message_create" in (desc.text or "")
    assert "3 earlier steps left out" in texts(root)


def test_a_diagram_needs_nothing_else() -> None:
    svg = sequence_svg(LEAK, cone())
    assert not re.search(r"url\(|@import|href|<script|<image|<foreignObject|\son\w+=|style=", svg)
    assert "prefers-color-scheme: dark" in svg


def test_the_same_cone_gives_the_same_diagram() -> None:
    assert sequence_svg(LEAK, cone()) == sequence_svg(LEAK, cone())


def test_what_was_expected_and_received_has_a_line_each_where_it_is_long() -> None:
    long = replace(
        LEAK, expected="nothing of that guild after kick_member by ana (op 41)", received="x" * 200
    )
    told = texts(parsed(sequence_svg(long, cone())))
    assert f"expected {long.expected}" in told
    assert [text for text in told if text.startswith("received xxx")] == [
        f"received {'x' * 84}\u2026 (116 more characters)"
    ]


# --- hostile texts

_texts = st.text(max_size=200) | st.sampled_from(list(runs.HOSTILE.values()))


@settings(deadline=None)  # how long one takes is up to what else the machine does
@given(
    client=_texts,
    message=_texts,
    lanes=st.lists(_texts, min_size=2, max_size=5, unique=True),
    steps=st.lists(
        st.tuples(
            st.sampled_from(Part), st.sampled_from(Act), st.integers(0, 4), st.none() | st.just(7), _texts
        ),
        max_size=8,
    ),
    names=st.lists(_texts, max_size=4),
)
def test_whatever_a_target_sent_it_is_whole(
    client: str,
    message: str,
    lanes: list[str],
    steps: list[tuple[Part, Act, int, int | None, str]],
    names: list[str],
) -> None:
    drawn = Cone(
        callers=tuple(lanes[:1]),
        connections=tuple(lanes[1:]),
        steps=tuple(
            step(part, act, lanes[lane % len(lanes)], at, text) for part, act, lane, at, text in steps
        ),
        names=tuple(Named(name="x1", id=one) for one in names),
        left_out=1,
    )
    finding = runs.finding(client=client, message=message, expected=message, received=message)
    svg = sequence_svg(finding, drawn)
    root = parsed(svg)
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
        *("svg", "title", "desc", "style", "rect", "g", "text", "path", "polygon", "circle"),
    }
    assert len(root.findall(f"{SVG}g")) == len(lanes) + 1 + len(steps)
    assert all(text.isprintable() for text in texts(root))
    assert max(len(text) for text in texts(root)) < 200
    assert len(svg) < 12_000 + 2_000 * len(steps)


@pytest.mark.parametrize("text", runs.HOSTILE.values(), ids=runs.HOSTILE)
def test_a_page_with_hostile_diagrams_is_whole(text: str) -> None:
    run = runs.hostile(text)
    lead = run.results[0].findings[0]
    drawn = cone(callers=(text,), connections=(f"{text}#1",), names=(Named(name="x1", id=text),))
    steps = tuple(replace(one, text=text, detail=text) for one in drawn.steps)
    told = replace(run.finished, cones={lead: replace(drawn, steps=steps)})
    page = Page(index_html(CompletedRun(started=run.started, finished=told)))
    assert not {"script", "img", "b"} & set(page.elements)


# --- in the page


def _page(*findings: Finding) -> str:
    run = runs.failing()
    results = (runs.result("workspace/rename", *findings),)
    end = runs.finished(*results, cones=dict.fromkeys(findings[:10], cone()))
    return index_html(CompletedRun(started=run.started, finished=end))


def test_diagrams_stand_with_their_findings_under_ids_of_their_own() -> None:
    html = _page(*(runs.finding(cause=f"op {number}") for number in range(12)))
    page = Page(html)
    ids = [value for name, value in page.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    assert html.count("<svg") == 10
    assert "Diagrams are drawn of 10 at most" in page.text


def test_a_page_without_cones_has_no_diagram() -> None:
    assert "<svg" not in index_html(runs.failing())
