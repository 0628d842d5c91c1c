"""A story in which ben takes nothing for a while: ten events may wait for him, and the way holds none."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract.limits import Limits
from sync_check.conformance.history import EndOfConnection, Header, Purpose
from sync_check.conformance.run import ScenarioResult
from sync_check.conformance.verdict import Finding
from tests.conformance.histories import FEATURES
from tests.conformance.live_stories import LiveStory

LIMIT = 10
PRESENT = (*FEATURES, "presence", "voice")
EMITTED = 'gateway_events_emitted_total{scope="channel",event_type="message_create"}'
FULL = 'gateway_events_dropped_total{scope="channel",event_type="message_create",reason="full_queue"}'
SLOW = 'ws_disconnects_total{reason="slow_consumer"}'


class SlowStory(LiveStory):
    """`pile` makes events that everybody but ben gets; he is given the first of them by `catch_up`."""

    def __init__(self, *covers: str) -> None:
        super().__init__(*covers, features=PRESENT)
        header = self.records[0]
        assert isinstance(header, Header)
        self.records[0] = replace(header, limits=Limits(gateway_outbound_queue=LIMIT))
        self.leave(self.ben2)
        self.kept: list[Mapping[str, Any]] = []
        self.taken = 0

    def page(self, **series: int) -> None:
        """The harness reads the metrics: emitted, dropped and ended so far."""
        names = {"emitted": EMITTED, "full": FULL, "slow": SLOW}
        text = "".join(f"{names[name]} {value}\n" for name, value in series.items())
        self.call("harness", ops.ReadMetrics(), 200, text, purpose=Purpose.SNAPSHOT)

    def stop(self, *, bytes_per_s: int = 0, absorbs: int | None = 0, vanished: bool = False) -> None:
        """Ben takes no more."""
        self.taking(self.ben, bytes_per_s, absorbs, vanished=vanished)

    def pile(self, count: int, *, delay_us: int = 0) -> None:
        """Ana writes so many messages, each of which arrives elsewhere after a while."""
        for number in range(count):
            message = self.message(self.id(), "ana", f"waits {len(self.kept)}")
            op = self.invoke("ana", ops.CreateMessage(**self.place, content=message["content"]))
            self._at += delay_us + number
            self.frame(self.ana, "message_create", message)
            self.answer(op, 200, message)
            self.messages[message["message_id"]] = message
            self.kept.append(message)

    def catch_up(self, count: int, *, skip: int = 0) -> None:
        """Ben takes everything again, and gets so many of them, without the first few that are skipped."""
        self.taking(self.ben)
        for message in self.kept[skip : skip + count]:
            self.frame(self.ben, "message_create", message)

    def end(  # type: ignore[override]
        self,
        code: int | None = 1008,
        reason: str | None = "slow_consumer",
        how: EndOfConnection = EndOfConnection.CLOSED_BY_TARGET,
    ) -> None:
        """Ben's connection ends, by the target if nothing else is said."""
        self.close(self.ben, how, reason, code)
        self.gone()

    def gone(self) -> None:
        """Nothing is due to ben any more."""
        self.owners.pop(self.ben, None)
        self.subscribed = [one for one in self.subscribed if one != self.ben]

    def offline(self) -> None:
        """The others are told that ben is offline."""
        self.present.pop("ben", None)
        self.tell("ben", "offline", (self.ana,))

    def evicted(self, *, piled: int = LIMIT + 2, got: int = 1, **end: Any) -> None:
        """What a correct server does: the event after those that may wait ends it."""
        self.stop()
        self.pile(piled)
        self.offline()
        self.catch_up(got)
        self.end(**end)

    def judged(self) -> ScenarioResult:
        self.post("ana", "the last one", (self.ana,) if self.ben not in self.owners else None)
        self.rest()
        super().end()
        return self.result()


def findings(result: ScenarioResult) -> list[Finding]:
    """What the judge of slow consumers found."""
    return [finding for finding in result.findings if finding.judge == "slow_consumers"]


def broken(result: ScenarioResult) -> list[str]:
    """The requirements that it found broken."""
    return [finding.requirement for finding in findings(result)]
