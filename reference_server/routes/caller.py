"""Who calls a protected endpoint, and what that user may ask for."""

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, Request

from sync_check.conformance.contract.permissions import Permission
from sync_check.conformance.contract.values import ULID_PATTERN
from sync_check.reference_server import access
from sync_check.reference_server.accounts import Session
from sync_check.reference_server.backend import Backend
from sync_check.reference_server.edge import Call, call_of
from sync_check.reference_server.errors import Forbidden, InvalidCredentials, InvalidRequest, NotFound
from sync_check.reference_server.guild import Channel, Guild, Member
from sync_check.reference_server.routes.strict import read_body
from sync_check.reference_server.store import User

_MANAGE: Final = "manage_channel_overrides"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """An authenticated user."""

    backend: Backend
    user: User
    address: str

    @property
    def user_id(self) -> str:
        return self.user.user_id

    async def upload(self, request: Request, *, max_bytes: int) -> bytes:
        """The raw body of the caller's request.

        Raises as `read_body` does, and `InvalidCredentials` if the session has ended meanwhile (AUTH-7).
        """
        data = await read_body(request, max_bytes=max_bytes)
        _session(call_of(request.scope))
        return data

    def guild(self, guild_id: str, needs: Permission | None = None) -> Guild:
        """A guild that the caller is a member of, with a permission at guild level if one is named.

        Raises `Forbidden`, for a guild that does not exist too (REST-5, REST-6, LEAK-GUILD-1).
        """
        guild = self.backend.store.guilds.get(guild_id)
        if guild is None or self.user_id not in guild.members:
            raise Forbidden
        if needs is not None and needs not in access.in_guild(guild, self.user_id):
            raise Forbidden
        return guild

    def content(self, guild_id: str, needs: Permission | None = None) -> Guild:
        """A guild as `guild` has it, for an endpoint that an IP ban of it shuts the caller's address out of.

        Raises `Forbidden` then too (contract 2.4, IP bans).
        """
        guild = self.guild(guild_id, needs)
        if self.backend.shuts_out(guild, self.user_id, self.address):
            raise Forbidden
        return guild

    def member(self, guild: Guild) -> Member:
        """The caller's own membership."""
        return guild.members[self.user_id]

    def channel(self, guild: Guild, channel_id: str) -> Channel:
        """A channel that the caller has access to (CHAN-3): else `NotFound` or `Forbidden`."""
        channel = guild.channels.get(channel_id)
        if channel is None:
            raise NotFound
        if not access.can_read(guild, channel, self.user_id):
            raise Forbidden
        return channel

    def managed_channel(self, guild: Guild, channel_id: str) -> Channel:
        """A channel in which the caller may manage overrides, with or without access: who hides a channel
        from everybody can open it again. Else `NotFound` or `Forbidden`.
        """
        channel = guild.channels.get(channel_id)
        if channel is None:
            raise NotFound
        if _MANAGE not in access.in_channel(guild, channel, self.user_id):
            raise Forbidden
        return channel


async def _this_call(request: Request) -> Call:
    return call_of(request.scope)


async def _caller(request: Request) -> Caller:
    # A JSON body has been read by now.
    call = call_of(request.scope)
    user = call.backend.store.users[_session(call).user_id]
    return Caller(backend=call.backend, user=user, address=call.address)


def _session(call: Call) -> Session:
    session = call.session
    if session is None:
        raise InvalidCredentials
    return session


ThisCall = Annotated[Call, Depends(_this_call)]
"""A call of anybody."""
ThisCaller = Annotated[Caller, Depends(_caller)]
"""A call that needs a valid access token (REST-2)."""


def well_formed(user_id: str) -> str:
    """Return a user id from a path; raises `InvalidRequest` for what cannot be one."""
    if not ULID_PATTERN.fullmatch(user_id):
        raise InvalidRequest
    return user_id
