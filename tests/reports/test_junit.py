from xml.etree import ElementTree as ET

import pytest

from sync_check.conformance.verdict import Verdict
from sync_check.reports.completed import CompletedRun
from sync_check.reports.junit import junit_xml
from tests.reports import runs


def cases(run: CompletedRun) -> dict[str, ET.Element]:
    return {case.attrib["name"]: case for case in ET.fromstring(junit_xml(run)).iter("testcase")}


def only(case: ET.Element) -> ET.Element:
    (child,) = case
    return child


def test_each_scenario_is_a_case_of_its_family() -> None:
    found = cases(runs.passing())
    assert list(found) == list(runs.TITLES)
    assert found["messages/edit"].attrib == {
        "name": "messages/edit",
        "classname": "messages",
        "time": "1.234",
    }
    assert not any(len(case) for case in found.values())


def test_a_failure_tells_the_whole_story() -> None:
    failure = only(cases(runs.failing())["workspace/rename"])
    assert failure.tag == "failure"
    assert failure.attrib["type"] == "SCOPE-5"
    assert "not a member" in failure.attrib["message"]
    story = failure.text or ""
    for part in ("current member", "stranger#1", "0.914802 s", "repeat: sync-check run", "workspace/rename"):
        assert part in story


@pytest.mark.parametrize(
    ("verdict", "tag"),
    [
        (Verdict.FAIL, "failure"),
        (Verdict.FLAKY, "failure"),
        (Verdict.INCONCLUSIVE, "error"),
        (Verdict.INVALID, "error"),
        (Verdict.UNSUPPORTED, "skipped"),
        (Verdict.PENDING, "skipped"),
    ],
)
def test_verdicts_become_outcomes(verdict: Verdict, tag: str) -> None:
    result = runs.result("messages/edit", verdict=verdict, note="because")
    child = only(cases(CompletedRun(started=runs.started(), finished=runs.finished(result)))["messages/edit"])
    assert (child.tag, child.attrib["message"], child.attrib["type"]) == (tag, "because", verdict)


def test_lax_passes_and_tells_what_it_found() -> None:
    child = only(cases(runs.failing())["members/kick"])
    assert child.tag == "system-out"
    assert "PRES-6" in (child.text or "")


def test_the_suite_counts() -> None:
    root = ET.fromstring(junit_xml(runs.failing()))
    (suite,) = root
    assert {"tests": "6", "failures": "3", "errors": "1", "skipped": "0"}.items() <= suite.attrib.items()
    assert {"tests": "6", "failures": "3", "errors": "1"}.items() <= root.attrib.items()
    properties = {entry.attrib["name"]: entry.attrib["value"] for entry in suite.iter("property")}
    assert (properties["seed"], properties["target"]) == ("4", "embedded reference server")


def test_errors_of_the_harness_are_the_suites() -> None:
    run = CompletedRun(started=runs.started(), finished=runs.finished(faults=("judge schema crashed",)))
    assert ET.fromstring(junit_xml(run)).findtext("testsuite/system-err") == "judge schema crashed"


@pytest.mark.parametrize("text", runs.HOSTILE.values(), ids=runs.HOSTILE)
def test_hostile_texts_change_nothing_but_texts(text: str) -> None:
    hostile = ET.fromstring(junit_xml(runs.hostile(text)))
    harmless = ET.fromstring(junit_xml(runs.hostile("x")))
    assert [(e.tag, list(e.attrib)) for e in hostile.iter()] == [
        (e.tag, list(e.attrib)) for e in harmless.iter()
    ]
    for element in hostile.iter():
        assert all(value.isprintable() for value in element.attrib.values())
        assert all(line.isprintable() for line in (element.text or "").split("\n"))
