"""The embedded server of a command that was forked: a process stands by for it, which has loaded it already.

It is a child of the command, as one that is started anew would be, and gets the words, streams and files
that the command gives to `asyncio.create_subprocess_exec`. A second one is started anew.
"""

import asyncio
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from typing import Any, Final

SERVER: Final = ("-m", "sync_check.reference_server")
_MOST_BYTES: Final = 1 << 16
_MOST_FILES: Final = 8
_OUT_OF_THE_WAY: Final = 64
"""Above all file numbers that a command passes on."""
_NOT_EMBEDDED: Final = {"--target", "--profile"}


def is_wanted(words: list[str]) -> bool:
    """Whether a command of these words starts an embedded server, if it comes to that."""
    return words[:1] == ["run"] and not _NOT_EMBEDDED.intersection(words)


def stand_by() -> list[str] | None:
    """None in this process; in the one that stands by, the server's words, once they are wanted."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    child = os.fork()
    if child == 0:
        ours.close()
        with theirs:
            return _wait(theirs)
    theirs.close()
    _Nursery(child, ours).take_over()
    return None


def _wait(wanted: socket.socket) -> list[str]:
    """Wait to be wanted, with the files in their places then; ends with the command."""
    message, files, _, _ = socket.recv_fds(wanted, _MOST_BYTES, _MOST_FILES)
    if not message:
        os._exit(0)
    told = json.loads(message)
    if told["session"]:
        os.setsid()
    moved = [fcntl.fcntl(file, fcntl.F_DUPFD_CLOEXEC, _OUT_OF_THE_WAY) for file in files]
    for file in files:
        os.close(file)
    for file, place in zip(moved, told["places"], strict=True):
        os.dup2(file, place)
        os.close(file)
    words: list[str] = told["words"]
    return words


class _Nursery:
    """Stands in for `asyncio.create_subprocess_exec` in the command."""

    def __init__(self, child: int, wanted: socket.socket) -> None:
        self._child: int | None = child
        self._wanted = wanted
        self._otherwise = asyncio.create_subprocess_exec

    def take_over(self) -> None:
        asyncio.create_subprocess_exec = self.create  # type: ignore[assignment]

    async def create(self, program: str, *words: str, **how: Any) -> Any:
        """The child that stands by, where a server is wanted and the child is still to be had."""
        child, self._child = self._child, None
        if child is None or (program, *words[:2]) != (sys.executable, *SERVER):
            self._child = child
            return await self._otherwise(program, *words, **how)
        session, kept = how.pop("start_new_session"), how.pop("pass_fds")
        assert set(how.items()) == {(name, subprocess.PIPE) for name in ("stdin", "stdout", "stderr")}, how
        (stdin, feeds), (says, stdout), (complains, stderr) = os.pipe(), os.pipe(), os.pipe()
        told = {"words": words[2:], "session": session, "places": [0, 1, 2, *kept]}
        with self._wanted:
            socket.send_fds(self._wanted, [json.dumps(told).encode()], [stdin, stdout, stderr, *kept])
        for number in (stdin, stdout, stderr):
            os.close(number)
        return _Child(child, feeds, await _reader(says), await _reader(complains))


async def _reader(number: int) -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    pipe = os.fdopen(number, "rb", buffering=0)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), pipe)
    return reader


class _Child:
    """A child process; used as `asyncio.subprocess.Process` is."""

    def __init__(
        self, pid: int, feeds: int, stdout: asyncio.StreamReader, stderr: asyncio.StreamReader
    ) -> None:
        self.pid = pid
        self.stdin = os.fdopen(feeds, "wb", buffering=0)
        self.stdout = stdout
        self.stderr = stderr
        self._ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._handle = os.pidfd_open(pid)
        asyncio.get_running_loop().add_reader(self._handle, self._reap)

    def _reap(self) -> None:
        asyncio.get_running_loop().remove_reader(self._handle)
        os.close(self._handle)
        _, status = os.waitpid(self.pid, 0)
        self._ended.set_result(os.waitstatus_to_exitcode(status))

    async def wait(self) -> int:
        return await asyncio.shield(self._ended)

    def terminate(self) -> None:
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        self._send(signal.SIGKILL)

    def _send(self, number: signal.Signals) -> None:
        if not self._ended.done():
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)
