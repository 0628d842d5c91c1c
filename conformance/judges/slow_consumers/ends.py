"""Whether a slow client's connection ended when it had to, and only then, and how (LIMIT-SLOW-1 to 5)."""

from collections.abc import Iterable

from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.judgement import Judgement, lines_of_call
from sync_check.conformance.judges.slow_consumers.piling import SLOW_CONSUMER, SLOW_WINDOW_US, Owed, Piling
from sync_check.conformance.judges.stays import Stays
from sync_check.conformance.model.connections import NEVER
from sync_check.conformance.model.participants import PRESENCE_WINDOW_US
from sync_check.conformance.verdict import Excerpt, Kind

_CODE = 1008
_RESUMED_WITHIN_US = 2_000_000
"""Who reads again so soon after an overflow is told why it ends (LIMIT-SLOW-5)."""


def judge_end(case: Case, judgement: Judgement, piling: Piling) -> None:
    """Judge what became of one slow client's connection."""
    _End(case, judgement, piling).judge()


class _End:
    def __init__(self, case: Case, judgement: Judgement, piling: Piling) -> None:
        self._case = case
        self._judgement = judgement
        self._piling = piling

    def judge(self) -> None:
        piling = self._piling
        if piling.is_little:
            self._little()
            return
        before = len(self._judgement.findings)
        self._sequence()
        self._lateness()
        if piling.gone is None or piling.has_other_cause:
            return
        self._told_why()
        self._offline()
        if len(self._judgement.findings) == before:
            self._judgement.witness("LIMIT-SLOW-1", "LIMIT-SLOW-4")
            self._witness_what_was_dropped()

    # --- what never fills the queue

    def _little(self) -> None:
        """No more waited than surely costs no connection."""
        piling = self._piling
        if piling.gone is None:
            if piling.resumed is not None and self._got_all_of_it():
                self._judgement.witness("LIMIT-4")
        elif piling.is_ended and not piling.has_other_cause:
            self._find(
                "LIMIT-4",
                "a slow client's connection was ended before its queue can have been full",
                expected=f"an open connection: {piling.limit} events may wait for it",
                received=f"{self._how()}, with at most {len(piling.piled)} waiting",
                of=piling.piled[-1:],
            )

    def _got_all_of_it(self) -> bool:
        piling = self._piling
        numbers = {one.emitted.number for one in piling.piled}
        return len(numbers) >= piling.limit // 2 and numbers <= piling.received

    # --- what fills it

    def _sequence(self) -> None:
        """What it got is a beginning of what was due to it, and no more than there was room for."""
        piling = self._piling
        lost = self._first_lost()
        late = self._after_overflow()
        if lost is not None:
            missed = sum(one.emitted.number not in piling.received for one in piling.owed)
            self._find(
                "LIMIT-SLOW-3",
                "events were dropped silently: a slow client got later ones",
                expected="a beginning of its events without gaps, and the end of the connection",
                received=f"{len(piling.received)} events, among which {missed} are missing",
                of=(lost,),
            )
        elif late is not None:
            self._find(
                "LIMIT-SLOW-1",
                "more events were kept for a slow client than may wait for it",
                expected=f"at most {piling.limit} events waiting",
                received=f"{len(piling.received)} events, the latest asked for after those that fit",
                of=(late,),
            )

    def _first_lost(self) -> Owed | None:
        """The first event that it did not get although it got one that was enqueued later for certain."""
        piling = self._piling
        got = [one.invoked for one in piling.owed if one.emitted.number in piling.received]
        latest = max(got, default=-1)
        missing = (one for one in piling.owed if one.emitted.number not in piling.received)
        return next((one for one in missing if one.acknowledged < latest), None)

    def _after_overflow(self) -> Owed | None:
        """An event that it got, on a connection that did not end, although one before it had no room."""
        piling = self._piling
        overflow = piling.overflow
        if overflow is None or piling.is_ended:
            return None
        later = (one for one in piling.owed if one.invoked > overflow.acknowledged)
        return next((one for one in later if one.emitted.number in piling.received), None)

    def _lateness(self) -> None:
        """Once an event cannot have found room the connection ends within the slow window."""
        piling, overflow = self._piling, self._piling.overflow
        if overflow is None or piling.has_other_cause:
            return
        limit = overflow.by + SLOW_WINDOW_US
        gone = piling.gone
        if gone is None and piling.seen_until <= limit:
            return
        if gone is None or gone.at > limit:
            when = "never" if gone is None else f"{(gone.at - overflow.by) / 1e6:.1f} s after the overflow"
            self._find(
                "LIMIT-SLOW-4",
                "a slow client's connection outlived its queue",
                expected="its end within 10 s of the overflow",
                received=f"it ended {when}",
                of=(overflow,),
                timed=gone is not None,
            )

    def _told_why(self) -> None:
        """Who reads again soon enough sees the reason as the last thing.

        When an event found no room is known only within bounds. Who was told why was so however soon it was;
        that it was not is a fault only if it read again soon enough for certain.
        """
        piling, earliest = self._piling, self._piling.no_overflow_before
        if not piling.is_ended or piling.resumed is None or earliest is None or piling.since.vanished:
            return
        if piling.connection.code == _CODE and piling.is_named:
            self._judgement.witness("LIMIT-SLOW-5")
        elif piling.resumed.at - earliest <= _RESUMED_WITHIN_US:
            self._find(
                "LIMIT-SLOW-5",
                "a slow client that read again in time was not told why its connection ended",
                expected=f"Close {_CODE} with reason {SLOW_CONSUMER}",
                received=self._how(),
            )

    def _offline(self) -> None:
        """Its user goes offline with it (PRES-3)."""
        piling = self._piling
        if piling.told:
            self._judgement.witness("PRES-3")
        elif piling.is_named and not piling.is_watched_otherwise and self._others_had_time():
            self._find(
                "PRES-3",
                "a slow client's connection was ended, and nobody was told that its user is offline",
                expected="presence_update offline within 1 s",
                received="nothing, though later events came",
            )

    def _others_had_time(self) -> bool:
        """Whether somebody who hears its guilds got something that was caused after the presence window."""
        connection = self._piling.connection
        stays = Stays(self._case)
        after = stays.first_after((connection.ended_at or NEVER) + PRESENCE_WINDOW_US)
        guilds = {lease.guild_id for lease in connection.leases if lease.confirmed is not None}
        return after != NEVER and any(
            stays.probe(other, after) is not None
            for other in self._case.connections
            if other is not connection and guilds & {lease.guild_id for lease in other.leases}
        )

    def _witness_what_was_dropped(self) -> None:
        """An event that it did not get, and others did, was dropped for it alone."""
        piling = self._piling
        dropped = [one for one in piling.piled if one.emitted.number not in piling.received]
        if any(self._case.receipts(one.emitted) for one in dropped):
            self._judgement.witness("LIMIT-SLOW-2")
            if piling.resumed is not None:
                self._judgement.witness("LIMIT-SLOW-3")

    # --- findings

    def _how(self) -> str:
        connection = self._piling.connection
        code = "" if connection.code is None else f" {connection.code}"
        return f"{connection.how or 'still open'}{code} {connection.reason or ''}".rstrip()

    def _find(
        self,
        requirement: str,
        message: str,
        *,
        expected: str,
        received: str,
        of: Iterable[Owed] = (),
        timed: bool = False,
    ) -> None:
        connection, since = self._piling.connection, self._piling.since
        rate = f"{since.bytes_per_s} bytes a second" if since.bytes_per_s else "nothing"
        lines = [line for one in of for line in lines_of_call(one.emitted.call)]
        lines.append(Excerpt(at_us=since.at, who=connection.name, text=f"takes {rate} from here on"))
        self._judgement.find(
            Kind.LIMIT,
            requirement,
            message,
            client=connection.name,
            expected=expected,
            received=received,
            excerpt=lines,
            timed=timed,
        )
