"""No file tells where it was written or where packages were fetched from."""

import re
import tempfile
from pathlib import Path
from typing import Final

from tests.house.checkout import ROOT, files_below

# Halves, so that this file does not contain what it looks for.
_REGISTRIES: Final = [
    ".".join(halves)
    for halves in [
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("registry.npmjs", "org"),
        ("crates", "io"),
        ("proxy.golang", "org"),
        ("repo.maven", "apache.org"),
        ("deb.debian", "org"),
    ]
]

# Folders that every machine has and that a text may well name.
_EVERYWHERE: Final = {Path("/"), Path("/home"), Path("/opt"), Path("/srv"), Path("/usr"), Path("/var")}


def _texts() -> list[tuple[str, str]]:
    texts = []
    for path in files_below(ROOT):
        name = path.relative_to(ROOT).as_posix()
        try:
            texts.append((name, path.read_text(encoding="utf-8")))
        except UnicodeDecodeError:
            continue
    return texts


def _found(pattern: str) -> list[str]:
    return [name for name, text in _texts() if re.search(pattern, text)]


def _places_of_this_machine() -> set[Path]:
    common = {*_EVERYWHERE, Path(tempfile.gettempdir()).resolve()}
    return {ROOT, ROOT.parent, Path.home()} - common


def test_no_path_of_this_machine() -> None:
    places = "|".join(re.escape(str(place)) for place in sorted(_places_of_this_machine()))
    assert _found(rf"(?<![\w.-])(?:{places})(?:/|(?![\w-]))") == []


def test_no_registry_host() -> None:
    hosts = "|".join(re.escape(host) for host in _REGISTRIES)
    assert [name for name in _found(hosts) if not name.startswith("third_party/")] == []
