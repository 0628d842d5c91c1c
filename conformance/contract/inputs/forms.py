"""Bodies of requests about other things than messages, with one member of another type (REST-3).

A null, a number or a list where a text is due, and the other way round, is wrong wherever a body is read.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from sync_check.conformance.contract.features import Feature
from sync_check.conformance.contract.inputs.requests import HUGE, OPEN, RequestInput
from sync_check.conformance.contract.wire import escaped

_NO_TEXT: Final[Mapping[str, str]] = {
    "null": "null",
    "number": "1",
    "true": "true",
    "array": '["$text"]',
    "object": '{"x":"$text"}',
}
"""What is no string."""
_NO_LIST: Final[Mapping[str, str]] = {
    "null": "null",
    "text": '"$nowhere"',
    "object": "{}",
    "of-null": "[null]",
    "of-numbers": "[1]",
    "of-arrays": '[["$nowhere"]]',
}
"""What is no list of strings."""


class _Form(NamedTuple):
    """A body that is right: where it goes, and by member its JSON and what must not stand in its place."""

    group: str
    target: str
    members: Mapping[str, tuple[str, Mapping[str, str]]]
    method: str = "POST"
    feature: Feature | None = None


_ANYBODYS: Final = (
    _Form("lookup", "/users/lookup", {"user_ids": ('["$nowhere"]', _NO_LIST)}),
    _Form("guild", "/guilds", {"name": ('"x"', _NO_TEXT), "visibility": ('"private"', _NO_TEXT)}),
    _Form("login", "/auth/login", {"username": ('"x"', _NO_TEXT), "password": ('"x"', _NO_TEXT)}),
    _Form("refresh", "/auth/refresh", {"refresh_token": ('"x"', _NO_TEXT)}),
    _Form("logout", "/auth/logout", {"refresh_token": ('"x"', _NO_TEXT)}),
    _Form(
        "profile",
        "/users/me/profile",
        {"about_markdown": ('"x"', _NO_TEXT)},
        method="PATCH",
        feature=Feature.PROFILE,
    ),
    _Form("friend", "/friends/requests", {"recipient_user_id": ('"x"', _NO_TEXT)}, feature=Feature.FRIENDS),
)
_MISTYPED_NUMBERS: Final[Mapping[str, str]] = {
    **{name: _NO_TEXT[name] for name in ("null", "true", "array", "object")},
    "text": '"1"',
    "fraction": "1.5",
}
_OWNERS: Final = (
    _Form("channel", "/guilds/$guild/channels", {"name": ('"x"', _NO_TEXT), "kind": ('"text"', _NO_TEXT)}),
    _Form(
        "order",
        "/guilds/$guild/channels/reorder",
        {"channel_ids": ('["$channel"]', _NO_LIST)},
        feature=Feature.CHANNELS_REORDER,
    ),
    _Form(
        "role",
        "/guilds/$guild/roles",
        {
            "name": ('"x"', _NO_TEXT),
            "permissions": ("[]", _NO_LIST),
            "position": ("1", _MISTYPED_NUMBERS),
            "color_hex": ('"#123456"', _NO_TEXT),
        },
        feature=Feature.ROLES,
    ),
)


def _mistyped(form: _Form) -> Iterator[RequestInput]:
    """The form with one member of another type, without the first, within a list, and twice as a list."""
    right = {name: value for name, (value, _) in form.members.items()}
    bodies = {
        f"{member}-{name}": {**right, member: value}
        for member, (_, wrong) in form.members.items()
        for name, value in wrong.items()
    }
    bodies["one-more"] = {**right, "x": "0"}
    texts = {name: _object(body) for name, body in bodies.items()}
    texts["list"] = f"[{_object(right)}]"
    for name, text in texts.items():
        yield _formed(form, name, (422,), text)
    for name, text in {"nothing": "", "byte-order-mark": f"\ufeff{_object(right)}"}.items():
        yield _formed(form, name, (400,), text)


def _huge(form: _Form) -> Iterator[RequestInput]:
    right = {name: value for name, (value, _) in form.members.items()}
    first = next(iter(right))
    for name, number in HUGE.items():
        yield _formed(form, f"{first}-{name}", OPEN, _object({**right, first: number}))


def _object(members: Mapping[str, str]) -> str:
    return "{" + ",".join(f'"{name}":{value}' for name, value in members.items()) + "}"


def _formed(form: _Form, name: str, statuses: tuple[int, ...], text: str) -> RequestInput:
    return RequestInput(
        id=f"{form.group}/{name}",
        requirement="REST-3",
        statuses=frozenset(statuses),
        method=form.method,
        target=form.target,
        feature=form.feature,
        body=escaped(text.encode()),
    )


def _of_forms(forms: Iterable[_Form]) -> tuple[RequestInput, ...]:
    return tuple(one for form in forms for one in (*_mistyped(form), *_huge(form)))


FORMS: Final[tuple[RequestInput, ...]] = _of_forms(_ANYBODYS)
"""Those of which it does not matter who sends them."""
OWNED: Final[tuple[RequestInput, ...]] = _of_forms(_OWNERS)
"""Those that would be refused to whoever is not the owner, be they right or wrong."""
