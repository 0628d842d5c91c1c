"""Renaming within a JSON text without reading it as JSON: nothing but the names changes.

What a target sends may be no JSON, or hold a member twice; the judges have to see that as it came. So names
are replaced where they stand, token by token, and everything else is left as it is.
"""

import json
import re
from collections.abc import Mapping
from typing import Final

_TOKENS: Final = re.compile(
    r"""
    "(?P<string>(?:[^"\\]|\\.)*)"(?P<colon>\s*:)?
    | "(?:[^"\\]|\\.)*\\?\Z  # one that does not end: what is in it is not looked through again
    | (?P<bracket>[{}\[\]])
    """,
    re.DOTALL | re.VERBOSE,
)
_OUTERMOST: Final = 1
_NOTHING: Final[Mapping[str, str]] = {}
_EVENT: Final = "t"
_ENVELOPE: Final = frozenset("vtd")
"""The members of an envelope, which are nobody's fields."""


def renamed(text: str, fields: Mapping[str, str], events: Mapping[str, str]) -> str:
    """`text` with its members named by `fields`, and the outermost `t` by `events`."""
    if not (fields or events):
        return text
    return _Renaming(text, fields, events).text()


def names_of(text: str) -> tuple[frozenset[str], frozenset[str]]:
    """What members are called in `text`, and what its outermost `t` says."""
    renaming = _Renaming(text, _NOTHING, _NOTHING)
    renaming.text()
    return frozenset(renaming.fields_met), frozenset(renaming.events_met)


class _Renaming:
    def __init__(self, text: str, fields: Mapping[str, str], events: Mapping[str, str]) -> None:
        self._text = text
        self._fields = fields
        self._events = events
        self._depth = 0
        self._names_event = False
        self.fields_met: set[str] = set()
        self.events_met: set[str] = set()

    def text(self) -> str:
        return _TOKENS.sub(self._token, self._text)

    def _token(self, match: re.Match[str]) -> str:
        written = match[0]
        if match["bracket"] is not None:
            self._depth += 1 if written in "{[" else -1
            self._names_event = False
            return written
        if match["string"] is None:
            return written
        name = _read(match["string"])
        if match["colon"] is None:
            names_event, self._names_event = self._names_event, False
            if names_event:
                self.events_met.add(name)
            return _written(self._events.get(name, name), name, written) if names_event else written
        at_top = self._depth == _OUTERMOST
        self._names_event = at_top and name == _EVENT
        if at_top and name in _ENVELOPE:
            return written
        self.fields_met.add(name)
        return _written(self._fields.get(name, name), name, written, match["colon"])


def _read(escaped: str) -> str:
    """What a JSON string says; as it is written where that is none."""
    if "\\" not in escaped:
        return escaped
    try:
        return str(json.loads(f'"{escaped}"', strict=False))
    except ValueError:
        return escaped


def _written(new: str, old: str, written: str, colon: str = "") -> str:
    return written if new == old else json.dumps(new) + colon
