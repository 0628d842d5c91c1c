"""The journal's file is complete up to the last iteration of the loop, and a full disk is a clear error."""

import asyncio
from pathlib import Path

import pytest

from sync_check.harness.errors import HistoryUnwritable
from sync_check.harness.journal_file import JournalFile

FULL = Path("/dev/full")


async def test_lines_reach_the_system_before_the_loop_waits_again(tmp_path: Path) -> None:
    file = JournalFile(tmp_path / "h.ndjson")
    for number in range(100):
        file.write(b"%d\n" % number)
    assert file.path.read_bytes() == b""
    turned = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_soon(turned.set_result, None)
    await turned
    assert file.path.read_bytes().count(b"\n") == 100
    file.close()


def test_without_a_loop_each_line_is_written_at_once(tmp_path: Path) -> None:
    file = JournalFile(tmp_path / "h.ndjson")
    file.write(b"one\n")
    assert file.path.read_bytes() == b"one\n"
    file.close()


async def test_flush_and_close_leave_nothing_behind(tmp_path: Path) -> None:
    file = JournalFile(tmp_path / "h.ndjson")
    file.write(b"one\n")
    file.flush()
    assert file.path.read_bytes() == b"one\n"
    file.write(b"two\n")
    file.close()
    file.close()
    assert file.path.read_bytes() == b"one\ntwo\n"


async def test_much_is_not_kept_waiting(tmp_path: Path) -> None:
    file = JournalFile(tmp_path / "h.ndjson")
    file.write(b"x" * (2 * 1024 * 1024) + b"\n")
    assert file.path.stat().st_size == 2 * 1024 * 1024 + 1
    file.close()


def test_an_old_file_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "h.ndjson").write_bytes(b"old\n" * 100)
    file = JournalFile(tmp_path / "h.ndjson")
    file.write(b"new\n")
    file.close()
    assert file.path.read_bytes() == b"new\n"


def test_a_missing_folder_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(HistoryUnwritable, match="No such file or directory") as raised:
        JournalFile(tmp_path / "missing" / "h.ndjson")
    assert raised.value.path == str(tmp_path / "missing" / "h.ndjson")


async def test_a_full_disk_is_told_to_whoever_writes_next() -> None:
    file = JournalFile(FULL)
    file.write(b"one\n")
    turned = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_soon(turned.set_result, None)
    await turned
    with pytest.raises(HistoryUnwritable, match="No space left on device"):
        file.write(b"two\n")
    with pytest.raises(HistoryUnwritable):
        file.close()
    file.close()
