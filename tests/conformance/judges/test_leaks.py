"""The leak judge: canaries for their audience only, markers nowhere but where tokens are given out."""

import base64
import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.history import ConnectionOpened, EndOfConnection, UpgradeAnswered
from sync_check.conformance.judges.leaks import canaries_in, markers_in
from sync_check.conformance.run import ScenarioResult
from sync_check.conformance.verdict import Kind, Verdict
from tests.conformance.histories import found, user
from tests.conformance.live_stories import LIVE
from tests.conformance.stories import ACCEPTED, Story, profile

CANARY = "scq1w2e3r4t5y6"


def _leaks(story: Story) -> list[tuple[str, str | None]]:
    return [(r, client) for judge, r, client in found(_judged(story)) if judge == "leaks"]


def _judged(story: Story) -> ScenarioResult:
    story.close_scenario()
    return story.result()


def _story_with_message() -> Story:
    story = Story()
    story.post("ben", f"psst {CANARY}")
    story.canary(CANARY, "message", story.last_op)
    return story


def test_the_audience_may_know() -> None:
    result = _judged(_story_with_message())
    assert result.verdict is Verdict.PASS
    assert result.evidence["canaries_seen_by_audience"] == 1


@pytest.mark.parametrize(
    "spelling",
    [
        CANARY,
        CANARY.upper(),
        f"xxsc{CANARY}zz",
        "\\u0073" + CANARY[1:],
        base64.b64encode(f"psst {CANARY}".encode()).decode(),
        base64.urlsafe_b64encode(f"it is ?? {CANARY}".encode()).decode().rstrip("="),
        f"psst {CANARY}".encode().hex(),
        "".join(f"%{byte:02X}" for byte in CANARY.encode()),
        hashlib.sha256(f"psst {CANARY}".encode()).hexdigest(),
        hashlib.sha1(CANARY.encode(), usedforsecurity=False).hexdigest().upper(),
        base64.b64encode(hashlib.md5(CANARY.encode(), usedforsecurity=False).digest()).decode(),
    ],
)
def test_a_stranger_is_told_in_an_error_text(spelling: str) -> None:
    story = _story_with_message()
    body = '{"error":"forbidden","detail":"' + spelling + '"}'
    story.call("eve", ops.History(**story.place), 403, body)
    finding = next(f for f in _judged(story).findings if f.judge == "leaks")
    assert (finding.requirement, finding.client, finding.kind) == ("LEAK-READ-1", "eve", Kind.SAFETY)
    assert finding.received == CANARY


@pytest.mark.parametrize(
    "spelling",
    [
        base64.b64encode(f"psst {CANARY}".encode()).decode(),
        hashlib.sha256(f"psst {CANARY}".encode()).hexdigest(),
    ],
)
def test_the_audience_may_be_told_in_other_words(spelling: str) -> None:
    story = _story_with_message()
    story.call("ana", ops.ListChannels(guild_id=story.guild), 403, {"detail": spelling})
    assert _leaks(story) == []


def test_a_stranger_is_told_in_other_words_by_a_frame() -> None:
    story = _story_with_message()
    story.frame(story.eve, "typing_start", {"text": base64.b64encode(f"* {CANARY}".encode()).decode()})
    assert _leaks(story) == [("SCOPE-3", "eve#1")]


def test_a_stranger_is_told_by_the_answer_to_an_upgrade() -> None:
    story = _story_with_message()
    story.add(UpgradeAnswered(at=story.now(), client="eve", header="x", status=401, body=f"no {CANARY}"))
    assert ("LEAK-READ-1", "eve") in _leaks(story)


def test_the_answer_to_an_upgrade_may_say_what_its_client_may_know() -> None:
    story = _story_with_message()
    story.add(UpgradeAnswered(at=story.now(), client="ben", header="x", status=401, body=f"no {CANARY}"))
    assert _leaks(story) == []


def _opened_with(story: Story, client: str, headers: dict[str, str]) -> None:
    number = story.open(client, ready=False)
    record = story.records[-1]
    assert isinstance(record, ConnectionOpened)
    story.records[-1] = replace(record, headers=headers)
    story.frame(number, "ready", {"user_id": user(client)})


@pytest.mark.parametrize("spelling", [CANARY, base64.b64encode(f"* {CANARY}".encode()).decode()])
@pytest.mark.parametrize("status", [101, 401])
def test_a_stranger_is_told_in_a_header_of_the_answer_to_an_upgrade(spelling: str, status: int) -> None:
    story = _story_with_message()
    headers = {"x-news": spelling}
    if status == 101:
        _opened_with(story, "eve", headers)
    else:
        story.add(UpgradeAnswered(at=story.now(), client="eve", header="x", status=status, headers=headers))
    told = [one for one in story.result().findings if one.judge == "leaks"]
    assert [one.requirement for one in told] == ["LEAK-READ-1"]
    assert "in the header x-news of the answer to an upgrade" in told[0].message


