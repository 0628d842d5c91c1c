"""Accounts and sessions: who may come in, and who may not any more."""

import asyncio

from sync_check.conformance.contract.features import Feature
from sync_check.conformance.contract.limits import Limits
from sync_check.harness.hazards import Hazard
from sync_check.harness.scenario import Needs, Tier
from sync_check.harness.sessions import FOREIGN, Sessions
from sync_check.harness.stage import GENERAL, Stage
from sync_check.scenarios.registry import scenario

_DEFAULT = Limits()
_OVER = 1.3
"""How many lives of an access token have passed when it is surely over."""
_FEATURES = (Feature.MESSAGES, Feature.CHANNELS_CREATE, Feature.MEMBERS)


@scenario(
    "auth/token",
    covers=["GW-1", "GW-2", "GW-3", "REST-2"],
    features=_FEATURES,
    needs=Needs(operations=8, settles=1),
)
async def only_a_good_token_lets_in(stage: Stage) -> None:
    """Without a good token neither REST nor the gateway lets anybody in, and one in the query wins."""
    room = await stage.workspace()
    owner, ana, *_ = await stage.cast(room)
    sessions = Sessions(stage.company)
    held = await sessions.session(ana)
    good = held.access_token
    await sessions.ask(ana, good, held)
    for bad in (FOREIGN, held.refresh_token, f"{good}x", good.swapcase()):
        await sessions.ask(ana, bad, held)
        await sessions.knock(ana, held, header=bad)
        await sessions.knock(ana, held, query=bad)
        await sessions.knock(ana, held, header=good, query=bad)
    for bad in ("", " ", "\0", "Bearer"):
        await sessions.knock(ana, held, query=bad)
        await sessions.knock(ana, held, header=good, query=bad)
    await sessions.knock(ana, held)
    await sessions.knock(ana, held, header=good)
    await sessions.knock(ana, held, query=good)
    await sessions.knock(ana, held, header=FOREIGN, query=good)
    await stage.post(owner, room.channel(GENERAL), "after")
    await sessions.log_out(ana, held)


@scenario(
    "auth/refresh",
    covers=["AUTH-3", "AUTH-4", "AUTH-5", "AUTH-7", "GW-7"],
    features=_FEATURES,
    needs=Needs(operations=12, settles=1),
)
async def replayed_refresh_revokes_its_session(stage: Stage) -> None:
    """A refresh token is good once: used again it ends its session, with its tokens and connections."""
    room = await stage.workspace()
    owner, ana, *_ = await stage.cast(room)
    sessions = Sessions(stage.company)
    held, other = await sessions.session(ana), await sessions.session(ana)
    first = held.refresh_token
    connection, unharmed = await sessions.connect(ana, held), await sessions.connect(ana, other)
    await sessions.refresh(ana, held)
    await sessions.ask(ana, held.access_token, held)
    await sessions.refresh(ana, held, FOREIGN)
    await sessions.refresh(ana, held, first)
    await connection.over()
    await sessions.refresh(ana, held)
    await sessions.ask(ana, held.access_token, held)
    await sessions.knock(ana, held, header=held.access_token)
    await sessions.refresh(ana, other)
    await sessions.ask(ana, other.access_token, other)
    racing = await sessions.session(ana)
    token = racing.refresh_token
    await asyncio.gather(*(sessions.refresh(ana, racing, token) for _ in range(4)))
    await stage.post(owner, room.channel(GENERAL), "after")
    await unharmed.close()
    await connection.close()


