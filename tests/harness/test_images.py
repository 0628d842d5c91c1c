"""Pictures to upload are what every recogniser takes for PNGs, of just the size that was asked for."""

import struct
import zlib

import pytest

from sync_check.conformance.model.media_types import Declared, declared
from sync_check.harness.images import PNG, png
from sync_check.reference_server.sniffing import recognised


def _chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    """Type and content of each chunk (RFC 2083, 3.2), whose checksums hold."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    found, at = [], 8
    while at < len(data):
        (size,) = struct.unpack_from(">I", data, at)
        body = data[at + 4 : at + 8 + size]
        assert struct.unpack_from(">I", data, at + 8 + size) == (zlib.crc32(body),)
        found.append((body[:4], body[4:]))
        at += 12 + size
    assert at == len(data)
    return found


@pytest.mark.parametrize("size", [0, 200, 2**20 + 1])
def test_a_picture_is_whole(size: int) -> None:
    kinds = [kind for kind, _ in _chunks(png("hello", size=size))]
    assert (kinds[0], kinds[-2:]) == (b"IHDR", [b"IDAT", b"IEND"])


def test_its_pixels_are_as_many_as_its_head_says() -> None:
    parts = dict(_chunks(png()))
    width, height, depth, *_ = struct.unpack(">IIBBBBB", parts[b"IHDR"])
    # One byte of filter for each row.
    assert len(zlib.decompress(parts[b"IDAT"])) == height * (1 + width * depth // 8)


def test_it_is_recognised() -> None:
    assert declared(png("hello"), PNG) is Declared.RIGHT
    assert recognised(png("hello"), PNG) == PNG


def test_the_comment_tells_pictures_apart() -> None:
    assert (b"tEXt", b"Comment\0one \xe9") in _chunks(png("one \xe9"))
    assert png("one") != png("two")


@pytest.mark.parametrize("more", [20, 21, 100, 5000])
def test_it_has_just_the_size_that_was_asked_for(more: int) -> None:
    size = len(png("hello")) + more
    assert len(png("hello", size=size)) == size


@pytest.mark.parametrize("size", [0, 1, len(png("hello"))])
def test_it_is_not_made_smaller(size: int) -> None:
    assert png("hello", size=size) == png("hello")


@pytest.mark.parametrize("more", [1, 19])
def test_a_size_without_room_for_padding(more: int) -> None:
    with pytest.raises(ValueError, match=f"no padding is {more} bytes long, the shortest is 20"):
        png("hello", size=len(png("hello")) + more)
