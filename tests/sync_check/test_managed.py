"""A target that the run starts is awaited, watched and stopped, its group and all, whatever becomes of us."""

import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryFile

import httpx
import pytest

from sync_check.conformance.verdict import Excerpt, Finding, Kind, Level
from sync_check.exploration import Ground, play, red
from sync_check.harness.enrolment import Roster
from sync_check.harness.errors import ScenarioHalted
from sync_check.harness.explorer.program import Program, Step
from sync_check.harness.target import Process, Target
from sync_check.managed import managed
from sync_check.server_log import requests_of, slices
from tests.sync_check.command import (
    BUDGET_S,
    Ran,
    one_sentence,
    report_of,
    sync_check,
    talking,
    verdicts_of,
)

SERVER = f"{sys.executable} -m sync_check.reference_server --limit=requests_per_minute=100000 --log=json"
ANSWERING = f"{sys.executable} -m http.server --bind 127.0.0.1 --directory {{folder}} {{port}}"
"""Is up at once and knows nothing but that it is healthy, if there is a file `health` in the folder."""
CHILD = "sleep 600 & echo $! >{folder}/child; exec "
"""So that the process group has more than the server in it."""


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def profile(folder: Path, command: str, *, more: str = "") -> Path:
    path, port = folder / "own.toml", free_port()
    shell = CHILD.format(folder=folder) + command.format(port=port)
    path.write_text(
        f'url = "http://127.0.0.1:{port}"\n[target.process]\nlog = "server.log"\n'
        f"command = ['sh', '-c', '''{shell}''']\n{more}"
    )
    return path


def wait_for_end(pid: int) -> bool:
    """Whether a process, of whomever, ends in time."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], BUDGET_S)[0])
    finally:
        os.close(handle)


@pytest.mark.length
def test_it_is_started_and_stopped_with_all_that_it_started(tmp_path: Path) -> None:
    own, report = profile(tmp_path, SERVER + " --port={port}"), tmp_path / "report"
    words = ("run", "messages/edit", "--clients", "2", "--profile", str(own), "--report", str(report))
    ran = sync_check(*words)
    assert ran.code == 0, ran.out + ran.err
    assert verdicts_of(report) == {"messages/edit": "pass"}
    assert wait_for_end(int((tmp_path / "child").read_text()))


def test_a_finding_shows_what_the_server_logged_of_it(tmp_path: Path) -> None:
    command = SERVER + " --port={port} --defect=kick-keeps-stream"
    own, report = profile(tmp_path, command), tmp_path / "report"
    words = ("run", "members/kick", "--clients", "2", "--profile", str(own), "--report", str(report))
    ran = sync_check(*words)
    assert ran.code == 1, ran.out + ran.err
    _, _, told = ran.out.partition("server log of ")
    assert "behind findings:" in told
    page = (report / "server-log.txt").read_text()
    assert page.startswith("server log of ")
    assert page in ran.out
    assert " FAIL " in page.partition("findings that show these requests:")[2]
    assert "`server-log.txt`" in (report / "summary.md").read_text()
    assert ", request " in ran.out
    assert wait_for_end(int((tmp_path / "child").read_text()))


@pytest.mark.parametrize(
    ("command", "more", "said"),
    [
        ("echo no database >&2; exit 3 #", "", "it ended with exit code 3; it last said: no database"),
        ("sleep 60 #", "ready_within_s = 1.5", "health did not answer 200 within 1.5 s"),
    ],
)
def test_a_command_that_is_no_server(tmp_path: Path, command: str, more: str, said: str) -> None:
    own = profile(tmp_path, "true; " + command, more=more)
    own.write_text(own.read_text().replace("exec true", "true"))
    ran = sync_check("run", "messages/edit", "--profile", str(own), "--report", str(tmp_path / "report"))
    assert ran.code == 4
    assert one_sentence(ran.err).startswith("sync-check: target.process did not become a server: ")
    assert said in ran.err
    assert wait_for_end(int((tmp_path / "child").read_text()))


@contextmanager
def answering(status: int) -> Iterator[str]:
    """A server that answers everything so, as one process of somebody else would; gives its URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def becoming(url: str, command: str, folder: Path) -> Path:
    """The profile of a target at `url` which the command, of the shell, is to become."""
    own = folder / "own.toml"
    own.write_text(f"url = '{url}'\n[target.process]\nlog = 'log'\ncommand = ['sh', '-c', '''{command}''']")
    return own


def ran_at(url: str, command: str, folder: Path) -> Ran:
    own = becoming(url, command, folder)
    return sync_check("run", "messages/edit", "--profile", str(own), "--report", str(folder / "report"))


