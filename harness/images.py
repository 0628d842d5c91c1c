"""Small pictures to upload: real ones, so that whoever looks into them recognises their kind."""

import struct
import zlib
from typing import Final

PNG: Final = "image/png"
_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_ONE_GREY_PIXEL: Final = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)


def png(comment: str = "", *, size: int = 0) -> bytes:
    """A PNG (RFC 2083) of one pixel with a comment (Latin-1) in it, padded to `size` bytes if it is smaller.

    Raises `ValueError` for a size that is a little too small for the padding.
    """
    text = b"Comment\0" + comment.encode("latin-1")
    head = _SIGNATURE + _chunk(b"IHDR", _ONE_GREY_PIXEL) + _chunk(b"tEXt", text)
    tail = _chunk(b"IDAT", zlib.compress(b"\0\0")) + _chunk(b"IEND", b"")
    missing = size - len(head) - len(tail)
    if missing <= 0:
        return head + tail
    empty = len(_chunk(b"tEXt", b"Padding\0"))
    if missing < empty:
        raise ValueError(f"no padding is {missing} bytes long, the shortest is {empty}")
    return head + _chunk(b"tEXt", b"Padding\0" + b"." * (missing - empty)) + tail


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
