import pytest

from tests.reference_server.running import running


@pytest.mark.witnesses("HEALTH-1", "METRIC-1")
async def test_health_and_metrics_need_no_token() -> None:
    async with running() as server:
        health = await server.http.get("/health")
        assert (health.status_code, health.json()) == (200, {"status": "ok"})
        metrics = await server.http.get("/metrics")
        assert metrics.status_code == 200
        assert metrics.headers["content-type"].startswith("text/plain")
        families = {line.split()[2] for line in metrics.text.splitlines() if line.startswith("# TYPE")}
        assert families == {
            "gateway_events_emitted_total",
            "gateway_events_dropped_total",
            "gateway_events_unknown_received_total",
            "gateway_events_parse_rejected_total",
            "ws_disconnects_total",
            "auth_failures_total",
            "rate_limit_hits_total",
            "voice_sync_repairs_total",
        }
        assert "_created" not in metrics.text


async def test_the_gateway_needs_an_upgrade() -> None:
    async with running() as server:
        assert (await server.http.get("/gateway/ws")).status_code == 426


async def test_refused_requests_are_counted() -> None:
    async with running() as server:
        ana, eve = server.person("ana"), server.person("eve")
        room = server.room(ana)
        await server.http.get("/guilds")
        await eve.get(room.messages)
        counters = server.counters()
        assert counters['auth_failures_total{reason="unauthorized"}'] == 1
        assert counters['auth_failures_total{reason="forbidden"}'] == 1
