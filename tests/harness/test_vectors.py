"""The replica does with every hand-written frame what the vectors say (CLIENT-1 to CLIENT-5, COMPAT-3)."""

import pytest

from sync_check.conformance.contract.features import ALL_FEATURES
from sync_check.conformance.contract.vectors import Vector, Verdict, all_vectors
from sync_check.harness.decoding import Decoder
from sync_check.harness.replica import Replica
from sync_check.harness.sharing import Sharing
from tests.each_vector import each_of
from tests.harness.portrait import portrait_of, state_of

VECTORS = all_vectors()
EACH = each_of(VECTORS)
DECODER = Decoder()
SHARING = Sharing()


def replica_before(vector: Vector) -> Replica:
    replica = Replica(user_id="", features=ALL_FEATURES, decoder=DECODER, sharing=SHARING)
    replica.state = state_of(vector.before)
    return replica


def receive(replica: Replica, vector: Vector) -> None:
    replica.apply(vector.text.encode() if vector.binary else vector.text)


@EACH
def test_a_state_survives_its_notation(vector: Vector) -> None:
    for slices in (vector.before, vector.after):
        assert portrait_of(state_of(slices)) == slices


@pytest.mark.witnesses("CLIENT-1", "CLIENT-2", "CLIENT-4", "CLIENT-5", "COMPAT-3")
@EACH
def test_a_frame_does_what_the_vector_says(vector: Vector) -> None:
    replica = replica_before(vector)
    before = replica.state
    receive(replica, vector)
    assert portrait_of(replica.state) == vector.after
    assert (replica.state is before) is (vector.verdict is not Verdict.APPLY)
    ignored = replica.unknown_received + replica.parse_rejected
    assert ignored == (vector.verdict is Verdict.IGNORE)


@pytest.mark.witnesses("CLIENT-3")
@EACH
def test_a_frame_twice_in_a_row_is_as_once(vector: Vector) -> None:
    replica = replica_before(vector)
    receive(replica, vector)
    once = replica.state
    receive(replica, vector)
    assert replica.state is once


@EACH
def test_a_frame_has_no_effect_on_a_client_that_holds_nothing(vector: Vector) -> None:
    """CLIENT-4; lists of friends and requests that were not read yet are not begun by an event either."""
    if vector.event == "ready":
        return
    replica = Replica(user_id=vector.before.get("user_id", ""), features=ALL_FEATURES, decoder=DECODER)
    before = replica.state
    receive(replica, vector)
    assert replica.state is before


@EACH
def test_the_state_before_is_left_as_it_was(vector: Vector) -> None:
    replica = replica_before(vector)
    before = replica.state
    receive(replica, vector)
    assert portrait_of(before) == vector.before


def test_unknown_names_are_told_apart_from_what_is_malformed() -> None:
    for vector in VECTORS:
        replica = replica_before(vector)
        receive(replica, vector)
        assert replica.unknown_received == (vector.kind == "unknown"), vector.id
