"""Addresses are found in every spelling, alone or by their network, and nothing else is taken for one."""

import pytest

from sync_check.conformance.judges.addresses import told
from sync_check.conformance.model.addresses import Address, parsed_address

V4, V6 = "192.0.2.7", "2001:db8:ab::a7"


def _known(*texts: str) -> list[Address]:
    return [address for text in texts if (address := parsed_address(text)) is not None]


@pytest.mark.parametrize(
    "text",
    [
        V4,
        "192.0.2.7:8080",
        "from192.0.2.7.",
        "192.000.002.007",
        "::ffff:192.0.2.7",
        "::FFFF:c000:207",
        "0:0:0:0:0:ffff:c000:0207",
        "192.0.2.0/24",
        "192.0.2.7/32",
        '{"error":"banned: 192.0.2.7"}',
        "\\u0031" + V4[1:],
        "%3A%3Affff%3A192.0.2.7",
        "3221225991",
        "c0000207",
        "0xC0000207",
    ],
)
def test_an_ipv4_address(text: str) -> None:
    quoted = text if text.startswith("{") else f'"{text}"'
    assert told(quoted, _known(V4, V6)) == _known(V4)


@pytest.mark.parametrize(
    "text",
    [
        V6,
        V6.upper(),
        "2001:0db8:00ab:0000:0000:0000:0000:00a7",
        "2001:db8:ab:0:0:0:0:a7",
        "[2001:db8:ab::a7]:443",
        "2001:db8:ab::a7:443",
        "2001:db8:ab::a7%eth0",
        "src2001:db8:ab::a7",
        "2001%3Adb8%3Aab%3A%3Aa7",
        "2001:db8:ab::/48",
        f"{0x20010DB800AB000000000000000000A7}",
        "20010db800ab000000000000000000a7",
    ],
)
def test_an_ipv6_address(text: str) -> None:
    assert told(f'{{"a":"{text}"}}', _known(V4, V6)) == _known(V6)


@pytest.mark.parametrize(
    "text",
    [
        "192.0.2.70",
        "1192.0.2.7",
        "192.0.2.8/30 and 192.0.3.0/24",
        "0.0.0.0/0",
        "999.0.2.7",
        "2001:db8:ab::a8",
        "2001:db8:ab::a7a7",
        "::/0",
        "at 12:34:56",
        "version 1.2.3",
    ],
)
def test_something_else(text: str) -> None:
    assert told(text, _known(V4, V6)) == []


def test_nothing_is_looked_for_where_no_address_is_known() -> None:
    assert told(V4, []) == []