@pytest.mark.parametrize("status", [101, 401])
def test_no_header_of_the_answer_to_an_upgrade_has_a_token_not_even_ones_own(status: int) -> None:
    story = _story_with_message()
    headers = {"x-session": "⟦secret:access-token:ben:1⟧"}
    if status == 101:
        _opened_with(story, "ben", headers)
    else:
        story.add(UpgradeAnswered(at=story.now(), client="ben", header="x", status=status, headers=headers))
    assert [requirement for requirement, _ in _leaks(story)] == ["LEAK-AUTH-1"]


def test_a_header_of_the_answer_to_an_upgrade_has_the_id_of_a_channel_that_its_client_may_not_know() -> None:
    story = _story_with_message()
    _opened_with(story, "eve", {"x-news": story.channel})
    assert [requirement for requirement, _ in _leaks(story)] == ["LEAK-READ-1"]


def test_headers_of_the_answer_to_an_upgrade_may_say_what_its_client_may_know() -> None:
    story = _story_with_message()
    _opened_with(story, "ben", {"x-news": f"{CANARY} in {story.channel}", "x-served-by": "node-7"})
    assert _leaks(story) == []


def test_an_answer_may_repeat_what_its_caller_said() -> None:
    story = _story_with_message()
    body = '{"error":"forbidden","detail":"' + CANARY + '"}'
    story.call("eve", ops.UpdateGuild(guild_id=story.guild, guild_name=CANARY), 403, body)
    assert _leaks(story) == []


def test_a_stranger_is_told_by_a_frame() -> None:
    story = _story_with_message()
    story.frame(story.eve, "typing_start", {"text": CANARY})
    assert _leaks(story) == [("SCOPE-3", "eve#1")]


def test_a_stranger_is_told_by_a_close_reason() -> None:
    story = _story_with_message()
    story.close(story.eve, EndOfConnection.CLOSED_BY_US, reason=f"bye {CANARY}")
    del story.owners[story.eve]
    assert _leaks(story) == [("SCOPE-3", "eve#1")]


def test_a_former_member_may_know_what_came_before_and_nothing_after() -> None:
    story = Story()
    story.kick("ana", "ben")
    story.post("ana", f"psst {CANARY}")
    story.canary(CANARY, "message", story.last_op)
    story.call("ben", ops.History(**story.place), 403, {"error": f"forbidden {CANARY}"})
    assert ("LEAK-READ-1", "ben") in _leaks(story)


def test_the_name_of_a_private_guild_is_for_members() -> None:
    story = Story()
    story.canary(CANARY, "guild_name", story.guild_op)
    story.frame(story.ben, "typing_start", {"text": CANARY})
    story.frame(story.eve, "typing_start", {"text": CANARY})
    story.post("ana", "first")
    assert _leaks(story) == [("SCOPE-5", "eve#1")]


def test_the_name_of_a_public_guild_is_for_everybody() -> None:
    story = Story()
    story.canary(CANARY, "guild_name", story.guild_op)
    op = story.invoke("ana", ops.UpdateGuild(guild_id=story.guild, visibility="public"))
    payload = {
        "guild_id": story.guild,
        "updated_fields": {"visibility": "public"},
        "updated_at_unix": 1,
    }
    story.frames(story.subscribed, "workspace_update", payload)
    story.answer(op, 200, {"guild_id": story.guild, "name": "room", "visibility": "public"})
    story.about("eve", "now")
    story.frame(story.eve, "typing_start", {"text": CANARY})
    story.fence()
    story.end()
    assert [f for f in story.result().findings if f.judge == "leaks"] == []


def test_the_name_of_a_channel() -> None:
    story = Story()
    story.canary(CANARY, "channel_name", story.channel_op)
    story.frame(story.eve, "typing_start", {"text": CANARY})
    story.post("ana", "first")
    assert _leaks(story) == [("LEAK-CHAN-1", "eve#1")]


