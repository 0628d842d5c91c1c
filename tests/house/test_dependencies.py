"""Whatever the sources import is asked for by name, and not just there because another package needs it."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import packages_distributions
from typing import Final

import pytest
from packaging.requirements import Requirement

from tests.house.checkout import FOLDERS, ROOT, files_below

# Loaded by pytest alone, so pytest is there.
_GUESTS: Final = {("src/sync_check/pytest_plugin.py", "pytest")}


def _imported(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.split(".")[0]


def _declared() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return {_normal(Requirement(line).name) for line in project["dependencies"]}


@cache
def _homes() -> Mapping[str, list[str]]:
    """The distributions that each importable name comes from, which takes a look at every installed file."""
    return packages_distributions()


def _normal(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()


@pytest.mark.parametrize("folder", ["src", *FOLDERS])
def test_imports_are_declared(folder: str) -> None:
    homes, declared = _homes(), _declared()
    missing = {
        f"{where} imports {name}: add its distribution to the dependencies"
        for path in files_below(ROOT / folder)
        if path.suffix == ".py"
        for where in [path.relative_to(ROOT).as_posix()]
        for name in _imported(path.read_text(encoding="utf-8"))
        if name not in sys.stdlib_module_names | {"sync_check"}
        and (where, name) not in _GUESTS
        and declared.isdisjoint(map(_normal, homes.get(name, [name])))
    }
    assert missing == set()
