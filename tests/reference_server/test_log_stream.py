"""Log lines for a reader that reads, stalls or is gone."""

import fcntl
import os
from collections.abc import Iterator

import pytest

from sync_check.reference_server.log_stream import LogStream
from tests.reference_server.running import WITHIN_S

PIPE_BYTES = 4096


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """A pipe that holds little: its end to read and its end to write."""
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    yield reader, writer
    for end in (reader, writer):
        os.close(end)


def test_lines_are_written_in_their_order(pipe: tuple[int, int]) -> None:
    reader, writer = pipe
    stream = LogStream(writer)
    lines = [f"line {number} \ud800\n" for number in range(100)]
    for line in lines:
        stream.write(line)
    assert stream.drain(WITHIN_S)
    assert os.read(reader, PIPE_BYTES) == "".join(lines).encode(errors="backslashreplace")


def test_who_stalls_costs_lines_that_are_counted_and_nobody_waits(
    pipe: tuple[int, int], caplog: pytest.LogCaptureFixture
) -> None:
    reader, writer = pipe
    stream = LogStream(writer, bound=10)
    stream.write("x" * 2 * PIPE_BYTES + "\n")
    for number in range(100):
        stream.write(f"{number}\n")
    assert not stream.drain(0)
    assert stream.dropped >= 80
    read = b""
    while read.count(b"\n") < 101 - stream.dropped:
        read += os.read(reader, PIPE_BYTES)
    assert stream.drain(WITHIN_S)
    numbers = list(map(int, read.split()[1:]))
    assert numbers == sorted(numbers)
    told = f"{stream.dropped} lines of this log were dropped so far: nobody read them in time"
    assert caplog.messages == [told]


def test_who_is_gone_costs_nothing_but_the_lines() -> None:
    reader, writer = os.pipe()
    stream = LogStream(writer)
    os.close(reader)
    for _ in range(2):
        stream.write("lost\n")
        assert stream.drain(WITHIN_S)
    os.close(writer)
    assert stream.dropped == 0
