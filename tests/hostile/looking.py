"""What is wrong with a run against a hostile target: how it ended, what it cost, and what it let through."""

import json
import re
from collections.abc import Iterator
from typing import Final
from xml.etree import ElementTree as ET

from markdown_it import MarkdownIt

from tests.hostile.forking import RUN_BUDGET_S
from tests.hostile.runs import Ran
from tests.reports.test_page import Page

MOST_GROWN: Final = 64 * 1024 * 1024
LONGEST_SENTENCE: Final = 1000
_MARGIN_S: Final = 5.0
"""Beyond its budget."""
_CANNOT_TEST: Final = 4
_CONTROLS: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u061c\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
"""C0 but tab and line feed, C1, bidirectional controls, further line separators, what is no UTF-8."""
_OF_JUNIT: Final = {
    *("testsuites", "testsuite", "testcase", "failure", "error", "skipped"),
    *("system-out", "system-err", "properties", "property"),
}
_NO_ELEMENTS: Final = {"script", "link", "img", "iframe", "object", "base", "form", "b"}


def faults(ran: Ran) -> Iterator[str]:
    """One sentence for each thing that must not be."""
    if ran.code not in ran.way.codes:
        yield f"exit code {ran.code}, not one of {ran.way.codes}: {ran.err[-500:]}"
    if ran.wall_s > RUN_BUDGET_S + _MARGIN_S:
        yield f"it took {ran.wall_s:.1f} s, and its budget is {RUN_BUDGET_S} s"
    if ran.grown > MOST_GROWN:
        yield f"memory grew by {ran.grown >> 20} MiB"
    if ran.elsewhere:
        yield f"{ran.elsewhere} connections to another host"
    if not ran.requests:
        yield "nothing came to the server"
    yield from _of_the_terminal(ran)
    if ran.code != _CANNOT_TEST:
        yield from _of_the_report(ran)


def _of_the_terminal(ran: Ran) -> Iterator[str]:
    for name, text in (("standard output", ran.out), ("standard error", ran.err)):
        if "Traceback" in text:
            yield f"a traceback on {name}: {text[-2000:]}"
        yield from _of_text(name, text)
    lines = ran.err.splitlines()
    if ran.code == _CANNOT_TEST and not (len(lines) == 1 and lines[0].startswith("sync-check: The target ")):
        yield f"no one clear sentence: {ran.err[:500]!r}"
    if len(ran.err) > LONGEST_SENTENCE:
        yield f"{len(ran.err)} characters on standard error"


def _of_text(name: str, text: str) -> Iterator[str]:
    found = sorted({f"U+{ord(character):04X}" for character in _CONTROLS.findall(text)})
    if found:
        yield f"{name} holds {', '.join(found)}"


def _of_the_report(ran: Ran) -> Iterator[str]:
    texts = {name: ran.report(name) for name in ("report.json", "junit.xml", "summary.md", "index.html")}
    for name, text in texts.items():
        if text is None:
            yield f"no {name}"
        else:
            yield from _of_text(name, text)
    if texts["report.json"] is not None and json.loads(texts["report.json"])["faults"]:
        yield f"faults of ours: {json.loads(texts['report.json'])['faults']}"
    if texts["junit.xml"] is not None:
        elements = {element.tag for element in ET.fromstring(texts["junit.xml"]).iter()}
        if elements - _OF_JUNIT:
            yield f"elements of others in junit.xml: {elements - _OF_JUNIT}"
    if texts["index.html"] is not None:
        yield from _of_the_page(Page(texts["index.html"]))
    if texts["summary.md"] is not None:
        yield from _of_the_summary(texts["summary.md"])


def _of_the_summary(text: str) -> Iterator[str]:
    for token in MarkdownIt().parse(text):
        for one in (token, *(token.children or ())):
            if one.type in {"html_block", "html_inline", "link_open", "image"}:
                yield f"markup in summary.md: {one.content[:80] or one.attrs!r}"


def _of_the_page(page: Page) -> Iterator[str]:
    if _NO_ELEMENTS & set(page.elements):
        yield f"elements of others in index.html: {_NO_ELEMENTS & set(page.elements)}"
    for name, value in page.attributes:
        if name.startswith("on") or name in {"src", "style"} or (name == "href" and value[:1] != "#"):
            yield f"an attribute in index.html: {name}={value[:80]!r}"
