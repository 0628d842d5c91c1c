"""A guild of one's own, in which a user hears events however little they are entitled to elsewhere.

Who is entitled to nothing gets events of user scope at most, and these alone do not show that the target
keeps one order of all scopes on a connection (DELIV-2). At home the same connection gets those of channels
and guilds too.
"""

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.history import Purpose
from sync_check.harness.caller import Canary, Reply
from sync_check.harness.client import Client, Connection
from sync_check.harness.company import Company
from sync_check.harness.concurrency import all_done
from sync_check.harness.room import Place


async def bring_home(company: Company, client: Client, connections: list[Connection]) -> Place | None:
    """Subscribe connections of `client` to the channel of its own guild, which is founded at the first time.

    None where the user may own no more guilds, or where the target refuses; it is not asked again then.
    """
    account = client.account
    if account.home is None and not account.homeless:
        account.home = await _found(company, client)
    if account.home is None:
        account.homeless = True
        return None
    away = [one for one in connections if account.home.channel_id not in one.replica.live]
    if not all(await all_done(one.enter(account.home) for one in away)):
        # It proves less without, which is said; what the scenario itself is about goes on.
        account.home, account.homeless = None, True
    return account.home


async def _found(company: Company, client: Client) -> Place | None:
    if client.account.owned >= company.target.limits.guilds_per_user:
        return None
    name = company.canary()
    create = ops.CreateGuild(guild_name=f"home {name} {company.randomness.run_id()}")
    guild = await _set_up(company, client, create, name, "guild_name")
    guild_id = guild.body.get("guild_id")
    if not isinstance(guild_id, str):
        return None
    client.account.guilds.append(guild_id)
    name = company.canary()
    add = ops.CreateChannel(guild_id=guild_id, channel_name=f"home-{name}")
    channel = await _set_up(company, client, add, name, "channel_name")
    channel_id = channel.body.get("channel_id")
    return Place(guild_id=guild_id, channel_id=channel_id) if isinstance(channel_id, str) else None


async def _set_up(company: Company, client: Client, operation: ops.Operation, name: str, what: str) -> Reply:
    canary = Canary(text=name, what=what)
    return await company.call(client, operation, purpose=Purpose.SETUP, canaries=(canary,))
