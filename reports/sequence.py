"""The causal cone of a finding as a sequence diagram: where each line and word of it stands, in pixels.

Callers of REST stand left of the server, gateway connections right of it, each with its lane; time goes down,
a row for each step. Texts are made visible and short here; the template (`sequence.jinja`) escapes them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from rich.cells import cell_len

from sync_check.conformance.cone import Act, Cone, Part, Step
from sync_check.conformance.verdict import Finding
from sync_check.reports.visible import visible
from sync_check.reports.wording import counted, moment

LABEL: Final = 84
TOOLTIP: Final = 400
_REASON: Final = 96
_SAID: Final = 84
_NAME: Final = 20
_SERVER: Final = "server"
_LETTER: Final = 7.25
"""Width of a character of a label; each label is stretched to that, whatever the font."""
_TIMES: Final = 100
_EDGE: Final = 24
_ROOM: Final = 620
"""Width that the lanes share, as long as each gets enough and none too much."""
_NARROWEST: Final = 110
_WIDEST: Final = 220
_PAGE: Final = 980
"""Width that a page has for a diagram: a label that would not fit begins further left."""
_HEAD: Final = 56
_NOTE: Final = 24
_ROW: Final = 36
_REASON_ROW: Final = 17
_LEGEND_ROW: Final = 18
_LEGEND_WIDTH: Final = 270
_GAP: Final = 8
_FROM_CLIENT: Final = frozenset((Act.REQUEST, Act.COMMAND, Act.OPENED, Act.ENDED))
_ON_LANE: Final = frozenset((Act.COMPARED, Act.CUT, Act.TAKING, Act.DOWN, Act.UP))
"""Steps that are no arrow, but a mark on their lane."""
_ENDS: Final = frozenset((Act.ENDED, Act.CLOSED, Act.CUT))
_SIGNS: Final = {Part.BAD: "\u2717 ", Part.PROOF: "\u2713 later: ", Part.OTHER: "\u2713 "}
"""What stands before the label of a frame or of what is wrong, so that nobody needs the colours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """A vertical line at `x` from `top` to `bottom`; `own` is that of the receiver."""

    x: int
    top: int
    bottom: int
    name: str
    kind: str
    own: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A step: an arrow from `start` to `end` at `y` with its label above; a mark where these are equal.

    `band` is the height of what marks it if it is wrong.
    """

    y: int
    start: int
    end: int
    at: str
    label: str
    label_x: int
    tooltip: str
    act: Act
    part: Part
    band: int

    @property
    def length(self) -> float:
        """The width of the label."""
        return length_of(self.label)

    @property
    def head(self) -> str:
        """The points of the arrow's head."""
        back = self.end - 9 if self.end > self.start else self.end + 9
        return f"{self.end},{self.y} {back},{self.y - 4.5} {back},{self.y + 4.5}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A text beside the arrows."""

    x: int
    y: int
    text: str

    @property
    def length(self) -> float:
        """Its width."""
        return length_of(self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagram:
    """A whole diagram, in pixels. `title` and `story` tell it to who does not see it.

    `reasons` say, under the row that is wrong, what is wrong with it; `left_out` what is not shown.
    """

    width: int
    height: int
    lanes: tuple[Lane, ...]
    rows: tuple[Row, ...]
    legend: tuple[Note, ...]
    title: str
    story: tuple[str, ...]
    reasons: tuple[Note, ...]
    left_out: Note | None


def length_of(text: str) -> float:
    """The width of a label, in pixels."""
    return cell_len(text) * _LETTER


def diagram_of(finding: Finding, cone: Cone) -> Diagram:
    """The diagram of a finding's cone; the same cone gives the same diagram."""
    return _Layout(finding, cone).diagram()


class _Layout:
    def __init__(self, finding: Finding, cone: Cone) -> None:
        self._finding = finding
        self._cone = cone
        lanes = len(cone.callers) + 1 + len(cone.connections)
        apart = max(_NARROWEST, min(_WIDEST, _ROOM // max(1, lanes - 1)))
        places = [_TIMES + _NARROWEST // 2 + apart * number for number in range(lanes)]
        self._callers = dict(zip(cone.callers, places, strict=False))
        self._server = places[len(cone.callers)]
        self._connections = dict(zip(cone.connections, places[len(cone.callers) + 1 :], strict=True))
        self._right = places[-1] + _NARROWEST // 2
        self._first = _HEAD + (_NOTE if cone.left_out else 0)
        self._why = tuple(self._reasons())
        self._added = _REASON_ROW * len(self._why) + _GAP
        heights = [_ROW + (self._added if step.part is Part.BAD else 0) for step in cone.steps]
        self._tops = list(accumulate(heights, initial=self._first))

    def diagram(self) -> Diagram:
        rows = tuple(
            self._row(step, top + _ROW - 10) for step, top in zip(self._cone.steps, self._tops, strict=False)
        )
        bottom = self._tops[-1] + 4
        reasons = tuple(note for row in rows if row.part is Part.BAD for note in self._below(row))
        left_out = None
        if self._cone.left_out:
            words = f"{counted(self._cone.left_out, 'earlier step')} left out"
            left_out = Note(x=_TIMES, y=_HEAD + 12, text=words)
        texts = [(row.label_x, row.label) for row in rows]
        texts += [(note.x, note.text) for note in reasons]
        width = max([self._right, *(round(x + length_of(text)) for x, text in texts)]) + _EDGE
        legend = tuple(self._legend(width, bottom + 26))
        return Diagram(
            width=width,
            height=max([bottom, *(note.y for note in legend)]) + 12,
            lanes=tuple(self._lanes(rows, bottom)),
            rows=rows,
            legend=legend,
            title=self._title(),
            story=tuple(self._story()),
            reasons=reasons,
            left_out=left_out,
        )

    # --- lanes

    def _lanes(self, rows: Sequence[Row], bottom: int) -> Iterator[Lane]:
        for name, x in self._callers.items():
            yield self._lane(x, _HEAD - 8, bottom, name, "REST")
        yield self._lane(self._server, _HEAD - 8, bottom, _SERVER, "")
        for name, x in self._connections.items():
            lived = [
                (step.act, row.y)
                for step, row in zip(self._cone.steps, rows, strict=True)
                if step.lane == name
            ]
            top = next((y for act, y in lived if act is Act.OPENED), _HEAD - 8)
            end = next((y for act, y in lived if act in _ENDS), bottom)
            yield self._lane(x, top, max(top, end), name, "gateway")

    def _lane(self, x: int, top: int, bottom: int, name: str, kind: str) -> Lane:
        own = kind == "gateway" and name == self._finding.client
        return Lane(x=x, top=top, bottom=bottom, name=visible(name, _NAME), kind=kind, own=own)

    # --- rows

    def _row(self, step: Step, y: int) -> Row:
        lane = self._place(step)
        start, end = (lane, self._server) if step.act in _FROM_CLIENT else (self._server, lane)
        beginning = min(self._server, lane)
        if step.act in _ON_LANE:
            start = beginning = lane
        label = f"{_sign(step)}{visible(step.text, LABEL)}"
        return Row(
            y=y,
            start=start,
            end=end,
            at="" if step.at_us is None else moment(step.at_us),
            label=label,
            label_x=_fitting(beginning + _GAP, label),
            tooltip=visible(step.detail, TOOLTIP),
            act=step.act,
            part=step.part,
            band=_ROW + self._added - 4,
        )

    def _place(self, step: Step) -> int:
        rest, gateway = self._callers.get(step.lane), self._connections.get(step.lane)
        is_rest = step.act in (Act.REQUEST, Act.ANSWER)
        place = (rest if is_rest else gateway) or gateway or rest
        return self._server if place is None else place

    # --- words

    def _reasons(self) -> Iterator[str]:
        finding = self._finding
        yield visible(f"{finding.requirement}: {finding.message}", _REASON)
        told = (("expected", finding.expected), ("received", finding.received))
        said = [f"{name} {visible(text, _SAID)}" for name, text in told if text is not None]
        if sum(map(len, said)) > _SAID:
            yield from said
        elif said:
            yield ", ".join(said)

    def _below(self, row: Row) -> Iterator[Note]:
        """What is wrong, under its row, from where the label begins or from where it fits."""
        x = _fitting(row.label_x, *self._why)
        for number, text in enumerate(self._why, 1):
            yield Note(x=x, y=row.y + 1 + _REASON_ROW * number, text=text)

    def _title(self) -> str:
        client = "" if self._finding.client is None else f", at {self._finding.client}"
        return visible(f"{self._finding.requirement}: {self._finding.message}{client}", TOOLTIP)

    def _story(self) -> Iterator[str]:
        """The steps as sentences."""
        if self._cone.left_out:
            yield f"{counted(self._cone.left_out, 'earlier step')} left out."
        yield from map(self._told, self._cone.steps)

    def _told(self, step: Step) -> str:
        lane, text = visible(step.lane or _SERVER, _NAME), visible(step.text, LABEL)
        way = f"{lane} to {_SERVER}" if step.act in _FROM_CLIENT else f"{_SERVER} to {lane}"
        when = "" if step.at_us is None else f"{moment(step.at_us)}, "
        return f"{when}{lane if step.act in _ON_LANE else way}: {_sign(step)}{text}."

    def _legend(self, width: int, top: int) -> Iterator[Note]:
        columns = max(1, (width - _EDGE) // _LEGEND_WIDTH)
        for number, named in enumerate(self._cone.names):
            row, column = divmod(number, columns)
            yield Note(
                x=_EDGE + column * _LEGEND_WIDTH,
                y=top + row * _LEGEND_ROW,
                text=f"{named.name}  {visible(named.id, 32)}",
            )


def _fitting(x: int, *texts: str) -> int:
    """Where texts begin that should begin at `x`: further left if they would leave the page."""
    longest = round(max(map(length_of, texts)))
    return max(_TIMES, min(x, _PAGE - _EDGE - longest))


def _sign(step: Step) -> str:
    sign = "" if step.part is not Part.BAD and step.act is not Act.FRAME else _SIGNS.get(step.part, "")
    return f"{sign}missing: " if step.act is Act.MISSING and step.part is Part.BAD else sign
