"""axe-core finds nothing serious, in dark and in light."""

from collections.abc import Iterator
from typing import Any, Final

import pytest
from playwright.sync_api import Page, expect

from tests.reference_server.web.browsing import AXE, Venue, Visitor

SERIOUS: Final = ("serious", "critical")
_SOURCE: Final = AXE.read_text(encoding="utf-8")


def faults(page: Page) -> list[str]:
    """What axe-core finds serious, with where it is."""
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(_SOURCE)
    found: list[dict[str, Any]] = page.evaluate(
        "axe.run({ resultTypes: ['violations'] }).then((told) => told.violations)"
    )
    return [
        f"{one['id']} ({one['impact']}): {node['target']} {node['failureSummary']}"
        for one in found
        if one["impact"] in SERIOUS
        for node in one["nodes"]
    ]


def places(visitor: Visitor) -> Iterator[str]:
    """Go through the shell; yields the name of each place."""
    page = visitor.page
    yield "channel"
    page.get_by_role("button", name="Diagnostics").click()
    visitor.members.get_by_role("button", name=visitor.person.name).click()
    visitor.log.get_by_role("button", name="Add reaction").first.click()
    yield "channel with everything open"
    page.get_by_role("button", name="Open workspace menu").click()
    expect(page.get_by_role("menuitem", name="Server Settings")).to_be_visible()
    yield "menu"
    page.keyboard.press("Escape")
    visitor.log.get_by_role("button", name="Edit message").first.click()
    yield "editor"
    for open_settings in (visitor.open_client_settings, visitor.open_workspace_settings):
        for tab in open_settings().get_by_role("tab").all():
            tab.click()
            expect(tab).to_have_attribute("aria-selected", "true")
            yield tab.inner_text()
        page.keyboard.press("Escape")
    page.get_by_role("button", name="Add a workspace").click()
    expect(page.get_by_role("dialog", name="Add a workspace")).to_be_visible()
    yield "directory"
    page.keyboard.press("Escape")
    visitor.rail.get_by_role("button", name="Moderation").click()
    expect(page.get_by_role("region", name="Moderation")).to_be_visible()
    yield "moderation"
    page.get_by_role("button", name="Friends").click()
    expect(page.get_by_label("User id")).to_be_visible()
    yield "friends"


@pytest.mark.timeout(180)  # fourteen places are looked at
@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_nothing_serious_is_wrong_anywhere(venue: Venue, scheme: str) -> None:
    ana, ben = venue.service.person(), venue.service.person("ben")
    room = venue.service.room(ana, ben, venue.service.person("eve"))
    message = ana.say(room, "hello")
    ben.post(f"{room.channel()}/messages/{message}/reactions/x")
    ben.post("/friends/requests", {"recipient_user_id": ana.user_id})
    role = {"name": "crew", "permissions": [], "color_hex": "#FFFF00"}
    ana.post(f"{room.path}/roles", role)
    visitor = venue.arrive(ana, venue.page(color_scheme=scheme, bypass_csp=True))
    expect(visitor.page.get_by_role("button", name="Log in", exact=True)).to_be_visible()
    assert faults(visitor.page) == []
    visitor.log_in()
    expect(visitor.message("hello")).to_be_visible()
    ana.post(room.override("general", f"member/{ben.user_id}"), {"allow": [], "deny": ["publish_video"]})
    seen = {place: faults(visitor.page) for place in places(visitor)}
    assert {place: found for place, found in seen.items() if found} == {}
    assert len(seen) >= 13


@pytest.mark.sample
def test_a_member_without_permissions_meets_nothing_serious(venue: Venue) -> None:
    ana, ben = venue.service.person(), venue.service.person("ben")
    venue.service.room(ana, ben)
    visitor = venue.visit(ben, venue.page(bypass_csp=True))
    settings = visitor.open_workspace_settings()
    expect(settings.get_by_role("button", name="Save workspace")).to_be_disabled()
    assert faults(visitor.page) == []


def test_axe_would_tell(venue: Venue) -> None:
    page = venue.page()
    page.set_content("<html lang=en><title>x</title><main><h1>x</h1><button></button></main>")
    assert [one.split(" ")[0] for one in faults(page)] == ["button-name"]
