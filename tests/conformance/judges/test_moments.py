"""The positions before and after a time, of several at one time the nearest."""

from sync_check.conformance.judges.moments import Moments


def test_what_is_added_late_has_its_place() -> None:
    moments = Moments([(30, 3), (10, 1)])
    moments.add(20, 9)
    moments.add(20, 4)
    assert [moments.first_after(at) for at in (9, 10, 19, 20, 30)] == [
        (10, 1),
        (20, 4),
        (20, 4),
        (30, 3),
        None,
    ]
    assert [moments.last_before(at) for at in (10, 11, 20, 21, 31)] == [
        None,
        (10, 1),
        (10, 1),
        (20, 9),
        (30, 3),
    ]


def test_of_none_there_is_neither() -> None:
    assert (Moments().first_after(0), Moments().last_before(0)) == (None, None)
