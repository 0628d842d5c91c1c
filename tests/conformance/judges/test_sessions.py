"""What tokens are good for, from a login to the end of its session."""

from typing import Any

import pytest

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.history import (
    ConnectionEnded,
    ConnectionOpened,
    EndOfConnection,
    OperationInvoked,
    Purpose,
    UpgradeAnswered,
)
from sync_check.conformance.run import ScenarioResult
from sync_check.conformance.verdict import Level
from tests.conformance.histories import Builder, user

REFUSED = {"error": "invalid_credentials"}
LIFE_S = 900


class SessionStory(Builder):
    """Ana logs in, presents tokens and asks; a number names a pair."""

    def __init__(self) -> None:
        super().__init__()
        self.begin()
        self.client("ana")

    def pair(self, number: int) -> dict[str, Any]:
        return {"access_token": f"a{number}", "refresh_token": f"r{number}", "expires_in_secs": LIFE_S}

    def log_in(self, number: int) -> None:
        self.call("ana", ops.Login(username="ana", password="the right password"), 200, self.pair(number))

    def refresh(self, token: int | str, new: int | None) -> None:
        op = self.send_refresh(token)
        self.refreshed(op, new)

    def send_refresh(self, token: int | str) -> int:
        return self.invoke("ana", ops.Refresh(refresh_token=f"r{token}"))

    def refreshed(self, op: int, new: int | None) -> None:
        if new is None:
            self.answer(op, 401, REFUSED)
        else:
            self.answer(op, 200, self.pair(new))

    def log_out(self, token: int | str, status: int = 204) -> None:
        body = None if status == 204 else REFUSED
        self.call("ana", ops.Logout(refresh_token=f"r{token}"), status, body)

    def ask(self, token: str, status: int) -> None:
        self._op += 1
        self.add(
            OperationInvoked(
                at=self.now(),
                op=self._op,
                client="ana",
                session=1,
                operation="own_profile",
                arguments={},
                purpose=Purpose.SCENARIO,
                request_id="r",
                token=token,
            )
        )
        self.answer(self._op, status, REFUSED)

    def knock(self, status: int, *, header: str | None = None, query: str | None = None) -> None:
        body = None if status == 101 else '{"error":"invalid_credentials"}'
        header = None if header is None else f"Bearer {header}"
        self.add(
            UpgradeAnswered(at=self.now(), client="ana", header=header, query=query, status=status, body=body)
        )

    def later(self, seconds: float) -> None:
        self._at += round(seconds * 1e6)

    def judged(self) -> ScenarioResult:
        self.end()
        self.finish()
        return self.result()


def broken(story: SessionStory, judge: str = "sessions") -> list[str]:
    """The requirements that the judge found broken."""
    return [finding.requirement for finding in story.judged().findings if finding.judge == judge]


@pytest.mark.witnesses("AUTH-3", "AUTH-4")
def test_a_refresh_token_is_good_once() -> None:
    story = SessionStory()
    story.log_in(1)
    story.refresh(1, 2)
    story.refresh(1, None)
    story.refresh(2, None)
    result = story.judged()
    assert result.findings == ()
    assert result.witnesses["AUTH-3"]
    assert result.witnesses["AUTH-4"] == 2


@pytest.mark.witnesses("AUTH-4")
def test_a_used_refresh_token_that_is_accepted_is_found() -> None:
    story = SessionStory()
    story.log_in(1)
    story.refresh(1, 2)
    story.refresh(1, 3)
    assert broken(story) == ["AUTH-4"]


@pytest.mark.witnesses("AUTH-4")
def test_a_session_that_survives_a_replay_is_found() -> None:
    story = SessionStory()
    story.log_in(1)
    story.refresh(1, 2)
    story.refresh(1, None)
    story.refresh(2, 3)
    assert broken(story) == ["AUTH-4"]


