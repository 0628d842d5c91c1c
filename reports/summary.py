"""`summary.md`: the run on one page of Markdown, as a CI job's summary shows it."""

from collections.abc import Iterator
from typing import Final

from sync_check.conformance.groups import FindingGroup, group_findings
from sync_check.conformance.run import ScenarioResult
from sync_check.reports.completed import CompletedRun
from sync_check.reports.described import rows, where
from sync_check.reports.groups import merge_alike
from sync_check.reports.markdown import block, code, plain
from sync_check.reports.visible import visible
from sync_check.reports.wording import (
    counted,
    duration,
    interruption_words,
    latency_words,
    repeat_command,
    requirement_words,
    silence_words,
    totals_words,
    verdict_words,
)

GROUPS: Final = 20
_NAME: Final = 120
_TEXT: Final = 400


def summary_md(run: CompletedRun, *, server_log: str | None = None) -> str:
    """The file's text: verdict, scenarios, findings in groups (at most `GROUPS`), how to repeat.

    `server_log` is the file beside it that holds what the server logged, if there is one.
    """
    parts = (
        *_head(run, server_log),
        *_scenarios(run.results),
        *_findings(run),
        *_remarks(run),
        *_repeat(run),
    )
    return "\n\n".join(parts) + "\n"


def _head(run: CompletedRun, server_log: str | None) -> Iterator[str]:
    started, finished = run.started, run.finished
    yield f"# sync-check: {finished.verdict.upper()}"
    yield f"**{verdict_words(started, finished)}** ({totals_words(finished)}) in {duration(finished.wall_s)}."
    if finished.interrupted:
        yield f"The run was interrupted: {interruption_words(started, finished)}."
    facts = (
        ("Target", code(started.target, _NAME)),
        ("Clients", str(started.clients)),
        ("Seed", str(started.seed)),
        ("Latency", latency_words(finished.latency_ms)),
        ("Silence", silence_words(finished)),
        ("Run", code(started.run_id, _NAME)),
        ("Version", code(started.version, _NAME)),
        *([] if server_log is None else [("Server log", code(server_log, _NAME))]),
    )
    yield "\n".join(f"- {name}: {value}" for name, value in facts)


def _scenarios(results: tuple[ScenarioResult, ...]) -> Iterator[str]:
    if not results:
        return
    table = ["| Verdict | Scenario | What holds | Findings | Time |", "| --- | --- | --- | ---: | ---: |"]
    for result in results:
        cells = (
            f"**{result.verdict.upper()}**",
            plain(result.id, _NAME),
            plain(result.title, _NAME),
            str(len(result.findings)),
            duration(result.wall_s),
        )
        table.append(f"| {' | '.join(cells)} |")
    yield "## Scenarios"
    yield "\n".join(table)


def _findings(run: CompletedRun) -> Iterator[str]:
    groups = merge_alike(group_findings(run.results))
    if not groups:
        return
    yield "## Findings"
    for number, group in enumerate(groups[:GROUPS], 1):
        yield from _group(number, group, run)
    if len(groups) > GROUPS:
        yield f"{counted(len(groups) - GROUPS, 'more group')} in `index.html` and `report.json`."


def _group(number: int, group: FindingGroup, run: CompletedRun) -> Iterator[str]:
    lead = group.lead
    yield f"### {number}. {_title(group)}"
    yield f"> {requirement_words(lead.requirement)}"
    yield plain(lead.message, _TEXT)
    yield block(f"{row.label:8}  {row.text}" for row in rows(group))
    yield f"Repeat: {code(repeat_command(run.started, lead.scenario), _TEXT)}"


def _title(group: FindingGroup) -> str:
    lead = group.lead
    requirement, scenarios = plain(lead.requirement, _NAME), plain(where(group), _TEXT)
    return f"{lead.level.upper()} · {lead.kind} · {requirement} · {scenarios}"


def _remarks(run: CompletedRun) -> Iterator[str]:
    notes = [plain(note, _TEXT) for note in (*run.started.notes, *run.finished.notes)]
    notes += [f"{plain(r.id, _NAME)}: {plain(r.note, _TEXT)}" for r in run.results if r.note]
    faults = [f"Error of sync-check itself: {plain(fault, _TEXT)}" for fault in run.finished.faults]
    if notes or faults:
        yield "## Notes"
        yield "\n".join(f"- {line}" for line in (*notes, *faults))


def _repeat(run: CompletedRun) -> Iterator[str]:
    yield "## Repeat the run"
    yield block([visible(repeat_command(run.started), 2000)], "sh")
