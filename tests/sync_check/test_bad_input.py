"""Bad input gets one clear sentence that names the thing, the right exit code, and nothing half-written."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from sync_check.harness import preflight, speed
from tests.sync_check.command import one_sentence, sync_check, sync_check_here


@contextmanager
def answering(status: int, content_type: str, body: bytes) -> Iterator[str]:
    """A web server that gives every request this answer."""

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            self.send_response(status)
            self.send_header("content-type", content_type)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PATCH = do_DELETE = _answer  # noqa: N815 - the library's names

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            pass

    class Server(HTTPServer):
        request_queue_size = 128
        """Or connections that are made at once are tried again, a second later."""

    server = Server(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def silent() -> Iterator[str]:
    """A port that accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("messages/edti",), "messages/edit"),
        (("mesages",), "messages"),
        (("--clients", "0"), "--clients 0"),
        (("--tier", "weekly"), "--tier 'weekly' is none of gate, nightly"),
        (("--clients", "many"), "--clients 'many' is no whole number: give 3 to 5000"),
        (("--clients", ""), "--clients '' is no whole number"),
        (("--seed", "x"), "--seed 'x' is no whole number"),
        (("--seed", "1.5"), "--seed '1.5' is no whole number"),
        (("--report", ""), "--report '' names no folder"),
        (("--sed", "4"), "--seed"),
        (("--clients", "1"), "--clients 1"),
        (("--clients", "1000000"), "--clients 1000000"),
        (("--target", "ftp://127.0.0.1"), "ftp://127.0.0.1"),
        (("--target", "127.0.0.1:8000"), "127.0.0.1:8000"),
        (("--target", "http://127.0.0.1:99999"), "99999"),
        (("--defect", "no-such-defect"), "no-such-defect"),
        (("--variant", "no-such-variant"), "`sync-check list --variants` shows all"),
        (("--defect", "kick-keep-stream"), "names no defect; did you mean kick-keeps-stream?"),
        (("--defect", "kick-keeps-stream", "--target", "http://127.0.0.1:1"), "--defect"),
        (("--variant", "actor-left-out"), "names no variant; did you mean actors-left-out?"),
        (("--variant", "actors-left-out", "--target", "http://127.0.0.1:1"), "--variant"),
    ],
)
def test_a_mistake_on_the_command_line_is_exit_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], named: str
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = sync_check_here("run", *words)
    assert ran.code == 2, ran.out + ran.err
    assert named in one_sentence(ran.err)
    assert list(tmp_path.iterdir()) == []


def test_credentials_in_a_target_are_refused_and_not_repeated() -> None:
    ran = sync_check_here("run", "--target", "http://me:hunter2@127.0.0.1:1")
    assert ran.code == 2
    assert "hunter2" not in ran.out + ran.err


