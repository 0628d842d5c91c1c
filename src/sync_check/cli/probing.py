"""`sync-check probe`: look at a server from outside, tell what it has, and write its profile."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from sync_check.cli.errors import UsageFault, one_sentence
from sync_check.cli.profiles import (
    Given,
    ProfileOption,
    SetOption,
    declared_target,
    given_profile,
    naming_keys,
)
from sync_check.cli.running import CODES
from sync_check.cli.telling import say_line, say_whole
from sync_check.conformance.contract.limits import Limits
from sync_check.harness.enrolment import Roster
from sync_check.harness.randomness import Randomness
from sync_check.harness.target import Target
from sync_check.managed import managed
from sync_check.probing import Survey, profile_text, survey
from sync_check.reports.wording import counted
from sync_check.targets import OWN, BadTarget, check_target_text
from sync_check.venues import loop_factory, randomness_for

_SEED: Final = 1


def probe_command(
    url: Annotated[
        str | None, typer.Argument(metavar="[URL]", help="The server's base URL; else the profile's.")
    ] = None,
    profile: ProfileOption = None,
    setting: SetOption = None,
    write: Annotated[
        str | None, typer.Option(metavar="FILE", help="Write the profile there; a file must not exist.")
    ] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
) -> None:
    """Look at a server without harming it: features, limits, revision, counters, clock, order of events.

    It makes two accounts (or takes listed ones) and a workspace of its own, and touches nothing else.
    """
    with one_sentence(CODES, debug=debug):
        given = given_profile(profile, os.environ, setting or ())
        where = _where(url, given)
        target = declared_target(where, given)
        assert target is not None  # it is none of our own
        path = None if write is None else _free(write)
        found = _surveyed(where, target, given)
        console = Console(highlight=False)
        for line in _told(found, is_listed=isinstance(target.enrolment, Roster)):
            say_line(console, line)
        if path is not None:
            _write(path, profile_text(found, None if given is None else given.profile, path))
            say_whole(console, f"wrote     {path}; next: sync-check run --profile {path}")


def _where(url: str | None, given: Given | None) -> str:
    text = url or (None if given is None else given.profile.url)
    if text is None:
        raise UsageFault("there is no URL to probe: give one, or a profile that has one")
    if text in OWN:
        raise BadTarget(text, "is a server of our own, of which everything is known")
    check_target_text(text)
    return text


def _free(text: str) -> Path:
    """Where to write; asked before anything is done to the server."""
    path = Path(text)
    if not text or path.is_dir():
        raise UsageFault(f"--write {text!r} names no file; name one, such as sync-check.toml")
    if path.exists():
        raise UsageFault(f"--write {text!r} is there already and is left as it is; name another file")
    if not path.parent.is_dir():
        raise UsageFault(f"--write {text!r} lies in no folder that there is; make it, or name another file")
    return path


def _write(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise UsageFault(f"--write {str(path)!r} cannot be written: {error.strerror}") from error


def _surveyed(where: str, target: Target, given: Given | None) -> Survey:
    randomness = randomness_for(where, _SEED)
    with asyncio.Runner(loop_factory=loop_factory(where, randomness)) as runner, naming_keys(given):
        return runner.run(_started(target, randomness))


async def _started(target: Target, randomness: Randomness) -> Survey:
    async with managed(target, randomness.run_id()):
        return await survey(target, randomness)


def _told(found: Survey, *, is_listed: bool) -> Iterator[str]:
    yield f"probe     {found.url}"
    yield from _told_of_features(found)
    yield f"revision  {_told_revision(found)}"
    yield from _told_of_limits(found)
    yield f"counters  {_told_prefix(found)}"
    yield f"clock     {_told_clock(found)}"
    yield f"order     {_told_order(found)}"
    accounts = "" if is_listed else ", and two accounts"
    yield f"left      workspace {found.left!r}, which cannot be deleted{accounts}"
    yield f"asked     {counted(found.calls, 'call')}"


def _told_of_features(found: Survey) -> Iterator[str]:
    features = found.features.items()
    yield f"has       {', '.join(feature for feature, sight in features if sight.value) or 'no feature'}"
    for feature, sight in features:
        if sight.value is False:
            yield f"lacks     {feature}: {sight.why}"
    for feature, sight in features:
        if not sight.is_seen:
            yield f"unseen    {feature}: {sight.why}"


def _told_revision(found: Survey) -> str:
    if not found.revision.is_seen:
        return f"not seen: {found.revision.why}"
    return f"{found.revision.value}: {found.revision.why}"


def _told_of_limits(found: Survey) -> Iterator[str]:
    seen = {name: sight for name, sight in found.limits.items() if sight.is_seen}
    other = {name: sight for name, sight in seen.items() if sight.value != _usual(name)}
    usual = len(seen) - len(other)
    unseen = len(found.limits) - len(seen)
    yield f"limits    {usual} as the contract has them, {len(other)} otherwise, {unseen} not seen"
    for name, sight in other.items():
        yield f"          {name} = {sight.value}, not {_usual(name)}: {sight.why}"


def _usual(name: str) -> float:
    value: float = Limits.model_fields[name].default
    return value


def _told_prefix(found: Survey) -> str:
    if not found.prefix.is_seen:
        return f"not seen: {found.prefix.why}"
    return f"with prefix {found.prefix.value!r}" if found.prefix.value else "by the contract's names"


def _told_clock(found: Survey) -> str:
    ahead = found.clock_s.value
    if ahead is None:
        return f"not seen: {found.clock_s.why}"
    if not ahead:
        return "as ours, within the second that it tells"
    return f"{abs(ahead):g} s {'ahead of' if ahead > 0 else 'behind'} ours"


def _told_order(found: Survey) -> str:
    if not found.order.is_seen:
        return f"not seen: {found.order.why}"
    kept = "came in the order of their operations" if found.order.value else "did not come in their order"
    return f"{found.order.why} {kept}"
