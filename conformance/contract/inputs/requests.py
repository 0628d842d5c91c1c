"""Requests that no client should send (contract 2.1): bodies, types, methods, paths, queries and headers.

Unless it says otherwise, a request posts a message as a member who may, so that it shows where a fault is
overlooked.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from sync_check.conformance.contract.features import Feature
from sync_check.conformance.contract.inputs import Place, put, values_for
from sync_check.conformance.contract.limits import Limits
from sync_check.conformance.contract.wire import escaped, unescaped

RAW_REQUEST: Final = "raw_request"
"""What such a request is called in a history, where operations have their names."""
TOKEN: Final = "$token"
"""Stands for the caller's access token, which no history holds."""
_JSON: Final = "application/json"
_HEADERS: Final = MappingProxyType({"content-type": _JSON, "authorization": f"Bearer {TOKEN}"})
_MESSAGES: Final = "/guilds/$guild/channels/$channel/messages"
_BODY: Final = '{"content":"$text"}'


@dataclass(frozen=True, slots=True, kw_only=True)
class RawRequest:
    """A request as it goes out; `body` is escaped, and `$token` in a header is yet to be filled in.

    The body ends in `pad` spaces, which are not written out.
    """

    name: str
    method: str
    target: str
    headers: Mapping[str, str]
    body: str
    pad: int = 0

    @property
    def content(self) -> bytes:
        """The bytes of the body."""
        return unescaped(self.body) + b" " * self.pad


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestInput:
    """One request; one of `statuses` has to come, because of `requirement`."""

    id: str
    requirement: str
    statuses: frozenset[int]
    method: str = "POST"
    target: str = _MESSAGES
    headers: Mapping[str, str] = field(default_factory=lambda: _HEADERS)
    body: str = _BODY
    feature: Feature | None = None
    """What a target has to have for it, beside what all have."""
    size: int | None = None
    """By how many bytes the body is longer than a body may be; it is filled up with spaces."""

    def filled(self, place: Place, limits: Limits) -> RawRequest:
        """The request with everything in its place."""
        values = values_for(place, limits)
        body = put(self.body, values)
        size = len(unescaped(body))
        return RawRequest(
            name=self.id,
            method=self.method,
            target=put(self.target, values),
            headers={name: put(value, values) for name, value in self.headers.items()},
            body=body,
            pad=0 if self.size is None else limits.max_body_bytes + self.size - size,
        )


def _of(
    group: str, requirement: str, statuses: tuple[int, ...], bodies: Mapping[str, str | bytes]
) -> Iterator[RequestInput]:
    for name, body in bodies.items():
        raw = body if isinstance(body, bytes) else body.encode("utf-8", "surrogatepass")
        yield RequestInput(
            id=f"{group}/{name}", requirement=requirement, statuses=frozenset(statuses), body=escaped(raw)
        )


