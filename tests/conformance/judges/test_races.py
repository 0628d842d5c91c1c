"""Of two operations at once one may change nothing in the other order: what is told shows who came last."""

from typing import Any, Final

import pytest

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.history import Purpose
from sync_check.conformance.judges import rivals
from sync_check.conformance.judges.ledger import Ledger
from sync_check.conformance.model.world import Override
from tests.conformance.histories import FEATURES, NOW, found, user
from tests.conformance.stories import ACCEPTED, Story

EVENT: Final = "workspace_channel_permission_override_update"
DENY: Final[dict[str, list[str]]] = {"allow": [], "deny": ["subscribe_streams"]}
CLEAR: Final[dict[str, list[str]]] = {"allow": [], "deny": []}
AUDITED: Final = (*FEATURES, "overrides.permission", "audit")


def folded(story: Story) -> Ledger:
    """What is made of the records so far."""
    ledger = Ledger()
    for record in story.records:
        ledger.take(record)
    return ledger


class _Overrides(Story):
    """Ana and ben, a moderator, override what ben may do, both at the same time."""

    def __init__(self) -> None:
        super().__init__(declared=AUDITED, features=AUDITED)
        self.role("ana", "ben", "moderator")
        self.override_of = {**self.place, "target_kind": "member", "target_id": user("ben")}

    def ask(self, actor: str, lists: dict[str, list[str]]) -> int:
        return self.invoke(actor, ops.OverridePermission.model_validate({**self.override_of, **lists}))

    def tell(self, lists: dict[str, list[str]], to: list[int] | None = None) -> None:
        payload: dict[str, Any] = {**self.override_of, "updated_fields": lists, "updated_at_unix": NOW}
        self.frames(self.subscribed if to is None else to, EVENT, payload)

    def override(self, actor: str, lists: dict[str, list[str]]) -> None:
        op = self.ask(actor, lists)
        self.tell(lists)
        self.answer(op, 200, ACCEPTED)

    def read_log(self, *actors: str) -> None:
        rows = [
            {
                "audit_id": self.id(),
                "actor_user_id": user(actor),
                "action": action,
                "target_user_id": target,
                "created_at_unix": NOW,
                "ip_ban_match": False,
            }
            for actor, action, target in (
                *((actor, "channel.permission_override.update", None) for actor in actors),
                ("ana", "member.role.update", user("ben")),
            )
        ]
        self.call("ana", ops.ReadAudit(guild_id=self.guild), 200, {"events": rows, "next_cursor": None})

    @property
    def overridden(self) -> Override:
        """What the model takes to hold in the end."""
        ledger = folded(self)
        assert not ledger.is_racing
        overrides = ledger.timeline.present.guilds[self.guild].overrides.get(self.channel, {})
        return overrides.get(user("ben"), Override())


@pytest.mark.parametrize("answered_first", [0, 1])
@pytest.mark.parametrize("told", [(DENY,), (DENY, CLEAR)])
def test_of_a_denial_and_its_end_the_end_may_have_come_first(
    told: tuple[dict[str, list[str]], ...], answered_first: int
) -> None:
    story = _Overrides()
    started = [story.ask("ana", DENY), story.ask("ben", CLEAR)]
    for lists in told:
        story.tell(lists)
    for op in (started[answered_first], started[1 - answered_first]):
        story.answer(op, 200, ACCEPTED)
    story.fence()
    story.read_log(*(("ben", "ana") if len(told) > 1 else ("ana",)))
    story.fence()
    story.end()
    assert found(story.result()) == []
    assert story.overridden.deny == frozenset(told[-1]["deny"])


@pytest.mark.parametrize("told", [(CLEAR,), (CLEAR, DENY)])
def test_a_denial_that_holds_already_is_told_anew_only_after_its_end(
    told: tuple[dict[str, list[str]], ...],
) -> None:
    story = _Overrides()
    story.override("ana", DENY)
    started = [story.ask("ana", DENY), story.ask("ben", CLEAR)]
    for lists in told:
        story.tell(lists)
    for op in started:
        story.answer(op, 200, ACCEPTED)
    story.fence()
    story.end()
    assert found(story.result()) == []
    assert story.overridden.deny == frozenset(told[-1]["deny"])


def test_what_comes_late_of_an_earlier_denial_decides_nothing() -> None:
    story = _Overrides()
    earlier = story.ask("ana", DENY)
    story.tell(DENY, to=[story.ben, story.ben2])
    story.answer(earlier, 200, ACCEPTED)
    started = [story.ask("ben", CLEAR), story.ask("ana", DENY)]
    story.tell(DENY, to=[story.ana])
    for lists in (CLEAR, DENY):
        story.tell(lists)
    for op in started:
        story.answer(op, 200, ACCEPTED)
    story.fence()
    story.end()
    assert found(story.result()) == []
    assert story.overridden.deny == frozenset(DENY["deny"])


