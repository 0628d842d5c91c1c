"""One sentence for each mistake in a profile; it names the key and says what to write."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any, Final, get_args
from urllib.parse import urlsplit

from pydantic import BaseModel

from sync_check.conformance.contract.events import EVENTS
from sync_check.conformance.contract.features import SINCE, Feature
from sync_check.conformance.contract.operations import COMMANDS, OPERATIONS
from sync_check.harness.adapter.dialect import PLACEHOLDER
from sync_check.harness.hazards import Hazard
from sync_check.profiles.fields import field_names
from sync_check.profiles.model import Profile
from sync_check.targets import OWN, BadTarget, check_target_text

_SHOWN: Final = 60
_SECRET_NAMES: Final = frozenset(("authorization", "cookie", "proxy-authorization", "x-api-key"))
_OUR_HEADERS: Final = frozenset(
    ("accept-encoding", "authorization", "connection", "content-length", "content-type", "host")
) | {"transfer-encoding", "upgrade", "x-request-id"}
_ENVELOPE: Final = frozenset("vtd")
_VALUE: Final = re.compile(r"[\t\x20-\x7e]*")
"""What a header can hold and every server takes alike."""
_PATH: Final = re.compile(r"/[^\s?#]*")


class BadProfile(ValueError):
    """A text is no profile; each of `problems` names a key and says what is wrong with it."""

    def __init__(self, *problems: str) -> None:
        super().__init__(*problems)
        self.problems = problems

    def __str__(self) -> str:
        return "; ".join(self.problems)


def mistake(error: Mapping[str, Any]) -> str:
    """What an error of pydantic's says of a key."""
    where = [part for part in error["loc"] if isinstance(part, str)]
    key = ".".join(where).removesuffix(".[key]")
    given = _shown(error["input"])
    match error["type"]:
        case "extra_forbidden":
            return _unknown(where)
        case "enum":
            known, what = (Hazard, "hazard") if where[0] == "allow" else (Feature, "feature")
            return f"{key} names {error['input']!r}, which is no {what}{_meant(str(error['input']), known)}"
        case _ if key == "revision":
            return f"revision = {given} is none of 1, 2"
        case "literal_error":
            return f"{key} = {given} is none of {error['ctx']['expected'].replace(' or ', ', ')}"
        case "string_pattern_mismatch":
            return f"{key} = {given} {_wanted(where)}"
        case "missing":
            return f"{key} is missing: add it"
        case "model_type" | "dict_type":
            return f"{key} is no table: write [{key}] and one key a line under it"
        case _:
            wanted = error["msg"].removeprefix("Input should be ")
            return f"{key} = {given} should be {wanted}"


def _unknown(where: list[str]) -> str:
    *tables, name = where
    table = _table(tables)
    key = ".".join(where)
    known = () if table is None else [one.alias or key for key, one in table.model_fields.items()]
    if where[0] == "limits":
        return f"{key} is no limit{_meant(name, known)}"
    return f"{key} is no key of a profile{_meant(name, known)}"


def _table(tables: list[str]) -> type[BaseModel] | None:
    """The model of the table that these names lead to."""
    model: type[BaseModel] | None = Profile
    for name in tables:
        known = None if model is None else model.model_fields.get(name)
        kind = None if known is None else known.annotation
        kinds = (kind, *get_args(kind))
        model = next((one for one in kinds if isinstance(one, type) and issubclass(one, BaseModel)), None)
    return model


def _wanted(where: list[str]) -> str:
    """What a text should look like that does not."""
    match where:
        case ["metrics", "prefix"]:
            return "begins no metric's name: give letters, digits, _ and :"
        case ["accounts", "admin", "path"]:
            return "is no path: begin it with /"
        case ["rename", kind, *_]:
            return f"is no name of {'an event' if kind == 'events' else 'a field'}"
        case ["headers" | "secret_headers", _, "[key]"] | ["address_header"]:
            return "is no name of a header"
        case _:
            return "is no name of an environment variable: secrets are not written into a profile"


def contradictions(profile: Profile) -> Iterator[str]:
    """What each value alone does not show."""
    if profile.features is not None and profile.absent is not None:
        yield "features and absent say the same in two ways: give one of them"
    later = [one for one in profile.features or () if SINCE.get(one, 1) > profile.revision]
    if later:
        yield f"features names {', '.join(later)}, for which revision must be 2"
    if profile.revision == 1 and profile.migration_window:
        yield "migration_window is of revision 2 alone: leave it out, or set revision = 2"
    yield from _of_urls(profile)
    yield from _of_accounts(profile)
    yield from _of_headers(profile)
    yield from _of_renaming(profile)


