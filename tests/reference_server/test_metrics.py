from collections import Counter

import pytest

from sync_check.conformance.contract.events import Ready
from sync_check.reference_server.metrics import Metrics
from tests.reference_server.running import command, running


def emitted(counters: dict[str, float]) -> dict[str, float]:
    prefix = 'gateway_events_emitted_total{event_type="'
    return {
        key[len(prefix) :].partition('"')[0]: value
        for key, value in counters.items()
        if key.startswith(prefix)
    }


@pytest.mark.witnesses("METRIC-2", "METRIC-3")
async def test_what_is_counted_as_emitted_is_what_arrives() -> None:
    async with running() as server:
        ana, ben = server.person("ana"), server.person("ben")
        room, other = server.room(ana, ben), server.room(ana)
        connections = [await person.connect(room) for person in (ana, ben, ben)]
        await connections[0].send(other.subscribe())
        received: Counter[str] = Counter({"ready": 3, "subscribed": 3})
        posted = await ana.say(room, "first")
        await ana.patch(f"{room.messages}/{posted['message_id']}", {"content": "second"})
        await ana.delete(f"{room.messages}/{posted['message_id']}")
        await ana.say(other, "elsewhere")
        await ana.patch(room.guild, {"name": "renamed"})
        await ana.patch(room.member(ben), {"role": "moderator"})
        await ana.post(room.member(ben) + "/kick")
        await ana.post(room.member(ben))
        for connection in connections:
            received.update(await connection.names_until_now())
        counted = emitted(server.counters())
        counted.pop("profile_update")  # the fences
        assert counted == dict(received)
        assert not any("dropped_total{" in key for key in server.counters())


@pytest.mark.witnesses("METRIC-4", "METRIC-6")
async def test_refused_input_is_counted_once_each() -> None:
    async with running() as server:
        ana = server.person("ana")
        for message in ("x", command("subscribe"), command("message_create"), command("typing")):
            connection = await ana.connect()
            await connection.send(message)
            await connection.ended()
        counters = server.counters()
        rejected = 'gateway_events_parse_rejected_total{{reason="{}",scope="ingress"}}'
        for reason in ("invalid_envelope", "invalid_subscribe_payload", "invalid_message_create_payload"):
            assert counters[rejected.format(reason)] == 1
            assert counters[f'ws_disconnects_total{{reason="{reason}"}}'] == 1
        assert counters['gateway_events_unknown_received_total{event_type="typing",scope="ingress"}'] == 1
        assert counters['ws_disconnects_total{reason="unknown_event"}'] == 1


@pytest.mark.witnesses("METRIC-7")
def test_the_number_of_received_names_is_bounded() -> None:
    metrics = Metrics()
    for number in range(200):
        metrics.unknown_received(f"name{number}")
        metrics.unknown_received("name0")
    series = [
        line for line in metrics.exposition().decode().splitlines() if "unknown_received_total{" in line
    ]
    assert len(series) == 65
    assert 'gateway_events_unknown_received_total{event_type="name0",scope="ingress"} 201.0' in series
    assert 'gateway_events_unknown_received_total{event_type="other",scope="ingress"} 136.0' in series


def test_nothing_emitted_makes_no_series() -> None:
    metrics = Metrics()
    metrics.emitted(Ready(user_id="01ARZ3NDEKTSV4RRFFQ69G5FAV"), 0)
    assert b"event_type" not in metrics.exposition()


def test_a_prefix_precedes_every_name() -> None:
    metrics = Metrics("chat_")
    metrics.disconnected("client_close")
    samples = [line for line in metrics.exposition().decode().splitlines() if not line.startswith("#")]
    assert samples == ['chat_ws_disconnects_total{reason="client_close"} 1.0']


def test_servers_do_not_share_counters() -> None:
    one, other = Metrics(), Metrics()
    one.disconnected("client_close")
    assert b"client_close" in one.exposition()
    assert b"client_close" not in other.exposition()
