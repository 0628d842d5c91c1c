"""What a request is by its form alone: an operation, or refused for a fault."""

from dataclasses import replace
from typing import Final

import pytest

from sync_check.conformance.contract.inputs import Place
from sync_check.conformance.contract.inputs.forms import FORMS, OWNED
from sync_check.conformance.contract.inputs.requests import REQUESTS, RequestInput
from sync_check.conformance.contract.limits import Limits
from sync_check.conformance.contract.operations import CreateMessage, CreateRole, History
from sync_check.conformance.contract.requirements import REQUIREMENTS
from sync_check.conformance.model.requests import Understood, understand_request

TABLE: Final = (*REQUESTS, *FORMS, *OWNED)
ULID: Final = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
PLACE: Final = Place(guild_id=ULID, channel_id=ULID, text="fn0123456789ab")
LIMITS: Final = Limits()
HEADERS: Final = {"content-type": "application/json", "authorization": "Bearer $token"}
OF_THE_WORLD: Final = ("REST-4", "REST-5", "CHAN-3")
"""Rules that do not show in the form of a request alone."""


def understood(one: RequestInput) -> Understood:
    asked = one.filled(PLACE, LIMITS)
    return understand_request(asked.method, asked.target, asked.headers, asked.content, LIMITS)


def test_there_are_hundreds_and_each_is_another_one() -> None:
    assert len(TABLE) >= 250
    assert len({one.id for one in TABLE}) == len(TABLE)
    assert len({repr(replace(one, id="")) for one in TABLE}) == len(TABLE)
    assert {one.requirement for one in TABLE} <= REQUIREMENTS.keys()


@pytest.mark.parametrize("one", TABLE, ids=lambda one: one.id)
def test_the_model_comes_to_the_same_statuses(one: RequestInput) -> None:
    found = understood(one)
    if found.operation is None:
        assert found.statuses == one.statuses
    else:
        assert one.statuses == {200} | found.leeway or one.requirement in OF_THE_WORLD


def test_what_is_padded_has_the_size_that_it_says() -> None:
    sizes = [len(one.filled(PLACE, LIMITS).content) for one in REQUESTS if one.size is not None]
    assert sizes == [LIMITS.max_body_bytes + beside for beside in (-1, 0, 1)]


def test_a_request_without_a_fault_is_its_operation() -> None:
    target = f"/guilds/{ULID}/channels/{ULID}/messages"
    made = understand_request("POST", target, HEADERS, b'{"content":"x"}', LIMITS).operation
    assert made == CreateMessage(guild_id=ULID, channel_id=ULID, content="x")
    read = understand_request("GET", f"{target}?limit=5", HEADERS, b"", LIMITS).operation
    assert read == History(guild_id=ULID, channel_id=ULID, limit=5)
    role = b'{"name":"crew","permissions":[]}'
    named = understand_request("POST", f"/guilds/{ULID}/roles", HEADERS, role, LIMITS).operation
    assert named == CreateRole(guild_id=ULID, role_name="crew", permissions=[])


def test_several_faults_leave_open_which_is_seen_first() -> None:
    headers = {"content-type": "application/json"}
    target = f"/guilds/x/channels/{ULID}/messages"
    assert understand_request("POST", target, headers, b"{", LIMITS).statuses == {400, 401, 403, 404}


def test_who_needs_no_token_is_not_asked_for_one() -> None:
    body = b'{"username":"ana","password":"x"}'
    headers = {"content-type": "application/json"}
    assert understand_request("POST", "/auth/login", headers, body, LIMITS).operation is not None
