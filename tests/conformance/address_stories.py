"""The story in which everybody calls from an address of their own, and what a server says of IP bans."""

from collections.abc import Iterable
from typing import Any

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.history import ClientKnown, EndOfConnection, Purpose
from sync_check.conformance.run import ScenarioResult
from tests.conformance.histories import FEATURES, NOW, user
from tests.conformance.stories import ACCEPTED, Story

ALL_OF_ADDRESSES = (*FEATURES, "directory", "ip_bans", "audit", "roles", "bans.lift", "members.leave")
ADDRESSES = {"ana": "192.0.2.1", "ben": "198.51.100.2", "eve": "2001:db8:0:a7::e"}


class AddressStory(Story):
    """The guild is public. `ana` owns it, `ben` has joined it, `eve` has not.

    With `known` set to false nobody knows where anybody calls from.
    """

    def __init__(self, *covers: str, known: bool = True, joined: bool = True) -> None:
        self.known = known
        super().__init__(*covers, declared=ALL_OF_ADDRESSES, features=ALL_OF_ADDRESSES)
        self.publish()
        if joined:
            self.join("ben", purpose=Purpose.SETUP)

    def client(self, name: str) -> None:
        address = ADDRESSES[name] if self.known else None
        at = self.now()
        self.add(ClientKnown(at=at, client=name, user_id=user(name), username=name, address=address))

    def move(self, name: str, address: str) -> None:
        """From here on `name` calls from elsewhere."""
        at = self.now()
        self.add(ClientKnown(at=at, client=name, user_id=user(name), username=name, address=address))

    def wait(self, seconds: int) -> None:
        """Let time pass."""
        self._at += seconds * 1_000_000

    def publish(self) -> None:
        """Make the guild one that everybody can join."""
        op = self.invoke("ana", ops.UpdateGuild(guild_id=self.guild, visibility="public"), Purpose.SETUP)
        fields = {"visibility": "public"}
        payload = {"guild_id": self.guild, "updated_fields": fields, "updated_at_unix": NOW}
        self.frames(self.subscribed, "workspace_update", payload)
        self.answer(op, 200, {"guild_id": self.guild, "name": self.name, "visibility": "public"})

    # --- join

    def join(
        self,
        name: str,
        status: int = 200,
        code: str | None = None,
        *,
        purpose: Purpose = Purpose.SCENARIO,
    ) -> int:
        """A call of join; `status` 200 is `already_member` for a member."""
        op = self.invoke(name, ops.JoinGuild(guild_id=self.guild), purpose)
        if status != 200:
            self.answer(op, status, {"error": code or "forbidden"})
            return op
        present = name in self.roles
        if not present:
            own = [one for one, owner in self.owners.items() if owner == name]
            self.frames(dict.fromkeys((*self.subscribed, *own)), "workspace_member_add", self.addition(name))
            self.roles[name] = "member"
        outcome = "already_member" if present else "accepted"
        self.answer(op, 200, {"guild_id": self.guild, "outcome": outcome})
        return op

    # --- IP bans

    def asked(self, target: str, **details: Any) -> ops.BanAddressesOf:
        return ops.BanAddressesOf(guild_id=self.guild, target_user_id=user(target), **details)

    def sync(self, action: str = "upsert", count: int = 1, **more: Any) -> dict[str, Any]:
        """The event of an IP ban."""
        summary = {"action": action, "changed_count": count}
        return {"guild_id": self.guild, "summary": summary, "updated_at_unix": NOW, **more}

    def ban_addresses(
        self,
        target: str = "ben",
        *,
        count: int = 1,
        to: Iterable[int] | None = None,
        told: dict[str, Any] | None = None,
        **details: Any,
    ) -> list[str]:
        """`ana` bans the addresses of a user; returns the ids of the bans."""
        ban_ids = [self.id() for _ in range(count)]
        op = self.invoke("ana", self.asked(target, **details))
        hearers = self.managers() if to is None else to
        if count or told is not None:
            self.frames(hearers, "workspace_ip_ban_sync", self.sync(count=count) | (told or {}))
        self.answer(op, 200, {"created_count": count, "ban_ids": ban_ids})
        return ban_ids

    def remove_ip_ban(self, ban_id: str, status: int = 200) -> int:
        """`ana` removes a ban."""
        op = self.invoke("ana", ops.RemoveIpBan(guild_id=self.guild, ban_id=ban_id))
        if status == 200:
            self.frames(self.managers(), "workspace_ip_ban_sync", self.sync("remove"))
        self.answer(op, status, ACCEPTED if status == 200 else {"error": "not_found"})
        return op

    def managers(self) -> list[int]:
        """The subscribed connections of who may hear of IP bans."""
        return [one for one in self.subscribed if self.roles.get(self.owners[one]) in ("owner", "moderator")]

    def channel_list(self, name: str, status: int = 200, *, code: str = "forbidden") -> int:
        """One of the endpoints from which an IP ban shuts out."""
        channels = [{"channel_id": self.channel, "name": "general", "kind": "text"}]
        body: dict[str, Any] = {"channels": channels} if status == 200 else {"error": code}
        return self.call(name, ops.ListChannels(guild_id=self.guild), status, body)

    def silence(self, name: str) -> None:
        """From here on the connections of `name` hear nothing of the guild."""
        self.subscribed = [one for one in self.subscribed if self.owners[one] != name]

    def drop(self, connection: int) -> None:
        """The target ends a connection."""
        self.close(connection, EndOfConnection.CLOSED_BY_TARGET)
        del self.owners[connection]
        self.subscribed = [one for one in self.subscribed if one != connection]

    # --- the end

    def view(self, name: str) -> dict[str, Any]:
        view = super().view(name)
        if view["workspaces"]:
            view["workspaces"] = {self.guild: {"name": self.name, "visibility": "public"}}
        return view

    def judged(self) -> ScenarioResult:
        """Proof that everything arrived, and the result."""
        self.post("ana", "last")
        self.close_scenario()
        return self.result()

    def broken(self) -> set[str]:
        """The requirements that findings name."""
        return {finding.requirement for finding in self.judged().findings}
