import re

import pytest
from markdown_it import MarkdownIt

from sync_check.reports.markdown import block, code, plain
from sync_check.reports.visible import visible
from tests.reports import runs


def rendered(markdown: str) -> str:
    return str(MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(markdown))


@pytest.mark.parametrize("text", runs.HOSTILE.values(), ids=runs.HOSTILE)
def test_running_text_is_one_paragraph_of_that_text(text: str) -> None:
    html = rendered(f"see {plain(text, 200)}")
    assert re.findall("<[^>]*>", html) == ["<p>", "</p>"]


@pytest.mark.parametrize("text", runs.HOSTILE.values(), ids=runs.HOSTILE)
def test_running_text_starts_no_list_and_no_heading(text: str) -> None:
    html = rendered(f"- {plain(text.strip(), 200)}")
    assert re.findall("<[^>]*>", html) == ["<ul>", "<li>", "</li>", "</ul>"]


@pytest.mark.parametrize("text", runs.HOSTILE.values(), ids=runs.HOSTILE)
def test_a_code_span_holds_all_of_the_text(text: str) -> None:
    html = rendered(f"see {code(text, 200)}.")
    assert re.findall("<[^>]*>", html) == ["<p>", "<code>", "</code>", "</p>"]


@pytest.mark.parametrize("text", runs.HOSTILE.values(), ids=runs.HOSTILE)
def test_a_block_holds_all_of_the_text(text: str) -> None:
    html = rendered(block([visible(text, 200), "end"]) + "\n\nafter")
    tags = ["<pre>", '<code class="language-text">', "</code>", "</pre>", "<p>", "</p>"]
    assert re.findall("<[^>]*>", html) == tags


def test_nothing_is_a_mention_a_reference_or_an_address() -> None:
    written = plain(runs.HOSTILE["mention"], 500)
    assert not re.search(r"@\w|://|www\.|\]\(", written)
    shown = rendered(written)
    assert not re.search(r"@\w|(?<!\w)#\d|<a", shown)


def test_wire_names_stay_legible() -> None:
    assert plain("message_update of ana#1 in messages/edit, op 41.", 200) == (
        "message_update of ana#1 in messages/edit, op 41."
    )
