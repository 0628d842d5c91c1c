"""What is not safe is not done to servers elsewhere, unless their owner permits it by name."""

import json
from pathlib import Path

import pytest

from sync_check.harness.explorer.program import Program, Step
from sync_check.harness.hazards import Hazard, is_loopback
from sync_check.profiles import read_profile
from sync_check.profiles.declaring import declared
from sync_check.programs import hazards_of
from sync_check.scenarios.catalogue import catalogue
from sync_check.targets import undeclared
from tests.sync_check.command import one_sentence, sync_check_here

PERMITTED = {Hazard.IP_BANS, Hazard.HOSTILE_INPUT}
AWAY = "http://chat.test/api"
SEVERAL = 'host = ["chat.test", "OTHER.test"]\nallow = ["floods"]'
TYPED = 'host = "Chat.test"\nallow = ["ip_bans", "hostile_input"]\ntrusts_proxy = true'


@pytest.mark.parametrize(
    ("url", "is_this_machine"),
    [
        ("http://127.0.0.1:8000", True),
        ("http://127.9.9.9", True),
        ("https://localhost/api", True),
        ("https://LOCALHOST.:1", True),
        ("http://a.localhost", True),
        ("ws://[::1]:9/x", True),
        ("http://[::ffff:127.0.0.1]", False),
        ("http://localhost.example.org", False),
        ("http://127.0.0.1.example.org", False),
        ("http://10.0.0.1", False),
        ("http://0.0.0.0", False),
        ("http://[", False),
    ],
)
def test_what_is_this_machine(url: str, is_this_machine: bool) -> None:
    assert is_loopback(url) is is_this_machine


@pytest.mark.parametrize(
    ("text", "url", "permitted"),
    [
        ("", "http://127.0.0.1", set(Hazard)),
        ("", AWAY, set()),
        (TYPED, AWAY, PERMITTED),
        (TYPED, "http://other.test", set()),
        ('allow = ["ip_bans"]', AWAY, set()),
        ('gateways = ["ws://chat.test/g"]', "http://127.0.0.1", set()),
        (f'{TYPED}\ngateways = ["ws://other.test/g"]', AWAY, set()),
        (f'{SEVERAL}\ngateways = ["ws://other.test/g"]', AWAY, {Hazard.FLOODS}),
        (f'{SEVERAL}\ngateways = ["ws://other.test/g", "ws://third.test"]', AWAY, set()),
        (f'{TYPED}\nmetrics.urls = ["http://chat.test/m"]', AWAY, PERMITTED),
    ],
)
def test_what_a_profile_permits(text: str, url: str, permitted: set[Hazard]) -> None:
    assert declared(read_profile(text), url, {}).allowed == permitted


def test_without_a_profile_nothing_unsafe_is_done_elsewhere() -> None:
    assert undeclared(AWAY).allowed == set()
    assert undeclared("http://localhost").allowed == set(Hazard)


def test_what_is_asked_for_by_name_is_refused_with_the_line_to_add(tmp_path: Path) -> None:
    ran = sync_check_here("run", "ip_bans", "--target", AWAY)
    assert ran.code == 2
    assert one_sentence(ran.err) == (
        "sync-check: ip_bans/ban is not safe (hostile_input, ip_bans) and chat.test is not this machine:"
        ' if it may be done there, add allow = ["hostile_input", "ip_bans"] and host = "chat.test"'
        " to its profile"
    )


def test_a_host_that_is_not_that_of_the_url_is_told(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(f'url = "http://other.test"\n{TYPED}')
    told = "host = 'Chat.test' does not match other.test, so allow permits nothing there"
    for words in (("profile", "check", str(own)), ("run", "ip_bans", "--profile", str(own))):
        ran = sync_check_here(*words)
        assert ran.code == 2
        assert told in one_sentence(ran.err)
    own.write_text(f'url = "{AWAY}"\n{TYPED}')
    assert sync_check_here("profile", "check", str(own)).code == 0


def test_among_all_it_is_left_out_and_says_so(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(f'url = "{AWAY}"\ntrusts_proxy = true')
    rows = json.loads(sync_check_here("list", "--json", "--profile", str(own)).out)
    unsafe = {one.id for one in catalogue() if one.hazards}
    unfit = {one.id for one in catalogue() if one.needs.restarts} | {"limits/outbound"}
    assert {row["id"] for row in rows if row["unsupported"]} == unsafe | unfit
    (row,) = [row for row in rows if row["id"] == "ip_bans/ban"]
    assert 'allow = ["hostile_input", "ip_bans"] and host = "chat.test" in its profile' in row["unsupported"]
    own.write_text(f'url = "{AWAY}"\n{TYPED}')
    rows = json.loads(sync_check_here("list", "--json", "--profile", str(own)).out)
    (row,) = [row for row in rows if row["id"] == "ip_bans/ban"]
    assert row["unsupported"] is None


def test_all_hosts_that_are_concerned_are_named(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(
        f'url = "{AWAY}"\ngateways = ["ws://chat.test/g", "ws://gate.test/g"]\ntrusts_proxy = true'
    )
    told = one_sentence(sync_check_here("run", "ip_bans", "--profile", str(own)).err)
    assert "chat.test and gate.test are not this machine" in told
    line = 'allow = ["hostile_input", "ip_bans"] and host = ["chat.test", "gate.test"]'
    assert f"add {line} to its profile" in told
    own.write_text("\n".join((*line.split(" and "), own.read_text())))
    assert set(declared(read_profile(own.read_text()), AWAY, {}).allowed) == PERMITTED


def test_exploring_is_not_safe() -> None:
    ran = sync_check_here("explore", "--target", AWAY)
    assert ran.code == 2
    told = one_sentence(ran.err)
    assert told.startswith("sync-check: exploring is not safe (hostile_input, ip_bans, slow_consumers) and")


def test_a_program_is_as_safe_as_its_steps() -> None:
    def of(*kinds: str) -> frozenset[Hazard]:
        steps = tuple(Step(do=kind, by="u0") for kind in kinds)
        return hazards_of(Program(members=2, strangers=0, channels=1, steps=steps))

    assert of("create_message", "settle") == set()
    assert of("stall", "ban_addresses_of", "say") == {
        Hazard.SLOW_CONSUMERS,
        Hazard.IP_BANS,
        Hazard.HOSTILE_INPUT,
    }
    assert of("stall") == {Hazard.SLOW_CONSUMERS}
    assert of("lag") == {Hazard.SLOW_CONSUMERS, Hazard.FLOODS}


@pytest.mark.parametrize(("username", "is_safe"), [("$u1", True), ("~name", True), ("root", False)])
def test_a_login_as_somebody_who_may_be_there_can_lock_them_out(username: str, is_safe: bool) -> None:
    login = Step(do="login", by="u0", args={"username": username, "password": "~"})
    program = Program(members=2, strangers=0, channels=1, steps=(login,))
    assert hazards_of(program) == (set() if is_safe else {Hazard.LOCK_OUTS})
