"""A walk goes on as long as pages bring something new."""

from typing import Any

import pytest

from sync_check.harness.walking import Walk


def page(*members: str, to: Any) -> dict[str, Any]:
    return {"members": [{"user_id": one, "role_ids": []} for one in members], "next_cursor": to}


def walked(*pages: dict[str, Any]) -> int:
    """How many of these pages are asked for."""
    walk = Walk("members", "next_cursor")
    for count, one in enumerate(pages, 1):
        if walk.following(one) is None:
            return count
    return len(pages) + 1


@pytest.mark.parametrize(
    ("pages", "asked"),
    [
        ([page("a", to="a"), page("b", to=None), page("c", to=None)], 2),
        ([page("a", to="a"), page(to=None), page("c", to=None)], 2),
        ([page("a", to="a"), page(to="a"), page(to="a")], 2),
        ([page("a", to="a"), page(to="x"), page("c", to="c"), page(to="y"), page(to="z"), page(to="z")], 5),
        ([page("a", "b", to="b"), page("a", "b", to="b"), page("a", "b", to="b")], 2),
        ([page("a", to="same"), page("b", to="same"), page("c", to="same"), page(to="same")], 4),
        ([{"next_cursor": 7}, page("a", to=None)], 1),
        ([{"members": 7, "next_cursor": "a"}, {"members": ["a"], "next_cursor": "b"}, page(to=None)], 3),
    ],
)
def test_pages_that_bring_nothing_new_end_it(pages: list[dict[str, Any]], asked: int) -> None:
    assert walked(*pages) == asked
