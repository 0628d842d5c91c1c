"""The folder that a run's reports lie in: claimed before the run, replaced in one step after it.

Exception
 └── ReportFolderError      the reports cannot lie there; says why and what to do
"""

import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Final

from sync_check.conformance.history import Header
from sync_check.reports.schema import TOOL
from sync_check.reports.visible import visible

HISTORY: Final = "history.ndjson"
REPORT: Final = "report.json"
SERVER_LOG: Final = "server-log.txt"
KNOWN_FILES: Final = (REPORT, "junit.xml", "summary.md", "index.html", HISTORY, SERVER_LOG)
_HEADER_BYTES: Final = 1 << 20


class ReportFolderError(Exception):
    """Reports cannot be written to `path`, because of `reason`, which says what to do about it."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(path, reason)
        self.path = path
        self.reason = reason

    def __str__(self) -> str:
        return f"cannot write the reports to {visible(str(self.path))}: {self.reason}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFolder:
    """A claimed place: `partial` is the sibling folder to write to until `publish` puts it at `path`.

    The sibling survives a crash with all that was written so far. `created` are parents made for it, the
    innermost first.
    """

    path: Path
    partial: Path
    created: tuple[Path, ...] = ()

    @classmethod
    def claim(cls, path: Path, run_id: str) -> "ReportFolder":
        """Claim `path` and create its sibling ``<name>.<run_id>.partial``; missing parents are created.

        A symbolic link is followed: what it points to is replaced, the link stays. Where a crashed run of the
        same id left its sibling, that stays too and this one gets a number. Raises `ReportFolderError`, and
        then nothing has been created, unless `path` is absent, an empty folder, or a report of ours and
        nothing else.
        """
        resolved = _resolved(path)
        _check_replaceable(resolved)
        created = _create_parents(resolved)
        try:
            partial = _create_partial(resolved, run_id)
        except OSError as error:
            _remove_empty(created)
            raise ReportFolderError(path, _advice(error)) from error
        return cls(path=resolved, partial=partial, created=created)

    def publish(self) -> Path:
        """Put `partial` at `path` and return that; close all files in it before.

        The old report is moved aside first and deleted last, so a crash in between loses neither. Raises
        `ReportFolderError` when `path` has become something else meanwhile; the reports then stay in
        `partial`.
        """
        try:
            _check_replaceable(self.path)
            aside = self._move_aside()
            self._move_in(aside)
        except ReportFolderError as error:
            raise ReportFolderError(self.path, f"{error.reason}; they are in {self._where}") from error
        except OSError as error:
            raise ReportFolderError(self.path, f"{_advice(error)}; they are in {self._where}") from error
        if aside is not None:
            # What somebody put there in the last moment stays: only files that we know are deleted.
            with suppress(OSError):
                _delete_report(aside)
        return self.path

    def abandon(self) -> None:
        """Remove `partial` if it holds no report and no history beyond its header; else leave it."""
        with suppress(OSError):
            if not any(_is_useful(entry) for entry in self.partial.iterdir()):
                _delete_report(self.partial)
                _remove_empty(self.created)

    @property
    def _where(self) -> str:
        return visible(str(self.partial))

    def _move_aside(self) -> Path | None:
        if not self.path.exists():
            return None
        aside = _aside(self.partial)
        self.path.rename(aside)
        return aside

    def _move_in(self, aside: Path | None) -> None:
        try:
            self.partial.rename(self.path)
        except OSError:
            if aside is not None:
                aside.rename(self.path)
            raise


def _resolved(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError) as error:
        raise ReportFolderError(path, "its symbolic links form a loop; name another folder") from error


def _check_replaceable(path: Path) -> None:
    reason = _obstacle(path)
    if reason is not None:
        raise ReportFolderError(path, reason)


def _obstacle(path: Path) -> str | None:
    """Why `path` cannot be replaced by a report, or None."""
    try:
        if not path.exists():
            return None
        if not path.is_dir():
            return "it is a file; name a folder"
        if Path.cwd().is_relative_to(path) or path.is_mount():
            return "this very folder cannot be replaced; name a folder inside it"
        names = sorted(entry.name for entry in path.iterdir())
        foreign = next((name for name in names if not _is_known(path / name)), None)
        if foreign is not None:
            return f"it holds {visible(foreign, 80)!r}, which is not ours; name another or an empty folder"
        if names and not _is_ours(path):
            return "its files are not ours; name another or an empty folder"
    except OSError as error:
        return _advice(error)
    return None


def _is_known(entry: Path) -> bool:
    return entry.name in KNOWN_FILES and entry.is_file() and not entry.is_symlink()


def _is_ours(folder: Path) -> bool:
    return _has_our_header(folder / HISTORY) or _is_our_report(folder / REPORT)


def _has_our_header(history: Path) -> bool:
    try:
        with history.open("rb") as lines:
            header = json.loads(lines.readline(_HEADER_BYTES))
    except (FileNotFoundError, ValueError, RecursionError):
        return False
    return isinstance(header, dict) and header.get("k") == Header.kind and "run_id" in header


def _is_our_report(report: Path) -> bool:
    try:
        content = json.loads(report.read_bytes())
    except (FileNotFoundError, ValueError, RecursionError):
        return False
    return isinstance(content, dict) and content.get("tool") == TOOL and "schema" in content


def _create_parents(path: Path) -> tuple[Path, ...]:
    """Create the missing folders above `path` and return them, the innermost first."""
    created: list[Path] = []
    try:
        for parent in reversed([parent for parent in path.parents if not parent.exists()]):
            parent.mkdir()
            created.insert(0, parent)
    except OSError as error:
        _remove_empty(created)
        raise ReportFolderError(path, _advice(error)) from error
    return tuple(created)


def _remove_empty(folders: Iterable[Path]) -> None:
    with suppress(OSError):  # another run may have come to use them
        for folder in folders:
            folder.rmdir()


def _create_partial(path: Path, run_id: str) -> Path:
    name = f"{path.name}.{run_id}"
    for number in count(2):
        candidate = path.with_name(f"{name}.partial")
        if not _aside(candidate).exists():
            with suppress(FileExistsError):
                candidate.mkdir()
                return candidate
        name = f"{path.name}.{run_id}.{number}"
    raise AssertionError("count() ended")


def _aside(partial: Path) -> Path:
    """Where the old report goes while `partial` takes its place."""
    return partial.with_suffix(".old")


def _is_useful(entry: Path) -> bool:
    if entry.name != HISTORY:
        return True
    with entry.open("rb") as lines:
        lines.readline()
        return bool(lines.readline())


def _delete_report(folder: Path) -> None:
    for name in KNOWN_FILES:
        (folder / name).unlink(missing_ok=True)
    folder.rmdir()


def _advice(error: OSError) -> str:
    return f"{error.strerror or error}; name a folder in a place that you can write to"
