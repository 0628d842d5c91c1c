"""The two transformations of a program that must make no difference to whoever may not know.

*Other values*: secret steps say something else, of another length. *Removed*: secret steps are not played.
"""

import base64
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Final

from sync_check.harness.explorer.program import REFERENCE, SECRET, Step
from sync_check.harness.images import png

Alike = Callable[[int, str], bool]
"""Whether the step of a number gets the same answer whether or not the thing of a name was ever made."""

_MORE: Final = "in more words, "
_EMOJI: Final[Mapping[str, str]] = {"tea": "coffee", "\N{TEACUP WITHOUT HANDLE}": "herbal-tea"}
_PLAIN: Final = ("role_name", "q")
"""Texts that hold no canary, because they are no secret of everybody."""


def otherwise(step: Step) -> Step:
    """A step with other values of another length in place of its own; the same step if it has none."""
    args = {name: _other(name, value) for name, value in step.args.items()}
    return step if args == dict(step.args) else step.model_copy(update={"args": args})


def _other(name: str, value: Any) -> Any:
    if not isinstance(value, str) or value.startswith(REFERENCE):
        return value
    if value.startswith(SECRET):
        return f"{SECRET}{_MORE}{value[1:]}"
    match name:
        case "data":
            return _other_file(value)
        case "emoji":
            return _EMOJI.get(value, value)
        case _:
            return f"{value}-otherwise" if name in _PLAIN else value


def _other_file(encoded: str) -> str:
    """Another picture in place of one; what is none stays, for it is refused."""
    data = base64.b64decode(encoded)
    return (
        base64.b64encode(png(_MORE, size=2 * len(data) + 99)).decode() if data[:8] == png()[:8] else encoded
    )


def removable(steps: Sequence[Step], secret: Collection[int], alike: Alike) -> frozenset[int]:
    """Those of the secret steps that can be left out: no other step needs what they make."""
    gone = set(secret)
    while True:
        needed = {
            name
            for number, step in enumerate(steps)
            if number not in gone
            for name in step.uses
            if not alike(number, name)
        }
        kept = {number for number in gone if steps[number].makes in needed}
        if not kept:
            return frozenset(gone)
        gone -= kept
