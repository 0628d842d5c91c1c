"""What a body may be answered that is larger than the target reads."""

import json

import pytest

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract.limits import Limits
from sync_check.conformance.contract.operations import Operation
from sync_check.conformance.model.body_size import with_body_size
from sync_check.conformance.model.transitions import Expectation, expected

MOST = 1000
FRAME = len(json.dumps({"content": ""}, separators=(",", ":")))


def due(operation: Operation, before: Expectation) -> Expectation:
    return with_body_size(Limits(max_body_bytes=MOST), operation, before)


def said(content: str) -> Operation:
    return ops.CreateMessage(guild_id="g", channel_id="c", content=content)


@pytest.mark.parametrize(
    ("content", "statuses"),
    [
        ("short", {200}),
        ("x" * (MOST - FRAME - 1), {200}),  # a space behind the colon fits as well
        ("x" * (MOST - FRAME), {200, 413}),
        ("x" * (MOST - FRAME + 1), {413}),
        ("\N{TEACUP WITHOUT HANDLE}" * 80, {200}),
        ("\N{TEACUP WITHOUT HANDLE}" * 90, {200, 413}),  # escaped it is three times as long
        ("\N{TEACUP WITHOUT HANDLE}" * 300, {413}),
    ],
)
def test_it_depends_on_how_the_body_is_spelled(content: str, statuses: set[int]) -> None:
    assert due(said(content), expected(200)).statuses == statuses


def test_what_is_too_large_is_not_looked_at_but_who_asks_may_be() -> None:
    long = said("x" * MOST)
    assert due(long, expected(400, requirement="REST-4")) == expected(413, requirement="REST-3")
    assert due(long, expected(403, 404, requirement="REST-5")).statuses == {403, 404, 413}


def test_lists_count_and_what_is_no_body_does_not() -> None:
    many = ops.LookUpUsers(user_ids=["x" * 26] * 40)
    assert due(many, expected(200)).statuses == {413}
    file = ops.UploadAvatar(content_type="image/png", data=b"x" * 2 * MOST)
    query = ops.Search(guild_id="g", q="x" * 2 * MOST)
    for operation in (file, query):
        assert due(operation, expected(200)).statuses == {200}
