"""Runs in virtual time: the same seed gives the same bytes, another seed another interleaving."""

import asyncio
import hashlib
import json
import os
import re
from collections.abc import Callable, Coroutine
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from sync_check.conformance.contract.operations import ListChannels, Operation
from sync_check.conformance.history import OperationInvoked, Purpose, ScenarioBegun, Stalled
from sync_check.conformance.verdict import Verdict
from sync_check.harness.accounts import Account
from sync_check.harness.caller import Reply
from sync_check.harness.company import Company
from sync_check.harness.network.virtual.loop import LONGEST_SILENCE_S
from sync_check.harness.scenario import Scenario
from sync_check.harness.stage import Stage
from sync_check.scenarios.catalogue import select
from tests.sync_check.command import sync_check, sync_check_anew
from tests.sync_check.simulated import simulated

RUN = ("run", "messages/delete", "--target", "sim", "--clients", "3", "--report")
SOME = ("messages/edit", "presence/offline", "friends/accept")


@cache
def played(seed: int, scenario: str) -> bytes:
    """The history of a scenario, the first time that it was played with the seed."""
    return simulated(seed, select((scenario,)))[0]


@pytest.mark.parametrize(("seed", "scenario"), list(enumerate(SOME, start=1)))
def test_the_same_seed_gives_the_same_bytes(seed: int, scenario: str) -> None:
    assert simulated(seed, select((scenario,)))[0] == played(seed, scenario)


def test_another_seed_gives_another_history() -> None:
    digests = {hashlib.sha256(played(seed, SOME[0])).hexdigest() for seed in range(1, 4)}
    assert len(digests) == 3


def test_neither_the_process_nor_its_hash_seed_matters(tmp_path: Path) -> None:
    digests = set()
    for folder, ran in (
        # What is forked has the seed of what forked it.
        ("forked", sync_check(*RUN, str(tmp_path / "forked"))),
        ("anew", sync_check_anew(*RUN, str(tmp_path / "anew"), env={**os.environ, "PYTHONHASHSEED": "4711"})),
    ):
        assert ran.code == 0, ran.out + ran.err
        digests.add(hashlib.sha256((tmp_path / folder / "history.ndjson").read_bytes()).hexdigest())
    assert len(digests) == 1


def test_a_seeded_defect_is_found() -> None:
    _, finished = simulated(1, select(("messages/edit",)), defect="message-to-stranger")
    (result,) = finished.results
    assert (result.verdict, result.findings[0].requirement) == (Verdict.FAIL, "SCOPE-3")


def test_no_real_time_is_in_the_history() -> None:
    header = json.loads(played(1, SOME[0]).splitlines()[0])
    assert header["started_at"] == "2026-01-01T00:00:00+00:00"


async def _wait_for_nothing(_stage: Stage) -> None:
    await asyncio.get_running_loop().create_future()


def test_a_scenario_that_hangs_is_a_finding_that_says_where() -> None:
    hanging = Scenario(
        id="test/hang", title="Hang.", covers=("REST-1",), features=frozenset(), body=_wait_for_nothing
    )
    history, finished = simulated(1, (hanging, *select(("messages/edit",))))
    hung, following = finished.results
    assert (hung.verdict, following.verdict) == (Verdict.FAIL, Verdict.PASS)
    (finding,) = hung.findings
    assert (finding.judge, finding.requirement) == ("progress", "HEALTH-1")
    assert "_wait_for_nothing" in (finding.received or "")
    # What in virtual time fails once, fails always: it is not played again.
    begun = [json.loads(line) for line in history.splitlines() if json.loads(line)["k"] == ScenarioBegun.kind]
    assert [line["scenario"] for line in begun] == ["test/hang", "messages/edit"]


async def _wait_for_an_answer(stage: Stage) -> None:
    room = await stage.workspace()
    owner, *_ = await stage.cast(room)
    # Nothing bounds this call, and a server that keeps quiet is what it waits for.
    company = stage.company
    company.caller.call = _unanswered(company)  # type: ignore[method-assign]  # a server that hangs
    await company.call(owner, ListChannels(guild_id=room.guild_id), purpose=Purpose.SCENARIO)


def _unanswered(company: Company) -> Callable[..., Coroutine[Any, Any, Reply]]:
    async def call(account: Account, operation: Operation, *, purpose: Purpose, **_: object) -> Reply:
        invoked = OperationInvoked(
            at=company.clock.now_us(),
            op=company.journal.next_op(),
            client=account.name,
            session=1,
            operation=operation.name,
            arguments=operation.model_dump(mode="json", exclude_none=True),
            purpose=purpose,
            request_id="none",
        )
        company.journal.record(invoked)
        await asyncio.get_running_loop().create_future()
        raise AssertionError("nobody answers")

    return call


def test_a_hang_names_who_waits_for_what() -> None:
    hanging = Scenario(
        id="test/hang",
        title="Hang.",
        covers=("REST-1",),
        features=frozenset(),
        body=_wait_for_an_answer,
    )
    history, finished = simulated(1, (hanging,))
    finding = next(one for one in finished.results[0].findings if one.judge == "progress")
    waits = re.search(r"(\w+) waits for the answer to list_channels \(op (\d+)\)", finding.received or "")
    assert waits is not None
    asked = [json.loads(line) for line in history.splitlines()]
    (op,) = (
        one["op"] for one in asked if one.get("operation") == "list_channels" and one["op"] == int(waits[2])
    )
    assert "_wait_for_an_answer" in (finding.received or "")
    stalled = next(one for one in asked if one["k"] == Stalled.kind)
    begun = next(one for one in asked if one.get("op") == op)
    assert (stalled["at"] - begun["at"]) / 1e6 == pytest.approx(LONGEST_SILENCE_S, abs=1)
