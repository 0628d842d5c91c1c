"""What a judge hands back is the same in every process."""

from sync_check.conformance.judges.judgement import Judgement
from sync_check.conformance.verdict import Excerpt, Kind


def test_lines_of_one_moment_stay_in_the_order_in_which_they_were_given_each_once() -> None:
    lines = [Excerpt(at_us=5, who="ana", text=f"{number}") for number in range(20)]
    judgement = Judgement(scenario="test/one", judge="test")
    judgement.find(Kind.SAFETY, "DELIV-1", "wrong", excerpt=[*lines, *lines[:3]])
    (finding,) = judgement.findings
    assert list(finding.excerpt) == lines


def test_an_earlier_line_comes_first() -> None:
    late, early = Excerpt(at_us=5, who="ana", text="late"), Excerpt(at_us=4, who="ben", text="early")
    judgement = Judgement(scenario="test/one", judge="test")
    judgement.find(Kind.SAFETY, "DELIV-1", "wrong", excerpt=[late, early])
    assert judgement.findings[0].excerpt == (early, late)
