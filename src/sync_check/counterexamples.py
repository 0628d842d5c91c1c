"""Counterexamples: small programs that found something, each in a file that can be read, kept and replayed.

A file says what was played, with which seed, on what kind of server, and what was found. It holds no path and
no URL, and its program no id, so that it means the same on every machine.

CounterexampleError  a file cannot be used, and why
"""

import hashlib
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, StrictBool, StrictInt, ValidationError

from sync_check import __version__
from sync_check.conformance.verdict import Finding, Level
from sync_check.harness.explorer.program import FileError, Program, checked, first_fault
from sync_check.harness.journal import Listener
from sync_check.harness.scenario import Scenario
from sync_check.programs import scenario_of
from sync_check.reports.visible import visible
from sync_check.targets import OWN

FOLDER: Final = "counterexamples"
SCHEMA: Final = 1
URL: Final = "url"
"""What a file calls a server of others: which one is nothing that another machine could use."""
_SUFFIX: Final = ".json"
_DIAGRAM: Final = ".svg"
_MOST_BYTES: Final = 8 * 1024 * 1024
_DEEPEST: Final = 64
_REASON: Final = 300
_SLUG: Final = 80
_NO_NAME: Final = re.compile(r"[^a-z0-9]+")
_NO_COUNTEREXAMPLE: Final = "it is no counterexample of sync-check"


class CounterexampleError(ValueError):
    """`path` holds no counterexample, because of `reason`, which completes a sentence."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(path, reason)
        self.path = path
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.path} cannot be replayed: {visible(self.reason, _REASON)}"


class Found(BaseModel):
    """What a program finds, as the report says it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    level: Level = Level.FAIL
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
            level=finding.level,
            judge=finding.judge,
            requirement=finding.requirement,
            event=finding.event,
            message=finding.message,
            client=finding.client,
            expected=finding.expected,
            received=finding.received,
        )


class Server(BaseModel):
    """What a counterexample was found on: a kind of target, and how a server of ours deviated.

    `swept` tells whether its read surfaces were swept after the program.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    target: Literal["sim", "embedded", "url"]
    defect: str | None = None
    variants: tuple[str, ...] = ()
    swept: StrictBool = True

    @classmethod
    def of(cls, target: str, defect: str | None, variants: tuple[str, ...], *, swept: bool) -> "Server":
        """The server that `--target` names with this text."""
        kind = target if target in OWN else URL
        return cls.model_validate(
            {"target": kind, "defect": defect, "variants": variants, "swept": swept},
        )


class Counterexample(BaseModel):
    """A program, the seed that it was played with, on what, by which sync-check, and what it found."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    schema_version: Literal[1] = SCHEMA
    version: str = __version__
    finding: Found
    server: Server
    seed: StrictInt
    program: Program

    @property
    def name(self) -> str:
        """A name for its file: what it breaks, in which event, and a few characters of its own."""
        said = f"{self.finding.requirement} {self.finding.event or self.finding.judge}".lower()
        own = self.model_dump_json(exclude={"version"}).encode()
        digest = hashlib.blake2b(own, digest_size=3).hexdigest()
        return f"{_NO_NAME.sub('-', said)[:_SLUG].strip('-')}-{digest}"

    @property
    def strict(self) -> bool:
        """Whether it was a SHOULD that was not met, which is red in a strict run only."""
        return self.finding.level is Level.LAX

    def text(self) -> str:
        """The file's text: the same counterexample gives the same text."""
        document: dict[str, Any] = {"schema_version": SCHEMA, "version": self.version}
        document |= self.model_dump(mode="json", exclude_defaults=True)
        document["program"] = {"version": self.program.version, **document["program"]}
        return json.dumps(document, indent=1, ensure_ascii=True) + "\n"


# --- writing


def save(counterexample: Counterexample, folder: Path) -> Path:
    """Write it into a folder, which is made if need be, and say where. Raises `OSError`.

    A file of its name that says something else is left alone; then a number is put behind the name.
    """
    folder.mkdir(parents=True, exist_ok=True)
    content = counterexample.text().encode()
    with _written(folder / counterexample.name, content) as partial:
        for number in count(1):
            ending = "" if number == 1 else f"-{number}"
            path = folder / f"{counterexample.name}{ending}{_SUFFIX}"
            if _publish(partial, path, content):
                return path
    raise AssertionError("count() ended")


