"""The list of public guilds and the audit log in the model: both are only read (contract 2.4)."""

import re
from typing import Final

from sync_check.conformance.contract.limits import AUDIT_PREFIX_CHARACTERS, DIRECTORY_QUERY_BYTES
from sync_check.conformance.contract.operations import ListPublicGuilds, ReadAudit
from sync_check.conformance.model.membership import refused_without
from sync_check.conformance.model.transitions import (
    Expectation,
    Situation,
    expected,
    refused_unless,
    rule,
    size,
    success_unless,
)

_ACTION_PREFIX: Final = re.compile(r"[a-z0-9._]+")


def _expect_public(situation: Situation, operation: ListPublicGuilds) -> Expectation:
    limit = 1 if operation.limit is None else operation.limit
    return success_unless(
        expected(200),
        refused_unless(size(operation.q or "") in DIRECTORY_QUERY_BYTES, 400, "REST-4"),
        refused_unless(1 <= limit <= situation.limits.public_guilds_page, 400, "REST-4"),
    )


def _expect_audit(situation: Situation, operation: ReadAudit) -> Expectation:
    limit = 1 if operation.limit is None else operation.limit
    prefix = operation.action_prefix
    sound = prefix is None or (
        len(prefix) in AUDIT_PREFIX_CHARACTERS and _ACTION_PREFIX.fullmatch(prefix) is not None
    )
    return success_unless(
        expected(200),
        refused_without(situation, operation.guild_id, "view_audit_log"),
        refused_unless(1 <= limit <= situation.limits.audit_page, 400, "REST-4"),
        refused_unless(sound, 400, "REST-4"),
    )


rule(ListPublicGuilds, _expect_public)
rule(ReadAudit, _expect_audit)
