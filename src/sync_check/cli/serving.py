"""`sync-check serve`: the reference server in the foreground."""

from typing import Annotated, Final

import typer
from pydantic import ValidationError

from sync_check.cli.errors import UsageFault, one_sentence
from sync_check.conformance.contract.limits import Limits
from sync_check.conformance.verdict import ExitCode
from sync_check.reference_server.defects import DEFECTS
from sync_check.reference_server.settings import Settings

_LAST_PORT: Final = 65535


def serve_command(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.")] = 8000,
    limit: Annotated[
        list[str] | None, typer.Option(help="NAME=VALUE: another value for a limit of the contract.")
    ] = None,
    defect: Annotated[str | None, typer.Option(help="Be wrong on purpose (see `list --defects`).")] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
) -> None:
    """Run the reference server with the contract's default limits, until interrupted."""
    with one_sentence({UsageFault: ExitCode.USAGE}, debug=debug):
        if not 0 <= port <= _LAST_PORT:
            raise UsageFault(f"--port {port} is out of range: give 0 to {_LAST_PORT}")
        settings = Settings(host=host, port=port, limits=_limits(limit or []), defect=_known(defect))
    # Loads the whole server, which no other command needs.
    from sync_check.reference_server.process import ListenError, serve

    with one_sentence({ListenError: ExitCode.USAGE}, debug=debug):
        serve(settings, announce=lambda url: typer.echo(f"listening on {url} (Ctrl-C ends it)"))


def _limits(pairs: list[str]) -> Limits:
    given: dict[str, str] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or name not in Limits.model_fields:
            known = ", ".join(Limits.model_fields)
            raise UsageFault(f"--limit {pair!r} is no NAME=VALUE of a known limit: {known}")
        given[name] = value
    try:
        return Limits.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        raise UsageFault(f"--limit {name}={given[name]} will not do: {first['msg'].lower()}") from error


def _known(defect: str | None) -> str | None:
    if defect is not None and defect not in DEFECTS:
        raise UsageFault(f"there is no defect {defect!r}; the seeded ones are {', '.join(DEFECTS)}")
    return defect
