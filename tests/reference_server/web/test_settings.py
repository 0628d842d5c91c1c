"""Two kinds of settings, each behind its own entry (contract 9.4)."""

import re
from typing import Final

import pytest
from playwright.sync_api import Locator, expect

from tests.reference_server.web.browsing import Venue, Visitor

READ_ONLY: Final = {
    "Channels": "manage_channel_overrides",
    "Roles": "manage_workspace_roles",
    "Overrides": "manage_channel_overrides",
    "Moderation": "manage_ip_bans",
}
"""What the other tabs ask for before they let anything be changed."""


@pytest.fixture
def owner(venue: Venue) -> Visitor:
    """The owner of a workspace, in sight of it."""
    ana = venue.service.person()
    venue.service.room(ana)
    visitor = venue.visit(ana)
    # What comes after logging in is drawn when the server has told of it.
    expect(visitor.page.get_by_role("button", name="Open workspace menu")).to_be_visible()
    return visitor


def dialogs(visitor: Visitor) -> Locator:
    return visitor.page.get_by_role("dialog")


def named(visitor: Visitor, title: str) -> Locator:
    return visitor.page.get_by_role("dialog", name=title, exact=True)


@pytest.mark.witnesses("UX-1")
def test_the_gear_opens_client_settings_and_never_the_other(owner: Visitor) -> None:
    footer = owner.page.get_by_label("Account")
    footer.get_by_role("button", name="Open client settings").click()
    expect(named(owner, "Client settings")).to_be_visible()
    expect(dialogs(owner)).to_have_count(1)
    tabs = owner.page.get_by_role("tab")
    expect(tabs).to_have_text(["Voice", "Profile"])


@pytest.mark.witnesses("UX-2")
@pytest.mark.sample
def test_the_workspace_menu_opens_workspace_settings_and_never_the_other(owner: Visitor) -> None:
    owner.page.get_by_role("button", name="Open workspace menu").click()
    menu = owner.page.get_by_role("menu", name="Workspace menu")
    menu.get_by_role("menuitem", name="Server Settings").click()
    settings = named(owner, "Workspace settings")
    expect(settings).to_be_visible()
    expect(dialogs(owner)).to_have_count(1)
    expect(settings.get_by_label("Workspace name")).to_have_value("garden")
    expect(settings.get_by_label("Workspace visibility")).to_have_value("public")
    expect(settings.get_by_role("button", name="Save workspace")).to_be_enabled()


@pytest.mark.witnesses("UX-3")
def test_neither_dialog_holds_what_belongs_to_the_other(owner: Visitor) -> None:
    """Looked at in every tab: what is labelled, pressed or headed there."""
    shown = {}
    for open_settings in (owner.open_client_settings, owner.open_workspace_settings):
        opened, controls = open_settings(), []
        for tab in opened.get_by_role("tab").all():
            tab.click()
            expect(tab).to_have_attribute("aria-selected", "true")
            controls += opened.locator("label, button, h2").all_inner_texts()
        shown[opened.get_by_role("heading", level=1).inner_text()] = " | ".join(controls).lower()
        opened.get_by_role("button", name="Close").click()
    client, workspace = shown["Client settings"], shown["Workspace settings"]
    assert [
        word for word in ("workspace", "role", "override", "channels", "moderation") if word in client
    ] == []
    assert [word for word in ("username", "avatar", "about", "muted", "log out") if word in workspace] == []
    assert "username" in client
    assert "workspace name" in workspace


@pytest.mark.witnesses("UX-4")
def test_who_creates_a_channel_finds_the_focus_where_it_was(owner: Visitor) -> None:
    opener = owner.page.get_by_role("button", name="Create a channel")
    opener.click()
    expect(dialogs(owner)).to_have_count(1)
    owner.page.keyboard.press("Escape")
    expect(dialogs(owner)).to_have_count(0)
    expect(opener).to_be_focused()


@pytest.mark.witnesses("UX-4")
@pytest.mark.parametrize("way", ["Close", "Escape"])
def test_both_dialogs_close_and_give_the_focus_back(owner: Visitor, way: str) -> None:
    for open_settings, opener in (
        (owner.open_client_settings, "Open client settings"),
        (owner.open_workspace_settings, "Open workspace menu"),
    ):
        opened = open_settings()
        expect(opened).to_be_visible()
        if way == "Escape":
            owner.page.keyboard.press("Escape")
        else:
            opened.get_by_role("button", name="Close").click()
        expect(dialogs(owner)).to_have_count(0)
        expect(owner.page.get_by_role("button", name=opener)).to_be_focused()


