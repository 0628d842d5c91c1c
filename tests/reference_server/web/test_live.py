"""What others do shows without a reload, and in place: nothing that a user was at is disturbed."""

from typing import Final

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.reference_server.web.browsing import PIXEL, Venue
from tests.reference_server.web.happenings import Life

READ_BY_REST: Final = (
    "workspaces",
    "channels",
    "roles",
    "assignments",
    "messages",
    "reactions",
    "own_reactions",
    "permissions",
    "profiles",
    "friends",
    "friend_requests",
)
"""The slices of contract 9.2 that take part in CLIENT-6; of the members their ids."""


def mark(page: Page) -> None:
    """Leave a mark that a reload would wipe out."""
    page.evaluate("window.marked = true")


def is_marked(page: Page) -> bool:
    return bool(page.evaluate("window.marked === true"))


@pytest.mark.witnesses("CLIENT-5")
@pytest.mark.sample
def test_edits_and_deletions_show_on_another_page(venue: Venue) -> None:
    ana, ben = venue.service.person(), venue.service.person("ben")
    venue.service.room(ana, ben)
    here, there = venue.visit(ana), venue.visit(ben)
    mark(there.page)
    for text in ("first", "second"):
        here.composer.fill(text)
        here.composer.press("Enter")
        expect(there.message(text)).to_be_visible()
    expect(here.composer).to_have_value("")
    here.message("first").get_by_role("button", name="Edit message").click()
    here.page.get_by_role("textbox", name="Edit message").fill("first, edited")
    here.page.get_by_role("button", name="Save").click()
    expect(there.message("first, edited")).to_be_visible()
    here.message("second").get_by_role("button", name="Delete message").click()
    here.message("second").get_by_role("button", name="Delete for everybody").click()
    expect(there.message("second")).to_have_count(0)
    expect(there.log.get_by_role("listitem")).to_have_count(1)
    assert is_marked(there.page)


def test_reactions_count_on_every_page_and_are_ones_own_on_one(venue: Venue) -> None:
    ana, ben = venue.service.person(), venue.service.person("ben")
    room = venue.service.room(ana, ben)
    ana.say(room, "hello")
    here, there = venue.visit(ana), venue.visit(ben)
    here.message("hello").get_by_role("button", name="Add reaction").click()
    here.page.get_by_role("group", name="Choose a reaction").get_by_role("button", name="🎉").click()
    expect(there.message("hello").get_by_role("button", name="🎉 1")).to_have_attribute(
        "aria-pressed", "false"
    )
    there.message("hello").get_by_role("button", name="🎉 1").click()
    expect(here.message("hello").get_by_role("button", name="🎉 2")).to_have_attribute("aria-pressed", "true")
    here.message("hello").get_by_role("button", name="🎉 2").click()
    there.message("hello").get_by_role("button", name="🎉 1").click()
    for visitor in (here, there):
        expect(visitor.page.get_by_role("group", name="Reactions")).to_have_count(0)


def test_attachments_are_sent_shown_and_saved(venue: Venue) -> None:
    ana, ben = venue.service.person(), venue.service.person("ben")
    venue.service.room(ana, ben)
    here, there = venue.visit(ana), venue.visit(ben)
    image = FilePayload(name="pixel.png", mimeType="image/png", buffer=PIXEL)
    here.page.get_by_label("Attach files").set_input_files([image])
    here.composer.fill("look")
    here.composer.press("Enter")
    files = there.message("look").get_by_role("list", name="Attachments")
    expect(files).to_contain_text("pixel.png")
    with there.page.expect_download() as saving:
        files.get_by_role("button", name="Save pixel.png").click()
    assert saving.value.path().read_bytes() == PIXEL


WHERE: Final = """() => {
  const { name, value, selectionStart, selectionEnd } = document.activeElement;
  const lines = [...document.querySelectorAll("[data-message]")];
  const { top } = lines.find((one) => one.innerText.includes("message 45")).getBoundingClientRect();
  return [name, value, selectionStart, selectionEnd, top];
}"""
DRAWN: Final = "() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))"
"""The page has drawn what it was told to, and heard that it was scrolled."""


