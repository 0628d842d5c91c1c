"""IP bans in whole histories: what is answered, what is told, and what a subscribe costs."""

from typing import Any

import pytest

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.history import Purpose
from sync_check.conformance.verdict import Level, Verdict
from tests.conformance.address_stories import AddressStory
from tests.conformance.histories import found, user


def _banned(*covers: str, **details: Any) -> tuple[AddressStory, str]:
    """The story after ben's address was banned, and the id of the ban."""
    story = AddressStory(*covers)
    (ban_id,) = story.ban_addresses(**details)
    story.silence("ben")
    return story, ban_id


# --- what is answered: IPBAN-1 and IPBAN-2


def test_a_banned_address_is_shut_out_and_let_in_again() -> None:
    story, ban_id = _banned("IPBAN-1", "IPBAN-2", "ACCESS-8", "LEAK-IP-2", "JOIN-1", "LEAK-IP-1")
    story.channel_list("ben", 403)
    story.join("ben", 403, "directory_join_ip_banned")
    story.post("ana", "not for ben")
    story.remove_ip_ban(ban_id)
    story.channel_list("ben")
    result = story.judged()
    assert (result.findings, result.verdict) == ((), Verdict.PASS)
    assert result.witnesses["ACCESS-8"] > 0


@pytest.mark.parametrize(
    ("status", "code", "broken"),
    [(200, "", {"IPBAN-2"}), (404, "not_found", {"IPBAN-2"}), (403, "banned", {"REST-1"})],
)
def test_an_endpoint_that_answers_something_else(status: int, code: str, broken: set[str]) -> None:
    story, _ = _banned()
    story.channel_list("ben", status, code=code)
    assert story.broken() == broken


def test_whoever_calls_from_elsewhere_is_not_shut_out() -> None:
    story, _ = _banned()
    story.channel_list("ana", 403)
    assert story.broken() == {"REST-1"}


def test_a_removed_ban_that_goes_on() -> None:
    story, ban_id = _banned()
    story.remove_ip_ban(ban_id)
    story.channel_list("ben", 403)
    assert story.broken() == {"IPBAN-2"}


def test_endpoints_that_the_contract_does_not_name_stay_open() -> None:
    story, _ = _banned()
    story.call("ben", ops.ListMembers(guild_id=story.guild), 403, {"error": "forbidden"})
    assert story.broken() == {"REST-1"}


@pytest.mark.parametrize(
    ("count", "ids"), [(0, 0), (2, 2), (1, 2)], ids=["too few", "too many", "not as many as told"]
)
def test_how_many_addresses_were_banned(count: int, ids: int) -> None:
    story = AddressStory()
    op = story.invoke("ana", story.asked("ben"))
    if count:
        story.frames(story.managers(), "workspace_ip_ban_sync", story.sync(count=count))
        story.silence("ben")
    body = {"created_count": count, "ban_ids": [story.id() for _ in range(ids)]}
    story.answer(op, 200, body)
    assert story.broken() == {"IPBAN-1"}


def test_who_never_called_join_has_no_addresses() -> None:
    story = AddressStory("IPBAN-1", joined=False)
    story.ban_addresses("ben", count=0)
    story.channel_list("ben")
    assert story.judged().verdict is Verdict.PASS


def test_a_ban_of_nothing_that_is_told() -> None:
    story = AddressStory(joined=False)
    story.ban_addresses("ben", count=0, told={})
    assert story.broken() == {"IPBAN-1"}


def test_a_ban_of_somebody_who_never_joined() -> None:
    story = AddressStory(joined=False)
    story.ban_addresses("ben")
    assert story.broken() == {"IPBAN-1"}


# --- joining: JOIN-1 and JOIN-2


def test_a_user_ban_is_looked_at_before_the_address() -> None:
    story, _ = _banned("JOIN-1")
    op = story.invoke("ana", ops.BanMember(guild_id=story.guild, user_id=user("ben")))
    gone = {"guild_id": story.guild, "user_id": user("ben")}
    story.frames([story.ana], "workspace_member_ban", {**gone, "banned_at_unix": 1_700_000_000})
    story.frames([story.ana], "workspace_member_remove", story.removal("ben") | {"reason": "ban"})
    story.answer(op, 200, {"accepted": True})
    del story.roles["ben"]
    story.join("ben", 403, "directory_join_user_banned")
    result = story.judged()
    assert (result.findings, result.verdict) == ((), Verdict.PASS)


@pytest.mark.parametrize(
    ("status", "code", "broken"),
    [
        (403, "directory_join_user_banned", {"JOIN-1"}),
        (403, "forbidden", {"JOIN-1"}),
        (200, None, {"JOIN-1"}),
    ],
)
def test_a_member_who_joins_from_a_banned_address(status: int, code: str, broken: set[str]) -> None:
    story, _ = _banned()
    story.join("ben", status, code)
    assert story.broken() == broken


