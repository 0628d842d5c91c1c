"""What stands on a page of metrics: names, labels and values (METRIC-1, METRIC-7, METRIC-8)."""

import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Final

from sync_check.conformance.contract.counters import LABELS, OTHER, Counter
from sync_check.conformance.contract.events import VoiceParticipantSync
from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.counters.reads import Growth, Read, is_metrics
from sync_check.conformance.judges.judgement import Judgement, lines_of_call
from sync_check.conformance.judges.leaks import canaries_in
from sync_check.conformance.judges.lives import Call
from sync_check.conformance.model.connections import Connection
from sync_check.conformance.model.emissions import shown
from sync_check.conformance.verdict import Kind, Level

END_WINDOW_US: Final = 5_000_000
"""Whoever has been gone for longer than the end window (contract 0.4) is counted."""
MOST_SERIES: Final = 1024
"""Series of one counter that are far more than all values of its labels, and than the least fixed number."""
_PROTECTED: Final = (401, 403)
_TOO_MANY: Final = 429
_TYPES: Final = ("counter", "untyped", "unknown")
"""What a counter may be declared as."""
_ULIDS: Final = re.compile(r"(?=([0-7][0-9A-HJKMNP-TV-Z]{25}))", re.IGNORECASE | re.ASCII)
"""Looked for at every place, so that letters before an id do not hide it."""
_ID: Final = re.compile(
    r"[0-7][0-9A-HJKMNP-TV-Z]{25}|[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}", re.IGNORECASE | re.ASCII
)
"""A ULID or a UUID."""


def judge_refusals(case: Case, judgement: Judgement) -> None:
    """Judge why there are no metrics, once, where that is so (METRIC-1)."""
    for call in case.calls:
        if is_metrics(call) and call.status is not None and 300 <= call.status < 500:
            _judge_refusal(judgement, call, call.status)
            return


def _judge_refusal(judgement: Judgement, call: Call, status: int) -> None:
    if status == _TOO_MANY:
        return
    protected = status in _PROTECTED
    message = "are protected" if protected else "were declared and are not there"
    judgement.find(
        Kind.CONTRACT,
        "METRIC-1",
        f"metrics: they {message}, so that no counter could be judged",
        level=Level.INFO if protected else None,
        expected="200 and the counters",
        received=str(status),
        cause=call,
        excerpt=lines_of_call(call),
    )


