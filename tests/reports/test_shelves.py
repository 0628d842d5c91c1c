"""What a run says of requirements: what was broken first, and what says nothing of the target put away."""

from sync_check.conformance.contract.requirements import Level
from sync_check.conformance.run import RequirementResult
from sync_check.conformance.verdict import RequirementStatus
from sync_check.reports.shelves import shelves


def result(name: str, status: RequirementStatus) -> RequirementResult:
    return RequirementResult(id=name, level=Level.MUST, status=status, witnesses=0)


def test_each_requirement_is_on_one_shelf_and_the_broken_ones_come_first() -> None:
    results = [
        result("ENV-1", RequirementStatus.WITNESSED),
        result("VOICE-1", RequirementStatus.NOT_APPLICABLE),
        result("MSG-1", RequirementStatus.NOT_WITNESSED),
        result("UX-1", RequirementStatus.NOT_WITNESSED),
        result("CLIENT-6", RequirementStatus.WITNESSED),
        result("SCOPE-2", RequirementStatus.VIOLATED),
    ]
    told = [(shelf.is_open, [one.id for one in shelf.results]) for shelf in shelves(results)]
    assert told == [
        (True, ["SCOPE-2"]),
        (False, ["MSG-1"]),
        (False, ["UX-1"]),
        (False, ["VOICE-1"]),
        (True, ["ENV-1", "CLIENT-6"]),
    ]


def test_a_shelf_says_what_lies_on_it() -> None:
    (shelf,) = shelves([result("UX-1", RequirementStatus.NOT_WITNESSED)])
    assert shelf.title.startswith("rules for clients")


def test_a_rule_that_the_contract_does_not_have_is_kept() -> None:
    (shelf,) = shelves([result("PROFILE-SLO-eviction_s", RequirementStatus.NOT_WITNESSED)])
    assert [one.id for one in shelf.results] == ["PROFILE-SLO-eviction_s"]


def test_of_nothing_there_are_no_shelves() -> None:
    assert shelves([]) == ()
