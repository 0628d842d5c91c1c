"""What the typed models say about their fields, read once for every format of the export."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from sync_check.conformance.contract.operations import Command, Operation
from sync_check.conformance.contract.permissions import CANONICAL_ORDER
from sync_check.conformance.contract.values import (
    ULID_PATTERN,
    ChannelKind,
    GuildVisibility,
    LegacyRole,
    NotNull,
    OverrideTargetKind,
    StreamSource,
    WireModel,
)

_ENUMS_ASKED_FOR: Final[Mapping[str, tuple[str, ...]]] = {
    "visibility": get_args(GuildVisibility),
    "kind": get_args(ChannelKind),
    "role": get_args(LegacyRole),
    "target_kind": get_args(OverrideTargetKind),
    "permissions": CANONICAL_ORDER,
    "allow": CANONICAL_ORDER,
    "deny": CANONICAL_ORDER,
    "publish_sources": get_args(StreamSource),
}
_NUMBERS_FROM_1: Final = frozenset(("limit", "expires_in_secs"))
_SCALARS: dict[Any, str] = {str: "string", int: "integer", bool: "boolean", bytes: "bytes"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Type:
    """A JSON type as a model states it; `shape` is the model of an object, None where any object will do."""

    base: str
    """`string`, `integer`, `boolean`, `array`, `object`, or `bytes` for a raw body."""
    enum: tuple[str, ...] = ()
    is_ulid: bool = False
    minimum: int | None = None
    items: "Type | None" = None
    most: int | None = None
    """Items that an array holds at most."""
    shape: type[WireModel] | None = None
    nullable: bool = False

    def __str__(self) -> str:
        null = " or null" if self.nullable else ""
        most = "" if self.most is None else f", at most {self.most}"
        return f"{self._core()}{most}{null}"

    @property
    def is_permission(self) -> bool:
        """Whether the value is the name of any permission."""
        return self.enum == CANONICAL_ORDER

    def _core(self) -> str:
        if self.items is not None:
            return f"array of {self.items}"
        if self.is_ulid or self.is_permission:
            return "ulid" if self.is_ulid else "permission"
        return self.base if self.minimum is None else f"{self.base} >= {self.minimum}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A member of an object, or, with a dotted path for a name, of an object inside it."""

    name: str
    type: Type
    required: bool


class UnreadableType(TypeError):
    """A model uses a type that the export has no words for."""

    def __init__(self, annotation: Any) -> None:
        super().__init__(annotation)
        self.annotation = annotation

    def __str__(self) -> str:
        return f"the export cannot describe {self.annotation!r}"


def members(model: type[BaseModel]) -> tuple[Member, ...]:
    """The members of a wire model in the order of their declaration.

    Raises `UnreadableType` for an annotation outside the vocabulary of the wire.
    """
    return tuple(
        Member(
            name=field.serialization_alias or name,
            type=_type(model, name, field),
            required=field.is_required(),
        )
        for name, field in model.model_fields.items()
    )


def flattened(model: type[BaseModel], prefix: str = "") -> Iterator[Member]:
    """The members of a model and all objects in it, by path: `updated_fields.name`, `reactions[].emoji`."""
    for member in members(model):
        path = f"{prefix}{member.name}"
        yield replace(member, name=path)
        inner = member.type.items or member.type
        if inner.shape is not None:
            yield from flattened(inner.shape, f"{path}[]." if member.type.items else f"{path}.")


def _type(model: type[BaseModel], name: str, field: FieldInfo) -> Type:
    stated = _read(field.annotation, field.metadata)
    if issubclass(model, Operation):
        # There None mostly stands for a field that is left out.
        return _asked_for(name, replace(stated, nullable=name in model.nullable))
    return _asked_for(name, stated) if issubclass(model, Command) else stated


def _asked_for(name: str, stated: Type) -> Type:
    """What a server takes; the models are loose, so that a test can ask for what is to be refused."""
    if stated.items is not None:
        return replace(stated, items=_asked_for(name, stated.items))
    if name.endswith(("_id", "_ids")) or name == "before":
        return replace(stated, is_ulid=True)
    if name in _NUMBERS_FROM_1:
        return replace(stated, minimum=1)
    return replace(stated, enum=_ENUMS_ASKED_FOR.get(name, ()))


def _read(annotation: Any, metadata: list[Any]) -> Type:
    if get_origin(annotation) is Annotated:
        inner, *more = get_args(annotation)
        return _read(inner, [*more, *metadata])
    if get_origin(annotation) in (Union, UnionType):
        (inner,) = (argument for argument in get_args(annotation) if argument is not NoneType)
        # What is marked so may be left out, but never be null.
        return replace(_read(inner, metadata), nullable=NotNull not in metadata)
    return _constrained(_plain(annotation), metadata)


def _plain(annotation: Any) -> Type:
    if annotation in _SCALARS:
        return Type(base=_SCALARS[annotation])
    if get_origin(annotation) is Literal:
        return Type(base="string", enum=get_args(annotation))
    if get_origin(annotation) is list:
        return Type(base="array", items=_read(get_args(annotation)[0], []))
    if get_origin(annotation) is dict:
        return Type(base="object")
    if isinstance(annotation, type) and issubclass(annotation, WireModel):
        return Type(base="object", shape=annotation)
    raise UnreadableType(annotation)


def _constrained(plain: Type, metadata: list[Any]) -> Type:
    for constraint in _constraints(metadata):
        # By attribute: the classes of constraints belong to a package that only pydantic depends on.
        if (above := getattr(constraint, "gt", None)) is not None:
            plain = replace(plain, minimum=above + 1)
        if (least := getattr(constraint, "ge", None)) is not None:
            plain = replace(plain, minimum=least)
        if (most := getattr(constraint, "max_length", None)) is not None:
            plain = replace(plain, most=most)
        if ULID_PATTERN.pattern in (getattr(constraint, "pattern", None) or ""):
            plain = replace(plain, is_ulid=True)
    return plain


def _constraints(metadata: list[Any]) -> Iterator[Any]:
    for entry in metadata:
        if isinstance(entry, FieldInfo):
            yield from entry.metadata
        else:
            yield entry
