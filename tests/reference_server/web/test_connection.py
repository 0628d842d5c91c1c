"""What the shell makes of frames that it does not know or cannot read, and of connections that end."""

import json
from collections.abc import Callable
from typing import Final

import pytest
from playwright.sync_api import Page, Route, WebSocketRoute, expect

from tests.reference_server.web.browsing import Venue, Visitor

GATEWAY: Final = "**/gateway/ws*"


class Wire:
    """Stands between a page and the gateway: passes everything on, adds frames, ends connections."""

    def __init__(self, page: Page) -> None:
        self.page: Final = page
        self.connections: Final[list[WebSocketRoute]] = []
        self.is_cut = False
        page.route_web_socket(GATEWAY, self._connect)

    def _connect(self, here: WebSocketRoute) -> None:
        if self.is_cut:
            here.close(code=1011, reason="no service")
            return
        there = here.connect_to_server()
        there.on_message(here.send)
        here.on_message(there.send)
        self.connections.append(here)

    def tell(self, *frames: str | bytes) -> None:
        for frame in frames:
            self.connections[-1].send(frame)

    def end(self, code: int, reason: str) -> None:
        self.connections[-1].close(code=code, reason=reason)


def stop_the_clock(page: Page) -> None:
    """No pause of the page ends before the test lets time go on; what is not timed goes on."""
    page.clock.pause_at(page.evaluate("Date.now() / 1000 + 1"))


def counter(visitor: Visitor, name: str) -> Callable[[int], None]:
    return lambda count: expect(visitor.page.locator(f"[data-counter={name}]")).to_have_text(str(count))


@pytest.mark.witnesses("CLIENT-1", "CLIENT-2")
def test_unknown_and_malformed_frames_change_nothing_and_are_counted(venue: Venue) -> None:
    ana = venue.service.person()
    room = venue.service.room(ana)
    page = venue.page()
    wire = Wire(page)
    visitor = venue.visit(ana, page)
    ana.say(room, "before")
    expect(visitor.message("before")).to_be_visible()
    page.get_by_role("button", name="Diagnostics").click()
    unknown, rejected = counter(visitor, "unknown_received"), counter(visitor, "parse_rejected")
    unknown(0)
    rejected(0)
    before = visitor.state()

    def frame(name: str, **payload: object) -> str:
        return json.dumps({"v": 1, "t": name, "d": payload})

    wire.tell(
        frame("workspace_exploded", guild_id=room.guild_id),
        frame("constructor"),
        frame("message_delete", guild_id=room.guild_id, channel_id=room.channels["general"], message_id="x"),
        frame("workspace_update", guild_id=room.guild_id, updated_fields={}, updated_at_unix=1),
        '{"v":2,"t":"ready","d":{}}',
        "no json",
        b'{"v":1,"t":"ready","d":{}}',
        "x" * 70_000,
    )
    unknown(2)
    rejected(6)
    assert visitor.state() == before
    ana.say(room, "after")
    expect(visitor.message("after")).to_be_visible()
    assert len(wire.connections) == 1


@pytest.mark.witnesses("CLIENT-6", "CLIENT-9")
def test_after_the_end_of_a_connection_the_shell_comes_back_and_catches_up(venue: Venue) -> None:
    """As a consumer that was too slow; the half-typed message, the scroll position and the focus stay."""
    ana, ben = venue.service.person(), venue.service.person("ben")
    room = venue.service.room(ana, ben, channels=("general", "doomed"))
    kept, gone = ana.say(room, "to be edited"), ana.say(room, "to be deleted")
    page = venue.page()
    page.clock.install()
    wire = Wire(page)
    visitor = venue.visit(ben, page)
    expect(visitor.message("to be deleted")).to_be_visible()
    visitor.composer.fill("half-typed")
    stop_the_clock(page)
    wire.end(1008, "slow_consumer")
    expect(page.get_by_text("Connection lost (slow_consumer)")).to_be_visible()
    ana.patch(f"{room.channel()}/messages/{kept}", {"content": "was edited"})
    ana.delete(f"{room.channel()}/messages/{gone}")
    ana.say(room, "was missed")
    ana.patch(room.path, {"name": "meadow"})
    ana.delete(room.channel("doomed"))
    page.clock.resume()
    for text, times in (("was edited", 1), ("was missed", 1), ("to be deleted", 0)):
        expect(visitor.message(text)).to_have_count(times)
    expect(page.get_by_role("heading", name="meadow")).to_be_visible()
    expect(visitor.rail.get_by_role("button", name="doomed")).to_have_count(0)
    expect(page.get_by_text("Connection lost")).to_have_count(0)
    expect(visitor.composer).to_have_value("half-typed")
    ana.say(room, "is live again")
    expect(visitor.message("is live again")).to_be_visible()
    assert visitor.counters()["reconnects"] == 1


