"""`junit.xml` in the xunit2 flavour, which CI systems read: one test case for each scenario."""

from collections.abc import Iterable
from io import BytesIO

from junitparser import Error, Failure, Skipped
from junitparser.xunit2 import JUnitXml, TestCase, TestSuite

from sync_check.conformance.groups import FindingGroup, group_findings
from sync_check.conformance.run import RunStarted, ScenarioResult
from sync_check.conformance.verdict import Verdict
from sync_check.reports.completed import CompletedRun
from sync_check.reports.described import NAME, TEXT, heading, rows
from sync_check.reports.visible import visible
from sync_check.reports.wording import repeat_command, requirement_words

_RESULTS = {
    Verdict.FAIL: Failure,
    Verdict.FLAKY: Failure,
    Verdict.INCONCLUSIVE: Error,
    Verdict.INVALID: Error,
    Verdict.UNSUPPORTED: Skipped,
    Verdict.PENDING: Skipped,
}


def junit_xml(run: CompletedRun) -> bytes:
    """The file's bytes: a suite whose cases are the scenarios, `classname` their family, `name` their id.

    fail and flaky are failures, inconclusive and invalid errors, unsupported and pending skipped; lax passes
    and says in `system-out` what it found. Errors of the harness are the suite's `system-err`.
    """
    # junitparser annotates only some of its methods, hence the two suppressions.
    suite = TestSuite("sync-check")  # type: ignore[no-untyped-call]
    suite.timestamp = visible(run.started.started_at, NAME)
    for name, value in _properties(run):
        suite.add_property(name, visible(value, TEXT))
    suite.add_testcases([_case(result, run.started) for result in run.results])
    if run.finished.faults:
        suite.system_err = _lines(run.finished.faults)
    document = JUnitXml("sync-check")
    document.add_testsuite(suite)
    document.update_statistics()  # type: ignore[no-untyped-call]
    written = BytesIO()
    document.write(written)
    return written.getvalue()


def _properties(run: CompletedRun) -> Iterable[tuple[str, str]]:
    started = run.started
    yield "run", started.run_id
    yield "target", started.target
    yield "seed", str(started.seed)
    yield "clients", str(started.clients)
    yield "version", started.version
    yield "verdict", run.finished.verdict
    yield "repeat", repeat_command(started)


def _case(result: ScenarioResult, started: RunStarted) -> TestCase:
    case = TestCase(
        name=visible(result.id, NAME),
        classname=visible(result.id.partition("/")[0], NAME),
        time=round(result.wall_s, 3),
    )
    groups = group_findings([result])
    outcome = _RESULTS.get(result.verdict)
    if outcome is not None:
        entry = outcome(_message(result, groups), visible(_type(result, groups), NAME))
        entry.text = _story(result, groups, started)
        case.result = [entry]
    elif groups:
        case.system_out = _story(result, groups, started)
    return case


def _message(result: ScenarioResult, groups: tuple[FindingGroup, ...]) -> str:
    told = groups[0].lead.message if groups else result.note or f"the scenario is {result.verdict}"
    return visible(told, TEXT)


def _type(result: ScenarioResult, groups: tuple[FindingGroup, ...]) -> str:
    return groups[0].lead.requirement if groups else result.verdict


def _story(result: ScenarioResult, groups: tuple[FindingGroup, ...], started: RunStarted) -> str:
    lines = [visible(result.note, TEXT)] if result.note else []
    for group in groups:
        lines += [
            heading(group),
            requirement_words(group.lead.requirement),
            visible(group.lead.message, TEXT),
        ]
        lines += [f"  {row.label:8}  {row.text}" for row in rows(group)]
    lines.append(f"repeat: {visible(repeat_command(started, result.id), TEXT)}")
    return "\n".join(lines)


def _lines(texts: Iterable[str]) -> str:
    return "\n".join(visible(text, TEXT) for text in texts)
