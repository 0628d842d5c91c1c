"""`sync-check contract export`."""

import json
import os
from pathlib import Path

import pytest

from sync_check.conformance.contract.export import export
from tests.sync_check.command import one_sentence, sync_check_anew, sync_check_here

_FORMATS = ("markdown", "jsonschema", "asyncapi", "json")


@pytest.mark.parametrize("form", _FORMATS)
def test_the_newest_revision_goes_to_standard_output(form: str) -> None:
    ran = sync_check_here("contract", "export", "--format", form)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == sync_check_here("contract", "export", "--format", form, "--revision", "2").out
    assert "revision" in ran.out


def test_another_revision_can_be_asked_for() -> None:
    ran = sync_check_here("contract", "export", "--format", "json", "--revision", "1")
    assert json.loads(ran.out)["revision"] == 1


def test_bytes_are_the_same_whatever_the_terminal_is_set_to() -> None:
    ran = sync_check_anew(
        "contract", "export", "--format", "markdown", env={"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "1"}
    )
    assert ran.code == 0
    assert ran.out == export("markdown", 2)


def test_a_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    target = tmp_path / "contract.json"
    target.write_text("former")
    ran = sync_check_here("contract", "export", "--format", "json", "--output", str(target))
    assert (ran.code, ran.out, ran.err) == (0, "", "")
    assert target.read_text(encoding="utf-8") == export("json", 2)
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("place", ["missing/contract.md", "folder"])
def test_a_file_that_cannot_be_written_is_a_usage_fault(tmp_path: Path, place: str) -> None:
    (tmp_path / "folder").mkdir()
    ran = sync_check_here("contract", "export", "--format", "markdown", "--output", str(tmp_path / place))
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("sync-check: --output ")
    assert ran.err.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--format", "md"), "--format 'md' is none of markdown, jsonschema, asyncapi, json"),
        (("--format", ""), "--format '' is none of markdown, jsonschema, asyncapi, json"),
        ((), "--format is missing: give one of markdown, jsonschema, asyncapi, json"),
        (("--format", "json", "--revision", "3"), "the contract has no revision 3; there are 1 and 2"),
        (("--format", "json", "--revision", "two"), "--revision 'two' is no whole number: give one of 1, 2"),
        (("--format", "json", "--surprise"), "No such option: --surprise"),
    ],
)
def test_wrong_options_end_in_one_sentence(words: tuple[str, ...], told: str) -> None:
    ran = sync_check_here("contract", "export", *words)
    assert (ran.code, ran.out) == (2, "")
    assert told in ran.err
    assert ran.err.count("\n") == 1


def test_without_a_command_there_is_help() -> None:
    ran = sync_check_here("contract")
    assert ran.code == 2
    assert "export" in ran.out


def test_an_unknown_command_is_refused() -> None:
    ran = sync_check_here("contract", "import")
    assert ran.code == 2
    assert "No such command 'import'" in ran.err


def test_what_is_no_file_is_written_to_and_stays(tmp_path: Path) -> None:
    target, link = tmp_path / "target.json", tmp_path / "link.json"
    link.symlink_to(target)
    ran = sync_check_here("contract", "export", "--format", "json", "--output", str(link))
    assert ran.code == 0
    assert link.is_symlink()
    assert target.read_text(encoding="utf-8") == export("json", 2)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    words = ("--format", "markdown", "--revision", "1", "--output", str(pipe))
    assert sync_check_here("contract", "export", *words).code == 0
    assert os.read(reader, 2**20).decode() == export("markdown", 1)
    os.close(reader)
    assert pipe.is_fifo()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link.json", "pipe", "target.json"]


def test_an_empty_output_is_named() -> None:
    ran = sync_check_here("contract", "export", "--format", "json", "--output", "")
    assert ran.code == 2
    assert "--output" in one_sentence(ran.err)
