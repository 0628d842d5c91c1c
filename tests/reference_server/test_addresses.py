from ipaddress import ip_network

import pytest

from sync_check.reference_server.addresses import client_address, combined

TRUSTED = (ip_network("127.0.0.0/8"), ip_network("::1/128"))


@pytest.mark.parametrize(
    ("peer", "headers", "expected"),
    [
        ("127.0.0.1", {}, "127.0.0.1"),
        ("127.0.0.1", {"x-forwarded-for": "203.0.113.7"}, "203.0.113.7"),
        ("127.0.0.1", {"x-forwarded-for": " 203.0.113.7 , 198.51.100.1"}, "203.0.113.7"),
        ("127.0.0.1", {"x-forwarded-for": "nonsense, 203.0.113.7"}, "127.0.0.1"),
        ("127.0.0.1", {"x-forwarded-for": "203.0.113.7," + " " * 501}, "127.0.0.1"),
        ("127.0.0.1", {"x-forwarded-for": "203.0.113.7", "cf-connecting-ip": "2001:db8::1"}, "2001:db8::1"),
        ("127.0.0.1", {"x-forwarded-for": "203.0.113.7", "cf-connecting-ip": "nonsense"}, "203.0.113.7"),
        ("::1", {"x-forwarded-for": "2001:DB8:0::7"}, "2001:db8::7"),
        ("192.0.2.1", {"x-forwarded-for": "203.0.113.7", "cf-connecting-ip": "203.0.113.8"}, "192.0.2.1"),
        (None, {"x-forwarded-for": "203.0.113.7"}, "unknown"),
    ],
)
def test_believes_only_trusted_proxies(peer: str | None, headers: dict[str, str], expected: str) -> None:
    assert client_address(peer, headers, TRUSTED) == expected


def test_without_trusted_proxies_the_peer_counts() -> None:
    assert client_address("127.0.0.1", {"x-forwarded-for": "203.0.113.7"}, ()) == "127.0.0.1"


def test_the_values_of_a_repeated_header_are_one_list() -> None:
    headers = combined([("x-forwarded-for", "192.0.2.1"), ("a", "b"), ("x-forwarded-for", "192.0.2.2")])
    assert headers == {"x-forwarded-for": "192.0.2.1, 192.0.2.2", "a": "b"}
    assert client_address("127.0.0.1", headers, [ip_network("127.0.0.1/32")]) == "192.0.2.1"
