"""Which limits are in force: those whose excess is one refused call and harms nobody (contract 6.1).

A limit is n where a call with n is accepted and one with n + 1 is refused with 400 (LIMIT-1).
"""

from collections.abc import Callable, Collection, Mapping
from typing import Final

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract.features import Feature
from sync_check.conformance.contract.limits import Limits
from sync_check.conformance.history import Purpose
from sync_check.harness.room import Place
from sync_check.probing.bench import Bench
from sync_check.probing.sights import Sight, unseen

_ACCEPTED: Final = frozenset((200, 204))
_REFUSED: Final = 400
_FURTHEST: Final = 16
"""How many times the contract's value is looked for."""
_LIFETIME: Final = "access_token_lifetime_s"
_Make = Callable[[Bench, Place, int], ops.Operation]

_MAKES: Final[Mapping[str, _Make]] = {
    "message_bytes": lambda _, place, n: ops.CreateMessage(
        guild_id=place.guild_id, channel_id=place.channel_id, content="m" * n
    ),
    "guild_name_bytes": lambda bench, _, n: ops.UpdateGuild(guild_id=bench.guild_id, guild_name="g" * n),
    "channel_name_bytes": lambda _, place, n: ops.UpdateChannel(
        guild_id=place.guild_id, channel_id=place.channel_id, channel_name="c" * n
    ),
    "history_page": lambda _, place, n: ops.History(
        guild_id=place.guild_id, channel_id=place.channel_id, limit=n
    ),
    "members_page": lambda bench, _, n: ops.ListMembers(guild_id=bench.guild_id, limit=n),
    "audit_page": lambda bench, _, n: ops.ReadAudit(guild_id=bench.guild_id, limit=n),
    "ip_bans_page": lambda bench, _, n: ops.ListIpBans(guild_id=bench.guild_id, limit=n),
    "search_page": lambda bench, _, n: ops.Search(guild_id=bench.guild_id, q="probe", limit=n),
    "search_characters": lambda bench, _, n: ops.Search(guild_id=bench.guild_id, q="s" * n),
    "search_terms": lambda bench, _, n: ops.Search(guild_id=bench.guild_id, q=" ".join(["t"] * n)),
    "public_guilds_page": lambda _bench, _, n: ops.ListPublicGuilds(limit=n),
}
FEATURE_OF: Final[Mapping[str, Feature]] = {
    "message_bytes": Feature.MESSAGES,
    "guild_name_bytes": Feature.WORKSPACE_UPDATE,
    "channel_name_bytes": Feature.CHANNELS_UPDATE,
    "history_page": Feature.MESSAGES,
    "members_page": Feature.MEMBERS,
    "audit_page": Feature.AUDIT,
    "ip_bans_page": Feature.IP_BANS,
    "search_page": Feature.SEARCH,
    "search_characters": Feature.SEARCH,
    "search_terms": Feature.SEARCH,
    "public_guilds_page": Feature.DIRECTORY,
}
"""What each of them takes to be looked for."""
HIDDEN: Final[Mapping[str, str]] = {
    **dict.fromkeys(("max_gateway_event_bytes", "max_body_bytes"), "shows only by hostile input"),
    "gateway_outbound_queue": "shows only by a client that does not read",
    **dict.fromkeys(
        (
            "ingress_frames",
            "ingress_window_s",
            "requests_per_minute",
            "auth_requests_per_minute",
            "joins_per_minute_address",
            "joins_per_minute_user",
            "voice_tokens_per_minute",
            "voice_publishes_per_minute",
            "voice_subscribe_leases",
        ),
        "shows only by a flood",
    ),
    **dict.fromkeys(("login_failures", "login_lock_s"), "shows only by locking an account out"),
    **dict.fromkeys(
        ("attachment_bytes", "attachment_quota_bytes", "avatar_bytes", "banner_bytes"),
        "shows only by large uploads",
    ),
    **dict.fromkeys(
        (
            "guilds_per_user",
            "roles_per_guild",
            "assignments_per_member",
            "ip_bans_per_guild",
            "listed_guilds",
            "listed_channels",
            "reactions_per_message",
        ),
        "would leave much behind",
    ),
    **dict.fromkeys(("reactor_ids", "voice_participants"), "takes more accounts"),
    **dict.fromkeys(
        ("about_bytes", "attachments_per_message", "emoji_characters", "lookup_users", "role_name_bytes"),
        "for `sync-check run limits/sizes`",
    ),
    **dict.fromkeys(
        ("ping_interval", "request_timeout_s", "refresh_token_lifetime_s", "voice_lease_s"),
        "shows only by waiting",
    ),
}
"""The limits that a probe does not look for, and why."""


async def look_at_limits(bench: Bench, features: Collection[Feature]) -> dict[str, Sight]:
    """Every limit of the contract but those of features that are not among `features`, which are there."""
    found: dict[str, Sight] = {}
    for name in Limits.model_fields:
        if name in HIDDEN:
            found[name] = unseen(HIDDEN[name])
        elif name == _LIFETIME:
            found[name] = await _token_lifetime(bench)
        elif FEATURE_OF[name] in features:
            found[name] = await _limit(bench, name)
    return found


async def _limit(bench: Bench, name: str) -> Sight:
    place = bench.place
    if place is None:
        return unseen("there is no channel to look at it in")
    usual: int = Limits.model_fields[name].default
    known = {0: True}

    async def accepted(value: int) -> bool | None:
        status = (await bench.ask(_MAKES[name](bench, place, value))).status
        if status not in (*_ACCEPTED, _REFUSED):
            return None
        known[value] = status in _ACCEPTED
        return known[value]

    first, beyond = await accepted(usual), await accepted(usual + 1)
    if first is None or beyond is None:
        return unseen("it is not answered by 200 and 400")
    while beyond and max(known) < usual * _FURTHEST:
        beyond = await accepted(max(known) * 2)
    if beyond is not False and all(known.values()):
        return unseen(f"{max(known)} is accepted still")
    low = max(value for value, is_accepted in known.items() if is_accepted)
    high = min(value for value, is_accepted in known.items() if not is_accepted)
    while high - low > 1:
        middle = (low + high) // 2
        if await accepted(middle):
            low = middle
        else:
            high = middle
    return Sight(value=low, why=f"{low} is accepted and {high} refused") if low else unseen("1 is refused")


async def _token_lifetime(bench: Bench) -> Sight:
    """The word of a login's answer."""
    account = bench.owner.account
    bench.calls += 1
    login = ops.Login(username=account.username, password=account.password)
    answer = (await bench.company.caller.call(account, login, purpose=Purpose.SETUP)).answer
    seconds = answer.json.get("expires_in_secs") if isinstance(answer.json, dict) else None
    if isinstance(seconds, bool) or not isinstance(seconds, int) or seconds < 1:
        return unseen("no login tells of it")
    return Sight(value=float(seconds), why="as a login tells")
