"""Lists of IP bans and audit logs say what was done, newest first, and no more than the viewer may know."""

from typing import Any

import pytest

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.verdict import Verdict
from tests.conformance.address_stories import AddressStory
from tests.conformance.histories import NOW, user
from tests.conformance.stories import ACCEPTED, MEMBER

# --- the list of IP bans


def _ban(ban_id: str, **told: Any) -> dict[str, Any]:
    known = {"source_user_id": user("ben"), "reason": None, "created_at_unix": NOW, "expires_at_unix": None}
    return {"ban_id": ban_id, **known, **told}


def _list(story: AddressStory, *bans: dict[str, Any], cursor: str | None = None, **asked: Any) -> None:
    body = {"bans": list(bans), "next_cursor": cursor}
    story.call("ana", ops.ListIpBans(guild_id=story.guild, **asked), 200, body)


def _banned(**details: Any) -> tuple[AddressStory, str]:
    story = AddressStory()
    (ban_id,) = story.ban_addresses(**details)
    story.silence("ben")
    return story, ban_id


def test_a_list_that_is_right() -> None:
    story, ban_id = _banned(reason="noise", expires_in_secs=600)
    _list(story, _ban(ban_id, reason="noise", expires_at_unix=NOW + 600))
    story.remove_ip_ban(ban_id)
    _list(story)
    assert story.judged().verdict is Verdict.PASS


@pytest.mark.parametrize(
    "told",
    [
        {"reason": None},
        {"reason": "another"},
        {"source_user_id": None},
        {"source_user_id": user("eve")},
        {"expires_at_unix": None},
        {"expires_at_unix": NOW + 700},
    ],
)
def test_a_ban_that_says_something_else(told: dict[str, Any]) -> None:
    story, ban_id = _banned(reason="noise", expires_in_secs=600)
    _list(story, _ban(ban_id, **{"reason": "noise", "expires_at_unix": NOW + 600, **told}))
    assert story.broken() == {"IPBAN-1"}


def test_a_ban_without_an_end_that_has_one() -> None:
    story, ban_id = _banned()
    _list(story, _ban(ban_id, expires_at_unix=NOW + 600))
    assert story.broken() == {"IPBAN-1"}


def test_a_list_without_a_ban_that_stands() -> None:
    story, _ = _banned()
    _list(story)
    assert story.broken() == {"IPBAN-1"}


def test_a_part_of_a_list_may_end_before_it() -> None:
    story, _ = _banned()
    _list(story, cursor="more")
    assert story.broken() == set()


def test_a_list_with_a_removed_ban() -> None:
    story, ban_id = _banned()
    story.remove_ip_ban(ban_id)
    _list(story, _ban(ban_id))
    assert story.broken() == {"IPBAN-2"}


def test_a_list_with_an_expired_ban() -> None:
    story, ban_id = _banned(expires_in_secs=2)
    story.wait(10)
    _list(story, _ban(ban_id, expires_at_unix=NOW + 2))
    assert story.broken() == {"IPBAN-2"}


def test_a_ban_that_may_have_expired_is_listed_or_not() -> None:
    story, ban_id = _banned(expires_in_secs=2)
    story.wait(2)
    _list(story, _ban(ban_id, expires_at_unix=NOW + 2))
    _list(story)
    assert story.broken() == set()


def test_a_list_with_the_oldest_first() -> None:
    story, first = _banned()
    (second,) = story.ban_addresses()
    _list(story, _ban(first), _ban(second, created_at_unix=NOW + 9))
    assert story.broken() == {"REST-1"}


# --- the audit log


