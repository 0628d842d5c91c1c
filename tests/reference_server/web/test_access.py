"""Losing and gaining access, in sight of it; moderation; friends and profile over several sessions."""

import json
import re
from collections.abc import Callable
from typing import Any, Final

import pytest
from playwright.sync_api import FilePayload, Route, expect

from tests.reference_server.web.browsing import PIXEL, Person, Room, Venue, Visitor

ACCESS_READS: Final = re.compile(r"/channels(/\w+/permissions/self)?$")
ADDRESS: Final = "203.0.113.77"
NOTHING: Final[dict[str, list[str]]] = {"allow": [], "deny": []}
OPEN: Final[dict[str, list[str]]] = {"allow": ["create_message"], "deny": []}


def hide(owner: Person, room: Room, channel: str) -> None:
    """Shut everybody but owners out of a channel."""
    target = f"role/{owner.role(room, '@everyone')}"
    owner.post(room.override(channel, target), {"allow": [], "deny": ["create_message"]})


@pytest.mark.witnesses("CLIENT-8")
@pytest.mark.parametrize(("way", "told"), [("kick", "You were kicked from"), ("ban", "You were banned from")])
def test_who_is_removed_from_the_workspace_in_sight_is_moved_on_and_told_why(
    venue: Venue, way: str, told: str
) -> None:
    ana, ben = venue.service.person(), venue.service.person("ben")
    room = venue.service.room(ana, ben)
    venue.service.room(ben, name="shelter")
    ana.say(room, "for members only")
    visitor = venue.visit(ben)
    visitor.page.get_by_role("navigation", name="Workspaces").get_by_role("button", name="garden").click()
    expect(visitor.message("for members only")).to_be_visible()
    visitor.open_workspace_settings()
    ana.post(f"{room.path}/members/{ben.user_id}/{way}")
    expect(visitor.page.get_by_role("alert", name="Notices")).to_contain_text(f"{told} garden.")
    expect(visitor.page.get_by_role("dialog")).to_have_count(0)
    expect(visitor.page.get_by_role("heading", name="shelter")).to_be_visible()
    expect(visitor.page.get_by_role("button", name="Open workspace menu")).to_be_focused()
    expect(visitor.page.get_by_role("button", name="garden")).to_have_count(0)
    expect(visitor.message("for members only")).to_have_count(0)
    ana.say(room, "not for others")
    ben.patch("/users/me/profile", {"username": f"{ben.name}.fence"})
    expect(visitor.page.get_by_label("Account")).to_contain_text(f"{ben.name}.fence")
    state = visitor.state()
    held = json.dumps({name: value for name, value in state.items() if name != "people"})
    assert room.guild_id not in held
    assert room.channels["general"] not in held


@pytest.mark.witnesses("CLIENT-8")
def test_after_the_last_workspace_nothing_is_in_sight(venue: Venue) -> None:
    ana, ben = venue.service.person(), venue.service.person("ben")
    room = venue.service.room(ana, ben)
    visitor = venue.visit(ben)
    expect(visitor.composer).to_be_visible()
    ana.post(f"{room.path}/members/{ben.user_id}/kick")
    expect(visitor.page.get_by_role("heading", name="You are in no workspace")).to_be_visible()
    visitor.page.get_by_role("button", name="Dismiss").click()
    expect(visitor.page.get_by_text("You were kicked")).to_have_count(0)
    # And back, by the doing of somebody else.
    ana.post(f"{room.path}/members/{ben.user_id}")
    expect(visitor.page.get_by_role("button", name="garden")).to_be_visible()
    expect(visitor.composer).to_be_visible()
    ana.say(room, "welcome back")
    expect(visitor.message("welcome back")).to_be_visible()


