"""The wire: what no client should send ends its connection, and does nothing to anybody else."""

from dataclasses import replace

from sync_check.conformance.contract.features import Feature
from sync_check.conformance.contract.inputs.bytes_of_text import BYTES
from sync_check.conformance.contract.inputs.commands import COMMANDS, REJECTED
from sync_check.conformance.contract.inputs.early import EARLY
from sync_check.conformance.contract.inputs.envelopes import ENVELOPES
from sync_check.conformance.contract.inputs.forms import FORMS, OWNED
from sync_check.conformance.contract.inputs.frames import DEFIED, FRAMES, flood_of
from sync_check.conformance.contract.inputs.requests import REQUESTS
from sync_check.conformance.contract.inputs.spellings import BINARY, SPELLINGS
from sync_check.harness.client import END_BUDGET_S
from sync_check.harness.hazards import Hazard
from sync_check.harness.scenario import Needs
from sync_check.harness.stage import GENERAL, Stage
from sync_check.scenarios.registry import scenario

_FEATURES = (Feature.MESSAGES, Feature.CHANNELS_CREATE, Feature.MEMBERS)
_ASIDE = "aside"
_DRAWN = 64
_NEEDS = Needs(operations=3, settles=1, verbatim=True)


@scenario(
    "wire/envelope",
    covers=["BAD-3", "BAD-6", "BAD-9", "BAD-10", "BAD-11", "ENV-5", "ENV-6", "ENV-7", "ENV-8"],
    features=_FEATURES,
    hazards=(Hazard.HOSTILE_INPUT,),
    needs=replace(_NEEDS, reopened=len(ENVELOPES)),
)
async def invalid_envelope_ends_its_connection(stage: Stage) -> None:
    """An invalid envelope ends its connection and is counted once, under its label; nobody else hears it."""
    room = await stage.workspace()
    owner, *others = await stage.cast(room)
    await stage.stranger()
    place = room.channel(GENERAL)
    await stage.post(owner, place, "before")
    intrusion = await stage.intrusion((owner, *others), place)
    await intrusion.offend(ENVELOPES)
    await stage.post(owner, place, "after")


@scenario(
    "wire/bytes",
    covers=["BAD-3", "BAD-8", "BAD-9", "BAD-10", "BAD-11"],
    features=_FEATURES,
    hazards=(Hazard.HOSTILE_INPUT,),
    needs=replace(_NEEDS, reopened=len(BYTES)),
)
async def what_is_no_text_ends_its_connection(stage: Stage) -> None:
    """Bytes that are no UTF-8 end their connection, in text frames and in binary ones."""
    room = await stage.workspace()
    owner, *others = await stage.cast(room)
    place = room.channel(GENERAL)
    intrusion = await stage.intrusion((owner, *others), place)
    await intrusion.offend(BYTES)
    await stage.post(owner, place, "after")


@scenario(
    "wire/command",
    covers=["BAD-4", "BAD-5", "BAD-6", "BAD-7", "BAD-9", "BAD-10", "BAD-11"],
    features=_FEATURES,
    hazards=(Hazard.HOSTILE_INPUT,),
    needs=replace(_NEEDS, reopened=len(COMMANDS) + len(REJECTED)),
)
async def malformed_command_ends_its_connection(stage: Stage) -> None:
    """A malformed, foreign or unknown command ends its connection, whoever sends it, and does nothing."""
    room = await stage.workspace()
    owner, *others = await stage.cast(room)
    outsider = await stage.stranger()
    place = room.channel(GENERAL)
    intrusion = await stage.intrusion((owner, *others), place)
    await intrusion.offend(COMMANDS)
    foreign = await stage.intrusion((outsider,), place)
    await foreign.offend(replace(one, id=f"foreign-{one.id}") for one in REJECTED)
    await stage.post(owner, place, "after")


@scenario(
    "wire/protocol",
    covers=["BAD-1", "BAD-6", "BAD-8", "BAD-9", "BAD-10", "BAD-11"],
    features=_FEATURES,
    hazards=(Hazard.HOSTILE_INPUT,),
    needs=replace(_NEEDS, reopened=len(FRAMES)),
)
async def violation_of_the_protocol_ends_its_connection(stage: Stage) -> None:
    """Whoever breaks the WebSocket protocol, or sends too large a message, loses the connection alone."""
    room = await stage.workspace()
    owner, *others = await stage.cast(room)
    place = room.channel(GENERAL)
    intrusion = await stage.intrusion((owner, *others), place)
    await intrusion.offend(FRAMES)
    await stage.post(owner, place, "after")


