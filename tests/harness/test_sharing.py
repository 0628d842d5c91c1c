"""What one replica worked out is taken over by those that hold and receive the same."""

from typing import Any

from sync_check.harness.decoding import Decoder
from sync_check.harness.refetch import Fetched, Reading, Refetch
from sync_check.harness.replica import Replica
from sync_check.harness.sharing import Sharing, directly
from tests.harness.wire import (
    FEATURES,
    GENERAL,
    GUILD,
    ME,
    THIRD,
    add_frame,
    create_frame,
    fetched,
    frame,
    make_id,
    message,
    reaction,
    reaction_frame,
    subscribed_frame,
)


class Step:
    """Counts how often it is worked out."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, part: Any, cause: Any) -> Any:
        self.times += 1
        return (part, cause)


def test_a_step_is_worked_out_once_for_a_part_and_a_cause() -> None:
    sharing, step = Sharing(), Step()
    part, cause, other = object(), object(), object()
    first = sharing.take(step, part, cause)
    assert sharing.take(step, part, cause) is first
    assert step.times == 1
    assert sharing.take(step, other, cause) == (other, cause)
    assert sharing.take(step, part, other) == (part, other)
    assert sharing.take(Step(), part, cause) == (part, cause)
    assert step.times == 3


def test_equal_bodies_are_one_cause_and_equal_events_are_not() -> None:
    sharing, step, part = Sharing(), Step(), object()
    bodies = [{"members": [1, 2]}, {"members": [1, 2]}, {"members": [2, 1]}]
    results = [sharing.take(step, part, body) for body in bodies]
    assert (results[0] is results[1], step.times) == (True, 2)
    assert results[2] == (part, bodies[2])


def test_equal_sets_become_one_and_an_unchanged_one_stays_itself() -> None:
    sharing = Sharing()
    told = sharing.take(lambda _, users: frozenset(users), frozenset(), ("a", "b"))
    led_to = sharing.take(lambda online, user: online | {user}, frozenset("a"), "b")
    assert led_to is told
    mine = frozenset(("a", "b"))
    assert sharing.take(lambda online, _: online, mine, "c") is mine


def test_ids_are_not_mistaken_when_objects_are_gone() -> None:
    sharing = Sharing()
    for number in range(3000):
        assert sharing.take(_plus, [number], [number]) == number * 2


def _plus(part: list[int], cause: list[int]) -> int:
    return part[0] + cause[0]


def test_without_sharing_each_step_is_worked_out() -> None:
    step = Step()
    part, cause = object(), object()
    assert directly(step, part, cause) == directly(step, part, cause) == (part, cause)
    assert step.times == 2


def replicas(count: int) -> list[Replica]:
    """Replicas of different users in one workspace, each filled by reads of its own."""
    decoder, sharing = Decoder(), Sharing()
    found = []
    for number in range(count):
        user = make_id(500 + number)
        replica = Replica(user_id=user, features=FEATURES, decoder=decoder, sharing=sharing)
        replica.apply(frame("ready", user_id=user))
        replica.subscribing(GUILD, GENERAL)
        wanted = replica.apply(subscribed_frame())
        replica.begin_refetch()
        replica.finish_refetch(fetched(*wanted))
        found.append(replica)
    return found


def test_replicas_that_read_the_same_hold_the_very_same_parts() -> None:
    first, *others = replicas(5)
    texts = [create_frame(THIRD), add_frame(make_id(900)), frame("ready", user_id=ME)]
    for text in texts:
        for replica in (first, *others):
            replica.apply(text)
    assert len(first.state.contents[GENERAL].messages) == 3
    for replica in others:
        assert replica.state.guilds[GUILD] is first.state.guilds[GUILD]
        assert replica.state.contents[GENERAL] is first.state.contents[GENERAL]


def test_what_the_reader_sees_of_himself_does_not_part_the_histories() -> None:
    ana, ben = replicas(2)
    for replica, mine in ((ana, True), (ben, False)):
        body = {"messages": [{**message(THIRD), "reactions": [reaction("tea", 1, mine, ME)]}]}
        wanted = Refetch(Reading.MESSAGES, GUILD, GENERAL)
        replica.begin_refetch()
        replica.finish_refetch([Fetched(wanted=wanted, status=200, body=body)])
    assert ana.state.contents[GENERAL] is ben.state.contents[GENERAL]
    assert ana.state.contents[GENERAL].reactions[THIRD]["tea"].users == {ME}
    text = reaction_frame("add", ben.state.user_id, "pie", 1, THIRD)
    for replica in (ana, ben):
        replica.apply(text)
    assert ana.state.contents[GENERAL] is ben.state.contents[GENERAL]
    own = [replica.state.own_reactions[GENERAL] for replica in (ana, ben)]
    assert own == [{THIRD: {"tea"}}, {THIRD: {"pie"}}]
