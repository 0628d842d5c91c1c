"""The state of a voice participant in the model, and leaving by request (contract 2.5)."""

from collections.abc import Mapping
from dataclasses import replace

from sync_check.conformance.contract import events
from sync_check.conformance.contract.operations import DeleteChannel, LeaveVoice, UpdateVoiceState
from sync_check.conformance.contract.values import ULID_PATTERN
from sync_check.conformance.model.access import is_member
from sync_check.conformance.model.departures import departure, left
from sync_check.conformance.model.emissions import Emission, Standing
from sync_check.conformance.model.participants import Participant
from sync_check.conformance.model.touching import changes_access
from sync_check.conformance.model.transitions import (
    Effect,
    Expectation,
    Situation,
    expected,
    refused_unless,
    rule,
    success_unless,
)
from sync_check.conformance.model.voice import (
    FLAGS_OF_STREAMS,
    anybody,
    concerning,
    is_entangled,
    known_flags,
    place,
)
from sync_check.conformance.model.world import World


def _expect_place(situation: Situation, operation: UpdateVoiceState | LeaveVoice) -> Expectation:
    guild = situation.world.guilds.get(operation.guild_id)
    if not all(ULID_PATTERN.fullmatch(given) for given in (operation.guild_id, operation.channel_id)):
        return expected(204, 400, 403, 404)
    if guild is None or not is_member(guild, situation.actor):
        # Neither is promised to somebody who is no member: REST-5 leaves these two calls out.
        return expected(204, 403, 404)
    return expected(204, *(() if operation.channel_id in guild.channels else (404,)))


def _expect_state(situation: Situation, operation: UpdateVoiceState) -> Expectation:
    return success_unless(
        _expect_place(situation, operation), refused_unless(bool(_asked(operation)), 400, "REST-4")
    )


def _asked(operation: UpdateVoiceState) -> dict[str, bool]:
    flags = {"is_muted": operation.is_muted, "is_deafened": operation.is_deafened}
    return {name: value for name, value in flags.items() if value is not None}


def _state(situation: Situation, operation: UpdateVoiceState) -> Effect:
    asked = _asked(operation)
    here = _here(situation, operation)
    if not situation.happened:
        emission = _state_told(situation, operation, situation.standing, asked)
        return Effect(world=situation.world, emissions=(emission,))
    if _is_entangled(situation, operation):
        return _state_at_once(situation, operation, here, asked)
    if here is None:
        emission = _state_told(situation, operation, Standing.NO_OP, asked)
        return Effect(world=situation.world, emissions=(emission,))
    world = _with_flags(situation.world, here, asked)
    known = {name: getattr(here, name) for name in asked}
    changed = {name: value for name, value in asked.items() if known[name] is not value}
    if not here.is_sure(situation.answered_at) or None in known.values():
        emission = _state_told(situation, operation, Standing.OPTIONAL, {}, here, frozenset(asked))
        return Effect(world=world, emissions=(emission,))
    standing = Standing.DUE if changed else Standing.NO_OP
    return Effect(
        world=world if changed else situation.world,
        emissions=(_state_told(situation, operation, standing, changed or asked, here),),
    )


def _state_at_once(
    situation: Situation, operation: UpdateVoiceState, here: Participant | None, asked: Mapping[str, bool]
) -> Effect:
    """A state beside something else that bears on the participation: who knows what it found."""
    emission = _state_told(situation, operation, Standing.OPTIONAL, {}, here, frozenset(asked))
    if here is None:
        return Effect(world=situation.world, emissions=(replace(emission, entangled=True),))
    unknown = replace(here, is_muted=None, is_deafened=None, doubted=True)
    world = replace(situation.world, voice=situation.world.voice.with_participant(unknown))
    return Effect(world=world, emissions=(replace(emission, entangled=True),))


def _is_entangled(situation: Situation, operation: UpdateVoiceState | LeaveVoice) -> bool:
    """Whether something at the same time may have ended the participation, or changed it."""
    return is_entangled(situation) or any(
        changes_access(other, operation.guild_id)
        or (isinstance(other, DeleteChannel) and other.channel_id == operation.channel_id)
        for _, other in situation.beside
    )


def _here(situation: Situation, operation: UpdateVoiceState | LeaveVoice) -> Participant | None:
    """The actor's participation in just the channel addressed."""
    held = situation.world.voice.of(situation.actor, situation.asked_at)
    is_here = held is not None and held.is_in(operation.guild_id, operation.channel_id)
    return held if is_here else None


def _with_flags(world: World, participant: Participant, flags: Mapping[str, bool]) -> World:
    muted = flags.get("is_muted", participant.is_muted)
    deafened = flags.get("is_deafened", participant.is_deafened)
    changed = replace(participant, is_muted=muted, is_deafened=deafened)
    return replace(world, voice=world.voice.with_participant(changed))


def _state_told(
    situation: Situation,
    operation: UpdateVoiceState,
    standing: Standing,
    updated: Mapping[str, bool],
    here: Participant | None = None,
    perhaps: frozenset[str] = frozenset(),
) -> Emission:
    """The update of a changed state; flags that have not changed may be repeated as they are (VOICE-4)."""
    known = {} if here is None or perhaps else known_flags(here)
    return Emission(
        event=events.VoiceParticipantUpdate,
        standing=standing,
        identity={**place(operation), "user_id": situation.actor},
        stated={} if here is None else {"identity": here.identity},
        updated=updated,
        supplied=FLAGS_OF_STREAMS | perhaps,
        kept={name: value for name, value in known.items() if name not in updated},
        surplus="VOICE-4",
        **concerning(operation, situation.actor),
    )


# --- leave


def _leave(situation: Situation, operation: LeaveVoice) -> Effect:
    here = _here(situation, operation)
    if situation.happened and _is_entangled(situation, operation):
        return _leave_at_once(situation, operation, here)
    if here is None or not situation.happened:
        standing = Standing.NO_OP if situation.happened else situation.standing
        nobody = Participant(
            user_id=situation.actor or "",
            guild_id=operation.guild_id,
            channel_id=operation.channel_id,
            identity="",
        )
        return Effect(world=situation.world, emissions=(left(nobody, standing),))
    standing = situation.standing if here.is_sure(situation.answered_at) else Standing.OPTIONAL
    return Effect(
        world=replace(situation.world, voice=situation.world.voice.without(here.user_id)),
        emissions=departure(here, standing),
    )


def _leave_at_once(situation: Situation, operation: LeaveVoice, here: Participant | None) -> Effect:
    """A leave beside something else that bears on the participation: it may have come first or last."""
    gone = anybody(situation, operation)
    emissions = tuple(replace(one, entangled=True) for one in departure(gone, Standing.OPTIONAL))
    if here is None:
        return Effect(world=situation.world, emissions=emissions)
    doubted = situation.world.voice.with_participant(replace(here, doubted=True))
    return Effect(world=replace(situation.world, voice=doubted), emissions=emissions)


rule(UpdateVoiceState, _expect_state, _state)
rule(LeaveVoice, _expect_place, _leave)
