"""The part of judge `delivery` that follows each connection's stream, frame by frame.

`ready` comes first and once, `subscribed` answers a subscribe, nothing comes twice, nothing overtakes an
earlier cause, nothing of a guild follows the own removal from it, and nothing is left unexplained.
"""

from typing import Final

from sync_check.conformance.history import Ending, EndOfConnection
from sync_check.conformance.judges.ambient import Explanations
from sync_check.conformance.judges.banned_subscribes import BannedSubscribes
from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.commands import may_end
from sync_check.conformance.judges.judgement import Judgement, line_of_frame, lines_of_call
from sync_check.conformance.judges.lives import Call, Emitted
from sync_check.conformance.judges.matching import Matched
from sync_check.conformance.model.access import is_member, may_access
from sync_check.conformance.model.address_bans import ShutOut
from sync_check.conformance.model.connections import NEVER, Connection, Lease
from sync_check.conformance.model.duties import Duty
from sync_check.conformance.model.timeline import Span
from sync_check.conformance.verdict import Kind

_BUDGET_US: Final = 1_000_000
"""The delivery window: what a command owes has come by then, in microseconds."""
_GIVEN_UP: Final = (Ending.HALTED, Ending.TIMED_OUT)


def judge(case: Case, judgement: Judgement) -> None:
    """Judge every connection's stream."""
    explanations = Explanations(case, judgement)
    own = {id(matched) for _, matched in case.own_frames}
    for connection in case.connections:
        stream = _Stream(case, judgement, connection, explanations)
        for matched in case.matches[connection.number]:
            stream.take(matched, judged=id(matched) in own)
        stream.finish()


