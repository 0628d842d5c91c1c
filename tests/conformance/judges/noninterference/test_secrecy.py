"""Which operations are a secret to whom: what a member may come to feel is none."""

import pytest

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.judges.ledger import Ledger
from sync_check.conformance.judges.noninterference.secrecy import Mark, Secrecy
from tests.conformance.histories import FEATURES, NOW, user
from tests.conformance.stories import ACCEPTED, Story

DECLARED = (*FEATURES, "overrides.role", "overrides.permission", "channels.delete", "ip_bans")


def is_secret(story: Story, asked: ops.Operation, body: object, to: str) -> bool:
    """Whether ana's operation, appended to a story, is a secret to a client."""
    ledger = Ledger()
    for record in story.records:
        ledger.take(record)
    before, known = ledger.timeline.newest, len(story.records)
    op = story.invoke("ana", asked)
    story.answer(op, 200, body)
    for record in story.records[known:]:
        ledger.take(record)
    mark = Mark(
        number=1, user_id=user("ana"), began=story.now(), before=before, after=ledger.timeline.newest, op=op
    )
    return mark.number in Secrecy(ledger, [mark], to, story.guild).secret()


@pytest.fixture
def hidden() -> Story:
    """Nobody but ana has access to the channel, and everybody has heard of that."""
    story = Story(declared=DECLARED, features=DECLARED)
    lists: dict[str, list[str]] = {"allow": [], "deny": ["create_message"]}
    op = story.invoke(
        "ana", ops.OverrideRole(**story.place, role="member", allow=lists["allow"], deny=lists["deny"])
    )
    payload = {**story.place, "role": "member", "updated_fields": lists, "updated_at_unix": NOW}
    story.frames(story.subscribed, "workspace_channel_role_override_update", payload)
    story.answer(op, 200, ACCEPTED)
    return story


@pytest.mark.parametrize(("to", "secret"), [("ben", False), ("eve", True)])
def test_that_a_hidden_channel_is_gone_shows_to_members_by_its_status(
    hidden: Story, to: str, secret: bool
) -> None:
    assert is_secret(hidden, ops.DeleteChannel(**hidden.place), ACCEPTED, to) is secret


def test_what_is_said_in_a_hidden_channel_is_a_secret_to_members(hidden: Story) -> None:
    said = hidden.message(hidden.id(), "ana", "plan")
    assert is_secret(hidden, ops.CreateMessage(**hidden.place, content="plan"), said, "ben")


@pytest.mark.parametrize(
    ("allowed", "to", "secret"),
    [
        ("manage_channel_overrides", "ben", False),
        ("manage_channel_overrides", "eve", True),
        ("publish_video", "ben", True),
    ],
)
def test_whoever_may_change_a_channel_feels_it_without_access(
    hidden: Story, allowed: str, to: str, secret: bool
) -> None:
    of_ben = {"target_kind": "member", "target_id": user("ben")}
    override = {**hidden.place, **of_ben, "allow": [allowed], "deny": []}
    assert is_secret(hidden, ops.OverridePermission.model_validate(override), ACCEPTED, to) is secret
