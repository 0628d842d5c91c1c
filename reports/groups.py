"""For a reader with little room: groups that tell the same of other operations or scenarios become one."""

import re
from collections.abc import Iterable
from typing import Final

from sync_check.conformance.groups import LEVELS, FindingGroup, in_order
from sync_check.conformance.verdict import Finding

_ID: Final = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}|[0-9]+")
"""What names a thing of one run in a message: an id (ULID) or a number."""


def merge_alike(groups: Iterable[FindingGroup]) -> tuple[FindingGroup, ...]:
    """`groups` in the same order, those made one whose leads say the same: names, ids and numbers apart.

    That is level, kind, judge, requirement, event and message; the scenario and the operation may differ.
    """
    given = tuple(groups)
    names = _names(given)
    by_looks: dict[tuple[str | None, ...], list[Finding]] = {}
    for group in given:
        by_looks.setdefault(_looks(group.lead, names), []).extend(group.findings)
    return in_order(by_looks.values())


def kinds_first(groups: Iterable[FindingGroup]) -> tuple[FindingGroup, ...]:
    """`groups` as they are: of each level first one for each that `merge_alike` makes, in its order.

    So a report that shows them one by one begins with what the others show, however many are alike.
    """
    given = tuple(groups)
    names = _names(given)
    places = {_looks(one.lead, names): place for place, one in enumerate(merge_alike(given))}
    met: set[int] = set()
    keys: list[tuple[int, bool, int]] = []
    for group in given:
        place = places[_looks(group.lead, names)]
        keys.append((LEVELS.index(group.lead.level), place in met, place))
        met.add(place)
    return tuple(group for _, group in sorted(zip(keys, given, strict=True), key=lambda pair: pair[0]))


def _names(groups: Iterable[FindingGroup]) -> re.Pattern[str]:
    """What finds the name of a client that any of `groups` concerns."""
    findings = [finding for group in groups for finding in group.findings]
    clients = {finding.client.partition("#")[0] for finding in findings if finding.client is not None}
    # Longer ones first, or a name would be found within another; nothing is found where there is none.
    names = "|".join(re.escape(name) for name in sorted(clients, key=len, reverse=True) if name)
    return re.compile(rf"(?<!\w)(?:{names or '(?!)'})(?!\w)")


def _looks(finding: Finding, names: re.Pattern[str]) -> tuple[str | None, ...]:
    message = _ID.sub("…", names.sub("…", finding.message))
    return (finding.level, finding.kind, finding.judge, finding.requirement, finding.event, message)
