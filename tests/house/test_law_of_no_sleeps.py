"""Waiting is done by fences. A sleep is a guess about how long something takes, and none is allowed."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.house.checkout import ROOT, files_below

_SLEEPERS: Final = {"asyncio.sleep", "anyio.sleep", "anyio.sleep_until", "time.sleep", "trio.sleep"}

# The one place that may let time pass, for pacing and for the bounded retry of a first connect.
_CLOCK: Final = "harness/clock.py"


def _python_files() -> list[str]:
    found = (path for folder in ("harness", "scenarios", "tests") for path in files_below(ROOT / folder))
    return [path.relative_to(ROOT).as_posix() for path in found if path.suffix == ".py"]


def _sleeps(source: str) -> Iterator[int]:
    """Line of each call that sleeps; ``sleep(0)`` only lets others run, and is none."""
    if "sleep" not in source:  # whatever sleeps is imported under that name, or called by it
        return
    tree = ast.parse(source)
    known: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            known |= {alias.asname or alias.name: alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            known |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _full_name(node.func, known) in _SLEEPERS:
            match node.args:
                case [ast.Constant(value=0)]:
                    pass
                case _:
                    yield node.lineno


def _full_name(node: ast.expr, known: dict[str, str]) -> str:
    match node:
        case ast.Name(id=name):
            return known.get(name, name)
        case ast.Attribute(value=inner, attr=name):
            return f"{_full_name(inner, known)}.{name}"
        case _:
            return ""


def test_nothing_sleeps() -> None:
    found = {
        f"{name}:{line}"
        for name in _python_files()
        if name != _CLOCK
        for line in _sleeps(Path(ROOT, name).read_text(encoding="utf-8"))
    }
    assert found == set()


@pytest.mark.parametrize(
    "source",
    [
        "import asyncio\nawait asyncio.sleep(1)",
        "import asyncio as loop\nawait loop.sleep(delay)",
        "from asyncio import sleep\nawait sleep(0.1)",
        "from time import sleep as nap\nnap(seconds)",
        "import anyio\nawait anyio.sleep(delay=1)",
    ],
)
def test_sleep_is_seen(source: str) -> None:
    assert list(_sleeps(source)) == [2]


@pytest.mark.parametrize("source", ["import asyncio\nawait asyncio.sleep(0)", "await clock.sleep(1)"])
def test_yielding_and_pacing_are_no_sleep(source: str) -> None:
    assert list(_sleeps(source)) == []
