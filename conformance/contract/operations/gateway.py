"""Commands on a gateway connection, and what its beginning and its end cause (contract 3, appendix A)."""

from dataclasses import dataclass
from typing import Final

from sync_check.conformance.contract import events
from sync_check.conformance.contract.operations.guilds import DEPARTURE
from sync_check.conformance.contract.operations.operation import Command


class Subscribe(Command):
    name = "subscribe"
    causes = (
        events.PresenceSync,
        events.PresenceUpdate,
        events.Subscribed,
        events.VoiceParticipantSync,
    )
    remark = "presence_update only for the user's first present connection in the guild (PRES-1)"
    guild_id: str
    channel_id: str


class SendMessage(Command):
    """The command `message_create`; named after what it does, because an event has that name too."""

    name = "message_create"
    causes = (events.MessageCreate,)
    guild_id: str
    channel_id: str
    content: str
    attachment_ids: list[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """What causes events without anybody asking for it."""

    name: str
    causes: tuple[type[events.Event], ...]
    remark: str = ""
    remark_since_2: str = ""


TRIGGERS: Final = (
    Trigger(name="connect", causes=(events.Ready,)),
    Trigger(
        name="end of a connection",
        causes=(*DEPARTURE, events.PresenceUpdate),
        remark="the user's last one: offline, per guild (PRES-3)",
        remark_since_2="departure of a voice participant (VOICE-5)",
    ),
    Trigger(
        name="expiry of a voice participant",
        causes=DEPARTURE,
        remark="300 s after the last token",
    ),
)
"""In the order of appendix A."""