_MALFORMED: Final[Mapping[str, str | bytes]] = {
    "empty": "",
    "space": " ",
    "open-object": "{",
    "truncated": _BODY[:-1],
    "trailing-data": f"{_BODY}x",
    "trailing-object": f"{_BODY}{{}}",
    "trailing-comma": '{"content":"$text",}',
    "byte-order-mark": f"\ufeff{_BODY}",
    "single-quotes": _BODY.replace('"', "'"),
    "bare-names": '{content:"$text"}',
    "comment": f"/**/{_BODY}",
    "nan": '{"content":NaN}',
    "infinity": '{"content":-Infinity}',
    "newline-in-text": '{"content":"$text\n"}',
    "unknown-escape": '{"content":"$text\\x41"}',
    "null-behind": f"{_BODY}\0",
    "not-utf-8": b'{"content":"$text\xff"}',
    "overlong": b'{"content":"$text\xc0\xaf"}',
    "surrogate": b'{"content":"$text\xed\xa0\x80"}',
    "utf-16": b"\xff\xfe" + '{"content":"x"}'.encode("utf-16-le"),
    "form": "content=$text",
    "markup": "<content>$text</content>",
    "word": "hello",
    "50000-unclosed-arrays": "[" * 50_000,
}
_WRONG: Final[Mapping[str, str | bytes]] = {
    "array": "[]",
    "array-of-bodies": f"[{_BODY}]",
    "null": "null",
    "number": "1",
    "true": "true",
    "text": '"$text"',
    "nothing": "{}",
    "content-number": '{"content":1}',
    "content-null": '{"content":null}',
    "content-true": '{"content":true}',
    "content-array": '{"content":["$text"]}',
    "content-object": '{"content":{"text":"$text"}}',
    "capital-content": '{"Content":"$text"}',
    "one-more": '{"content":"$text","nonce":"x"}',
    "one-more-null": '{"content":"$text","x":null}',
    "guild-in-body": '{"content":"$text","guild_id":"$guild"}',
    "author": '{"content":"$text","author_id":"$nowhere"}',
    "prototype": '{"content":"$text","__proto__":{}}',
    "attachments-text": '{"content":"$text","attachment_ids":"$nowhere"}',
    "attachments-number": '{"content":"$text","attachment_ids":1}',
    "attachments-object": '{"content":"$text","attachment_ids":{}}',
    "attachments-of-numbers": '{"content":"$text","attachment_ids":[1]}',
    "attachments-of-null": '{"content":"$text","attachment_ids":[null]}',
    "attachments-null": '{"content":"$text","attachment_ids":null}',
}
_BEYOND: Final[Mapping[str, str | bytes]] = {
    "empty-content": '{"content":""}',
    "content-too-long": '{"content":"$over"}',
    "too-many-attachments": '{"content":"$text","attachment_ids":[$many]}',
    "attachment-of-nobody": '{"content":"$text","attachment_ids":["$nowhere"]}',
}
_ACCEPTED: Final[Mapping[str, str]] = {
    "white-space": '\r\n\t{ "content" : "$text" }\n',
    "escaped-member": '{"\\u0063ontent":"$text"}',
    "empty-attachments": '{"content":"$text","attachment_ids":[]}',
    "longest-content": '{"content":"$full"}',
}
_TYPES: Final[Mapping[str, str | None]] = {
    "none": None,
    "text": "text/plain",
    "form": "application/x-www-form-urlencoded",
    "multipart": "multipart/form-data; boundary=x",
    "html": "text/html",
    "octets": "application/octet-stream",
    "text-json": "text/json",
    "almost": "application/jsonp",
    "problem": "application/problem+json",
    "two-words": "application json",
}
_RIGHT_TYPES: Final[Mapping[str, str]] = {
    "charset": "application/json; charset=utf-8",
    "capitals": "Application/JSON",
}
_AUTHORIZATIONS: Final[Mapping[str, str | None]] = {
    "none": None,
    "empty": "",
    "scheme-alone": "Bearer",
    "no-scheme": TOKEN,
    "two-spaces": f"Bearer  {TOKEN}",
    "tab": f"Bearer\t{TOKEN}",
    "capitals": f"BEARER {TOKEN}",
    "small-letters": f"bearer {TOKEN}",
    "basic": "Basic YW5hOnBhc3N3b3Jk",
    "token": f"Token {TOKEN}",
    "comma": f"Bearer {TOKEN},",
    "two-tokens": f"Bearer {TOKEN} {TOKEN}",
    "quotes": f'Bearer "{TOKEN}"',
    "foreign": "Bearer not-a-token-of-anybody",
}
_METHODS: Final = ("PUT", "PATCH", "DELETE")
_IDS: Final[Mapping[str, str]] = {
    "word": "general",
    "short": "7ZZZZZZZZZZZZZZZZZZZZZZZZ",
    "long": "$nowhereZ",
    "nobody": "$nowhere",
    "null": "%00",
    "not-utf-8": "%ff",
    "newline": "$guild%0A",
    "dots": "%2e%2e",
    "slash": "a%2Fb",
    "star": "*",
}
_QUERIES: Final = (
    *("limit=0", "limit=101", "limit=-1", "limit=x", "limit=", "limit=1.5", "limit=1e1", "limit=%2B5"),
    *("limit=99999999999999999999", "limit=0x10", "limit=%EF%BC%91", "limit=1%20"),
)


def _with(name: str, value: str | None) -> Mapping[str, str]:
    kept = {key: given for key, given in _HEADERS.items() if key != name}
    return kept if value is None else {**kept, name: value}


def _typed() -> Iterator[RequestInput]:
    for name, value in _TYPES.items():
        yield RequestInput(
            id=f"content-type/{name}",
            requirement="REST-3",
            statuses=frozenset((415,)),
            headers=_with("content-type", value),
        )
    for name, value in _RIGHT_TYPES.items():
        yield RequestInput(
            id=f"content-type-right/{name}",
            requirement="REST-1",
            statuses=frozenset((200,)),
            headers=_with("content-type", value),
        )


def _authorized() -> Iterator[RequestInput]:
    for name, value in _AUTHORIZATIONS.items():
        yield RequestInput(
            id=f"authorization/{name}",
            requirement="REST-2",
            statuses=frozenset((401,)),
            headers=_with("authorization", value),
        )
    yield RequestInput(
        id="authorization/none-and-malformed",
        requirement="REST-3",
        statuses=frozenset((400, 401)),
        headers=_with("authorization", None),
        body="{",
    )