@pytest.mark.witnesses("CLIENT-7")
@pytest.mark.sample
def test_a_role_change_hides_the_channel_in_sight_and_brings_it_back(venue: Venue) -> None:
    ana, ben = venue.service.person(), venue.service.person("ben")
    room = venue.service.room(ana, ben, channels=("general", "secret"))
    role = ana.post(f"{room.path}/roles", {"name": "crew", "permissions": []})["role_id"]
    hide(ana, room, "secret")
    ana.post(room.override("secret", f"role/{role}"), OPEN)
    ana.post(f"{room.path}/roles/{role}/members/{ben.user_id}")
    ana.say(room, "the password is swordfish", "secret")
    visitor = venue.visit(ben)
    visitor.open_channel("secret")
    expect(visitor.message("swordfish")).to_be_visible()
    assignment = f"{room.path}/roles/{role}/members/{ben.user_id}"
    override = room.override("secret", f"role/{role}")
    ways: list[tuple[Callable[[], Any], Callable[[], Any]]] = [
        (lambda: ana.delete(assignment), lambda: ana.post(assignment)),
        (lambda: ana.post(override, NOTHING), lambda: ana.post(override, OPEN)),
    ]
    for lose, regain in ways:
        lose()
        expect(visitor.page.get_by_role("alert", name="Notices")).to_contain_text(
            "You no longer have access to #secret."
        )
        expect(visitor.rail.get_by_role("button", name="secret")).to_have_count(0)
        expect(visitor.page.get_by_role("heading", name="general", exact=True)).to_be_visible()
        assert "swordfish" not in visitor.page.content()
        assert "swordfish" not in json.dumps(visitor.state())
        regain()
        visitor.open_channel("secret")
        expect(visitor.message("swordfish")).to_be_visible()
        ana.say(room, "still live", "secret")
        expect(visitor.message("still live").last).to_be_visible()
        visitor.page.get_by_role("button", name="Dismiss").click()


@pytest.mark.witnesses("CLIENT-7")
def test_access_that_was_lost_and_regained_in_one_breath_is_live_again(venue: Venue) -> None:
    """The list shows no difference; only a new subscribe makes the channel tell again (ACCESS-6)."""
    ana, ben = venue.service.person(), venue.service.person("ben")
    room = venue.service.room(ana, ben, channels=("general", "other"))
    visitor = venue.visit(ben)
    for channel in ("other", "general"):
        visitor.open_channel(channel)
        ana.say(room, f"begun in {channel}", channel)
        expect(visitor.message(f"begun in {channel}")).to_be_visible()
    target = room.override("general", f"role/{ana.role(room, '@everyone')}")
    held = list[Route]()

    def hold(route: Route) -> None:
        held.append(route)

    visitor.page.route(ACCESS_READS, hold)
    with visitor.page.expect_request(ACCESS_READS):
        ana.post(target, {"allow": [], "deny": ["create_message"]})
    ana.post(target, NOTHING)
    visitor.page.unroute(ACCESS_READS)
    for route in held:
        route.continue_()
    ana.say(room, "the last word", "other")
    visitor.open_channel("other")
    expect(visitor.message("the last word")).to_be_visible()
    visitor.state()
    visitor.open_channel("general")
    ana.say(room, "heard again")
    expect(visitor.message("heard again")).to_be_visible()


@pytest.mark.witnesses("CLIENT-7")
def test_whoever_is_shut_out_by_address_finds_out_by_a_refusal_and_comes_back(venue: Venue) -> None:
    """An IP ban is told to managers alone (LEAK-IP-2): what is refused is looked at again."""
    ana, ben = venue.service.person(), venue.service.person("ben")
    room = venue.service.room(ana, ben)
    ana.say(room, "before the ban")
    visitor = venue.visit(ben)
    expect(visitor.message("before the ban")).to_be_visible()
    (ban_id,) = ana.post(f"{room.path}/ip-bans/by-user", {"target_user_id": ben.user_id})["ban_ids"]
    visitor.composer.fill("anybody there?")
    visitor.composer.press("Enter")
    expect(visitor.page.get_by_role("alert", name="Notices")).to_contain_text(
        "You no longer have access to #general."
    )
    expect(visitor.page.get_by_role("heading", name="No channel here")).to_be_visible()
    expect(visitor.page.get_by_role("heading", name="garden")).to_be_visible()
    assert "before the ban" not in visitor.page.content()
    ana.delete(f"{room.path}/ip-bans/{ban_id}")
    expect(visitor.message("before the ban")).to_be_visible()
    expect(visitor.composer).to_have_value("anybody there?")


def test_a_workspace_without_an_open_channel_is_looked_at_again(venue: Venue) -> None:
    """Nobody tells a client without any subscription that a channel opened."""
    ana, ben = venue.service.person(), venue.service.person("ben")
    room = venue.service.room(ana, ben)
    hide(ana, room, "general")
    visitor = venue.visit(ben)
    expect(visitor.page.get_by_role("heading", name="No channel here")).to_be_visible()
    target = room.override("general", f"role/{ana.role(room, '@everyone')}")
    ana.post(target, NOTHING)
    expect(visitor.composer).to_be_visible()
    ana.say(room, "heard")
    expect(visitor.message("heard")).to_be_visible()


