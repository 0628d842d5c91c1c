"""Markdown tokens. Their form is opaque (contract 2.2) but for plain text, which is all that is read here."""

import re
from typing import Final

from sync_check.conformance.contract.shapes import MarkdownToken

_BLANK_LINES: Final = re.compile(r"\n\s*\n")


def tokens_of(text: str) -> list[MarkdownToken]:
    """Paragraphs of plain text; `hello` gives `paragraph_start`, `text`, `paragraph_end`."""
    tokens: list[MarkdownToken] = []
    for paragraph in _BLANK_LINES.split(text):
        if paragraph:
            tokens += (
                {"type": "paragraph_start"},
                {"type": "text", "text": paragraph},
                {"type": "paragraph_end"},
            )
    return tokens