def _of_urls(profile: Profile) -> Iterator[str]:
    if profile.url in OWN:
        yield f"url = {profile.url!r} is a server of our own, which needs no profile"
    elif profile.url is not None:
        yield from _of_url("url", profile.url)
    for url in profile.metrics.urls:
        yield from _of_url("metrics.urls", url)
    for url in profile.gateways:
        try:
            parts = urlsplit(url)
            parts.port  # noqa: B018 - reading it checks it
        except ValueError as error:
            yield f"gateways names {_shown(url)}, which is no URL ({error})"
            continue
        if parts.scheme not in ("ws", "wss") or not parts.hostname:
            yield f"gateways names {_shown(url)}, which is no ws(s) URL"
        elif parts.username is not None or parts.query or parts.fragment:
            bare = f"{parts.scheme}://…@{parts.hostname}"
            yield f"gateways names {bare!r}, which holds credentials, a query or a fragment: leave them out"


def _of_url(key: str, url: str) -> Iterator[str]:
    if url in OWN:
        yield f"{key} = {url!r} is no http(s) URL"
        return
    try:
        check_target_text(url)
    except BadTarget as error:
        yield f"{key} = {error.text!r} {error.reason}"


def _of_accounts(profile: Profile) -> Iterator[str]:
    accounts = profile.accounts
    if accounts.source == "file" and accounts.file is None:
        yield 'accounts.from = "file" needs accounts.file: name a file with one account a line'
    if accounts.source == "admin" and accounts.admin is None:
        yield 'accounts.from = "admin" needs a table [accounts.admin]: give at least its path'
    if accounts.source != "file" and accounts.file is not None:
        yield 'accounts.file is read with accounts.from = "file" alone: add it, or leave the file out'


def _of_headers(profile: Profile) -> Iterator[str]:
    for name in profile.headers:
        if name.casefold() in _SECRET_NAMES - {"authorization"}:
            yield f"headers.{name} is a secret: put it under [secret_headers] and name a variable there"
    for name, value in profile.headers.items():
        if not _VALUE.fullmatch(value):
            yield f"headers.{name} = {_shown(value)} is no value of a header: give one line of plain ASCII"
    for table, names in (("headers", profile.headers), ("secret_headers", profile.secret_headers)):
        for name in names:
            if name.casefold() in _OUR_HEADERS:
                yield f"{table}.{name} is set by sync-check itself: leave it out"


def _of_renaming(profile: Profile) -> Iterator[str]:
    rename = profile.rename
    yield from _of_paths(rename.paths)
    yield from _of_events(rename.events)
    for name, own in rename.fields.items():
        if name in _ENVELOPE:
            yield f"rename.fields.{name} is part of every envelope and cannot be renamed"
        elif name not in field_names():
            yield f"rename.fields.{name} is no field of the contract{_near(name, field_names())}"
        elif own in _ENVELOPE:
            yield f"rename.fields.{name} = {own!r} is the name of a part of every envelope: no field has it"
    for table, names in (("events", rename.events), ("fields", rename.fields)):
        twice = sorted({one for one in names.values() if list(names.values()).count(one) > 1})
        if twice:
            yield f"rename.{table} gives the name {twice[0]} twice: names have to stay different"


def _of_paths(renaming: Mapping[str, str]) -> Iterator[str]:
    paths = {operation.path for operation in OPERATIONS.values()}
    for path, own in renaming.items():
        if path not in paths:
            yield f"rename.paths names {_shown(path)}, which is no path of the contract{_near(path, paths)}"
        elif not _PATH.fullmatch(own):
            yield f"rename.paths.{_shown(path)} = {_shown(own)} is no path: begin it with /, without ? and #"
        elif sorted(PLACEHOLDER.findall(path)) != sorted(PLACEHOLDER.findall(own)):
            yield f"rename.paths.{_shown(path)} = {_shown(own)} should have the same {{…}}"


def _of_events(renaming: Mapping[str, str]) -> Iterator[str]:
    events = {*EVENTS, *COMMANDS}
    for name, own in renaming.items():
        if name not in events:
            yield f"rename.events.{name} is no event of the contract{_near(name, events)}"
        elif own in events and own not in renaming:
            yield f"rename.events.{name} = {own!r} is what another event is called: rename that one as well"


def _meant(name: str, known: Iterable[str]) -> str:
    """The nearest known name, or all of them where none is near."""
    names = [str(one) for one in known]
    near = get_close_matches(name.casefold(), names, n=1)
    return f"; did you mean {near[0]}?" if near else f" (there are {', '.join(names)})" if names else ""


def _near(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, sorted(known), n=1)
    return f"; did you mean {near[0]}?" if near else ""


def _shown(value: Any) -> str:
    """A value of the file as JSON, cut."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
