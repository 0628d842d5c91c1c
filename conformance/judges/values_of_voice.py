"""Whether the answer to a request for a voice token grants what the asker may do, to whom it did before."""

from collections.abc import Mapping
from typing import Any, Final

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract import shapes
from sync_check.conformance.judges.comparing import Check, compared
from sync_check.conformance.judges.lives import Call
from sync_check.conformance.model.emissions import Disagreement
from sync_check.conformance.model.voice import granted_sources, may_hear
from sync_check.conformance.model.world import World


def _token(
    world: World, call: Call, asked: ops.IssueVoiceToken, answer: shapes.VoiceToken
) -> list[Disagreement]:
    granted = granted_sources(world, call.actor, asked)
    told = answer.wire() | {"publish_sources": sorted(set(answer.publish_sources))}
    wanted: dict[str, Any] = {
        "can_publish": bool(granted),
        "can_subscribe": may_hear(world, call.actor, asked),
        "publish_sources": sorted(granted),
    }
    wrong = compared("PERM-1", wanted, told)
    known = world.voice.tokens_of(call.actor or "", asked.channel_id)
    # The identity is stable per user and channel.
    return wrong if known is None else wrong + compared("VOICE-1", {"identity": known.identity}, told)


CHECKS: Final[Mapping[type[ops.Operation], Check]] = {ops.IssueVoiceToken: _token}