def test_a_channel_that_is_listed_and_refused_is_left_alone_in_the_end(venue: Venue) -> None:
    """As on a server that contradicts itself, or serves no messages: no storm of requests."""
    ana = venue.service.person()
    venue.service.room(ana)
    page, refused = venue.page(), list[str]()

    def refuse(route: Route) -> None:
        refused.append(route.request.url)
        route.fulfill(status=403, json={"error": "forbidden"})

    page.route("**/messages?*", refuse)
    visitor = venue.visit(ana, page)
    expect(visitor.rail.get_by_role("button", name="general")).to_be_visible()
    expect(visitor.page.get_by_text("Connected", exact=True)).to_be_visible()
    visitor.state()
    assert 1 <= len(refused) <= 3


@pytest.mark.witnesses("CLIENT-7")
def test_a_channel_that_is_deleted_in_sight_makes_room_for_another(venue: Venue) -> None:
    ana, ben = venue.service.person(), venue.service.person("ben")
    room = venue.service.room(ana, ben, channels=("general", "doomed"))
    visitor = venue.visit(ben)
    visitor.open_channel("doomed")
    ana.delete(room.channel("doomed"))
    expect(visitor.page.get_by_role("alert", name="Notices")).to_contain_text("#doomed was deleted.")
    expect(visitor.page.get_by_role("heading", name="general", exact=True)).to_be_visible()


def test_the_open_moderation_view_follows_what_another_client_does(venue: Venue) -> None:
    ana, ben = venue.service.person(), venue.service.person("ben")
    room = venue.service.room(ana, ben, venue.service.person("eve", address=ADDRESS))
    eve = next(
        one
        for one in ana.get(f"{room.path}/members")["members"]
        if one["user_id"] not in (ana.user_id, ben.user_id)
    )
    ana.patch(f"{room.path}/members/{ben.user_id}", {"role": "moderator"})
    visitor = venue.visit(ben)
    visitor.page.evaluate("window.marked = true")
    visitor.rail.get_by_role("button", name="Moderation").click()
    view = visitor.page.get_by_role("region", name="Moderation")
    role = ana.post(f"{room.path}/roles", {"name": "crew", "permissions": []})["role_id"]
    ana.patch(f"{room.path}/roles/{role}", {"name": "sailors", "permissions": ["delete_message"]})
    row = view.get_by_role("region", name="Roles").get_by_role("listitem").filter(has_text="sailors")
    expect(row).to_contain_text("delete_message")
    ana.post(
        room.override("general", f"role/{role}"), {"allow": ["publish_video"], "deny": ["delete_message"]}
    )
    overrides = view.get_by_role("list", name="Overrides")
    expect(overrides).to_contain_text("sailors")
    expect(overrides).to_contain_text("+publish_video, -delete_message")
    expect(view.get_by_role("region", name="IP bans")).to_contain_text("No address is banned.")
    ban = {"target_user_id": eve["user_id"], "reason": "spam"}
    ana.post(f"{room.path}/ip-bans/by-user", ban)
    bans = view.get_by_role("region", name="IP bans (1)")
    expect(bans).to_contain_text("eve.")
    expect(bans).to_contain_text("spam")
    expect(view.get_by_role("region", name="Audit log")).to_contain_text("moderation.ip_ban.add")
    ana.post(room.override("general", f"role/{role}"), NOTHING)
    expect(overrides).to_have_count(0)
    assert visitor.page.evaluate("window.marked === true")
    for shown in (visitor.page.content(), json.dumps(visitor.state())):
        assert ADDRESS not in shown
        assert (
            re.findall(r"\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b", shown.replace(venue.service.url, "")) == []
        )
    # Without the permission the view empties itself.
    ana.patch(f"{room.path}/members/{ben.user_id}", {"role": "member"})
    expect(view.get_by_role("region", name="IP bans")).to_contain_text(
        "You need the permission manage_ip_bans"
    )
    expect(view.get_by_text("spam")).to_have_count(0)


