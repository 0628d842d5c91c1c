"""What JSON the body of a request is (RFC 8259), and what of it the contract leaves to who reads it.

Twice the same member, numbers beyond every machine's, half of a surrogate pair and deep nesting are good JSON
that readers may refuse: none of them has a defined meaning.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from sync_check.conformance.model.client_stream import is_utf8

UNREADABLE: Final = frozenset((400, 422))
"""How JSON may be refused that not everybody can read: as none, or as another one than was due."""
_TAKEN_DEPTH: Final = 64
_MOST_DIGITS: Final = 300
_EXACT: Final = 1 << 53
"""Integers beyond which machines round."""


class Whole(float):
    """A number that is written with a point or an exponent and is an integer all the same."""

    __slots__ = ()


class Read(NamedTuple):
    """One way to read a body; `is_odd` if somebody else might not read it at all."""

    value: Any
    is_odd: bool


@dataclass(slots=True)
class _Notes:
    """What was met while reading."""

    is_odd: bool = False


def read_json(body: bytes) -> Iterator[Read]:
    """The ways to read a body: one, none if it is no JSON, two where of equal members either may count."""
    if not is_utf8(body) or body.startswith(b"\xef\xbb\xbf"):
        return
    text = body.decode()
    for counts_first in (False, True):
        notes = _Notes()
        try:
            value = _parsed(text, notes, counts_first=counts_first)
        except RecursionError:
            # So deep that only its brackets can be counted.
            if all(text.count(one) == text.count(other) for one, other in ("[]", "{}")):
                yield Read(None, is_odd=True)
            return
        except ValueError:
            return
        is_odd = notes.is_odd or _depth(value) > _TAKEN_DEPTH or not _is_text(value)
        yield Read(value, is_odd=is_odd)
        if not is_odd:
            return


def _parsed(text: str, notes: _Notes, *, counts_first: bool) -> Any:
    def number(spelled: str) -> int | float:
        far = len(spelled) > _MOST_DIGITS
        value: int | float = float(spelled) if far or not spelled.lstrip("-").isdigit() else int(spelled)
        notes.is_odd |= abs(value) > _EXACT
        return Whole(value) if isinstance(value, float) and value.is_integer() else value

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs[::-1] if counts_first else pairs)
        notes.is_odd |= len(found) < len(pairs)
        return found

    return json.loads(
        text, object_pairs_hook=members, parse_int=number, parse_float=number, parse_constant=_no_constant
    )


def _no_constant(text: str) -> Any:
    raise ValueError(f"{text} is not JSON")


def _is_text(value: Any) -> bool:
    """Whether no string in it holds half of a surrogate pair."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _depth(value: Any) -> int:
    depth, level = 0, [value]
    while level := [one for one in level if isinstance(one, dict | list)]:
        depth += 1
        level = [inner for one in level for inner in (one.values() if isinstance(one, dict) else one)]
    return depth
