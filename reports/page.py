"""`index.html`: the whole run as one page that needs nothing else: no network, no scripts, no other file."""

from functools import cache
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from sync_check.conformance.cone import MOST_CONES, Cone
from sync_check.conformance.groups import group_findings
from sync_check.conformance.verdict import Finding
from sync_check.reports.completed import CompletedRun
from sync_check.reports.groups import kinds_first
from sync_check.reports.sequence import Diagram, diagram_of
from sync_check.reports.shelves import shelves
from sync_check.reports.visible import visible
from sync_check.reports.wording import (
    counted,
    duration,
    evidence_words,
    interruption_words,
    moment,
    repeat_command,
    requirement_words,
    totals_words,
    verdict_words,
)

_TEXT: Final = 4000
_TEMPLATE: Final = "page.html.jinja"
_DIAGRAM: Final = "sequence.svg.jinja"


def index_html(run: CompletedRun) -> str:
    """The file's text; groups and what is listed in them are bounded, `report.json` has all."""
    return (
        _environment()
        .get_template(_TEMPLATE)
        .render(
            started=run.started,
            finished=run.finished,
            groups=kinds_first(group_findings(run.results)),
            diagrams={finding: diagram_of(finding, cone) for finding, cone in run.finished.cones.items()},
            drawn=MOST_CONES,
            shelves=shelves(run.finished.requirements),
        )
    )


def sequence_svg(finding: Finding, cone: Cone) -> str:
    """A diagram as a file of its own, which needs nothing else."""
    diagram: Diagram = diagram_of(finding, cone)
    return _environment().get_template(_DIAGRAM).render(diagram=diagram)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "duration": duration,
        "moment": moment,
        "wire_names": _wire_names,
        "counted": counted,
    }
    environment.globals |= {
        "evidence_words": evidence_words,
        "interruption_words": interruption_words,
        "repeat_command": repeat_command,
        "requirement_words": requirement_words,
        "totals_words": totals_words,
        "verdict_words": verdict_words,
    }
    return environment


def _finalize(value: object) -> object:
    """Make every text visible before it is escaped; only what the template itself marked up is left alone."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return visible(value, _TEXT)
    return value


def _wire_names(sentence: str) -> Markup:
    """A requirement's sentence, where backticks mark names on the wire."""
    parts = sentence.split("`")
    marked = [
        Markup("<code>{}</code>").format(part) if i % 2 else escape(part) for i, part in enumerate(parts)
    ]
    return Markup("").join(marked)
