"""Users take turns, and each has a share of every minute."""

import pytest

from sync_check.harness.forecast import Share, Turns, carried_out
from sync_check.harness.pace import PACED_S, SlidingWindow


@pytest.mark.parametrize("counts", [[10, 10, 10, 10], [100], [1, 57, 3, 200], [0, 5]])
def test_booking_by_numbers_is_booking_one_by_one(counts: list[int]) -> None:
    share, window, now = Share(60), SlidingWindow(60, PACED_S), 0.0
    for count in counts:
        booked = [window.book(now) for _ in range(count)]
        last = share.book(count, now)
        assert last == (booked[-1] if booked else now)
        now = last + 7.0


def test_owners_take_turns_until_nobody_may_own_one_more() -> None:
    turns = Turns(600, guilds_per_user=2)
    owners = []
    for _ in range(6):
        (owner,) = turns.draw(1, owning=True)
        guests = turns.draw(1)
        owners.append(owner)
        turns.give_back([owner, *guests], [])
    assert turns.count == 3
    assert all(owners.count(one) == 2 for one in owners)


def test_strangers_stay_and_come_again() -> None:
    turns = Turns(600, 5)
    stranger = turns.stranger()
    turns.give_back([], [stranger])
    assert turns.stranger() is stranger
    assert turns.count == 1


def test_who_has_used_up_a_minute_holds_everybody_up() -> None:
    turns = Turns(100, 5)
    one, other = turns.draw(2)
    first = carried_out({one: 95, other: 5}, 0.0, 0.002)
    assert first == pytest.approx(0.2)
    assert carried_out({one: 1, other: 5}, first, 0.002) == pytest.approx(PACED_S, abs=1)
