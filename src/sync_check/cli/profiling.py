"""`sync-check profile`: write a profile to begin with, check one, show what is in force."""

import os
from pathlib import Path
from typing import Annotated, Final

import typer

from sync_check.cli.errors import UsageFault, one_sentence, say
from sync_check.cli.helping import Command, Group
from sync_check.cli.profiles import VARIABLE, Given, ProfileOption, SetOption, given_profile
from sync_check.conformance.verdict import ExitCode
from sync_check.profiles import BadProfile, Layered, Profile
from sync_check.profiles.showing import shown
from sync_check.profiles.template import TEMPLATE
from sync_check.reference_server.configuration import PREFIX
from sync_check.reports.visible import visible
from sync_check.targets import check_target_text

_EXAMPLE: Final = "https://chat.example.org/api"
_FILE: Final = "sync-check.toml"
_FileArgument = Annotated[
    str | None, typer.Argument(metavar="[FILE]", help=f"The profile; else ./{_FILE}, if it is there.")
]
_CODES: Final[dict[type[Exception], ExitCode]] = {UsageFault: ExitCode.USAGE, ValueError: ExitCode.USAGE}

profile_app = typer.Typer(
    name="profile",
    cls=Group,
    add_completion=False,
    help="Write, check or show the profile of a server of yours.",
    no_args_is_help=True,
)


@profile_app.command("init", cls=Command)
def init_command(
    file: Annotated[str, typer.Argument(help="The file to write.")] = _FILE,
    url: Annotated[
        str | None, typer.Option(help="The base URL of your server; without it that stays a comment.")
    ] = None,
) -> None:
    """Write a profile with a word on every key. A file that is there is not touched."""
    with one_sentence(_CODES, debug=False):
        if url is not None:
            check_target_text(url)
        line = f'# url = "{_EXAMPLE}"' if url is None else f'url = "{url}"'
        try:
            with Path(file).open("x", encoding="utf-8") as written:
                written.write(TEMPLATE.format(url=line))
        except FileExistsError:
            raise UsageFault(f"{file!r} is there already and is left as it is; name another file") from None
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise UsageFault(f"{file!r} cannot be written: {reason}; name another file") from None
        typer.echo(f"wrote {visible(file)}; next: sync-check profile check {visible(file)}")


@profile_app.command("check", cls=Command)
def check_command(
    file: _FileArgument = None,
    profile: ProfileOption = None,
    setting: SetOption = None,
) -> None:
    """Check a profile without a word to the server: one sentence for each mistake, exit code 2."""
    with one_sentence(_CODES, debug=False):
        try:
            given = _given(file, profile, setting)
            target = given.target(given.profile.url or _EXAMPLE, os.environ)
        except UsageFault as fault:
            if not isinstance(fault.__cause__, BadProfile):
                raise
            written = fault.sentence.removesuffix(str(fault.__cause__))
            for problem in fault.__cause__.problems:
                say(UsageFault(f"{written}{problem}"), internal=False)
            raise typer.Exit(ExitCode.USAGE) from None
        if given.profile.url is not None and target.unmatched is not None:
            raise UsageFault(f"{given.written} will not do: {target.unmatched}")
        typer.echo(f"{visible(given.written)} is in order")


@profile_app.command("show", cls=Command)
def show_command(
    file: _FileArgument = None,
    profile: ProfileOption = None,
    setting: SetOption = None,
) -> None:
    """Show every value in force, and where it came from. Of secrets only the variables are shown."""
    with one_sentence(_CODES, debug=False):
        given = _given(file, profile, setting, may_be_none=True)
    rows = list(shown(given.layered))
    width = max(len(f"{row.key} = {row.value}") for row in rows if len(row.value) <= len(_EXAMPLE))
    for row in rows:
        line = f"{row.key} = {row.value}"
        typer.echo(visible(f"{line:<{width}}  # {row.source}"))
    for variable in given.profile.variables:
        typer.echo(f"{variable} is {'set' if os.environ.get(variable) else 'not set'}")


def _given(
    file: str | None, profile: str | None, setting: list[str] | None, *, may_be_none: bool = False
) -> Given:
    if file is not None and profile is not None:
        raise UsageFault("FILE and --profile name two profiles: give one of them")
    named = file or profile
    if named is None and PREFIX + VARIABLE not in os.environ and Path(_FILE).is_file():
        named = _FILE
    given = given_profile(named, os.environ, setting or ())
    if given is not None:
        return given
    if may_be_none:
        return Given(layered=Layered(profile=Profile(), sources={}), written="nothing", asked=False)
    raise UsageFault(
        f"there is no profile: name a file, such as {_FILE}, which `sync-check profile init` writes"
    )