def test_a_moderator_acts_and_every_page_follows(venue: Venue) -> None:
    """By the shell's own controls: a role made and given, an override written, a member kicked."""
    ana, ben = venue.service.person(), venue.service.person("ben")
    venue.service.room(ana, ben)
    here, there = venue.visit(ana), venue.visit(ben)
    settings = here.open_workspace_settings("Roles")
    settings.get_by_label("Name of the new role").fill("crew")
    settings.get_by_role("button", name="Create role").click()
    settings.get_by_label("Member", exact=True).select_option(label=ben.name)
    settings.get_by_label("Role", exact=True).select_option(label="crew")
    settings.get_by_role("button", name="Give role").click()
    expect(there.members.get_by_text("crew")).to_be_visible()
    settings.get_by_role("button", name="crew").click()
    settings.get_by_role("form", name="Role crew").get_by_label("Role name").fill("sailors")
    settings.get_by_role("form", name="Role crew").get_by_label("delete_message").check()
    settings.get_by_role("button", name="Save role").click()
    expect(there.members.get_by_text("sailors")).to_be_visible()
    settings.get_by_role("tab", name="Overrides").click()
    settings.get_by_label("For").select_option(label="Role sailors")
    settings.get_by_label("publish_video").select_option("deny")
    settings.get_by_role("button", name="Save override").click()
    expect(settings.get_by_role("list", name="Overrides")).to_contain_text("-publish_video")
    settings.get_by_role("tab", name="Channels").click()
    settings.get_by_label("Channel name").fill("harbour")
    settings.get_by_role("button", name="Create channel").click()
    expect(there.rail.get_by_role("button", name="harbour")).to_be_visible()
    settings.get_by_role("button", name="Move harbour up").click()
    expect(there.rail.locator("li").first).to_contain_text("harbour")
    settings.get_by_role("button", name="Close").click()
    here.members.get_by_role("button", name=ben.name).click()
    here.members.get_by_role("button", name="Kick").click()
    here.members.get_by_role("button", name="Confirm: kick").click()
    expect(there.page.get_by_text("You were kicked from garden.")).to_be_visible()
    expect(here.members.get_by_text(ben.name)).to_have_count(0)


def test_profile_and_avatar_show_in_a_second_session_and_to_friends(venue: Venue) -> None:
    ana, ben = venue.service.person(), venue.service.person("ben")
    venue.service.room(ana, ben)
    request = ben.post("/friends/requests", {"recipient_user_id": ana.user_id})
    ana.post(f"/friends/requests/{request['request_id']}/accept")
    here, second, friend = venue.visit(ana), venue.visit(ana), venue.visit(ben)
    settings = here.open_client_settings()
    settings.get_by_label("Username").fill(f"{ana.name}.new")
    settings.get_by_label("About").fill("likes tea")
    settings.get_by_role("button", name="Save profile").click()
    image = FilePayload(name="me.png", mimeType="image/png", buffer=PIXEL)
    settings.get_by_label("Avatar").set_input_files([image])
    for visitor in (here, second, friend):
        expect(visitor.members.get_by_text(f"{ana.name}.new")).to_be_visible()
        expect(visitor.members.locator("img[data-version='1']")).to_be_visible()
    account = second.page.get_by_label("Account")
    expect(account.get_by_text(f"{ana.name}.new")).to_be_visible()
    expect(account.locator("img")).to_be_visible()
    expect(second.open_client_settings().get_by_label("About")).to_have_value("likes tea")


def test_a_friend_request_is_sent_accepted_and_removed_in_every_session(venue: Venue) -> None:
    ana, ben = venue.service.person(), venue.service.person("ben")
    here, second, other = venue.visit(ana), venue.visit(ana), venue.visit(ben)
    for visitor in (here, second, other):
        visitor.page.get_by_role("button", name="Friends").click()

    def lists(visitor: Visitor, title: str, times: int, name: str) -> None:
        shown = visitor.page.get_by_role("region", name=f"{title} (1)").get_by_text(name)
        expect(shown).to_have_count(times)

    here.page.get_by_label("User id").fill(ben.user_id)
    here.page.get_by_role("button", name="Send friend request").click()
    for visitor in (here, second):
        lists(visitor, "Outgoing", 1, ben.name)
    lists(other, "Incoming", 1, ana.name)
    expect(other.page.get_by_role("button", name="Friends, 1 waiting")).to_be_visible()
    other.page.get_by_role("button", name="Accept").click()
    for visitor, name in ((here, ben.name), (second, ben.name), (other, ana.name)):
        lists(visitor, "All friends", 1, name)
        lists(visitor, "Outgoing", 0, name)
        lists(visitor, "Incoming", 0, name)
    second.page.get_by_role("button", name="Remove friend").click()
    second.page.get_by_role("button", name="Confirm: remove friend").click()
    for visitor, name in ((here, ben.name), (second, ben.name), (other, ana.name)):
        lists(visitor, "All friends", 0, name)
