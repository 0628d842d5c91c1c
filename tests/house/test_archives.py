"""What users install: one top-level package, all five folders in it, nothing else."""

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.house.checkout import FOLDERS, ROOT, files_below


def _build(project: Path, kind: str, into: Path) -> Path:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(into)],
        cwd=project,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        check=True,
        capture_output=True,
    )
    (archive,) = into.glob({"wheel": "*.whl", "sdist": "*.tar.gz"}[kind])
    return archive


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    return zipfile.ZipFile(_build(ROOT, "wheel", tmp_path_factory.mktemp("wheel")))


def _packaged(wheel: zipfile.ZipFile) -> set[str]:
    return {name for name in wheel.namelist() if ".dist-info/" not in name}


def test_wheel_holds_exactly_the_sources(wheel: zipfile.ZipFile) -> None:
    package = ROOT / "src" / "sync_check"
    own = {f"sync_check/{path.relative_to(package).as_posix()}" for path in files_below(package)}
    folders = {
        f"sync_check/{path.relative_to(ROOT).as_posix()}"
        for folder in FOLDERS
        for path in files_below(ROOT / folder)
    }
    assert _packaged(wheel) == own | folders


def test_wheel_claims_one_name(wheel: zipfile.ZipFile) -> None:
    assert {name.split("/")[0] for name in _packaged(wheel)} == {"sync_check"}
    assert {f"sync_check/{folder}/__init__.py" for folder in FOLDERS} <= _packaged(wheel)
    assert "sync_check/py.typed" in _packaged(wheel)


def test_wheel_brings_command_and_licence(wheel: zipfile.ZipFile) -> None:
    about = {name.split("/", 1)[1]: name for name in wheel.namelist() if ".dist-info/" in name}
    assert "sync-check = sync_check.cli:main" in wheel.read(about["entry_points.txt"]).decode()
    assert "licenses/LICENSE" in about


def test_wheel_brings_the_web_shell(wheel: zipfile.ZipFile) -> None:
    folder = "sync_check/reference_server/web/"
    brought = {name.removeprefix(folder) for name in _packaged(wheel) if name.startswith(folder)}
    assert {"__init__.py", "index.html", "icon.svg", "main.js", "package.json"} <= brought
    assert {name.split("/")[0] for name in brought if "/" in name} == {"model", "net", "styles", "views"}
    assert {Path(name).suffix for name in brought} == {".css", ".html", ".js", ".json", ".py", ".svg"}


def test_wheel_brings_nothing_of_others(wheel: zipfile.ZipFile) -> None:
    assert [name for name in wheel.namelist() if "third_party" in name] == []
    assert (ROOT / "third_party").is_dir()


def test_wheel_of_the_source_archive_is_the_same(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    source = _build(ROOT, "sdist", tmp_path)
    with tarfile.open(source) as archive:
        assert not [member.name for member in archive.getmembers() if member.issym() or member.islnk()]
    # `tarfile` warns of what it takes in one Python and knows nothing else in another.
    subprocess.run(["tar", "-xf", source, "-C", tmp_path], check=True)
    (unpacked,) = (entry for entry in tmp_path.iterdir() if entry.is_dir())
    again = zipfile.ZipFile(_build(unpacked, "wheel", tmp_path / "again"))
    assert _packaged(again) == _packaged(wheel)
