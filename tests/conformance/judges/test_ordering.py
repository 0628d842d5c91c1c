"""The ordering judge: inside one operation, and of a channel across connections."""

from collections.abc import Sequence

import pytest

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.judges.ordering import swaps
from sync_check.conformance.run import ScenarioResult
from sync_check.conformance.verdict import Level, Verdict
from tests.conformance.histories import NOW, user
from tests.conformance.stories import ACCEPTED, Story

BAN, REMOVE = "workspace_member_ban", "workspace_member_remove"


def _judged(story: Story) -> ScenarioResult:
    story.close_scenario()
    return story.result()


def _orders(result: ScenarioResult) -> list[tuple[str, str | None]]:
    return [(f.requirement, f.client) for f in result.findings if f.judge == "ordering"]


def _ban(story: Story, order: Sequence[str], mixed: Sequence[str] | None = None) -> None:
    """Ana bans ben; ana's connection is told in the order `mixed`, ben's in `order`."""
    told = {
        BAN: {"guild_id": story.guild, "user_id": user("ben"), "banned_at_unix": NOW},
        REMOVE: {**story.removal("ben"), "reason": "ban"},
    }
    op = story.invoke("ana", ops.BanMember(guild_id=story.guild, user_id=user("ben")))
    for name in mixed or order:
        story.frame(story.ana, name, told[name])
    for name in order:
        story.frames((story.ben, story.ben2), name, told[name])
    story.answer(op, 200, ACCEPTED)
    del story.roles["ben"]
    story.subscribed = [story.ana]


def test_the_ban_comes_before_the_removal() -> None:
    story = Story("MEM-7")
    _ban(story, (BAN, REMOVE))
    result = _judged(story)
    assert result.verdict is Verdict.PASS
    assert result.witnesses["MEM-7"] == 3


def test_a_removal_before_its_ban_is_found_on_every_connection() -> None:
    story = Story()
    _ban(story, (REMOVE, BAN))
    assert _orders(_judged(story)) == [("MEM-7", "ana#1"), ("MEM-7", "ben#1"), ("MEM-7", "ben#2")]


def test_a_removal_before_its_ban_is_found_on_the_one_connection_that_got_it_so() -> None:
    story = Story()
    _ban(story, (BAN, REMOVE), mixed=(REMOVE, BAN))
    result = _judged(story)
    assert _orders(result) == [("MEM-7", "ana#1")]
    assert result.verdict is Verdict.FAIL


def _concurrent_posts(story: Story, *orders: Sequence[int]) -> None:
    """Ana and ben post at once; each connection is told in its own order (indices of the two)."""
    messages = [story.message(story.id(), name, f"by {name}") for name in ("ana", "ben")]
    calls = [
        story.invoke(name, ops.CreateMessage(**story.place, content=f"by {name}")) for name in ("ana", "ben")
    ]
    for connection, order in zip(story.subscribed, orders, strict=True):
        for index in order:
            story.frame(connection, "message_create", messages[index])
    for op, message in zip(calls, messages, strict=True):
        story.answer(op, 200, message)
        story.messages[message["message_id"]] = message


def test_concurrent_events_may_come_in_any_order_that_is_everybodys() -> None:
    for order in ((0, 1), (1, 0)):
        story = Story()
        _concurrent_posts(story, order, order, order)
        result = _judged(story)
        assert _orders(result) == []
        assert result.witnesses["DELIV-7"]


def test_two_orders_of_one_channel_deviate() -> None:
    story = Story()
    _concurrent_posts(story, (0, 1), (1, 0), (0, 1))
    result = _judged(story)
    assert _orders(result) == [("DELIV-7", "ben#1")]
    assert next(f for f in result.findings if f.judge == "ordering").level is Level.LAX
    assert not result.witnesses.get("DELIV-7")


@pytest.mark.parametrize(
    ("one", "other", "swap"),
    [
        ((1, 2, 3), (1, 2, 3), None),
        ((1, 2, 3), (2, 3), None),
        ((1, 2, 3), (1, 4, 3), None),
        ((1, 2, 3), (3, 1), (3, 1)),
        ((1, 2, 3), (1, 3, 9, 2), (3, 2)),
        ((), (1,), None),
    ],
)
def test_a_swap_is_two_common_events_in_reverse(
    one: tuple[int, ...], other: tuple[int, ...], swap: tuple[int, int] | None
) -> None:
    assert next(swaps(one, other), None) == swap


def _at_once(story: Story, reversed_on: int) -> None:
    """Two messages posted at the same time, told in one order to all but one connection."""
    messages = [story.message(story.id(), who, text) for who, text in (("ana", "one"), ("ben", "two"))]
    ops_ = [
        story.invoke(who, ops.CreateMessage(**story.place, content=text))
        for who, text in (("ana", "one"), ("ben", "two"))
    ]
    for connection in story.subscribed:
        for message in messages[::-1] if connection == reversed_on else messages:
            story.frame(connection, "message_create", message)
    for op, message in zip(ops_, messages, strict=True):
        story.answer(op, 200, message)
        story.messages[message["message_id"]] = message


def _overtaken(story: Story, late: int) -> None:
    """Two messages posted one after the other, told to one connection in reverse."""
    first, second = (story.message(story.id(), "ana", text) for text in ("first", "second"))
    op = story.invoke("ana", ops.CreateMessage(**story.place, content="first"))
    story.frames([one for one in story.subscribed if one != late], "message_create", first)
    story.answer(op, 200, first)
    op = story.invoke("ana", ops.CreateMessage(**story.place, content="second"))
    story.frames(story.subscribed, "message_create", second)
    story.frame(late, "message_create", first)
    story.answer(op, 200, second)
    for message in (first, second):
        story.messages[message["message_id"]] = message


def test_an_order_that_is_wrong_anyway_hides_no_other_one() -> None:
    story = Story()
    _overtaken(story, late=story.ben)
    _at_once(story, reversed_on=story.ben2)
    found = {finding.requirement for finding in _judged(story).findings}
    assert found == {"DELIV-5", "DELIV-7"}
