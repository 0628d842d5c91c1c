"""Steps that send what is odd: inputs and requests of the suite's own table, pings, and too many frames.

No group of the table is too small to be drawn.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Final

from sync_check.harness.explorer import oddities
from sync_check.harness.explorer.draft import OWNER, Draft, Kind


def _groups(names: Iterable[str]) -> Sequence[Sequence[str]]:
    """These ids, by what comes before the slash."""
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for name in names:
        groups[name.partition("/")[0]].append(name)
    return list(groups.values())


_OFFENCES: Final = _groups(name for name in oddities.INPUTS if name not in oddities.FLOODS)
_REQUESTS: Final = _groups((*oddities.BY_ANYBODY, *oddities.BY_OWNER))


def _one(draft: Draft, groups: Sequence[Sequence[str]]) -> str:
    """A row of any group, or one of all rows: a group is large where there is much to get wrong."""
    return draft.one(draft.one(groups) if draft.chance(50) else [name for group in groups for name in group])


def _channel(draft: Draft) -> Mapping[str, Any]:
    return {"channel_id": f"${draft.one(draft.channels)}"}


def _send(draft: Draft, name: str, by: str) -> None:
    draft.add(oddities.SEND, {"input": name, **_channel(draft)}, by=by)


def _ask(draft: Draft, name: str, by: str) -> None:
    draft.add(oddities.REQUEST, {"request": name, **_channel(draft)}, by=by)


INPUTS: Final[Sequence[Kind]] = [
    partial(_send, name=name, by=OWNER) for name in oddities.INPUTS if name not in oddities.FLOODS
]
REQUESTS: Final[Sequence[Kind]] = [
    partial(_ask, name=name, by=OWNER) for name in (*oddities.BY_ANYBODY, *oddities.BY_OWNER)
]
"""A card for each row, by who always has access: without it many are left out."""


def offences(draft: Draft) -> None:
    """A few things that end the connection that they come on, or look as if they should."""
    for _ in range(draft.one((1, 1, 2))):
        _send(draft, _one(draft, _OFFENCES), draft.person())


def requests(draft: Draft) -> None:
    """A few requests that are wrong in their form, or look so."""
    for _ in range(draft.one((1, 2))):
        name = _one(draft, _REQUESTS)
        _ask(draft, name, OWNER if name in oddities.BY_OWNER else draft.person())


def floods(draft: Draft) -> None:
    """As many frames as a connection may send, or more, once in a program."""
    if not any(oddities.is_flood(step.do, step.args) for step in draft.steps):
        args = {"input": draft.one(oddities.FLOODS), **_channel(draft)}
        draft.add(oddities.SEND, args, by=draft.person())


def pings(draft: Draft) -> None:
    """Somebody pings more often than they may say something, once in a program."""
    if not any(step.do == oddities.PING for step in draft.steps):
        draft.add(oddities.PING, _channel(draft), by=draft.person())