def test_what_only_some_are_told_of_two_at_once_is_missed() -> None:
    story = _Overrides()
    started = [story.ask("ana", DENY), story.ask("ben", CLEAR)]
    story.tell(DENY, to=[story.ana, story.ben])
    story.tell(CLEAR)
    for op in started:
        story.answer(op, 200, ACCEPTED)
    story.fence()
    story.end()
    assert ("delivery", "SCOPE-4", "ben#2") in found(story.result())


def test_a_denial_alone_is_owed_and_audited() -> None:
    story = _Overrides()
    op = story.ask("ana", DENY)
    story.answer(op, 200, ACCEPTED)
    story.fence()
    story.read_log()
    story.fence()
    story.end()
    told = {(judge, requirement) for judge, requirement, _ in found(story.result())}
    assert told == {("delivery", "SCOPE-4"), ("answers", "AUDIT-1")}


def test_of_two_that_change_nothing_either_may_come_last() -> None:
    story = _Overrides()
    story.override("ana", DENY)
    asked = [story.ask(actor, DENY) for actor in ("ana", "ben")]
    for op in asked:
        story.answer(op, 200, ACCEPTED)
    assert not folded(story).is_racing


def test_a_fence_before_both_answers_decides_nothing() -> None:
    story = _Overrides()
    started = [story.ask("ana", DENY), story.ask("ben", CLEAR)]
    story.tell(DENY)
    story.answer(started[0], 200, ACCEPTED)
    story.post("ana", "too early", purpose=Purpose.FENCE)
    story.tell(CLEAR)
    story.answer(started[1], 200, ACCEPTED)
    story.fence()
    story.end()
    assert found(story.result()) == []
    assert story.overridden == Override()


def test_who_was_shut_out_between_the_two_does_not_tell_which_one_came_last() -> None:
    story = Story()
    names = [story.invoke("ana", ops.UpdateGuild(guild_id=story.guild, guild_name=one)) for one in "xy"]
    removal = story.invoke("ana", ops.KickMember(guild_id=story.guild, user_id=user("ben")))
    told = [
        {"guild_id": story.guild, "updated_fields": {"name": one}, "updated_at_unix": NOW} for one in "xy"
    ]
    removed = ("workspace_member_remove", story.removal("ben"))
    for event, payload in (("workspace_update", told[0]), removed):
        story.frames([story.ben, story.ben2], event, payload)
    answers = [{"guild_id": story.guild, "name": one, "visibility": "private"} for one in "xy"]
    for op, body in ((names[0], answers[0]), (removal, ACCEPTED), (names[1], answers[1])):
        story.answer(op, 200, body)
    story.about("ben", "fence", purpose=Purpose.FENCE)
    for event, payload in (("workspace_update", told[0]), removed, ("workspace_update", told[1])):
        story.frame(story.ana, event, payload)
    ledger = folded(story)
    assert ledger.timeline.present.guilds[story.guild].name == "y"
    assert not ledger.is_racing


@pytest.mark.parametrize("asked", [("xy", "z"), ("xyz",)])
def test_what_came_after_two_at_once_holds_however_late_they_are_told_apart(asked: tuple[str, ...]) -> None:
    story = Story()
    for names in asked:
        started = [
            story.invoke("ana", ops.UpdateGuild(guild_id=story.guild, guild_name=one)) for one in names
        ]
        for op, name in zip(started, names, strict=True):
            story.answer(op, 200, {"guild_id": story.guild, "name": name, "visibility": "private"})
    for name in "yxz":
        fields = {"updated_fields": {"name": name}, "updated_at_unix": NOW}
        story.frames(story.subscribed, "workspace_update", {"guild_id": story.guild, **fields})
    story.name = "z"
    story.close_scenario()
    assert found(story.result()) == []


def test_a_read_under_way_with_a_removal_brings_nobody_back() -> None:
    story = Story()
    read = story.invoke("ben", ops.ListChannels(guild_id=story.guild))
    story.kick("ana", "ben")
    message = story.message(story.id(), "ana", "for those who stay")
    post = story.invoke("ana", ops.CreateMessage(**story.place, content="for those who stay"))
    story.frames([story.ana, story.ben], "message_create", message)
    channels = [{"channel_id": story.channel, "name": "general", "kind": "text"}]
    story.answer(read, 200, {"channels": channels})
    story.answer(post, 200, message)
    story.fence()
    story.end()
    assert found(story.result()) == [("delivery", "ACCESS-3", "ben#1")]


# --- how much it takes


def test_what_did_not_happen_at_once_is_not_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = []
    monkeypatch.setattr(rivals, "_rival", lambda one, other: compared.append((one, other)))
    story = Story()
    for number in range(20):
        story.post("ana", f"text {number}")
    story.end()
    story.result()
    assert compared == []
