"""The suite's table of inputs is whole, and says of each what the model works out from its bytes."""

from collections import Counter
from itertools import pairwise
from typing import Final

import pytest

from sync_check.conformance.contract.inputs import Filled, Input, Outcome, Place
from sync_check.conformance.contract.inputs.bytes_of_text import BYTES
from sync_check.conformance.contract.inputs.commands import COMMANDS
from sync_check.conformance.contract.inputs.early import EARLY
from sync_check.conformance.contract.inputs.envelopes import ENVELOPES
from sync_check.conformance.contract.inputs.frames import BEHIND, DEFIED, FLOOD, FRAMES
from sync_check.conformance.contract.inputs.spellings import BINARY, SPELLINGS
from sync_check.conformance.contract.limits import Limits
from sync_check.conformance.contract.requirements import REQUIREMENTS
from sync_check.conformance.contract.wire import WireFrame, encoded
from sync_check.conformance.model.ingress import NOTHING, Consequence, Ingress

TABLE: Final = (*ENVELOPES, *BYTES, *COMMANDS, *FRAMES, *SPELLINGS, *BINARY)
REPEATED: Final = (*EARLY, *DEFIED)
"""Those that are like others, and sent at another time or in another way."""
PLACE: Final = Place(
    guild_id="01ARZ3NDEKTSV4RRFFQ69G5FAV", channel_id="01ARZ3NDEKTSV4RRFFQ69G5FAW", text="fn0123456789ab"
)
LIMITS: Final = Limits()


def filled(one: Input) -> Filled:
    return one.filled(PLACE, LIMITS)


def consequence(one: Input) -> Consequence:
    """What follows from the last message of an input."""
    *_, last = NOTHING, *Ingress(LIMITS).take(encoded(filled(one).frames), 0)
    return last


def test_there_are_hundreds_and_each_is_another_one() -> None:
    assert len(TABLE) >= 500
    assert len({one.id for one in TABLE}) == len(TABLE)
    assert len({encoded(filled(one).frames) for one in TABLE}) == len(TABLE)
    assert {one.outcome for one in (*TABLE, FLOOD)} == set(Outcome)
    assert {one.requirement for one in (*TABLE, *REPEATED, *BEHIND)} <= REQUIREMENTS.keys()
    assert len({one.id for one in (*TABLE, *REPEATED, *BEHIND)}) == len(TABLE) + len(REPEATED) + len(BEHIND)


def test_inputs_of_a_group_stand_together() -> None:
    for table in (ENVELOPES, BYTES, COMMANDS, FRAMES):
        groups = [one.group for one in table]
        assert len(dict.fromkeys(groups)) == 1 + sum(a != b for a, b in pairwise(groups))


def test_every_placeholder_is_filled() -> None:
    for one in (*TABLE, *REPEATED, *BEHIND):
        payloads = [piece.payload if isinstance(piece, WireFrame) else piece for piece in filled(one).frames]
        assert not any("$" in payload for payload in payloads), one.id
        assert one.content is None or PLACE.text in str(filled(one).meant)


def test_what_is_padded_has_the_size_that_it_says() -> None:
    sizes = Counter[int]()
    for one in TABLE:
        if one.size is not None:
            frames = [piece for piece in filled(one).frames if isinstance(piece, WireFrame)]
            assert sum(len(frame.payload) for frame in frames) == LIMITS.max_gateway_event_bytes + one.size
            sizes[one.size] += 1
    assert sizes.keys() == {-1, 0, 1}


@pytest.mark.parametrize("one", [*TABLE, *REPEATED], ids=lambda one: one.id)
def test_the_model_comes_to_the_same_outcome(one: Input) -> None:
    found = consequence(one)
    match one.outcome:
        case Outcome.ACCEPTED | Outcome.MESSAGE_REJECTED:
            assert found.said is not None or one.requirement == "GW-5"
            assert found.alike or not found.may_end
        case Outcome.EITHER:
            assert found.may_survive or len(found.labels) > 1
        case outcome:
            assert found.must_end
            assert outcome.value in found.labels
            assert found.alike or len(found.labels) == 1
            assert one.requirement in (found.requirement, found.broken, "ENV-4")


def test_a_flood_is_one_frame_too_many() -> None:
    frames = filled(FLOOD).frames * 61
    consequences = list(Ingress(LIMITS).take(encoded(frames), 0))
    assert [one.must_end for one in consequences] == [False] * 60 + [True]
    assert consequences[-1].labels == {"ingress_rate_limited"}
