"""Runs a command as long as its parent lives: `python -m sync_check.guard SIGNAL SECONDS COMMAND`.

Its standard input is the rope that it hangs on. When that ends, in whatever way its other end went, the
command and all that is in its process group get the signal, and after so many seconds are killed; at once,
if anything was written on it.
It loads nothing of ours, so that it starts at once.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading

_CANNOT_START = 127


def main(words: list[str]) -> int:
    """Run the command of `words` until it or the rope ends; returns its exit code."""
    name, seconds, *command = words
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # No SIG_IGN, which the command would inherit and most commands would keep.
        signal.signal(ignored, lambda *_: None)
    try:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, process_group=0)
    except OSError as error:
        sys.stderr.write(f"{command[0]}: {error.strerror}\n")
        return _CANNOT_START
    rope = threading.Thread(target=_hang, args=(process, getattr(signal, name), float(seconds)), daemon=True)
    rope.start()
    code = process.wait()
    # Whatever it left behind in its group.
    _signal(process.pid, signal.SIGKILL)
    return code if code >= 0 else 128 - code


def _hang(process: "subprocess.Popen[bytes]", stop: signal.Signals, seconds: float) -> None:
    if not os.read(0, 1):
        _signal(process.pid, stop)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
    _signal(process.pid, signal.SIGKILL)


def _signal(group: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
