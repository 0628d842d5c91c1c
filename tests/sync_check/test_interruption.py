"""Ctrl-C at any moment: exit code 130 and not a word."""

import signal
import subprocess
import sys

import pytest

from sync_check.cli.interruption import quiet_while_loading
from tests.sync_check.command import BUDGET_S

REPORTING_IMPORTS = [sys.executable, "-X", "importtime", "-m", "sync_check"]
"""Standard error tells of each module as soon as it is loaded, which is how far the start has come."""


def words_after_interrupt(*words: str, loaded: str) -> tuple[int, list[str]]:
    """Interrupt the command when it has loaded that module; its exit code, and what it said of its own."""
    process = subprocess.Popen(
        [*REPORTING_IMPORTS, *words], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    lines = iter(process.stderr.readline, "")
    assert any(line.split("|")[-1].strip() == loaded for line in lines)
    process.send_signal(signal.SIGINT)
    said = [line for line in lines if not line.startswith("import time:")]
    process.stderr.close()
    return process.wait(BUDGET_S), said


@pytest.mark.parametrize(
    ("words", "loaded"),
    [
        (("list",), "typer"),
        (("list",), "sync_check.harness.rest"),
        (("serve", "--port", "0"), "uvicorn.config"),
    ],
)
def test_an_interrupt_while_loading_is_quiet(words: tuple[str, ...], loaded: str) -> None:
    assert words_after_interrupt(*words, loaded=loaded) == (130, [])


@pytest.mark.parametrize("handler", [signal.default_int_handler, signal.SIG_IGN])
def test_what_an_interrupt_did_before_it_does_afterwards(handler: signal.Handlers) -> None:
    before = signal.signal(signal.SIGINT, handler)
    try:
        with quiet_while_loading():
            is_replaced = signal.getsignal(signal.SIGINT) is not handler
        assert signal.getsignal(signal.SIGINT) is handler
    finally:
        signal.signal(signal.SIGINT, before)
    assert is_replaced == (handler is not signal.SIG_IGN)
