"""People at the web shell: a server of its own process, accounts on it, and pages of a real Chromium."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.house.checkout import ROOT
from tests.reference_server.processes import started

PASSWORD: Final = "correct horse battery"
WITHIN_S: Final = 20
# Without windows to draw a page costs it a third.
_BUILDS: Final = ("chromium-headless-shell", "chromium", "chromium-browser")
CHROMIUM: Final = next(filter(None, map(shutil.which, _BUILDS)), None)
NO_CHROMIUM: Final = (
    "there is no Chromium on this machine: install the distribution's package `chromium-headless-shell`"
    " or `chromium`"
)
FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--in-process-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
AXE: Final = ROOT / "third_party" / "axe-core" / "axe.min.js"
_RAISED: Final = (
    "requests_per_minute=1000000",
    "auth_requests_per_minute=1000000",
    "joins_per_minute_address=1000000",
    "joins_per_minute_user=1000000",
    "guilds_per_user=1000000",
)
PIXEL: Final = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c49444154789c63606060000000040001f61738550000000049454e44ae426082"
)
"""The smallest image: one black pixel as PNG."""


@dataclass(kw_only=True)
class Service:
    """A running server and how many people it knows."""

    url: str
    http: httpx.Client
    people: int = 0

    def person(self, name: str = "ana", *, address: str | None = None) -> "Person":
        """Somebody new, whose name begins with `name`; calls come from `address` where one is given."""
        self.people += 1
        headers = {"x-forwarded-for": address} if address else {}
        person = Person(name=f"{name}.{self.people}", http=self.http, headers=headers)
        account = {"username": person.name, "password": PASSWORD}
        person.post("/auth/register", account)
        headers["authorization"] = f"Bearer {person.post('/auth/login', account)['access_token']}"
        person.user_id = person.get("/auth/me")["user_id"]
        return person

    def room(
        self,
        owner: "Person",
        *members: "Person",
        name: str = "garden",
        channels: Sequence[str] = ("general",),
    ) -> "Room":
        """A public workspace of `owner` with these channels, which `members` have joined."""
        guild_id = owner.post("/guilds", {"name": name, "visibility": "public"})["guild_id"]
        for member in members:
            member.post(f"/guilds/{guild_id}/join")
        room = Room(guild_id=guild_id)
        for channel in channels:
            path = f"{room.path}/channels"
            room.channels[channel] = owner.post(path, {"name": channel})["channel_id"]
        return room


@dataclass(kw_only=True)
class Room:
    """A workspace and the ids of its channels by name."""

    guild_id: str
    channels: dict[str, str] = field(default_factory=dict)

    @property
    def path(self) -> str:
        return f"/guilds/{self.guild_id}"

    def channel(self, name: str = "general") -> str:
        return f"{self.path}/channels/{self.channels[name]}"

    def override(self, name: str, target: str) -> str:
        """The endpoint that writes an override of a channel, for `role/<id>` or `member/<id>`."""
        return f"{self.channel(name)}/permission-overrides/{target}"


@dataclass(kw_only=True)
class Person:
    """An account that acts by REST, as another client would."""

    name: str
    http: httpx.Client
    headers: dict[str, str]
    user_id: str = ""

    def get(self, path: str) -> Any:
        return self._call("GET", path)

    def post(self, path: str, body: Any = None) -> Any:
        return self._call("POST", path, body)

    def patch(self, path: str, body: Any) -> Any:
        return self._call("PATCH", path, body)

    def delete(self, path: str) -> Any:
        return self._call("DELETE", path)

    def say(self, room: Room, content: str, channel: str = "general") -> str:
        """Send a message; returns its id."""
        return str(self.post(f"{room.channel(channel)}/messages", {"content": content})["message_id"])

    def role(self, room: Room, name: str) -> str:
        """The id of a role."""
        roles = self.get(f"{room.path}/roles")["roles"]
        return next(str(role["role_id"]) for role in roles if role["name"] == name)

    def show_avatar(self) -> None:
        headers = {**self.headers, "content-type": "image/png"}
        answer = self.http.post("/users/me/profile/avatar", content=PIXEL, headers=headers)
        assert answer.status_code == 200, answer.text

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.http.request(method, path, json=body, headers=self.headers)
        assert answer.status_code in (200, 204), f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None


@dataclass(kw_only=True)
class Visitor:
    """Somebody at a page of the shell."""

    person: Person
    page: Page
    errors: list[str]
    """What the page threw."""

    def log_in(self) -> "Visitor":
        self.page.get_by_label("Username").fill(self.person.name)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Log in", exact=True).click()
        expect(self.page.get_by_text("Connected", exact=True)).to_be_visible()
        return self

    @property
    def rail(self) -> Locator:
        return self.page.get_by_role("navigation", name="Channels")

    @property
    def log(self) -> Locator:
        return self.page.get_by_role("log")

    @property
    def composer(self) -> Locator:
        return self.page.get_by_role("textbox", name="Message #")

    @property
    def members(self) -> Locator:
        return self.page.get_by_role("complementary", name="Members")

    def message(self, text: str) -> Locator:
        return self.log.get_by_role("listitem").filter(has_text=text)

    def open_channel(self, name: str) -> None:
        self.rail.get_by_role("button", name=name, exact=True).click()
        expect(self.composer).to_have_attribute("aria-label", f"Message #{name}")

    def open_workspace_settings(self, tab: str = "Overview") -> Locator:
        self.page.get_by_role("button", name="Open workspace menu").click()
        self.page.get_by_role("menuitem", name="Server Settings").click()
        self.page.get_by_role("tab", name=tab).click()
        return self.page.get_by_role("dialog", name="Workspace settings")

    def open_client_settings(self, tab: str = "Profile") -> Locator:
        self.page.get_by_role("button", name="Open client settings").click()
        self.page.get_by_role("tab", name=tab).click()
        return self.page.get_by_role("dialog", name="Client settings")

    def state(self) -> dict[str, Any]:
        """What the page believes, at rest."""
        self.page.evaluate("syncCheck.rested()")
        return dict(self.page.evaluate("syncCheck.state"))

    def counters(self) -> dict[str, int]:
        return dict(self.page.evaluate("syncCheck.counters"))

    def violations(self) -> list[str]:
        """What the content security policy refused."""
        return list(self.page.evaluate("syncCheck.violations"))


@dataclass(kw_only=True)
class Venue:
    """The server and a browser at it."""

    service: Service
    browser: Browser
    contexts: list[BrowserContext] = field(default_factory=list)
    visitors: list[Visitor] = field(default_factory=list)

    def page(self, **options: Any) -> Page:
        """An empty page that shares nothing with others; `options` are those of a browser context."""
        context = self.browser.new_context(viewport={"width": 1280, "height": 800}, **options)
        self.contexts.append(context)
        return context.new_page()

    def arrive(self, person: Person, page: Page | None = None) -> Visitor:
        """Open the shell, without an account."""
        page = page or self.page()
        visitor = Visitor(person=person, page=page, errors=[])
        page.on("pageerror", lambda error: visitor.errors.append(str(error)))
        page.goto(f"{self.service.url}/app")
        self.visitors.append(visitor)
        return visitor

    def visit(self, person: Person, page: Page | None = None) -> Visitor:
        """Open the shell and log in."""
        return self.arrive(person, page).log_in()

    def faults(self) -> list[str]:
        """What went wrong on any page, whatever a test looked at."""
        return [
            fault
            for visitor in self.visitors
            if not visitor.page.is_closed()
            for fault in (*visitor.errors, *visitor.violations())
        ]

    def close(self) -> None:
        for context in self.contexts:
            context.close()


@contextmanager
def serving() -> Iterator[Service]:
    """A server with limits that no test reaches, which believes what a caller says of its address."""
    limits = (f"--limit={limit}" for limit in _RAISED)
    with (
        started("--embedded", "--trust-proxy=127.0.0.1/32", *limits) as (_, url),
        httpx.Client(base_url=url, trust_env=False, timeout=WITHIN_S) as http,
    ):
        yield Service(url=url, http=http)
