"""The server's only source of chance: one stream for each purpose, so that no draw shifts another."""

import random
from base64 import urlsafe_b64encode
from collections.abc import Callable

from ulid import LaxMonotonicPolicy, ULIDGenerator

from sync_check.reference_server.clock import Clock

_TOKEN_BYTES = 32


class Randomness:
    """Streams by name: unpredictable ones, or with a seed ones that repeat from run to run.

    After so many `starts` of one server they are others than before.
    """

    def __init__(self, seed: int | None = None, *, starts: int = 0) -> None:
        self._seed = seed
        self._start = f"{seed}/{starts}" if starts else f"{seed}"

    def stream(self, name: str) -> random.Random:
        """A new stream; streams of different names are independent of each other."""
        if self._seed is None:
            return random.SystemRandom()
        return random.Random(f"{self._start}/{name}")


def id_source(kind: str, *, clock: Clock, randomness: Randomness, since: float = 0.0) -> Callable[[], str]:
    """Make a source of ids of one kind: ULIDs that grow strictly, even where the wall clock steps back.

    All are later than `since`, in seconds of the wall clock.
    """
    stream = randomness.stream(f"id/{kind}")
    latest = int(since * 1000) + 1 if since else 0

    def milliseconds() -> int:
        nonlocal latest
        latest = max(latest, int(clock.wall() * 1000))
        return latest

    generator = ULIDGenerator(
        clock=milliseconds, randomness=lambda _: stream.randbytes(10), policy=LaxMonotonicPolicy()
    )
    return lambda: str(generator.generate())


def token_source(kind: str, randomness: Randomness) -> Callable[[], str]:
    """Make a source of opaque tokens of 256 bits, 43 characters of `A-Za-z0-9_-`."""
    stream = randomness.stream(f"token/{kind}")
    return lambda: urlsafe_b64encode(stream.randbytes(_TOKEN_BYTES)).rstrip(b"=").decode()


def salt_source(randomness: Randomness) -> Callable[[], bytes]:
    """Make a source of 16-byte salts."""
    stream = randomness.stream("salt")
    return lambda: stream.randbytes(16)
