"""Lists at a limit: what they name is made before, and what there may not be is gone afterwards."""

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract.limits import Limits
from sync_check.conformance.history import Outcome
from sync_check.harness.caller import Reply
from sync_check.harness.explorer.bounds import at
from sync_check.harness.explorer.filling import Filling
from sync_check.harness.rest import Answer

LIMITS = Limits(listed_channels=4, attachments_per_message=2, lookup_users=3)
PLACE = {"guild_id": "g", "channel_id": "c"}


class _Server:
    """Makes what it is asked for, so many times."""

    def __init__(self, most: int) -> None:
        self.asked: list[ops.Operation] = []
        self._most = most

    async def send(self, operation: ops.Operation) -> Reply:
        self.asked.append(operation)
        count = len(self.asked)
        made = {"channel_id": f"new{count}", "attachment_id": f"new{count}"}
        outcome = Outcome.OK if count <= self._most else Outcome.FAIL
        return Reply(op=count, answer=Answer(outcome=outcome, status=200, json=made))

    @property
    def did(self) -> list[str]:
        """The names of what it was asked for."""
        return [one.name for one in self.asked]


async def test_as_many_channels_are_named_as_there_are_to_be_and_what_is_too_much_goes() -> None:
    server = _Server(most=9)
    filling = Filling(LIMITS, "u", server.send)
    filled = await filling.fill(
        {"guild_id": "$g", "channel_ids": at("listed_channels", 1)}, PLACE, ("a", "b")
    )
    assert filled == {"guild_id": "$g", "channel_ids": ["a", "b", "new1", "new2", "new3"]}
    await filling.tidy()
    assert server.did == ["create_channel"] * 3 + ["delete_channel"]
    assert server.asked[-1] == ops.DeleteChannel(guild_id="g", channel_id="new3")


async def test_of_more_channels_than_needed_some_are_named() -> None:
    server = _Server(most=9)
    filling = Filling(LIMITS, "u", server.send)
    filled = await filling.fill({"channel_ids": at("listed_channels", -1)}, PLACE, "abcdef")
    await filling.tidy()
    assert (filled, server.did) == ({"channel_ids": ["a", "b", "c"]}, [])


async def test_nothing_more_is_made_once_that_was_refused() -> None:
    server = _Server(most=1)
    filled = await Filling(LIMITS, "u", server.send).fill(
        {"attachment_ids": at("attachments_per_message", 1)}, PLACE, ()
    )
    assert (filled, server.did) == ({"attachment_ids": ["new1"]}, ["upload_attachment"] * 2)


async def test_users_may_be_named_again_and_again() -> None:
    server = _Server(most=0)
    filled = await Filling(LIMITS, "u", server.send).fill({"user_ids": at("lookup_users", 1)}, PLACE, ())
    assert (filled, server.did) == ({"user_ids": ["u"] * 4}, [])