class Pages:
    """Judges page after page; what is wrong on all of them is said of the first."""

    def __init__(self, case: Case, judgement: Judgement) -> None:
        self._case = case
        self._judgement = judgement
        self._said: set[str] = set()
        self._faulty = False

    def judge(self, read: Read) -> None:
        """Judge one page by itself."""
        for fault in read.page.faults:
            self._find("METRIC-1", read, "the page is no text exposition", "lines of the format", fault)
        for counter in Counter:
            self._judge_names(read, counter)
            self._judge_values(read, counter)
        self._judge_existence(read)
        self._judge_secrecy(read)

    def judge_growth(self, growth: Growth) -> bool:
        """Judge whether no counter went back; else what it counted since is unknown."""
        fallen = growth.fallen()
        if fallen:
            (name, by), rest = next(iter(fallen.items())), len(fallen) - 1
            received = f"{name} {by:+g}" + (f" and {rest} more" if rest else "")
            self._find("METRIC-1", growth.after, "counters decreased", "no decrease", received)
        return not fallen

    def witness(self, growth: Growth) -> None:
        """Note what held of pages between which events were counted."""
        if self._faulty:
            return
        self._judgement.witness("METRIC-1", "METRIC-8")
        names = growth.of(Counter.UNKNOWN_RECEIVED)
        if any(OTHER in labels and by > 0 for labels, by in names.items()):
            self._judgement.witness("METRIC-7")

    # --- METRIC-1, METRIC-7

    def _judge_names(self, read: Read, counter: Counter) -> None:
        name = read.prefix + counter
        series = read.page.samples.get(name, {})
        names = LABELS[counter]
        for labels in series:
            given = tuple(label for label, _ in labels)
            if sorted(given) != sorted(names):
                wanted, received = (", ".join(one) or "none" for one in (names, given))
                self._find("METRIC-1", read, f"{counter} has other labels", wanted, received)
        if len(series) > MOST_SERIES:
            message = f"the series of {counter} are not bounded"
            self._find("METRIC-7", read, message, f"at most {MOST_SERIES}", str(len(series)))
        declared = read.page.types.get(name, "counter")
        if declared not in _TYPES:
            self._find("METRIC-1", read, f"{name} is no counter", "counter", declared)

    def _judge_values(self, read: Read, counter: Counter) -> None:
        for labels, value in read.page.samples.get(read.prefix + counter, {}).items():
            if not (value >= 0 and value.is_integer()):
                inside = shown(", ".join(f'{name}="{text}"' for name, text in labels), 80)
                message = f"{counter}{{{inside}}} counts nothing"
                self._find("METRIC-1", read, message, "a whole number", f"{value:g}")

    def _judge_existence(self, read: Read) -> None:
        lacking = [counter for counter in Counter if not read.has(counter)]
        for counter, cause in self._due(read).items() if lacking else ():
            if counter in lacking:
                message = f"{counter} does not exist, although {cause}"
                self._find("METRIC-1", read, message, read.prefix + counter, _similar(read, counter))

    def _due(self, read: Read) -> Mapping[Counter, str]:
        """The counters of which something has happened that they count."""
        call, ledger = read.call, self._case.ledger
        life = ledger.life_at(call.invoked)
        connections = [one for one in ledger.connections.values() if ledger.life_at(one.opened) == life]
        statuses = {
            status
            for (begun, status), first in self._refusals.items()
            if begun == life and first < call.invoked
        }
        due: dict[Counter, str] = {}
        if any(one.ready < call.invoked for one in connections):
            due[Counter.EMITTED] = "events were received"
        if any(surely_ended(one, call) for one in connections):
            due[Counter.DISCONNECTS] = "connections have ended"
        if statuses & set(_PROTECTED):
            due[Counter.AUTH_FAILURES] = "requests were refused with 401 or 403"
        if _TOO_MANY in statuses:
            due[Counter.RATE_LIMIT_HITS] = "requests were refused with 429"
        if any(life < position < call.invoked for position in self._voice_synced):
            due[Counter.VOICE_REPAIRS] = "participants of voice channels were listed"
        return due

    @cached_property
    def _refusals(self) -> Mapping[tuple[int, int], int]:
        """Where each status that is counted was first answered in a life of the target's process."""
        first = self._case.ledger.first_answered
        return {
            (life, status): call.acknowledged
            for (life, status), call in first.items()
            if status in (*_PROTECTED, _TOO_MANY)
        }

    @cached_property
    def _voice_synced(self) -> Sequence[int]:
        """Where each `voice_participant_sync` was received in the scenario."""
        return [
            one.position for one in self._case.deliveries if one.reading.name == VoiceParticipantSync.name
        ]

    # --- METRIC-8

    def _judge_secrecy(self, read: Read) -> None:
        for name, series in read.page.samples.items():
            for labels in series:
                for label, value in labels:
                    what = self._secret_in(value) or self._looks_like_an_id(read, name, value)
                    if what is not None:
                        message = f"the label {label} of {name} is {what}"
                        self._find("METRIC-8", read, message, "nothing of it", value, kind=Kind.SAFETY)

    def _secret_in(self, value: str) -> str | None:
        words = (word.upper() for word in _ULIDS.findall(value))
        what = next((self._known[word] for word in words if word in self._known), None)
        if what is not None:
            return f"the id of a {what}"
        return "content of a message" if canaries_in(value) & self._contents else None

    def _looks_like_an_id(self, read: Read, name: str, value: str) -> str | None:
        """What only connections, which we do not know by id, can be called in a counter of the contract."""
        is_ours = name.removeprefix(read.prefix) in list(Counter)
        return "an id" if is_ours and _ID.fullmatch(value) else None

    @cached_property
    def _known(self) -> Mapping[str, str]:
        """The ids of the run, with what each is the id of."""
        ledger = self._case.ledger
        made = {identity: ledger.calls[op].name for op, identity in ledger.created.items()}
        channels = (identity for identity, name in made.items() if name == "create_channel")
        return {
            **dict.fromkeys(ledger.homes, "guild"),
            **dict.fromkeys(channels, "channel"),
            **dict.fromkeys(ledger.users.values(), "user"),
        }

    @cached_property
    def _contents(self) -> frozenset[str]:
        canaries = self._case.ledger.canaries
        return frozenset(canary.text.lower() for canary in canaries if canary.what == "message")

    # --- findings

    def _find(
        self,
        requirement: str,
        read: Read,
        message: str,
        expected: str,
        received: str,
        *,
        kind: Kind = Kind.CONTRACT,
    ) -> None:
        self._faulty = True
        if message in self._said:
            return
        self._said.add(message)
        self._judgement.find(
            kind,
            requirement,
            f"metrics: {shown(message)}",
            expected=expected,
            received=shown(received),
            cause=read.call,
            excerpt=lines_of_call(read.call),
        )


def surely_ended(connection: Connection, call: Call) -> bool:
    """Whether a connection had been gone for so long, when a call was sent, that its end is counted."""
    return connection.gone_at is not None and connection.gone_at <= call.invoked_at - END_WINDOW_US


def _similar(read: Read, counter: Counter) -> str:
    """The counters of another prefix, which the target's profile might state."""
    found = sorted(name for name in read.page.samples if name.endswith(counter))
    return f"{found[0]}, whose prefix no profile states" if found else "nothing of that name"
