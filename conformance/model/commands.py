"""The command `message_create` in the model: it does what REST would, or ends the connection (3.4)."""

from dataclasses import dataclass

from sync_check.conformance.contract.limits import Limits
from sync_check.conformance.contract.operations import CreateMessage
from sync_check.conformance.contract.values import ULID_PATTERN
from sync_check.conformance.model.ip_bans import with_ip_bans
from sync_check.conformance.model.messages import expect_create, fits
from sync_check.conformance.model.transitions import Situation


@dataclass(frozen=True, slots=True, kw_only=True)
class Prospect:
    """Whether a command may be carried out, whether it may be refused, and what then asks for that."""

    carried_out: bool
    refused: bool
    requirement: str


def prospect(situation: Situation, asked: CreateMessage) -> Prospect:
    """What the server may do with the command in this situation."""
    if is_malformed(asked, situation.limits):
        return Prospect(carried_out=False, refused=True, requirement="BAD-5")
    expectation = with_ip_bans(situation, asked, expect_create(situation, asked))
    statuses = expectation.statuses | expectation.tolerated
    return Prospect(
        carried_out=any(status < 300 for status in statuses),
        refused=any(status >= 400 for status in statuses),
        requirement="IPBAN-2" if expectation.requirement == "IPBAN-2" else "BAD-7",
    )


def is_malformed(asked: CreateMessage, limits: Limits) -> bool:
    """Whether the payload breaks the rules of ids and contents (BAD-5)."""
    attachment_ids = asked.attachment_ids or []
    ids = (asked.guild_id, asked.channel_id, *attachment_ids)
    return (
        not all(ULID_PATTERN.fullmatch(one) for one in ids)
        or len(attachment_ids) > limits.attachments_per_message
        or not fits(asked.content, limits, may_be_empty=bool(attachment_ids))
    )
