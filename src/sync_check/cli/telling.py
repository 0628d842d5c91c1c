"""Lines that a command prints besides the events of a run."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from sync_check.reports.lines import Lines
from sync_check.reports.visible import visible

_LABEL: Final = re.compile(r" *(?:[\w-]+ {2,}|(?:& )?\w+: )?")
"""What a line begins with; its further lines stand under what is behind it."""


def say_line(console: Console, text: str) -> None:
    """One line, whatever a target or a file put into it; on a terminal it is wrapped between words."""
    shown = visible(text)
    begin = _LABEL.match(shown)
    Lines(console).put_behind(shown, 0 if begin is None else begin.end())


def say_whole(console: Console, text: str) -> None:
    """The same of what is to be copied: it is never wrapped."""
    Lines(console).put_whole(visible(text), indent=0)


@contextmanager
def progress(console: Console, doing: str, total: int) -> Iterator[Callable[[int], None]]:
    """A bar that a terminal shows as long as this lasts, and what tells it that so many more are done."""
    columns = (TextColumn(doing), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(doing, total=total)
        yield lambda done: bar.advance(task, done)


@contextmanager
def working(console: Console, doing: str) -> Iterator[None]:
    """A word that a terminal shows as long as this lasts, beside something that moves."""
    if not console.is_terminal:
        yield
        return
    with console.status(doing):
        yield