def test_a_banned_user_who_is_told_of_an_address() -> None:
    story = AddressStory(joined=False)
    op = story.invoke("ana", ops.BanMember(guild_id=story.guild, user_id=user("eve")))
    told = {"guild_id": story.guild, "user_id": user("eve"), "banned_at_unix": 1_700_000_000}
    story.frames(story.subscribed, "workspace_member_ban", told)
    story.answer(op, 200, {"accepted": True})
    story.join("eve", 403, "directory_join_ip_banned")
    assert story.broken() == {"JOIN-2"}


# --- what is told: ACCESS-8 and LEAK-IP-2


def test_who_is_shut_out_goes_on_hearing() -> None:
    story, _ = _banned()
    story.post("ana", "still here?", to=[story.ana, story.ben])
    result = story.judged()
    assert found(result) == [("delivery", "ACCESS-8", "ben#1")]
    assert result.findings[0].level is Level.LAX


def test_an_ip_ban_is_told_to_managers_alone() -> None:
    story = AddressStory()
    story.ban_addresses(to=[story.ana, story.ben])
    story.silence("ben")
    assert "LEAK-IP-2" in story.broken()


def test_an_ip_ban_that_nobody_is_told_of() -> None:
    story = AddressStory()
    story.ban_addresses(to=[])
    story.silence("ben")
    assert story.broken() == {"SCOPE-4"}


def test_an_ip_ban_that_tells_another_number() -> None:
    story = AddressStory()
    story.ban_addresses(told=story.sync(count=7))
    story.silence("ben")
    assert story.broken() == {"DELIV-10"}


@pytest.mark.parametrize("hears", [False, True])
def test_a_subscription_comes_back_with_the_address_or_it_does_not(hears: bool) -> None:
    story, ban_id = _banned()
    story.remove_ip_ban(ban_id)
    if hears:
        story.subscribed += [story.ben, story.ben2]
    story.post("ana", "are you back?")
    assert story.broken() == set()


def test_a_new_subscription_counts() -> None:
    story, ban_id = _banned()
    story.remove_ip_ban(ban_id)
    story.subscribe(story.ben, story.guild, story.channel)
    story.post("ana", "are you back?")
    assert found(story.judged()) == [("delivery", "SCOPE-2", "ben#1")] * 3


# --- subscribing: IPBAN-2


def _asks(story: AddressStory) -> None:
    story.subscribe(story.ben, story.guild, story.channel, confirmed=False)


def test_a_subscribe_from_a_banned_address_ends_the_connection() -> None:
    story, _ = _banned("IPBAN-2")
    _asks(story)
    story.drop(story.ben)
    result = story.judged()
    assert (result.findings, result.verdict) == ((), Verdict.PASS)


def test_a_subscribe_from_a_banned_address_that_works() -> None:
    story, _ = _banned()
    story.subscribe(story.ben, story.guild, story.channel)
    assert "IPBAN-2" in story.broken()


def test_a_subscribe_from_a_banned_address_that_nobody_minds() -> None:
    story, _ = _banned()
    _asks(story)
    story.wait(6)
    assert story.broken() == {"IPBAN-2"}


def test_an_end_that_no_subscribe_caused() -> None:
    story, _ = _banned()
    story.drop(story.ben)
    assert story.broken() == {"DELIV-1"}


def test_what_came_before_the_ban_is_no_cause() -> None:
    story = AddressStory()
    _asks(story)
    story.subscribe(story.ben, story.guild, story.channel)
    story.drop(story.ben)
    assert "DELIV-1" in story.broken()


# --- messages by command: IPBAN-2


def _says(story: AddressStory) -> int:
    return story.send(story.ben, ops.SendMessage(**story.place, content="hello"))


def test_a_message_by_command_from_a_banned_address_ends_the_connection() -> None:
    story, _ = _banned("IPBAN-2")
    _says(story)
    story.drop(story.ben)
    result = story.judged()
    assert (result.findings, result.verdict) == ((), Verdict.PASS)


def test_a_message_by_command_from_a_banned_address_that_nobody_minds() -> None:
    story, _ = _banned()
    _says(story)
    story.wait(6)
    assert story.broken() == {"IPBAN-2"}


def test_a_message_by_command_from_a_banned_address_that_is_carried_out() -> None:
    story, _ = _banned()
    _says(story)
    message = story.message(story.id(), "ben", "hello")
    story.messages[message["message_id"]] = message
    story.frames(story.subscribed, "message_create", message)
    story.drop(story.ben)
    assert story.broken() == {"IPBAN-2"}


# --- owners: IPBAN-3


def _owner_banned() -> AddressStory:
    story = AddressStory("IPBAN-3")
    story.join("ana", purpose=Purpose.SETUP)
    story.ban_addresses("ana")
    return story


def test_an_owner_is_not_locked_out() -> None:
    story = _owner_banned()
    story.channel_list("ana")
    result = story.judged()
    assert (result.findings, result.verdict) == ((), Verdict.PASS)


