"""What no client should send ends its connection as the contract says, does nothing, and is counted once."""

import json
from typing import Any

import pytest

from sync_check.conformance.contract.wire import Piece, WireFrame, binary_frame, text_frame
from sync_check.conformance.history import EndOfConnection, InputSent
from sync_check.conformance.run import ScenarioResult
from sync_check.conformance.verdict import Finding, Kind, Level
from tests.conformance.command_stories import CommandStory
from tests.conformance.histories import found, ulid
from tests.conformance.live_stories import only_of

DROPPED = EndOfConnection.DROPPED


class InputStory(CommandStory):
    """Ben sends what he should not on a connection of its own, `sender`."""

    def __init__(self, *covers: str) -> None:
        super().__init__(*covers)
        self.sender = self.open("ben")
        self.owners[self.sender] = "ben"

    def put(self, *pieces: Piece, content: str | None = None) -> int:
        """Frames go out; returns the number of the message that they mean."""
        self._op += 1
        meant = None if content is None else {**self.place, "content": content}
        self.add(
            InputSent(
                at=self.now(),
                connection=self.sender,
                name="test/input",
                expected="refused",
                frames=pieces,
                op=self._op,
                meant=meant,
            )
        )
        self.said[self._op] = "ben", content or ""
        return self._op

    def ended(self) -> ScenarioResult:
        """The target ends the connection, and everybody settles."""
        self.cut(self.sender)
        self.post("ana", "meanwhile")
        self.rest()
        return self.judged()

    def kept(self) -> ScenarioResult:
        """Nothing ends, for longer than the end window."""
        self.later(6)
        return self.judged()


def message(content: str, v: str = "1", **payload: Any) -> bytes:
    story = CommandStory()
    data = json.dumps({**story.place, "content": content, **payload})
    return f'{{"v":{v},"t":"message_create","d":{data}}}'.encode()


def of_inputs(result: ScenarioResult) -> Finding:
    return only_of(result, "inputs")


@pytest.mark.witnesses("BAD-3", "BAD-10", "BAD-11", "ENV-7")
def test_an_input_that_ends_its_connection_is_in_order() -> None:
    story = InputStory("BAD-3", "ENV-7", "BAD-11", "BAD-10")
    story.put(text_frame(message("no", v="1.0")), content="no")
    result = story.ended()
    assert found(result) == []
    for requirement in ("BAD-3", "ENV-7", "BAD-10", "BAD-11"):
        assert result.witnesses[requirement], requirement
    assert result.evidence["inputs"] == 1


@pytest.mark.witnesses("BAD-3")
def test_an_input_that_ends_nothing_is_found_once_the_window_is_over() -> None:
    story = InputStory()
    story.put(text_frame(b"{"))
    finding = of_inputs(story.kept())
    assert (finding.requirement, finding.kind, finding.level) == ("BAD-3", Kind.CONTRACT, Level.FAIL)
    assert finding.client == "ben#3"
    assert "sent test/input: text { (refused)" in [line.text for line in finding.excerpt]


def test_within_the_window_nobody_knows() -> None:
    story = InputStory()
    story.put(text_frame(b"{"))
    assert found(story.judged()) == []


@pytest.mark.parametrize(("bytes_per_s", "requirements"), [(None, ["BAD-10"]), (0, [])])
@pytest.mark.witnesses("BAD-10")
def test_another_connection_that_ends_after_it_is_found_unless_its_client_is_slow(
    bytes_per_s: int | None, requirements: list[str]
) -> None:
    """Whether a slow one had to end is judged with the slow consumers."""
    story = InputStory()
    other = story.open("cleo")
    story.owners[other] = "cleo"
    story.taking(other, bytes_per_s)
    story.put(text_frame(b"{"))
    story.cut(story.sender)
    story.cut(other)
    assert [
        requirement for judge, requirement, _ in found(story.judged()) if judge == "inputs"
    ] == requirements


@pytest.mark.parametrize(("how", "code"), [(DROPPED, None), (EndOfConnection.CLOSED_BY_TARGET, 1000)])
@pytest.mark.witnesses("BAD-11")
def test_the_close_should_have_its_code(how: EndOfConnection, code: int | None) -> None:
    story = InputStory()
    story.put(text_frame(b"\xff"))
    story.cut(story.sender, code, how)
    finding = of_inputs(story.judged())
    assert (finding.requirement, finding.level) == ("BAD-11", Level.LAX)
    assert finding.expected == "Close 1002 or 1007"


