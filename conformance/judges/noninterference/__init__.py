"""Judge `noninterference`: what one user observes does not depend on what that user may not know.

It looks at two runs of one program in virtual time, where chance is the same in both. In the second one only
what the user may not know was different (`secrecy`), so that any difference in what they observed is a leak.
"""

from collections.abc import Sequence
from typing import Final

from sync_check.conformance.judges.judgement import Judgement
from sync_check.conformance.judges.noninterference.comparison import Difference, excerpt
from sync_check.conformance.judges.noninterference.observation import ANSWER, END, FRAME, OPENED, Observed
from sync_check.conformance.verdict import Finding, Kind

NAME: Final = "noninterference"
_NOUNS: Final = {ANSWER: "the answer to", FRAME: "the event", END: "the end of", OPENED: "the begin of"}


def judged(
    scenario: str,
    difference: Difference,
    runs: tuple[Sequence[Observed], Sequence[Observed]],
    *,
    observer: str,
    otherwise: str,
) -> Finding:
    """The finding that a difference is; `otherwise` says how the second run was different.

    `observer` says who they are, in words.
    """
    judgement = Judgement(scenario=scenario, judge=NAME)
    subject = difference.subject
    what = f"{_NOUNS[subject.kind]} {subject.what or 'a connection'}"
    how = "comes at another time" if difference.is_of_time_only else "is another one"
    how = how if difference.same_thing else "comes only so, or in another turn,"
    one, other = difference.told
    judgement.find(
        Kind.SAFETY,
        difference.requirement,
        f"{what}, as {observer} gets it, {how} {otherwise}",
        client=subject.where,
        event=subject.what if subject.kind == FRAME else None,
        expected=_timed(difference.one, one),
        received=_timed(difference.other, other),
        excerpt=(
            *excerpt("as drawn", runs[0], difference, side=0),
            *excerpt(otherwise, runs[1], difference, side=1),
        ),
    )
    (finding,) = judgement.findings
    return finding


def _timed(observed: Observed | None, told: str) -> str:
    return told if observed is None else f"after {observed.at / 1_000_000:.6f} s: {told}"
