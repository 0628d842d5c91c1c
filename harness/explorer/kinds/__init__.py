"""The kinds of steps that programs are drawn of and the cards that they are dealt, and what each needs."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final

from sync_check.conformance.contract.features import Feature
from sync_check.conformance.contract.operations import OPERATIONS
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
    ranks,
    rights,
    slow,
)
from sync_check.harness.explorer.program import ALONE
from sync_check.harness.explorer.scope import Condition, Needs, Scope

_RECENT: Final = 4


def again(draft: Draft) -> None:
    """What somebody did before, once more, by the same user or another one: often it changes nothing."""
    earlier = [step for step in draft.steps[-_RECENT:] if step.do not in ALONE]
    if earlier:
        step = draft.one(earlier)
        draft.add(step.do, step.args, by=draft.one((step.by, OWNER)))


KINDS: Final[Mapping[Kind, Needs]] = {
    content.messages: Needs.of(Feature.MESSAGES),
    content.reactions: Needs.of(Feature.REACTIONS),
    content.files: Needs.of(Feature.ATTACHMENTS),
    content.searches: Needs.of(Feature.SEARCH),
    content.reads: Needs(),
    guilds.channels: Needs(),
    guilds.workspace: Needs.of(Feature.WORKSPACE_UPDATE),
    guilds.members: Needs.of(Feature.MEMBERS),
    guilds.removals: Needs(),
    guilds.roles: Needs.of(Feature.ROLES),
    guilds.assignments: Needs.of(Feature.ROLES),
    guilds.overrides: Needs(),
    guilds.access_games: Needs.of(Feature.OVERRIDES_PERMISSION),
    guilds.hidden_games: Needs.of(Feature.OVERRIDES_PERMISSION),
    guilds.newcomers: Needs.of(Feature.DIRECTORY),
    people.profiles: Needs.of(Feature.PROFILE),
    people.images: Needs(),
    people.friends: Needs.of(Feature.FRIENDS),
    people.people: Needs(),
    people.accounts: Needs(),
    people.guilds: Needs(),
    people.bans_of_addresses: Needs.of(Feature.IP_BANS, Condition.ADDRESSES),
    rights.rights: Needs.of(Feature.ROLES),
    borders.borders: Needs.of(Feature.MESSAGES),
    borders.banned_addresses: Needs.of(Feature.IP_BANS, Condition.ADDRESSES),
    credentials.credentials: Needs(),
    credentials.expired: Needs.of(None, Condition.VIRTUAL),
    outages.restarts: Needs.of(None, Condition.RESTARTS),
    outages.vanishings: Needs.of(None, Condition.VIRTUAL),
    limits.limits: Needs(),
    again: Needs(),
    connections.connections: Needs(),
    connections.commands: Needs.of(Feature.MESSAGES),
    connections.stalls: Needs(),
    connections.voice: Needs.of(Feature.VOICE),
    connections.pauses: Needs.of(None, Condition.VIRTUAL),
    odd.offences: Needs.of(Feature.MESSAGES, Condition.VERBATIM),
    odd.requests: Needs.of(Feature.MESSAGES, Condition.VERBATIM),
    odd.floods: Needs.of(Feature.MESSAGES, Condition.VERBATIM, Condition.FLOODS),
    odd.pings: Needs(),
}
"""A kind that needs no feature holds operations of several: those that are not offered are left out."""


def kinds_of(scope: Scope) -> list[Kind]:
    """The kinds of steps that a target can be asked for."""
    return [kind for kind, needs in KINDS.items() if needs.are_met(scope)]


def _need_of(do: str) -> Needs:
    """What an operation needs; addresses are told and banned where each user has one of their own."""
    feature = OPERATIONS[do].feature
    return Needs.of(feature, *([Condition.ADDRESSES] if feature is Feature.IP_BANS else []))


_ODD: Final = Needs.of(Feature.MESSAGES, Condition.VERBATIM)
_INPUTS: Final = [(card, _ODD) for card in odd.INPUTS]
_REQUESTS: Final = [(card, _ODD) for card in odd.REQUESTS]
_CHEAP: Final = [
    *((card, Needs()) for card in limits.CARDS),
    *((card, Needs.of(Feature.ROLES)) for card in rights.GAMES),
    *((card, Needs.of(Feature.MESSAGES)) for card in borders.GAMES),
    (people.not_theirs, Needs.of(Feature.FRIENDS)),
    (borders.banned_address, Needs.of(Feature.IP_BANS, Condition.ADDRESSES)),
]
_DEAR: Final = [
    *((card, Needs()) for card in limits.DEAR_CARDS),
    (slow.slow_consumer, Needs.of(Feature.MESSAGES, Condition.VIRTUAL)),
]
"""Cards that take as long as a program does, so they are in the pile half as often."""
_RARE: Final = [*_CHEAP, *_CHEAP, *_DEAR]
_RANKS: Final = [(card, _need_of(do)) for do, cards in ranks.CARDS.items() for card in cards]
PILES: Final[Sequence[tuple[int, Sequence[tuple[Kind, Needs]]]]] = (
    *((2, _INPUTS), (2, _REQUESTS)),
    *((1, _RARE), (1, _RANKS)),
)
"""Of each pile, how many cards every program is dealt: a single one shows what hardly anything else does."""


@cache
def piles_of(scope: Scope) -> Sequence[tuple[int, Sequence[Kind]]]:
    """The cards that make sense for a target, and how many of each pile a program is dealt."""
    piles = [(dealt, [card for card, needs in pile if needs.are_met(scope)]) for dealt, pile in PILES]
    return [(dealt, cards) for dealt, cards in piles if cards]
