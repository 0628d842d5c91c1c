"""A closed, full or broken standard output ends neither the run nor its exit code, and shows no traceback."""

import json
import os
import shlex
import subprocess
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Final

import pytest

from tests.sync_check.command import BUDGET_S, Ran, arguments, forked, one_sentence, sync_check_here

SAID = (("--help",), ("list", "--json"), ("contract", "export", "--format", "json"))
"""What is said by the parser itself, by a command in lines, and by a command as one text."""
RUN: Final = ("run", "messages/edit", "--clients", "2", "--target", "sim")
FULL: Final = Path("/dev/full")


def shell(script: str, cwd: Path) -> Ran:
    done = subprocess.run(
        ["bash", "-c", script], cwd=cwd, timeout=BUDGET_S, check=False, capture_output=True, text=True
    )
    assert "Traceback" not in done.stderr
    return Ran(code=done.returncode, out=done.stdout, err=done.stderr)


def saying_it_to(out: IO[bytes], *words: str, cwd: Path) -> Ran:
    """The command, whose standard output is this file; it is closed here once the command has it."""
    with TemporaryFile("w+b") as err:
        command = forked(*words, out=out, err=err, cwd=cwd)
        out.close()
        code = command.wait()
        err.seek(0)
        told = err.read().decode()
    assert "Traceback" not in told
    return Ran(code=code, out="", err=told)


def to_nobody(*words: str, cwd: Path) -> Ran:
    """The command, whose output nobody reads."""
    reads, writes = os.pipe()
    os.close(reads)
    return saying_it_to(os.fdopen(writes, "wb"), *words, cwd=cwd)


def verdict_in(folder: Path) -> str:
    return str(json.loads((folder / "sync-check-report" / "report.json").read_text())["verdict"])


def test_a_reader_that_goes_away_does_not_end_the_run(tmp_path: Path) -> None:
    reads, writes = os.pipe()
    with os.fdopen(reads, "rb", buffering=0) as said, os.fdopen(writes, "wb") as out:
        run = forked(*RUN, out=out, cwd=tmp_path)
        assert said.read(1)
        said.close()
        assert run.wait() == 0
    assert verdict_in(tmp_path) == "pass"


def test_a_closed_standard_output_is_no_output_at_all(tmp_path: Path) -> None:
    assert shell(f"{shlex.join(arguments(*RUN))} <&- >&-", tmp_path).code == 0
    assert verdict_in(tmp_path) == "pass"


def test_a_full_standard_output_does_not_end_the_run_but_it_is_not_green(tmp_path: Path) -> None:
    ran = saying_it_to(FULL.open("wb"), *RUN, cwd=tmp_path)
    assert ran.code == 3
    assert "standard output cannot be written: No space left on device" in one_sentence(ran.err)
    assert verdict_in(tmp_path) == "pass"


@pytest.mark.parametrize("words", SAID, ids=" ".join)
def test_what_a_command_says_may_be_cut_short_in_silence(tmp_path: Path, words: tuple[str, ...]) -> None:
    ran = to_nobody(*words, cwd=tmp_path)
    assert (ran.code, ran.err) == (0, "")


@pytest.mark.parametrize("words", SAID, ids=" ".join)
def test_what_cannot_be_said_at_all_is_one_sentence_and_exit_3(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    ran = saying_it_to(FULL.open("wb"), *words, cwd=tmp_path)
    assert ran.code == 3
    assert "standard output cannot be written" in one_sentence(ran.err)


def test_a_usage_fault_stays_one_when_nobody_can_be_told(tmp_path: Path) -> None:
    assert shell(f"{shlex.join(arguments('rum'))} >/dev/full 2>/dev/full", tmp_path).code == 2


def test_without_a_command_the_help_is_shown() -> None:
    ran = sync_check_here()
    assert ran.code == 2
    assert "serve" in ran.out
