"""The layers: bare names are refused, and an import across the rules is caught."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Final

import pytest

from tests.house.checkout import FOLDERS, ROOT

# Contract id -> a module and an import that it must not contain.
_PLANTS: Final = {
    "contract": ("conformance/contract/planted.py", "import sync_check.conformance.verdict"),
    "conformance": ("conformance/planted.py", "from sync_check import harness"),
    "harness": ("harness/planted.py", "import sync_check.reports"),
    "client": ("harness/gateway/planted.py", "import sync_check.conformance.verdict"),
    "scenarios": ("scenarios/planted.py", "import sync_check.conformance.verdict"),
    "reference-server": ("reference_server/planted.py", "from sync_check.conformance import verdict"),
    "reports": ("reports/planted.py", "import sync_check"),
}


def _contracts() -> dict[str, str]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return {entry["id"]: entry["name"] for entry in settings["tool"]["importlinter"]["contracts"]}


def _lint(project: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--no-logo"],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(project / "src")},
        check=False,
        capture_output=True,
        text=True,
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the project, small enough to spoil."""
    leave = shutil.ignore_patterns("__pycache__")
    for folder in ("src", *FOLDERS):
        shutil.copytree(ROOT / folder, tmp_path / folder, symlinks=True, ignore=leave)
    (tmp_path / "tests" / "house").mkdir(parents=True)
    for name in ("pyproject.toml", "tests/__init__.py", "tests/house/__init__.py", "tests/house/layers.py"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


@pytest.mark.parametrize("folder", FOLDERS)
def test_bare_name_is_refused(folder: str) -> None:
    attempt = subprocess.run(
        [sys.executable, "-c", f"import {folder}"], cwd=ROOT, check=False, capture_output=True, text=True
    )
    assert attempt.returncode == 1
    assert attempt.stderr.splitlines()[-1] == (
        f"ImportError: This folder is the package sync_check.{folder}; import it under that name."
    )


@pytest.mark.parametrize("folder", FOLDERS)
def test_link_is_relative(folder: str) -> None:
    assert (ROOT / "src" / "sync_check" / folder).readlink() == Path("..", "..", folder)


def test_package_loads_no_layer() -> None:
    program = (
        "import sys, sync_check; print(*[name for name in sys.modules if name.startswith('sync_check.')])"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert loaded.stdout.split() == []


def test_every_rule_catches_its_breach(copy: Path) -> None:
    before = _lint(copy)
    assert before.returncode == 0, before.stdout
    for name, line in _PLANTS.values():
        planted = copy / name
        if not planted.parent.is_dir():  # a module becomes a package, so that something can be planted in it
            planted.parent.mkdir()
            (planted.parent / "__init__.py").touch()
            planted.parent.with_suffix(".py").unlink(missing_ok=True)
        planted.write_text(f"{line}\n", encoding="utf-8")
    after = _lint(copy)
    assert after.returncode == 1
    assert _PLANTS.keys() == _contracts().keys()
    assert [name for name in _contracts().values() if f"{name} BROKEN" not in after.stdout] == []


def test_banned_names_are_caught(tmp_path: Path) -> None:
    breaches = [*(f"import {folder}" for folder in FOLDERS), "import random", "import secrets"]
    breaches += [
        "from time import time",
        "from time import monotonic",
        "from uuid import uuid4",
        "from asyncio import sleep",
        "from . import sibling",
    ]
    spoilt = tmp_path / "spoilt.py"
    spoilt.write_text("\n".join(breaches), encoding="utf-8")
    found = subprocess.run(
        [
            Path(sys.executable).with_name("ruff"),
            "check",
            "--no-cache",
            "--select=TID",
            "--output-format=concise",
            f"--config={ROOT / 'pyproject.toml'}",
            str(spoilt),
        ],
        check=False,
        capture_output=True,
        text=True,
    )
    lines = {
        line.split("spoilt.py:")[1].split(":")[0] for line in found.stdout.splitlines() if "TID25" in line
    }
    assert lines == {str(number) for number, _ in enumerate(breaches, start=1)}
