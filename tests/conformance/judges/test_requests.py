"""Requests that were sent as bytes: refused for their form, or judged as the operation that they are."""

from dataclasses import asdict
from typing import Any

import pytest

from sync_check.conformance.contract.inputs.requests import RAW_REQUEST, RawRequest
from sync_check.conformance.history import OperationInvoked, Purpose
from sync_check.conformance.run import ScenarioResult
from sync_check.conformance.verdict import Finding, Kind
from tests.conformance.histories import found
from tests.conformance.live_stories import only_of
from tests.conformance.stories import Story

REFUSED = {"error": "invalid_credentials"}


def ask(
    story: Story,
    body: str,
    status: int,
    answer: Any = None,
    *,
    authorization: str = "Bearer $token",
    client: str = "ben",
) -> None:
    asked = RawRequest(
        name="test/request",
        method="POST",
        target=f"/guilds/{story.guild}/channels/{story.channel}/messages",
        headers={"content-type": "application/json", "authorization": authorization},
        body=body,
    )
    story._op += 1
    story.add(
        OperationInvoked(
            at=story.now(),
            op=story._op,
            client=client,
            session=1,
            operation=RAW_REQUEST,
            arguments=asdict(asked),
            purpose=Purpose.SCENARIO,
            request_id="r",
        )
    )
    story.answer(story._op, status, answer)


def judged(story: Story) -> ScenarioResult:
    story.post("ana", "afterwards")
    story.rest()
    story.close_scenario()
    return story.result()


def finding(story: Story) -> Finding:
    return only_of(judged(story), "requests")


@pytest.mark.witnesses("REST-3", "DELIV-4")
def test_a_malformed_request_that_is_refused_is_in_order() -> None:
    story = Story("REST-3", "DELIV-4")
    ask(story, "{", 400)
    ask(story, '{"text":"x"}', 422)
    result = judged(story)
    assert found(result) == []
    assert result.witnesses["REST-3"] == 2
    assert result.witnesses["DELIV-4"] >= 2


@pytest.mark.parametrize(("body", "status"), [("{", 422), ('{"text":"x"}', 400), ("{", 404)])
@pytest.mark.witnesses("REST-3")
def test_another_status_is_found(body: str, status: int) -> None:
    story = Story()
    ask(story, body, status)
    told = finding(story)
    assert (told.requirement, told.kind) == ("REST-3", Kind.CONTRACT)
    assert "test/request" in told.message


def test_a_malformed_request_that_is_accepted_is_worse() -> None:
    story = Story()
    ask(story, "{", 200, {})
    assert finding(story).kind is Kind.SAFETY


@pytest.mark.witnesses("REST-2")
def test_a_token_that_is_spelled_otherwise_is_none() -> None:
    story = Story()
    ask(story, '{"content":"x"}', 401, REFUSED, authorization="bearer $token")
    assert judged(story).witnesses["REST-2"]
    story = Story()
    ask(story, '{"content":"x"}', 401, {"error": "forbidden"}, authorization="bearer $token")
    assert finding(story).requirement == "REST-2"


@pytest.mark.witnesses("CHAN-3")
def test_a_request_without_a_fault_is_judged_as_its_operation() -> None:
    story = Story()
    ask(story, '{"content":"x"}', 403, {"error": "forbidden"}, client="eve")
    assert found(judged(story)) == []
    story = Story()
    ask(story, '{"content":"x"}', 403, {"error": "forbidden"})
    assert only_of(judged(story), "answers").received == '403 {"error": "forbidden"}'


@pytest.mark.parametrize("status", [400, 422])
def test_what_may_be_taken_or_refused_may_be_refused(status: int) -> None:
    story = Story()
    ask(story, '{"content":"x","content":"x"}', status, {"error": "invalid_request"})
    assert found(judged(story)) == []


def test_what_may_be_taken_or_refused_is_not_answered_otherwise() -> None:
    story = Story()
    ask(story, '{"content":"x","content":"x"}', 409, {"error": "invalid_request"})
    assert only_of(judged(story), "answers").expected == "200 or 400 or 422"


@pytest.mark.witnesses("REST-3")
def test_what_is_wrong_in_any_case_may_be_unreadable_besides() -> None:
    story = Story("REST-3")
    for status in (400, 422):
        ask(story, '{"content":1e400}', status)
    assert found(judged(story)) == []
    story = Story()
    ask(story, '{"content":1e400}', 500)
    assert {one.judge for one in judged(story).findings} == {"answers", "requests"}


@pytest.mark.witnesses("REST-3")
def test_null_is_no_value_of_an_optional_member() -> None:
    story = Story()
    ask(story, '{"content":"x","attachment_ids":null}', 200, {})
    assert finding(story).expected == "422"