@pytest.mark.parametrize("status", [200, 404, 500])
def test_a_server_that_is_there_already_is_not_taken_for_the_command(tmp_path: Path, status: int) -> None:
    with answering(status) as url:
        ran = ran_at(url, f"touch {tmp_path}/started", tmp_path)
    assert ran.code == 4
    said = one_sentence(ran.err)
    assert "target.process" in said
    assert f"another one answers at {url} already: stop that first, or give the command" in said
    assert not (tmp_path / "started").exists()


def test_another_server_does_not_hide_that_the_command_ended(tmp_path: Path) -> None:
    port = free_port()
    # The command ends once it has seen the other one, which is out of reach of its group.
    (tmp_path / "health").touch()
    other = ANSWERING.format(folder=tmp_path, port=port)
    wait = f"until {sys.executable} -c 'import socket; socket.create_connection((\"127.0.0.1\", {port}))'"
    shell = f"setsid {other} & echo $! >{tmp_path}/other; {wait} 2>/dev/null; do :; done; exit 98"
    try:
        ran = ran_at(f"http://127.0.0.1:{port}", shell, tmp_path)
    finally:
        os.kill(int((tmp_path / "other").read_text()), signal.SIGKILL)
    assert ran.code == 4, ran.out + ran.err
    assert "target.process did not become a server: it ended with exit code 98" in ran.err


def test_a_server_that_is_killed_in_a_run_is_told(tmp_path: Path) -> None:
    port, report = free_port(), tmp_path / "report"
    shell = f"echo $$ >{tmp_path}/server; exec {SERVER} --port={port}"
    own = becoming(f"http://127.0.0.1:{port}", shell, tmp_path)
    scenarios = ("messages/edit", "messages/delete", "members/kick")
    words = ("run", *scenarios, "--clients", "2", "--profile", str(own), "--report", str(report))
    with talking(*words) as (command, said):
        first = next(line for line in said if line.startswith("PASS"))
        os.kill(int((tmp_path / "server").read_text()), signal.SIGKILL)
        out = said.read()
        # Red where a call was under way, which got no answer (HEALTH-1); in no case green.
        assert command.wait() in (1, 6), first + out
    how = next(line for line in out.splitlines() if line.startswith("target.process ended with signal 9 "))
    assert how.endswith("; it last said:")
    reason, _, _ = how.partition(";")
    (last,) = (one for one in report_of(report)["scenarios"] if one["id"] == "members/kick")
    assert last["verdict"] == "inconclusive"
    assert reason in last["note"]
    assert (report / "server-log.txt").read_text().startswith(how)
    assert "`server-log.txt`" in (report / "summary.md").read_text()


