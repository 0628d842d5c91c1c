"""The limits of contract 6.1 and the other times of the contract, with their default values."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt


class Limits(BaseModel):
    """Every limit in force on a target; the defaults are the contract's. Descriptions tell units."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    max_gateway_event_bytes: PositiveInt = Field(65536, description="one gateway frame, either way")
    gateway_outbound_queue: PositiveInt = Field(256, description="events waiting for one connection")
    ingress_frames: PositiveInt = Field(60, description="frames per `ingress_window_s` and connection")
    ingress_window_s: PositiveFloat = Field(10.0, description="seconds of the ingress rate's sliding window")
    ping_interval: PositiveFloat = Field(30.0, description="seconds between the server's pings (GW-6)")

    max_body_bytes: PositiveInt = Field(1024 * 1024, description="a JSON body")
    request_timeout_s: PositiveFloat = Field(10.0, description="seconds for one REST call")
    requests_per_minute: PositiveInt = Field(600, description="all REST calls, per user or else address")
    auth_requests_per_minute: PositiveInt = Field(
        60, description="register, login, refresh, profile, avatar, banner: each its own, per address"
    )
    joins_per_minute_address: PositiveInt = Field(60, description="joins, per address")
    joins_per_minute_user: PositiveInt = Field(30, description="joins, per user")
    voice_tokens_per_minute: PositiveInt = Field(
        60, description="voice tokens, per address, user and channel"
    )
    voice_publishes_per_minute: PositiveInt = Field(
        60, description="tokens for camera or screen, per address, user and channel"
    )

    access_token_lifetime_s: PositiveFloat = Field(900.0, description="seconds an access token is good")
    refresh_token_lifetime_s: PositiveFloat = Field(
        30 * 24 * 3600.0, description="seconds, for refresh tokens"
    )
    login_failures: PositiveInt = Field(5, description="failed logins in a row that lock an account")
    login_lock_s: PositiveFloat = Field(30.0, description="seconds that a locked account stays locked")

    guilds_per_user: PositiveInt = Field(5, description="guilds that one user may create")
    roles_per_guild: PositiveInt = Field(64, description="roles of one guild")
    assignments_per_member: PositiveInt = Field(16, description="roles assigned to one member")
    ip_bans_per_guild: PositiveInt = Field(4096, description="active IP bans of one guild")

    message_bytes: PositiveInt = Field(2000, description="the content of a message")
    attachments_per_message: PositiveInt = Field(5, description="attachments of one message")
    about_bytes: PositiveInt = Field(2048, description="the about text of a profile")
    emoji_characters: PositiveInt = Field(32, description="characters of a reaction's emoji")
    guild_name_bytes: PositiveInt = Field(64, description="the name of a guild")
    channel_name_bytes: PositiveInt = Field(64, description="the name of a channel")
    role_name_bytes: PositiveInt = Field(32, description="the name of a role")

    attachment_bytes: PositiveInt = Field(25 * 1024 * 1024, description="one attachment")
    attachment_quota_bytes: PositiveInt = Field(250 * 1024 * 1024, description="all attachments of a user")
    avatar_bytes: PositiveInt = Field(2 * 1024 * 1024, description="an avatar")
    banner_bytes: PositiveInt = Field(6 * 1024 * 1024, description="a banner")

    history_page: PositiveInt = Field(100, description="messages of one page")
    audit_page: PositiveInt = Field(100, description="audit rows of one page")
    ip_bans_page: PositiveInt = Field(100, description="IP bans of one page")
    members_page: PositiveInt = Field(200, description="members of one page")
    search_page: PositiveInt = Field(50, description="messages found by one search")
    public_guilds_page: PositiveInt = Field(50, description="guilds of one directory search")
    lookup_users: PositiveInt = Field(64, description="users looked up at once")
    listed_guilds: PositiveInt = Field(200, description="guilds in the own list")
    listed_channels: PositiveInt = Field(500, description="channels in a guild's list")
    reactions_per_message: PositiveInt = Field(64, description="different emoji told with one message")
    reactor_ids: PositiveInt = Field(32, le=32, description="users told with one reaction, at most 32")

    search_characters: PositiveInt = Field(256, description="characters of a search")
    search_terms: PositiveInt = Field(20, description="terms of a search")

    voice_participants: PositiveInt = Field(512, description="participants of one channel")
    voice_subscribe_leases: PositiveInt = Field(
        6, description="unexpired subscribing tokens, per user and channel"
    )
    voice_lease_s: PositiveFloat = Field(300.0, description="seconds from the last token to expiry")


PASSWORD_BYTES: Final = range(12, 129)
"""How long a password may be (contract 2.3)."""
USERNAME_BYTES: Final = range(3, 33)
"""How long a username may be (contract 2.3)."""
FILENAME_BYTES: Final = range(1, 129)
"""How long the name of a file may be (contract 2.5)."""
DIRECTORY_QUERY_BYTES: Final = range(65)
"""How long what is looked for in the directory may be (contract 2.4)."""
AUDIT_PREFIX_CHARACTERS: Final = range(1, 65)
"""How long the beginning of actions may be that are looked for in an audit log (contract 2.4)."""
FIXED: Final[Mapping[str, int]] = MappingProxyType(
    {
        "password_bytes": PASSWORD_BYTES[-1],
        "username_bytes": USERNAME_BYTES[-1],
        "filename_bytes": FILENAME_BYTES[-1],
        "directory_query_bytes": DIRECTORY_QUERY_BYTES[-1],
        "audit_prefix_characters": AUDIT_PREFIX_CHARACTERS[-1],
    }
)
"""Limits that are the same on every target: the contract has no value to declare for them."""


def declared(limits: Limits, name: str) -> int:
    """The value of a limit on a target, be it one that this declares or a fixed one."""
    value: int = FIXED[name] if name in FIXED else getattr(limits, name)
    return value