@pytest.mark.parametrize(("replayed", "how"), [(3, "use"), (None, "end")])
def test_what_made_a_token_bad_is_told(replayed: int | None, how: str) -> None:
    """The first of two refreshes with one token used it up; a replay that is refused ends the session."""
    story = SessionStory()
    story.log_in(1)
    story.refresh(1, 2)
    used = story.last_op
    story.refresh(1, replayed)
    by = used if replayed is not None else story.last_op
    if replayed is None:
        story.refresh(2, 3)
    wrong = story.last_op
    (finding,) = [one for one in story.judged().findings if one.requirement == "AUTH-4"]
    assert finding.expected == f"401, after its {how} by op {by}"
    assert f"op {by}, " in finding.excerpt[0].text
    assert f"op {wrong}, " in finding.excerpt[-2].text


@pytest.mark.parametrize("new", [None, 1])
@pytest.mark.witnesses("AUTH-3")
def test_the_newest_token_gets_a_new_pair(new: int | None) -> None:
    story = SessionStory()
    story.log_in(1)
    story.refresh(1, new)
    assert broken(story) == ["AUTH-3"]


def test_a_token_that_nobody_issued_is_good_for_nothing() -> None:
    story = SessionStory()
    story.refresh("x", None)
    story.log_out("x", 401)
    story.refresh("y", 2)
    assert broken(story) == ["REST-1"]


@pytest.mark.parametrize("accepted", [0, 1, 2])
@pytest.mark.parametrize("loser_first", [False, True])
@pytest.mark.witnesses("AUTH-5")
def test_of_several_at_once_at_most_one_succeeds(accepted: int, loser_first: bool) -> None:
    story = SessionStory()
    story.log_in(1)
    sent = [story.send_refresh(1) for _ in range(3)]
    outcomes = [2 + number if number < accepted else None for number in range(3)]
    for op, new in zip(sent, outcomes[::-1] if loser_first else outcomes, strict=True):
        story.refreshed(op, new)
    assert broken(story) == (["AUTH-5"] if accepted > 1 else [])


@pytest.mark.parametrize("new", [None, 3])
def test_whether_a_race_ended_the_session_nobody_knows(new: int | None) -> None:
    story = SessionStory()
    story.log_in(1)
    first, second = story.send_refresh(1), story.send_refresh(1)
    story.refreshed(first, None)
    story.refreshed(second, 2)
    story.refresh(2, new)
    assert broken(story) == []


@pytest.mark.witnesses("AUTH-6")
def test_a_logout_ends_its_session_alone() -> None:
    story = SessionStory()
    story.log_in(1)
    story.log_in(5)
    story.log_out(1)
    story.refresh(1, None)
    story.refresh(5, 6)
    result = story.judged()
    assert result.findings == ()
    assert result.witnesses["AUTH-6"]
    story = SessionStory()
    story.log_in(1)
    story.log_in(5)
    story.log_out(1)
    story.refresh(1, 2)
    story.refresh(5, None)
    assert broken(story) == ["AUTH-6", "AUTH-6"]


@pytest.mark.parametrize(
    ("token", "status", "found"), [("a1", 200, []), ("x", 401, []), ("x", 200, ["REST-2"])]
)
@pytest.mark.witnesses("REST-2")
def test_a_call_needs_a_good_token(token: str, status: int, found: list[str]) -> None:
    story = SessionStory()
    story.log_in(1)
    story.ask(token, status)
    told = [one for one in broken(story, "answers") if one == "REST-2"]
    assert told == found


@pytest.mark.parametrize(("after_s", "status"), [(0, 200), (LIFE_S, 200), (LIFE_S, 401), (2 * LIFE_S, 401)])
def test_a_token_expires_at_about_its_time(after_s: float, status: int) -> None:
    story = SessionStory()
    story.log_in(1)
    story.later(after_s)
    story.ask("a1", status)
    assert "REST-2" not in broken(story, "answers")


def test_a_token_that_never_expires_is_found() -> None:
    story = SessionStory()
    story.log_in(1)
    story.later(2 * LIFE_S)
    story.ask("a1", 200)
    story.knock(101, header="a1")
    result = story.judged()
    assert {finding.requirement for finding in result.findings} >= {"REST-2", "GW-1"}


