"""What kind of file some bytes are; what a client declares is compared with it (PROF-3, ATT-1)."""

from collections.abc import Mapping
from typing import Final

import filetype

from sync_check.reference_server.errors import InvalidRequest

IMAGES: Final = frozenset(("image/jpeg", "image/png", "image/webp", "image/gif", "image/avif"))
_ONE_NAME: Final[Mapping[str, str]] = {
    "image/apng": "image/png",
    "audio/x-wav": "audio/wav",
    "audio/wave": "audio/wav",
    "audio/x-flac": "audio/flac",
    "audio/mp3": "audio/mpeg",
}
"""Names by the one that is used here: a moving PNG is a PNG, and some kinds are declared in several ways."""
_MOVING_AVIF: Final = b"ftypavis"
"""From the fifth byte on, where `filetype` knows still ones only."""


def recognised(data: bytes, declared: str | None) -> str:
    """The media type of `data`, by its first bytes alone.

    Raises `InvalidRequest` where it cannot be told, as of plain text, and where `declared`, the value of a
    `content-type` header, is missing or says something else.
    """
    found = _guessed(data)
    said = (declared or "").partition(";")[0].strip().lower()
    if found is None or found != _ONE_NAME.get(said, said):
        raise InvalidRequest
    return found


def _guessed(data: bytes) -> str | None:
    if data[4:12] == _MOVING_AVIF:
        return "image/avif"
    guess: str | None = filetype.guess_mime(data)
    return None if guess is None else _ONE_NAME.get(guess, guess)
