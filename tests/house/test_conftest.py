"""The guards of the test suite itself."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.checkout import ROOT

_SUITE = """
import pytest

@pytest.fixture
def seven():
    return 7

async def test_coroutine_is_run(seven):
    assert seven == 8

@pytest.mark.skip(reason="not today")
def test_skipped():
    pass

@pytest.mark.xfail(strict=True, reason="known")
def test_known():
    raise AssertionError
"""


def _closing_line(folder: Path, strict: str) -> str:
    shutil.copy(ROOT / "tests" / "conftest.py", folder)
    (folder / "test_suite.py").write_text(_SUITE, encoding="utf-8")
    (folder / "test_module.py").write_text(
        "import pytest\npytest.importorskip('no_such_module')\n", encoding="utf-8"
    )
    run = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "-c",
            os.devnull,
            "--rootdir",
            str(folder),
        ],
        cwd=folder,
        # What else is installed would be loaded first, and has no say here.
        env={**os.environ, "SYNC_CHECK_CI": strict, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        check=False,
        capture_output=True,
        text=True,
    )
    return run.stdout.splitlines()[-1]


@pytest.mark.parametrize(
    ("strict", "expected"),
    [("", "1 failed, 2 skipped, 1 xfailed"), ("1", "1 error")],
)
def test_coroutines_run_and_skips_are_seen(tmp_path: Path, strict: str, expected: str) -> None:
    assert expected in _closing_line(tmp_path, strict)
