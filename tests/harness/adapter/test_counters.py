"""The pages of several nodes become one, and nothing that is wrong with one is lost."""

from sync_check.harness.adapter.counters import summed


def test_series_are_summed_and_comments_are_told_once() -> None:
    first = '# TYPE a counter\na 1\nb{x="y z"} 2.5\n'
    second = "# TYPE a counter\na 41\nc 7e2\n"
    assert summed([first, second]) == '# TYPE a counter\na 42\nb{x="y z"} 2.5\nc 700\n'


def test_large_counters_keep_every_digit() -> None:
    assert summed(["a 123456789\n", "a 1\n"]) == "a 123456790\n"


def test_what_is_no_sample_stays_for_the_judges() -> None:
    assert summed(["a x\n", "a{ 1\n<html>\n"]) == "a x\na{ 1\n<html>\n"
