"""Of what kind bytes surely are."""

import pytest

from sync_check.conformance.model.media_types import Declared, declared, kind_named

PNG = b"\x89PNG\r\n\x1a\n rest"
JPEG = b"\xff\xd8\xff\xe0 rest"
WEBP = b"RIFF\x10\x00\x00\x00WEBPVP8 rest"
AVIF = b"\x00\x00\x00\x20ftypavif rest"


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (PNG, "image/png"),
        (JPEG, "image/jpeg"),
        (b"GIF87a", "image/gif"),
        (b"GIF89a", "image/gif"),
        (WEBP, "image/webp"),
        (AVIF, "image/avif"),
        (b"%PDF-1.7", "application/pdf"),
    ],
)
def test_what_is_declared_rightly(data: bytes, kind: str) -> None:
    assert declared(data, kind) is Declared.RIGHT
    assert declared(data, "text/plain") is Declared.WRONG
    assert declared(data, "application/octet-stream") is Declared.WRONG
    assert declared(data, "") is Declared.WRONG
    assert declared(b"", kind) is Declared.WRONG
    assert declared(b"plain text", kind) is Declared.WRONG


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"plain text", "text/plain"),
        (b"PK\x03\x04", "application/zip"),
        (PNG, "IMAGE/PNG"),
        (PNG, "image/png; charset=x"),
        (JPEG, "image/jpg"),
        (PNG + b"acTL", "image/png"),
        (PNG, "image/apng"),
        (PNG[:4], "image/png"),
        (b"\x00\x00\x00\x20ftypavis", "image/avif"),
        (b"\n%PDF-1.7", "application/pdf"),
    ],
)
def test_what_servers_may_see_differently(data: bytes, kind: str) -> None:
    assert declared(data, kind) is Declared.DOUBTFUL


@pytest.mark.parametrize(("data", "kind"), [(PNG, "image/gif"), (JPEG, "image/png"), (WEBP, "image/apng")])
def test_one_kind_declared_as_another(data: bytes, kind: str) -> None:
    assert declared(data, kind) is Declared.WRONG


@pytest.mark.parametrize(
    ("content_type", "kind"),
    [("image/x-png", "image/png"), ("IMAGE/GIF; charset=x", "image/gif"), ("text/plain", "text/plain")],
)
def test_a_kind_goes_by_one_name(content_type: str, kind: str) -> None:
    assert kind_named(content_type) == kind