def test_an_owner_who_is_locked_out() -> None:
    story = _owner_banned()
    story.channel_list("ana", 403)
    result = story.judged()
    assert found(result) == [("answers", "IPBAN-3", "ana")]
    assert result.findings[0].level is Level.LAX
    assert "IPBAN-3" not in {name for name, count in result.witnesses.items() if count > 1}


def test_an_owner_who_hears_nothing_more() -> None:
    story = _owner_banned()
    story.post("ben", "where are you?", to=[story.ben, story.ben2])
    story.about("ben", "fence")
    assert [(requirement, client) for _, requirement, client in found(story.judged())][:1] == [
        ("IPBAN-3", "ana#1")
    ]


def test_an_owner_whose_subscribe_ends_the_connection() -> None:
    story = _owner_banned()
    second = story.open("ana")
    story.owners[second] = "ana"
    story.subscribe(second, story.guild, story.channel, confirmed=False)
    story.drop(second)
    assert story.broken() == {"IPBAN-3"}


@pytest.mark.parametrize(("status", "broken"), [(403, set[str]()), (200, {"IPBAN-3"})])
def test_an_aim_at_somebody_above(status: int, broken: set[str]) -> None:
    story = AddressStory()
    story.role("ana", "ben", "moderator")
    op = story.invoke("ben", story.asked("ana"))
    body = {"error": "forbidden"} if status == 403 else {"created_count": 0, "ban_ids": []}
    story.answer(op, status, body)
    assert story.broken() == broken


# --- what nobody knows


def test_an_address_that_nobody_knows_leaves_everything_open() -> None:
    story = AddressStory(known=False)
    story.ban_addresses()
    story.channel_list("ben", 403)
    story.channel_list("ben")
    story.join("ben", 403, "directory_join_ip_banned")
    story.join("ben")
    story.channel_list("ana", 403)
    assert found(story.judged()) == [("answers", "IPBAN-3", "ana")]


@pytest.mark.parametrize("at", [3, 4, 5, 6])
@pytest.mark.parametrize("status", [200, 403])
def test_a_ban_that_expires(at: int, status: int) -> None:
    story, _ = _banned(expires_in_secs=4)
    story.wait(at - 1)
    story.channel_list("ben", status)
    broken = {3: {200: {"IPBAN-2"}}, 6: {403: {"IPBAN-2"}}}.get(at, {}).get(status, set[str]())
    assert story.broken() == broken


def test_of_two_bans_of_one_call_nobody_knows_which_was_removed() -> None:
    story = AddressStory()
    story.move("ben", "203.0.113.9")
    story.join("ben", purpose=Purpose.SETUP)
    first, second = story.ban_addresses(count=2)
    story.silence("ben")
    story.channel_list("ben", 403)
    story.remove_ip_ban(first)
    story.channel_list("ben", 403)
    story.channel_list("ben")
    story.remove_ip_ban(second)
    story.channel_list("ben")
    assert story.broken() == set()


def test_an_earlier_ban_may_be_replaced_by_a_later_one() -> None:
    story, first = _banned()
    story.ban_addresses()
    story.remove_ip_ban(first, 404)
    story.channel_list("ben", 403)
    assert story.broken() == set()


def test_an_unknown_ban_cannot_be_removed() -> None:
    story = AddressStory()
    story.remove_ip_ban(story.id())
    assert "REST-1" in story.broken()


# --- what replicas believe


def _settled(story: AddressStory) -> set[str]:
    """The requirements that break where one of ben's replicas has missed everything."""
    story.post("ana", "did you hear this?")
    missed = {f"messages/{story.channel}": [], f"members/{story.guild}": [user("ana")]}
    story.rest(replicas={story.ben: missed})
    story.end()
    return {requirement for _, requirement, _ in found(story.result())}


def test_what_somebody_shut_out_believes_is_a_known_gap() -> None:
    story, _ = _banned()
    assert _settled(story) == {"CLIENT-10"}


def test_so_is_what_was_missed_meanwhile() -> None:
    story, ban_id = _banned()
    story.remove_ip_ban(ban_id)
    assert _settled(story) == {"CLIENT-10"}


def test_with_a_new_subscription_everything_is_read_again() -> None:
    story, ban_id = _banned()
    story.remove_ip_ban(ban_id)
    for connection in (story.ben, story.ben2):
        story.subscribe(connection, story.guild, story.channel)
        story.subscribed.append(connection)
    assert _settled(story) == {"DELIV-10"}


def test_others_go_on_being_compared() -> None:
    assert _settled(AddressStory()) == {"DELIV-10"}


@pytest.mark.parametrize("banned", [True, False])
def test_a_join_under_way_may_have_shown_its_address_before_the_ban_or_not(banned: bool) -> None:
    """Asked for at once and answered after it: which came first shows in the ban alone."""
    story = AddressStory(joined=False)
    join = story.invoke("ben", ops.JoinGuild(guild_id=story.guild))
    story.ban_addresses(count=int(banned))
    if banned:
        story.silence("ben")
    story.answer(join, 200, {"guild_id": story.guild, "outcome": "already_member"})
    story.channel_list("ben", 403 if banned else 200)
    assert story.broken() == set()
