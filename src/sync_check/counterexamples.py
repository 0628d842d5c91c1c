"""Counterexamples: small programs that found something, each in a file that can be read, kept and replayed.

CounterexampleError  a file cannot be used, and why
"""

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from sync_check.conformance.verdict import Finding
from sync_check.harness.explorer.program import FileError, Program, checked
from sync_check.harness.journal import Listener
from sync_check.harness.scenario import Scenario
from sync_check.programs import scenario_of

FOLDER: Final = "counterexamples"
SCHEMA: Final = 1
_SUFFIX: Final = ".json"
_MOST_BYTES: Final = 8 * 1024 * 1024
_NO_NAME: Final = re.compile(r"[^a-z0-9]+")


class CounterexampleError(ValueError):
    """`path` holds no counterexample, because of `reason`, which completes a sentence."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(path, reason)
        self.path = path
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.path} cannot be replayed: {self.reason}"


class Found(BaseModel):
    """What a program finds, as the report says it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    judge: str
    requirement: str
    event: str | None = None
    message: str
    client: str | None = None
    expected: str | None = None
    received: str | None = None

    @classmethod
    def of(cls, finding: Finding) -> "Found":
        """What a finding says."""
        return cls(
            judge=finding.judge,
            requirement=finding.requirement,
            event=finding.event,
            message=finding.message,
            client=finding.client,
            expected=finding.expected,
            received=finding.received,
        )


class Counterexample(BaseModel):
    """A program, the seed that it was played with, where, and what it found."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    schema_version: Literal[1] = SCHEMA
    target: str
    seed: int
    defect: str | None = None
    finding: Found
    program: Program

    @property
    def name(self) -> str:
        """A name for its file: what it breaks, in which event, and a few characters of its own."""
        said = f"{self.finding.requirement} {self.finding.event or self.finding.judge}".lower()
        digest = hashlib.blake2b(self.program.model_dump_json().encode(), digest_size=3).hexdigest()
        return f"{_NO_NAME.sub('-', said).strip('-')}-{digest}"


def save(counterexample: Counterexample, folder: Path) -> Path:
    """Write it into a folder, which is made if need be; an equal one is replaced. Raises `OSError`."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{counterexample.name}{_SUFFIX}"
    document = counterexample.model_dump(mode="json", exclude_defaults=True)
    document = {"schema_version": SCHEMA, **document}
    document["program"] = {"version": counterexample.program.version, **document["program"]}
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(document, indent=1, ensure_ascii=True) + "\n", encoding="utf-8")
    partial.replace(path)
    return path


def load(path: Path) -> Counterexample:
    """Read one; raises `CounterexampleError`."""
    document = _document(path)
    version = document.get("schema_version")
    if not isinstance(version, int) or "program" not in document:
        raise CounterexampleError(path, "it is no counterexample of sync-check")
    if version > SCHEMA:
        raise CounterexampleError(
            path, f"it has schema {version}, written by a later sync-check; this one knows {SCHEMA}"
        )
    try:
        program = checked(document["program"])
        return Counterexample.model_validate({**document, "program": program})
    except FileError as error:
        raise CounterexampleError(path, str(error)) from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "it"
        raise CounterexampleError(path, f"{where}: {first['msg']}") from None


def _document(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise CounterexampleError(path, f"it cannot be read ({error.strerror or error})") from None
    if len(content) > _MOST_BYTES:
        raise CounterexampleError(path, f"it is larger than {_MOST_BYTES} bytes")
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise CounterexampleError(path, f"it is no whole JSON ({error})") from None
    if not isinstance(document, dict):
        raise CounterexampleError(path, "it is no counterexample of sync-check")
    return document


def saved(folder: Path) -> Iterator[tuple[str, Counterexample]]:
    """The counterexamples in a folder by name, in order; none where there is no folder.

    Raises `CounterexampleError` for a file that is none.
    """
    for path in sorted(folder.glob(f"*{_SUFFIX}")):
        yield path.stem, load(path)


def kept_scenarios(folder: Path = Path(FOLDER)) -> Iterator[tuple[Scenario, Listener]]:
    """The counterexamples in a folder as scenarios, each with what has to hear the records of its run.

    Raises `CounterexampleError`.
    """
    for name, kept in saved(folder):
        said = kept.finding
        title = f"No {said.requirement} any more: {said.message}"
        yield scenario_of(kept.program, f"{FOLDER}/{name}", title)
