"""Random mutations of one guild and the people around it, by seed."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from sync_check.conformance.contract.permissions import CANONICAL_ORDER
from sync_check.harness.randomness import Randomness
from sync_check.reference_server.guild import Guild
from tests.reference_server.running import Person, Room
from tests.reference_server.scene import UNKNOWN

Asked = tuple[str, str, Any]
"""Method, path and JSON body."""


class Program:
    """Draws what to ask next; what exists is looked up in the server, so that most of it can be done."""

    def __init__(self, seed: int, people: list[Person], room: Room) -> None:
        self._random = Randomness(seed).stream("programs")
        self._people = people
        self._backend = people[0].server.backend
        self._guild: Guild = self._backend.store.guilds[room.guild_id]
        self._path: Final = room.guild
        self._names = 0
        self._asking = people[0]

    def steps(self, count: int) -> Iterator[tuple[Person, Asked]]:
        """So many mutations, each with who asks for it: the owner more often than the others."""
        for _ in range(count):
            self._names += 1
            self._asking = self._random.choice([*self._people, *self._people[:1] * 3])
            yield self._asking, self._random.choice(_DRAWS)(self)

    def one_of_ten(self) -> bool:
        """Whether to do now what is done from time to time."""
        return self._random.random() < 0.1

    def channel_id(self) -> str:
        """A channel of the guild, if there is one."""
        return self._random.choice(list(self._guild.channels) or [UNKNOWN])

    def _name(self) -> str:
        return f"name{self._names}"

    def _user(self) -> str:
        return self._random.choice(self._people).user_id

    def _channel(self) -> str:
        return f"{self._path}/channels/{self.channel_id()}"

    def _message(self) -> str:
        channel_id = self.channel_id()
        channel = self._guild.channels.get(channel_id)
        latest = [] if channel is None else list(channel.messages)[-2:]
        message_id = self._random.choice([*latest, UNKNOWN])
        return f"{self._path}/channels/{channel_id}/messages/{message_id}"

    def _role(self) -> str:
        return self._random.choice(list(self._guild.roles))

    def _request(self) -> str:
        own = [
            request_id
            for request_id, request in self._backend.store.friend_requests.items()
            if request.recipient_id == self._asking.user_id
        ]
        return self._random.choice(own or [*self._backend.store.friend_requests, UNKNOWN])

    def _friend(self) -> str:
        return self._random.choice(list(self._backend.store.users[self._asking.user_id].friends) or [UNKNOWN])

    def _some(self, of: list[str], most: int) -> list[str]:
        return self._random.sample(of, self._random.randint(0, min(most, len(of))))

    def _override(self) -> dict[str, list[str]]:
        if self._random.random() < 0.3:
            return {"allow": [], "deny": []}
        allow = self._some(list(CANONICAL_ORDER), 3)
        deny = self._some(list(CANONICAL_ORDER), 2)
        return {"allow": allow, "deny": [name for name in deny if name not in allow]}

    # --- what can be drawn

    def workspace(self) -> Asked:
        visibility = self._random.choice(["public", "private"])
        return "PATCH", self._path, self._random.choice([{"name": self._name()}, {"visibility": visibility}])

    def channel(self) -> Asked:
        return self._random.choice(
            [
                ("POST", f"{self._path}/channels", {"name": self._name()}),
                ("POST", f"{self._path}/channels", {"name": self._name()}),
                ("PATCH", self._channel(), {"name": self._name()}),
                ("DELETE", self._channel(), None),
                (
                    "POST",
                    f"{self._path}/channels/reorder",
                    {"channel_ids": self._some(list(self._guild.channels), 5)},
                ),
            ]
        )

    def override(self) -> Asked:
        target = self._random.choice(
            [
                f"overrides/{self._random.choice(['owner', 'moderator', 'member'])}",
                f"permission-overrides/role/{self._role()}",
                f"permission-overrides/member/{self._user()}",
            ]
        )
        return "POST", f"{self._channel()}/{target}", self._override()

    def message(self) -> Asked:
        return self._random.choice(
            [
                ("POST", f"{self._channel()}/messages", {"content": self._name()}),
                ("POST", f"{self._channel()}/messages", {"content": self._name()}),
                ("PATCH", self._message(), {"content": self._name()}),
                ("DELETE", self._message(), None),
            ]
        )

    def reaction(self) -> Asked:
        method = self._random.choice(["POST", "POST", "DELETE"])
        return method, f"{self._message()}/reactions/{self._random.choice('ab')}", None

    def member(self) -> Asked:
        member = f"{self._path}/members/{self._user()}"
        return self._random.choice(
            [
                ("POST", member, None),
                ("POST", f"{self._path}/join", None),
                ("PATCH", member, {"role": self._random.choice(["moderator", "member"])}),
                ("POST", f"{member}/{self._random.choice(['kick', 'ban'])}", None),
                ("DELETE", f"{self._path}/bans/{self._user()}", None),
                ("POST", f"{self._path}/leave", None),
            ]
        )

    def role(self) -> Asked:
        permissions = self._some(list(CANONICAL_ORDER), 5)
        new = {"name": self._name(), "permissions": permissions, "position": self._random.randint(0, 200)}
        path = f"{self._path}/roles"
        color = self._random.choice([None, "#aabbcc"])
        return self._random.choice(
            [
                ("POST", path, new),
                ("PATCH", f"{path}/{self._role()}", {"permissions": permissions}),
                ("PATCH", f"{path}/{self._role()}", {"name": self._name(), "color_hex": color}),
                ("DELETE", f"{path}/{self._role()}", None),
                ("POST", f"{path}/reorder", {"role_ids": self._some(list(self._guild.roles), 5)}),
                ("POST", f"{path}/default", {"role_id": self._random.choice([None, self._role()])}),
            ]
        )

    def assignment(self) -> Asked:
        method = self._random.choice(["POST", "POST", "DELETE"])
        return method, f"{self._path}/roles/{self._role()}/members/{self._user()}", None

    def friend(self) -> Asked:
        return self._random.choice(
            [
                ("POST", "/friends/requests", {"recipient_user_id": self._user()}),
                ("POST", f"/friends/requests/{self._request()}/accept", None),
                ("DELETE", f"/friends/requests/{self._request()}", None),
                ("DELETE", f"/friends/{self._friend()}", None),
            ]
        )

    def profile(self) -> Asked:
        field = self._random.choice(["username", "about_markdown"])
        return "PATCH", "/users/me/profile", {field: self._name()}

    def voice(self) -> Asked:
        way, body = self._random.choice([("token", {}), ("state", {"is_muted": True}), ("leave", None)])
        return "POST", f"{self._channel()}/voice/{way}", body


_DRAWS: Final[tuple[Callable[[Program], Asked], ...]] = (
    Program.workspace,
    Program.channel,
    Program.channel,
    Program.override,
    Program.override,
    Program.message,
    Program.message,
    Program.reaction,
    Program.member,
    Program.member,
    Program.role,
    Program.role,
    Program.assignment,
    Program.friend,
    Program.friend,
    Program.reaction,
    Program.profile,
    Program.voice,
)