class Audited(AddressStory):
    """Keeps the log of what `ana` and others do."""

    def __init__(self, *covers: str) -> None:
        super().__init__(*covers)
        self.rows: list[dict[str, Any]] = []
        self.auditors: list[str] = []
        self.note("directory.join.accepted", "ben", "ben")

    def view(self, name: str) -> dict[str, Any]:
        view = super().view(name)
        if name in self.auditors:
            view[f"permissions/{self.channel}"] = ["view_audit_log", *MEMBER]
        return view

    def note(self, action: str, actor: str = "ana", target: str | None = None) -> dict[str, Any]:
        row = {
            "audit_id": self.id(),
            "actor_user_id": user(actor),
            "target_user_id": None if target is None else user(target),
            "action": action,
            "created_at_unix": NOW + len(self.rows),
            "ip_ban_match": False,
        }
        self.rows.append(row)
        return row

    def promote(self) -> dict[str, Any]:
        self.role("ana", "ben", "moderator")
        return self.note("member.role.update", target="ben")

    def demote(self) -> dict[str, Any]:
        self.role("ana", "ben", "member")
        return self.note("member.role.update", target="ben")

    def lift(self) -> dict[str, Any]:
        """Ban and pardon somebody who is no member."""
        op = self.invoke("ana", ops.BanMember(guild_id=self.guild, user_id=user("eve")))
        told = {"guild_id": self.guild, "user_id": user("eve"), "banned_at_unix": NOW}
        self.frames(self.subscribed, "workspace_member_ban", told)
        self.answer(op, 200, ACCEPTED)
        self.note("member.ban", target="eve")
        self.call("ana", ops.LiftBan(guild_id=self.guild, user_id=user("eve")), 200, ACCEPTED)
        return self.note("member.ban.lift", target="eve")

    def read(
        self,
        rows: list[dict[str, Any]] | None = None,
        viewer: str = "ana",
        cursor: str | None = None,
        **asked: Any,
    ) -> int:
        told = list(reversed(self.rows)) if rows is None else rows
        body = {"events": told, "next_cursor": cursor}
        return self.call(viewer, ops.ReadAudit(guild_id=self.guild, **asked), 200, body)


def test_a_log_that_is_right() -> None:
    story = Audited("AUDIT-1")
    story.promote()
    story.lift()
    story.read()
    assert story.judged().verdict is Verdict.PASS


def test_a_log_whose_last_rows_lead_to_an_empty_page() -> None:
    story = Audited("AUDIT-1")
    story.promote()
    story.lift()
    story.read(cursor=story.rows[0]["audit_id"])
    assert story.judged().verdict is Verdict.PASS


def test_a_part_of_a_log_shows_nothing_of_the_rest() -> None:
    story = Audited("AUDIT-1")
    story.promote()
    story.lift()
    story.read(story.rows[-1:], cursor=story.rows[-1]["audit_id"])
    result = story.judged()
    assert (result.findings, result.verdict) == ((), Verdict.INCONCLUSIVE)


def test_a_log_with_a_prefix() -> None:
    story = Audited("AUDIT-1")
    story.promote()
    story.lift()
    story.note("moderation.ip_ban.hit", "eve")
    story.read(
        [row for row in reversed(story.rows) if row["action"].startswith("member.ban")],
        action_prefix="member.ban",
    )
    story.read(action_prefix="unheard.of", rows=[])
    result = story.judged()
    assert (result.findings, result.verdict) == ((), Verdict.PASS)


def test_a_log_without_a_row_that_is_due() -> None:
    story = Audited()
    story.rows.remove(story.promote())
    story.read()
    assert story.broken() == {"AUDIT-1"}


def test_a_row_for_each_of_two_equal_changes() -> None:
    story = Audited()
    story.promote()
    story.demote()
    story.rows.pop()
    story.read()
    assert story.broken() == {"AUDIT-1"}


@pytest.mark.parametrize(
    "told",
    [
        {"target_user_id": None},
        {"actor_user_id": user("ben")},
        {"action": "member.kick"},
    ],
)
def test_a_row_that_says_something_else(told: dict[str, Any]) -> None:
    story = Audited()
    story.promote().update(told)
    story.read()
    assert story.broken() == {"AUDIT-1"}


def test_a_row_names_somebody_who_never_was_there() -> None:
    story = Audited()
    story.promote().update({"target_user_id": user("eve")})
    story.read()
    assert story.broken() == {"AUDIT-1", "LEAK-READ-1"}


def test_a_row_is_due_from_the_answer_on() -> None:
    story = Audited()
    op = story.invoke(
        "ana", ops.ChangeMemberRole(guild_id=story.guild, user_id=user("ben"), role="moderator")
    )
    story.read()
    told = {"guild_id": story.guild, "user_id": user("ben"), "updated_fields": {"role": "moderator"}}
    story.frames(story.subscribed, "workspace_member_update", {**told, "updated_at_unix": NOW})
    story.answer(op, 200, ACCEPTED)
    story.roles["ben"] = "moderator"
    assert story.broken() == set()


def test_more_rows_may_appear() -> None:
    story = Audited()
    story.promote()
    story.note("session.opened", "ben")
    story.note("member.role.update", target="ben")
    story.read()
    assert story.broken() == set()


