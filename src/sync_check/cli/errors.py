"""A user's mistake ends in one clear sentence and the right exit code; tracebacks on request only."""

import asyncio
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from sync_check.conformance.verdict import ExitCode
from sync_check.reports.visible import visible


class UsageFault(ValueError):
    """The command line asks for what cannot be; `sentence` names the thing and what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence

    def __str__(self) -> str:
        return self.sentence


@contextmanager
def one_sentence(codes: dict[type[Exception], ExitCode], *, debug: bool) -> Iterator[None]:
    """Turn the errors of `codes` into their exit code, any other exception of ours into `INTERNAL`."""
    try:
        yield
    except typer.Exit:
        raise
    except (KeyboardInterrupt, asyncio.CancelledError):
        raise typer.Exit(ExitCode.INTERRUPTED) from None
    except Exception as error:  # noqa: BLE001 - the outermost frame: whatever is left is an error of ours
        code = next((code for kind, code in codes.items() if isinstance(error, kind)), ExitCode.INTERNAL)
        if debug:
            traceback.print_exc()
        say(error, internal=code is ExitCode.INTERNAL)
        raise typer.Exit(code) from None


def say_usage(message: str) -> None:
    """Print what is wrong with the command line as one line on standard error."""
    text = visible(" ".join(message.split())).rstrip(".")
    sys.stderr.write(f"sync-check: {text}; --help shows what there is\n")


def say_warning(message: str) -> None:
    """Print what is probably not meant, and does not end the command, as one line on standard error."""
    sys.stderr.write(f"sync-check: warning: {visible(message)}\n")


def say(error: Exception, *, internal: bool) -> None:
    """Print the error as one line on standard error, made visible, and below it its `lines`, if any."""
    text = visible("; ".join((str(error), *getattr(error, "__notes__", ()))).replace(".; ", "; "))
    if internal:
        text = f"internal error: {type(error).__name__}: {text} (--debug shows the traceback)"
    sys.stderr.write(f"sync-check: {text}\n")
    for line in getattr(error, "lines", ()):
        sys.stderr.write(f"  {visible(line)}\n")
