"""`python -m sync_check.reference_server`: one server, announced by one line of JSON on standard output."""

import argparse
import json
import os
import sys
import traceback
from typing import TYPE_CHECKING, NoReturn

from sync_check.reference_server.configuration import BadSetting, Flags, configured
from sync_check.reference_server.lifeline import end_with_stdin
from sync_check.reference_server.settings import Settings

if TYPE_CHECKING:
    from sync_check.reference_server.process import Addresses

_USAGE = 2
_CANNOT_LISTEN = 4
_OPTIONS = (
    *("host", "port", "gateway-port", "nodes", "revision", "metric-prefix", "metrics-path"),
    *("defect", "seed", "state", "log", "log-level"),
)


def main(arguments: list[str] | None = None) -> int:
    """Serve until told to stop; returns the exit code, 4 where the server cannot listen.

    Wrong usage ends the process with 2.
    """
    parser = _parser()
    given = vars(parser.parse_args(arguments))
    is_embedded, debug = given.pop("embedded"), given.pop("debug")
    descriptor = given.pop("state_descriptor")
    try:
        # An embedded server belongs to a run, which knows its settings: the environment has no say.
        settings = configured(Flags(**given), {} if is_embedded else os.environ)
    except BadSetting as error:
        if debug:
            traceback.print_exc()
        parser.error(str(error))
    if is_embedded:
        end_with_stdin()
        settings = settings.model_copy(update={"state_descriptor": descriptor})
    return _serve(settings, debug=debug)


def _serve(settings: Settings, *, debug: bool) -> int:
    # Imported here: the lifeline must hold before the slow half of the start, and usage errors are quick.
    from sync_check.reference_server.keeping import StateUnusable
    from sync_check.reference_server.process import ListenError, serve

    try:
        serve(settings, announce=_announce)
    except StateUnusable as error:
        if debug:
            traceback.print_exc()
        sys.stderr.write(f"{error}\n")
        return _USAGE
    except ListenError as error:
        if debug:
            traceback.print_exc()
        sys.stderr.write(f"{error}\n")
        return _CANNOT_LISTEN
    return 0


def _announce(addresses: "Addresses") -> None:
    told = {"listening": addresses.rest} | ({"gateways": addresses.gateways} if addresses.gateways else {})
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """End with one sentence; argparse itself would print the usage besides."""
        self.exit(_USAGE, f"{self.prog}: {message}\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m sync_check.reference_server", description=__doc__, allow_abbrev=False)
    parser.add_argument("--embedded", action="store_true", help="end when standard input ends")
    parser.add_argument("--state-descriptor", type=int, help="an open file to keep what is stored in")
    for option in _OPTIONS:
        parser.add_argument(f"--{option}")
    for option, metavar in (("without", "FEATURE"), ("trust-proxy", "NETWORK"), ("variant", "ID")):
        parser.add_argument(f"--{option}", action="append", default=[], metavar=metavar)
    parser.add_argument("--limit", dest="limits", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--debug", action="store_true", help="show tracebacks")
    return parser


if __name__ == "__main__":
    sys.exit(main())
