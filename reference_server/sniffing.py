"""What kind of file some bytes are; what a client declares is compared with it (PROF-3, ATT-1)."""

from typing import Final

import filetype

from sync_check.reference_server.errors import InvalidRequest

IMAGES: Final = frozenset(("image/jpeg", "image/png", "image/webp", "image/gif", "image/avif"))


def recognised(data: bytes, declared: str | None) -> str:
    """The media type of `data`, by its first bytes alone.

    Raises `InvalidRequest` where it cannot be told, as of plain text, and where `declared`, the value of a
    `content-type` header, is missing or says something else.
    """
    found: str | None = filetype.guess_mime(data)
    said = (declared or "").partition(";")[0].strip().lower()
    if found is None or found != said:
        raise InvalidRequest
    return found
