"""`sync-check probe` as people call it, on sockets."""

import json
import os
import re
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from sync_check.conformance.contract.limits import Limits
from tests.sync_check.command import one_sentence, serving, sync_check, sync_check_here, verdicts_of


def test_what_a_probe_writes_is_all_that_a_run_needs(tmp_path: Path) -> None:
    written, report = tmp_path / "chat.toml", tmp_path / "report"
    with serving("--without", "voice", "--limit", "message_bytes=300", "--metric-prefix", "chat_") as url:
        probe = sync_check("probe", url, "--write", str(written))
        assert probe.code == 0, probe.err
        assert "lacks     voice" in probe.out
        assert "message_bytes = 300, not 2000" in probe.out
        assert ", and two accounts" in probe.out
        (told,) = re.findall(r"^limits +(\d+) as .*, (\d+) otherwise, (\d+) not seen$", probe.out, re.M)
        assert sum(map(int, told)) == len(Limits.model_fields)
        assert told[:2] == ("11", "1")
        words = ("run", "messages/edit", "voice/join", "--clients", "3", "--profile", str(written))
        ran = sync_check(*words, "--report", str(report))
    assert ran.code == 0, ran.out + ran.err
    assert verdicts_of(report) == {"messages/edit": "pass", "voice/join": "unsupported"}


def test_a_file_that_is_there_stays_and_nothing_is_asked_of_the_server(tmp_path: Path) -> None:
    kept = tmp_path / "kept.toml"
    kept.write_text("revision = 1")
    ran = sync_check_here("probe", "http://127.0.0.1:1", "--write", str(kept))
    assert ran.code == 2
    assert "is there already" in one_sentence(ran.err)
    assert kept.read_text() == "revision = 1"


def test_nobody_there_is_exit_4_and_writes_nothing(tmp_path: Path) -> None:
    written = tmp_path / "chat.toml"
    ran = sync_check_here("probe", "http://127.0.0.1:1", "--write", str(written))
    assert ran.code == 4
    assert "nothing listens there" in one_sentence(ran.err)
    assert not written.exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "there is no URL to probe"),
        (("embedded",), "is a server of our own"),
        (("ftp://x",), "is no http(s) URL"),
        (("http://127.0.0.1:1", "--write", "/no/such/folder/x.toml"), "lies in no folder"),
        (("http://127.0.0.1:1", "--set", "revision=3"), "revision = 3 is none of 1, 2"),
    ],
)
def test_what_cannot_be_probed_is_said_in_one_sentence(words: tuple[str, ...], said: str) -> None:
    ran = sync_check_here("probe", *words)
    assert ran.code == 2
    assert said in one_sentence(ran.err)


def test_listed_accounts_are_not_left_by_the_probe(tmp_path: Path) -> None:
    (tmp_path / "accounts.txt").write_text("ana\nben")
    own = tmp_path / "own.toml"
    own.write_text('accounts = { from = "file", file = "accounts.txt", password = "KEY" }')
    password = "correct-horse-battery"
    with serving() as url:
        for name in ("ana", "ben"):
            body = json.dumps({"username": name, "password": password}).encode()
            urlopen(Request(f"{url}/auth/register", body, {"content-type": "application/json"})).close()
        probe = sync_check("probe", url, "--profile", str(own), env={**os.environ, "KEY": password})
    assert probe.code == 0, probe.err
    assert "which cannot be deleted" in probe.out
    assert "two accounts" not in probe.out
