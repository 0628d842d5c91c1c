"""The memo is bounded and keeps what is in use."""

from sync_check.harness.memo import Memo


def test_remembers() -> None:
    memo: Memo[str, int] = Memo()
    assert memo.get("a") is None
    assert memo.put("a", 1) == 1
    assert memo.get("a") == 1


def test_never_holds_more_than_two_generations() -> None:
    memo: Memo[int, int] = Memo(entries=10)
    for number in range(1000):
        memo.put(number, number)
        assert len(memo) <= 20
    assert memo.get(999) == 999
    assert memo.get(0) is None


def test_weight_bounds_it_as_well() -> None:
    memo: Memo[int, str] = Memo(entries=1000, weight=100)
    for number in range(50):
        memo.put(number, "x", weight=60)
    assert len(memo) == 2


def test_the_generation_before_is_still_known() -> None:
    memo: Memo[int, int] = Memo(entries=2)
    for number in range(3):
        memo.put(number, number)
    assert [memo.get(number) for number in range(3)] == [0, 1, 2]