@pytest.mark.timeout(180)  # what happens is much, and each is waited for
@pytest.mark.witnesses("CLIENT-5", "CLIENT-6")
def test_scroll_position_focus_and_a_half_typed_message_survive_everything(venue: Venue) -> None:
    """After all of it, what the page believes equals what it reads anew after a reload."""
    life = Life(venue)
    visitor = venue.visit(life.ben)
    expect(visitor.message("to be deleted")).to_be_in_viewport()
    visitor.state()  # at rest: nothing is drawn any more that would move the lines
    visitor.composer.fill("half-typed words")
    visitor.composer.evaluate("(box) => box.setSelectionRange(2, 6)")
    visitor.message("message 45").evaluate("(line) => line.scrollIntoView({ block: 'start' })")
    visitor.page.evaluate(DRAWN)
    mark(visitor.page)
    before = visitor.page.evaluate(WHERE)
    assert before[:4] == ["content", "half-typed words", 2, 6]
    happened = 0
    for one in life.happenings(visitor):
        one.act()
        expect(one.shown, one.name).to_have_count(one.times)
        visitor.state()  # at rest: what was to be read after the event was read
        now = visitor.page.evaluate(WHERE)
        assert now[:4] == before[:4], one.name
        assert now[4] == pytest.approx(before[4], abs=1), one.name  # a pixel is the least that scrolls
        happened += 1
    assert happened == 28
    assert is_marked(visitor.page)
    believed = visitor.state()
    visitor.page.reload()
    expect(visitor.message("brand new")).to_be_visible()
    expect(visitor.members.get_by_text(life.eve.name)).to_be_visible()
    anew = visitor.state()
    for name in READ_BY_REST:
        assert anew[name] == believed[name], name
    guild = life.room.guild_id
    assert anew["members"][guild].keys() == believed["members"][guild].keys()
    assert visitor.counters()["parse_rejected"] == 0


def test_who_reads_the_newest_messages_follows_them(venue: Venue) -> None:
    ana, ben = venue.service.person(), venue.service.person("ben")
    room = venue.service.room(ana, ben)
    for number in range(60):
        ana.say(room, f"message {number:02}")
    visitor = venue.visit(ben)
    expect(visitor.message("message 59")).to_be_in_viewport()
    ana.say(room, "the newest")
    expect(visitor.message("the newest")).to_be_in_viewport()
    expect(visitor.message("message 03")).to_have_count(0)
    visitor.log.evaluate("(log) => (log.scrollTop = 0)")
    visitor.page.get_by_role("button", name="Load earlier messages").click()
    expect(visitor.message("message 03")).to_have_count(1)
    expect(visitor.page.get_by_text("This is where")).to_have_count(1)
    ordered = visitor.log.locator("p.text").all_inner_texts()
    assert ordered == [*(f"message {number:02}" for number in range(60)), "the newest"]


def test_a_draft_waits_for_the_way_back(venue: Venue) -> None:
    ana = venue.service.person()
    venue.service.room(ana, channels=("general", "other"))
    visitor = venue.visit(ana)
    visitor.composer.fill("unfinished")
    visitor.open_channel("other")
    expect(visitor.composer).to_have_value("")
    visitor.open_channel("general")
    expect(visitor.composer).to_have_value("unfinished")


def test_presence_shows_who_comes_and_goes(venue: Venue) -> None:
    ana, ben = venue.service.person(), venue.service.person("ben")
    venue.service.room(ana, ben)
    here = venue.visit(ana)
    online = here.members.get_by_role("region", name="Online")
    expect(online.get_by_text(ben.name)).to_have_count(0)
    there = venue.visit(ben)
    expect(online.get_by_text(ben.name)).to_be_visible()
    there.page.close()
    expect(here.members.get_by_role("region", name="Offline").get_by_text(ben.name)).to_be_visible()


def test_voice_shows_who_is_in_a_channel(venue: Venue) -> None:
    ana, ben = venue.service.person(), venue.service.person("ben")
    room = venue.service.room(ana, ben)
    ana.post(f"{room.path}/channels", {"name": "stage", "kind": "voice"})
    here, there = venue.visit(ana), venue.visit(ben)
    for visitor in (here, there):
        visitor.open_channel("stage")
    settings = here.open_client_settings("Voice")
    settings.get_by_label("Enter muted").check()
    settings.get_by_role("button", name="Close").click()
    here.page.get_by_role("button", name="Join voice").click()
    heard = there.rail.get_by_role("list", name="In stage")
    expect(heard).to_contain_text(ana.name)
    expect(heard).to_contain_text("muted")
    here.page.get_by_role("button", name="Deafen").click()
    expect(heard).to_contain_text("deaf")
    here.page.get_by_role("group", name="Voice").get_by_role("button", name="Leave").click()
    expect(heard).to_have_count(0)
