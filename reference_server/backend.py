"""One server's parts, put together: what routes and the gateway share."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Final

from sync_check.conformance.contract.permissions import SEED_ROLES
from sync_check.conformance.contract.values import GuildVisibility
from sync_check.reference_server import access, endings
from sync_check.reference_server.accounts import Accounts, Session
from sync_check.reference_server.clock import Clock
from sync_check.reference_server.connections import Connections
from sync_check.reference_server.deviation import Faithful, deviation
from sync_check.reference_server.errors import RateLimited
from sync_check.reference_server.event_log import EventLog
from sync_check.reference_server.fanout import FanOut
from sync_check.reference_server.guild import Guild
from sync_check.reference_server.metrics import Metrics
from sync_check.reference_server.nodes import Nodes
from sync_check.reference_server.presence import Presence
from sync_check.reference_server.randomness import Randomness, id_source, token_source
from sync_check.reference_server.rate import KeyedBuckets, KeyedWindows
from sync_check.reference_server.settings import Settings
from sync_check.reference_server.store import Store
from sync_check.reference_server.voice.participants import Participants

AUTH_ROUTES: Final = ("register", "login", "refresh", "profile", "avatar", "banner")
"""Each has a rate of its own (contract 6.1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IdSources:
    """Where new ids come from, one source for each kind."""

    guild: Callable[[], str]
    channel: Callable[[], str]
    message: Callable[[], str]
    role: Callable[[], str]
    attachment: Callable[[], str]
    audit: Callable[[], str]
    ban: Callable[[], str]
    friend_request: Callable[[], str]
    rest_request: Callable[[], str]


class RateLimits:
    """The limits on REST calls and upgrades; every refusal is counted and raises `RateLimited`."""

    def __init__(self, *, settings: Settings, clock: Clock, metrics: Metrics) -> None:
        limits = settings.limits
        self._clock = clock
        self._metrics = metrics
        self._global = KeyedBuckets(per_minute=limits.requests_per_minute)
        self._auth = {
            route: KeyedWindows(limit=limits.auth_requests_per_minute, window_s=60) for route in AUTH_ROUTES
        }
        self._joins_by_address = KeyedWindows(limit=limits.joins_per_minute_address, window_s=60)
        self._joins_by_user = KeyedWindows(limit=limits.joins_per_minute_user, window_s=60)
        self._voice_tokens = KeyedWindows(limit=limits.voice_tokens_per_minute, window_s=60)
        self._voice_publishes = KeyedWindows(limit=limits.voice_publishes_per_minute, window_s=60)
        self._voice_leases = KeyedWindows(limit=limits.voice_subscribe_leases, window_s=limits.voice_lease_s)

    def admit_request(self, *, user_id: str | None, address: str) -> None:
        """Count a request for its user, or for its address where there is none."""
        key = f"address/{address}" if user_id is None else f"user/{user_id}"
        if not self._global.admit(key, self._clock.monotonic()):
            self._metrics.rate_limited("http", "global")
            raise RateLimited

    def admit_join(self, *, user_id: str, address: str) -> None:
        """Count a join for its address and for its user."""
        self._admit((self._joins_by_address, address, "join"), (self._joins_by_user, user_id, "join"))

    def admit_voice(
        self, *, user_id: str, address: str, channel_id: str, shows: bool, subscribes: bool
    ) -> None:
        """Count a voice token for address, user and channel together; `shows` says camera or screen.

        One that lets its user subscribe is a lease besides, until it expires.
        """
        key = f"{address}/{user_id}/{channel_id}"
        publish = [(self._voice_publishes, key, "voice")] if shows else []
        lease = [(self._voice_leases, f"{user_id}/{channel_id}", "voice_lease")] if subscribes else []
        self._admit((self._voice_tokens, key, "voice"), *publish, *lease)

    def _admit(self, *counted: tuple[KeyedWindows, str, str]) -> None:
        """Count for every key, or for none where one limit refuses (LIMIT-1); the last is the reason told."""
        now = self._clock.monotonic()
        for windows, key, reason in counted:
            if not windows.has_room(key, now):
                self._metrics.rate_limited("http", reason)
                raise RateLimited
        for windows, key, _ in counted:
            windows.admit(key, now)

    def admit_auth(self, route: str, address: str) -> None:
        """Count a call of one of `AUTH_ROUTES` for its address."""
        if not self._auth[route].admit(address, self._clock.monotonic()):
            self._metrics.rate_limited("http", "auth_failure")
            raise RateLimited


@dataclass(frozen=True, slots=True, kw_only=True)
class Backend:
    """The state of one server and everything that acts on it."""

    settings: Settings
    clock: Clock
    ids: IdSources
    store: Store
    accounts: Accounts
    connections: Connections
    nodes: Nodes
    fanout: FanOut
    metrics: Metrics
    rates: RateLimits
    presence: Presence
    voice: Participants
    new_voice_token: Callable[[], str]
    event_log: EventLog | None
    deviation: Faithful
    starts: int = 0
    """How many processes there were before this one that left their state to it."""

    def shuts_out(self, guild: Guild, user_id: str, address: str) -> bool:
        """Whether an IP ban of the guild is in force for this user at this address (IPBAN-2)."""
        return access.is_address_banned(guild, user_id, address, now_unix=self.clock.wall())

    def found_guild(self, *, owner_id: str, name: str, visibility: GuildVisibility) -> Guild:
        """Store a new guild with its seed roles and its owner; nothing is announced (GUILD-1)."""
        guild = Guild.founded(
            guild_id=self.ids.guild(),
            name=name,
            visibility=visibility,
            role_ids=[self.ids.role() for _ in SEED_ROLES],
        )
        self.store.guilds[guild.guild_id] = guild
        self.store.join(guild, owner_id, "owner")
        return guild


def build_backend(
    settings: Settings,
    *,
    clock: Clock | None = None,
    write_log: Callable[[str], object] | None = None,
    starts: int = 0,
    since: float = 0.0,
) -> Backend:
    """Put a server together; `clock` is the running event loop's and the system's if not given.

    `write_log` gets each line about an event where the settings want them, instead of standard error. After
    so many `starts` nothing is drawn again that was drawn in one of them, and all ids are later than `since`,
    in seconds of the wall clock.
    """
    clock = clock or Clock()
    randomness = Randomness(settings.seed, starts=starts)
    store = Store()
    connections = Connections()
    nodes = Nodes(settings.nodes, randomness)
    metrics = Metrics(settings.metric_prefix)
    write_log = write_log or sys.stderr.write
    event_log = EventLog(write=write_log, clock=clock) if settings.log == "json" else None
    deviating = deviation(settings.defect, settings.variants, connections=connections, store=store)
    settings = settings.model_copy(update={"limits": deviating.limiting(settings.limits)})
    accounts = deviating.accounts(store=store, clock=clock, randomness=randomness, limits=settings.limits)
    accounts.on_revoked = lambda session: _end_connections(connections, session)
    return Backend(
        settings=settings,
        clock=clock,
        ids=IdSources(
            **{
                kind.name: id_source(kind.name, clock=clock, randomness=randomness, since=since)
                for kind in fields(IdSources)
            }
        ),
        store=store,
        accounts=accounts,
        connections=connections,
        nodes=nodes,
        fanout=FanOut(
            connections=connections,
            metrics=metrics,
            limits=settings.limits,
            deviation=deviating,
            nodes=nodes,
            event_log=event_log,
        ),
        presence=Presence(),
        voice=Participants(),
        event_log=event_log,
        deviation=deviating,
        new_voice_token=token_source("voice", randomness),
        metrics=metrics,
        rates=RateLimits(settings=settings, clock=clock, metrics=metrics),
        starts=starts,
    )


def _end_connections(connections: Connections, session: Session) -> None:
    for connection in list(connections.of_user(session.user_id)):
        if connection.session_id == session.session_id:
            connection.end(endings.SESSION_REVOKED)
