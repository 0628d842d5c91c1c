"""Every call is paced, authenticated and written down; throttling is waited out, tokens are refreshed."""

from typing import Any

import httpx
import pytest

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.history import (
    CanaryPlaced,
    OperationAnswered,
    OperationInvoked,
    Outcome,
    Purpose,
    Record,
    encode_record,
)
from sync_check.harness import caller
from sync_check.harness.accounts import Account, Session
from sync_check.harness.caller import RETRIED, Canary
from tests.harness.playing import company_at, respond

TOKENS = {
    "access_token": "first-access-token",
    "refresh_token": "first-refresh-token",
    "expires_in_secs": 900,
}
URL = "http://127.0.0.1:1"


def account() -> Account:
    return Account(name="ana", username="sc.ana", password="a long password of ana")


async def test_a_throttled_call_is_sent_again_and_only_the_last_answer_counts() -> None:
    answers = [
        respond(429, {"error": "rate_limited"}, {"retry-after": "0"}),
        respond(200, {"guilds": []}),
    ]
    records: list[Record] = []
    company, rest = company_at(URL, records, transport=httpx.MockTransport(lambda request: answers.pop(0)))
    session = Session(1, TOKENS, 0.0)
    reply = await company.caller.call(account(), ops.ListGuilds(), purpose=Purpose.SETUP, session=session)
    await rest.aclose()
    assert reply.accepted
    answered = [record for record in records if isinstance(record, OperationAnswered)]
    assert [(record.status, record.error) for record in answered] == [(429, RETRIED), (200, None)]
    assert len({record.op for record in answered}) == 2


async def test_a_target_that_never_stops_throttling_is_given_up_with_its_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(caller, "PATIENCE_S", 0.2)

    def answer(request: httpx.Request) -> httpx.Response:
        return respond(429, None, {"retry-after": "0"})

    records: list[Record] = []
    company, rest = company_at(URL, records, transport=httpx.MockTransport(answer))
    reply = await company.caller.call(account(), ops.ReadHealth(), purpose=Purpose.SETUP)
    await rest.aclose()
    assert reply.answer.status == 429
    answered = [record for record in records if isinstance(record, OperationAnswered)]
    assert [record.error for record in answered[:-1]] == [RETRIED] * (len(answered) - 1)
    assert answered[-1].error is None


async def test_a_token_is_refreshed_once_when_most_of_its_life_is_over() -> None:
    seen: list[tuple[str, str]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append((request.url.path, request.headers.get("authorization", "")))
        if request.url.path == "/auth/refresh":
            second = {"access_token": "second-access-token", "refresh_token": "second-refresh-token"}
            return respond(200, {**second, "expires_in_secs": 900})
        return respond(200, {"guilds": []})

    records: list[Record] = []
    company, rest = company_at(URL, records, transport=httpx.MockTransport(answer))
    session = Session(1, {**TOKENS, "expires_in_secs": 0}, company.clock.now_s())
    for _ in range(2):
        await company.caller.call(account(), ops.ListGuilds(), purpose=Purpose.SETUP, session=session)
    await rest.aclose()
    assert [path for path, _ in seen] == ["/auth/refresh", "/guilds", "/guilds"]
    assert {authorization for path, authorization in seen if path == "/guilds"} == {
        "Bearer second-access-token"
    }


async def test_no_record_holds_a_token_that_an_answer_brought() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return respond(200, {**TOKENS, "expires_in_secs": 900})

    records: list[Record] = []
    company, rest = company_at(URL, records, transport=httpx.MockTransport(answer))
    login = ops.Login(username="sc.ana", password="a long password of ana")
    await company.caller.call(account(), login, purpose=Purpose.SETUP)
    await rest.aclose()
    written = b"".join(encode_record(record) for record in records)
    assert b"first-access-token" not in written
    assert b"first-refresh-token" not in written


async def test_no_record_holds_a_voice_token() -> None:
    granted = {"token": "a-token-for-the-media-server", "identity": "ana-in-general"}
    records: list[Record] = []
    company, rest = company_at(URL, records, transport=httpx.MockTransport(lambda _: respond(200, granted)))
    issue = ops.IssueVoiceToken(guild_id="g", channel_id="c")
    await company.caller.call(account(), issue, purpose=Purpose.SCENARIO)
    await rest.aclose()
    written = b"".join(encode_record(record) for record in records)
    assert b"media-server" not in written
    assert b"ana-in-general" in written


async def test_canaries_are_placed_with_the_operation_that_carries_them() -> None:
    records: list[Any] = []

    def answer(request: httpx.Request) -> httpx.Response:
        return respond(200, {})

    company, rest = company_at(URL, records, transport=httpx.MockTransport(answer))
    create = ops.CreateGuild(guild_name="room scabcdefghijkl")
    canary = Canary(text="scabcdefghijkl", what="guild_name")
    reply = await company.caller.call(account(), create, purpose=Purpose.SETUP, canaries=(canary,))
    await rest.aclose()
    assert [type(record) for record in records] == [OperationInvoked, CanaryPlaced, OperationAnswered]
    assert {record.op for record in records} == {reply.op}


async def test_a_call_that_nobody_answers_is_of_unknown_outcome() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadError("reset", request=request)

    records: list[Record] = []
    company, rest = company_at(URL, records, transport=httpx.MockTransport(answer))
    reply = await company.caller.call(account(), ops.ReadHealth(), purpose=Purpose.SETUP)
    await rest.aclose()
    assert reply.answer.outcome is Outcome.UNKNOWN
    assert not reply.accepted
    assert company.caller.in_flight == 0


async def test_headers_that_answers_do_not_have_as_a_rule_are_written_down() -> None:
    answers = [
        respond(200, {"status": "ok"}, {"x-seen-from": "192.0.2.7"}),
        respond(200, {"status": "ok"}, {"date": "today", "server": "x", "x-request-id": "1"}),
    ]
    records: list[Record] = []
    company, rest = company_at(URL, records, transport=httpx.MockTransport(lambda _: answers.pop(0)))
    for _ in range(2):
        await company.caller.call(account(), ops.ReadHealth(), purpose=Purpose.SETUP)
    await rest.aclose()
    answered = [record for record in records if isinstance(record, OperationAnswered)]
    assert [record.headers for record in answered] == [{"x-seen-from": "192.0.2.7"}, None]


async def test_no_record_holds_a_token_that_a_header_brought() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return respond(200, {**TOKENS, "expires_in_secs": 900}, {"x-token": str(TOKENS["access_token"])})

    records: list[Record] = []
    company, rest = company_at(URL, records, transport=httpx.MockTransport(answer))
    login = ops.Login(username="sc.ana", password="a long password of ana")
    await company.caller.call(account(), login, purpose=Purpose.SETUP)
    await rest.aclose()
    assert b"first-access-token" not in b"".join(encode_record(record) for record in records)
