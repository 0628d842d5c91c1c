"""The limits of contract 6.1 with their default values."""

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt


class Limits(BaseModel):
    """Every limit in force on a target; the defaults are the contract's. Units are in the names."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    max_gateway_event_bytes: PositiveInt = 65536
    gateway_outbound_queue: PositiveInt = Field(256, description="events waiting for one connection")
    ingress_frames: PositiveInt = Field(60, description="frames per `ingress_window_s` and connection")
    ingress_window_s: PositiveFloat = 10.0
    max_body_bytes: PositiveInt = 1024 * 1024
    request_timeout_s: PositiveFloat = 10.0
    requests_per_minute: PositiveInt = Field(600, description="all REST calls, per user or else address")
    auth_requests_per_minute: PositiveInt = Field(
        60, description="register, login, refresh, profile, avatar, banner: each its own, per address"
    )
    joins_per_minute_address: PositiveInt = 60
    joins_per_minute_user: PositiveInt = 30
    guilds_per_user: PositiveInt = 5
    message_bytes: PositiveInt = 2000
    about_bytes: PositiveInt = 2048
    guild_name_bytes: PositiveInt = 64
    channel_name_bytes: PositiveInt = 64
    role_name_bytes: PositiveInt = 32
    history_page: PositiveInt = 100
    members_page: PositiveInt = 200
    listed_guilds: PositiveInt = 200
    listed_channels: PositiveInt = 500