@pytest.mark.witnesses("UX-4")
def test_while_one_dialog_is_open_the_way_to_the_other_is_shut(owner: Visitor) -> None:
    """A modal dialog makes the page around it inert: nothing there takes a click or the focus."""
    owner.open_client_settings()
    way = owner.page.locator("#workspace-menu-button")
    way.evaluate("(button) => button.focus()")
    expect(way).not_to_be_focused()
    box = way.bounding_box()
    assert box is not None
    hit = owner.page.evaluate(
        "([x, y]) => document.elementFromPoint(x, y).tagName", [box["x"] + 5, box["y"] + 5]
    )
    assert hit == "DIALOG"  # its backdrop
    expect(dialogs(owner)).to_have_count(1)


def test_the_focus_goes_through_a_dialog_in_order_and_stays_in_it(owner: Visitor) -> None:
    settings = owner.open_workspace_settings()
    expect(settings.get_by_role("button", name="Save workspace")).to_be_enabled()  # else it takes no focus
    settings.get_by_role("button", name="Close").focus()
    passed = []
    for _ in range(5):
        owner.page.keyboard.press("Tab")
        passed.append(owner.page.evaluate("document.activeElement.id || document.activeElement.innerText"))
    order = ["workspace-tab-overview", "workspace-panel", "workspace-name", "workspace-visibility"]
    assert passed == [*order, "Save workspace"]


def test_the_menu_and_the_tabs_are_used_by_keyboard(owner: Visitor) -> None:
    opener = owner.page.get_by_role("button", name="Open workspace menu")
    opener.press("Enter")
    expect(owner.page.get_by_role("menuitem", name="Server Settings")).to_be_focused()
    owner.page.keyboard.press("Escape")
    expect(owner.page.get_by_role("menu")).to_have_count(0)
    expect(opener).to_be_focused()
    opener.press("ArrowDown")
    expect(owner.page.get_by_role("menuitem", name="Server Settings")).to_be_focused()
    owner.page.keyboard.press("ArrowUp")
    expect(owner.page.get_by_role("menuitem").last).to_be_focused()
    owner.page.keyboard.press("Home")
    owner.page.keyboard.press("Enter")
    owner.page.get_by_role("tab", name="Overview").press("ArrowDown")
    expect(owner.page.get_by_role("tab", name="Channels")).to_be_focused()
    expect(owner.page.get_by_role("tabpanel", name="Channels")).to_be_visible()


@pytest.mark.witnesses("UX-5")
def test_a_member_without_the_permission_reads_the_reason(venue: Venue) -> None:
    ana, ben = venue.service.person(), venue.service.person("ben")
    room = venue.service.room(ana, ben)
    visitor = venue.visit(ben)
    settings = visitor.open_workspace_settings()
    save = settings.get_by_role("button", name="Save workspace")
    expect(save).to_be_disabled()
    expect(save).to_have_accessible_description(
        "Read-only: you need the permission manage_roles to change name and visibility of this workspace."
    )
    expect(settings.get_by_text("Read-only: you need the permission manage_roles")).to_be_visible()
    expect(settings.get_by_label("Workspace name")).to_be_disabled()
    for tab, permission in READ_ONLY.items():
        settings.get_by_role("tab", name=tab).click()
        expect(settings.get_by_role("tabpanel", name=tab)).to_contain_text(
            f"ou need the permission {permission}"
        )
        expect(
            settings.get_by_role("button", name=re.compile("save|create|delete|give|lift", re.I))
        ).to_have_count(0)
    settings.get_by_role("tab", name="Overview").click()
    # With the permission all of it opens at once, without a reload.
    role = ana.post(f"{room.path}/roles", {"name": "keeper", "permissions": ["manage_roles"]})["role_id"]
    ana.post(f"{room.path}/roles/{role}/members/{ben.user_id}")
    expect(save).to_be_enabled()
    expect(settings.get_by_label("Workspace name")).to_be_enabled()


def test_what_is_saved_shows_everywhere_and_what_is_half_typed_stays(venue: Venue) -> None:
    ana, ben = venue.service.person(), venue.service.person("ben")
    room = venue.service.room(ana, ben)
    here, there = venue.visit(ana), venue.visit(ben)
    settings = here.open_workspace_settings()
    settings.get_by_label("Workspace name").fill("orchard")
    settings.get_by_role("button", name="Save workspace").click()
    expect(there.page.get_by_role("heading", name="orchard")).to_be_visible()
    expect(
        there.page.get_by_role("navigation", name="Workspaces").get_by_role("button", name="orchard")
    ).to_be_visible()
    settings.get_by_label("Workspace name").fill("half-typ")
    ana.patch(room.path, {"name": "meadow", "visibility": "private"})
    expect(settings.get_by_label("Workspace visibility")).to_have_value("private")
    expect(settings.get_by_label("Workspace name")).to_have_value("half-typ")
    expect(settings.get_by_label("Workspace name")).to_be_focused()


def test_a_refused_name_is_told_in_the_dialog(owner: Visitor) -> None:
    settings = owner.open_workspace_settings()
    settings.get_by_label("Workspace name").fill("gärten")
    settings.get_by_role("button", name="Save workspace").click()
    expect(settings.get_by_role("alert")).to_have_text("The server does not take this value.")
