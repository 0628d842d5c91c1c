"""Field types of the wire: ids, timestamps, enumerations (contract 1, 2.2 and 5)."""

import re
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

ULID_PATTERN: Final = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")
"""An entity id, upper case (ENV-9). Use `fullmatch`: `$` would let a trailing newline pass."""

USERNAME_PATTERN: Final = re.compile(r"[A-Za-z0-9_.]{3,32}")

Ulid = Annotated[str, Field(pattern=r"^[0-7][0-9A-HJKMNP-TV-Z]{25}\z")]
UnixTime = Annotated[int, Field(gt=0)]
"""Seconds since the epoch, a positive integer (ENV-10)."""
Count = Annotated[int, Field(ge=0)]

GuildVisibility = Literal["private", "public"]
ChannelKind = Literal["text", "voice"]
LegacyRole = Literal["owner", "moderator", "member"]
RemovalReason = Literal["kick", "ban", "leave"]
PresenceStatus = Literal["online", "offline"]
ReactionChange = Literal["add", "remove"]
OverrideTargetKind = Literal["role", "member"]
StreamSource = Literal["microphone", "camera", "screen_share"]


def _refuse_null(value: Any) -> Any:
    # An optional field is left out when it has no value; null is a malformed value (contract 1).
    if value is None:
        raise ValueError("null is not allowed, the field is left out when it has no value")
    return value


NotNull = BeforeValidator(_refuse_null)
"""Marks an optional field that may be absent but never null: `Annotated[X | None, NotNull] = None`."""

OptionalUlid = Annotated[Ulid | None, NotNull]
OptionalStr = Annotated[str | None, NotNull]
OptionalBool = Annotated[bool | None, NotNull]
OptionalVisibility = Annotated[GuildVisibility | None, NotNull]


class WireModel(BaseModel):
    """A closed, strict, immutable wire shape: no undeclared member, no coercion of types."""

    # Built when first used: a process needs few of the shapes, and starts a tenth faster without the others.
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, defer_build=True)

    def wire(self) -> dict[str, Any]:
        """The JSON object to send: fields that were not given are left out."""
        return self.model_dump(mode="json", exclude_unset=True)


def faults_of(shape: type[WireModel], body: Any) -> tuple[str, ...]:
    """What keeps `body` from being of `shape`, as `member: reason`; additional members do not count."""
    try:
        shape.model_validate(body)
    except ValidationError as error:
        errors = error.errors(include_url=False, include_context=False, include_input=False)
        return tuple(
            f"{'.'.join(map(str, one['loc'])) or 'it'}: {one['msg']}"
            for one in errors
            if one["type"] != "extra_forbidden"
        )
    return ()


class UpdatedFields(WireModel):
    """Base of every `updated_fields`: only what changed, and at least one field of it (EVT-2)."""

    @model_validator(mode="after")
    def _has_a_field(self) -> "UpdatedFields":
        if not self.model_fields_set:
            raise ValueError("updated_fields holds no known field")
        return self
