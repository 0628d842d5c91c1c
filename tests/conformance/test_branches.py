"""A mutation without an answer happened or did not: state and event agree on it, or that is a finding."""

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.history import Outcome
from sync_check.conformance.run import ScenarioResult
from sync_check.conformance.verdict import Verdict
from tests.conformance.histories import found
from tests.conformance.stories import Story

NO_ANSWER = ("answers", "HEALTH-1", "ben")


class _Doubtful(Story):
    """Ben edits a message, or kicks are tried, and no answer comes."""

    def __init__(self) -> None:
        super().__init__()
        self.note = self.post("ben", "first")

    def edit_unanswered(self, text: str, *, told: bool, stored: bool) -> None:
        message = self.messages[self.note] | {
            "content": text,
            "markdown_tokens": [{"type": "text", "text": text}],
        }
        op = self.invoke("ben", ops.EditMessage(**self.place, message_id=self.note, content=text))
        if told:
            self.frames(self.subscribed, "message_update", self.edited(message))
        self.answer(op, None, outcome=Outcome.UNKNOWN, error="timeout")
        if stored:
            self.messages[self.note] = message

    def judged(self) -> ScenarioResult:
        # A fence after everything has come to rest says that nothing more will come.
        self.rest()
        self.close_scenario()
        return self.result()


def test_it_did_not_happen() -> None:
    story = _Doubtful()
    story.edit_unanswered("second", told=False, stored=False)
    assert found(story.judged()) == [NO_ANSWER]


def test_it_happened() -> None:
    story = _Doubtful()
    story.edit_unanswered("second", told=True, stored=True)
    assert found(story.judged()) == [NO_ANSWER]


def test_it_happened_later_than_anybody_waited_for() -> None:
    story = _Doubtful()
    story.edit_unanswered("second", told=False, stored=True)
    story.post("ana", "meanwhile")
    story.frames(story.subscribed, "message_update", story.edited(story.messages[story.note]))
    assert found(story.judged()) == [NO_ANSWER]


def test_an_event_of_what_is_not_stored_is_found() -> None:
    story = _Doubtful()
    story.edit_unanswered("second", told=True, stored=False)
    assert set(found(story.judged())) > {NO_ANSWER}


def test_what_is_stored_and_told_to_nobody_is_found() -> None:
    story = _Doubtful()
    story.edit_unanswered("second", told=False, stored=True)
    assert {requirement for _, requirement, _ in found(story.judged())} == {"HEALTH-1", "SCOPE-2"}


def test_two_of_them_may_have_gone_differently() -> None:
    story = _Doubtful()
    story.edit_unanswered("second", told=True, stored=True)
    story.rest()
    story.edit_unanswered("third", told=False, stored=False)
    assert found(story.judged()) == [NO_ANSWER, NO_ANSWER]


def test_the_next_scenario_goes_on_from_what_explains_the_last_one() -> None:
    story = _Doubtful()
    story.edit_unanswered("second", told=True, stored=True)
    story.rest()
    story.close_scenario()
    story.begin("test/next")
    story.edit("ben", story.note, "third")
    story.close_scenario()
    results = story.examine().results()
    assert [result.verdict for result in results] == [Verdict.FAIL, Verdict.PASS]


def test_after_too_many_of_them_nothing_is_decided() -> None:
    story = _Doubtful()
    for number in range(4):
        story.edit_unanswered(f"edit {number}", told=False, stored=False)
    story.messages.clear()
    story.rest()
    assert found(story.judged()) == [NO_ANSWER] * 4


def test_judging_twice_gives_the_same() -> None:
    story = _Doubtful()
    story.edit_unanswered("second", told=True, stored=True)
    story.judged()
    examination = story.examine()
    assert examination.results() == examination.results()
