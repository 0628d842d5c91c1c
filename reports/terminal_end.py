"""The end of a run on a terminal: the worst findings, what stayed open, totals, and the verdict last."""

from pathlib import Path
from typing import Final

from sync_check.conformance.groups import FindingGroup, group_findings
from sync_check.conformance.run import RunStarted, ScenarioResult
from sync_check.conformance.verdict import Level, Verdict
from sync_check.reports.completed import CompletedRun
from sync_check.reports.described import heading, rows
from sync_check.reports.groups import merge_alike
from sync_check.reports.lines import STYLES, Lines
from sync_check.reports.visible import visible
from sync_check.reports.wording import (
    counted,
    duration,
    interruption_words,
    is_nothing_run,
    latency_words,
    repeat_command,
    requirement_words,
    silence_words,
    totals_words,
    verdict_words,
)

GROUPS: Final = 10
_NAME: Final = 120
_TEXT: Final = 400
_COMMAND: Final = 2000
_INDENT: Final = 14
_BEHIND: Final = len("silence  ")
_OPEN: Final = {Verdict.INCONCLUSIVE, Verdict.INVALID, Verdict.UNSUPPORTED, Verdict.PENDING}


def print_end(lines: Lines, run: CompletedRun, report: Path | None) -> None:
    """Print at most `GROUPS` groups of findings, notes, totals, latency, the report's place, the verdict.

    What is only worth knowing is counted; the report tells it.
    """
    found = merge_alike(group_findings(run.results))
    groups = [group for group in found if group.lead.level is not Level.INFO]
    for number, group in enumerate(groups[:GROUPS], 1):
        _print_group(lines, number, group, run.started)
    if len(groups) > GROUPS:
        lines.put("")
        lines.put(f"{counted(len(groups) - GROUPS, 'more group')} of findings in the report")
    _print_open(lines, run.results)
    _print_totals(lines, run, report)


def _print_group(lines: Lines, number: int, group: FindingGroup, started: RunStarted) -> None:
    lead = group.lead
    lines.put("")
    lines.put(f"{number:2}  {heading(group)}", style=STYLES[lead.level])
    lines.put(requirement_words(lead.requirement), indent=4)
    lines.put(visible(lead.message, _TEXT), indent=4)
    for row in rows(group):
        lines.put_labelled(row.label, row.text, indent=_INDENT)
    # Copied and pasted as it stands: it is never wrapped, and hardly ever cut.
    lines.put_whole(f"repeat    {visible(repeat_command(started, lead.scenario), _COMMAND)}", indent=4)


def _print_open(lines: Lines, results: tuple[ScenarioResult, ...]) -> None:
    noted = [result for result in results if result.note and result.verdict in _OPEN]
    if noted:
        lines.put("")
    for result in noted:
        lines.put(
            f"{result.verdict.upper()}  {visible(result.id, _NAME)}: {visible(result.note or '', _TEXT)}"
        )


def _print_totals(lines: Lines, run: CompletedRun, report: Path | None) -> None:
    finished = run.finished
    lines.put("")
    for fault in finished.faults:
        lines.put(f"error of sync-check itself: {visible(fault, _TEXT)}", style="bold red")
    if finished.interrupted:
        lines.put(f"interrupted: {interruption_words(run.started, finished)}")
    lines.put_behind(f"totals   {totals_words(finished)}", _BEHIND)
    lines.put_behind(f"latency  {latency_words(finished.latency_ms)}", _BEHIND)
    lines.put_behind(f"silence  {silence_words(finished)}", _BEHIND)
    remarks = sum(finding.level is Level.INFO for result in run.results for finding in result.findings)
    if remarks and report is not None:
        lines.put(f"info     {counted(remarks, 'remark')} in the report")
    if report is not None:
        lines.put_whole(f"report   {visible(str(report))}", indent=0)
    words = (
        verdict_words(run.started, finished),
        duration(finished.wall_s),
        f"exit code {finished.exit_code}",
    )
    headline = Verdict.UNSUPPORTED if is_nothing_run(finished) else finished.verdict
    lines.put_one(f"{headline.upper()}  {' · '.join(words)}", headline)
