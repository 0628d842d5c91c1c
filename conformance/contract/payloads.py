"""Reading the payload of an event as a client does (contract 9.1): tolerant, where the models are closed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError

from sync_check.conformance.contract.events import EVENTS, Event

_PERMISSION_LISTS: Final = frozenset(("permissions", "allow", "deny"))

_Path = tuple[int | str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PayloadReading:
    """What a tolerant reader makes of a payload.

    `event` is None when the payload is malformed (CLIENT-2) or its name unknown (CLIENT-1). `faults` say what
    breaks the catalogue (EVT-1); a client skips unknown permission names, so beside that fault there is an
    event. `undeclared` are the dotted paths of members that the catalogue does not know (EVT-4), `further`
    what each of them says.
    """

    event: Event | None
    faults: tuple[str, ...] = ()
    undeclared: tuple[str, ...] = ()
    further: tuple[Any, ...] = ()


def read_payload(name: str, payload: Mapping[str, Any]) -> PayloadReading:
    """Read the payload of event `name`; unknown members and permission names are set aside."""
    model = EVENTS.get(name)
    if model is None:
        return PayloadReading(event=None, faults=(f"unknown event name {name!r}",))
    try:
        return PayloadReading(event=model.model_validate(payload))
    except ValidationError as error:
        errors = error.errors(include_url=False, include_context=False)
    extra = [one for one in errors if one["type"] == "extra_forbidden"]
    undeclared = tuple(one["loc"] for one in extra)
    further = tuple(one["input"] for one in extra)
    wrong = [one for one in errors if one["type"] != "extra_forbidden"]
    skipped = tuple(one["loc"] for one in wrong if _is_unknown_permission(one))
    faults = _texts(wrong)
    paths = tuple(".".join(map(str, path)) for path in undeclared)
    if len(skipped) < len(wrong):
        return PayloadReading(event=None, faults=faults, undeclared=paths, further=further)
    # Model validators run only once the fields are sound, so the cut-down payload may still be refused.
    try:
        event = model.model_validate(_without(payload, (*undeclared, *skipped)))
    except ValidationError as error:
        remaining = tuple(str(one["msg"]) for one in error.errors(include_url=False, include_context=False))
        faults = (*faults, *remaining)
        return PayloadReading(event=None, faults=faults, undeclared=paths, further=further)
    return PayloadReading(event=event, faults=faults, undeclared=paths, further=further)


def _is_unknown_permission(error: Mapping[str, Any]) -> bool:
    """Whether the error is about a name in a list of permissions, where only a string is a name."""
    loc = error["loc"]
    return (
        error["type"] == "literal_error"
        and len(loc) > 1
        and loc[-2] in _PERMISSION_LISTS
        and type(loc[-1]) is int
        and type(error["input"]) is str
    )


def _texts(errors: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    return tuple(f"{'.'.join(map(str, one['loc'])) or 'd'}: {one['msg']}" for one in errors)


def _without(payload: Any, paths: tuple[_Path, ...]) -> Any:
    """A copy of `payload` without the members and items at `paths`."""
    here = {path[0] for path in paths if len(path) == 1}
    deeper = {path[0] for path in paths if len(path) > 1}

    def below(key: int | str, value: Any) -> Any:
        if key not in deeper:
            return value
        return _without(value, tuple(path[1:] for path in paths if path[0] == key and len(path) > 1))

    if isinstance(payload, Mapping):
        return {key: below(key, value) for key, value in payload.items() if key not in here}
    if isinstance(payload, list):
        return [below(index, value) for index, value in enumerate(payload) if index not in here]
    return payload
