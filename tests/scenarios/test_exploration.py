"""Model and reference server agree on every status, view and event of random operations by all ranks.

`make test` plays a few; `SYNC_CHECK_EXPLORE=10000` plays that many, and 7,500 more that are all of one kind.
A quarter of the programs goes over sockets, those of each kind another one; the others are played in virtual
time, where answers overtake each other, too.
"""

import asyncio
import os
from collections.abc import Mapping
from typing import Final

import pytest

from sync_check.conformance.history import decode_record
from sync_check.conformance.judges.ledger import Ledger
from sync_check.conformance.run import RunFinished
from sync_check.conformance.verdict import Verdict
from sync_check.harness.engine import Engine, Order
from sync_check.harness.network.virtual.loop import VirtualLoop
from sync_check.harness.randomness import Randomness
from sync_check.harness.scenario import Scenario
from sync_check.harness.stage import Stage
from sync_check.harness.target import Target
from sync_check.simulation import simulate, simulated_randomness
from tests.exploring import Explorer, faults_of
from tests.exploring_addresses import AddressExplorer
from tests.exploring_content import ContentExplorer
from tests.exploring_people import PeopleExplorer
from tests.exploring_voice import VoiceExplorer
from tests.reference_server.running import RAISED, running

_A_GO: Final = 125
_CLIENTS: Final = 6
_OVER_SOCKETS: Final[Mapping[type[Explorer], tuple[int, int]]] = {
    Explorer: (2, 5),
    AddressExplorer: (1, 4),
    VoiceExplorer: (0, 3),
    ContentExplorer: (3, 6),
    PeopleExplorer: (4, 7),
}
"""Of each eight programs, one without rivals and one with; in virtual time a program costs half."""
_OPERATIONS: Final = int(os.environ.get("SYNC_CHECK_EXPLORE", "125"))


async def explore(
    seed: int,
    *,
    crowd: float,
    explorer: type[Explorer] = Explorer,
    count: int = _A_GO,
    variants: tuple[str, ...] = (),
) -> tuple[RunFinished, Ledger]:
    """Play one program; every third operation or so has a rival if `crowd` says so."""
    ledger = Ledger()
    scenario = _scenario(seed, ledger, crowd=crowd, explorer=explorer, count=count)
    async with running(
        limits=RAISED, trusted_proxies=("127.0.0.1/32",), variants=variants, without=frozenset()
    ) as server:
        url = f"http://127.0.0.1:{server.port}"
        target = Target(label="test", url=url, limits=RAISED, trusts_proxy=True)
        engine = Engine(
            _order(target, scenario),
            Randomness(seed),
            write=lambda line: ledger.take(decode_record(line, len(ledger.calls))),
        )
        *_, last = [event async for event in engine.events()]
    assert isinstance(last, RunFinished)
    return last, ledger


def explore_in_virtual_time(
    seed: int, *, crowd: float, explorer: type[Explorer], count: int
) -> tuple[RunFinished, Ledger]:
    """The same where the network delays everything by chance, so that answers overtake each other."""
    ledger, randomness = Ledger(), simulated_randomness(seed)
    loop = VirtualLoop(randomness)
    scenario = _scenario(seed, ledger, crowd=crowd, explorer=explorer, count=count)

    async def run() -> RunFinished:
        simulation = simulate(loop, randomness)
        order = _order(simulation.target, scenario)
        engine = Engine(order, randomness, write=None, clock=simulation.clock, transport=simulation.transport)
        engine.listen(ledger.take)
        engine.watch(loop)
        *_, last = [event async for event in engine.events()]
        assert isinstance(last, RunFinished)
        return last

    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        return runner.run(run()), ledger


def played(
    seed: int, *, crowd: float, explorer: type[Explorer] = Explorer, count: int = _A_GO
) -> tuple[RunFinished, Ledger]:
    """Play one program, over sockets or in virtual time."""
    if seed % 8 in _OVER_SOCKETS[explorer]:
        return asyncio.run(explore(seed, crowd=crowd, explorer=explorer, count=count))
    return explore_in_virtual_time(seed, crowd=crowd, explorer=explorer, count=count)


