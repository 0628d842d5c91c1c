"""The server as a process: one line when it listens, and an end whatever happens to its parent."""

import fcntl
import json
import os
import select
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import httpx
import pytest
from websockets.sync.client import connect

from sync_check.reference_server.__main__ import main
from sync_check.reference_server.backend import build_backend
from sync_check.reference_server.process import (
    Addresses,
    AddressInUse,
    ListenError,
    bind,
    serve,
    uvicorn_config,
)
from sync_check.reference_server.settings import Settings
from tests.reference_server.processes import started
from tests.reference_server.running import WITHIN_S
from tests.sync_check.command import forked_module

SERVER = [sys.executable, "-m", "sync_check.reference_server"]


def fetch(url: str) -> tuple[int, Any]:
    with urllib.request.urlopen(url, timeout=WITHIN_S) as answer:
        return answer.status, json.load(answer)


def test_announces_itself_in_one_line_and_ends_when_stdin_ends() -> None:
    pipe = subprocess.PIPE
    command = [*SERVER, "--embedded"]
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as process:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["listening"]
        assert fetch(f"{url}/health") == (200, {"status": "ok"})
        out, err = process.communicate(timeout=WITHIN_S)
        assert (process.returncode, out, err) == (0, "", "")


def test_a_busy_server_does_not_outlive_its_stdin_either() -> None:
    program = (
        "from sync_check.reference_server.lifeline import end_with_stdin; end_with_stdin();"
        "print('up', flush=True)\nwhile True: pass"
    )
    assert ends_with_its_stdin(program) == -signal.SIGTERM


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_closes_connections_and_ends_it_without_a_traceback(number: signal.Signals) -> None:
    with started() as (process, url):
        with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2]))) as idle:
            process.send_signal(number)
            idle.settimeout(WITHIN_S)
            assert idle.recv(1) == b""
        out, err = process.communicate(timeout=WITHIN_S)
        assert (process.returncode, out, err) == (0, "", "")


def a_token(http: httpx.Client) -> str:
    """The access token of a new user, who is also who calls from now on."""
    account = {"username": "ana", "password": "long enough, too"}
    assert http.post("/auth/register", json=account).status_code == 200
    token: str = http.post("/auth/login", json=account).json()["access_token"]
    http.headers["authorization"] = f"Bearer {token}"
    return token


def test_a_log_that_nobody_reads_any_more_stops_nothing() -> None:
    with started("--log", "json") as (process, url), httpx.Client(base_url=url, trust_env=False) as http:
        token = a_token(http)
        gateway = f"{url.replace('http', 'ws')}/gateway/ws?access_token={token}"
        process.stderr.close()
        with connect(gateway, proxy=None) as watcher:
            about = [f"about {number}" for number in range(3)]
            for text in about:
                assert http.patch("/users/me/profile", json={"about_markdown": text}).status_code == 200
            events = [json.loads(watcher.recv(WITHIN_S)) for _ in range(4)]
            assert [event["d"]["updated_fields"]["about_markdown"] for event in events[1:]] == about
        process.send_signal(signal.SIGTERM)
        assert process.wait(WITHIN_S) == 0


def test_a_log_whose_reader_stalls_stops_neither_the_server_nor_its_end() -> None:
    with started("--log", "json") as (process, url), httpx.Client(base_url=url, trust_env=False) as http:
        fcntl.fcntl(process.stderr, fcntl.F_SETPIPE_SZ, 4096)
        a_token(http)
        for number in range(60):  # several times as many lines as the pipe holds
            about = {"about_markdown": f"about {number}"}
            assert http.patch("/users/me/profile", json=about).status_code in (200, 429)
        assert fetch(f"{url}/health") == (200, {"status": "ok"})
        process.send_signal(signal.SIGTERM)
        assert process.wait(WITHIN_S) == 0
        *whole, _cut_off = process.stderr.read().split("\n")
        assert {json.loads(line)["event"] for line in whole} == {"profile_update"}


@pytest.mark.parametrize("log", ["json", "text"])
def test_even_the_finest_log_tells_no_secret(log: str) -> None:
    with started("--log", log, "--log-level", "debug") as (process, url):
        with httpx.Client(base_url=url, trust_env=False) as http:
            token = a_token(http)
            assert http.get("/gateway/ws", params={"access_token": token}).status_code == 426
            me = http.get("/auth/me").json()["user_id"]
            with connect(f"{url.replace('http', 'ws')}/gateway/ws?access_token={token}", proxy=None) as one:
                http.patch("/users/me/profile", json={"about_markdown": "a payload"})
                assert "a payload" in [one.recv(WITHIN_S), one.recv(WITHIN_S)][1]
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=WITHIN_S)
    assert "Started server process" in err
    assert not [secret for secret in (token, me, "a payload", "long enough") if secret in err]