def test_its_log_says_where_a_run_begins(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("earlier")
    assert ran_at(f"http://127.0.0.1:{free_port()}", "seq 12; exit 3", tmp_path).code == 4
    earlier, mark, *said = (tmp_path / "log").read_text().splitlines()
    assert earlier == "earlier"
    assert mark.startswith("--- sync-check run ")
    assert said == [str(number) for number in range(1, 13)]


def test_its_last_ten_lines_are_told(tmp_path: Path) -> None:
    sentence, *rest = ran_at(f"http://127.0.0.1:{free_port()}", "seq 12; exit 3", tmp_path).err.splitlines()
    assert sentence.endswith("it ended with exit code 3")
    assert rest == ["  it last said:", *(f"    {number}" for number in range(3, 13))]


@pytest.mark.parametrize(
    ("process", "is_tidied"), [(None, True), (Process(command=("x",), folder="."), False)]
)
def test_what_is_stopped_is_not_cleaned_up(process: Process | None, is_tidied: bool) -> None:
    target = Target(label="t", url="http://t", process=process)
    assert target.is_tidied is is_tidied
    # Accounts of somebody else outlive the process.
    roster = Roster(named="accounts.file", accounts=())
    assert replace(target, enrolment=roster).is_tidied


def test_its_last_words_are_told_without_our_secrets(tmp_path: Path) -> None:
    own = profile(tmp_path, "true; echo the gate opens by $GATE; exit 3 #")
    own.write_text(own.read_text().replace("exec true", "true") + '[secret_headers]\nx-gate = "GATE"\n')
    ran = sync_check(
        *("run", "messages/edit", "--profile", str(own), "--report", str(tmp_path / "report")),
        env={**os.environ, "GATE": "open-sesame-please"},
    )
    assert ran.code == 4
    assert "it last said: the gate opens by" in one_sentence(ran.err)
    assert "sesame" not in ran.out + ran.err


def test_a_command_that_does_not_exist(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('url = "http://127.0.0.1:1"\ntarget.process.command = ["./no-such-server"]')
    ran = sync_check("run", "messages/edit", "--profile", str(own), "--report", str(tmp_path / "report"))
    assert ran.code == 4
    assert "./no-such-server: No such file or directory" in one_sentence(ran.err)


@pytest.mark.parametrize(
    "number", [pytest.param(signal.SIGINT, marks=pytest.mark.length), signal.SIGTERM, signal.SIGKILL]
)
def test_nothing_is_left_running_however_the_run_ends(tmp_path: Path, number: signal.Signals) -> None:
    own = profile(tmp_path, SERVER + " --port={port}")
    words = ("run", "--clients", "3", "--profile", str(own), "--report", str(tmp_path / "report"))
    with TemporaryFile() as err, talking(*words, err=err, cwd=tmp_path) as (command, said):
        assert "expected" in said.readline()
        command.send(number)
        said.read()
        command.wait()
    assert wait_for_end(int((tmp_path / "child").read_text()))


def startable(folder: Path) -> Target:
    """A target whose command is a server until there is a file `broken`."""
    port = free_port()
    (folder / "health").touch()
    shell = f"[ ! -e {folder}/broken ] || exit 5; exec {ANSWERING.format(folder=folder, port=port)}"
    process = Process(command=("sh", "-c", shell), folder=str(folder), log=str(folder / "log"))
    return Target(label="own", url=f"http://127.0.0.1:{port}", process=process)


async def test_it_can_be_restarted_in_a_run(tmp_path: Path) -> None:
    target = startable(tmp_path)
    async with managed(target, "fn-run") as running, httpx.AsyncClient() as web:
        assert running is not None
        for killed in (False, True):
            await running.down(killed=killed)
            with pytest.raises(httpx.ConnectError):
                await web.get(f"{target.url}/health")
            await running.up()
            assert (await web.get(f"{target.url}/health")).status_code == 200
        assert not running.ended.done()
        (tmp_path / "broken").touch()
        await running.down()
        with pytest.raises(ScenarioHalted, match="did not become a server: it ended with exit code 5"):
            await running.up()
        assert running.ended.done()
    ours = [line[15:] for line in (tmp_path / "log").read_text().splitlines() if line.startswith("--- ")]
    stopped, killed_too, again = "stops it for a restart", "kills it for a restart", "starts it again"
    assert ours == ["run fn-run", stopped, again, killed_too, again, stopped, again]


def test_exploring_watches_it_and_tells_what_it_logged(tmp_path: Path) -> None:
    port = free_port()
    process = Process(
        command=(*SERVER.split(), f"--port={port}", "--defect=kick-keeps-stream"), folder=str(tmp_path)
    )
    url = f"http://127.0.0.1:{port}"
    ground = Ground(target=url, declared=Target(label=url, url=url, process=process))
    log: list[str] = []
    kicked = Step(by="u0", do="kick_member", args={"guild_id": "$g", "user_id": "$u1"})
    renamed = Step(by="u0", do="update_guild", args={"guild_id": "$g", "guild_name": "after"})
    program = Program(members=2, strangers=0, channels=1, steps=(kicked, renamed))
    assert red(play(program, 1, ground, sweeps=False, log=log).results[0])
    assert log[0].startswith("server log of ")
    assert any("ACCESS-3 in programs/one" in line for line in log)


@pytest.mark.parametrize(("killed", "code"), [(False, 128 + signal.SIGTERM), (True, 128 + signal.SIGKILL)])
def test_the_signal_or_the_end_reaches_a_command_that_does_nothing_about_signals(
    killed: bool, code: int
) -> None:
    words = (sys.executable, "-m", "sync_check.guard", "SIGTERM", "600", "sh", "-c")
    shell = "echo ready; exec sleep 600" if not killed else "trap '' TERM; echo ready; exec sleep 600"
    guard = subprocess.Popen((*words, shell), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert guard.stdin is not None
    assert guard.stdout is not None
    with guard.stdout:
        guard.stdout.readline()
        guard.stdin.write(b"!" * killed)
        guard.stdin.close()
        assert guard.wait(BUDGET_S) == code


def test_the_lines_of_a_log_are_those_with_the_request_ids(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"before r-1\n" + b"other\nof r-1\nof r-2 \xff\n" + b"r-2\n" * 100)
    told = list(slices(log, ["r-1", "r-2"], begin=11))
    assert told[:2] == ["of r-1", "of r-2 \\xff"]
    assert (len(told), told[-1]) == (61, "…")
    assert list(slices(log, [])) == []


def test_request_ids_are_those_that_findings_show() -> None:
    def finding(level: Level, text: str) -> Finding:
        lines = (Excerpt(at_us=0, who="ana", text=text),)
        return Finding(
            scenario="a",
            level=level,
            kind=Kind.SAFETY,
            judge="j",
            requirement="R",
            message="m",
            excerpt=lines,
        )

    info = finding(Level.INFO, "x {} (op 1, request b-1)")
    failed = finding(Level.FAIL, "x {} (op 2, request a-1)")
    assert list(requests_of([info, failed, info]).items()) == [("a-1", failed), ("b-1", info)]
