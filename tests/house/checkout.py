"""Where the project lies, and which files make it up."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
FOLDERS: Final = ("conformance", "harness", "scenarios", "reference_server", "reports")

_BUILT: Final = {"__pycache__", "build", "dist", "htmlcov", "node_modules"}
_HIDDEN_OURS: Final = {".ci", ".gitignore", ".gitattributes"}


def files_below(folder: Path) -> Iterator[Path]:
    """Every file of the project below a folder; links, caches and build products left out."""
    for where, inner, names in os.walk(folder):
        here = Path(where)
        inner[:] = sorted(name for name in inner if _is_ours(name) and not (here / name).is_symlink())
        yield from (here / name for name in sorted(names) if _is_ours(name) and not name.endswith(".pyc"))


def _is_ours(name: str) -> bool:
    return name not in _BUILT and (not name.startswith(".") or name in _HIDDEN_OURS)
