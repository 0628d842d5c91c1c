from ipaddress import ip_network

import pytest

from sync_check.reference_server.addresses import client_address, combined, parsed_network

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
        ("::ffff:127.0.0.1", {"x-forwarded-for": "::FFFF:203.0.113.7"}, "203.0.113.7"),
        ("127.0.0.1", {"cf-connecting-ip": "::ffff:cb00:7107"}, "203.0.113.7"),
        ("::ffff:192.0.2.1", {"x-forwarded-for": "203.0.113.7"}, "192.0.2.1"),
        ("::ffff:192.0.2.1%eth0", {}, "192.0.2.1"),
        ("2001:DB8::1", {}, "2001:db8::1"),
        ("name", {}, "name"),
        (None, {"x-forwarded-for": "203.0.113.7"}, "unknown"),
    ],
)
def test_believes_only_trusted_proxies(peer: str | None, headers: dict[str, str], expected: str) -> None:
    assert client_address(peer, headers, TRUSTED) == expected


@pytest.mark.parametrize(
    ("written", "network"),
    [
        ("127.0.0.1", "127.0.0.1/32"),
        ("::ffff:127.0.0.1", "127.0.0.1/32"),
        ("::ffff:10.0.0.0/104", "10.0.0.0/8"),
        ("::ffff:0:0/96", "0.0.0.0/0"),
        ("::/64", "::/64"),
        ("2001:db8::/32", "2001:db8::/32"),
    ],
)
def test_a_network_of_mapped_addresses_is_that_of_the_addresses(written: str, network: str) -> None:
    assert str(parsed_network(written)) == network


@pytest.mark.parametrize("written", ["", "name", "10.0.0.1/8", "::ffff:10.0.0.1/104"])
def test_other_words_are_no_network(written: str) -> None:
    with pytest.raises(ValueError, match=r"network|host bits"):
        parsed_network(written)


def test_without_trusted_proxies_the_peer_counts() -> None:
    assert client_address("127.0.0.1", {"x-forwarded-for": "203.0.113.7"}, ()) == "127.0.0.1"


def test_the_values_of_a_repeated_header_are_one_list() -> None:
    headers = combined([("x-forwarded-for", "192.0.2.1"), ("a", "b"), ("x-forwarded-for", "192.0.2.2")])
    assert headers == {"x-forwarded-for": "192.0.2.1, 192.0.2.2", "a": "b"}
    assert client_address("127.0.0.1", headers, (ip_network("127.0.0.1/32"),)) == "192.0.2.1"
