"""How much of a limit an operation asks for."""

import pytest

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract.limits import FIXED, Limits
from sync_check.conformance.contract.operations import Operation
from sync_check.conformance.model.gauges import GAUGES


@pytest.mark.parametrize(
    ("operation", "asked"),
    [
        (ops.EditMessage(guild_id="g", channel_id="c", message_id="m", content="ü☺"), {"message_bytes": 5}),
        (ops.AddReaction(guild_id="g", channel_id="c", message_id="m", emoji="ü☺"), {"emoji_characters": 2}),
        (ops.UpdateProfile(username="ana"), {}),
        (ops.UpdateGuild(guild_id="g", guild_name="room"), {"guild_name_bytes": 4}),
        (ops.ListMembers(guild_id="g"), {}),
        (ops.ListPublicGuilds(q="ü"), {"directory_query_bytes": 2}),
        (ops.ReadAudit(guild_id="g", action_prefix="role."), {"audit_prefix_characters": 5}),
        (ops.ListMembers(guild_id="g", limit=7), {"members_page": 7}),
        (ops.Search(guild_id="g", q="a b c"), {"search_characters": 5, "search_terms": 3}),
        (ops.LookUpUsers(user_ids=["u", "u"]), {"lookup_users": 2}),
        (ops.Register(username="ana", password="short"), {"username_bytes": 3, "password_bytes": 5}),
        (
            ops.Register(username="ana", password="ü⟦secret:password:ana:1⟧"),
            {"username_bytes": 3, "password_bytes": 14},
        ),
        (ops.UploadAvatar(content_type="image/png", data=b"abc"), {"avatar_bytes": 3}),
    ],
)
def test_what_an_operation_asks_for(operation: Operation, asked: dict[str, int]) -> None:
    found = {gauge.limit: gauge.of(operation) for gauge in GAUGES[type(operation)]}
    assert {name: much for name, much in found.items() if much is not None} == asked


def test_they_are_limits_of_the_contract() -> None:
    names = {gauge.limit for gauges in GAUGES.values() for gauge in gauges}
    assert names <= Limits.model_fields.keys() | FIXED.keys()
    assert names >= FIXED.keys()
