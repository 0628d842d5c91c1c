"""Names, types and labels of the counters, read as a scraper reads them (METRIC-1, METRIC-8)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import pytest

from sync_check.conformance.contract.events import EVENTS, Scope
from tests.reference_server.running import PASSWORD, RAISED, Running, command, running
from tests.reference_server.test_gateway import stalled_reader

LABELS: Final[dict[str, set[str]]] = {
    "gateway_events_emitted_total": {"scope", "event_type"},
    "gateway_events_dropped_total": {"scope", "event_type", "reason"},
    "gateway_events_unknown_received_total": {"scope", "event_type"},
    "gateway_events_parse_rejected_total": {"scope", "reason"},
    "ws_disconnects_total": {"reason"},
    "auth_failures_total": {"reason"},
    "rate_limit_hits_total": {"surface", "reason"},
    "voice_sync_repairs_total": {"reason"},
}
"""The table of contract 7, copied by hand."""
VALUES: Final[dict[tuple[str, str], set[str]]] = {
    ("gateway_events_emitted_total", "scope"): set(Scope),
    ("gateway_events_emitted_total", "event_type"): set(EVENTS),
    ("gateway_events_dropped_total", "scope"): {"channel"},
    ("gateway_events_dropped_total", "event_type"): {"message_create"},
    ("gateway_events_dropped_total", "reason"): {"full_queue"},
    ("gateway_events_unknown_received_total", "scope"): {"ingress"},
    ("gateway_events_unknown_received_total", "event_type"): {"typing"},
    ("gateway_events_parse_rejected_total", "scope"): {"ingress"},
    ("gateway_events_parse_rejected_total", "reason"): {"invalid_envelope"},
    ("ws_disconnects_total", "reason"): {"unknown_event", "invalid_envelope", "slow_consumer"},
    ("auth_failures_total", "reason"): {"unauthorized", "forbidden"},
    ("rate_limit_hits_total", "surface"): {"http"},
    ("rate_limit_hits_total", "reason"): {"auth_failure"},
    ("voice_sync_repairs_total", "reason"): {"subscribe"},
}
"""What the story below may leave in each label; of the first two not all."""
_LABEL: Final = r'[a-zA-Z_]\w*="(?:[^"\\]|\\.)*"'
_SAMPLE: Final = re.compile(rf"([a-zA-Z_:][\w:]*)(?:\{{({_LABEL}(?:,{_LABEL})*),?\}})? (\S+)")


@dataclass(frozen=True, kw_only=True)
class Sample:
    name: str
    labels: dict[str, str]
    value: float


def samples(exposition: str) -> Iterator[Sample]:
    """Every sample of the text exposition format; a line that is none and no comment is an error."""
    for line in exposition.splitlines():
        if line.startswith("#") or not line:
            continue
        found = _SAMPLE.fullmatch(line)
        assert found is not None, line
        pairs = re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', found[2] or "")
        assert len(dict(pairs)) == len(pairs), line
        yield Sample(name=found[1], labels=dict(pairs), value=float(found[3]))


async def cause_everything(server: Running) -> None:
    """Let every counter grow."""
    ana, ben, eve = server.person("ana"), server.person("ben"), server.person("eve")
    room = server.room(ana, ben)
    for message in ("{", command("typing")):
        gateway = await ana.connect(room)
        await gateway.send(message)
        await gateway.ended()
    assert (await eve.get(room.messages)).status_code == 403
    wrong = {"username": "ana", "password": PASSWORD + "x"}
    statuses = [(await server.http.post("/auth/login", json=wrong)).status_code for _ in range(2)]
    assert statuses == [401, 429]
    slow = await stalled_reader(server, ben, room)
    while not any("full_queue" in series for series in server.counters()):
        await ana.say(room, "x" * 2000)
    slow.close()


@pytest.mark.witnesses("METRIC-1", "METRIC-8")
async def test_every_counter_has_its_name_and_exactly_its_labels() -> None:
    limits = RAISED.model_copy(update={"gateway_outbound_queue": 1, "auth_requests_per_minute": 1})
    async with running(limits=limits, send_buffer=8192, without=frozenset()) as server:
        await cause_everything(server)
        scraped = await server.http.get("/metrics")
        assert scraped.headers["content-type"].startswith("text/plain; version=0.0.4")
        found = list(samples(scraped.text))
        assert {sample.name for sample in found} == LABELS.keys()
        for sample in found:
            assert sample.labels.keys() == LABELS[sample.name], sample
            for label, value in sample.labels.items():
                assert value in VALUES[sample.name, label], sample
            assert sample.value >= 1
        assert {sample.labels["reason"] for sample in found if sample.name == "auth_failures_total"} == {
            "unauthorized",
            "forbidden",
        }


@pytest.mark.witnesses("METRIC-1")
async def test_everything_told_of_is_a_counter_and_is_there_from_the_start() -> None:
    async with running() as server:
        text = (await server.http.get("/metrics")).text
        assert list(samples(text)) == []
        types = [line.split()[2:] for line in text.splitlines() if line.startswith("# TYPE ")]
        assert sorted(types) == sorted([name, "counter"] for name in LABELS)
