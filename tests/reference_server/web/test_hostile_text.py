"""Whatever people write is text: markup, scripts, marks that turn the writing, and much of it."""

from typing import Final

import pytest
from playwright.sync_api import Page, expect

from tests.reference_server.web.browsing import PIXEL, Venue

MARKUP: Final = "<img src=x onerror=alert(1)><b>bold</b>"
SCRIPT: Final = "<script>alert(1)</script>"
BIDI: Final = "\u202eabc\u2066def\u2069\u200f\u061c"
MESSAGES: Final = {
    "markup": MARKUP + "<a href=javascript:alert(1)>x</a><svg onload=alert(1)>",
    "script": SCRIPT + "</li></ol></script>{{7*7}}${7*7}",
    "entities": "&lt;b&gt; &amp;nbsp; &#60;",
    "bidi": f"right {BIDI} left",
    "long": "x" * 2000,
    "wide": "W" * 1000 + " " + "\u0301" * 400,
    "lines": "\n".join("line" for _ in range(300)),
    "combined": "\u0000\u0007\u001b[31m\ufeff\ud7ff",
}


def injected(page: Page) -> int:
    """How many elements there are that nobody but a text could have brought."""
    return page.locator(
        "b, script:not([src]), a[href], svg[onload], img[onerror], [onclick], iframe, style"
    ).count()


@pytest.mark.sample
def test_messages_are_shown_as_they_were_written(venue: Venue) -> None:
    ana, ben = venue.service.person(), venue.service.person("ben")
    room = venue.service.room(ana, ben)
    visitor = venue.visit(ben)
    visitor.page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
    for text in MESSAGES.values():
        ana.say(room, text)
    paragraphs = visitor.log.locator("p.text")
    expect(paragraphs).to_have_count(len(MESSAGES))
    assert [one.evaluate("(node) => node.textContent") for one in paragraphs.all()] == [*MESSAGES.values()]
    assert injected(visitor.page) == 0
    width = visitor.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert width[0] <= width[1], "a long word makes nothing wider"
    log = visitor.log.evaluate("(log) => [log.scrollWidth, log.clientWidth]")
    assert log[0] <= log[1]


def test_names_are_shown_as_they_were_chosen_and_turn_nothing_around_them(venue: Venue) -> None:
    """In every place that shows a name: rails, heads, cards, settings, moderation, labels."""
    ana = venue.service.person()
    room = venue.service.room(
        ana, name="<b>w</b><img src=x onerror=alert(1)>"[:64], channels=("<i>general</i>",)
    )
    role = {"name": f"<b>{BIDI}</b>", "permissions": ["ban_member"], "color_hex": "#FF00FF"}
    role_id = ana.post(f"{room.path}/roles", role)["role_id"]
    ana.post(f"{room.path}/roles/{role_id}/members/{ana.user_id}")
    ana.patch("/users/me/profile", {"about_markdown": MARKUP + SCRIPT})
    message = ana.say(room, "hello", "<i>general</i>")
    ana.post(
        f"{room.channel('<i>general</i>')}/messages/{message}/reactions/%3Cscript%3Ealert(1)%3C%2Fscript%3E"
    )
    visitor = venue.visit(ana)
    page = visitor.page
    page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
    expect(page.get_by_role("heading", name="<b>w</b>")).to_be_visible()
    expect(page.get_by_role("heading", name="<i>general</i>", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name=f"{SCRIPT} 1")).to_be_visible()
    visitor.members.get_by_role("button", name=ana.name).click()
    expect(visitor.members.get_by_role("listitem").filter(has_text="<b>").last).to_be_visible()
    settings = visitor.open_workspace_settings("Roles")
    expect(settings.get_by_role("button", name="<b>").first).to_be_visible()
    for tab in ("Overview", "Channels", "Overrides", "Moderation"):
        settings.get_by_role("tab", name=tab).click()
        expect(settings.get_by_role("tabpanel", name=tab)).to_be_visible()
        assert injected(page) == 0
    settings.get_by_role("button", name="Close").click()
    about = visitor.open_client_settings().get_by_label("About")
    expect(about).to_have_value(MARKUP + SCRIPT)
    page.keyboard.press("Escape")
    visitor.rail.get_by_role("button", name="Moderation").click()
    expect(page.get_by_role("region", name="Roles")).to_contain_text("<b>")
    assert injected(page) == 0
    isolated = page.locator("bdi").evaluate_all(
        "(all) => all.every((one) => getComputedStyle(one).unicodeBidi === 'isolate')"
    )
    assert isolated is True


def test_files_are_named_as_they_were(venue: Venue) -> None:
    ana = venue.service.person()
    room = venue.service.room(ana)
    name = "<script>x.png"
    headers = {**ana.headers, "content-type": "image/png"}
    path = f"{room.channel()}/attachments"
    file = ana.http.post(path, params={"filename": name}, content=PIXEL, headers=headers).json()
    body = {"content": "look", "attachment_ids": [file["attachment_id"]]}
    visitor = venue.visit(ana)
    ana.post(f"{room.channel()}/messages", body)
    expect(visitor.page.get_by_role("button", name=f"Save {name}")).to_be_visible()
    assert injected(visitor.page) == 0


def test_the_policy_would_refuse_what_the_shell_does_not_do(venue: Venue) -> None:
    """So that a silent listener cannot pass for a policy that is kept."""
    visitor = venue.visit(venue.service.person())
    told = visitor.page.evaluate(
        """() => {
          try { document.body.innerHTML = "<b>x</b>"; return "done"; } catch (error) { return error.name; }
        }"""
    )
    assert told == "TypeError"
    expect(visitor.page.locator("b")).to_have_count(0)
    assert visitor.violations() == ["require-trusted-types-for: trusted-types-sink"]
    visitor.page.close()  # the violation was wanted


def test_a_time_beyond_all_calendars_is_shown_as_its_number(venue: Venue) -> None:
    """Any positive integer is a time (ENV-10), microseconds instead of seconds for one."""
    visitor = venue.visit(venue.service.person())
    shown = visitor.page.evaluate(
        """async () => {
            const loaded = performance.getEntriesByType("resource").map((one) => one.name);
            const { timeOf } = await import(loaded.find((name) => name.endsWith("/views/parts.js")));
            return [1, 1_700_000_000_000_000, 1e30].map((unix) => timeOf(unix).children[0].text);
        }"""
    )
    assert shown[0] not in ("", "1")
    assert shown[1:] == ["1700000000000000", "1e+30"]