@scenario(
    "auth/logout",
    covers=["AUTH-3", "AUTH-6", "AUTH-7", "GW-7"],
    features=_FEATURES,
    needs=Needs(operations=10, settles=1),
)
async def logout_ends_one_session(stage: Stage) -> None:
    """A logout ends its session, with its tokens and connections, and no other session of the user."""
    room = await stage.workspace()
    owner, ana, *_ = await stage.cast(room)
    sessions = Sessions(stage.company)
    held, other = await sessions.session(ana), await sessions.session(ana)
    connection, unharmed = await sessions.connect(ana, held), await sessions.connect(ana, other)
    await sessions.ask(ana, held.access_token, held)
    await sessions.log_out(ana, held, FOREIGN)
    await sessions.log_out(ana, held)
    await connection.over()
    await sessions.refresh(ana, held)
    await sessions.log_out(ana, held)
    await sessions.ask(ana, held.access_token, held)
    await sessions.knock(ana, held, query=held.access_token)
    await sessions.refresh(ana, other)
    await sessions.ask(ana, other.access_token, other)
    await stage.post(owner, room.channel(GENERAL), "after")
    await unharmed.close()
    await connection.close()


@scenario(
    "auth/account",
    covers=["AUTH-1", "AUTH-2"],
    features=_FEATURES,
    needs=Needs(operations=9, settles=1),
)
async def names_and_passwords_give_nothing_away(stage: Stage) -> None:
    """Registering a taken name changes nothing and tells nothing, and all failed logins look alike."""
    room = await stage.workspace()
    owner, ana, *_ = await stage.cast(room)
    sessions = Sessions(stage.company)
    wrong, stolen = sessions.password(ana), sessions.password(ana)
    unknown = stage.company.randomness.username(stage.company.randomness.stream("unknown-name"))
    await sessions.log_in(ana, password=wrong)
    await sessions.log_in(ana, username=unknown, password=wrong)
    await sessions.log_in(ana)
    await sessions.register(ana, ana.account.username, stolen)
    await sessions.log_in(ana, password=stolen)
    await sessions.log_in(ana)
    await sessions.log_in(ana, username=ana.account.username.upper())
    await stage.post(owner, room.channel(GENERAL), "after")


@scenario(
    "auth/lock-out",
    covers=["AUTH-2"],
    features=_FEATURES,
    hazards=(Hazard.LOCK_OUTS,),
    needs=Needs(operations=12, settles=1, waits_s=2 * _DEFAULT.login_lock_s),
    tier=Tier.NIGHTLY,
)
async def failed_logins_lock_an_account_for_a_while(stage: Stage) -> None:
    """After too many failed logins even the right password fails, like any other, until the lock is over."""
    room = await stage.workspace()
    owner, ana, *_ = await stage.cast(room)
    sessions = Sessions(stage.company)
    limits = stage.company.target.limits
    for _ in range(limits.login_failures):
        await sessions.log_in(ana, password=sessions.password(ana))
    await sessions.log_in(ana)
    await stage.company.pace.pause(2 * limits.login_lock_s, "the lock of an account")
    await sessions.log_in(ana)
    await stage.post(owner, room.channel(GENERAL), "after")


@scenario(
    "auth/expiry",
    covers=["GW-1", "REST-2", "AUTH-3"],
    features=_FEATURES,
    needs=Needs(operations=6, settles=1, waits_s=_OVER * _DEFAULT.access_token_lifetime_s),
    tier=Tier.NIGHTLY,
)
async def access_tokens_expire(stage: Stage) -> None:
    """An access token is good for about as long as it says, and its session for longer."""
    room = await stage.workspace()
    owner, ana, *_ = await stage.cast(room)
    sessions = Sessions(stage.company)
    held = await sessions.session(ana)
    expired = held.access_token
    await sessions.ask(ana, expired, held)
    lifetime_s = stage.company.target.limits.access_token_lifetime_s
    await stage.company.pace.pause(_OVER * lifetime_s, "the life of an access token")
    await sessions.ask(ana, expired, held)
    await sessions.knock(ana, held, header=expired)
    await sessions.knock(ana, held, query=expired)
    await sessions.refresh(ana, held)
    await sessions.ask(ana, held.access_token, held)
    await stage.post(owner, room.channel(GENERAL), "after")
    await sessions.log_out(ana, held)
