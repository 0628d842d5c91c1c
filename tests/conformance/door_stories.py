"""The story in which several come and go, and change roles, at the same time: answers in any order."""

from collections.abc import Iterable, Sequence
from typing import Any

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract.permissions import MODERATOR, SEED_ROLES
from tests.conformance.histories import FEATURES, NOW, found, user
from tests.conformance.stories import Story

Asked = Sequence[tuple[str, ops.Operation]]
Told = tuple[str, dict[str, Any]]


class DoorStory(Story):
    """A guild that everybody may join; ana and ben can both show somebody out."""

    def __init__(self, *more: str, inside: bool = False) -> None:
        features = (*FEATURES, "directory", *more)
        super().__init__(declared=features, features=features)
        public = self.invoke("ana", ops.UpdateGuild(guild_id=self.guild, visibility="public"))
        fields = {"updated_fields": {"visibility": "public"}, "updated_at_unix": NOW}
        self.frames(self.subscribed, "workspace_update", {"guild_id": self.guild, **fields})
        self.answer(public, 200, {"guild_id": self.guild, "name": self.name, "visibility": "public"})
        self.role("ana", "ben", "moderator")
        self.join = ops.JoinGuild(guild_id=self.guild)
        self.kick_eve = ops.KickMember(guild_id=self.guild, user_id=user("eve"))
        self.ban_eve = ops.BanMember(guild_id=self.guild, user_id=user("eve"))
        self.add_eve = ops.AddMember(guild_id=self.guild, user_id=user("eve"))
        if inside:
            self.at_once([("eve", self.join)], [self.added("eve")], [self.joined()])

    def at_once(
        self,
        asked: Sequence[tuple[str, ops.Operation]],
        told: Iterable[Told],
        bodies: Sequence[dict[str, Any]],
        answered: Sequence[int] = (0,),
        status: Sequence[int] = (),
    ) -> list[int]:
        """Operations asked for together, of which everybody is told, and which are answered in some order."""
        started = [self.invoke(who, operation) for who, operation in asked]
        names: list[str] = []
        for event, payload in told:
            # A ban of who is no member reaches only members.
            outside = event == "workspace_member_ban" and "workspace_member_remove" in names
            self.frames(self.subscribed if outside else [*self.subscribed, self.eve], event, payload)
            names.append(event)
        for number in answered:
            self.answer(started[number], status[number] if status else 200, bodies[number])
        return started

    def joined(self, outcome: str = "accepted") -> dict[str, Any]:
        return {"guild_id": self.guild, "outcome": outcome}

    def added(self, actor: str) -> Told:
        return "workspace_member_add", self.addition("eve") | {"actor_user_id": user(actor)}

    def removed(self, reason: str = "kick") -> Told:
        return "workspace_member_remove", self.removal("eve") | {"reason": reason}

    def banned(self) -> Told:
        payload = {"guild_id": self.guild, "user_id": user("eve"), "banned_at_unix": NOW}
        return "workspace_member_ban", payload

    def judged(self, *, inside: bool) -> list[tuple[str, str, str | None]]:
        """What is found after eve has been seen to be in the guild or not."""
        self.fence()
        channels = [{"channel_id": self.channel, "name": "general", "kind": "text"}]
        body: dict[str, Any] = {"channels": channels} if inside else {"error": "forbidden"}
        self.call("eve", ops.ListChannels(guild_id=self.guild), 200 if inside else 403, body)
        self.fence()
        self.end()
        return found(self.result())

    # --- roles

    def learn_roles(self) -> str:
        """Ana reads the roles, all of them seed roles; returns the id of `moderator`."""
        roles = [
            {
                "role_id": self.id(),
                "name": role.name,
                "position": role.position,
                "is_system": role.is_system,
                "permissions": list(role.permissions),
                "color_hex": None,
            }
            for role in SEED_ROLES
        ]
        listed = {"roles": roles, "default_join_role_id": None}
        self.call("ana", ops.ListRoles(guild_id=self.guild), 200, listed)
        return next(str(role["role_id"]) for role in roles if role["name"] == MODERATOR.name)

    def make_role(self, name: str) -> str:
        """Ana makes a role."""
        asked = ops.CreateRole(guild_id=self.guild, role_name=name, permissions=[], position=9)
        role = {"role_id": self.id(), "name": name, "position": 9, "is_system": False, "permissions": []}
        op = self.invoke("ana", asked)
        self.frames(self.subscribed, "workspace_role_create", {"guild_id": self.guild, "role": role})
        self.answer(op, 200, {**role, "color_hex": None})
        return str(role["role_id"])

    def assigned(self, who: str, role_id: str, actor: str) -> Told:
        payload = {"guild_id": self.guild, "user_id": user(who), "role_id": role_id, "assigned_at_unix": NOW}
        return "workspace_role_assignment_add", payload | {"actor_user_id": user(actor)}

    def unassigned(self, who: str, role_id: str, actor: str) -> Told:
        payload = {"guild_id": self.guild, "user_id": user(who), "role_id": role_id, "removed_at_unix": NOW}
        return "workspace_role_assignment_remove", payload | {"actor_user_id": user(actor)}
