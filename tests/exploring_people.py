"""Random operations among which people befriend each other, change their names and pictures, and part."""

from collections.abc import Sequence
from typing import Final

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.model.world import FriendRequest
from sync_check.harness.client import Client
from sync_check.harness.images import PNG, png
from tests.exploring import MALFORMED, UNKNOWN, Explorer, Pair

_OF_PEOPLE: Final = 0.8
_DUELS: Final = 0.7
"""How often two operations at once are about the same."""
_NAMES: Final[Sequence[str]] = ("no", "with space", "x" * 33, "ünfit")


class PeopleExplorer(Explorer):
    """Most of what it draws is about people; of two at once, most often about the same two."""

    async def _do(self, client: Client, operation: ops.Operation) -> None:
        # Whoever asks or is asked has to be parted from friends before playing again.
        for one in self.people:
            one.account.befriended = True
        await super()._do(client, operation)

    def _draw(self, actor: Client) -> ops.Operation:
        if self._random.random() > _OF_PEOPLE:
            return super()._draw(actor)
        drawn = (self.request, self.request, self.request, self.answer, self.answer, self.answer)
        return self._random.choice((*drawn, self.part, self.lists, self.picture, self.naming, self.lookup))(
            actor
        )

    # --- one at a time

    def request(self, _: Client) -> ops.Operation:
        return ops.RequestFriend(recipient_user_id=self._user())

    def answer(self, actor: Client) -> ops.Operation:
        request_id = self._request_of(actor)
        kind = self._random.choice((ops.AcceptFriend, ops.AcceptFriend, ops.DeleteFriendRequest))
        return kind(request_id=request_id)

    def part(self, actor: Client) -> ops.Operation:
        friends = list(self._world.friends_of(actor.user_id))
        user_id = self._one(friends) if self._random.random() < 0.8 else self._user()
        return ops.RemoveFriend(user_id=user_id)

    def lists(self, _: Client) -> ops.Operation:
        return self._random.choice((ops.ListFriends(), ops.ListFriends(), ops.ListFriendRequests()))

    def picture(self, _: Client) -> ops.Operation:
        kind = self._random.choice((ops.UploadAvatar, ops.UploadBanner))
        data = self._random.choice((*[png(self._name())] * 6, b"", b"no picture"))
        content_type = self._random.choice((*[PNG] * 6, "image/gif", "text/plain"))
        upload = kind(data=data, content_type=content_type)
        reads = (ops.ReadAvatar(user_id=self._user()), ops.ReadBanner(user_id=self._user()))
        return self._random.choice((*[upload] * 4, *reads))

    def naming(self, actor: Client) -> ops.Operation:
        taken = self._world.people[self._random.choice(self.people).user_id].username
        own = self._world.people[actor.user_id].username
        name = self._random.choice((self._fresh(), self._fresh(), self._fresh(), taken, own, *_NAMES))
        about = self._random.choice((None, None, self._name()))
        return ops.UpdateProfile(username=name, about_markdown=about)

    def lookup(self, _: Client) -> ops.Operation:
        known = [client.user_id for client in self.people]
        asked = [self._random.choice((*known, UNKNOWN)) for _ in range(self._random.randint(0, 6))]
        strange = self._random.choice(([], [], [], [], [MALFORMED], [UNKNOWN] * 60))
        return ops.LookUpUsers(user_ids=[*asked, *strange])

    def _fresh(self) -> str:
        """A name of this very program, that nobody else on the target has."""
        return f"{self.stage.word()[:12]}.{self._name()}"

    # --- two at once

    def _pair(self, actor: Client) -> Pair:
        if self._random.random() > _DUELS:
            return super()._pair(actor)
        duel = self._random.choice((self._crossed, self._answered_twice, self._parted_twice, self._beside))
        return duel(actor)

    def _crossed(self, actor: Client) -> Pair:
        """Each asks the other, or both sessions of one ask the same."""
        other = self._random.choice([client for client in self.people if client is not actor])
        asked = ops.RequestFriend(recipient_user_id=other.user_id)
        crossed = (other, ops.RequestFriend(recipient_user_id=actor.user_id))
        return ((actor, asked), self._random.choice((crossed, crossed, (actor, asked))))

    def _answered_twice(self, actor: Client) -> Pair:
        """A request is accepted, declined or withdrawn by both of its users."""
        pending = self._pending()
        if not pending:
            return self._crossed(actor)
        request = self._random.choice(pending)
        recipient, sender = self._client(request.recipient_id), self._client(request.sender_id)
        accept = ops.AcceptFriend(request_id=request.request_id)
        delete = ops.DeleteFriendRequest(request_id=request.request_id)
        rival: tuple[Client, ops.Operation] = self._random.choice(
            ((sender, delete), (sender, delete), (recipient, delete), (recipient, accept))
        )
        return ((recipient, self._random.choice((accept, accept, delete))), rival)

    def _parted_twice(self, actor: Client) -> Pair:
        """Friends part from both sides, or one of them asks the other again."""
        friends = [
            client for client in self.people if client.user_id in self._world.friends_of(actor.user_id)
        ]
        if not friends:
            return self._answered_twice(actor)
        friend = self._random.choice(friends)
        rival: ops.Operation = self._random.choice(
            (
                ops.RemoveFriend(user_id=actor.user_id),
                ops.RequestFriend(recipient_user_id=actor.user_id),
                ops.ListFriends(),
            )
        )
        return ((actor, ops.RemoveFriend(user_id=friend.user_id)), (friend, rival))

    def _beside(self, actor: Client) -> Pair:
        """A new name or picture beside something about friends or about the same profile."""
        rival = self._random.choice(self.people)
        change = self._random.choice((self.naming, self.picture))(actor)
        beside = self._random.choice((self.request, self.answer, self.part, self.lists))(rival)
        return ((actor, change), self._random.choice(((rival, beside), (actor, self.picture(actor)))))

    # --- what there is

    def _pending(self) -> list[FriendRequest]:
        here = {client.user_id for client in self.people}
        return [one for one in self._world.requests.values() if {one.sender_id, one.recipient_id} <= here]

    def _client(self, user_id: str) -> Client:
        return next(client for client in self.people if client.user_id == user_id)

    def _request_of(self, actor: Client) -> str:
        """A pending request, most often one that the user got."""
        pending = self._pending()
        got = [one.request_id for one in pending if one.recipient_id == actor.user_id]
        wanted = got if got and self._random.random() < 0.8 else [one.request_id for one in pending]
        return self._one(wanted)