def _scenario(seed: int, ledger: Ledger, *, crowd: float, explorer: type[Explorer], count: int) -> Scenario:
    async def body(stage: Stage) -> None:
        await explorer(stage=stage, ledger=ledger, seed=seed, crowd=crowd).play(count)

    return Scenario(
        id="test/exploration",
        title="Random operations.",
        covers=("REST-1",),
        features=frozenset(),
        body=body,
    )


def _order(target: Target, scenario: Scenario) -> Order:
    return Order(
        target=target,
        scenarios=(scenario,),
        clients=_CLIENTS,
        strict=False,
        version="0",
        repeat=("sync-check", "run"),
    )


@pytest.mark.parametrize("seed", range(max(1, _OPERATIONS // _A_GO)))
def test_model_and_server_agree(seed: int) -> None:
    crowd = 0.3 if seed % 2 else 0.0
    run, ledger = played(seed, crowd=crowd)
    assert not run.faults
    result = run.results[0]
    assert faults_of(result) == []
    assert result.verdict is Verdict.PASS, result.note
    asked = [call for call in ledger.calls.values() if call.purpose == "scenario"]
    accepted = sum(call.status in (200, 204) for call in asked)
    assert accepted > len(asked) / 4 > _A_GO / 5
    assert result.evidence["comparisons"] > _CLIENTS


@pytest.mark.parametrize("seed", range(max(1, _OPERATIONS // _A_GO // 4)))
def test_model_and_server_agree_on_addresses(seed: int) -> None:
    run, ledger = played(seed, crowd=0.2, explorer=AddressExplorer, count=_A_GO // 2)
    assert not run.faults
    assert faults_of(run.results[0]) == []
    assert "LEAK-IP-1" in run.results[0].witnesses
    # Whether one of so few is accepted is the program's luck; the scenario `ip_bans/ban` sees to that.
    assert "ban_addresses_of" in {call.name for call in ledger.calls.values()}


@pytest.mark.parametrize("seed", range(max(1, _OPERATIONS // _A_GO // 4)))
def test_model_and_server_agree_on_who_is_there(seed: int) -> None:
    crowd = 0.2 if seed % 2 else 0.0
    run, _ = played(seed, crowd=crowd, explorer=VoiceExplorer, count=_A_GO // 2)
    assert not run.faults
    assert faults_of(run.results[0]) == []
    assert {"PRES-1", "PRES-2", "PRES-5", "SUB-1"} <= run.results[0].witnesses.keys()


@pytest.mark.parametrize("seed", range(max(1, _OPERATIONS // _A_GO // 4)))
def test_model_and_server_agree_on_content(seed: int) -> None:
    crowd = 0.4 if seed % 2 else 0.0
    run, ledger = played(seed, crowd=crowd, explorer=ContentExplorer, count=_A_GO // 2)
    assert not run.faults
    assert faults_of(run.results[0]) == []
    # What of so few is drawn and accepted is the program's luck; the scenarios see to that.
    asked = {call.name for call in ledger.calls.values()}
    assert len({"add_reaction", "upload_attachment", "search", "read_attachment"} & asked) > 1


@pytest.mark.parametrize("seed", range(max(1, _OPERATIONS // _A_GO // 4)))
def test_model_and_server_agree_on_people(seed: int) -> None:
    crowd = 0.4 if seed % 2 else 0.0
    run, ledger = played(seed, crowd=crowd, explorer=PeopleExplorer)
    assert not run.faults
    assert faults_of(run.results[0]) == []
    done = {call.name for call in ledger.calls.values() if call.status == 200}
    assert {"request_friend", "accept_friend"} <= done
    assert {"upload_avatar", "upload_banner"} & done
    assert {"SCOPE-6", "FRIEND-3", "FRIEND-4"} <= run.results[0].witnesses.keys()


@pytest.mark.parametrize("seed", range(max(1, _OPERATIONS // _A_GO // 4)))
def test_model_and_server_agree_on_people_whose_answers_overtake_each_other(seed: int) -> None:
    run, _ = explore_in_virtual_time(seed, crowd=0.8, explorer=PeopleExplorer, count=_A_GO // 2)
    assert not run.faults
    assert faults_of(run.results[0]) == []
    assert run.results[0].verdict is Verdict.PASS, run.results[0].note
