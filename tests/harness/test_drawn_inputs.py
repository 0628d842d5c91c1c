"""Drawn inputs depend on their number alone, and most of them are refused for something."""

from sync_check.conformance.contract.inputs import Place
from sync_check.conformance.contract.limits import Limits
from sync_check.conformance.contract.wire import encoded
from sync_check.conformance.model.ingress import Ingress
from sync_check.harness.drawn_inputs import drawn_inputs

PLACES = [
    Place(
        guild_id="01ARZ3NDEKTSV4RRFFQ69G5FAV", channel_id="01ARZ3NDEKTSV4RRFFQ69G5FAW", text=f"fn{number:012}"
    )
    for number in range(48)
]


def test_the_same_number_draws_the_same() -> None:
    first = drawn_inputs(PLACES, 1)
    assert first == drawn_inputs(PLACES, 1) != drawn_inputs(PLACES, 2)
    assert len({encoded(one.frames) for one in first}) > len(PLACES) * 3 // 4


def test_inputs_are_whole_messages_of_which_most_are_refused_and_some_are_not() -> None:
    drawn = [one for number in range(4) for one in drawn_inputs(PLACES, number)]
    found = [list(Ingress(Limits()).take(encoded(one.frames), 0)) for one in drawn]
    assert all(len(consequences) == 1 for consequences in found)
    refused = sum(consequences[0].must_end for consequences in found)
    assert len(drawn) // 2 < refused < len(drawn)
    labels = {label for consequences in found for label in consequences[0].labels}
    assert {"invalid_envelope", "invalid_message_create_payload"} <= labels
