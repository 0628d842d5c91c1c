"""Steps of a cone before they are told: where each stands in the history, and how it will be said."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

from sync_check.conformance.cone import Act, Part
from sync_check.conformance.contract.operations import OPERATIONS
from sync_check.conformance.history import EndOfConnection, FenceMissed, Purpose
from sync_check.conformance.judges.cones.bearing import made_by
from sync_check.conformance.judges.cones.naming import DETAIL, Names
from sync_check.conformance.judges.deliveries import Matched
from sync_check.conformance.judges.disturbances import Restart
from sync_check.conformance.judges.lives import Call
from sync_check.conformance.model.connections import NEVER, Connection, Lease, Taking
from sync_check.conformance.model.emissions import shown

ENDS: Final = {
    EndOfConnection.CLOSED_BY_US: (Act.ENDED, "close"),
    EndOfConnection.CLOSED_BY_TARGET: (Act.CLOSED, "close"),
    EndOfConnection.DROPPED: (Act.CUT, "the connection is cut"),
}
_REASON: Final = 30
_ARROW: Final = " \u2192 "

Words = Callable[[Names], str]
"""Names are given in the order of the steps, so words are found only once it is known which there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A step; `position` puts it in order, behind what is there if it comes `after` that."""

    position: int
    after: bool = False
    act: Act
    part: Part
    lane: str
    at_us: int | None
    words: Words
    detail: str

    @property
    def is_rest(self) -> bool:
        """Whether it stands on the lane of a client that called REST."""
        return self.act in (Act.REQUEST, Act.ANSWER)


def just(text: str) -> Words:
    """Words without names."""
    return lambda _names: text


# --- connections


def opened(connection: Connection) -> Draft:
    """The upgrade of a connection."""
    return Draft(
        position=connection.opened,
        act=Act.OPENED,
        part=Part.CONTEXT,
        lane=connection.name,
        at_us=connection.opened_at,
        words=just("connect"),
        detail=f"connection {connection.number} of session {connection.session}",
    )


def subscribed(connection: Connection, lease: Lease, until: int) -> Draft:
    """A subscribe, and whether it was confirmed up to a position."""
    confirmed = f"{_ARROW}subscribed" if lease.confirmed_before(until) else ""
    members = {"guild_id": lease.guild_id, "channel_id": lease.channel_id}
    return Draft(
        position=lease.asked,
        act=Act.COMMAND,
        part=Part.CONTEXT,
        lane=connection.name,
        at_us=lease.asked_at,
        words=lambda names: f"{names.said('subscribe', members)}{confirmed}",
        detail=shown(f"subscribe {shown(members, DETAIL)}", DETAIL),
    )


def ended(connection: Connection, part: Part) -> Draft | None:
    """How a connection ended; None while it is open."""
    if connection.how not in ENDS:
        return None
    act, words = ENDS[connection.how]
    if is_broken_off(connection):
        act, words = Act.CUT, "the client breaks off"
    if connection.cut_by is not None:
        words = f"the network breaks: {connection.cut_by}"
    elif connection.stopped:
        words = "the target goes down"
    code = "" if connection.code is None else f" with code {connection.code}"
    return Draft(
        position=connection.ended,
        act=act,
        part=part,
        lane=connection.name,
        at_us=connection.ended_at,
        words=just(f"{words}{code}"),
        detail=shown(f"{connection.how} {connection.reason or ''}".rstrip(), DETAIL),
    )


def is_broken_off(connection: Connection) -> bool:
    """Whether we ended it without a Close frame."""
    return connection.how is EndOfConnection.CLOSED_BY_US and connection.code is None


def taking(connection: Connection, changed: Taking) -> Draft:
    """From here on the client takes what comes in another way."""
    if changed.vanished:
        words = "the client vanishes without a word"
    elif changed.bytes_per_s is None:
        words = "takes all that comes again"
    else:
        words = f"takes {f'{changed.bytes_per_s} bytes/s' if changed.bytes_per_s else 'nothing'} from here on"
    return Draft(
        position=changed.position,
        act=Act.TAKING,
        part=Part.CONTEXT,
        lane=connection.name,
        at_us=changed.at,
        words=just(words),
        detail=words,
    )


def received(connection: Connection, matched: Matched, part: Part) -> Draft:
    """A frame."""
    return Draft(
        position=matched.frame.position,
        act=Act.FRAME,
        part=part,
        lane=connection.name,
        at_us=matched.frame.at,
        words=lambda names: names.frame(matched.reading),
        detail=shown(matched.reading.text, DETAIL),
    )


def fence_missed(connection: Connection, position: int, missed: FenceMissed) -> Draft:
    """A fence that did not come."""
    return Draft(
        position=position,
        act=Act.MISSING,
        part=Part.PROOF,
        lane=connection.name,
        at_us=missed.at,
        words=just(f"the fence of op {missed.op} did not come in {missed.waited_us / 1e6:.1f} s"),
        detail="a fence",
    )


# --- the target


def restarted(restart: Restart, until: int) -> Iterator[Draft]:
    """The target went down, and ran again before `until`."""
    words = "the server is killed" if restart.killed else "the server is stopped"
    yield _of_target(Act.DOWN, restart.down, restart.down_at, words)
    if restart.up < until:
        yield _of_target(Act.UP, restart.up, restart.up_at, "the server runs again")


def _of_target(act: Act, position: int, at_us: int | None, words: str) -> Draft:
    return Draft(
        position=position,
        act=act,
        part=Part.CONTEXT,
        lane="",
        at_us=at_us,
        words=just(words),
        detail=words,
    )


# --- operations


def called(call: Call, part: Part, connection: Connection | None) -> Iterator[Draft]:
    """A request or a command, which went over a connection; with the answer where that is told at once."""
    alone = connection is not None or part in (Part.CAUSE, Part.BAD)
    beginning = "fence: " if call.purpose is Purpose.FENCE else ""
    yield Draft(
        position=call.invoked,
        act=Act.REQUEST if connection is None else Act.COMMAND,
        part=Part.CAUSE if part is Part.BAD else part,
        lane=call.client if connection is None else connection.name,
        at_us=call.invoked_at,
        words=partial(_asked, call, beginning, alone),
        detail=_request(call),
    )
    if alone and connection is None and call.answered_at is not None:
        yield Draft(
            position=call.invoked if call.acknowledged == NEVER else call.acknowledged,
            after=call.acknowledged == NEVER,
            act=Act.ANSWER,
            part=part,
            lane=call.client,
            at_us=call.answered_at,
            words=partial(_outcome, call),
            detail=shown(call.body or call.error or "", DETAIL),
        )


def _asked(call: Call, beginning: str, alone: bool, names: Names) -> str:
    asked = f"{beginning}{names.call(call)}"
    return f"{asked} (op {call.op})" if alone else f"{asked}{_ARROW}{_outcome(call, names)}"


def _outcome(call: Call, names: Names) -> str:
    """The status, and what was made."""
    if call.status is None:
        return shown(call.error or "no answer", _REASON)
    made = (names.of(kind, one) for kind, ids in made_by(call).items() for one in sorted(ids))
    return " ".join((str(call.status), *made))


def _request(call: Call) -> str:
    operation = OPERATIONS.get(call.name)
    over_rest = operation is not None and not call.is_command
    where = f"{operation.method} {operation.path}" if over_rest and operation is not None else "command"
    return shown(f"{call.label}: {where} {shown(dict(call.arguments), DETAIL)}", DETAIL)
