"""Gateway nodes: which connections are told what when, where a server has more than one.

All state is one: a change takes effect at one moment, which settles who is reached and in which order. What
is caused at one node comes to the connections of another some milliseconds later; nothing overtakes on the
way to a node. Whoever answers a request waits until all nodes have taken what came before it.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Final

from sync_check.reference_server.connections import Connection, Reach
from sync_check.reference_server.randomness import Randomness

LONGEST_DELAY_S: Final = 0.02
"""Between two nodes. A response waits no longer, so it is far within the delivery window (contract 0.4)."""

Act = Callable[[], None]


class Nodes:
    """So many gateway nodes, numbered from 0, at which REST calls come in besides.

    The delays of each node are a stream of their own.
    """

    def __init__(self, count: int, randomness: Randomness) -> None:
        self._here = 0
        self._lines = [_Line(partial(self._do_at, node), randomness, node) for node in range(count)]

    @contextmanager
    def at(self, node: int) -> Iterator[None]:
        """What happens inside is caused at this node; it must not wait."""
        before, self._here = self._here, node
        try:
            yield
        finally:
            self._here = before

    def tell(self, reach: Reach, act: Callable[[Reach], None]) -> None:
        """Do `act` with those of `reach` that are at a node, for each node when it comes there."""
        if len(self._lines) == 1:
            act(reach)
            return
        parts: dict[int, Reach] = {}
        for connection in reach:
            parts.setdefault(connection.node, {})[connection] = None
        own = parts.pop(self._here, None)
        # First on the way to the others: what follows here by the act itself must not come there before it.
        for node, part in parts.items():
            self._lines[node].put(partial(act, part), crosses=True)
        if own is not None:
            self._lines[self._here].put(partial(act, own), crosses=False)

    def tell_one(self, connection: Connection, act: Act) -> None:
        """Do `act` when what was caused at a connection's own node before has come there too."""
        if len(self._lines) == 1:
            act()
        else:
            self._lines[connection.node].put(act, crosses=connection.node != self._here)

    async def settled(self) -> None:
        """Return once every node has taken all that was caused so far."""
        for line in self._lines:
            await line.emptied()

    def _do_at(self, node: int, act: Act) -> None:
        with self.at(node):
            act()


class _Line:
    """The way to one node: first in, first out, each after its delay."""

    def __init__(self, do: Callable[[Act], None], randomness: Randomness, node: int) -> None:
        self._do = do
        self._delays = randomness.stream(f"node/{node}")
        self._waiting: deque[tuple[float, Act]] = deque()

    def put(self, act: Act, *, crosses: bool) -> None:
        if not crosses and not self._waiting:
            self._do(act)
            return
        delay_s = self._delays.uniform(0, LONGEST_DELAY_S) if crosses else 0.0
        self._add(asyncio.get_running_loop().time() + delay_s, act)

    async def emptied(self) -> None:
        """Return once what waits now is done."""
        if self._waiting:
            done = asyncio.get_running_loop().create_future()
            self._add(0.0, lambda: None if done.done() else done.set_result(None))
            await done

    def _add(self, due: float, act: Act) -> None:
        if self._waiting:
            self._waiting.append((max(due, self._waiting[-1][0]), act))
        else:
            self._waiting.append((due, act))
            self._wait()

    def _wait(self) -> None:
        asyncio.get_running_loop().call_at(self._waiting[0][0], self._next)

    def _next(self) -> None:
        # It counts as waiting until it is done: what it causes here comes after all that waits already.
        _, act = self._waiting[0]
        try:
            self._do(act)
        finally:
            self._waiting.popleft()
            if self._waiting:
                self._wait()
