"""What a probe saw, or why it could not see."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sync_check.harness.rest import Answer

_MISSING: Final = frozenset((404, 405))
"""What an endpoint of an undeclared feature answers (FEAT-1)."""
_THERE: Final = frozenset((200, 204, 400, 403, 409, 413, 415, 422))
"""What an endpoint that exists answers to a call about things that exist."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """One thing looked at: its `value`, None where it could not be seen, and `why` in a few words."""

    value: Any
    why: str

    @property
    def is_seen(self) -> bool:
        """Whether there is a value."""
        return self.value is not None


def unseen(why: str) -> Sight:
    """Something that could not be seen."""
    return Sight(value=None, why=why)


def sight_of(call: str, answer: Answer) -> Sight:
    """Whether an endpoint exists, by what it answers to `call`, which names it.

    The call must be about things that exist: 404 then says that the endpoint does not.
    """
    if answer.status in _MISSING:
        return Sight(value=False, why=f"{call} answers {answer.status}")
    if answer.status in _THERE:
        return Sight(value=True, why=f"{call} answers {answer.status}")
    return unseen(f"{call} answers {answer.status or answer.error}")


Sights = Mapping[str, Sight]
