"""What a client observed: everything on its connections and of its answers, with ids by first appearance."""

from dataclasses import replace

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.history import EndOfConnection, OperationAnswered, Record
from sync_check.conformance.judges.noninterference.observation import (
    ANSWER,
    END,
    FRAME,
    OPENED,
    Observed,
    Renaming,
    observations,
)
from tests.conformance.histories import Builder, ulid


def _history(guild: str, other: str = "ben") -> list[Record]:
    story = Builder()
    for name in ("ana", "ben"):
        story.client(name)
    connection = story.open("ana", ready=False)
    story.open(other, ready=False)
    story.frame(connection, "workspace_update", {"guild_id": guild, "updated_fields": {"name": "x"}})
    story.call("ana", ops.ListGuilds(), 200, {"guilds": [{"guild_id": guild}]})
    story.call("ben", ops.ListGuilds(), 200, {"guilds": []})
    story.close(connection, EndOfConnection.CLOSED_BY_TARGET, "slow_consumer")
    return story.records


def _of_ana(records: list[Record]) -> tuple[Observed, ...]:
    return observations(records, "ana")


def test_all_that_a_client_sees_is_there_and_nothing_of_others() -> None:
    seen = _of_ana(_history(ulid(1)))
    assert [(one.where, one.kind, one.what) for one in seen] == [
        ("ana#1", OPENED, ""),
        ("ana#1", FRAME, "workspace_update"),
        ("ana", ANSWER, "list_guilds"),
        ("ana#1", END, ""),
    ]
    assert seen[-1].text == "closed_by_target, code None, reason 'slow_consumer'"


def test_ids_are_numbered_and_their_sameness_is_kept() -> None:
    first, second = _of_ana(_history(ulid(1))), _of_ana(_history(ulid(2)))
    assert first == second
    assert all("<id 1>" in one.text for one in first[1:3])


def test_only_whole_ids_are_renamed() -> None:
    renamed = Renaming()
    assert renamed(f"{ulid(1)} {ulid(2)} {ulid(1)}") == "<id 1> <id 2> <id 1>"
    assert renamed(f"x{ulid(3)}") == f"x{ulid(3)}"


def test_headers_count_but_not_the_clients_own() -> None:
    records = _history(ulid(1))
    plain, own, other = (
        _of_ana(_with_headers(records, headers)) for headers in ({}, {"x-request-id": "r"}, {"x-count": "1"})
    )
    assert plain == own != other


def _with_headers(records: list[Record], headers: dict[str, str]) -> list[Record]:
    return [replace(one, headers=headers) if isinstance(one, OperationAnswered) else one for one in records]
