"""Which operations were under way by themselves."""

from hypothesis import given
from hypothesis import strategies as st

from sync_check.conformance.history import Purpose
from sync_check.conformance.judges.expecting import alone_together
from sync_check.conformance.judges.lives import Call


def _call(number: int, invoked: int, acknowledged: int) -> Call:
    return Call(
        op=number,
        name="edit_message",
        client="ana",
        session=1,
        purpose=Purpose.SCENARIO,
        scenario=0,
        invoked=invoked,
        invoked_at=0,
        operation=None,
        arguments={},
        acknowledged=acknowledged,
        made=number,
    )


def _overlap(one: Call, other: Call) -> bool:
    return one.invoked < other.acknowledged and other.invoked < one.acknowledged


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 12)), min_size=2, max_size=8))
def test_pairs_that_overlap_with_no_other(lives: list[tuple[int, int]]) -> None:
    # Positions are of records: no two of them are one.
    calls = [
        _call(number, 100 * begin + 2 * number, 100 * (begin + length) + 2 * number + 1)
        for number, (begin, length) in enumerate(lives)
    ]
    is_alone = alone_together(calls)
    for first in calls:
        for second in calls:
            if first is second or not _overlap(first, second):
                continue
            others = [one for one in calls if one is not first and one is not second]
            expected = not any(_overlap(one, first) or _overlap(one, second) for one in others)
            assert is_alone(first, second) == expected