@pytest.mark.witnesses("BAD-9")
def test_what_comes_behind_the_close_frame_is_found() -> None:
    story = InputStory()
    story.put(text_frame(b"{"))
    story.cut(story.sender, 1002, EndOfConnection.CLOSED_BY_US)
    story.post("ana", "meanwhile")
    story.rest()
    finding = of_inputs(story.judged())
    assert (finding.requirement, finding.level) == ("BAD-9", Level.FAIL)
    assert finding.expected == "nothing more"


def test_what_was_sent_before_anything_came_is_counted() -> None:
    story = InputStory()
    early = story.sender = story.open("ben", ready=False)
    story.owners[early] = "ben"
    story.put(text_frame(message("early", v="2")))
    assert story.ended().evidence["early_inputs"] == 1


@pytest.mark.parametrize(
    ("pieces", "requirement"),
    [
        ([text_frame(message("no", v="1.0"))], "ENV-7"),
        ([text_frame(message("no", more=1))], "BAD-10"),
    ],
)
@pytest.mark.witnesses("BAD-10")
def test_an_input_that_is_carried_out_is_found(pieces: list[Piece], requirement: str) -> None:
    story = InputStory()
    op = story.put(*pieces, content="no")
    story.carry_out(op)
    finding = only_of(story.ended(), "commands")
    assert (finding.requirement, finding.kind) == (requirement, Kind.SAFETY)


@pytest.mark.witnesses("BAD-9")
def test_what_follows_an_input_is_not_looked_at() -> None:
    story = InputStory("BAD-9")
    story.put(text_frame(b"{"))
    later = story.speak(story.sender, "too late")
    result = story.ended()
    assert found(result) == []
    assert result.witnesses["BAD-9"]
    story = InputStory()
    story.put(text_frame(b"{"))
    later = story.speak(story.sender, "too late")
    story.carry_out(later)
    finding = only_of(story.ended(), "commands")
    assert (finding.requirement, finding.expected) == ("BAD-9", "nothing after input test/input")


@pytest.mark.witnesses("ENV-4", "CMD-2")
def test_an_unusual_spelling_is_carried_out_like_any_other() -> None:
    story = InputStory("ENV-4")
    parts = (WireFrame(opcode=1, payload=" ", fin=False), WireFrame(opcode=9))
    op = story.put(
        *parts, WireFrame(opcode=0, payload=message("yes").decode().replace("\\", "\\\\")), content="yes"
    )
    story.carry_out(op)
    story.bound(story.sender)
    story.subscribed.append(story.sender)
    result = story.judged()
    assert found(result) == []
    assert result.witnesses["ENV-4"]


def test_a_valid_envelope_that_ends_its_connection_is_found() -> None:
    story = InputStory()
    story.put(text_frame(message("yes")), content="yes")
    result = story.ended()
    assert of_inputs(result).requirement == "ENV-4"


@pytest.mark.witnesses("ENV-4")
def test_binary_frames_should_be_treated_alike() -> None:
    story = InputStory()
    op = story.put(binary_frame(message("yes")), content="yes")
    story.carry_out(op)
    story.bound(story.sender)
    story.subscribed.append(story.sender)
    assert found(story.judged()) == []

    refused = InputStory()
    refused.put(binary_frame(message("yes")), content="yes")
    finding = of_inputs(refused.ended())
    assert (finding.requirement, finding.level) == ("ENV-4", Level.LAX)

    # A text frame that speaks in a channel that nobody knows ends its connection, too (BAD-7).
    elsewhere = InputStory()
    elsewhere.put(binary_frame(message("yes", channel_id=ulid(77))), content="yes")
    assert [one for one in elsewhere.ended().findings if one.judge == "inputs"] == []

    ignored = InputStory()
    ignored.put(binary_frame(message("yes")), content="yes")
    ignored.bound(ignored.sender)
    ignored.subscribed.append(ignored.sender)
    ignored.post("ana", "meanwhile")
    ignored.rest()
    finding = only_of(ignored.judged(), "commands")
    assert (finding.requirement, finding.level) == ("ENV-4", Level.LAX)


@pytest.mark.parametrize("ends", [True, False])
def test_what_the_contract_leaves_open_may_end_or_not(ends: bool) -> None:
    story = InputStory()
    ulid = "01arz3ndektsv4rrffq69g5fav"
    data = f'{{"v":1,"t":"subscribe","d":{{"guild_id":"{ulid}","channel_id":"{ulid}"}}}}'
    story.put(text_frame(data.encode()))
    assert found(story.ended() if ends else story.kept()) == []


def test_a_flood_by_command_ends_its_connection_and_is_no_surprise() -> None:
    story = InputStory()
    story.subscribed.append(story.sender)
    for _ in range(60):
        story.bound(story.sender)
    story.subscribe(story.sender, story.guild, story.channel, confirmed=False)
    result = story.ended()
    assert found(result) == []
    assert result.witnesses["BAD-2"]