def save_diagram(svg: str, path: Path) -> Path:
    """Write the diagram of what the counterexample in `path` finds beside it. Raises `OSError`."""
    beside = path.with_suffix(_DIAGRAM)
    with _written(beside, svg.encode()) as partial:
        partial.replace(beside)
    return beside


@contextmanager
def _written(path: Path, content: bytes) -> Iterator[Path]:
    """A finished file beside `path`, which is gone afterwards unless it got another name."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with partial.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        yield partial
    finally:
        partial.unlink(missing_ok=True)


def _publish(partial: Path, path: Path, content: bytes) -> bool:
    """Give a finished file its name, unless another one has it; tell whether it has it now."""
    try:
        path.hardlink_to(partial)
    except FileExistsError:
        return path.is_file() and path.read_bytes() == content
    return True


# --- reading


def load(path: Path) -> Counterexample:
    """Read one; raises `CounterexampleError`."""
    document = _document(path)
    version = document.get("schema_version")
    if type(version) is not int or "program" not in document:
        raise CounterexampleError(path, _NO_COUNTEREXAMPLE)
    if version > SCHEMA:
        raise CounterexampleError(
            path, f"it has schema {version}, written by a later sync-check; this one knows {SCHEMA}"
        )
    if version < SCHEMA:
        raise CounterexampleError(path, f"it has schema {version}, which there never was")
    if not _is_shallow(document):
        raise CounterexampleError(path, f"it is nested more than {_DEEPEST} deep")
    try:
        program = checked(document["program"])
        return Counterexample.model_validate({**document, "program": program})
    except FileError as error:
        raise CounterexampleError(path, str(error)) from None
    except ValidationError as error:
        raise CounterexampleError(path, first_fault(error)) from None


def _is_shallow(document: Any) -> bool:
    """Whether whatever walks through it later, one call for each level, comes to its end."""
    level = [document]
    for _ in range(_DEEPEST):
        level = [
            inner
            for outer in level
            if isinstance(outer, (dict, list))
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
    return not level


def _document(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise CounterexampleError(path, f"it cannot be read ({error.strerror or error})") from None
    if len(content) > _MOST_BYTES:
        raise CounterexampleError(path, f"it is larger than {_MOST_BYTES} bytes")
    try:
        document = json.loads(content.decode("utf-8-sig"), object_pairs_hook=_members)
    except _MemberTwiceError as error:
        raise CounterexampleError(path, str(error)) from None
    except UnicodeDecodeError:
        raise CounterexampleError(path, "it is no text in UTF-8") from None
    except json.JSONDecodeError as error:
        raise CounterexampleError(path, f"it is no whole JSON ({error})") from None
    except RecursionError:
        raise CounterexampleError(path, f"it is nested more than {_DEEPEST} deep") from None
    except ValueError:  # the only one left: Python reads no number of thousands of digits
        raise CounterexampleError(path, "a number in it has too many digits") from None
    if not isinstance(document, dict):
        raise CounterexampleError(path, _NO_COUNTEREXAMPLE)
    return document


class _MemberTwiceError(ValueError):
    """An object says a member twice, so that one of them would be dropped without a word."""


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for name, value in pairs:
        if name in members:
            raise _MemberTwiceError(f"it says {name!r} twice in one object")
        members[name] = value
    return members


def saved(folder: Path) -> Iterator[tuple[str, Counterexample]]:
    """The counterexamples in a folder by name, in order; none where there is no folder.

    Raises `CounterexampleError` for a file that is none.
    """
    for path in sorted(folder.glob(f"[!.]*{_SUFFIX}")):
        yield path.stem, load(path)


def kept_scenarios(folder: Path = Path(FOLDER)) -> Iterator[tuple[Scenario, Listener]]:
    """The counterexamples in a folder as scenarios, each with what has to hear the records of its run.

    Raises `CounterexampleError`.
    """
    for name, kept in saved(folder):
        said = kept.finding
        title = f"{said.requirement} holds where it was broken: {said.message}"
        yield scenario_of(kept.program, f"{FOLDER}/{name}", title)