@pytest.mark.witnesses("CLIENT-9")
def test_pauses_between_attempts_grow_and_are_bounded(venue: Venue) -> None:
    """On a clock that the test moves: no attempt comes before its pause is over."""
    ana = venue.service.person()
    venue.service.room(ana)
    page = venue.page()
    page.clock.install()
    wire = Wire(page)
    visitor = venue.visit(ana, page)
    expect(visitor.composer).to_be_visible()
    page.get_by_role("button", name="Diagnostics").click()
    stop_the_clock(page)
    wire.is_cut = True
    wire.end(1012, "service restart")
    bound, pauses = 500, list[int]()
    for attempt in range(9):
        counter(visitor, "reconnects")(attempt + 1)
        expect(page.locator("[data-counter=connection]")).to_have_text("lost")
        pauses.append(int(page.locator("[data-counter=pauses_ms]").inner_text().rpartition(", ")[2]))
        assert bound / 2 <= pauses[-1] <= bound
        page.clock.run_for(pauses[-1] - 1)
        expect(page.locator("[data-counter=connection]")).to_have_text("lost")
        page.clock.run_for(1)
        bound = min(30_000, bound * 2)
    assert max(pauses) > 10 * min(pauses)
    counter(visitor, "reconnects")(10)
    wire.is_cut = False
    page.get_by_role("button", name="Try now").click()
    expect(page.get_by_text("Connected", exact=True)).to_be_visible()


def test_an_expired_session_is_renewed_and_one_that_ended_leads_to_the_log_in_form(venue: Venue) -> None:
    ana = venue.service.person()
    venue.service.room(ana)
    visitor = venue.visit(ana)
    expect(visitor.composer).to_be_visible()
    spoil = """(names) => {
      const kept = JSON.parse(sessionStorage.getItem("sync-check.session"));
      for (const name of names) kept[name] = "spoilt";
      sessionStorage.setItem("sync-check.session", JSON.stringify(kept));
    }"""
    visitor.page.evaluate(spoil, ["access_token"])
    visitor.page.reload()
    expect(visitor.page.get_by_text("Connected", exact=True)).to_be_visible()
    expect(visitor.composer).to_be_visible()
    visitor.page.evaluate(spoil, ["access_token", "refresh_token"])
    visitor.page.reload()
    expect(visitor.page.get_by_role("alert")).to_have_text("Your session has ended. Log in again.")
    assert visitor.page.evaluate("sessionStorage.length") == 0


@pytest.mark.sample
def test_an_account_is_made_used_and_left(venue: Venue) -> None:
    """From nothing to a first message, by the shell alone."""
    visitor = venue.arrive(venue.service.person())
    page = visitor.page
    page.get_by_role("button", name="Create an account instead").click()
    page.get_by_label("Username").fill("newcomer")
    page.get_by_label("Password").fill("long enough, too")
    page.get_by_role("button", name="Create an account", exact=True).click()
    expect(page.get_by_role("heading", name="You are in no workspace")).to_be_visible()
    page.get_by_role("button", name="Add a workspace").click()
    dialog = page.get_by_role("dialog", name="Add a workspace")
    dialog.get_by_label("Name").fill("my own")
    dialog.get_by_role("button", name="Create workspace").click()
    expect(page.get_by_role("heading", name="my own")).to_be_visible()
    visitor.composer.fill("hello")
    visitor.composer.press("Enter")
    expect(visitor.message("hello")).to_be_visible()
    visitor.open_client_settings().get_by_role("button", name="Log out").click()
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()
    assert page.evaluate("sessionStorage.length") == 0
    page.get_by_label("Username").fill("newcomer")
    page.get_by_label("Password").fill("wrong, and long enough")
    page.get_by_role("button", name="Log in", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Name or password is wrong")


def test_a_workspace_is_made_once_even_if_its_channel_is_refused(venue: Venue) -> None:
    ana = venue.service.person()
    page, made = venue.page(), list[str]()

    def refuse(route: Route) -> None:
        if route.request.method == "POST":
            made.append(route.request.url)
            route.fulfill(status=403, json={"error": "forbidden"})
        else:
            route.continue_()

    page.route("**/channels", refuse)
    page = venue.visit(ana, page).page
    page.get_by_role("button", name="Add a workspace").click()
    dialog = page.get_by_role("dialog", name="Add a workspace")
    dialog.get_by_label("Name").fill("my own")
    dialog.get_by_role("button", name="Create workspace").click()
    expect(page.get_by_role("heading", name="my own")).to_be_visible()
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("alert", name="Notices")).not_to_be_empty()
    assert len(made) == 1
    assert [guild["name"] for guild in ana.get("/guilds")["guilds"]] == ["my own"]
