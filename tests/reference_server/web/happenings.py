"""Everything that can change what a page shows, done by somebody else while a user is at the page."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from playwright.sync_api import Locator

from tests.reference_server.web.browsing import Person, Room, Venue, Visitor

EVERYBODY: Final = "@everyone"


@dataclass(frozen=True, kw_only=True)
class Happening:
    """What is done, where it shows, and how many such there are then; a page itself where nothing shows."""

    name: str
    act: Callable[[], Any]
    shown: Locator
    times: int = 1


class Life:
    """A workspace with much to read, and what happens in it."""

    def __init__(self, venue: Venue) -> None:
        self.venue, service = venue, venue.service
        self.ana, self.ben = service.person(), service.person("ben")
        self.eve, self.dan = service.person("eve"), service.person("dan")
        self.room: Room = service.room(self.ana, self.ben, self.eve, channels=("general", "other"))
        self.said = [self.ana.say(self.room, f"message {number}") for number in range(80)]
        self.first = self.ana.say(self.room, "to be edited")
        self.second = self.ana.say(self.room, "to be deleted")

    def happenings(self, ben: Visitor) -> Iterator[Happening]:
        """One after the other, each once it is asked for; `ben` is at the page."""
        yield from self._messages(ben)
        yield from self._channels(ben)
        yield from self._members(ben)
        yield from self._roles(ben)
        yield from self._people(ben)

    def _messages(self, ben: Visitor) -> Iterator[Happening]:
        ana, room = self.ana, self.room
        path = f"{room.channel()}/messages/{self.first}"
        messages = f"{room.channel()}/messages"
        above, gone_above = (f"{messages}/{self.said[number]}" for number in (40, 41))
        pill = ben.page.get_by_role("button", name="x 1")
        longer = {"content": "was edited\n" * 9}
        gone = f"{room.channel()}/messages/{self.second}"
        yield Happening(name="edit", act=lambda: ana.patch(path, longer), shown=ben.message("was edited"))
        # Above what is in sight, which must not move for it.
        yield Happening(
            name="edit above",
            act=lambda: ana.patch(above, {"content": "grew\n" * 9}),
            shown=ben.message("grew"),
        )
        yield Happening(
            name="reaction above",
            act=lambda: ana.post(f"{above}/reactions/y"),
            shown=ben.page.get_by_role("button", name="y 1"),
        )
        yield Happening(
            name="deletion above",
            act=lambda: ana.delete(gone_above),
            shown=ben.message("message 41"),
            times=0,
        )
        yield Happening(name="reaction", act=lambda: ana.post(f"{path}/reactions/x"), shown=pill)
        yield Happening(
            name="no reaction", act=lambda: ana.delete(f"{path}/reactions/x"), shown=pill, times=0
        )
        yield Happening(
            name="deletion", act=lambda: ana.delete(gone), shown=ben.message("to be deleted"), times=0
        )
        yield Happening(
            name="creation", act=lambda: ana.say(room, "brand new"), shown=ben.message("brand new")
        )

    def _channels(self, ben: Visitor) -> Iterator[Happening]:
        ana, room, rail = self.ana, self.room, ben.rail
        channels = f"{room.path}/channels"
        order = {"channel_ids": [room.channels["other"]]}
        yield Happening(
            name="channel",
            act=lambda: ana.post(channels, {"name": "fresh"}),
            shown=rail.get_by_role("button", name="fresh"),
        )
        yield Happening(
            name="name of a channel",
            act=lambda: ana.patch(room.channel("other"), {"name": "renamed"}),
            shown=rail.get_by_role("button", name="renamed"),
        )
        yield Happening(
            name="name of the channel in sight",
            act=lambda: ana.patch(room.channel(), {"name": "lobby"}),
            shown=ben.page.get_by_role("heading", name="lobby", exact=True),
        )
        yield Happening(
            name="order of channels",
            act=lambda: ana.post(f"{channels}/reorder", order),
            shown=rail.locator("li:first-child").get_by_text("renamed"),
        )
        yield Happening(
            name="name of the workspace",
            act=lambda: ana.patch(room.path, {"name": "meadow"}),
            shown=ben.page.get_by_role("heading", name="meadow"),
        )

    def _members(self, ben: Visitor) -> Iterator[Happening]:
        ana, eve, dan, room = self.ana, self.eve, self.dan, self.room
        member = f"{room.path}/members/{dan.user_id}"
        listed = ben.members.get_by_text(dan.name)
        yield Happening(name="member", act=lambda: ana.post(member), shown=listed)
        yield Happening(
            name="legacy role",
            act=lambda: ana.patch(f"{room.path}/members/{eve.user_id}", {"role": "moderator"}),
            shown=ben.members.get_by_text("moderator"),
        )
        online = ben.members.get_by_role("region", name="Online").get_by_text(eve.name)
        visits: list[Visitor] = []

        def leave() -> None:
            visits.pop().page.close()

        yield Happening(name="online", act=lambda: visits.append(self.venue.visit(eve)), shown=online)
        yield Happening(name="offline", act=leave, shown=online, times=0)
        yield Happening(name="kick", act=lambda: ana.post(f"{member}/kick"), shown=listed, times=0)

    def _roles(self, ben: Visitor) -> Iterator[Happening]:
        ana, room = self.ana, self.room
        path = f"{room.path}/roles"
        role = ana.post(path, {"name": "captain", "permissions": []})["role_id"]
        holder = f"{path}/{role}/members/{self.eve.user_id}"
        target = room.override("general", f"role/{ana.role(room, EVERYBODY)}")
        denied = {"allow": [], "deny": ["publish_video"]}
        skipper = ben.members.get_by_text("skipper")
        yield Happening(
            name="assignment", act=lambda: ana.post(holder), shown=ben.members.get_by_text("captain")
        )
        yield Happening(
            name="name of a role", act=lambda: ana.patch(f"{path}/{role}", {"name": "skipper"}), shown=skipper
        )
        yield Happening(name="override", act=lambda: ana.post(target, denied), shown=ben.page.locator("body"))
        yield Happening(name="no role", act=lambda: ana.delete(f"{path}/{role}"), shown=skipper, times=0)

    def _people(self, ben: Visitor) -> Iterator[Happening]:
        eve, own = self.eve, self.ben
        waiting = ben.page.get_by_role("button", name="Friends, 1 waiting")
        account = ben.page.get_by_label("Account")
        yield Happening(name="friend request", act=lambda: _ask(eve, own), shown=waiting)
        yield Happening(name="friend", act=lambda: _accept(own), shown=waiting, times=0)
        yield Happening(
            name="name of a friend",
            act=lambda: eve.patch("/users/me/profile", {"username": f"{eve.name}.x"}),
            shown=ben.members.get_by_text(f"{eve.name}.x"),
        )
        yield Happening(
            name="avatar of a friend",
            act=eve.show_avatar,
            shown=ben.members.locator("img[data-version='1']"),
        )
        yield Happening(
            name="no friend",
            act=lambda: eve.delete(f"/friends/{own.user_id}"),
            shown=ben.page.locator("body"),
        )
        # The last one shows, so that all before it have come.
        yield Happening(
            name="own name",
            act=lambda: own.patch("/users/me/profile", {"username": f"{own.name}.y"}),
            shown=account.get_by_text(f"{own.name}.y"),
        )


def _ask(sender: Person, recipient: Person) -> None:
    sender.post("/friends/requests", {"recipient_user_id": recipient.user_id})


def _accept(recipient: Person) -> None:
    (request,) = recipient.get("/friends/requests")["incoming"]
    recipient.post(f"/friends/requests/{request['request_id']}/accept")