@pytest.mark.parametrize(
    ("status", "header", "query", "found"),
    [
        (101, "a1", None, []),
        (101, None, "a1", []),
        (101, "x", "a1", []),
        (401, None, None, []),
        (401, "x", None, []),
        (401, "a1", "x", []),
        (401, "a1", "", []),
        (101, None, None, ["GW-1"]),
        (101, "x", None, ["GW-1"]),
        (401, "a1", None, ["GW-1"]),
        (403, "x", None, ["GW-1"]),
        (101, "a1", "x", ["GW-2"]),
        (401, "x", "a1", ["GW-2"]),
    ],
)
@pytest.mark.witnesses("GW-1", "GW-2")
def test_the_gateway_lets_in_by_the_token_that_counts(
    status: int, header: str | None, query: str | None, found: list[str]
) -> None:
    story = SessionStory()
    story.log_in(1)
    story.knock(status, header=header, query=query)
    assert broken(story) == found


@pytest.mark.parametrize(
    ("end", "found"),
    [
        ((EndOfConnection.CLOSED_BY_TARGET, 1008), []),
        ((EndOfConnection.DROPPED, None), ["GW-7"]),
        (None, ["GW-7"]),
    ],
)
@pytest.mark.witnesses("GW-7")
def test_connections_should_end_with_their_session(
    end: tuple[EndOfConnection, int | None] | None, found: list[str]
) -> None:
    story = SessionStory()
    story.log_in(1)
    now = story.now()
    story.add(
        ConnectionOpened(at=now, connection=1, client="ana", number=1, session=1, request_id="u", began=now)
    )
    story.frame(1, "ready", {"user_id": user("ana")})
    op = story.invoke("ana", ops.Logout(refresh_token="r1"))
    story.answer(op, 204)
    if end is not None:
        story.add(ConnectionEnded(at=story.now(), connection=1, how=end[0], code=end[1]))
    story.later(6)
    result = story.judged()
    told = [one for one in result.findings if one.judge == "sessions"]
    assert [one.requirement for one in told] == found
    assert all(one.level is Level.LAX for one in told)


@pytest.mark.witnesses("AUTH-1")
def test_a_taken_name_is_registered_like_a_new_one_and_nothing_changes() -> None:
    def register(password: str, status: int = 200) -> None:
        body = {"accepted": True} if status == 200 else {"error": "invalid_request"}
        story.call("ana", ops.Register(username="ana", password=password), status, body)

    def log_in(password: str, status: int) -> None:
        body = story.pair(9) if status == 200 else REFUSED
        story.call("ana", ops.Login(username="ana", password=password), status, body)

    story = SessionStory()
    register("the right password")
    register("a stolen password")
    log_in("a stolen password", 401)
    log_in("the right password", 200)
    result = story.judged()
    assert result.findings == ()
    assert result.witnesses["AUTH-1"]
    story = SessionStory()
    register("the right password")
    register("a stolen password")
    log_in("a stolen password", 200)
    assert broken(story) == ["AUTH-1"]


@pytest.mark.witnesses("AUTH-2")
def test_refused_logins_are_answered_alike() -> None:
    story = SessionStory()
    for username, body in (("ana", REFUSED), ("eve", {"error": "not_found"})):
        story.call("ana", ops.Login(username=username, password="wrong"), 401, body)
    assert broken(story) == ["AUTH-2"]


@pytest.mark.parametrize(
    ("after_s", "status", "found"), [(1, 401, []), (1, 200, ["AUTH-2"]), (35, 401, []), (60, 200, [])]
)
@pytest.mark.witnesses("AUTH-2")
def test_failed_logins_lock_an_account(after_s: float, status: int, found: list[str]) -> None:
    story = SessionStory()
    story.call("ana", ops.Register(username="ana", password="the right password"), 200, {"accepted": True})
    for number in range(5):
        story.call("ana", ops.Login(username="ana", password=f"wrong{number}"), 401, REFUSED)
    story.later(after_s)
    body = story.pair(1) if status == 200 else REFUSED
    story.call("ana", ops.Login(username="ana", password="the right password"), status, body)
    assert broken(story, "answers") == found


def test_four_failures_lock_nothing() -> None:
    story = SessionStory()
    story.call("ana", ops.Register(username="ana", password="the right password"), 200, {"accepted": True})
    for number in range(4):
        story.call("ana", ops.Login(username="ana", password=f"wrong{number}"), 401, REFUSED)
    story.call("ana", ops.Login(username="ana", password="the right password"), 401, REFUSED)
    assert broken(story, "answers") == ["REST-1"]