@pytest.mark.parametrize("is_asked", [False, True])
def test_the_name_of_a_channel_whose_answer_came_before_what_permitted_it(is_asked: bool) -> None:
    story = Story(declared=LIVE, features=LIVE)
    story.call("ana", ops.AddMember(guild_id=story.guild, user_id=user("eve")), body=ACCEPTED)
    promoted = story.invoke(
        "ana", ops.ChangeMemberRole(guild_id=story.guild, user_id=user("ben"), role="moderator")
    )
    created = story.invoke("ben", ops.CreateChannel(guild_id=story.guild, channel_name=CANARY))
    story.canary(CANARY, "channel_name", created)
    place = {"guild_id": story.guild, "channel_id": story.id()}
    story.answer(created, 201, {"channel_id": place["channel_id"], "name": CANARY, "kind": "text"})
    examination = story.examine()
    if is_asked:
        examination.result("test/story")
    known = len(story.records)
    story.answer(promoted, 200, ACCEPTED)
    hide = ops.OverridePermission(
        **place, target_kind="member", target_id=user("eve"), allow=[], deny=["create_message"]
    )
    story.call("ana", hide, body=ACCEPTED)
    story.about("eve", "now")
    story.frame(story.eve, "typing_start", {"text": CANARY})
    story.end()
    for record in story.records[known:]:
        examination.add(record)
    told = [one for one in found(examination.result("test/story")) if one[0] == "leaks"]
    assert told == [("leaks", "LEAK-CHAN-1", "eve#1")]


def test_who_placed_a_canary_knows_it() -> None:
    story = Story()
    op = story.call(
        "eve",
        ops.CreateMessage(**story.place, content=CANARY),
        403,
        {"error": "forbidden", "detail": CANARY},
    )
    story.canary(CANARY, "message", op)
    story.post("ana", "first")
    assert _leaks(story) == []


def _tokens(client: str, **more: Any) -> dict[str, Any]:
    pair = {
        "access_token": f"⟦secret:access_token:{client}:1⟧",
        "refresh_token": f"⟦secret:refresh_token:{client}:1⟧",
        "expires_in_secs": 900,
    }
    return pair | more


def test_tokens_in_the_answer_that_gives_them_out() -> None:
    story = Story()
    story.post("ana", "first")
    story.call("ben", ops.Login(username="ben", password="⟦secret:password:ben:1⟧"), body=_tokens("ben"))
    assert _judged(story).verdict is Verdict.PASS


@pytest.mark.parametrize(
    "body",
    [
        _tokens("ana"),
        _tokens("ben", note="⟦secret:password:ben:1⟧"),
        _tokens("ben", note="⟦secret:access_token:ana:3:case⟧"),
    ],
)
def test_secrets_of_others_and_passwords_in_a_login(body: dict[str, Any]) -> None:
    story = Story()
    story.post("ana", "first")
    story.call("ben", ops.Login(username="ben", password="⟦secret:password:ben:1⟧"), body=body)
    assert {requirement for requirement, _ in _leaks(story)} == {"LEAK-AUTH-1"}


def test_a_voice_token_is_for_who_asked_for_it() -> None:
    for client, leaks in (("ben", []), ("ana", [("LEAK-AUTH-1", "ben")])):
        story = Story()
        body = {"error": "forbidden", "token": f"⟦secret:voice_token:{client}:1⟧"}
        story.call("ben", ops.IssueVoiceToken(**story.place), 403, body)
        assert _leaks(story) == leaks


def test_a_token_in_a_frame() -> None:
    story = Story()
    story.post("ana", "first", content="⟦secret:access_token:ana:1⟧")
    findings = [f for f in _judged(story).findings if f.judge == "leaks"]
    assert {f.requirement for f in findings} == {"LEAK-AUTH-1"}


def test_a_token_in_any_other_answer() -> None:
    story = Story()
    story.post("ana", "first")
    body = json.dumps(profile("ben") | {"about_markdown": "⟦secret:access_token:ben:1⟧"}, ensure_ascii=False)
    story.call("ben", ops.OwnProfile(), body=body)
    assert _leaks(story) == [("LEAK-AUTH-1", "ben")]


def test_an_escaped_marker_of_the_target_is_none() -> None:
    assert markers_in("⟦⟧secret:password:ben:1⟧") == frozenset()


def test_canaries_are_found_at_every_place() -> None:
    assert canaries_in("scsc" + CANARY[2:]) >= {CANARY}
    assert canaries_in("no canary here, scorpions do not count") == frozenset()


def test_a_refused_read_that_tells_nothing_is_a_witness() -> None:
    story = Story("LEAK-READ-1")
    story.post("ana", "first")
    story.call("eve", ops.ListChannels(guild_id=story.guild), 403, {"error": "forbidden"})
    story.call("eve", ops.ReadProfile(user_id=user("ben")), body=profile("ben"))
    result = _judged(story)
    assert (result.verdict, result.witnesses["LEAK-READ-1"]) == (Verdict.PASS, 1)


def test_one_finding_tells_who_and_where() -> None:
    story = _story_with_message()
    story.frame(story.eve, "typing_start", {"text": CANARY})
    findings = [f for f in _judged(story).findings if f.judge == "leaks"]
    assert findings[0].event == "typing_start"
    assert "a typing_start frame" in findings[0].message
    assert findings[0].expected == "nothing of it"
