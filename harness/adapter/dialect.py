"""A target's own names for what the contract names otherwise: paths, events, fields. Only names differ.

A renaming is turned into a permutation: the contract's own name, where a target uses it although it declared
another, comes in as that other one, which nothing knows. So what is declared is what is judged.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Final
from urllib.parse import parse_qsl, quote, urlencode

from sync_check.conformance.contract.operations import Operation, Sending
from sync_check.harness.adapter.lexing import names_of, renamed

_NONE: Final[Mapping[str, str]] = MappingProxyType({})
PLACEHOLDER: Final = re.compile(r"\{(\w+)\}")
_EVENT_LABEL: Final = re.compile(r'(\bevent_type=")([a-z0-9_.]{1,64})(")')


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """By the contract's names those of the target: whole paths with their placeholders, events, fields.

    Commands are events in this. Fields are renamed wherever they stand, in bodies, events and queries.
    """

    paths: Mapping[str, str] = field(default_factory=lambda: _NONE)
    events: Mapping[str, str] = field(default_factory=lambda: _NONE)
    fields: Mapping[str, str] = field(default_factory=lambda: _NONE)

    def __hash__(self) -> int:
        return hash(tuple(tuple(sorted(one.items())) for one in (self.paths, self.events, self.fields)))

    @cached_property
    def renames(self) -> bool:
        """Whether any event or field has a name of its own."""
        return bool(self.events or self.fields)

    @cached_property
    def has_other_names(self) -> bool:
        """Whether anything has a name of its own, which raw bytes do not have."""
        return self.renames or bool(self.paths)

    def url_path(self, operation: Operation) -> str:
        """Path and query of a call, below the base URL."""
        path, mark, query = operation.url_path().partition("?")
        template = self.paths.get(operation.path)
        if template is not None:
            given = operation.model_dump(mode="json", include=set(operation.placeholders()))
            path = PLACEHOLDER.sub(lambda match: quote(str(given[match[1]]), safe=""), template)
        if mark and self.fields and operation.sending in (Sending.QUERY, Sending.BYTES):
            query = urlencode([(self._fields_out.get(name, name), value) for name, value in _pairs(query)])
        return path + mark + query

    def outgoing(self, text: str) -> str:
        """A body or a command's frame, as the target names things."""
        return renamed(text, self._fields_out, self._events_out) if self.renames else text

    def incoming(self, text: str) -> str:
        """A body or an event's frame, as the contract names things."""
        return renamed(text, self._fields_in, self._events_in) if self.renames else text

    def counters(self, text: str) -> str:
        """A page of counters, whose labels name events as the contract does."""
        if not self.events:
            return text
        return _EVENT_LABEL.sub(lambda one: one[1] + self._events_in.get(one[2], one[2]) + one[3], text)

    def undeclared(self, text: str) -> list[str]:
        """The contract's own names in a body or frame for which others are declared, as keys of a profile."""
        if not any(f'"{name}"' in text for name in (*self._fields_freed, *self._events_freed)):
            return []
        fields, events = names_of(text)
        return [
            *(f"rename.fields.{name}" for name in sorted(self._fields_freed & fields)),
            *(f"rename.events.{name}" for name in sorted(self._events_freed & events)),
        ]

    def undeclared_labels(self, page: str) -> list[str]:
        """The same of a page of counters, whose labels name events."""
        labels = {one[2] for one in _EVENT_LABEL.finditer(page)}
        return [f"rename.events.{name}" for name in sorted(self._events_freed & labels)]

    def own(self, key: str) -> str:
        """What the target was declared to call what a key of the profile renames."""
        _, table, name = key.split(".", 2)
        return (self.events if table == "events" else self.fields)[name]

    @cached_property
    def _fields_freed(self) -> frozenset[str]:
        return frozenset(self.fields) - frozenset(self.fields.values())

    @cached_property
    def _events_freed(self) -> frozenset[str]:
        return frozenset(self.events) - frozenset(self.events.values())

    @cached_property
    def _fields_out(self) -> Mapping[str, str]:
        return permutation(self.fields)

    @cached_property
    def _fields_in(self) -> Mapping[str, str]:
        return {new: old for old, new in self._fields_out.items()}

    @cached_property
    def _events_out(self) -> Mapping[str, str]:
        return permutation(self.events)

    @cached_property
    def _events_in(self) -> Mapping[str, str]:
        return {new: old for old, new in self._events_out.items()}


def permutation(renaming: Mapping[str, str]) -> Mapping[str, str]:
    """An injective renaming, completed: names that nothing is called any more go where names came free."""
    free = [name for name in renaming if name not in renaming.values()]
    lost = [name for name in renaming.values() if name not in renaming]
    return {**renaming, **dict(zip(lost, free, strict=True))}


def _pairs(query: str) -> list[tuple[str, str]]:
    return parse_qsl(query, keep_blank_values=True)
