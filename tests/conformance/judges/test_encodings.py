"""What is encoded is found wherever it stands, and what is not encoded is not taken for it."""

import base64
import hashlib
from urllib.parse import quote

import pytest

from sync_check.conformance.judges.encodings import decoded, digests_in, digests_of

SECRET = "psst scq1w2e3r4t5y6 now"
RAW = SECRET.encode()


def _found(text: str) -> bool:
    return any("scq1w2e3r4t5y6" in plain for plain in decoded(text))


@pytest.mark.parametrize("before", [b"", b"a", b"ab", b"abc", b"\xff\x00"])
@pytest.mark.parametrize("beside", ["", "x", "xy-", "W/"])
def test_base64(before: bytes, beside: str) -> None:
    text = beside + base64.b64encode(before + RAW + before).decode()
    assert _found(f'{{"etag":"{text}"}}')
    assert _found(f'{{"etag":"{text.rstrip("=")}"}}')


def test_base64_of_the_alphabet_of_urls() -> None:
    assert _found(base64.urlsafe_b64encode(b"\xfb\xff\xfe" + RAW).decode())


@pytest.mark.parametrize("spelt", [RAW.hex(), RAW.hex().upper(), "0x" + RAW.hex(), "a" + RAW.hex()])
def test_hexadecimal_digits(spelt: str) -> None:
    assert _found(f"<{spelt}>")


@pytest.mark.parametrize(
    "spelt", [quote(SECRET), quote(quote(SECRET)), "".join(f"%{byte:02x}" for byte in RAW)]
)
def test_percent_encoding(spelt: str) -> None:
    assert _found(f"/somewhere?q={spelt}")


def test_what_was_encoded_twice() -> None:
    assert _found(base64.b64encode(RAW.hex().encode()).decode())
    assert _found(base64.b64encode(base64.b64encode(RAW)).decode())


def test_what_was_encoded_without_end_ends() -> None:
    assert list(decoded("%" + "25" * 5000)) != []


@pytest.mark.parametrize("text", ["01KDVDNA0F537QET2DKJ2S7GKS", '{"error":"not_found"}', "a word", ""])
def test_nothing_is_encoded(text: str) -> None:
    assert list(decoded(text)) == []


@pytest.mark.parametrize("name", ["md5", "sha1", "sha256"])
def test_digests(name: str) -> None:
    value = hashlib.new(name, RAW)
    known = value.hexdigest()
    assert known in digests_of(SECRET)
    short = base64.b64encode(value.digest()).decode()
    for spelt in (known, known.upper(), f"md-{known}", short, short.rstrip("=")):
        assert known in digests_in(f'"{spelt}"')


def test_no_digest() -> None:
    assert digests_in('{"id":"01KDVDNA0F537QET2DKJ2S7GKS","n":12345678901234567890}') == frozenset()
