"""Hand-written test vectors: frames, and what each does to a client's state (contract 9.1 and 9.2).

They are the third witness of the wire's shapes, beside the models and the text of the contract. One JSON file
per family of events holds named states and vectors; every vector is independent of all others:

| member | meaning |
| --- | --- |
| `id` | `event/kind` or `event/kind/what`, unique |
| `verdict` | `apply`: the state changes; `unchanged`: a sound event without effect; `ignore`: not applied |
| `requirements` | what the vector is about: the rule for clients, and what a malformed frame breaks |
| `before` | the state before, in place or by its name in the file (`notation.BelievedState`) |
| `frame` | the message as JSON |
| `text` | the message where JSON cannot express it: a string, or a list of strings and `{"of", "times"}` |
| `binary` | whether the message is a binary one |
| `after` | the slices that changed; all others stay as they were |

Kinds: `valid` (the event as table 5.2 has it), `additive` (the same with members that the catalogue does not
know), `malformed`, `repeat` (the state has taken in the very event), `unheld` (about something that the
client does not hold), `variant` (oneself or another, optional fields, older versions), `lenient` (permission
names that the catalogue does not know), `unknown` (event names that it does not know).

**Cast.** Ids are words in capitals, padded with zeros.

* Users: `01ANA…` (whose client it is), `01BEN…`, `01EVE…`, `01DAN…`.
* Workspaces: `01GARDEN…`, and `01FARM…`, foreign where the state does not have it.
* Channels: `01TEA…`, `01BAR…`, `01STAGE…` (voice), `01CAVE…` (unknown or new).
* Messages: `01MSGA…` to `01MSGC…`, `01MSGX…` (unknown); an attachment: `01PAPER…`.
* Roles that every workspace starts with: `01SEED0WNER…`, `01SEEDMDR…`, `01SEEDMBR…`, `01SEEDEVERY…`; others:
  `01CREW…`, `01CHEF…`.
* Friend requests: `01ASK…`, `01PRAY…`. Never known: `01MARS…`.

The time is 1700000000 and some seconds later.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from typing import Annotated, Any, Final, Literal

from pydantic import Field, model_validator

from sync_check.conformance.contract.requirements import REQUIREMENTS
from sync_check.conformance.contract.values import WireModel
from sync_check.conformance.contract.vectors.notation import BelievedState

FAMILIES: Final = (
    "envelope",
    "connection",
    "presence",
    "messages",
    "channels",
    "workspace",
    "roles",
    "overrides",
    "moderation",
    "profile",
    "friends",
    "voice",
)
"""The files, by the name of their family."""


class Verdict(StrEnum):
    """What becomes of a frame."""

    APPLY = "apply"
    UNCHANGED = "unchanged"
    IGNORE = "ignore"


class Kind(StrEnum):
    """What a vector shows."""

    VALID = "valid"
    ADDITIVE = "additive"
    MALFORMED = "malformed"
    REPEAT = "repeat"
    UNHELD = "unheld"
    VARIANT = "variant"
    LENIENT = "lenient"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Vector:
    """A frame and what it does; `before` and `after` are whole states without their empty slices."""

    id: str
    text: str
    binary: bool
    verdict: Verdict
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    requirements: tuple[str, ...]

    @property
    def event(self) -> str:
        """The name of the event that the vector is about, or `envelope`."""
        return self.id.split("/")[0]

    @property
    def kind(self) -> Kind:
        """What the vector shows."""
        return Kind(self.id.split("/")[1])


def load_vectors(family: str) -> tuple[Vector, ...]:
    """The vectors of a family, in the order of its file; raises `ValidationError` for a faulty one."""
    text = files(__name__).joinpath(f"{family}.json").read_text(encoding="utf-8")
    file = VectorFile.model_validate(json.loads(text))
    return tuple(file.vectors_in_full())


def all_vectors() -> tuple[Vector, ...]:
    """Every vector of every family."""
    return tuple(vector for family in FAMILIES for vector in load_vectors(family))


class Repeated(WireModel):
    """A text that is too long to be written down."""

    of: str
    times: Annotated[int, Field(gt=0)]


class WrittenVector(WireModel):
    """A vector as it stands in a file."""

    id: Annotated[str, Field(pattern=r"^[a-z_]+/[a-z]+(/[a-z0-9_-]+)?\z")]
    verdict: Literal["apply", "unchanged", "ignore"]
    requirements: Annotated[list[str], Field(min_length=1)]
    before: str | BelievedState
    binary: bool = False
    frame: dict[str, Any] | None = None
    text: str | list[str | Repeated] | None = None
    after: BelievedState | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> "WrittenVector":
        Kind(self.id.split("/")[1])
        unknown = [requirement for requirement in self.requirements if requirement not in REQUIREMENTS]
        if unknown:
            raise ValueError(f"the contract has no requirement {unknown[0]}")
        if (self.frame is None) == (self.text is None):
            raise ValueError("either frame or text is needed")
        if (self.verdict == "apply") != (self.after is not None):
            raise ValueError("what changed is stated exactly where something is applied")
        return self

    def message(self) -> str:
        """The text of the WebSocket message."""
        if self.text is None:
            return json.dumps(self.frame, ensure_ascii=False)
        parts = [self.text] if isinstance(self.text, str) else self.text
        return "".join(part if isinstance(part, str) else part.of * part.times for part in parts)


class VectorFile(WireModel):
    """A file of vectors; `states` are those that vectors name."""

    family: str
    states: dict[str, BelievedState]
    vectors: Annotated[list[WrittenVector], Field(min_length=1)]

    @model_validator(mode="after")
    def _is_consistent(self) -> "VectorFile":
        ids = [vector.id for vector in self.vectors]
        if len(set(ids)) < len(ids):
            raise ValueError("a vector's id occurs twice")
        named = {vector.before for vector in self.vectors if isinstance(vector.before, str)}
        if named != self.states.keys():
            raise ValueError(f"unknown or unused states: {sorted(named ^ self.states.keys())}")
        for vector in self.vectors_in_full():
            if (vector.before == vector.after) == (vector.verdict is Verdict.APPLY):
                raise ValueError(f"{vector.id} does not change what it says")
        return self

    def vectors_in_full(self) -> Iterator[Vector]:
        """The vectors with their states filled in."""
        for written in self.vectors:
            believed = self.states[written.before] if isinstance(written.before, str) else written.before
            before = believed.slices()
            changed = {} if written.after is None else written.after.told()
            after = {name: value for name, value in {**before, **changed}.items() if value}
            yield Vector(
                id=written.id,
                text=written.message(),
                binary=written.binary,
                verdict=Verdict(written.verdict),
                before=before,
                after=after,
                requirements=tuple(written.requirements),
            )
