"""Moments as headers of HTTP tell them."""

import pytest

from sync_check.conformance.contract.dates import unix_of


@pytest.mark.parametrize(
    ("date", "unix"),
    [
        ("Tue, 14 Nov 2023 22:13:20 GMT", 1_700_000_000),
        ("Tue, 14 Nov 2023 23:13:20 +0100", 1_700_000_000),
        ("Tue, 14 Nov 2023 22:13:20 -0000", 1_700_000_000),
        ("soon", None),
        ("", None),
        ("Tue, 99 Nov 2023 22:13:20 GMT", None),
    ],
)
def test_a_moment_or_none(date: str, unix: float | None) -> None:
    assert unix_of(date) == unix
