"""Whether bytes are of the kind that a content type declares, as far as that is certain (contract 2.5).

The contract does not list what a server has to recognise. The kinds here are those that every recogniser
knows; of bytes that look like none of them, declared to be something else, nothing is claimed.
"""

from collections.abc import Callable, Mapping
from enum import Enum, auto
from typing import Final, NamedTuple


class Declared(Enum):
    """How a declared content type stands to the bytes."""

    RIGHT = auto()
    WRONG = auto()
    DOUBTFUL = auto()


class _Kind(NamedTuple):
    """`is_sure` tells bytes that are of the kind for everybody, `is_possible` those that are for somebody."""

    is_sure: Callable[[bytes], bool]
    is_possible: Callable[[bytes], bool]


def _begins(*signatures: bytes) -> Callable[[bytes], bool]:
    return lambda data: data.startswith(signatures)


_PNG: Final = b"\x89PNG\r\n\x1a\n"
_KINDS: Final[Mapping[str, _Kind]] = {
    # A moving PNG has a name of its own for some.
    "image/png": _Kind(lambda data: data.startswith(_PNG) and b"acTL" not in data, _begins(_PNG[:4])),
    "image/jpeg": _Kind(_begins(b"\xff\xd8\xff"), _begins(b"\xff\xd8\xff")),
    "image/gif": _Kind(_begins(b"GIF87a", b"GIF89a"), _begins(b"GIF")),
    "image/webp": _Kind(lambda data: data.startswith(b"RIFF") and data[8:15] == b"WEBPVP8", _begins(b"RIFF")),
    "image/avif": _Kind(lambda data: data[4:12] == b"ftypavif", lambda data: data[4:8] == b"ftyp"),
    "application/pdf": _Kind(_begins(b"%PDF-"), lambda data: b"%PDF" in data[:1024]),
}
_OTHER_NAMES: Final[Mapping[str, str]] = {
    "image/jpg": "image/jpeg",
    "image/pjpeg": "image/jpeg",
    "image/x-png": "image/png",
    "image/apng": "image/png",
    "image/vnd.mozilla.apng": "image/png",
    "image/avif-sequence": "image/avif",
    "application/x-pdf": "application/pdf",
}
_NO_KIND: Final = ("", "application/octet-stream")
"""Declared where the sender does not know the kind: nothing is recognised as that."""


def kind_named(content_type: str) -> str:
    """The kind that a content type names, by the name that is most in use."""
    said = content_type.partition(";")[0].strip().lower()
    return _OTHER_NAMES.get(said, said)


def declared(data: bytes, content_type: str) -> Declared:
    """How `content_type` stands to `data`; nothing is of any kind if it is empty."""
    name = kind_named(content_type)
    if not data or name in _NO_KIND:
        return Declared.WRONG
    kind = _KINDS.get(name)
    if kind is None:
        known = any(kind.is_sure(data) for kind in _KINDS.values())
        return Declared.WRONG if known else Declared.DOUBTFUL
    if not kind.is_possible(data):
        return Declared.WRONG
    return Declared.RIGHT if content_type == name and kind.is_sure(data) else Declared.DOUBTFUL
