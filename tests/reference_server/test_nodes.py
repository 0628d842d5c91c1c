"""Several gateway nodes: what is caused at one reaches another later, nothing overtakes, and answers wait."""

import asyncio
from collections.abc import Callable

import pytest

from sync_check.reference_server.connections import Connection
from sync_check.reference_server.nodes import LONGEST_DELAY_S, Nodes
from sync_check.reference_server.outbound import Outbound
from sync_check.reference_server.randomness import Randomness


def at(node: int) -> Connection:
    outbound = Outbound(bound=1, write=lambda _: None)
    return Connection(
        user_id="u", session_id="s", address="192.0.2.1", outbound=outbound, end=lambda _: None, node=node
    )


class Told:
    """What came to two connections, each at a node of its own."""

    def __init__(self, nodes: Nodes) -> None:
        self.nodes = nodes
        self.here, self.there = at(0), at(1)
        self.came: dict[int, list[int]] = {0: [], 1: []}
        self.order: list[tuple[int, int]] = []

    def tell(self, number: int, then: Callable[[], None] | None = None) -> None:
        def act(reach: dict[Connection, None]) -> None:
            for connection in reach:
                self.came[connection.node].append(number)
                self.order.append((connection.node, number))
            if then is not None and self.here in reach:
                then()

        self.nodes.tell({self.here: None, self.there: None}, act)


async def test_one_node_is_told_at_once() -> None:
    nodes = Nodes(1, Randomness(1))
    seen: list[int] = []
    nodes.tell({at(0): None, at(0): None}, lambda reach: seen.append(len(reach)))
    nodes.tell_one(at(0), lambda: seen.append(1))
    assert seen == [2, 1]


async def test_the_other_node_is_told_later_and_whoever_settles_waits_for_it() -> None:
    told = Told(Nodes(2, Randomness(1)))
    told.tell(1)
    assert told.came == {0: [1], 1: []}
    await told.nodes.settled()
    assert told.came == {0: [1], 1: [1]}


@pytest.mark.parametrize("seed", range(5))
async def test_every_node_is_told_in_the_order_of_causes_wherever_they_were(seed: int) -> None:
    told = Told(Nodes(2, Randomness(seed)))
    for number in range(100):
        with told.nodes.at(number * 7 % 5 % 2):
            told.tell(number)
    assert told.came != {0: list(range(100)), 1: list(range(100))}
    await told.nodes.settled()
    assert told.came == {0: list(range(100)), 1: list(range(100))}


async def test_what_an_event_brings_about_comes_after_it_at_every_node() -> None:
    told = Told(Nodes(2, Randomness(1)))
    told.tell(1, then=lambda: told.tell(2))
    await told.nodes.settled()
    assert told.came == {0: [1, 2], 1: [1, 2]}


async def test_what_is_caused_on_arrival_is_caused_at_that_node() -> None:
    nodes = Nodes(2, Randomness(1))
    here, there = at(0), at(1)
    seen: list[str] = []

    def arrived() -> None:
        nodes.tell_one(there, lambda: seen.append("there"))
        nodes.tell_one(here, lambda: seen.append("here"))
        seen.append("arrived")

    nodes.tell_one(there, arrived)
    await nodes.settled()
    assert seen[0] == "arrived"
    await nodes.settled()
    assert seen == ["arrived", "there", "here"]


async def test_settling_does_not_wait_for_what_is_caused_meanwhile() -> None:
    nodes = Nodes(2, Randomness(1))
    there = at(1)
    goes_on = True

    def again() -> None:
        if goes_on:
            nodes.tell_one(there, again)

    again()
    await nodes.settled()
    assert nodes._lines[1]._waiting
    goes_on = False
    await nodes.settled()


async def test_a_delay_repeats_with_the_seed_and_is_bounded() -> None:
    async def taken_s(seed: int) -> float:
        told = Told(Nodes(2, Randomness(seed)))
        loop = asyncio.get_running_loop()
        began = loop.time()
        told.tell(0)
        (due, _) = told.nodes._lines[1]._waiting[0]
        await told.nodes.settled()
        return due - began

    first, again, other = await taken_s(1), await taken_s(1), await taken_s(2)
    assert first == pytest.approx(again, abs=1e-3)
    assert first != pytest.approx(other, abs=1e-3)
    assert 0 <= first <= LONGEST_DELAY_S + 1e-3