@pytest.mark.parametrize(("log", "lines"), [("json", 2), ("off", 0)])
def test_warnings_and_errors_keep_to_the_format(log: str, lines: int) -> None:
    with TemporaryFile("w+") as err, Path(os.devnull).open("r+b") as nothing:
        complaining = "tests.reference_server.complaining"
        assert forked_module(complaining, log, streams=(nothing, nothing, err)).wait() == 0
        err.seek(0)
        logged = [json.loads(line) for line in err]
    assert len(logged) == lines
    assert [line["level"] for line in logged] == ["warning", "error"][:lines]


def test_a_server_stuck_in_its_shutdown_does_not_outlive_its_stdin() -> None:
    program = (
        "import threading, signal; from sync_check.reference_server import lifeline; lifeline.GRACE_S = 0.1;"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN); lifeline.end_with_stdin(); print('up', flush=True);"
        "threading.Event().wait()"
    )
    assert ends_with_its_stdin(program) == 0


def ends_with_its_stdin(program: str) -> int:
    """Run a program that says `up`, close its standard input, and return how it ended."""
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", program], stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline() == "up\n"
        process.stdin.close()
        return process.wait(timeout=WITHIN_S)


def test_it_dies_with_a_parent_that_is_killed() -> None:
    parent_program = (
        "import subprocess, sys, threading; pipe = subprocess.PIPE;"
        f"child = subprocess.Popen({[*SERVER, '--embedded']!r}, stdin=pipe, stdout=pipe);"
        "print(child.pid, child.stdout.readline().decode(), flush=True); threading.Event().wait()"
    )
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", parent_program], stdout=pipe, text=True) as parent:
        assert parent.stdout is not None
        server = os.pidfd_open(int(parent.stdout.readline().split()[0]))
        parent.kill()
        # The handle of a process is readable once it has ended.
        assert select.select([server], [], [], WITHIN_S)[0] == [server]
        os.close(server)


def never(addresses: Addresses) -> None:
    pytest.fail(f"it listens at {addresses}")


def test_a_port_in_use_is_one_clear_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    with bind("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(AddressInUse) as refused:
            serve(Settings(port=port), announce=never)
        assert (refused.value.host, refused.value.port) == ("127.0.0.1", port)
        assert main(["--port", str(port)]) == 4
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == f"Port {port} on 127.0.0.1 is in use by another program; choose another one.\n"


@pytest.mark.parametrize("host", ["192.0.2.1", "no.such.host.invalid", "a..b", "a" * 70])
def test_an_address_of_others_is_one_clear_sentence(host: str) -> None:
    with pytest.raises(ListenError, match=f"^Cannot listen on {host} port 0: .*\\.$"):
        bind(host, 0)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--limit", "nonsense=1"], "--limit 'nonsense=1' names no limit. There are"),
        (["--limit", "guilds_per_user"], "--limit 'guilds_per_user' is no NAME=VALUE"),
        (["--limit", "guilds_per_user=x"], "guilds_per_user is a whole number above 0"),
        (["--defect", "nonsense"], "--defect 'nonsense' names no defect. There are"),
        (["--port", "70000"], "--port '70000' is out of range"),
        (["--port"], "argument --port: expected one argument"),
        (["--lim", "guilds_per_user=1"], "unrecognized arguments: --lim"),
    ],
)
def test_wrong_usage_is_one_clear_sentence(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    err = capsys.readouterr().err
    assert err.startswith("python -m sync_check.reference_server: ")
    assert words in err
    assert err.count("\n") == 1


def test_wrong_variables_are_refused_like_flags_but_not_by_an_embedded_server(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SYNC_CHECK_LIMIT_GUILD_PER_USER", "1")
    with pytest.raises(SystemExit) as ended:
        main([])
    assert ended.value.code == 2
    assert "did you mean GUILDS_PER_USER?" in capsys.readouterr().err
    with started("--embedded") as (_, url):
        assert fetch(f"{url}/health")[0] == 200


@pytest.mark.parametrize("arguments", [["--port", "70000"], ["--host", "a..b"]])
def test_debug_shows_the_traceback_besides(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    codes: list[object] = []
    for more in ([], ["--debug"]):
        try:
            codes.append(main([*arguments, *more]))
        except SystemExit as ended:
            codes.append(ended.code)
    lines = capsys.readouterr().err.splitlines()
    assert codes[0] == codes[1] != 0
    assert lines[0] == lines[-1]
    assert lines.count("Traceback (most recent call last):") == 1


def test_limits_and_defect_of_the_command_line_are_in_force() -> None:
    with started("--embedded", "--limit", "requests_per_minute=2", "--defect", "kick-keeps-stream") as (
        _,
        url,
    ):
        statuses = [fetch(f"{url}/health")[0] for _ in range(2)]
        assert statuses == [200, 200]
        with pytest.raises(urllib.error.HTTPError, match="429"):
            fetch(f"{url}/health")


def test_answers_are_not_held_back() -> None:
    """Only for sockets that name their protocol does asyncio turn Nagle's algorithm off."""
    with bind("127.0.0.1", 0) as listener:
        assert listener.proto == socket.IPPROTO_TCP
    assert uvicorn_config(build_backend(Settings())).backlog >= 4096