def _addressed() -> Iterator[RequestInput]:
    for method in _METHODS:
        yield RequestInput(
            id=f"method/{method.lower()}", requirement="REST-1", statuses=frozenset((405,)), method=method
        )
    for name, target in {
        "nothing": "/nothing",
        "deeper": f"{_MESSAGES}/x/y/z",
        "other-case": "/Guilds",
        "version": "/v1/guilds",
    }.items():
        yield RequestInput(
            id=f"route/{name}", requirement="REST-1", statuses=frozenset((404,)), target=target
        )
    for name, value in _IDS.items():
        yield RequestInput(
            id=f"path/guild-{name}",
            requirement="REST-5",
            statuses=frozenset((400, 403, 404)),
            target=_MESSAGES.replace("$guild", value),
        )
        yield RequestInput(
            id=f"path/channel-{name}",
            requirement="CHAN-3",
            statuses=frozenset((400, 404)),
            target=_MESSAGES.replace("$channel", value),
        )
    for query in _QUERIES:
        yield RequestInput(
            id=f"query/{query}",
            requirement="REST-4",
            statuses=frozenset((400,)),
            method="GET",
            target=f"{_MESSAGES}?{query}",
            headers=_with("content-type", None),
            body="",
        )


def _sized() -> Iterator[RequestInput]:
    yield RequestInput(id="size/one-below", requirement="LIMIT-1", statuses=frozenset((200,)), size=-1)
    yield RequestInput(id="size/at-the-limit", requirement="LIMIT-1", statuses=frozenset((200,)), size=0)
    yield RequestInput(id="size/one-beyond", requirement="REST-3", statuses=frozenset((413,)), size=1)


OPEN: Final = (400, 422)
"""Statuses of what is good JSON that not everybody can read."""
_NESTED: Final = "[" * 300 + "]" * 300
HUGE: Final = {
    "beyond-doubles": "1e400",
    "far-below": "-1e400",
    "beyond-64-bits": "18446744073709551616",
    "of-5000-digits": "9" * 5000,
}
"""Numbers that few machines can hold."""
_UNREADABLE: Final[Mapping[str, str]] = {
    "nested-content": f'{{"content":{_NESTED}}}',
    "nested-in-one-more": f'{{"content":"$text","x":{_NESTED}}}',
    "nested-objects": '{"content":' * 300 + "0" + "}" * 300,
    "20000-arrays": "[" * 20_000 + "]" * 20_000,
    **{f"content-{name}": f'{{"content":{number}}}' for name, number in HUGE.items()},
    **{f"one-more-{name}": f'{{"content":"$text","x":{number}}}' for name, number in HUGE.items()},
    "member-half-a-surrogate": '{"content":"$text","\\ud800":0}',
    "one-more-twice": '{"content":"$text","x":1,"x":2}',
    "attachments-twice-and-wrong": '{"content":"$text","attachment_ids":1,"attachment_ids":2}',
}
"""What is wrong, whether it can be read or not."""
_LEFT_OPEN: Final[Mapping[str, str]] = {
    "content-twice": '{"content":"$text","content":"$text"}',
    "content-twice-escaped": '{"content":"$text","\\u0063ontent":"$text"}',
    "content-twice-first-wrong": '{"content":1,"content":"$text"}',
    "content-twice-last-wrong": '{"content":"$text","content":null}',
    "attachments-twice": '{"content":"$text","attachment_ids":[],"attachment_ids":[]}',
    "half-a-surrogate": '{"content":"$text\\ud800"}',
    "other-half-of-a-surrogate": '{"content":"\\udc00$text"}',
    "surrogates-in-turned-order": '{"content":"$text\\ude00\\ud83d"}',
}
"""What may be taken or refused."""
_NUMBERS: Final[Mapping[str, str]] = {
    "minus-zero": "-0",
    "fraction": "1.5",
    "whole-fraction": "1.0",
    "exponent": "1e2",
}


def _numbered() -> Iterator[RequestInput]:
    for name, number in _NUMBERS.items():
        yield from _of("wrong", "REST-3", (422,), {f"content-{name}": f'{{"content":{number}}}'})


REQUESTS: Final[tuple[RequestInput, ...]] = (
    *_of("malformed", "REST-3", (400,), _MALFORMED),
    *_of("wrong", "REST-3", (422,), _WRONG),
    *_of("beyond", "REST-4", (400,), _BEYOND),
    *_numbered(),
    *_of("unreadable", "REST-3", OPEN, _UNREADABLE),
    *_of("left-open", "REST-3", (200, *OPEN), _LEFT_OPEN),
    *_of("right", "REST-1", (200,), _ACCEPTED),
    *_typed(),
    *_authorized(),
    *_addressed(),
    *_sized(),
)
