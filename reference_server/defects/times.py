"""Defects of the moments that events and answers tell."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, ClassVar, Final

from sync_check.reference_server.defects.rewriting import Answer, Asked, Rewriting
from sync_check.reference_server.defects.spelling import enveloped
from sync_check.reference_server.deviation import Faithful, Telling

_UNIT: Final = "_unix"


def _changed(payload: Mapping[str, Any], change: Callable[[int], int]) -> dict[str, Any]:
    return {name: change(value) if name.endswith(_UNIT) else value for name, value in payload.items()}


class _Misdating(Faithful):
    """Base of what tells other moments in the events whose names begin with `prefix`."""

    prefix: ClassVar[str]

    def tellings(self, telling: Telling) -> Iterable[Telling]:
        name, payload = telling.event.name, telling.event.wire()
        changed = _changed(payload, self.told_for) if name.startswith(self.prefix) else payload
        return (telling if changed == payload else replace(telling, text=enveloped(name, changed)),)

    def told_for(self, unix: int) -> int:
        """The moment that is told."""
        raise NotImplementedError


class EventsInMilliseconds(_Misdating):
    """Events of workspaces count milliseconds."""

    prefix = "workspace_"

    def told_for(self, unix: int) -> int:
        return unix * 1000


class DeletedLongAgo(_Misdating):
    """Messages are said to have been deleted at the first second that there is."""

    prefix = "message_delete"

    def told_for(self, unix: int) -> int:
        return 1


class AssignedInLocalTime(_Misdating):
    """When a role was given is told by a clock that is an hour ahead."""

    prefix = "workspace_role_assignment_"

    def told_for(self, unix: int) -> int:
        return unix + 3600


class RowsWithoutTimes(Rewriting):
    """The rows of an audit log do not tell when something was done."""

    def rewritten(self, asked: Asked, answer: Answer) -> Answer:
        if asked.at("GET", "/guilds/*/audit") is None or answer.status != 200:
            return answer
        body = answer.body
        return answer.saying({**body, "events": [_changed(row, lambda _: 1) for row in body["events"]]})


DEFECTIVE: Final[Mapping[str, type[Faithful]]] = {
    "events-in-milliseconds": EventsInMilliseconds,
    "deleted-long-ago": DeletedLongAgo,
    "assigned-in-local-time": AssignedInLocalTime,
    "audit-without-times": RowsWithoutTimes,
}
