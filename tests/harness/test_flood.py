"""What comes beyond anything that was done can have caused ends a connection, and nothing of it is kept."""

import json

from websockets.asyncio.server import ServerConnection, serve

from sync_check.conformance.history import ConnectionEnded, EndOfConnection, FramesReceived, Record
from sync_check.harness.accounts import Account, Session
from sync_check.harness.client import Client, Connection
from sync_check.harness.flood import RECORD_BYTES, owed_at_most
from tests.harness.playing import company_at

USER = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
TOKENS = {"access_token": "t", "refresh_token": "r", "expires_in_secs": 900}


async def test_every_call_makes_room_and_a_mutation_for_the_largest_event() -> None:
    company, _ = company_at("http://127.0.0.1:1", [])
    at_first = owed_at_most(company)
    company.caller.calls += 1
    for_a_call = owed_at_most(company) - at_first
    company.caller.mutations += 1
    for_a_mutation = owed_at_most(company) - at_first - for_a_call
    assert at_first >= 1024 * 1024
    assert for_a_call == 8 * RECORD_BYTES
    assert for_a_mutation == company.target.limits.max_gateway_event_bytes + RECORD_BYTES


async def test_a_flooded_connection_is_cut_and_says_why() -> None:
    event = json.dumps({"v": 1, "t": "typing", "d": {}})

    async def handler(connection: ServerConnection) -> None:
        await connection.send(json.dumps({"v": 1, "t": "ready", "d": {"user_id": USER}}))
        for _ in range(100_000):
            await connection.send(event)

    records: list[Record] = []
    async with serve(handler, "127.0.0.1", 0) as server:
        company, rest = company_at(f"http://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}", records)
        account = Account(name="ana", username="ana", password="p" * 12, user_id=USER)
        client = Client(account, company)
        connection = Connection(client, 1, Session(1, TOKENS, company.clock.now_s()))
        await connection.open()
        await connection.over()
        await connection.read_up()
        company.journal.flush()
        await rest.aclose()
    (ended,) = [record for record in records if isinstance(record, ConnectionEnded)]
    assert ended.how is EndOfConnection.CLOSED_BY_US
    assert "a flood" in (ended.reason or "")
    frames = [record for record in records if isinstance(record, FramesReceived)]
    received = sum(len(record.connections) for record in frames)
    assert 500 < received <= 2 * owed_at_most(company) / RECORD_BYTES + 2
