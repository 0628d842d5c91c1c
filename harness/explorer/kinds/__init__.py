"""The kinds of steps that programs are drawn of, and what a target must offer for each."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sync_check.conformance.contract.features import Feature
from sync_check.harness.explorer.draft import OWNER, Draft, Kind
from sync_check.harness.explorer.kinds import (
    borders,
    connections,
    content,
    credentials,
    guilds,
    limits,
    odd,
    outages,
    people,
    rights,
    slow,
)
from sync_check.harness.explorer.program import ALONE

_RECENT: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """Without which feature there is no point in a kind of step; whether time or addresses must be ours.

    `restarts` says whether the process must be.
    `verbatim` says whether names must be those of the contract, `floods` whether it sends too much.
    """

    feature: Feature | None = None
    virtual: bool = False
    addresses: bool = False
    restarts: bool = False
    verbatim: bool = False
    floods: bool = False


def again(draft: Draft) -> None:
    """What somebody did before, once more, by the same user or another one: often it changes nothing."""
    earlier = [step for step in draft.steps[-_RECENT:] if step.do not in ALONE]
    if earlier:
        step = draft.one(earlier)
        draft.add(step.do, step.args, by=draft.one((step.by, OWNER)))


KINDS: Final[Mapping[Kind, Needs]] = {
    content.messages: Needs(feature=Feature.MESSAGES),
    content.reactions: Needs(feature=Feature.REACTIONS),
    content.files: Needs(feature=Feature.ATTACHMENTS),
    content.searches: Needs(feature=Feature.SEARCH),
    content.reads: Needs(),
    guilds.channels: Needs(),
    guilds.workspace: Needs(feature=Feature.WORKSPACE_UPDATE),
    guilds.members: Needs(feature=Feature.MEMBERS),
    guilds.removals: Needs(),
    guilds.roles: Needs(feature=Feature.ROLES),
    guilds.assignments: Needs(feature=Feature.ROLES),
    guilds.overrides: Needs(),
    guilds.access_games: Needs(feature=Feature.OVERRIDES_PERMISSION),
    guilds.hidden_games: Needs(feature=Feature.OVERRIDES_PERMISSION),
    guilds.newcomers: Needs(feature=Feature.DIRECTORY),
    people.profiles: Needs(feature=Feature.PROFILE),
    people.images: Needs(),
    people.friends: Needs(feature=Feature.FRIENDS),
    people.people: Needs(),
    people.accounts: Needs(),
    people.guilds: Needs(),
    people.bans_of_addresses: Needs(feature=Feature.IP_BANS, addresses=True),
    rights.rights: Needs(feature=Feature.ROLES),
    borders.borders: Needs(feature=Feature.MESSAGES),
    borders.banned_addresses: Needs(feature=Feature.IP_BANS, addresses=True),
    credentials.credentials: Needs(),
    credentials.expired: Needs(virtual=True),
    outages.restarts: Needs(restarts=True),
    outages.vanishings: Needs(virtual=True),
    limits.limits: Needs(),
    again: Needs(),
    connections.connections: Needs(),
    connections.commands: Needs(feature=Feature.MESSAGES),
    connections.stalls: Needs(),
    connections.voice: Needs(feature=Feature.VOICE),
    connections.pauses: Needs(virtual=True),
    slow.slow_consumers: Needs(feature=Feature.MESSAGES, virtual=True),
    odd.offences: Needs(feature=Feature.MESSAGES, verbatim=True),
    odd.requests: Needs(feature=Feature.MESSAGES, verbatim=True),
    odd.floods: Needs(feature=Feature.MESSAGES, verbatim=True, floods=True),
    odd.pings: Needs(),
}
"""A kind that needs no feature holds operations of several: those that are not offered are left out."""


def kinds_of(
    features: frozenset[Feature],
    *,
    virtual: bool = False,
    addresses: bool = False,
    restarts: bool = False,
    verbatim: bool = False,
    floods: bool = False,
) -> list[Kind]:
    """The kinds of steps that a target with these features can be asked for.

    `virtual` says that time is ours, `addresses` that each user has an address of their own, `restarts` that
    the target can be taken down, `verbatim` that it calls things as the contract does, `floods` that it may
    be sent too much.
    """
    return [
        kind
        for kind, needs in KINDS.items()
        if needs.feature in (None, *features)
        and (virtual or not needs.virtual)
        and (addresses or not needs.addresses)
        and (restarts or not needs.restarts)
        and (verbatim or not needs.verbatim)
        and (floods or not needs.floods)
    ]
