"""Chance is fixed by the seed and partitioned by name; what must be new in every run is."""

import re

from sync_check.conformance.contract.values import USERNAME_PATTERN
from sync_check.harness.randomness import Randomness

ENTROPY = b"0123456789abcdef"


def test_same_seed_and_name_give_the_same_stream() -> None:
    one, two = Randomness(7), Randomness(7)
    assert one.stream("a").random() == two.stream("a").random()
    assert Randomness(8).stream("a").random() != Randomness(7).stream("a").random()


def test_streams_do_not_disturb_each_other() -> None:
    undisturbed = [Randomness(7).stream("a").random()]
    disturbed = Randomness(7)
    disturbed.stream("b").random()
    assert [disturbed.stream("a").random()] == undisturbed


def test_a_name_goes_on_where_it_stopped() -> None:
    chance = Randomness(7)
    assert chance.canary(chance.stream("a")) != chance.canary(chance.stream("a"))


def test_a_canary_is_of_one_run_alone() -> None:
    one, two = Randomness(7), Randomness(7)
    canary = one.canary(one.stream("x"))
    assert canary != two.canary(two.stream("x"))
    assert re.fullmatch(r"sc[a-z0-9]{12}", canary)


def test_names_and_passwords_are_new_in_every_run() -> None:
    one, two = Randomness(7), Randomness(7)
    assert one.run_id() == one.run_id() != two.run_id()
    assert one.username(one.stream("x")) != two.username(two.stream("x"))
    assert one.password(one.stream("x")) != two.password(two.stream("x"))
    assert one.request_id(one.stream("x")) != two.request_id(two.stream("x"))


def test_given_entropy_fixes_everything() -> None:
    one, two = Randomness(7, entropy=ENTROPY), Randomness(7, entropy=ENTROPY)
    for draw in (Randomness.username, Randomness.password, Randomness.request_id, Randomness.canary):
        assert draw(one, one.stream("x")) == draw(two, two.stream("x"))
    assert one.run_id() == two.run_id()


def test_names_and_passwords_obey_the_contract() -> None:
    chance = Randomness(7)
    stream = chance.stream("accounts")
    for _ in range(200):
        name = chance.username(stream)
        assert USERNAME_PATTERN.fullmatch(name)
        assert chance.run_id() in name
        assert re.fullmatch(r"[A-Za-z0-9]{24}", chance.password(stream))


def test_nothing_is_drawn_twice() -> None:
    chance = Randomness(7)
    stream = chance.stream("x")
    assert len({chance.username(stream) for _ in range(500)}) == 500
    assert len({chance.request_id(stream) for _ in range(500)}) == 500


def test_a_fresh_stream_begins_anew() -> None:
    chance = Randomness(7)
    first = chance.fresh("a").random()
    assert chance.fresh("a").random() == first == chance.stream("a").random()


def test_moments_depend_on_no_earlier_moment() -> None:
    one, other = Randomness(7).moments("a"), Randomness(7).moments("a")
    assert one.at(1.0) != one.at(1.0)
    assert one.at(2.0) == other.at(2.0) != Randomness(8).moments("a").at(2.0)
    assert 0 <= one.at(3.0) < 1