def test_a_page_that_goes_on_owes_nothing() -> None:
    story = Audited()
    story.promote()
    story.read([], cursor="more")
    assert story.broken() == set()


def test_a_log_with_the_oldest_first() -> None:
    story = Audited()
    story.promote()
    story.read(story.rows)
    assert story.broken() == {"REST-1"}


def test_a_log_in_another_order_than_things_happened() -> None:
    story = Audited()
    story.promote()
    story.lift()
    for row in story.rows:
        row["created_at_unix"] = NOW
    story.rows.reverse()
    story.read()
    assert story.broken() == {"REST-1"}


def test_a_row_that_the_prefix_leaves_out() -> None:
    story = Audited()
    story.promote()
    story.read(action_prefix="member.")
    assert story.broken() == {"AUDIT-1"}


def test_more_rows_than_anybody_asked_for() -> None:
    story = Audited()
    for _ in range(21):
        story.note("session.opened")
    story.read()
    assert story.broken() == {"PAGE-2"}


@pytest.mark.parametrize(
    ("viewer", "broken"), [("ben", {"LEAK-READ-1", "EVT-4"}), ("ana", {"EVT-4"})], ids=["member", "owner"]
)
def test_a_reason_in_the_log_is_for_who_may_manage_bans(viewer: str, broken: set[str]) -> None:
    story = _auditor()
    story.ban_addresses("eve", reason="a bad neighbour")
    story.note("moderation.ip_ban.add", target="eve")["detail"] = "for: a BAD neighbour"
    story.read(viewer=viewer)
    assert story.broken() == broken


def test_a_reason_for_an_action() -> None:
    story = _auditor()
    story.ban_addresses("eve", reason="a bad neighbour")
    story.note("moderation.ip_ban.add", target="eve")
    story.note("moderation: a bad neighbour")
    story.read(viewer="ben")
    assert story.broken() == {"LEAK-READ-1"}


def test_an_address_in_the_log() -> None:
    story = Audited()
    story.rows[-1]["from"] = "198.51.100.2"
    story.read()
    assert "LEAK-IP-1" in story.broken()


def _auditor() -> Audited:
    """ben may read the log and not manage IP bans, and eve has joined."""
    story = Audited()
    role_id = story.id()
    create = ops.CreateRole(guild_id=story.guild, role_name="auditor", permissions=["view_audit_log"])
    role = {"role_id": role_id, "name": "auditor", "position": 9999, "is_system": False}
    role = {**role, "permissions": ["view_audit_log"]}
    op = story.invoke("ana", create)
    story.frames(story.subscribed, "workspace_role_create", {"guild_id": story.guild, "role": role})
    story.answer(op, 200, {**role, "color_hex": None})
    story.note("role.create")
    op = story.invoke("ana", ops.AssignRole(guild_id=story.guild, role_id=role_id, user_id=user("ben")))
    given = {"guild_id": story.guild, "user_id": user("ben"), "role_id": role_id, "assigned_at_unix": NOW}
    story.frames(story.subscribed, "workspace_role_assignment_add", given)
    story.answer(op, 200, ACCEPTED)
    story.note("role.assign", target="ben")
    story.auditors.append("ben")
    story.join("eve")
    story.note("directory.join.accepted", "eve", "eve")
    return story


# --- lists that change by themselves


def test_a_log_that_lacks_what_another_reading_told() -> None:
    story = Audited()
    story.promote()
    story.note("session.opened", "ben")
    story.read(limit=100)
    story.rows.pop()
    story.read(limit=100)
    assert story.broken() == {"PAGE-1"}


def test_a_refused_attempt_may_leave_a_row() -> None:
    story = Audited()
    story.promote()
    story.read(limit=100)
    story.call("ben", ops.KickMember(guild_id=story.guild, user_id=user("ana")), 403, {"error": "forbidden"})
    story.note("member.kick.refused", "ben")
    story.read(limit=99)
    assert story.broken() == set()


def test_a_visit_from_a_banned_address_may_leave_a_row() -> None:
    story = Audited()
    story.ban_addresses()
    story.note("moderation.ip_ban.add", target="ben")
    story.silence("ben")
    story.read(limit=100)
    story.channel_list("ben", 403)
    story.note("moderation.ip_ban.hit", "ben")
    story.read(limit=99)
    assert story.broken() == set()
