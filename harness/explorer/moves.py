"""Steps on sessions of one's own, on restarts and on peers that vanish: their names, and what a file may say.

`sign_in` makes a session that nothing else uses; the other steps on it name it. What they present is its
`newest` token, unless they say `first`: the one that it began with.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, Protocol

SIGN_IN: Final = "sign_in"
PRESENT: Final = "present"
KNOCK: Final = "knock"
RENEW: Final = "renew"
SIGN_OUT: Final = "sign_out"
RESTART: Final = "restart"
VANISH: Final = "vanish"
ON_SPARE: Final = (SIGN_IN, PRESENT, KNOCK, RENEW, SIGN_OUT)
"""Steps on sessions of one's own.

A `sign_in` that is `listening` opens a connection in the session. `present` asks for something with its
access token, `knock` for an upgrade with tokens in `header` and `query`, `renew` for new tokens, and
`sign_out` for its end.
"""
ON_TARGET: Final = (RESTART, VANISH)
"""The target goes away and comes back, `killed` or in order; all connections of a user die without a word."""
MOVES: Final = (*ON_SPARE, *ON_TARGET)
NEWEST: Final = "newest"
FIRST: Final = "first"
FOREIGN: Final = "foreign"
_TOKENS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    PRESENT: {"token": (NEWEST, FIRST, FOREIGN)},
    RENEW: {"token": (NEWEST, FIRST, FOREIGN)},
    SIGN_OUT: {"token": (NEWEST, FIRST, FOREIGN)},
    KNOCK: {"header": (NEWEST, FIRST, FOREIGN), "query": (NEWEST, FIRST, FOREIGN)},
}
_FLAGS: Final[Mapping[str, str]] = {SIGN_IN: "listening", RESTART: "killed"}


class Step(Protocol):
    """As much of a step as is looked at."""

    @property
    def by(self) -> str: ...
    @property
    def do(self) -> str: ...
    @property
    def args(self) -> Mapping[str, Any]: ...
    @property
    def makes(self) -> str | None: ...


def faults(steps: tuple[Step, ...]) -> Iterator[str]:
    """What is wrong with these steps of a program."""
    owners: dict[str, str] = {}
    for number, step in enumerate(steps, 1):
        if step.do not in MOVES:
            continue
        yield from (f"step {number} {fault}" for fault in _faults(step, owners))
        if step.do == SIGN_IN and step.makes is not None:
            owners[step.makes] = step.by


def _faults(step: Step, owners: Mapping[str, str]) -> Iterator[str]:
    tokens, flag = _TOKENS.get(step.do, {}), _FLAGS.get(step.do)
    known = {*tokens, flag, *(("session",) if tokens else ())}
    for name, value in step.args.items():
        if name not in known:
            yield f"has {name!r}, which {step.do!r} does not take"
        elif name in tokens and value not in tokens[name]:
            yield f"presents {value!r} in {name!r}, not one of {', '.join(tokens[name])}"
        elif name == flag and not isinstance(value, bool):
            yield f"says {value!r} of {name!r}, not true or false"
    if tokens:
        session = step.args.get("session")
        owner = owners.get(session[1:]) if isinstance(session, str) else None
        if owner != step.by:
            yield f"is on {session!r}, which is no session that {step.by!r} has signed in to"
