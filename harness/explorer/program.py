"""A program: what simulated users do one after the other, as plain data that can be kept and read.

What a step makes has a name, which later steps use where they need its id: `$m1`. A text that begins with `~`
is a secret: a canary is put behind it when it is sent. A search for `$m1` is one for the canary that this was
last given. So a program holds no id and no secret, and means the same on every target.

FileError          a file is no program
 +-- NewerProgram  it was written by a later version of sync-check
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, ValidationError

from sync_check.conformance.contract.operations import OPERATIONS
from sync_check.harness.explorer import bounds, lags, moves, oddities

VERSION: Final = 1
MEMBERS: Final = 8
STRANGERS: Final = 3
CHANNELS: Final = 4
_MOST_STEPS: Final = 10_000
SECRET: Final = "~"
REFERENCE: Final = "$"
_LONGEST_PAUSE: Final = 86_400
_SHOWN: Final = 60
_SAID: Final[Mapping[str, str]] = {
    "extra_forbidden": "there is no such member",
    "missing": "it is missing",
    "tuple_type": "it should be a list",
    "model_type": "it should be an object",
    "mapping_type": "it should be an object",
    "dict_type": "it should be an object",
}
"""What is wrong in a file, where the library says it of Python."""

CONNECT: Final = "connect"
DISCONNECT: Final = "disconnect"
SUBSCRIBE: Final = "subscribe"
SETTLE: Final = "settle"
CUT: Final = "cut"
STALL: Final = "stall"
RESUME: Final = "resume"
PAUSE: Final = "pause"
LEAP: Final = "leap"
SAY: Final = "say"
LAG: Final = "lag"
SPECIAL: Final = (
    *(CONNECT, DISCONNECT, CUT, STALL, RESUME, SUBSCRIBE, SETTLE, PAUSE, LEAP, SAY, LAG),
    *moves.MOVES,
    *oddities.ODDITIES,
)
"""Steps that are no REST calls.

`connect` may take the number of a session, `subscribe` takes a channel, `say` a channel and a content, the
others nothing. `cut` breaks a connection without a word, `stall` lets it take nothing until `resume`. During
a `pause` of some seconds time passes; a `leap` jumps over them, as if the machine had slept, and exists in
virtual time alone. Who does `lag` takes nothing while so much is told in a channel as `lags` says, and
reads on afterwards. The rest is told in `moves`
and `oddities`.
"""
_CHANNEL: Final = "channel_id"
_TAKEN: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys((DISCONNECT, CUT, STALL, RESUME, SETTLE), ()),
    **dict.fromkeys((PAUSE, LEAP), ("seconds",)),
    **dict.fromkeys((SUBSCRIBE, oddities.PING), (_CHANNEL,)),
    CONNECT: ("session",),
    SAY: (_CHANNEL, "content"),
    LAG: (_CHANNEL, lags.EVENTS),
    oddities.SEND: (_CHANNEL, "input"),
    oddities.REQUEST: (_CHANNEL, "request"),
}
"""What special steps take; those of `moves` look at theirs themselves."""
ON_SESSIONS: Final = ("register", "login", "refresh", "logout")
"""Operations whose secrets are put in when they are sent: `$u1` is what that user has, `~` a fresh one."""
ALONE: Final = (*SPECIAL, *ON_SESSIONS)
"""Steps that are never sent together with others."""


class Step(BaseModel):
    """One step: `by` does `do`, the name of an operation or a special step, with `args`.

    `makes` names what the answer says the id of. A step `beside` is sent together with the one before it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    by: str
    do: str
    args: Mapping[str, Any] = {}
    makes: str | None = None
    beside: StrictBool = False

    @property
    def uses(self) -> frozenset[str]:
        """The names that it uses."""
        return frozenset(_references({"by": f"{REFERENCE}{self.by}", **self.args}))


