"""Keeping passwords and tokens out of the history: each is replaced by a marker before anything is written.

The marker is `⟦secret:<what>:<client>:<n>⟧`, or `⟦secret:<what>:<client>:<n>:<spelling>⟧` where the secret
stood there in another spelling: `case` (upper or lower), `json` (escaped), `url` (percent-encoded), `base64`.
In everything else `⟦` becomes `⟦⟧`, also where it is spelt `\\u27e6`, so that a target cannot forge a marker.

Guarantee: after `learn`, no text that `redact` returns holds the secret in one of these spellings, wherever
it stands and whatever stands next to it (base64 also as part of something longer that was encoded). Of a
secret longer than 4,096 characters the first 4,096 are treated so.

It costs one dict look-up for every eleven bytes of text, however many secrets there are: of each spelling
the last eighteen bytes are indexed by their eleven runs of eight, one of which lies on a multiple of eleven
wherever the spelling begins. Once a shorter secret is known it is one for every five bytes besides: of those
the last twelve bytes are indexed by their five runs.
"""

import base64
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, quote_plus

from sync_check.harness.errors import HarnessError
from sync_check.harness.memo import Memo

SHORTEST: Final = 12
"""Characters below which a text is no secret that could be told from others."""
_LONGEST: Final = 4096
_REMEMBERED: Final = 2 * 1024 * 1024
"""Characters of texts that are remembered: the same ids and the same pages come again and again."""
_GRAM: Final = 8
_STRIDES: Final = (11, 5)
"""How far apart a text is looked at, for spellings that are long enough for it, and for shorter ones."""
_OPEN: Final = "\u27e6"
_CLOSE: Final = "\u27e7"
_OPENING: Final = re.compile(r"\u27e6|\\u27[eE]6")
_ESCAPED: Final = re.compile(r"(\u27e6)\u27e7|(\\u27[eE]6)\\u27e7")
_LABEL: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}")

MARKER: Final = re.compile(r"\u27e6secret:([\w.-]+):([\w.-]+):(\d+)(?::(case|json|url|base64))?\u27e7")
"""What stands for a secret: what it is, whose, the how manieth, and its spelling if not the plain one."""


@dataclass(frozen=True, slots=True)
class _Spelling:
    exact: bytes
    folded: bytes
    marker: str  # without its end
    kind: str


_Hit = tuple[int, int, _Spelling]
_Index = dict[bytes, list[tuple[int, _Spelling]]]
"""By a run of bytes the spellings that it is in, and where there."""


class Secrets:
    """The secrets that a run has learnt so far."""

    __slots__ = ("_counts", "_indexes", "_known", "_redacted")

    def __init__(self) -> None:
        self._known: set[str] = set()
        self._counts: Counter[tuple[str, str]] = Counter()
        self._indexes: dict[int, _Index] = {}
        self._redacted: Memo[str, str] = Memo(weight=_REMEMBERED)

    def learn(self, text: str, what: str, client: str) -> bool:
        """From now on keep `text` out; `what` is `password`, `access_token` or the like.

        False if it is too short to be told from other text (fewer than 12 characters): it is not kept out.
        """
        if not (_LABEL.fullmatch(what) and _LABEL.fullmatch(client)):
            raise HarnessError(f"secret of {client!r} with label {what!r} cannot be marked")
        text = text[:_LONGEST]
        if text in self._known:
            return True
        if len(text) < SHORTEST:
            return False
        self._known.add(text)
        self._counts[what, client] += 1
        marker = f"{_OPEN}secret:{what}:{client}:{self._counts[what, client]}"
        self._redacted = Memo(weight=_REMEMBERED)
        for exact, kind in _spellings(text).items():
            self._insert(_Spelling(exact, exact.lower(), marker, kind))
        return True

    def redact(self, text: str) -> str:
        """`text` with every known secret replaced by its marker and every foreign `⟦` escaped."""
        known = self._redacted.get(text)
        if known is None:
            known = self._redacted.put(text, self._redact(text), weight=len(text))
        return text if known == text else known

    def _redact(self, text: str) -> str:
        raw = text.encode("utf-8", "surrogatepass")
        hits = self._find(raw)
        return "".join(_pieces(raw, hits)) if hits else _escape(text)

    def redact_json(self, value: Any) -> Any:
        """The JSON value with all its strings, member names included, treated like `redact`."""
        if isinstance(value, str):
            return self.redact(value)
        if isinstance(value, dict):
            return {self.redact_json(key): self.redact_json(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.redact_json(item) for item in value]
        return value

    def _insert(self, spelling: _Spelling) -> None:
        size = len(spelling.folded)
        stride = next(one for one in _STRIDES if size >= one + _GRAM - 1)
        index = self._indexes.setdefault(stride, {})
        # The end, because tokens of one server often begin alike.
        for offset in range(size - _GRAM - stride + 1, size - _GRAM + 1):
            index.setdefault(spelling.folded[offset : offset + _GRAM], []).append((offset, spelling))

    def _find(self, raw: bytes) -> list[_Hit]:
        folded = raw.lower()
        last = len(folded) - _GRAM + 1
        hits = []
        for stride, index in self._indexes.items():
            for at in [at for at in range(0, last, stride) if folded[at : at + _GRAM] in index]:
                for offset, spelling in index[folded[at : at + _GRAM]]:
                    start = at - offset
                    if start >= 0 and folded.startswith(spelling.folded, start):
                        hits.append((start, start + len(spelling.folded), spelling))
        hits.sort(key=lambda hit: (hit[0], -hit[1]))
        return hits


def unescape(text: str) -> str:
    """Text as the target sent it, from redacted text that holds no marker."""
    return _ESCAPED.sub(lambda match: match[1] or match[2], text)


def _escape(text: str) -> str:
    if _OPEN not in text and "\\u27" not in text:
        return text
    return _OPENING.sub(lambda match: match[0] + (_CLOSE if match[0] == _OPEN else "\\u27e7"), text)


def _pieces(raw: bytes, hits: list[_Hit]) -> Iterator[str]:
    """`raw` with the places of `hits` (in order of beginning) replaced; of nested hits the longest counts."""
    done = 0
    for start, end, spelling in hits:
        if end <= done:
            continue
        if start > done:
            yield _escape(raw[done:start].decode("utf-8", "surrogatepass"))
        kind = spelling.kind if raw[start:end] == spelling.exact else spelling.kind or "case"
        yield f"{spelling.marker}:{kind}{_CLOSE}" if kind else f"{spelling.marker}{_CLOSE}"
        done = end
    yield _escape(raw[done:].decode("utf-8", "surrogatepass"))


def _spellings(text: str) -> dict[bytes, str]:
    """Every spelling that is looked for, with its kind; the plain one has none."""
    raw = text.encode("utf-8", "surrogatepass")
    found = {raw: ""}
    for ascii_only in (True, False):
        escaped = json.dumps(text, ensure_ascii=ascii_only)[1:-1].encode("utf-8", "surrogatepass")
        found.setdefault(escaped, "json")
        found.setdefault(escaped.replace(b"/", b"\\/"), "json")
    for encoded in (quote(raw, safe=""), quote(raw), quote_plus(raw)):
        found.setdefault(encoded.encode(), "url")
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        found.setdefault(encode(raw), "base64")
        found.setdefault(encode(raw).rstrip(b"="), "base64")
        for shift in range(3):
            # What of the encoding does not depend on the bytes before and behind.
            first, last = -(-8 * shift // 6), 8 * (shift + len(raw)) // 6
            found.setdefault(encode(b"\0" * shift + raw)[first:last], "base64")
    return found
