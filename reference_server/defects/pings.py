"""Defects of how pings are answered, and of what pings and pongs cost."""

from collections.abc import Mapping
from typing import Final

from websockets.frames import Opcode

from sync_check.reference_server.deviation import Faithful


class PingUnanswered(Faithful):
    """No ping is answered."""

    def answering_ping(self, data: bytes) -> bytes | None:
        del data
        return None


class PongEmpty(Faithful):
    """A ping is answered by a pong without its data."""

    def answering_ping(self, data: bytes) -> bytes | None:
        del data
        return b""


class PingCharged(Faithful):
    """Pings cost a part of the ingress rate."""

    def is_charged(self, opcode: Opcode) -> bool:
        return opcode is Opcode.PING


class PongCharged(Faithful):
    """Pongs cost a part of the ingress rate."""

    def is_charged(self, opcode: Opcode) -> bool:
        return opcode is Opcode.PONG


DEFECTIVE: Final[Mapping[str, type[Faithful]]] = {
    "ping-unanswered": PingUnanswered,
    "pong-empty": PongEmpty,
    "ping-charged": PingCharged,
    "pong-charged": PongCharged,
}
