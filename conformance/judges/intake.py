"""What each connection was sent, in order, and what must follow from it."""

from typing import Final

from sync_check.conformance.contract.limits import Limits
from sync_check.conformance.contract.wire import Opcode, Piece, encoded
from sync_check.conformance.history import CommandSent, InputSent
from sync_check.conformance.judges.lives import Input
from sync_check.conformance.model.ingress import Consequence, Ingress

_KINDS: Final = {int(opcode): opcode.name.lower() for opcode in Opcode}


class Intake:
    """By connection, the inputs, and the commands that came at a wrong time; `limits` are the target's."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.inputs: dict[int, list[Input]] = {}
        self._ingress: dict[int, Ingress] = {}

    def command(self, record: CommandSent, position: int) -> Consequence | None:
        """A command was sent; what follows from that it came when it did, if anything."""
        consequence = self._of(record.connection).command(record.at)
        if not consequence.may_end:
            return None
        self._note(
            record.connection,
            Input(
                position=position,
                at=record.at,
                name=record.command,
                expected=None,
                shown=f"sent {record.command}",
                consequences=(consequence,),
            ),
        )
        return consequence

    def take(self, record: InputSent, position: int) -> tuple[Consequence, ...]:
        """An input was sent; what follows from each message that is whole by now."""
        consequences = tuple(self._of(record.connection).take(encoded(record.frames), record.at))
        self._note(
            record.connection,
            Input(
                position=position,
                at=record.at,
                name=record.name,
                expected=record.expected,
                shown=f"sent {record.name}: {' | '.join(map(_shown, record.frames))}",
                consequences=consequences,
            ),
        )
        return consequences

    def _of(self, connection: int) -> Ingress:
        known = self._ingress.get(connection)
        if known is None:
            known = self._ingress[connection] = Ingress(self.limits)
        return known

    def _note(self, connection: int, sent: Input) -> None:
        self.inputs.setdefault(connection, []).append(sent)


def _shown(piece: Piece) -> str:
    """How findings show a frame: its kind and its payload."""
    return piece if isinstance(piece, str) else f"{_KINDS.get(piece.opcode, piece.opcode)} {piece.payload}"
