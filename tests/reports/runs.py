"""Runs for the tests of reports: a passing one, a failing one, and one whose every text is hostile."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from sync_check.conformance.history import Ending, Estimate, Outcome, ScenarioPlan
from sync_check.conformance.run import (
    FindingRaised,
    Latency,
    OperationDone,
    RequirementResult,
    RunEvent,
    RunFinished,
    RunStarted,
    ScenarioFinished,
    ScenarioResult,
    ScenarioStarted,
)
from sync_check.conformance.verdict import (
    Excerpt,
    Finding,
    Kind,
    Level,
    RequirementStatus,
    Verdict,
    run_verdict,
)
from sync_check.reports.completed import CompletedRun

HOSTILE = {
    "rich": "[red]bold[/red] [link=https://evil.example]x[/link] :bomb:",
    "ansi": "\x1b[2J\x1b[31mred\x1b[0m\x1b]8;;https://evil.example\x07\x9b1m",
    "html": "<script>alert(1)</script><img src=//evil.example onerror=x>\"'><b>",
    "pipe": "a|b|c\\|d",
    "backticks": "``` `x` ````\n```",
    "backtick": "`",
    "nul": "nul\0byte",
    "surrogate": "\ud800 alone \udfff",
    "bidi": "\u202eevil\u2066 \u200f\u200b\ufeff",
    "long": "x" * 10_000,
    "long-controls": "\x1b" * 10_000,
    "lines": "one\n# two\r\n\u2028- three\x85\x0b",
    "xml": "]]>&amp;<!-- --> <?x?> \ufffe\uffff",
    "mention": "@everyone a@evil.example #12 [x](https://evil.example) https://evil.example www.evil.example",
    "template": "{{ 7 * 7 }}{% raw %}{# #}",
    "list": "- [ ] 1. x",
    "number": "1. one",
    "rule": "---",
    "heading": "# ## x",
    "emphasis": "*a* _b_ **c** __d__ ~~e~~ $f$ \\",
    "indented": "    code",
    "blank": " ",
}
TITLES = {
    "messages/edit": "An edit by one client updates every other subscribed client without a refresh.",
    "messages/delete": "A deleted message is gone for every subscribed client.",
    "workspace/rename": "A rename reaches every member and nobody else.",
    "members/role-change": "A legacy role change is told to every member once.",
    "members/kick": "A kicked client hears of its removal and of nothing after it.",
    "profile/update": "A profile update reaches the user's own sessions and friends.",
}
COVERS = {
    "messages/edit": ("MSG-EDIT-2", "SCOPE-2"),
    "messages/delete": ("MSG-DEL-1",),
    "workspace/rename": ("SCOPE-4", "SCOPE-5"),
    "members/role-change": ("MEM-4",),
    "members/kick": ("ACCESS-3", "MEM-5"),
    "profile/update": ("PROF-2", "SCOPE-7"),
}


def finding(**changed: Any) -> Finding:
    """A finding of the delivery judge, with what is `changed`."""
    usual = Finding(
        scenario="workspace/rename",
        level=Level.FAIL,
        kind=Kind.SAFETY,
        judge="delivery",
        requirement="SCOPE-5",
        message="workspace_update reached a connection of a user who is not a member",
        client="stranger#1",
        event="workspace_update",
        expected="nothing of guild 01J9ZK3V6T4Q8W2N5M7B1C0D2E",
        received='{"guild_id":"01J9ZK3V6T4Q8W2N5M7B1C0D2E","updated_fields":{"name":"sc3k9x1m2q7v8b"},"updated_at_unix":1760000000}',
        cause="update_guild by ana (op 41)",
        excerpt=(
            Excerpt(at_us=912_014, who="ana", text="PATCH /guilds/01J9ZK3V6T4Q8W2N5M7B1C0D2E (op 41)"),
            Excerpt(at_us=914_730, who="ben#1", text="workspace_update, as it must"),
            Excerpt(at_us=914_802, who="stranger#1", text="workspace_update, which nothing explains"),
            Excerpt(at_us=915_377, who="ana", text="200 (op 41)"),
        ),
    )
    return replace(usual, **changed)


def result(
    scenario: str, *findings: Finding, verdict: Verdict = Verdict.PASS, **changed: Any
) -> ScenarioResult:
    """The result of a scenario of `TITLES`."""
    usual = ScenarioResult(
        id=scenario,
        title=TITLES.get(scenario, "A scenario."),
        verdict=verdict,
        requirements=COVERS.get(scenario, ("ENV-1",)),
        findings=findings,
        witnesses=dict.fromkeys(COVERS.get(scenario, ()), 7),
        wall_s=1.234,
        ending=Ending.COMPLETED,
        evidence={"frames": 214, "operations": 37, "comparisons": 9},
    )
    return replace(usual, **changed)


def started(**changed: Any) -> RunStarted:
    """The start of a run of all scenarios of `TITLES`."""
    usual = RunStarted(
        run_id="01J9ZK3V6T4Q8W2N5M7B1C0D2E",
        seed=4,
        target="embedded reference server",
        clients=8,
        started_at="2025-10-09T08:53:20Z",
        version="0.1.0",
        strict=False,
        scenarios=tuple(ScenarioPlan(id=i, title=title, covers=COVERS[i]) for i, title in TITLES.items()),
        estimate=Estimate(accounts=11, guilds=6, requests=240, seconds=8.0),
        repeat=("sync-check", "run", "--clients", "8", "--seed", "4"),
        notes=("The embedded server runs with raised limits.",),
    )
    return replace(usual, **changed)


def finished(*results: ScenarioResult, **changed: Any) -> RunFinished:
    """The end of a run with these results."""
    verdict = run_verdict(r.verdict for r in results)
    usual = RunFinished(
        run_id="01J9ZK3V6T4Q8W2N5M7B1C0D2E",
        verdict=verdict,
        results=results,
        requirements=tuple(
            RequirementResult(id=name, level="MUST", status=RequirementStatus.WITNESSED, witnesses=7)
            for r in results
            for name in r.requirements
        ),
        latency_ms=Latency(p50=3.12, p95=8.4, p99=14.05, samples=480),
        wall_s=8.42,
        virtual_s=None,
        interrupted=False,
        exit_code={Verdict.PASS: 0, Verdict.FAIL: 1}.get(verdict, 6),
    )
    return replace(usual, **changed)


def passing() -> CompletedRun:
    """All scenarios pass."""
    return CompletedRun(started=started(), finished=finished(*map(result, TITLES)))


def failing() -> CompletedRun:
    """A leak, a missing edit at three clients, a deviation, something open, something unsupported."""
    missing = [
        finding(
            scenario="messages/edit",
            kind=Kind.LIVENESS,
            requirement="SCOPE-2",
            message="message_update did not reach a subscribed connection before the fence",
            client=f"{name}#1",
            event="message_update",
            expected='message_update with updated_fields.content "second"',
            received="nothing up to the fence (op 23)",
            cause="edit_message by ana (op 22)",
            excerpt=(
                Excerpt(at_us=402_118, who="ana", text="PATCH …/messages/01J9ZK3V6T4Q8W2N5M7B1C0D2F (op 22)"),
                Excerpt(at_us=404_020, who=f"{name}#1", text="message_create of the fence (op 23)"),
            ),
        )
        for name in ("cleo", "dan", "eve")
    ]
    lax = finding(
        scenario="members/kick",
        level=Level.LAX,
        kind=Kind.CONTRACT,
        requirement="PRES-6",
        message="no presence_update offline followed the removal of an online member",
        client="ben#1",
        event="presence_update",
        cause=None,
        expected="presence_update offline of the removed user",
        received=None,
        excerpt=(),
    )
    slow = finding(
        scenario="profile/update",
        kind=Kind.LIMIT,
        requirement="PROFILE-SLO-delivery_p99_ms",
        message="the 99th percentile of delivery is above the profile's threshold",
        client=None,
        event=None,
        cause=None,
        expected="at most 10 ms",
        received="14.1 ms over 480 samples",
        excerpt=(),
    )
    results = (
        result("messages/edit", *missing, verdict=Verdict.FAIL),
        result("messages/delete"),
        result("workspace/rename", finding(), verdict=Verdict.FAIL),
        result(
            "members/role-change",
            verdict=Verdict.INCONCLUSIVE,
            note="a fence of ben#1 did not arrive within 5 s",
        ),
        result("members/kick", lax, verdict=Verdict.LAX),
        result("profile/update", slow, verdict=Verdict.FAIL),
    )
    statuses = {"SCOPE-2": RequirementStatus.VIOLATED, "SCOPE-5": RequirementStatus.VIOLATED}
    end = finished(*results)
    judged = tuple(replace(r, status=statuses.get(r.id, r.status)) for r in end.requirements)
    return CompletedRun(started=started(), finished=replace(end, requirements=judged))


def hostile(text: str) -> CompletedRun:
    """A run in which every field that is text, and every key, is `text`."""
    texts = dict.fromkeys(("judge", "requirement", "message", "client", "event", "expected"), text)
    bad = finding(
        scenario=text, received=text, cause=text, excerpt=(Excerpt(at_us=1, who=text, text=text),), **texts
    )
    threshold = f"PROFILE-SLO-{text}"
    lax = finding(scenario=text, level=Level.LAX, cause=None, **texts | {"requirement": threshold})
    common = {
        "title": text,
        "requirements": (text,),
        "witnesses": {text: 1},
        "note": text,
        "evidence": {text: 1},
    }
    results = tuple(
        result(text if verdict is Verdict.FAIL else f"{text}/{verdict}", bad, lax, verdict=verdict, **common)
        for verdict in Verdict
    )
    judged = RequirementResult(id=text, level=text, status=RequirementStatus.VIOLATED, witnesses=1)
    start = started(
        run_id=text,
        target=text,
        started_at=text,
        version=text,
        scenarios=(ScenarioPlan(id=text, title=text, covers=(text,)),),
        repeat=("sync-check", "run", "--target", text),
        notes=(text,),
    )
    return CompletedRun(
        started=start, finished=finished(*results, run_id=text, requirements=(judged,), faults=(text,))
    )


def events(run: CompletedRun) -> Iterator[RunEvent]:
    """The events that tell of `run`."""
    yield run.started
    total = len(run.results)
    for index, outcome in enumerate(run.results, 1):
        yield ScenarioStarted(id=outcome.id, title=outcome.title, index=index, total=total)
        yield OperationDone(
            scenario=outcome.id, client="ana", operation="edit_message", outcome=Outcome.OK, seconds=0.01
        )
        for fault in outcome.findings:
            yield FindingRaised(finding=fault)
        yield ScenarioFinished(result=outcome)
    yield run.finished
