"""No text tells the address that a client calls from, and the event of an IP ban tells nothing of the ban."""

from typing import Any

import pytest

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.history import EndOfConnection, OperationAnswered, Outcome
from sync_check.conformance.verdict import Finding, Kind
from tests.conformance.address_stories import ADDRESSES, AddressStory
from tests.conformance.histories import user
from tests.conformance.stories import profile


def _leaks(story: AddressStory) -> list[Finding]:
    return [finding for finding in story.judged().findings if finding.judge == "leaks"]


def _broken(story: AddressStory) -> list[tuple[str, str | None]]:
    return [(finding.requirement, finding.client) for finding in _leaks(story)]


# --- LEAK-IP-1


def test_answers_without_addresses_are_a_witness() -> None:
    story = AddressStory("LEAK-IP-1")
    story.join("ben")
    result = story.judged()
    assert result.findings == ()
    assert result.witnesses["LEAK-IP-1"] == 1


def test_of_clients_whose_address_nobody_knows_there_is_no_witness() -> None:
    story = AddressStory(known=False)
    story.join("ben")
    assert "LEAK-IP-1" not in story.judged().witnesses


@pytest.mark.parametrize(
    ("address", "owner"),
    [
        (ADDRESSES["ben"], "ben"),
        ("198.51.100.0/24", "ben"),
        ("2001:0DB8:0:A7:0:0:0:E", "eve"),
        (f"[{ADDRESSES['eve']}]:443", "eve"),
    ],
)
def test_an_error_text_that_tells_an_address(address: str, owner: str) -> None:
    story = AddressStory()
    body = {"error": "forbidden", "detail": f"{address} is banned"}
    story.call("eve", ops.ListChannels(guild_id=story.guild), 403, body)
    (finding,) = _leaks(story)
    assert (finding.requirement, finding.client, finding.kind) == ("LEAK-IP-1", "eve", Kind.SAFETY)
    assert finding.message == f"the address of {owner} is told, in the answer to list_channels"


def test_a_frame_that_tells_an_address_to_its_own_user() -> None:
    story = AddressStory()
    story.frame(story.ben, "session_seen", {"from": ADDRESSES["ben"]})
    assert _broken(story) == [("LEAK-IP-1", "ben#1")]


def test_a_close_reason_that_tells_an_address() -> None:
    story = AddressStory()
    story.close(story.eve, EndOfConnection.CLOSED_BY_US, reason=f"bye {ADDRESSES['eve']}")
    del story.owners[story.eve]
    assert _broken(story) == [("LEAK-IP-1", "eve#1")]


def test_a_header_that_tells_an_address() -> None:
    story = AddressStory()
    op = story.invoke("ben", ops.OwnProfile())
    headers = {"x-client-ip": ADDRESSES["ben"]}
    body = '{"user_id":"' + user("ben") + '"}'
    answered = OperationAnswered(
        at=story.now(), op=op, outcome=Outcome.OK, status=200, body=body, headers=headers
    )
    story.add(answered)
    findings = _leaks(story)
    assert [finding.requirement for finding in findings] == ["LEAK-IP-1"]
    assert "the header x-client-ip of the answer to own_profile" in findings[0].message


def test_an_address_that_a_client_wrote_is_content() -> None:
    story = AddressStory()
    story.post("ben", f"my router is {ADDRESSES['ben']}")
    assert _broken(story) == []


def test_this_machine_is_nobodys_secret() -> None:
    story = AddressStory(known=False)
    story.call("ben", ops.OwnProfile(), body=profile("ben") | {"seen_from": "127.0.0.1"})
    assert _broken(story) == []


# --- LEAK-IP-2


def _told(story: AddressStory, **more: Any) -> list[str]:
    """What is wrong with an event that says more than it may."""
    story.ban_addresses(reason="a bad neighbour", told=more)
    return [finding.message for finding in _leaks(story) if finding.requirement == "LEAK-IP-2"]


def test_the_event_of_an_ip_ban_as_it_should_be() -> None:
    story = AddressStory()
    assert _told(story, actor_user_id=user("ana")) == []


def test_whoever_bans_the_own_addresses_may_be_named_as_actor() -> None:
    story = AddressStory()
    story.join("ana")
    story.ban_addresses("ana", told={"actor_user_id": user("ana")})
    assert "LEAK-IP-2" not in {requirement for requirement, _ in _broken(story)}


@pytest.mark.parametrize(
    ("more", "what"),
    [
        ({"target_user_id": user("ben")}, "target"),
        ({"note": "because of a bad neighbour"}, "reason"),
        ({"summary": {"action": "upsert", "changed_count": 1, "why": "a bad neighbour"}}, "reason"),
        ({"a bad neighbour": True}, "reason"),
    ],
)
def test_the_event_of_an_ip_ban_that_says_more(more: dict[str, Any], what: str) -> None:
    assert _told(AddressStory(), **more) == [
        f"the {what} of an IP ban is told, in a workspace_ip_ban_sync frame"
    ]


def test_the_event_of_an_ip_ban_that_names_the_ban() -> None:
    story = AddressStory()
    (ban_id,) = story.ban_addresses()
    op = story.invoke("ana", ops.RemoveIpBan(guild_id=story.guild, ban_id=ban_id))
    story.frames(story.managers(), "workspace_ip_ban_sync", story.sync("remove", removed=[ban_id]))
    story.answer(op, 200, {"accepted": True})
    assert [finding.message for finding in _leaks(story)] == [
        "the id of an IP ban is told, in a workspace_ip_ban_sync frame"
    ]
