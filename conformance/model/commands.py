"""The command `message_create` in the model: it does what REST would, or ends the connection (3.4)."""

from collections.abc import Iterator
from dataclasses import dataclass

from sync_check.conformance.contract.limits import Limits
from sync_check.conformance.contract.operations import CreateMessage
from sync_check.conformance.contract.values import ULID_PATTERN
from sync_check.conformance.model.access import is_owner
from sync_check.conformance.model.address_bans import ShutOut
from sync_check.conformance.model.ip_bans import standing_at, with_ip_bans
from sync_check.conformance.model.messages import expect_create, fits
from sync_check.conformance.model.transitions import Expectation, Situation


@dataclass(frozen=True, slots=True, kw_only=True)
class Prospect:
    """Whether a command may be carried out, whether it may be refused, and what then asks for that.

    `reasons` are the requirements of which one makes it refused, where more than one may.
    """

    carried_out: bool
    refused: bool
    requirement: str
    reasons: frozenset[str]


def prospect(situation: Situation, asked: CreateMessage) -> Prospect:
    """What the server may do with the command in this situation."""
    if is_malformed(asked, situation.limits):
        return Prospect(carried_out=False, refused=True, requirement="BAD-5", reasons=frozenset(("BAD-5",)))
    plain = expect_create(situation, asked)
    expectation = with_ip_bans(situation, asked, plain)
    return Prospect(
        carried_out=_may_succeed(expectation),
        refused=_may_be_refused(expectation),
        requirement="IPBAN-2" if expectation.requirement == "IPBAN-2" else "BAD-7",
        reasons=frozenset(_reasons(situation, asked, plain)) if _may_be_refused(expectation) else frozenset(),
    )


def _reasons(situation: Situation, asked: CreateMessage, plain: Expectation) -> Iterator[str]:
    """Why a command may be refused that is to be answered as `plain`, but for bans of addresses."""
    guild = situation.world.guilds.get(asked.guild_id)
    banned = standing_at(guild, situation.address, situation.asked_at, situation.answered_at)
    # An owner is let in; a target that refuses all the same may say either (IPBAN-3).
    is_exempt = guild is not None and is_owner(guild, situation.actor)
    if banned is not ShutOut.NO:
        yield "IPBAN-2"
    if (_may_be_refused(plain) or is_exempt) and (banned is not ShutOut.SURELY or is_exempt):
        yield "BAD-7"


def _may_succeed(expectation: Expectation) -> bool:
    return any(status < 300 for status in expectation.statuses | expectation.tolerated)


def _may_be_refused(expectation: Expectation) -> bool:
    return any(status >= 400 for status in expectation.statuses | expectation.tolerated)


def is_malformed(asked: CreateMessage, limits: Limits) -> bool:
    """Whether the payload breaks the rules of ids and contents (BAD-5)."""
    attachment_ids = asked.attachment_ids or []
    ids = (asked.guild_id, asked.channel_id, *attachment_ids)
    return (
        not all(ULID_PATTERN.fullmatch(one) for one in ids)
        or len(attachment_ids) > limits.attachments_per_message
        or not fits(asked.content, limits, may_be_empty=bool(attachment_ids))
    )
