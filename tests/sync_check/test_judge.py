"""`sync-check judge`, as a user calls it: the same as the run, never greener, and no trace of failures."""

import json
import os
import signal
import subprocess
from pathlib import Path
from tempfile import TemporaryFile

import pytest

from sync_check.conformance import examination
from sync_check.conformance.history import SCHEMA, encode_record
from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.judgement import Judgement
from tests.conformance.stories import Story
from tests.conformance.test_narration import planned
from tests.sync_check.command import (
    arguments,
    forked_module,
    one_sentence,
    report_of,
    sync_check,
    sync_check_here,
)
from tests.sync_check.test_lifecycle import until

BUDGET_S = 30.0


@pytest.fixture
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A history of two scenarios, written by hand: the first one fails, the second one passes."""
    story = Story("SCOPE-2", scenario="test/first")
    story.post("ben", "first", to=[story.ana, story.ben])
    story.rest()
    story.end("test/first")
    story.begin("test/second", "SCOPE-2")
    story.edit("ben", story.post("ben", "second"), "third")
    story.rest()
    story.end("test/second")
    story.finish()
    path = tmp_path_factory.mktemp("recorded") / "history.ndjson"
    path.write_bytes(b"".join(map(encode_record, planned(story, "test/first", "test/second"))))
    return path


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_judged_run_prints_writes_and_returns_the_same(tmp_path: Path) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    played = ("run", "workspace/rename", "--clients", "2", "--defect", "guild-event-to-stranger")
    run = sync_check(*played, "--report", str(before))
    with (before / "history.ndjson").open("rb") as history:
        judged = subprocess.run(
            arguments("judge", "-", "--report", str(after)),
            stdin=history,
            capture_output=True,
            text=True,
            timeout=BUDGET_S,
            # What comes out of a set must not depend on how texts are hashed in a process.
            env={**os.environ, "PYTHONHASHSEED": "7"},
            check=False,
        )
    assert judged.returncode == run.code == 1, judged.stderr
    assert judged.stdout == run.out.replace(str(before), str(after))
    assert contents(after) == contents(before)
    assert len(contents(after)) == 5
    assert b'role="img"' in contents(after)["index.html"]
    assert set(tmp_path.iterdir()) == {before, after}


def test_without_a_folder_nothing_is_written(
    history: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    judged = sync_check_here("judge", str(history))
    assert judged.code == 1
    assert "FAIL   test/first" in judged.out
    assert "PASS   test/second" in judged.out
    assert "report   " not in judged.out
    assert list(tmp_path.iterdir()) == []


def test_a_report_can_be_written_anew_where_its_history_lies(history: Path, tmp_path: Path) -> None:
    folder = tmp_path / "report"
    assert sync_check_here("judge", str(history), "--report", str(folder)).code == 1
    before = contents(folder)
    (folder / "summary.md").unlink()
    (folder / "report.json").write_bytes(b"{}")
    assert sync_check_here("judge", str(folder / "history.ndjson"), "--report", str(folder)).code == 1
    assert contents(folder) == before
    assert list(tmp_path.iterdir()) == [folder]


def test_a_killed_run_is_judged_as_an_interrupted_one(history: Path, tmp_path: Path) -> None:
    whole = history.read_bytes()
    torn = tmp_path / "torn.ndjson"
    torn.write_bytes(whole[: len(whole) * 2 // 3])
    judged = sync_check_here("judge", str(torn), "--report", str(tmp_path / "report"))
    assert judged.code == 130
    assert "interrupted: " in judged.out
    report = report_of(tmp_path / "report")
    assert (report["verdict"], report["interrupted"]) == ("fail", True)
    assert contents(tmp_path / "report")["history.ndjson"] == torn.read_bytes()


def test_strict_is_what_the_strict_run_would_have_been(history: Path, tmp_path: Path) -> None:
    folder = tmp_path / "report"
    assert sync_check_here("judge", str(history), "--strict", "--report", str(folder)).code == 1
    told = report_of(folder)["run"]
    assert told["strict"] is True
    assert "--strict" in told["repeat"]


class CrashingJudge:
    NAME = "crashing"

    @staticmethod
    def judge(case: Case) -> Judgement:
        raise KeyError(case.scenario.id)


def test_a_judge_that_crashes_is_an_internal_error(
    history: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(examination, "JUDGES", (CrashingJudge,))
    judged = sync_check_here("judge", str(history), "--report", str(tmp_path / "report"))
    assert judged.code == 3
    assert "error of sync-check itself: judge crashing crashed" in judged.out
    report = report_of(tmp_path / "report")
    assert report["verdict"] == "inconclusive"
    assert len(report["faults"]) == 2


def changed_header(line: bytes, **members: object) -> bytes:
    return json.dumps(json.loads(line) | members).encode() + b"\n"


@pytest.mark.parametrize(
    ("name", "named"),
    [
        ("", "names no file"),
        ("absent.ndjson", "'absent.ndjson' cannot be read: No such file or directory"),
        ("x" * 300, "File name too long"),
        (".", "'.' is a folder; give the history.ndjson in it"),
        ("empty", "'empty' cannot be judged: it is empty"),
        ("binary", "'binary' cannot be judged: its first line is no whole header"),
        ("header", "'header' cannot be judged: its first line is no whole header"),
        ("old", f"its schema is 1, older than the {SCHEMA} that this version judges"),
        ("new", f"its schema is 99, newer than the {SCHEMA} that this version judges"),
        ("damaged", "'damaged' cannot be judged: line 21 is damaged: it is no JSON object"),
        ("gap", "so some are missing or added; give an intact copy"),
        ("twice", "it comes after the end of the run; give an intact copy"),
    ],
)
def test_what_cannot_be_judged_is_exit_2_and_leaves_nothing_behind(
    history: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, named: str
) -> None:
    monkeypatch.chdir(tmp_path)
    lines = history.read_bytes().splitlines(keepends=True)
    frame = next(number for number, line in enumerate(lines) if line.startswith(b'{"k":"frames"'))
    given = {
        "empty": b"",
        "binary": b"\x1f\x8b\x08\x00\xff" * 100,
        "header": lines[0][:-1],
        "old": changed_header(lines[0], schema=1) + lines[1],
        "new": changed_header(lines[0], schema=99) + lines[1],
        "damaged": b"".join([*lines[:20], lines[20][:-5] + b"\n", *lines[21:]]),
        "gap": b"".join([*lines[:frame], *lines[frame + 1 :]]),
        "twice": b"".join([*lines, *lines]),
    }
    if name in given:
        Path(name).write_bytes(given[name])
    before = sorted(tmp_path.iterdir())
    judged = sync_check_here("judge", name, "--report", "report/of/it")
    assert judged.code == 2, judged.out + judged.err
    assert named in one_sentence(judged.err)
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    ("folder", "named"), [("", "names no folder"), ("mine", "'notes.md', which is not ours")]
)
def test_a_folder_that_cannot_take_reports_is_refused(
    history: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str, named: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine").mkdir()
    Path("mine/notes.md").write_bytes(b"mine")
    judged = sync_check_here("judge", str(history), "--report", folder)
    assert judged.code == 2
    assert named in one_sentence(judged.err)
    assert judged.out == ""
    assert [path.name for path in tmp_path.rglob("*")] == ["mine", "notes.md"]


def test_a_report_stays_when_the_new_one_cannot_be_made(history: Path, tmp_path: Path) -> None:
    folder = tmp_path / "report"
    assert sync_check_here("judge", str(history), "--report", str(folder)).code == 1
    damaged = folder / "history.ndjson"
    damaged.write_bytes(history.read_bytes() + b"more\n")
    before = contents(folder)
    assert sync_check_here("judge", str(damaged), "--report", str(folder)).code == 2
    assert contents(folder) == before
    assert list(tmp_path.iterdir()) == [folder]


def test_an_interrupted_judgement_leaves_nothing_behind(history: Path, tmp_path: Path) -> None:
    reads, writes = os.pipe()
    with os.fdopen(writes, "wb", buffering=0) as recorded, TemporaryFile("w+b") as said:
        words = ("judge", "-", "--report", str(tmp_path / "report"))
        with os.fdopen(reads, "rb") as stdin:
            judging = forked_module("sync_check", *words, streams=(stdin, said, said))
        recorded.write(history.read_bytes()[:2000])
        until(lambda: any(tmp_path.glob("*.partial/history.ndjson")), "it began to copy")
        judging.send(signal.SIGINT)
        assert judging.wait(BUDGET_S) == 130
        said.seek(0)
        assert b"Traceback" not in said.read()
    assert list(tmp_path.iterdir()) == []
