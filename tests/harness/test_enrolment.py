"""How a run comes by its accounts."""

import json

import httpx
import pytest

from sync_check.conformance.history import ClientKnown, OperationInvoked
from sync_check.harness.enrolment import AdminCall, Credentials, Roster
from sync_check.harness.errors import AccountsUnfit, TargetUnavailable
from tests.harness.playing import company_at, respond

ADMIN = AdminCall(
    method="PUT",
    path="/admin/users",
    body={"name": "{username}", "more": [{"secret": "<{password}>"}], "flag": True},
    headers={"authorization": "Bearer of-the-administrator"},
)
PROFILE = {
    "user_id": "01ARZ3NDEKTSV4RRFFQ69G5FAV",
    "username": "ana",
    "about_markdown": "",
    "about_markdown_tokens": [],
    "avatar_version": 0,
    "banner_version": 0,
}
REQUEST = {
    **dict.fromkeys(("request_id", "sender_user_id", "recipient_user_id"), "01ARZ3NDEKTSV4RRFFQ69G5FAV"),
    "sender_username": "b",
    "recipient_username": "ana",
    "created_at_unix": 1,
}
TOKENS = {"access_token": "a" * 20, "refresh_token": "r" * 20, "expires_in_secs": 900}


def test_a_body_is_filled_wherever_the_words_stand() -> None:
    assert ADMIN.filled("ana", "pw") == {"name": "ana", "more": [{"secret": "<pw>"}], "flag": True}


class Backend(httpx.AsyncBaseTransport):
    def __init__(self, *, admin: int = 201, friends: int = 0, requests: int = 0) -> None:
        self.asked: list[tuple[str, str, str, str | None]] = []
        self._admin = admin
        self._username = "ana"
        self._friends = friends
        self._requests = requests

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        content = (await request.aread()).decode()
        path = request.url.path
        self.asked.append((request.method, path, content, request.headers.get("authorization")))
        match path:
            case "/admin/users":
                self._username = json.loads(content)["name"]
                return respond(self._admin)
            case "/auth/login":
                return respond(200, TOKENS)
            case "/auth/me":
                return respond(200, {**PROFILE, "username": self._username})
            case "/guilds":
                guild = {"guild_id": "01ARZ3NDEKTSV4RRFFQ69G5FAV", "name": "x", "visibility": "private"}
                return respond(200, {"guilds": [guild]})
            case "/friends":
                friend = {"user_id": "01ARZ3NDEKTSV4RRFFQ69G5FAV", "username": "b", "created_at_unix": 1}
                return respond(200, {"friends": [friend] * self._friends})
            case "/friends/requests":
                return respond(200, {"incoming": [REQUEST] * self._requests, "outgoing": []})
        return respond(404)


async def test_an_administrator_makes_accounts_and_is_in_no_history() -> None:
    backend, records = Backend(), list[object]()
    company, _ = company_at("http://t.test", records, transport=backend, enrolment=ADMIN)  # type: ignore[arg-type]
    (account,) = await company.pool.draw(1)
    method, _, content, authorization = backend.asked[0]
    assert (method, authorization) == ("PUT", "Bearer of-the-administrator")
    assert account.username in content
    assert account.password in content
    operations = [record.operation for record in records if isinstance(record, OperationInvoked)]
    assert operations == ["login", "own_profile"]


async def test_an_administrator_that_refuses() -> None:
    company, _ = company_at("http://t.test", [], transport=Backend(admin=409), enrolment=ADMIN)
    with pytest.raises(TargetUnavailable, match=r"accounts.admin: PUT /admin/users got status 409"):
        await company.pool.draw(1)


ROSTER = Roster(
    accounts=(Credentials(username="ana", password="p" * 20, line=3),), named="accounts.file = 'x'"
)


async def test_listed_accounts_are_taken_in_turn_and_what_they_own_counts() -> None:
    records: list[object] = []
    company, _ = company_at("http://t.test", records, transport=Backend(), enrolment=ROSTER)  # type: ignore[arg-type]
    (account,) = await company.pool.draw(1)
    assert (account.owned, account.guilds) == (1, [])
    (known,) = [record for record in records if isinstance(record, ClientKnown)]
    assert known.username == "ana"
    with pytest.raises(TargetUnavailable, match="x' lists 1 accounts, and the run needs more"):
        await company.pool.draw(1)


async def test_an_account_with_friends_of_its_own_is_not_played() -> None:
    company, _ = company_at("http://t.test", [], transport=Backend(friends=1), enrolment=ROSTER)
    with pytest.raises(AccountsUnfit, match=r"accounts.file = 'x', line 3: ana has friends"):
        await company.pool.draw(1)


async def test_nor_is_one_whose_friend_requests_would_end_with_those_of_the_run() -> None:
    company, _ = company_at("http://t.test", [], transport=Backend(requests=1), enrolment=ROSTER)
    with pytest.raises(AccountsUnfit, match="line 3: ana has friend requests"):
        await company.pool.draw(1)
