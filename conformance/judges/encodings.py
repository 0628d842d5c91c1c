"""What a text says in other words: what in it is base64, hexadecimal or percent-encoded, and digests."""

import base64
import hashlib
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final
from urllib.parse import unquote

from sync_check.conformance.judges.runs import ALPHANUMERIC, Runs

_RUNS: Final = Runs(ALPHANUMERIC + "+/_-", 16)
"""Where something may be encoded, if it is not only an id or words."""
_PLAIN_RUN: Final = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}|[a-z_]+", re.ASCII)
_HEX: Final = re.compile(r"[0-9A-Fa-f]{18,}", re.ASCII)
_PERCENT: Final = re.compile(r"%[0-9A-Fa-f]{2}", re.ASCII)
_READABLE: Final = re.compile(rb"[\x20-\x7e]{9,}")
"""What hardly ever comes out of anything else."""
_DEEPEST: Final = 3
"""How often something is decoded that was encoded again."""
_DIGESTS: Final = (hashlib.md5, hashlib.sha1, hashlib.sha256)
_DIGEST_BYTES: Final = (16, 20, 32)


def decoded(text: str, depth: int = _DEEPEST) -> Iterator[str]:
    """What can be read in a text, or as a text, once it is decoded."""
    if not depth:
        return
    if "%" in text and _PERCENT.search(text):
        plain = unquote(text)
        yield plain
        yield from decoded(plain, depth - 1)
    for run in _runs(text):
        for plain in _decoded_run(run):
            yield plain
            yield from decoded(plain, depth - 1)


@lru_cache(maxsize=256)
def _runs(text: str) -> Sequence[str]:
    """Where something may be encoded in a text, which several ask for one after the other."""
    return [run for run in _RUNS.of(text) if not _PLAIN_RUN.fullmatch(run)]


@lru_cache(maxsize=65536)
def _decoded_run(run: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for raw in (*_from_hex(run), *_from_base64(run)):
        found |= dict.fromkeys(one.decode("ascii") for one in _READABLE.findall(raw))
    return tuple(found)


def _from_hex(run: str) -> Iterator[bytes]:
    """Hexadecimal digits may stand before it, so it is read from either of the first two on."""
    for digits in _HEX.findall(run):
        for start in (0, 1):
            yield bytes.fromhex(digits[start : start + (len(digits) - start) // 2 * 2])


def _from_base64(run: str) -> Iterator[bytes]:
    """Other characters of the alphabet may stand before it, so it is read from each of the first four on."""
    plain = run.translate(_PLAIN)
    for start in range(4):
        yield _decoded_base64(plain[start:])


_PLAIN: Final = str.maketrans("-_", "+/")


def _decoded_base64(text: str) -> bytes:
    # One character more than whole bytes says nothing.
    whole = text[:-1] if len(text) % 4 == 1 else text
    return base64.b64decode(whole + "=" * (-len(whole) % 4))


@lru_cache(maxsize=65536)
def digests_in(text: str) -> frozenset[str]:
    """What may be the digest of something in a text, in lower-case hexadecimal digits."""
    return frozenset(digest for run in _runs(text) for digest in _digests_of_run(run))


@lru_cache(maxsize=65536)
def _digests_of_run(run: str) -> tuple[str, ...]:
    digits = [found.lower() for found in _HEX.findall(run) if len(found) // 2 in _DIGEST_BYTES]
    if len(run) in (22, 27, 43):
        digits.append(_decoded_base64(run.translate(_PLAIN)).hex())
    return tuple(one for one in digits if len(one) % 2 == 0)


@lru_cache(maxsize=65536)
def digests_of(text: str) -> tuple[str, ...]:
    """The digests that somebody might give away in place of a text."""
    raw = text.encode("utf-8", "surrogatepass")
    return tuple(digest(raw, usedforsecurity=False).hexdigest() for digest in _DIGESTS)
