"""One probe from its beginning to its end."""

from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract.features import Feature
from sync_check.harness.clock import Clock
from sync_check.harness.randomness import Randomness
from sync_check.harness.target import Target
from sync_check.probing.bench import Bench, open_bench
from sync_check.probing.features import look_at_features
from sync_check.probing.limits import look_at_limits
from sync_check.probing.nature import clock_offset, metric_prefix, order_of_events, revision_of
from sync_check.probing.sights import Sight, unseen


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What a probe saw of the target at `url`, by `calls` to it; `left` is the workspace that stays there.

    `features` are true or false, `limits` numbers; `window` is whether overrides are told of under their
    former name too, `clock_s` how far the target's clock is ahead, `order` whether events kept theirs.
    """

    url: str
    features: Mapping[Feature, Sight]
    limits: Mapping[str, Sight]
    revision: Sight
    window: Sight
    prefix: Sight
    clock_s: Sight
    order: Sight
    left: str
    calls: int


async def survey(
    target: Target,
    randomness: Randomness,
    *,
    clock: Clock | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
) -> Survey:
    """Probe a target. Raises `TargetUnavailable` where no client can be served at all.

    `clock` and `transport` stand in for real time and for the network of REST calls.
    """
    async with open_bench(target, randomness, clock=clock, transport=transport) as bench:
        features = await look_at_features(bench)
        there = {feature for feature, sight in features.items() if sight.value}
        limits = await look_at_limits(bench, there)
        prefix = await metric_prefix(bench) if Feature.METRICS in there else unseen("there are no counters")
        both = {Feature.MESSAGES, Feature.WORKSPACE_UPDATE} <= there
        order = await order_of_events(bench) if both else unseen("it takes messages and workspace.update")
        ahead = await clock_offset(bench) if Feature.MESSAGES in there else unseen("it takes messages")
        await _tidy_up(bench, there)
        revision, window = revision_of(bench.heard.names, features)
        return Survey(
            url=target.url,
            features=features,
            limits=limits,
            revision=revision,
            window=window,
            prefix=prefix,
            clock_s=ahead,
            order=order,
            left=bench.guild_name,
            calls=bench.calls,
        )


async def _tidy_up(bench: Bench, there: set[Feature]) -> None:
    """What can be deleted is; the workspace, which cannot, gets its name back, by which it is recognised."""
    if Feature.WORKSPACE_UPDATE in there:
        await bench.ask(ops.UpdateGuild(guild_id=bench.guild_id, guild_name=bench.guild_name))
    if Feature.CHANNELS_DELETE in there:
        for channel_id in bench.channels:
            await bench.ask(ops.DeleteChannel(guild_id=bench.guild_id, channel_id=channel_id))
