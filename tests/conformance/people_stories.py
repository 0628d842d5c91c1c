"""The story with friends, avatars and banners: what a correct server says of people to each other.

Nobody is anybody's friend at first. `to` names the connections that get an event; of a mirrored event each
side gets its own copy, and `copies` gives, by connection, whose copies come instead.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.history import Purpose
from sync_check.conformance.run import ScenarioResult
from tests.conformance.histories import FEATURES, NOW, user
from tests.conformance.stories import ACCEPTED, Story

OF_PEOPLE = (*FEATURES, "friends", "profile.avatar", "profile.banner")
PNG = b"\x89PNG\r\n\x1a\n and so on"
Copies = Mapping[int, Sequence[str]]


@dataclass(frozen=True)
class Asked:
    """A pending friend request, by the names of its two users."""

    request_id: str
    sender: str
    recipient: str

    @property
    def both(self) -> tuple[str, str]:
        return self.sender, self.recipient


class PeopleStory(Story):
    """`pending` are the friend requests, `friends` the pairs of friends; both oldest first."""

    def __init__(self, *covers: str) -> None:
        self.usernames = {name: name for name in ("ana", "ben", "eve")}
        self.versions = {member: dict[str, int]() for member in ("avatar_version", "banner_version")}
        self.pending: list[Asked] = []
        self.friends: list[frozenset[str]] = []
        super().__init__(*covers, declared=OF_PEOPLE, features=OF_PEOPLE)

    # --- requests

    def request(self, sender: str, recipient: str, to: Iterable[int] | None = None, **told: Any) -> Asked:
        """A friend request that is accepted by the server."""
        asked = Asked(self.id(), sender, recipient)
        op = self.invoke(sender, ops.RequestFriend(recipient_user_id=user(recipient)))
        event = self.listed_request(asked) | told
        self.frames(self.sessions(*asked.both) if to is None else to, "friend_request_create", event)
        answer = {name: value for name, value in self.listed_request(asked).items() if "username" not in name}
        self.answer(op, 200, answer)
        self.pending.append(asked)
        return asked

    def befriend_again(self, one: str, other: str) -> None:
        """Friends part and one asks the other again, at once: the later of the two is answered first."""
        parting = self.invoke(other, ops.RemoveFriend(user_id=user(one)))
        both = frozenset({one, other})
        for connection, (name,) in self._copies(both, None):
            self.frame(connection, "friend_remove", self.parted_copy(both, name))
        self.friends = [pair for pair in self.friends if pair != both]
        self.request(one, other)
        self.answer(parting, 204)

    def listed_request(self, asked: Asked) -> dict[str, Any]:
        return {
            "request_id": asked.request_id,
            "sender_user_id": user(asked.sender),
            "sender_username": self.usernames[asked.sender],
            "recipient_user_id": user(asked.recipient),
            "recipient_username": self.usernames[asked.recipient],
            "created_at_unix": NOW,
        }

    def accept(self, asked: Asked, copies: Copies | None = None, **told: Any) -> int:
        op = self.invoke(asked.recipient, ops.AcceptFriend(request_id=asked.request_id))
        for connection, names in self._copies(asked.both, copies):
            for name in names:
                self.frame(connection, "friend_request_update", self.accepted_copy(asked, name) | told)
        self.answer(op, 200, ACCEPTED)
        self.pending.remove(asked)
        self.friends.append(frozenset(asked.both))
        return op

    def accepted_copy(self, asked: Asked, name: str) -> dict[str, Any]:
        """The copy for the user called `name`."""
        (other,) = {*asked.both} - {name}
        return {
            "request_id": asked.request_id,
            "state": "accepted",
            "user_id": user(name),
            "friend_user_id": user(other),
            "friend_username": self.usernames[other],
            "friendship_created_at_unix": NOW,
            "updated_at_unix": NOW,
        }

    def drop(self, actor: str, asked: Asked, to: Iterable[int] | None = None) -> int:
        """A request is deleted by one of its users."""
        op = self.invoke(actor, ops.DeleteFriendRequest(request_id=asked.request_id))
        event = {"request_id": asked.request_id, "deleted_at_unix": NOW, "actor_user_id": user(actor)}
        self.frames(self.sessions(*asked.both) if to is None else to, "friend_request_delete", event)
        self.answer(op, 204)
        self.pending.remove(asked)
        return op

    # --- friendships

    def befriend(self, sender: str, recipient: str) -> None:
        self.accept(self.request(sender, recipient))

    def part(self, actor: str, friend: str, copies: Copies | None = None) -> int:
        """A friendship ends, or there was none."""
        both = frozenset({actor, friend})
        told = self._copies((actor, friend), copies) if both in self.friends or copies else ()
        op = self.invoke(actor, ops.RemoveFriend(user_id=user(friend)))
        for connection, names in told:
            for name in names:
                self.frame(connection, "friend_remove", self.parted_copy(both, name))
        self.answer(op, 204)
        self.friends = [pair for pair in self.friends if pair != both]
        return op

    def parted_copy(self, both: frozenset[str], name: str) -> dict[str, Any]:
        """The copy for the user called `name`."""
        (other,) = both - {name}
        return {"user_id": user(name), "friend_user_id": user(other), "removed_at_unix": NOW}

    def _copies(self, both: Iterable[str], copies: Copies | None) -> Iterable[tuple[int, Sequence[str]]]:
        right = {connection: [self.owners[connection]] for connection in self.sessions(*both)}
        return (right if copies is None else copies).items()

    # --- lists

    def friends_of(self, name: str) -> list[str]:
        return [next(iter(pair - {name})) for pair in self.friends if name in pair]

    def list_friends(self, name: str, *friends: str, **told: Any) -> int:
        """A read of the friends; `told` is what is said of each instead."""
        listed = [
            {"user_id": user(friend), "username": self.usernames[friend], "created_at_unix": NOW} | told
            for friend in friends
        ]
        return self.call(name, ops.ListFriends(), 200, {"friends": listed})

    def list_requests(self, name: str, incoming: Iterable[Asked] = (), outgoing: Iterable[Asked] = ()) -> int:
        body = {
            "incoming": [self.listed_request(asked) for asked in incoming],
            "outgoing": [self.listed_request(asked) for asked in outgoing],
        }
        return self.call(name, ops.ListFriendRequests(), 200, body)

    # --- profiles

    def profile(self, name: str) -> dict[str, Any]:
        versions = {member: told.get(name, 0) for member, told in self.versions.items()}
        return super().profile(name) | {"username": self.usernames[name]} | versions

    def change_name(self, name: str, username: str) -> int:
        """A new username, of which sessions and friends are told."""
        op = self.invoke(name, ops.UpdateProfile(username=username))
        self.usernames[name] = username
        update = {"updated_fields": {"username": username}, "updated_at_unix": NOW}
        self.frames(self._told_of_profile(name), "profile_update", {"user_id": user(name), **update})
        self.answer(op, 200, self.profile(name))
        return op

    def upload(
        self,
        name: str,
        version: int = 1,
        told: int | None = None,
        *,
        banner: bool = False,
        to: Iterable[int] | None = None,
    ) -> int:
        """A new avatar or banner; `told` is the version in the event."""
        kind, member = ("banner", "banner_version") if banner else ("avatar", "avatar_version")
        operation = ops.UploadBanner if banner else ops.UploadAvatar
        op = self.invoke(name, operation(data=PNG, content_type="image/png"))
        self.versions[member] = {**self.versions[member], name: version}
        event = {
            "user_id": user(name),
            member: version if told is None else told,
            "updated_at_unix": NOW,
        }
        hearers = self._told_of_profile(name) if to is None else to
        self.frames(hearers, f"profile_{kind}_update", event)
        self.answer(op, 200, self.profile(name))
        return op

    def _told_of_profile(self, name: str) -> list[int]:
        return self.sessions(name, *self.friends_of(name))

    # --- the end

    def view(self, name: str) -> dict[str, Any]:
        incoming = [asked for asked in self.pending if asked.recipient == name]
        outgoing = [asked for asked in self.pending if asked.sender == name]
        return super().view(name) | {
            f"friends/{user(name)}": {
                user(friend): {"username": self.usernames[friend], "created_at_unix": NOW}
                for friend in self.friends_of(name)
            },
            f"friend_requests/{user(name)}": {
                "incoming": _shown(incoming, [asked.sender for asked in incoming]),
                "outgoing": _shown(outgoing, [asked.recipient for asked in outgoing]),
            },
        }

    def judged(self) -> ScenarioResult:
        """Proof that everything arrived, to everybody, and the result."""
        self.post("ana", "the last one")
        for name in self.abouts:
            self.about(name, f"the last of {name}", purpose=Purpose.FENCE)
        self.close_scenario()
        return self.result()

    def broken(self) -> set[str]:
        """The requirements that findings name."""
        return {finding.requirement for finding in self.judged().findings}


def _shown(pending: Iterable[Asked], others: Iterable[str]) -> dict[str, Any]:
    """Requests in the shape of a view, which says nothing of names."""
    return {
        asked.request_id: {"user_id": user(other), "created_at_unix": NOW}
        for asked, other in zip(pending, others, strict=True)
    }
