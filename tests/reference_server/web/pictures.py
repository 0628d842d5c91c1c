"""Takes the pictures of the web shell in `docs/`: `make pictures`."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from playwright.sync_api import expect, sync_playwright

from tests.house.checkout import ROOT
from tests.reference_server.web.browsing import (
    CHROMIUM,
    FLAGS,
    NO_CHROMIUM,
    Person,
    Room,
    Service,
    Venue,
    Visitor,
    serving,
)

FOLDER: Final = ROOT / "docs"
NAMES: Final = ("ana", "benoit", "chiara", "dev.singh", "emi", "farid")
COLORS: Final = {"captain": "#F59E0B", "crew": "#10B981"}


class Scene:
    """Some people at work in a workspace."""

    def __init__(self, service: Service) -> None:
        self.people = {name: _named(service.person("x"), name) for name in NAMES}
        ana, *others = self.people.values()
        channels = ("general", "releases", "design", "off-topic")
        self.room: Room = service.room(ana, *others, name="Night shift", channels=channels)
        ana.post(f"{self.room.path}/channels", {"name": "standup", "kind": "voice"})
        ana.patch("/users/me/profile", {"about_markdown": "Keeps the lights on. Coffee first."})
        self._give_roles(ana)
        self._talk()
        for name in ("emi", "farid"):
            self.people[name].post("/friends/requests", {"recipient_user_id": ana.user_id})

    def _give_roles(self, owner: Person) -> None:
        path = f"{self.room.path}/roles"
        for name, color in COLORS.items():
            permissions = ["delete_message", "create_message"] if name == "captain" else ["create_message"]
            role = {"name": name, "permissions": permissions, "color_hex": color}
            role_id = owner.post(path, role)["role_id"]
            for holder in ("benoit",) if name == "captain" else ("chiara", "dev.singh"):
                owner.post(f"{path}/{role_id}/members/{self.people[holder].user_id}")

    def _talk(self) -> None:
        for name, text, reactions in TALK:
            message = self.people[name].say(self.room, text)
            for emoji, who in reactions.items():
                for reactor in who.split():
                    path = f"{self.room.channel()}/messages/{message}/reactions/{emoji}"
                    self.people[reactor].post(path)


TALK: Final[tuple[tuple[str, str, dict[str, str]], ...]] = (
    ("benoit", "Good evening! The gateway is on the new build since 21:40.", {"👍": "ana chiara emi"}),
    ("benoit", "Nothing reconnected that did not have to.", {}),
    ("chiara", "Edits arrive at once on all my screens. Even in the middle of typing a reply.", {}),
    ("dev.singh", "I renamed #design while you were looking at it, did you notice?", {"👀": "chiara"}),
    ("chiara", "It changed in place. I did not lose my line.", {"🎉": "ana benoit dev.singh", "❤️": "emi"}),
    ("emi", "Then let us try the hard one: <b>take away</b> my access while I read.", {}),
    ("ana", "Tomorrow. Whoever loses a channel should at least be told why.", {"👍": "emi farid"}),
)
"""Who said what, and who reacted how."""


def _named(person: Person, name: str) -> Person:
    person.patch("/users/me/profile", {"username": name})
    person.name = name
    return person


@contextmanager
def at_work(venue: Venue, scene: Scene, scheme: str) -> Iterator[Visitor]:
    """Ana at the page, while others are online and in the voice channel."""
    for name in ("benoit", "chiara", "dev.singh"):
        other = venue.visit(scene.people[name])
        other.open_channel("standup")
        if name != "benoit":
            other.page.get_by_role("button", name="Join voice").click()
            expect(other.page.get_by_role("group", name="Voice")).to_be_visible()
    ana = venue.visit(scene.people["ana"], venue.page(color_scheme=scheme))
    ana.open_channel("standup")
    expect(ana.rail.get_by_role("list", name="In standup")).to_contain_text("chiara")
    ana.open_channel("general")
    expect(ana.message("Tomorrow. Whoever")).to_be_visible()
    expect(ana.members.get_by_role("region", name="Online")).to_contain_text("dev.singh")
    yield ana
    venue.close()


def take(ana: Visitor, name: str) -> Path:
    """One picture; the pointer and the caret stay out of it."""
    ana.page.mouse.move(640, 400)
    ana.page.evaluate("document.fonts.ready")
    path = FOLDER / f"{name}.png"
    ana.page.screenshot(path=path, animations="disabled", caret="hide")
    return path


def pictures(service: Service, scene: Scene) -> Iterator[Path]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        with at_work(Venue(service=service, browser=browser), scene, "dark") as ana:
            yield take(ana, "shell-dark")
            settings = ana.open_workspace_settings("Roles")
            settings.get_by_role("button", name="captain").click()
            expect(settings.get_by_label("Role name")).to_have_value("captain")
            yield take(ana, "workspace-settings")
        with at_work(Venue(service=service, browser=browser), scene, "light") as ana:
            yield take(ana, "shell-light")
            ana.open_client_settings()
            yield take(ana, "client-settings")
        browser.close()


def main() -> int:
    if CHROMIUM is None:
        sys.stderr.write(f"No pictures: {NO_CHROMIUM}.\n")
        return 1
    with serving() as service:
        for path in pictures(service, Scene(service)):
            sys.stdout.write(f"{path.relative_to(ROOT)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
