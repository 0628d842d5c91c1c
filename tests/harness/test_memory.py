"""How much memory a process has, with all that it started."""

import subprocess
import sys
from pathlib import Path

import pytest

from sync_check.harness.memory import resident_bytes

pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="this system has no /proc")
HOLD = "held = bytearray(64 << 20); print('held', flush=True); input()"
CHILD = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {HOLD!r}])"


def test_a_process_has_what_its_children_have() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", CHILD], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout is not None
        assert parent.stdin is not None
        assert parent.stdout.readline() == b"held\n"
        held = resident_bytes(parent.pid)
        parent.communicate(b"\n")
    assert held is not None
    assert (64 << 20) < held < (256 << 20)
    assert resident_bytes(parent.pid) is None
