"""`sync-check serve`: the reference server in the foreground."""

import logging
import os
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.console import Console
from rich.table import Table

from sync_check.cli.environment import unread_variables
from sync_check.cli.errors import UsageFault, one_sentence, say_warning
from sync_check.cli.helping import Command
from sync_check.cli.interruption import quiet_while_loading
from sync_check.cli.settings import check_settings
from sync_check.conformance.contract.limits import Limits
from sync_check.conformance.verdict import ExitCode
from sync_check.reference_server.configuration import (
    LIMIT_PREFIX,
    PREFIX,
    VARIABLES,
    BadSetting,
    Flags,
    configured,
)

if TYPE_CHECKING:
    from sync_check.reference_server.process import Addresses

_PORT: Final = 8000


class ServeCommand(Command):
    """Its help ends with the environment variables and every limit."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Print the help as for any command, and then what `--limit` can name."""
        super().format_help(ctx, formatter)
        variables = ", ".join(PREFIX + name for name in VARIABLES)
        limits = Table(box=None, padding=(0, 2, 0, 1))
        # A name that is cut off could not be given; the text beside it may take more lines instead.
        limits.add_column("limit", no_wrap=True, min_width=max(map(len, Limits.model_fields)))
        limits.add_column("default", no_wrap=True)
        limits.add_column("what it bounds")
        for name, field in Limits.model_fields.items():
            limits.add_row(name, str(field.default), field.description)
        console = Console(highlight=False)
        console.print(
            f" Environment: {variables}, and {LIMIT_PREFIX}<NAME> for each limit; an option wins over it.\n",
            markup=False,
        )
        console.print(limits)


serve_app = typer.Typer(add_completion=False)


@serve_app.command("serve", cls=ServeCommand)
def serve_command(
    host: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Address to listen on (127.0.0.1).")
    ] = None,
    port: Annotated[
        str | None, typer.Option(metavar="NUMBER", help=f"Port to listen on; 0 takes a free one ({_PORT}).")
    ] = None,
    gateway_port: Annotated[
        str | None,
        typer.Option(metavar="NUMBER", help="Serve the gateway at a port of its own; 0 takes a free one."),
    ] = None,
    nodes: Annotated[
        str | None,
        typer.Option(metavar="NUMBER", help="Gateway nodes, each at a port of its own, 1 to 8 (1)."),
    ] = None,
    limit: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="Another value for a limit; repeatable, the last counts."),
    ] = None,
    revision: Annotated[
        str | None,
        typer.Option(metavar="1|2|both", help="Contract revision: both is 2 in the migration window (both)."),
    ] = None,
    without: Annotated[
        list[str] | None, typer.Option(metavar="FEATURE", help="Do not serve this feature; repeatable.")
    ] = None,
    trust_proxy: Annotated[
        list[str] | None,
        typer.Option(metavar="NETWORK", help="Believe x-forwarded-for from these peers; repeatable."),
    ] = None,
    metric_prefix: Annotated[
        str | None, typer.Option(metavar="TEXT", help="What precedes the name of each counter.")
    ] = None,
    metrics_path: Annotated[
        str | None, typer.Option(metavar="PATH", help="Where the counters are read (/metrics).")
    ] = None,
    defect: Annotated[
        str | None, typer.Option(metavar="ID", help="Be wrong on purpose (see `list --defects`).")
    ] = None,
    variant: Annotated[
        list[str] | None,
        typer.Option(metavar="ID", help="Be right in another way (see `list --variants`); repeatable."),
    ] = None,
    seed: Annotated[
        str | None, typer.Option(metavar="NUMBER", help="Make ids and tokens repeat, and guessable.")
    ] = None,
    state: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Keep what is stored in this file, from start to start."),
    ] = None,
    log: Annotated[
        str | None,
        typer.Option(
            metavar="text|json|off", help="Standard error: json also has a line for each event (text)."
        ),
    ] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
) -> None:
    """Run the reference server with the contract's default limits, until interrupted."""
    with one_sentence({BadSetting: ExitCode.USAGE, UsageFault: ExitCode.USAGE}, debug=debug):
        flags = Flags(
            host=host,
            port=port,
            gateway_port=gateway_port,
            nodes=nodes,
            limits=limit or (),
            revision=revision,
            without=without or (),
            trust_proxy=trust_proxy or (),
            metric_prefix=metric_prefix,
            metrics_path=metrics_path,
            defect=defect,
            variant=variant or (),
            seed=seed,
            state=state,
            log=log,
        )
        check_settings(flags, os.environ)
        settings = configured(flags, os.environ, default_port=_PORT)
    with quiet_while_loading():
        # The whole server, which no other command needs.
        from sync_check.reference_server.keeping import StateUnusable
        from sync_check.reference_server.process import ListenError, log_to_stderr, serve

    unread = unread_variables(os.environ)
    if unread is not None and settings.log == "json":
        # Nothing but JSON may come to this log.
        log_to_stderr(settings)
        logging.getLogger(__name__).warning(unread)
    elif unread is not None:
        say_warning(unread)
    with one_sentence({ListenError: ExitCode.USAGE, StateUnusable: ExitCode.USAGE}, debug=debug):
        serve(settings, announce=_announce)


def _announce(addresses: "Addresses") -> None:
    from sync_check.reference_server.web import PATH

    lines = [f"listening on {addresses.rest} (Ctrl-C ends it)"]
    lines += (f"gateway at {url}" for url in addresses.gateways)
    if not addresses.gateways:
        lines.append(f"web shell at {addresses.rest}{PATH}")
    # In one piece: whoever reads the first line may close the pipe.
    typer.echo("\n".join(lines))
