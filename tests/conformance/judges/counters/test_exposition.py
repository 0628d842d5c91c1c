"""The text exposition format is read as it is written; what is none is told, and nothing is raised."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_check.conformance.judges.counters.exposition import MOST_SERIES, read_exposition

NAMES = st.from_regex(r"[a-zA-Z_:][a-zA-Z0-9_:]{0,8}", fullmatch=True)
LABELS = st.dictionaries(
    st.from_regex(r"[a-z_][a-z0-9_]{0,8}", fullmatch=True), st.text(max_size=9), max_size=4
)


def escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def test_a_page_is_read() -> None:
    page = read_exposition(
        "# HELP hits_total How many # of hits.\n"
        "# TYPE hits_total counter\n"
        "\n"
        'hits_total{surface="http",reason="global"} 12\n'
        '  hits_total { reason = "a" , surface = "b", } 1e3 1700000000000 \n'
        "# just a remark\n"
        "up 1\n"
        "temperature -3.5\n"
        "strange NaN\n"
        "most{} +Inf\n"
    )
    assert page.faults == ()
    assert page.types == {"hits_total": "counter"}
    assert page.samples["hits_total"] == {
        (("reason", "global"), ("surface", "http")): 12.0,
        (("reason", "a"), ("surface", "b")): 1000.0,
    }
    assert page.samples["up"] == {(): 1.0}
    assert page.samples["temperature"] == {(): -3.5}
    assert page.samples["most"] == {(): float("inf")}


def test_what_openmetrics_adds_is_read_over() -> None:
    page = read_exposition(
        "# TYPE hits counter\n# UNIT hits seconds\n"
        'hits_total{a="1"} 3.0 1700000000.123 # {trace="x"} 1.0\n'
        "hits_created 1.7e9\n# EOF\n"
    )
    assert page.faults == ()
    assert page.samples["hits_total"] == {(("a", "1"),): 3.0}


def test_an_empty_page_has_nothing_and_is_in_order() -> None:
    assert read_exposition("").samples == {}
    assert read_exposition("\n \n").faults == ()


@given(name=NAMES, labels=LABELS, value=st.integers(0, 2**53))
def test_whatever_is_written_by_the_rules_comes_back(name: str, labels: dict[str, str], value: int) -> None:
    inside = ",".join(f'{label}="{escaped(text)}"' for label, text in labels.items())
    page = read_exposition(f"{name}{{{inside}}} {value}\n")
    assert page.faults == ()
    assert page.samples == {name: {tuple(sorted(labels.items())): float(value)}}


@pytest.mark.parametrize(
    "line",
    [
        "hits",
        "hits ",
        "hits one",
        "hits 1 2 3",
        "hits1.5",
        "1hits 1",
        "hits 1_000",
        "hits \u0661",
        "hits 1\r",
        "hits{ 1",
        "hits{a} 1",
        "hits{a=1} 1",
        'hits{a="1} 1',
        'hits{a="1"',
        'hits{a="1" b="2"} 1',
        'hits{a="1",a="2"} 1',
        'hits{a="\\x"} 1',
        "hits{,} 1",
        "<html><body>metrics</body></html>",
        '{"metrics": []}',
        "hits 1 # a remark",
    ],
)
def test_a_line_that_is_none_of_the_format_is_told(line: str) -> None:
    page = read_exposition(f"up 1\n{line}\nlater 2")
    assert len(page.faults) == 1
    assert page.samples == {"up": {(): 1.0}, "later": {(): 2.0}}


def test_a_series_that_comes_twice_is_told() -> None:
    page = read_exposition('hits{a="1",b="2"} 1\nhits{b="2",a="1"} 2\n')
    (fault,) = page.faults
    assert "twice" in fault


@given(st.text(st.characters(codec="utf-8"), max_size=200))
def test_nothing_is_raised(text: str) -> None:
    read_exposition(text)


@given(
    st.lists(
        st.sampled_from(['hits{a="', '"', "\\", "\n", "} ", "1", " ", "# TYPE ", "⟦secret:a:b:1⟧", "\0"])
    )
)
def test_nothing_is_raised_by_parts_of_the_format(parts: list[str]) -> None:
    read_exposition("".join(parts))


def test_few_faults_and_little_of_each_are_told() -> None:
    page = read_exposition(("x" * 5000 + "\n") * 5000)
    assert len(page.faults) == 5
    assert all(len(fault) < 200 for fault in page.faults)


def test_series_beyond_a_number_are_left_out() -> None:
    page = read_exposition("".join(f'hits{{a="{number}"}} 1\n' for number in range(MOST_SERIES + 100)))
    assert len(page.samples["hits"]) == MOST_SERIES
    assert page.faults == (f"more than {MOST_SERIES} series",)


@pytest.mark.parametrize(
    "text",
    [
        "a" * 10**5,
        "a" + " " * 10**5,
        "a{" * 10**5,
        'a{b="' + "\\" * 10**5,
        'a{b="' + "\\n" * 10**5,
        "a{" + 'b="1",' * 10**5,
        "a " + "1" * 10**5,
        "a 1" + " " * 10**5 + "x",
        "a 1 " + "1" * 10**5,
        "# TYPE a" + " " * 10**5 + "1",
        "#" + " " * 10**5,
        "\n" * 10**5,
    ],
)
def test_a_hostile_page_takes_time_in_proportion_to_its_length(text: str) -> None:
    began = time.process_time()
    read_exposition(text)
    assert time.process_time() - began < 1
