"""The embedded server's start, its end, and what is said when it cannot be had."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from sync_check.embedded import EmbeddedServerFailed, EmbeddedServerUnreachable, embedded_server
from sync_check.harness.errors import ScenarioHalted, TargetUnavailable

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
    async with embedded_server(()) as server:
        assert server.url == "http://127.0.0.1:1"
    assert capfd.readouterr().err == "early\nlast words\n"


async def test_one_that_cannot_be_reached_is_not_called_by_a_url_that_nobody_typed(instead: Instead) -> None:
    announced = json.dumps({"listening": "http://127.0.0.1:1"})
    instead(f"echo '{announced}'\nread line")
    with pytest.raises(EmbeddedServerUnreachable) as caught:
        async with embedded_server(()) as server:
            raise TargetUnavailable(server.url, "no connection")
    told = str(caught.value)
    assert "cannot be reached: no connection" in told
    assert "loopback interface" in told
    assert "http" not in told


async def test_it_comes_back_where_it_was_with_what_was_stored_as_often_as_it_is_taken_down() -> None:
    account = {"username": "ana", "password": "long enough, too"}
    later = account | {"username": "ben"}
    async with embedded_server(("--log=off",)) as server, httpx.AsyncClient() as web:
        url = server.url
        await web.post(f"{url}/auth/register", json=account)
        for killed in (False, True):
            await server.down(killed=killed)
            with pytest.raises(httpx.ConnectError):
                await web.get(f"{url}/health")
            await server.up()
            assert server.url == url
            assert (await web.get(f"{url}/health")).status_code == 200
            assert (await web.post(f"{url}/auth/login", json=account)).status_code == 200
            if killed:  # what was there at the last end in order is there again, and no more
                assert (await web.post(f"{url}/auth/login", json=later)).status_code == 401
            await web.post(f"{url}/auth/register", json=later)


async def test_it_waits_for_its_port_and_says_when_it_does_not_come_back(
    instead: Instead, tmp_path: Path
) -> None:
    announced = json.dumps({"listening": "http://127.0.0.1:1"})
    twice = f"[ -e {tmp_path}/once ] || {{ touch {tmp_path}/once; exit 4; }}"
    instead(f"echo '{announced}'\nread line")
    async with embedded_server(()) as server:
        await server.down()
        instead(f"{twice}\necho '{announced}'\nread line")
        await server.up()
        assert (tmp_path / "once").exists()
        await server.down()
        instead("echo 'no memory' >&2\nexit 1")
        with pytest.raises(ScenarioHalted, match="did not start: no memory"):
            await server.up()
