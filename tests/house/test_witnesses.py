"""What covers a requirement is found in the sources, and `docs/COVERAGE.md` tells it."""

from pathlib import Path

import pytest

from sync_check.conformance.contract.requirements import REQUIREMENTS, Level
from sync_check.scenarios.catalogue import catalogue
from tests.house.witnesses import (
    COVERAGE_FILE,
    PHASES,
    UnreadableMarker,
    Witness,
    all_citations,
    all_witnesses,
    coverage,
    coverage_text,
    marked,
    named,
    uncovered_musts,
    unknown,
)

MARKED = '''
import pytest

pytestmark = pytest.mark.witnesses("ENV-1")

@pytest.mark.witnesses("MSG-1", "MSG-2")
async def test_one() -> None:
    """Not @pytest.mark.witnesses("MSG-3")."""

class TestMore:
    @pytest.mark.parametrize("x", [pytest.param(1, marks=[pytest.mark.witnesses("BAD-1")])])
    def test_two(self, x: int) -> None:
        text = 'pytest.mark.witnesses("BAD-2")'
'''


def witness(requirement_id: str, source: str) -> Witness:
    return Witness(requirement_id=requirement_id, source=source)


def test_nothing_names_what_is_no_requirement() -> None:
    assert unknown(all_witnesses()) == []


def test_the_committed_file_is_fresh() -> None:
    text = coverage_text(coverage(all_witnesses()), coverage(all_citations()))
    fresh = COVERAGE_FILE.read_text(encoding="utf-8") == text
    assert fresh, "docs/COVERAGE.md is out of date; renew it with: make docs"


def test_scenarios_and_tests_are_both_found() -> None:
    found = all_witnesses()
    assert {(name, one.id) for one in catalogue() for name in one.covers} <= {
        (one.requirement_id, one.source) for one in found
    }
    assert witness("MSG-1", "tests/reference_server/routes/test_messages.py") in found


def test_markers_are_found_wherever_they_stand_but_not_in_text() -> None:
    found = {one.requirement_id for one in marked(MARKED, "x.py")}
    assert found == {"ENV-1", "MSG-1", "MSG-2", "BAD-1"}
    assert {one.source for one in marked(MARKED, "x.py")} == {"x.py"}


@pytest.mark.parametrize("arguments", ["", "*IDS", "NAME", "1", '"MSG-1", reason="x"', 'f"MSG-{1}"'])
def test_a_marker_that_cannot_be_read_is_refused(arguments: str) -> None:
    with pytest.raises(UnreadableMarker, match=r"^x\.py:2: "):
        list(marked(f"\n@pytest.mark.witnesses({arguments})\ndef test() -> None: ...\n", "x.py"))


def test_a_marker_without_a_call_is_refused() -> None:
    with pytest.raises(UnreadableMarker):
        list(marked("@pytest.mark.witnesses\ndef test() -> None: ...\n", "x.py"))


def test_a_module_names_what_stands_alone_in_a_string() -> None:
    source = '"""MSG-1"""\nRULES = ("MSG-2", "see MSG-3", "MSG-99")\n# "MSG-4"\n'
    assert [one.requirement_id for one in named(source, "x.py")] == ["MSG-1", "MSG-2"]
    assert {one.source for one in named(source, "x.py")} == {"x.py"}


def test_judges_and_model_are_both_searched() -> None:
    found = all_citations()
    assert witness("ENV-3", "conformance/judges/schema.py") in found
    assert witness("PERM-ESC-1", "conformance/model/roles.py") in found


def test_a_checkout_is_searched_below_its_tests(tmp_path: Path) -> None:
    folder = tmp_path / "tests" / "deep"
    folder.mkdir(parents=True)
    (folder / "test_x.py").write_text('@pytest.mark.witnesses("MSG-2")\ndef test() -> None: ...\n')
    (tmp_path / "elsewhere.py").write_text('@pytest.mark.witnesses("MSG-3")\ndef test() -> None: ...\n')
    ours = [one for one in all_witnesses(tmp_path) if one.source.startswith("tests/")]
    assert ours == [witness("MSG-2", "tests/deep/test_x.py")]


def test_an_unknown_id_is_told_with_its_place() -> None:
    assert unknown((witness("MSG-99", "x.py"), witness("MSG-1", "x.py"))) == [
        "x.py names MSG-99, which is no requirement"
    ]


def test_coverage_names_each_source_once_in_order() -> None:
    told = coverage((witness("MSG-1", "b"), witness("MSG-1", "a"), witness("MSG-1", "b")))
    assert told["MSG-1"] == ("b", "a")
    assert told["MSG-2"] == ()
    assert told.keys() == REQUIREMENTS.keys()


def test_uncovered_musts_are_those_of_the_phase() -> None:
    nothing = coverage(())
    assert "MSG-1" in uncovered_musts(2, nothing)
    assert "MSG-1" not in uncovered_musts(3, nothing)
    assert "MSG-EDIT-3" not in uncovered_musts(2, nothing)  # a SHOULD
    assert "MSG-1" not in uncovered_musts(2, coverage((witness("MSG-1", "x"),)))
    musts = sum(rule.level is Level.MUST for rule in REQUIREMENTS.values())
    assert sum(len(uncovered_musts(phase, nothing)) for phase in PHASES) == musts


def test_the_file_lists_every_requirement_in_its_phase() -> None:
    text = coverage_text(coverage((witness("MSG-1", "messages/edit"),)), coverage(()))
    for name, rule in REQUIREMENTS.items():
        block = text.partition(f"## Phase {rule.phase}\n")[2].partition("\n## ")[0]
        assert f"| {name} | {rule.level} |" in block


def test_what_any_target_gets_stands_apart_from_our_own_tests() -> None:
    covered = coverage((witness("MSG-1", "messages/edit"), witness("MSG-2", "tests/x.py")))
    text = coverage_text(covered, coverage((witness("MSG-1", "j.py"), witness("MSG-3", "j.py"))))
    assert "| MSG-1 | MUST | `messages/edit` | nothing |" in text
    assert "| MSG-2 | MUST | **nothing** | `tests/x.py` |" in text
    assert "| MSG-3 | MUST | `j.py` | nothing |" in text
    assert "| 2 | 2 of 16 | 0 of 2 | 1 of 16 | 0 of 2 |" in text


def test_rules_for_clients_are_none_that_a_target_lacks() -> None:
    text = coverage_text(coverage((witness("UX-1", "tests/x.py"),)), coverage(()))
    assert "| UX-1 | MUST | a rule for clients | `tests/x.py` |" in text
    assert "| 6 | - | - | 1 of 4 | 0 of 1 |" in text
