"""Reading REST bodies as a tolerant client does: unknown members are set aside, faults refuse the body."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pydantic import ValidationError

from sync_check.conformance.contract.operations import Operation
from sync_check.conformance.contract.shapes import HandlerError
from sync_check.conformance.contract.values import WireModel


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultReading:
    """`value` is None where the body is malformed, which `faults` explain; `undeclared` are dotted paths."""

    value: WireModel | None
    faults: tuple[str, ...] = ()
    undeclared: tuple[str, ...] = ()


@lru_cache(maxsize=4096)
def read_result(operation: type[Operation], body: str | None) -> ResultReading:
    """Read the body of a successful answer to `operation`."""
    if operation.result is None:
        # With 200 it is bytes or a text, with 204 there is none.
        faults = ("a body where there is none",) if body and operation.success == 204 else ()
        return ResultReading(value=None, faults=faults)
    return _read(operation.result, body)


@lru_cache(maxsize=4096)
def error_code(body: str | None) -> str | None:
    """The code of a handler error; None where the body is none (2.1)."""
    value = _read(HandlerError, body).value
    return value.error if isinstance(value, HandlerError) else None


def _read(model: type[WireModel], body: str | None) -> ResultReading:
    try:
        content = json.loads(body or "")
    except (ValueError, RecursionError) as error:
        return ResultReading(value=None, faults=(f"not JSON: {error}",))
    return _validated(model, content, ())


def _validated(model: type[WireModel], content: Any, undeclared: tuple[str, ...]) -> ResultReading:
    try:
        return ResultReading(value=model.model_validate(content), undeclared=undeclared)
    except ValidationError as error:
        errors = error.errors(include_url=False, include_context=False, include_input=False)
    faults = tuple(f"{_path(e['loc'])}: {e['msg']}" for e in errors if e["type"] != "extra_forbidden")
    extra = tuple(e["loc"] for e in errors if e["type"] == "extra_forbidden")
    paths = undeclared + tuple(map(_path, extra))
    if faults:
        return ResultReading(value=None, faults=faults, undeclared=paths)
    for path in extra:
        _delete(content, path)
    return _validated(model, content, paths)


def _path(location: Sequence[int | str]) -> str:
    return ".".join(map(str, location)) or "body"


def _delete(content: Any, path: Sequence[int | str]) -> None:
    for step in path[:-1]:
        content = content[step]
    del content[path[-1]]
