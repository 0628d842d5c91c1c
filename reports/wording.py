"""The words that all reports share: requirements, durations, counts, commands. Nothing here is escaped."""

import shlex
from collections.abc import Mapping
from typing import Final

from sync_check.conformance.contract.requirements import REQUIREMENTS
from sync_check.conformance.history import Ending, Estimate
from sync_check.conformance.run import Latency, RunFinished, RunStarted
from sync_check.conformance.verdict import Verdict

_MOSTLY: Final = 2
"""Where a run takes so many times as long as its requests alone, it waits most of the time."""
_NOT_RUN: Final = {Verdict.UNSUPPORTED, Verdict.PENDING}


def requirement_words(requirement_id: str) -> str:
    """The sentence of a requirement; thresholds of a profile and unknown ids get one that says so."""
    rule = REQUIREMENTS.get(requirement_id)
    if rule is not None:
        return rule.sentence
    if requirement_id.startswith("PROFILE-SLO-"):
        return "The target keeps a threshold that its own profile states."
    return "This version's contract has no requirement of this id."


_REPLAY: Final = "replay"
_SAVED: Final = "counterexamples"


def repeat_command(started: RunStarted, scenario: str | None = None) -> str:
    """The shell command that repeats the run, or only `scenario` of it; a saved program is its own file."""
    if started.repeat[1:2] == (_REPLAY,):
        return shlex.join(started.repeat)
    if scenario is not None and scenario.startswith(f"{_SAVED}/"):
        return shlex.join(("sync-check", _REPLAY, f"{scenario}.json"))
    return shlex.join((*started.repeat, *(started.selection if scenario is None else (scenario,))))


def duration(seconds: float) -> str:
    """`seconds` for a reader: ``40 ms``, ``1.2 s``, ``3 min 20 s``."""
    if seconds < 0.0995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 99.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s"


def moment(at_us: int) -> str:
    """A point in the history, `at_us` microseconds after its start: ``0.914730 s``."""
    return f"{at_us // 1_000_000}.{at_us % 1_000_000:06d} s"


def counted(count: int, singular: str, plural: str | None = None) -> str:
    """``1 finding``, ``2 findings``."""
    return f"{count} {singular if count == 1 else plural or singular + 's'}"


def counted_of(count: int, total: int, singular: str) -> str:
    """``7 programs`` if that is all, ``3 of 7 programs`` if it is not."""
    whole = counted(total, singular)
    return whole if count == total else f"{count} of {whole}"


def totals_words(finished: RunFinished) -> str:
    """How many scenarios have each verdict that occurred: ``5 pass · 1 fail``."""
    present = [f"{count} {verdict}" for verdict, count in finished.totals.items() if count]
    return " · ".join(present) or "no scenario ran"


def verdict_words(started: RunStarted, finished: RunFinished) -> str:
    """The run's verdict in a clause: ``1 of 6 scenarios failed``, of all that were selected."""
    total = max(len(started.scenarios), len(finished.results))
    failed = sum(result.verdict in {Verdict.FAIL, Verdict.FLAKY} for result in finished.results)
    if failed:
        return f"{failed} of {counted(total, 'scenario')} failed"
    if is_nothing_run(finished):
        return f"none of {counted(total, 'scenario')} ran, for the target lacks what they need"
    passed = sum(result.verdict in {Verdict.PASS, Verdict.LAX} for result in finished.results)
    return f"{passed} of {counted(total, 'scenario')} passed"


def is_nothing_run(finished: RunFinished) -> bool:
    """Whether the run came to its end and had nothing that it could play."""
    verdicts = [result.verdict for result in finished.results]
    return bool(verdicts) and not finished.interrupted and all(one in _NOT_RUN for one in verdicts)


def interruption_words(started: RunStarted, finished: RunFinished) -> str:
    """What an interrupted run left out: ``4 of 6 scenarios ran (one of them cut short), 2 did not``."""
    planned = len(started.scenarios)
    ran = sum(result.verdict not in _NOT_RUN for result in finished.results)
    is_cut = any(result.ending is Ending.INTERRUPTED for result in finished.results)
    words = f"{ran} of {counted(planned, 'scenario')} ran{' (one of them cut short)' if is_cut else ''}"
    return f"{words}, {planned - ran} did not" if planned > ran else words


def latency_words(latency: Latency) -> str:
    """Operation sent until visible at a client, or that nothing was measured."""
    if latency.p50 is None:
        return "not measured"
    quantiles = (("p50", latency.p50), ("p95", latency.p95), ("p99", latency.p99))
    measured = [f"{name} {value:.1f} ms" for name, value in quantiles if value is not None]
    return f"{' · '.join(measured)} ({counted(latency.samples, 'sample')})"


def estimate_words(started: RunStarted) -> str:
    """What the run is expected to need, and what that rests on."""
    estimate = started.estimate
    return (
        f"about {duration(estimate.seconds)}{_basis(estimate)}, {counted(estimate.accounts, 'account')}, "
        f"{counted(estimate.guilds, 'guild')}, {counted(estimate.requests, 'request')}"
    )


def _basis(estimate: Estimate) -> str:
    """Whether it is the target's limits that take the time, or so many requests at the speed measured."""
    if estimate.request_ms is None:
        return ""
    if estimate.seconds * 1000 > _MOSTLY * estimate.requests * estimate.request_ms:
        return " under its limits"
    return f" at {estimate.request_ms:.1f} ms a request"


def evidence_words(evidence: Mapping[str, int]) -> list[str]:
    """What a scenario was judged by, each kind with its number, in the order of their names."""
    plain = {name: f"{count} {name.replace('_', ' ')}" for name, count in evidence.items()}
    if "fences_us" in evidence:
        del plain["fences_us"]
        plain["fences"] = (
            f"{counted(evidence.get('fences', 0), 'fence')} in {evidence['fences_us'] / 1000:.0f} ms"
        )
    if "pairs" in evidence:
        plain.pop("pairs_decided", None)
        plain["pairs"] = f"{evidence.get('pairs_decided', 0)} of {counted(evidence['pairs'], 'pair')} decided"
    return [plain[name] for name in sorted(plain)]


def silence_words(finished: RunFinished) -> str:
    """How many deliveries were proved not to have happened, how well, and how long such a proof takes."""

    def total(name: str) -> int:
        return sum(result.evidence.get(name, 0) for result in finished.results)

    if not total("absences") or not total("fences"):
        return "no absence was proved"
    each_ms = total("fences_us") / total("fences") / 1000
    weak = total("absences_weak")
    fences = f"{weak} of them by weak fences only" if weak else "by strong fences"
    proved = f"{counted(total('absences'), 'absence')} proved, {fences}"
    return f"{proved}; a fence takes {each_ms:.1f} ms, and nothing waits"
