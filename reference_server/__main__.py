"""`python -m sync_check.reference_server`: one server, announced by one line of JSON on standard output."""

import argparse
import json
import sys
from typing import Any

from pydantic import ValidationError

from sync_check.conformance.contract.limits import Limits
from sync_check.reference_server.defects import DEFECTS
from sync_check.reference_server.lifeline import end_with_stdin
from sync_check.reference_server.settings import Settings

_CANNOT_LISTEN = 4


def main(arguments: list[str] | None = None) -> int:
    """Serve until told to stop; returns the exit code, 4 where the server cannot listen."""
    parser = _parser()
    given = parser.parse_args(arguments)
    try:
        settings = Settings(
            host=given.host,
            port=given.port,
            limits=Limits(**dict(given.limit)),
            trusted_proxies=given.trust_proxy,
            defect=given.defect,
            seed=given.seed,
            log_level=given.log_level,
        )
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        parser.error(f"{'.'.join(map(str, first['loc']))}: {first['msg']}")
    if given.embedded:
        end_with_stdin()
    return _serve(settings)


def _serve(settings: Settings) -> int:
    # Imported here: the lifeline must hold before the slow half of the start, and usage errors are quick.
    from sync_check.reference_server.process import ListenError, serve

    try:
        serve(settings, announce=_announce)
    except ListenError as error:
        sys.stderr.write(f"{error}\n")
        return _CANNOT_LISTEN
    return 0


def _announce(url: str) -> None:
    sys.stdout.write(json.dumps({"listening": url}) + "\n")
    sys.stdout.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sync_check.reference_server", description=__doc__)
    parser.add_argument("--embedded", action="store_true", help="end when standard input ends")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 lets the system choose (default)")
    parser.add_argument("--limit", type=_limit, action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--trust-proxy", action="append", default=[], metavar="NETWORK")
    parser.add_argument("--defect", choices=sorted(DEFECTS), metavar="ID")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--log-level", default="warning")
    return parser


def _limit(text: str) -> tuple[str, Any]:
    name, separator, value = text.partition("=")
    if not separator or name not in Limits.model_fields:
        raise argparse.ArgumentTypeError(
            f"no limit is set by {text!r}; use NAME=VALUE, such as guilds_per_user=100"
        )
    return name, value


if __name__ == "__main__":
    sys.exit(main())
