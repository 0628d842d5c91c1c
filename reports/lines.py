"""Lines on a console: wrapped with their indentation on a terminal, left whole in a pipe. Never markup.

All texts given here are made visible by the caller, so rich's markup and highlighting have no part in them.
"""

from typing import Final

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from sync_check.conformance.verdict import Verdict

STYLES: Final = {
    "pass": "green",
    "lax": "yellow",
    "inconclusive": "yellow",
    "invalid": "yellow",
    "flaky": "bold red",
    "fail": "bold red",
    "unsupported": "dim",
    "pending": "dim",
    "info": "dim",
}
_NARROWEST: Final = 20


class Lines:
    """Prints lines of visible text to a console."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def put(self, text: str, *, indent: int = 0, style: str = "") -> None:
        """Print `text`; on a terminal its further lines stand under the first."""
        for line in self._wrapped(text, self._console.width - indent):
            self._print(Text(" " * indent + line, style=style))

    def put_behind(self, text: str, begin: int) -> None:
        """Print `text`; on a terminal its further lines stand behind the first so many characters."""
        first, *further = self._wrapped(text[begin:], self._console.width - begin)
        self._print(Text(self.encodable(text[:begin]) + first))
        for line in further:
            self._print(Text(" " * begin + line))

    def put_labelled(self, label: str, text: str, *, indent: int) -> None:
        """Print `text` behind a label that fills the space up to column `indent`."""
        first, *further = self._wrapped(text, self._console.width - indent)
        start = Text(" " * 4 + f"{label:{indent - 4}}", style="dim")
        self._print(start.append(first, style="not dim"))
        for line in further:
            self._print(Text(" " * indent + line))

    def put_whole(self, text: str, *, indent: int) -> None:
        """Print `text` unbroken, so that it can be copied from a terminal."""
        self._print(Text(" " * indent + self.encodable(text)))

    def put_one(self, text: str, verdict: Verdict) -> None:
        """Print `text`, which begins with a verdict, in one line: cut on a terminal, whole elsewhere."""
        line = self.encodable(text)
        width = self._console.width
        if self._console.is_terminal and cell_len(line) > width:
            room = set_cell_size(line, width - 1)
            # Behind a whole word, if there is one.
            line = (room.rpartition(" ")[0].rstrip() or room) + self.encodable("…")
        shown = Text(line)
        shown.stylize(STYLES[verdict], 0, len(verdict))
        self._print(shown)

    def _wrapped(self, text: str, width: int) -> list[str]:
        shown = self.encodable(text)
        if not self._console.is_terminal or cell_len(shown) <= width:
            return [shown]
        return [line.plain.rstrip() for line in Text(shown).wrap(self._console, max(width, _NARROWEST))]

    def encodable(self, text: str) -> str:
        """`text` with escapes for what the console's encoding has no bytes for."""
        encoding = self._console.encoding
        return text.encode(encoding, "backslashreplace").decode(encoding)

    def _print(self, text: Text) -> None:
        self._console.print(text, soft_wrap=True)
