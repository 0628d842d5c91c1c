"""Lines that a command prints besides the events of a run."""

from rich.console import Console
from rich.markup import escape

from sync_check.reports.visible import visible


def say_line(console: Console, text: str) -> None:
    """One line, whatever a target or a file put into it."""
    console.print(escape(visible(text)), soft_wrap=True)
