"""Untrusted text in Markdown as GitHub reads it: nothing in it becomes markup, a link or a mention."""

import re
from collections.abc import Iterable
from typing import Final

from sync_check.reports.visible import visible

# What could act as markup, as a link or as a mention, wherever it stands in a line.
_SPECIAL: Final = re.compile(
    r"[&<>|`*\[\]~\\$@]"  # HTML, tables, code, emphasis, links, escapes, mathematics, mentions
    r"|(?<![a-z0-9])_|_(?![a-z0-9])"  # emphasis, but not the underscore of a wire name
    r"|:(?=//)|(?<=www)\."  # addresses
    r"|(?<!\w)#(?=\d)"  # references to issues
    r"|^[-+=# ]|^\d(?=\d*[.)])",  # lists, headings, rules, indented code
    re.IGNORECASE,
)
_BACKTICKS: Final = re.compile("`+")


def plain(text: str, limit: int) -> str:
    """`text` as running text; may stand anywhere, in a table too."""
    return _SPECIAL.sub(_entity, visible(text, limit))


def code(text: str, limit: int) -> str:
    """`text` as a code span; not for tables, where a vertical bar would end the cell."""
    shown = visible(text, limit)
    fence = "`" * (_longest_run(shown) + 1)
    # A span is padded where its text begins or ends with a backtick or a space; one space each is not shown.
    padding = " " if shown[:1] in {"`", " ", ""} or shown[-1:] in {"`", " "} else ""
    return f"{fence}{padding}{shown}{padding}{fence}"


def block(lines: Iterable[str], language: str = "text") -> str:
    """A fenced block; every line is visible text already, so none holds a line break."""
    content = "\n".join(lines)
    fence = "`" * max(3, _longest_run(content) + 1)
    return f"{fence}{language}\n{content}\n{fence}"


def _entity(found: re.Match[str]) -> str:
    # An entity never acts as structure. Mentions and references are looked for in the rendered page, where
    # the entity is undone: a space of no width parts them.
    mark = found.group()
    return f"&#{ord(mark)};&#8203;" if mark in "@#" else f"&#{ord(mark)};"


def _longest_run(text: str) -> int:
    return max((len(run) for run in _BACKTICKS.findall(text)), default=0)