class _Stream:
    """What is remembered of a connection between its frames."""

    def __init__(
        self, case: Case, judgement: Judgement, connection: Connection, explanations: Explanations
    ) -> None:
        self._case = case
        self._judgement = judgement
        self._connection = connection
        self._explanations = explanations
        self._banned = BannedSubscribes(case, judgement, connection)
        self._is_ready = False
        self._latest: Call | None = None
        self._removals: dict[str, Call] = {}
        self._mute = False

    def take(self, matched: Matched, *, judged: bool) -> None:
        """Judge one frame; those of other scenarios are only remembered."""
        self._mute = not judged
        reading = matched.reading
        if reading.name == "ready" or not self._is_ready:
            self._ready(matched)
        if matched.emitted is not None:
            self._told(matched)
        elif reading.name == "subscribed":
            self._subscribed(matched)
        elif reading.name not in (None, "ready") and judged:
            self._explanations.judge(self._connection, matched, self._latest)
        self._after_removal(matched)

    # --- ready and subscribed

    def _ready(self, matched: Matched) -> None:
        reading = matched.reading
        again, self._is_ready = self._is_ready, True
        if again:
            self._find(matched, "GW-3", "ready came again", expected="ready exactly once")
        elif reading.name != "ready":
            self._find(matched, "GW-3", "the first event is not ready", expected="ready")
        elif reading.identifier("user_id") != self._connection.user_id:
            self._find(
                matched,
                "GW-3",
                "ready names another user",
                expected=str(self._connection.user_id),
                received=str(reading.payload.get("user_id")),
            )
        elif not self._mute:
            self._judgement.witness("GW-3")

    def _subscribed(self, matched: Matched) -> None:
        frame, reading = matched.frame, matched.reading
        leases = self._connection.leases_of(reading.guild_id, reading.channel_id or "")
        lease = next((lease for lease in leases if lease.confirmed == frame.position), None)
        if lease is None:
            asked = any(lease.asked < frame.position for lease in leases)
            requirement = "DELIV-1" if asked else "SCOPE-1"
            self._find(matched, requirement, "subscribed answers no subscribe of this connection")
        elif not any(self._accesses(lease, until=frame.position)):
            self._find(matched, "SUB-2", "a subscribe without access was confirmed")
        elif self._banned.standing(lease, frame.position) is ShutOut.SURELY:
            self._find(matched, "IPBAN-2", "a subscribe from a banned address was confirmed")
        elif not self._mute:
            self._judgement.witness("SUB-1")

    def _accesses(self, lease: Lease, until: int) -> list[bool]:
        timeline = self._case.timeline
        states = timeline.guilds(lease.guild_id, timeline.span(lease.asked, until))
        return [may_access(state, lease.channel_id, self._connection.user_id) for state in states]

    # --- events of operations

    def _told(self, matched: Matched) -> None:
        emitted = matched.emitted
        if emitted is None:
            return
        if matched.copy:
            self._find(
                matched,
                "DELIV-1",
                f"{emitted.emission.name} came twice",
                expected="one delivery",
                cause=emitted.call,
            )
            return
        if not self._is_forbidden_anyway(matched):
            self._order(matched, emitted.call)
        if emitted.emission.ends_membership and emitted.emission.subject == self._connection.user_id:
            self._removals[emitted.emission.guild_id or ""] = emitted.call

    def _order(self, matched: Matched, call: Call) -> None:
        latest = self._latest
        if latest is not None and call.acknowledged < latest.invoked:
            self._find(
                matched,
                "DELIV-5",
                "an event came after one that was caused later",
                expected=f"before the event of {latest.label}",
                cause=call,
            )
            return
        if latest is not None and latest.acknowledged < call.invoked and not self._mute:
            self._judgement.witness("DELIV-2", "DELIV-5")
        if latest is None or call.invoked > latest.invoked:
            self._latest = call

    # --- after the own removal (ACCESS-3)

    def _after_removal(self, matched: Matched) -> None:
        guild_id = matched.reading.guild_id
        removal = self._removals.get(guild_id or "")
        if guild_id is None or removal is None or removal.made is None:
            return
        emitted = matched.emitted
        if emitted is not None and (_is_removal(emitted, removal) or self._is_forbidden_anyway(matched)):
            return
        span = self._case.timeline.span(removal.invoked, matched.frame.position)
        since = Span(first=removal.made, last=max(removal.made, span.last))
        states = self._case.timeline.guilds(guild_id, since)
        if any(is_member(state, self._connection.user_id) for state in states):
            return
        self._find(
            matched,
            "ACCESS-3",
            f"{matched.reading.name} came after the user's own removal from its guild",
            expected="nothing more of that guild",
            cause=removal,
        )

    def _is_forbidden_anyway(self, matched: Matched) -> bool:
        if matched.emitted is None:
            return False
        due = self._case.reaches.of(matched.emitted).get(self._connection.number)
        return matched.copy or (due is not None and due.duty is Duty.MUST_NOT)

    # --- the end

    def finish(self) -> None:
        """Judge what never came, and how the connection ended."""
        self._mute = False
        self._unanswered()
        self._banned.judge()
        lost = self._connection.how in (EndOfConnection.CLOSED_BY_TARGET, EndOfConnection.DROPPED)
        if lost and self._is_now(self._connection.ended) and not self._has_cause():
            self._ended_by_target()

    def _unanswered(self) -> None:
        gave_up = self._case.scenario.ending in _GIVEN_UP
        opened_here = self._is_now(self._connection.opened)
        if opened_here and not self._is_ready and gave_up and self._has_waited(self._connection.opened_at):
            self._absence("GW-3", "ready never came", expected="ready")
        for lease in self._connection.leases:
            if lease.confirmed is not None or not self._is_now(lease.asked):
                continue
            later = any(other.confirmed and other.asked > lease.asked for other in self._connection.leases)
            if not later and not (gave_up and self._has_waited(lease.asked_at)):
                continue
            until = min(self._connection.ended, self._case.until)
            if self._banned.standing(lease, until) is not ShutOut.NO:
                continue
            access = self._accesses(lease, until=until)
            if all(access):
                self._absence("SUB-1", "a permitted subscribe was not confirmed", expected="subscribed")
            elif later and not any(access):
                self._judgement.witness("SUB-2")

    def _is_now(self, position: int) -> bool:
        return self._case.scenario.begun < position < self._case.until

    def _has_waited(self, since_us: int) -> bool:
        end = self._case.scenario.ended_at
        return end is not None and end - since_us >= _BUDGET_US and self._connection.ended == NEVER

    def _absence(self, requirement: str, message: str, *, expected: str) -> None:
        self._judgement.find(
            Kind.LIVENESS,
            requirement,
            message,
            client=self._connection.name,
            event=expected,
            expected=expected,
            received="nothing",
        )

    def _has_cause(self) -> bool:
        """Whether the target may have ended the connection."""
        if self._case.logged_out(self._connection) or may_end(self._case, self._connection):
            return True
        return self._banned.explain_end()

    def _ended_by_target(self) -> None:
        code = f" with code {self._connection.code}" if self._connection.code is not None else ""
        self._judgement.find(
            Kind.LIVENESS,
            "DELIV-1",
            f"the target ended a connection that gave no cause for it{code}: what is due there is lost",
            client=self._connection.name,
            expected="an open connection",
            received=f"{self._connection.how} {self._connection.reason or ''}".rstrip(),
        )

    def _find(
        self,
        matched: Matched,
        requirement: str,
        message: str,
        *,
        expected: str | None = None,
        received: str | None = None,
        cause: Call | None = None,
    ) -> None:
        if self._mute:
            return
        emitted = matched.emitted
        ordered = requirement in ("DELIV-5", "GW-3")
        self._judgement.find(
            Kind.CONTRACT if ordered else Kind.SAFETY,
            requirement,
            message,
            client=self._connection.name,
            event=matched.reading.name,
            expected=expected or "nothing",
            received=received or matched.reading.name,
            cause=cause,
            excerpt=[
                *(lines_of_call(emitted.call) if emitted is not None else ()),
                line_of_frame(matched, self._connection.name),
            ],
        )


def _is_removal(emitted: Emitted, removal: Call) -> bool:
    """Whether the event is one of the removal's own; departures that it causes are none."""
    return emitted.call is removal and emitted.emission.ends_membership
