"""The lock: every package by version and hash, from nowhere in particular, for every Python promised."""

import re
import tomllib
from typing import Final

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement

from tests.house.checkout import ROOT

_LOCK: Final = (ROOT / "requirements.lock").read_text(encoding="utf-8")
_ENTRIES: Final = [entry for entry in re.split(r"\n(?=\S)", _LOCK.strip()) if entry]


def _locked() -> dict[str, Requirement]:
    found = [Requirement(entry.split("\\\n")[0].strip()) for entry in _ENTRIES]
    return {requirement.name: requirement for requirement in found}


def test_lock_names_no_host() -> None:
    assert not re.findall(r"://|@|^-|\b(?:www|files)\.|\.(?:org|com|net|io|example)\b", _LOCK, re.MULTILINE)


def test_lock_has_no_remarks() -> None:
    assert "#" not in _LOCK


@pytest.mark.parametrize("entry", _ENTRIES, ids=lambda entry: str(entry).split("==")[0])
def test_entry_is_pinned_by_hash(entry: str) -> None:
    assert re.fullmatch(r"[a-z0-9-]+==\S+( ; [^\n]+?)?( \\\n    --hash=sha256:[0-9a-f]{64})+", entry)


@pytest.mark.parametrize("group", ["dependencies", "dev"])
def test_lock_satisfies_the_project(group: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = project["dependencies"] if group == "dependencies" else project["optional-dependencies"][group]
    locked = _locked()
    for requirement in map(Requirement, wanted):
        (pin,) = locked[requirement.name].specifier
        assert requirement.specifier.contains(pin.version), (
            f"{requirement} is locked at {pin.version}: make lock"
        )


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13", "3.14"])
def test_no_marker_leaves_a_python_out(python: str) -> None:
    """On the common platforms the set is the same for every Python, apart from shims for older ones."""
    here = {"python_version": python, "python_full_version": f"{python}.0"}
    linux = {
        "sys_platform": "linux",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
    }
    left_out = {
        name
        for name, requirement in _locked().items()
        if requirement.marker and not Marker(str(requirement.marker)).evaluate({**here, **linux})
    }
    assert left_out <= {"colorama"}
