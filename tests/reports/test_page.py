from dataclasses import replace
from html.parser import HTMLParser

import pytest

from sync_check.conformance.run import Latency
from sync_check.conformance.verdict import Excerpt
from sync_check.reports.completed import CompletedRun
from sync_check.reports.page import index_html
from tests.reports import runs

VOID = {"meta", "link", "img", "br", "input"}


class Page(HTMLParser):
    """The elements and the text of a page; refuses one whose elements are not properly nested."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.texts: list[str] = []
        self.style = ""
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert self._open == []

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] == "style":
            self.style += data
        else:
            self.texts.append(data)


@pytest.mark.parametrize("run", [runs.passing(), runs.failing()], ids=["passing", "failing"])
def test_the_page_needs_no_network_and_no_script(run: CompletedRun) -> None:
    page = Page(index_html(run))
    assert not {"script", "link", "img", "iframe", "object", "base", "form"} & set(page.elements)
    assert not [name for name, _ in page.attributes if name in {"src", "style"} or name.startswith("on")]
    assert all(value.startswith("#") for name, value in page.attributes if name == "href")
    assert "url(" not in page.style
    assert "@import" not in page.style
    policy = next(value for name, value in page.attributes if name == "content" and "default-src" in value)
    assert "default-src 'none'" in policy
    assert "script" not in policy


def test_internal_links_lead_somewhere() -> None:
    for run in (runs.passing(), runs.failing()):
        page = Page(index_html(run))
        targets = {value for name, value in page.attributes if name == "id"}
        assert {value[1:] for name, value in page.attributes if name == "href"} <= targets


def test_a_finding_is_told_whole() -> None:
    text = Page(index_html(runs.failing())).text
    for part in (
        "SCOPE-5 A guild-scope event reaches no connection",
        "Client stranger#1",
        "Event workspace_update",
        "Expected nothing of guild",
        '"updated_fields":{"name":"sc3k9x1m2q7v8b"}',
        "0.914802 s stranger#1 workspace_update, which nothing explains",
        "2 more findings of this cause",
        "sync-check run --clients 8 --seed 4 workspace/rename",
        "PROFILE-SLO-delivery_p99_ms The target keeps a threshold",
        "Note: a fence of ben#1 did not arrive within 5 s",
        "p50 3.1 ms · p95 8.4 ms · p99 14.1 ms · 480 samples",
        "9 comparisons 214 frames 37 operations",
        "The embedded server runs with raised limits.",
    ):
        assert part in text


def test_the_worst_group_comes_first() -> None:
    text = Page(index_html(runs.failing())).text
    assert text.index("reached a connection of a user") < text.index("did not reach a subscribed connection")
    assert text.index("did not reach a subscribed connection") < text.index("no presence_update offline")


def test_names_on_the_wire_are_set_as_code() -> None:
    html = index_html(runs.failing())
    assert "<code>presence_update</code> offline" in html
    assert "`" not in Page(html).text


def test_faults_an_interruption_and_missing_numbers_are_told() -> None:
    end = runs.finished(
        interrupted=True,
        faults=("judge schema crashed",),
        latency_ms=Latency(p50=None, p95=None, p99=None, samples=0),
        virtual_s=113.0,
    )
    text = Page(index_html(CompletedRun(started=runs.started(), finished=end))).text
    for part in (
        "interrupted: 0 of 6 scenarios ran, 6 did not",
        "judge schema crashed",
        "not measured",
        "1 min 53 s of virtual time",
    ):
        assert part in text
    assert "No scenario ran." in text


def test_what_is_not_shown_is_counted() -> None:
    lines = tuple(Excerpt(at_us=at, who="ana", text="x") for at in range(70))
    many = [runs.finding(excerpt=lines) for _ in range(40)]
    many += [runs.finding(cause=f"op {number}") for number in range(210)]
    run = runs.failing()
    run = replace(run, finished=runs.finished(runs.result("workspace/rename", *many)))
    text = Page(index_html(run)).text
    assert "10 more lines in report.json" in text
    assert "14 more findings in report.json" in text
    assert "11 more groups in report.json" in text


@pytest.mark.parametrize("text", runs.HOSTILE.values(), ids=runs.HOSTILE)
def test_hostile_texts_change_nothing_but_texts(text: str) -> None:
    html = index_html(runs.hostile(text))
    assert html.encode()
    hostile, harmless = Page(html), Page(index_html(runs.hostile("x")))
    assert hostile.elements == harmless.elements
    assert hostile.attributes == harmless.attributes
    assert all(line.isprintable() for line in html.split("\n"))
