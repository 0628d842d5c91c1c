"""The names of all fields of the contract, in bodies, queries and events: what a profile can rename."""

from collections.abc import Iterator
from functools import cache
from typing import Any, get_args

from pydantic import BaseModel

from sync_check.conformance.contract.events import EVENTS
from sync_check.conformance.contract.operations import COMMANDS, OPERATIONS

_ERROR = "error"
"""The member of a refusal, which no shape declares."""


@cache
def field_names() -> frozenset[str]:
    """Every name that a field has somewhere."""
    seen: set[type[BaseModel]] = set()
    names = {_ERROR}
    waiting: list[type[BaseModel]] = [*EVENTS.values(), *COMMANDS.values(), *OPERATIONS.values()]
    waiting += (one.result for one in OPERATIONS.values() if one.result is not None)
    while waiting:
        shape = waiting.pop()
        if shape in seen:
            continue
        seen.add(shape)
        for name, field in shape.model_fields.items():
            names.add(field.alias or name)
            waiting += _shapes_in(field.annotation)
    return frozenset(names)


def _shapes_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """The shapes that a field's type is made of."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _shapes_in(part)
