"""What an operation is: one REST call, or one command on a gateway connection.

An operation is a value: scenarios build it, the harness sends it, the history records it, the model
predicts its effect. Field values are deliberately loose (plain strings), because a test must be able to ask
for what a server has to refuse; results and events are strict.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, ClassVar, Final, Literal, NamedTuple
from urllib.parse import quote, urlencode

from pydantic import BaseModel, ConfigDict

from sync_check.conformance.contract import events
from sync_check.conformance.contract.features import Feature
from sync_check.conformance.contract.permissions import Permission
from sync_check.conformance.contract.values import WireModel

Method = Literal["GET", "POST", "PATCH", "DELETE"]
_PLACEHOLDER: Final = re.compile(r"\{(\w+)\}")


class Authority(StrEnum):
    """Who may ask for an operation, where that is not a named permission (tables of section 2)."""

    ANYBODY = "anybody"  # no authentication
    ANY_USER = "any user"
    MEMBER = "member"
    OWNER = "legacy role owner"
    ACCESS = "access"  # to the channel named in the path
    AUTHOR_OR_DELETE_MESSAGE = "author or delete_message"
    UPLOADER_OR_DELETE_MESSAGE = "uploader or delete_message"
    LEGACY_RANK = "legacy rank"  # MEM-3
    BAN_MEMBER_AND_RANK = "ban_member and rank"  # 8.3
    RECIPIENT = "recipient of the request"  # FRIEND-2
    SENDER_OR_RECIPIENT = "sender or recipient of the request"  # FRIEND-2


class Sending(StrEnum):
    """How a call sends what its path does not name."""

    NOTHING = "nothing"
    JSON = "json"
    QUERY = "query"
    BYTES = "bytes"  # `data` with its `content_type`; the rest as a query


_STATUSES_OF_SENDING: Final[Mapping[Sending, frozenset[int]]] = {
    Sending.NOTHING: frozenset(),
    Sending.JSON: frozenset((400, 413, 415, 422)),
    Sending.QUERY: frozenset((400,)),
    Sending.BYTES: frozenset((400, 413)),
}


class Refusal(NamedTuple):
    """A status with the code in the body `{"error": code}` (contract 2.1)."""

    status: int
    code: str


class Operation(BaseModel):
    """One REST call. Fields named in `path` fill its placeholders; the others go where `sending` says."""

    # Fields are named as on the wire, but for its `name`, which an operation class uses for its own.
    model_config = ConfigDict(extra="forbid", frozen=True, ser_json_bytes="base64", val_json_bytes="base64")

    name: ClassVar[str]
    method: ClassVar[Method]
    path: ClassVar[str]
    sending: ClassVar[Sending] = Sending.NOTHING
    nullable: ClassVar[frozenset[str]] = frozenset()
    """Fields for which null says something; any other field at None is left out."""
    success: ClassVar[Literal[200, 204]] = 200
    result: ClassVar[type[WireModel] | None]
    """The JSON answered; None for status 204, and for the bytes or the text that a few reads answer."""
    authority: ClassVar[Authority | Permission]
    in_channel: ClassVar[bool] = False
    """Whether the named permission is needed in the channel of the path, not at guild level."""
    feature: ClassVar[Feature | None] = None
    causes: ClassVar[tuple[type[events.Event], ...]] = ()
    """Events of an accepted, changing call, in order."""
    companions: ClassVar[tuple[type[events.Event], ...]] = ()
    """What may follow them by a SHOULD or in some states only, in order; `remark` says when."""
    remark: ClassVar[str] = ""
    remark_since_2: ClassVar[str] = ""
    """What is to be added from revision 2 on."""
    refusals: ClassVar[tuple[Refusal, ...]] = ()
    """Those of this call alone; `statuses` adds the ones of its kind."""

    @classmethod
    def placeholders(cls) -> tuple[str, ...]:
        """The fields that the path names, in its order."""
        return tuple(_PLACEHOLDER.findall(cls.path))

    @classmethod
    def sent_fields(cls) -> Mapping[str, bool]:
        """The wire names of the fields outside the path, and whether each is required."""
        return {
            field.serialization_alias or name: field.is_required()
            for name, field in cls.model_fields.items()
            if name not in cls.placeholders() and name not in ("data", "content_type")
        }

    @classmethod
    def statuses(cls) -> tuple[int, ...]:
        """Every status that the contract provides for the call, the success first; 5xx are nobody's plan."""
        found = {408, 429, *(refusal.status for refusal in cls.refusals)}
        if cls.authority is not Authority.ANYBODY:
            found.add(401)
        if "guild_id" in cls.placeholders():
            found.add(403)
        if cls.placeholders():
            found |= {400, 404}
        return (cls.success, *sorted(found | _STATUSES_OF_SENDING[cls.sending]))

    def url_path(self) -> str:
        """Path and query, percent-encoded, relative to the REST base URL."""
        filled = self._filled("strict")
        query = self._sent() if self.sending in (Sending.QUERY, Sending.BYTES) else {}
        return f"{filled}?{urlencode(query)}" if query else filled

    def shown_path(self) -> str:
        """The path, for people: what no URL can hold, half a surrogate pair, is escaped."""
        return self._filled("backslashreplace")

    def _filled(self, errors: str) -> str:
        given = self.model_dump(mode="json", include=set(self.placeholders()))
        return _PLACEHOLDER.sub(lambda match: quote(str(given[match[1]]), safe="", errors=errors), self.path)

    def body(self) -> dict[str, Any] | None:
        """The JSON body, or None where the call has none."""
        return self._sent() if self.sending is Sending.JSON else None

    def upload(self) -> tuple[str, bytes] | None:
        """Content type and bytes of an upload, or None where the call is none."""
        return None

    def _sent(self) -> dict[str, Any]:
        given = self.model_dump(
            mode="json", exclude={*self.placeholders(), "data", "content_type"}, by_alias=True
        )
        nulls = self.nullable & self.model_fields_set
        return {key: value for key, value in given.items() if value is not None or key in nulls}


class Upload(Operation):
    """A call whose body is raw bytes."""

    sending = Sending.BYTES
    content_type: str
    data: bytes

    def upload(self) -> tuple[str, bytes]:
        """Content type and bytes."""
        return self.content_type, self.data


class Command(BaseModel):
    """One frame that a client sends on its gateway connection (contract 3.2)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: ClassVar[str]
    causes: ClassVar[tuple[type[events.Event], ...]] = ()
    companions: ClassVar[tuple[type[events.Event], ...]] = ()
    remark: ClassVar[str] = ""
    remark_since_2: ClassVar[str] = ""

    def payload(self) -> dict[str, Any]:
        """The `d` of the command's envelope."""
        return self.model_dump(mode="json", exclude_none=True)
