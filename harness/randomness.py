"""The harness's one source of randomness, partitioned by name.

Each purpose draws from a stream of its own, so that leaving one operation out shifts nothing else. What must
be unique across runs against a target that keeps its data (usernames, canaries, run id) is mixed with
entropy.
"""

import random
import secrets
from hashlib import blake2b
from typing import Final

_LOWER: Final = "abcdefghijklmnopqrstuvwxyz0123456789"
_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ" + _LOWER
_ENTROPY_BYTES: Final = 16
_UNIT_BYTES: Final = 6
_UNITS: Final = 256**_UNIT_BYTES

Stream = random.Random
"""One stream of chance."""

CANARY_PREFIX: Final = "sc"
CANARY_LENGTH: Final = 14
"""A canary is `sc` and twelve of `[a-z0-9]`: unique without case, safe in Markdown and in names."""


class Randomness:
    """All chance of a run.

    `entropy` is what makes this run unique; it is drawn from the operating system if it is not given. A run
    in virtual time gives bytes derived from its seed, so that the whole run depends on the seed alone.
    """

    def __init__(self, seed: int, *, entropy: bytes | None = None) -> None:
        self.seed = seed
        self._entropy = secrets.token_bytes(_ENTROPY_BYTES) if entropy is None else entropy
        self._run_id = self._unique("run", _LOWER, 12)
        self._streams: dict[str, random.Random] = {}

    def stream(self, name: str) -> random.Random:
        """The stream called `name`: the same name continues the same stream, whatever else was drawn."""
        stream = self._streams.get(name)
        if stream is None:
            stream = self._streams[name] = self.fresh(name)
        return stream

    def fresh(self, name: str) -> random.Random:
        """The stream called `name` from its beginning, whatever was drawn from it before."""
        start = blake2b(f"{self.seed}/{name}".encode(), digest_size=16).digest()
        return random.Random(int.from_bytes(start))

    def moments(self, name: str) -> "Moments":
        """Chance called `name` that depends on the moment in place of what was drawn before."""
        return Moments(f"{self.seed}/{name}")

    def run_id(self) -> str:
        """Twelve of `[a-z0-9]`: the same for the whole run, another for the next one."""
        return self._run_id

    def canary(self, stream: random.Random) -> str:
        """A fresh secret text, `[a-z0-9]{14}`, that no run used before: what others left there is no leak."""
        name = f"canary/{stream.getrandbits(128):x}"
        return CANARY_PREFIX + self._unique(name, _LOWER, CANARY_LENGTH - len(CANARY_PREFIX))

    def request_id(self, stream: random.Random) -> str:
        """A value for `x-request-id`: the run id and twelve characters of `stream`."""
        return f"{self.run_id()}-{_draw(stream, _LOWER, 12)}"

    def username(self, stream: random.Random) -> str:
        """A username of 28 characters `[a-z0-9.]` with the run id, that no run used before (contract 2.3)."""
        return f"sc.{self.run_id()}.{self._unique(f'username/{stream.getrandbits(128):x}', _LOWER, 12)}"

    def password(self, stream: random.Random) -> str:
        """A password of 24 bytes `[A-Za-z0-9]` that the seed does not give away."""
        return self._unique(f"password/{stream.getrandbits(128):x}", _LETTERS, 24)

    def _unique(self, name: str, alphabet: str, length: int) -> str:
        start = blake2b(name.encode(), key=self._entropy, digest_size=32).digest()
        return _draw(random.Random(int.from_bytes(start)), alphabet, length)


class Moments:
    """Chance that each moment has anew, so that what happens at one shifts nothing at another."""

    __slots__ = ("_moment", "_name", "_taken")

    def __init__(self, name: str) -> None:
        self._name = name
        self._moment = -1.0
        self._taken = 0

    def at(self, moment: float) -> float:
        """A number of [0, 1): the first of that moment, or the next one if it is still the same."""
        self._taken = self._taken + 1 if moment == self._moment else 0
        self._moment = moment
        drawn = blake2b(f"{self._name}/{moment!r}/{self._taken}".encode(), digest_size=_UNIT_BYTES).digest()
        return int.from_bytes(drawn) / _UNITS


def _draw(stream: random.Random, alphabet: str, length: int) -> str:
    return "".join(stream.choices(alphabet, k=length))
