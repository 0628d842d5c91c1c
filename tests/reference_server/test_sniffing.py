"""Kinds of files, told by their first bytes (PROF-3, ATT-1)."""

import pytest

from sync_check.reference_server.errors import InvalidRequest
from sync_check.reference_server.sniffing import IMAGES, recognised

REST = bytes(24)
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(17)
MATROSKA = b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82"
KINDS = {
    "image/jpeg": [b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + REST, b"\xff\xd8\xff\xdb\x00\x43" + REST],
    "image/png": [PNG + REST, PNG + b"\x00\x00\x00\x08acTL" + bytes(12) + b"\x00\x00\x00\x01IDAT" + REST],
    "image/webp": [b"RIFF\x1a\x00\x00\x00WEBPVP8 " + REST, b"RIFF\x1a\x00\x00\x00WEBPVP8X" + REST],
    "image/gif": [b"GIF87a" + REST, b"GIF89a" + REST],
    "image/avif": [
        b"\x00\x00\x00\x20ftypavif\x00\x00\x00\x00avifmif1miafMA1A" + REST,
        b"\x00\x00\x00\x20ftypavis\x00\x00\x00\x00avisavifmsf1miaf" + REST,
        b"\x00\x00\x00\x1cftypmif1\x00\x00\x00\x00mif1avifmiaf" + REST,
    ],
    "video/mp4": [b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00isomiso2avc1mp41" + REST],
    "video/webm": [MATROSKA + b"\x84webm" + REST],
    "audio/ogg": [b"OggS\x00\x02" + bytes(22) + b"OpusHead" + REST],
    "audio/mpeg": [b"ID3\x03\x00" + REST, b"\xff\xfb\x90\x64" + REST],
    "audio/wav": [b"RIFF\x24\x00\x00\x00WAVEfmt " + REST],
    "application/pdf": [b"%PDF-1.7\n" + REST],
    "application/zip": [b"PK\x03\x04\x14\x00" + REST],
}
FILES = [(kind, data) for kind, files in KINDS.items() for data in files]


@pytest.mark.parametrize(("kind", "data"), FILES)
def test_each_kind_is_what_it_is_and_nothing_else(kind: str, data: bytes) -> None:
    assert recognised(data, kind) == kind
    for other in KINDS.keys() - {kind}:
        with pytest.raises(InvalidRequest):
            recognised(data, other)


def test_the_images_are_those_of_the_contract() -> None:
    assert {kind for kind in KINDS if kind.startswith("image/")} == IMAGES


@pytest.mark.parametrize(
    ("declared", "kind"),
    [
        ("image/apng", "image/png"),
        ("IMAGE/PNG ; charset=binary", "image/png"),
        ("audio/x-wav", "audio/wav"),
        ("audio/mp3", "audio/mpeg"),
    ],
)
def test_other_spellings_mean_the_same(declared: str, kind: str) -> None:
    assert recognised(KINDS[kind][0], declared) == kind


@pytest.mark.parametrize("declared", [None, "", ";", "image", "image/", "image/*", "image/png, image/gif"])
def test_an_unusable_declaration_is_none(declared: str | None) -> None:
    with pytest.raises(InvalidRequest):
        recognised(KINDS["image/png"][0], declared)


@pytest.mark.parametrize(
    ("data", "declared"),
    [
        (b"", "image/png"),
        (b"", ""),
        (b"hello", "text/plain"),
        (b'{"a": 1}', "application/json"),
        (b"<!doctype html><html>", "text/html"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml"),
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + REST, "image/avif"),
    ],
)
def test_what_is_not_recognised(data: bytes, declared: str) -> None:
    with pytest.raises(InvalidRequest):
        recognised(data, declared)


@pytest.mark.parametrize(("kind", "data"), FILES)
def test_a_beginning_of_a_file_is_that_kind_or_refused(kind: str, data: bytes) -> None:
    for end in range(len(data)):
        try:
            assert recognised(data[:end], kind) == kind
        except InvalidRequest:
            continue
