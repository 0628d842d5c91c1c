"""Each simulated user calls from an address of its own, where the target believes what it is told."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import httpx

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.history import ClientKnown, Purpose
from sync_check.harness.accounts import Account
from sync_check.harness.addresses import FORWARDED_FOR, Address, Addresses
from sync_check.harness.randomness import Randomness
from sync_check.harness.stage import Stage
from tests.harness.playing import company_at, playing, respond
from tests.reference_server.running import running

RANGES = tuple(map(ip_network, ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")))
MANY = 1500


def _all(seed: int, count: int = MANY) -> list[Address]:
    addresses = Addresses(Randomness(seed))
    return [addresses.of(number) for number in range(count)]


def test_every_user_has_another_address_in_a_range_for_documentation() -> None:
    parsed = [ip_address(one.text) for one in _all(1)]
    assert len(set(parsed)) == MANY
    assert all(any(one in network for network in RANGES) for one in parsed)
    assert len({one for one in parsed if isinstance(one, IPv4Address)}) == 3 * 254


def test_a_few_users_meet_both_versions() -> None:
    assert {ip_address(one.text).version for one in _all(1, 4)} == {4, 6}


def test_the_seed_fixes_them() -> None:
    assert [one.text for one in _all(7, 40)] == [one.text for one in _all(7, 40)]
    assert [one.text for one in _all(7, 40)] != [one.text for one in _all(8, 40)]


def test_an_ipv6_address_is_sent_in_several_spellings_of_one() -> None:
    address = next(one for one in _all(1, 8) if ip_address(one.text).version == 6)
    sent = [address.header() for _ in range(6)]
    assert {name for name, _ in sent} == {FORWARDED_FOR}
    assert len({value for _, value in sent}) == 3
    assert {ip_address(value) for _, value in sent} == {IPv6Address(address.text)}


async def test_every_call_tells_the_address_of_its_user() -> None:
    told: list[str | None] = []

    def answer(request: httpx.Request) -> httpx.Response:
        told.append(request.headers.get(FORWARDED_FOR))
        return respond(200, {"status": "ok"})

    company, rest = company_at("http://127.0.0.1:1", [], transport=httpx.MockTransport(answer))
    for address in (Address("192.0.2.7"), None):
        account = Account(name="ana", username="sc.ana", password="a long password", address=address)
        await company.caller.call(account, ops.ReadHealth(), purpose=Purpose.SETUP)
    await rest.aclose()
    assert told == ["192.0.2.7", None]


async def test_a_target_behind_a_proxy_sees_each_user_elsewhere() -> None:
    async with running(trusted_proxies=("127.0.0.1/32",)) as server:
        url = f"http://127.0.0.1:{server.port}"
        company, rest = company_at(url, [], trusts_proxy=True)
        clients = await company.enlist(4)
        for client in clients:
            await client.connect()
        seen = {one.user_id: one.address for one in server.backend.connections.all()}
        sent = {client.user_id: client.account.address for client in clients}
        await company.disband()
        await rest.aclose()
    assert seen == {user_id: address.text for user_id, address in sent.items() if address is not None}


async def test_the_history_names_the_address_of_a_client() -> None:
    async with playing(trusts_proxy=True) as here:
        await Stage(here.company, 2).workspace()
        known = here.of(ClientKnown)
        assert known
        assert all(ip_address(one.address or "") for one in known)


async def test_without_a_trusted_proxy_nobody_says_where_from() -> None:
    async with playing() as here:
        await Stage(here.company, 2).workspace()
        assert {one.address for one in here.of(ClientKnown)} == {None}
