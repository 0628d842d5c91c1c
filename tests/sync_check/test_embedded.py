"""The embedded server's start, its end, and what is said when it cannot be had."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sync_check.embedded import EmbeddedServerFailed, EmbeddedServerUnreachable, embedded_server
from sync_check.harness.errors import TargetUnavailable

Instead = Callable[[str], object]


@pytest.fixture
def instead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Instead:
    """Gives the shell commands that are run in place of the server."""
    script = tmp_path / "server"
    script.touch(mode=0o755)
    monkeypatch.setattr(sys, "executable", str(script))
    return lambda commands: script.write_text(f"#!/bin/sh\n{commands}\n")


async def why_it_failed() -> str:
    with pytest.raises(EmbeddedServerFailed) as caught:
        async with embedded_server(()):
            pass
    return str(caught.value)


async def test_a_machine_without_a_free_port_is_told_without_a_port_that_nobody_typed(
    instead: Instead,
) -> None:
    instead("echo 'Port 0 on 127.0.0.1 is in use by another program.' >&2\nexit 4")
    said = await why_it_failed()
    assert "it found no free port on the loopback interface" in said
    assert "Port 0" not in said


async def test_what_it_said_last_is_the_reason(instead: Instead, capfd: pytest.CaptureFixture[str]) -> None:
    instead("echo 'no such option' >&2\nexit 2")
    assert (await why_it_failed()).endswith("did not start: no such option")
    assert capfd.readouterr().err == ""


async def test_a_traceback_is_shown_whole(instead: Instead, capfd: pytest.CaptureFixture[str]) -> None:
    instead("printf 'Traceback:\\n  line 1\\nKeyError: 7\\n' >&2\nexit 1")
    assert (await why_it_failed()).endswith("did not start: KeyError: 7")
    assert capfd.readouterr().err == "Traceback:\n  line 1\nKeyError: 7\n"


async def test_one_that_ends_without_a_word_is_told_by_its_exit_code(instead: Instead) -> None:
    instead("exit 7")
    assert (await why_it_failed()).endswith("it ended with exit code 7")


async def test_what_it_says_while_it_runs_is_shown_to_the_last_word(
    instead: Instead, capfd: pytest.CaptureFixture[str]
) -> None:
    announced = json.dumps({"listening": "http://127.0.0.1:1"})
    instead(f"echo early >&2\necho '{announced}'\nread line\necho 'last words' >&2")
    async with embedded_server(()) as url:
        assert url == "http://127.0.0.1:1"
    assert capfd.readouterr().err == "early\nlast words\n"


async def test_one_that_cannot_be_reached_is_not_called_by_a_url_that_nobody_typed() -> None:
    with pytest.raises(EmbeddedServerUnreachable) as caught:
        async with embedded_server(()) as url:
            raise TargetUnavailable(url, "no connection")
    told = str(caught.value)
    assert "cannot be reached: no connection" in told
    assert "loopback interface" in told
    assert url not in told