def test_a_closed_port_is_exit_4(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    ran = sync_check("run", "--target", f"http://127.0.0.1:{port}", cwd=tmp_path)
    assert ran.code == 4
    assert str(port) in one_sentence(ran.err)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("status", "content_type", "body", "named"),
    [
        (200, "text/html", b"<!doctype html><title>shop</title>", "text/html"),
        (500, "text/plain", b"oops", "500"),
        (200, "application/json", b'{"status":"ok"}', "nobody knows"),
        (302, "text/html", b"", "302"),
    ],
)
def test_what_is_no_server_of_this_contract_is_exit_4_within_ten_seconds(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    content_type: str,
    body: bytes,
    named: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    began = time.perf_counter()
    with answering(status, content_type, body) as url:
        ran = sync_check_here("run", "--target", url)
    assert ran.code == 4, ran.out + ran.err
    assert named in one_sentence(ran.err)
    assert time.perf_counter() - began < 10
    assert list(tmp_path.iterdir()) == []


def test_a_port_that_never_answers_is_exit_4_when_the_budget_is_used_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert preflight.BUDGET_S + speed.BUDGET_S < 10
    monkeypatch.setattr(preflight, "BUDGET_S", 0.2)
    monkeypatch.setattr(speed, "BUDGET_S", 0.2)
    monkeypatch.chdir(tmp_path)
    with silent() as url:
        ran = sync_check_here("run", "--target", url)
    assert ran.code == 4, ran.out + ran.err
    assert url in one_sentence(ran.err)
    assert list(tmp_path.iterdir()) == []


def test_a_report_folder_that_cannot_be_written_is_exit_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("in the way")
    ran = sync_check_here("run", "--report", str(tmp_path / "file" / "report"))
    assert ran.code == 2
    assert str(tmp_path / "file") in one_sentence(ran.err)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_report_folder_with_other_things_in_it_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "thesis"
    folder.mkdir()
    (folder / "chapter-1.txt").write_text("years of work")
    ran = sync_check_here("run", "--report", str(folder))
    assert ran.code == 2
    one_sentence(ran.err)
    assert (folder / "chapter-1.txt").read_text() == "years of work"
    assert [path.name for path in tmp_path.iterdir()] == ["thesis"]


def test_serving_on_a_port_in_use_is_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        ran = sync_check_here("serve", "--port", str(port))
    assert ran.code == 2
    assert str(port) in one_sentence(ran.err)


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("--limit", "no_such_limit=1"), "no_such_limit"),
        (("--limit", "message_bytes=none"), "message_bytes"),
        (("--limit", "message_bytes"), "message_bytes"),
        (("--defect", "no-such-defect"), "no-such-defect"),
        (("--variant", "no-such-variant"), "`sync-check list --variants` shows all"),
        (("--limit", "message_bites=1"), "did you mean message_bytes? (`sync-check serve --help` lists all)"),
        (("--limit", "zz=1"), "--limit 'zz=1' names no limit (`sync-check serve --help` lists all)"),
        (("--limit", "message_bytes=0"), "message_bytes is a whole number above 0, such as 2000"),
        (("--limit", "ping_interval=0.0"), "ping_interval is a number above 0, such as 30.0"),
        (("--port", "70000"), "70000"),
        (("--port", "abc"), "--port 'abc' is no port: give a number from 0 (a free one) to 65535"),
        (("--host", "a..b"), "a..b"),
        (("--without", "voic"), "did you mean voice?"),
        (
            ("--trust-proxy", "127.0.0.1/8"),
            "give 127.0.0.0/8 for the whole network, or 127.0.0.1 for this host",
        ),
        (("--trust-proxy", "fe80::1/64"), "give fe80::/64 for the whole network"),
        (("--trust-proxy", "::/200"), "--trust-proxy '::/200' is no network"),
        (("--seed", "x"), "--seed"),
        (("--limit",), "--limit"),
    ],
)
def test_serving_refuses_what_it_does_not_know(words: tuple[str, ...], named: str) -> None:
    ran = sync_check_here("serve", *words)
    assert ran.code == 2
    assert named in one_sentence(ran.err)


def test_a_name_that_was_nearly_right_is_not_answered_with_a_list() -> None:
    for words, other in (
        (("--limit", "message_bites=1"), "max_body_bytes"),
        (("--without", "voic"), "reactions"),
        (("--defect", "kick-keep-stream"), "message-update-dropped"),
    ):
        assert other not in sync_check_here("serve", *words).err


@pytest.mark.parametrize(
    "value", ["", "0", "-1", "nan", "inf", "-inf", "1e3", "1.5.5", "x", " 1"], ids=lambda value: f"[{value}]"
)
@pytest.mark.parametrize("name", ["message_bytes", "ping_interval"])
def test_serving_refuses_other_values_of_a_limit_from_both_sources(name: str, value: str) -> None:
    variable = f"SYNC_CHECK_LIMIT_{name.upper()}"
    for ran, given in (
        (sync_check_here("serve", "--limit", f"{name}={value}"), f"--limit '{name}={value}'"),
        (sync_check_here("serve", environment={variable: value}), f"{variable}='{value}'"),
    ):
        assert ran.code == 2
        assert one_sentence(ran.err).startswith(f"sync-check: {given} will not do: ")


@pytest.mark.parametrize(
    ("option", "value"),
    [("host", ""), ("port", ""), ("port", "x"), ("revision", "3"), ("revision", ""), ("log", "yaml")],
)
def test_serving_refuses_other_values_of_an_option_from_both_sources(option: str, value: str) -> None:
    variable = f"SYNC_CHECK_{option.upper()}"
    for ran, given in (
        (sync_check_here("serve", f"--{option}", value), f"--{option} '{value}' is "),
        (sync_check_here("serve", environment={variable: value}), f"{variable}='{value}' is "),
    ):
        assert ran.code == 2
        assert one_sentence(ran.err).startswith(f"sync-check: {given}")