class Program(BaseModel):
    """Users `u0` (the owner), `u1` and so on are members, `s0` and so on strangers; `c0` and so on channels.

    `$g` is the guild; `$owner`, `$moderator`, `$member` and `$everyone` are its seed roles.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Literal[1] = VERSION
    members: Annotated[int, Field(strict=True, ge=2, le=MEMBERS)] = 4
    strangers: Annotated[int, Field(strict=True, ge=0, le=STRANGERS)] = 1
    channels: Annotated[int, Field(strict=True, ge=1, le=CHANNELS)] = 2
    steps: Annotated[tuple[Step, ...], Field(max_length=_MOST_STEPS)] = ()

    @property
    def given(self) -> frozenset[str]:
        """The names that exist before the first step."""
        return frozenset(
            (
                *("g", "owner", "moderator", "member", "everyone"),
                *(f"u{number}" for number in range(self.members)),
                *(f"s{number}" for number in range(self.strangers)),
                *(f"c{number}" for number in range(self.channels)),
            )
        )

    def closed(self) -> "Program":
        """This program without the steps that use what nothing makes any more."""
        known = set(self.given)
        kept: list[Step] = []
        for step in self.steps:
            if step.uses <= known:
                kept.append(step)
                known |= set() if step.makes is None else {step.makes}
        if kept and kept[0].beside:
            kept[0] = kept[0].model_copy(update={"beside": False})
        return self.model_copy(update={"steps": tuple(kept)})

    def faults(self) -> Iterator[str]:
        """What is wrong with it that its shape does not show."""
        known = set(self.given)
        people = {name for name in known if name[0] in "us" and name[1:].isdigit()}
        for number, step in enumerate(self.steps, 1):
            if step.do not in OPERATIONS and step.do not in SPECIAL:
                yield f"step {number} does {step.do!r}, which is no operation"
            if step.by not in people:
                yield f"step {number} is by {step.by!r}, which is no user"
            for name in sorted(step.uses - known):
                yield f"step {number} uses {name!r}, which nothing before it makes"
            for fault in _faults_of_args(step):
                yield f"step {number} {fault}"
            if step.makes in self.given:
                yield f"step {number} makes {step.makes!r}, which there is already"
            known |= set() if step.makes is None else {step.makes}
        yield from moves.faults(self.steps)


def _faults_of_args(step: Step) -> Iterator[str]:
    taken = _TAKEN.get(step.do, tuple(step.args))
    yield from (f"has {name!r}, which {step.do!r} does not take" for name in step.args if name not in taken)
    if step.do in _TAKEN and _CHANNEL in taken and not isinstance(step.args.get(_CHANNEL), str):
        yield f"does {step.do!r} in no channel: {_CHANNEL!r} names one"
    if step.do == SAY and not isinstance(step.args.get("content"), str):
        yield f"does {step.do!r} without a text as 'content'"
    if step.do in (PAUSE, LEAP) and "seconds" not in step.args:
        yield f"does {step.do!r} without 'seconds'"
    if not _is_text(step.args):
        yield f"does {step.do!r} with half of a surrogate pair, which is no text"
        return
    if not _is_duration(step.args.get("seconds", 0)):
        yield f"takes {step.args['seconds']!r} seconds, not 0 to {_LONGEST_PAUSE}"
    if not _is_session(step.args.get("session", 1)) and step.do == CONNECT:
        yield f"connects in the session {step.args['session']!r}, which is no number from 1"
    yield from bounds.faults(step.do, step.args)
    yield from _faults_of_operation(step)
    yield from oddities.faults(step.do, step.args)
    if step.do == LAG:
        yield from lags.faults(step.by, step.args)


def _faults_of_operation(step: Step) -> Iterator[str]:
    """What an operation cannot be asked for with; a value at a limit takes the form that it needs."""
    operation = OPERATIONS.get(step.do)
    if operation is None:
        return
    try:
        operation.model_validate_json(json.dumps(dict(step.args)))
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False, include_input=False)
        # What is misspelt is told before what it should have been.
        for one in sorted(faults, key=lambda fault: fault["type"] != "extra_forbidden"):
            name = str(one["loc"][0]) if one["loc"] else ""
            if bounds.is_bound(step.args.get(name)):
                continue
            match one["type"]:
                case "json_invalid":
                    yield f"does {step.do!r} with what is nested too deep"
                case "missing":
                    yield f"does {step.do!r} without {name!r}"
                case "extra_forbidden":
                    yield f"has {name!r}, which {step.do!r} does not take"
                case _:
                    yield f"does {step.do!r} with {_word(step.args.get(name))} as {name!r}: {one['msg']}"


def _is_text(args: Mapping[str, Any]) -> bool:
    try:
        json.dumps(dict(args), ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_session(number: Any) -> bool:
    return type(number) is int and number >= 1


def _is_duration(seconds: Any) -> bool:
    is_number = isinstance(seconds, (int, float)) and not isinstance(seconds, bool)
    return is_number and 0 <= seconds <= _LONGEST_PAUSE


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if value.startswith(REFERENCE):
            yield value[1:]
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _references(part)
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from _references(part)


def words(step: Step) -> str:
    """A step as people read it."""
    said = ", ".join(f"{name}={_word(value)}" for name, value in step.args.items())
    made = "" if step.makes is None else f" → {step.makes}"
    return f"{'& ' if step.beside else ''}{step.by}: {step.do}({said}){made}"


def _word(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


class FileError(ValueError):
    """A file that is no program, because of `reason`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return self.reason


class NewerProgram(FileError):
    """A program of a version that only a later sync-check knows."""


def first_fault(error: ValidationError) -> str:
    """The first thing that is wrong with a document, and where in it."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ".".join(map(str, first["loc"])) or "it"
    return f"{where}: {_SAID.get(first['type'], first['msg'])}"


def checked(document: Any) -> Program:
    """The program that a JSON value describes; raises `FileError`."""
    if isinstance(document, dict):
        version = document.get("version")
        if isinstance(version, int) and version > VERSION:
            raise NewerProgram(f"its program has version {version}, this sync-check knows {VERSION}")
    try:
        program = Program.model_validate(document)
    except ValidationError as error:
        raise FileError(first_fault(error)) from None
    fault = next(program.faults(), None)
    if fault is not None:
        raise FileError(fault)
    return program


def without(program: Program, numbers: Iterable[int]) -> Program:
    """A program without the steps of these indices, and without those that need what they made."""
    gone = set(numbers)
    kept = tuple(step for number, step in enumerate(program.steps) if number not in gone)
    return program.model_copy(update={"steps": kept}).closed()
