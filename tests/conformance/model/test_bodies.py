"""What JSON a body is, and what of it readers may refuse."""

import pytest

from sync_check.conformance.model.bodies import Read, Whole, read_json


@pytest.mark.parametrize("body", [b"", b"{", b"\xef\xbb\xbf{}", b'"\xff"', b"NaN", b"[" * 5000, b"{} x"])
def test_what_is_no_json_cannot_be_read(body: bytes) -> None:
    assert list(read_json(body)) == []


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b' {"a":[1,-0,1.5,null,"x"]} ', {"a": [1, 0, 1.5, None, "x"]}),
        (b"9007199254740992", 1 << 53),
        (b'"\\ud83d\\ude00"', "\U0001f600"),
        (b"[" * 64 + b"]" * 64, None),
    ],
)
def test_what_everybody_can_read_is_read_in_one_way(body: bytes, value: object) -> None:
    (read,) = read_json(body)
    assert not read.is_odd
    assert value is None or read == Read(value, is_odd=False)


@pytest.mark.parametrize(
    "body",
    [
        *(b"1e400", b"-1e400", b"9007199254740993", b"9" * 5000),
        *(b'"\\ud800"', b'["\\udc00"]', b'{"\\ud800":0}'),
        b"[" * 65 + b"]" * 65,
        b"[" * 20_000 + b"]" * 20_000,
    ],
)
def test_what_not_everybody_can_read_is_odd(body: bytes) -> None:
    assert all(read.is_odd for read in read_json(body))
    assert list(read_json(body))


def test_of_equal_members_either_may_count() -> None:
    assert list(read_json(b'{"a":1,"a":2}')) == [Read({"a": 2}, is_odd=True), Read({"a": 1}, is_odd=True)]


def test_an_integer_with_a_point_is_told_from_one_without() -> None:
    (read,) = read_json(b"[1.0,1,1e2,1.5]")
    assert [type(value) for value in read.value] == [Whole, int, Whole, float]