@scenario(
    "wire/early",
    covers=[
        "GW-3",
        "BAD-1",
        "BAD-3",
        "BAD-7",
        "BAD-8",
        "BAD-10",
        "BAD-11",
        "ENV-4",
        "CMD-2",
        "SUB-1",
    ],
    features=_FEATURES,
    hazards=(Hazard.HOSTILE_INPUT,),
    needs=replace(_NEEDS, reopened=len(EARLY) + 1),
)
async def what_comes_before_ready_counts_as_ever(stage: Stage) -> None:
    """What is sent before `ready` was read is carried out, or ends its connection, as at any other time."""
    room = await stage.workspace(channels=(GENERAL, _ASIDE))
    owner, *others = await stage.cast(room)
    place = room.channel(GENERAL)
    await stage.post(owner, place, "before")
    intrusion = await stage.intrusion((owner, *others), place, room.channel(_ASIDE))
    await intrusion.hurry(EARLY)
    await stage.post(owner, place, "after")


@scenario(
    "wire/spelling",
    covers=["ENV-4", "CMD-2", "SCOPE-2", "DELIV-1"],
    features=_FEATURES,
    needs=_NEEDS,
)
async def unusual_spelling_is_carried_out(stage: Stage) -> None:
    """A valid envelope is carried out, however it is spelled, cut into frames or interrupted."""
    room = await stage.workspace(channels=(GENERAL, _ASIDE))
    owner, *others = await stage.cast(room)
    place = room.channel(GENERAL)
    intrusion = await stage.intrusion((owner, *others), place, room.channel(_ASIDE))
    await intrusion.spell(SPELLINGS)
    await stage.post(owner, place, "in between")
    await intrusion.spell(BINARY, alone=True)


@scenario(
    "wire/drawn",
    covers=["BAD-3", "BAD-10", "BAD-11"],
    features=_FEATURES,
    hazards=(Hazard.HOSTILE_INPUT,),
    needs=_NEEDS,
)
async def drawn_input_does_what_its_bytes_ask_for(stage: Stage) -> None:
    """Random faults in messages end their connections or do nothing, as the bytes have it."""
    room = await stage.workspace(channels=(GENERAL, _ASIDE))
    owner, *others = await stage.cast(room)
    place = room.channel(GENERAL)
    intrusion = await stage.intrusion((owner, *others), place, room.channel(_ASIDE))
    await intrusion.draw(_DRAWN)
    await stage.post(owner, place, "after")


@scenario(
    "wire/request",
    covers=["REST-1", "REST-2", "REST-3", "REST-4", "REST-5", "CHAN-3", "DELIV-4"],
    features=_FEATURES,
    needs=Needs(operations=20, settles=1, verbatim=True),
)
async def malformed_request_does_nothing(stage: Stage) -> None:
    """A request that is wrong in its form is refused by the right status, and does nothing."""
    room = await stage.workspace()
    owner, *others = await stage.cast(room)
    await stage.stranger()
    place = room.channel(GENERAL)
    intrusion = await stage.intrusion((owner, *others), place)
    await intrusion.ask((*REQUESTS, *FORMS))
    by_owner = await stage.intrusion((owner,), place)
    await by_owner.ask(OWNED)
    await stage.post(owner, place, "after")


@scenario(
    "wire/flood",
    covers=["BAD-2", "BAD-9", "BAD-10", "BAD-11", "LIMIT-2"],
    features=_FEATURES,
    hazards=(Hazard.HOSTILE_INPUT, Hazard.FLOODS),
    needs=replace(_NEEDS, waits_s=END_BUDGET_S),
)
async def flood_ends_its_connection_alone(stage: Stage) -> None:
    """One frame beyond the ingress rate ends its connection alone, whether or not its client heeds that."""
    room = await stage.workspace()
    owner, *others = await stage.cast(room)
    place = room.channel(GENERAL)
    flood = flood_of(stage.company.target.limits)
    intrusion = await stage.intrusion((owner, *others), place)
    await intrusion.offend([flood])
    await stage.say(others[0], place, "from the same user")
    await intrusion.defy((*DEFIED, replace(flood, id="defied/flood")))
    await stage.post(owner, place, "after")
    # Until the end window is over a target may leave an end uncounted, and a client that it told to go.
    await stage.company.pace.pause(END_BUDGET_S, "the end window")
    await intrusion.outlast()
