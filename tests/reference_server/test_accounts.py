import gc

import pytest

from sync_check.conformance.contract.limits import Limits
from sync_check.reference_server.accounts import Accounts, Session
from sync_check.reference_server.clock import Clock
from sync_check.reference_server.errors import InvalidCredentials, InvalidRequest
from sync_check.reference_server.randomness import Randomness
from sync_check.reference_server.store import Store

PASSWORD = "twelve bytes"
LIMITS = Limits()


class World:
    def __init__(self, limits: Limits = LIMITS) -> None:
        self.now = 1000.0
        self.store = Store()
        clock = Clock(monotonic=lambda: self.now, wall=lambda: self.now)
        self.accounts = Accounts(store=self.store, clock=clock, randomness=Randomness(1), limits=limits)
        self.revoked: list[Session] = []
        self.accounts.on_revoked = self.revoked.append
        self.accounts.register("ana", PASSWORD)


@pytest.mark.witnesses("AUTH-1")
def test_registering_a_taken_name_changes_nothing() -> None:
    world = World()
    world.accounts.register("ana", "another password")
    world.accounts.login("ana", PASSWORD)
    with pytest.raises(InvalidCredentials):
        world.accounts.login("ana", "another password")
    assert len(world.store.users) == 1


@pytest.mark.parametrize("username", ["abc", "a" * 32, "A.b_9"])
@pytest.mark.parametrize("password", ["x" * 12, "x" * 128, "ä" * 6])
def test_takes_names_and_passwords_within_the_rules(username: str, password: str) -> None:
    world = World()
    world.accounts.register(username, password)
    world.accounts.login(username, password)


@pytest.mark.parametrize("username", ["", "ab", "a" * 33, "a b c", "äöü", "abc\n"])
def test_refuses_other_names(username: str) -> None:
    with pytest.raises(InvalidRequest):
        World().accounts.register(username, PASSWORD)


@pytest.mark.parametrize("password", ["", "x" * 11, "x" * 129, "ä" * 65])
def test_refuses_other_passwords(password: str) -> None:
    with pytest.raises(InvalidRequest):
        World().accounts.register("ben", password)


@pytest.mark.parametrize(("username", "password"), [("ana", "wrong"), ("nobody", PASSWORD), ("", "")])
def test_refuses_unusable_credentials(username: str, password: str) -> None:
    with pytest.raises(InvalidCredentials):
        World().accounts.login(username, password)


def fail_to_log_in(world: World, times: int) -> None:
    for _ in range(times):
        with pytest.raises(InvalidCredentials):
            world.accounts.login("ana", "wrong password")


def test_five_failures_in_a_row_lock_the_account_for_a_while() -> None:
    world = World()
    fail_to_log_in(world, 5)
    with pytest.raises(InvalidCredentials):
        world.accounts.login("ana", PASSWORD)
    world.now += LIMITS.login_lock_s
    world.accounts.login("ana", PASSWORD)


def test_how_many_failures_lock_and_for_how_long_are_limits() -> None:
    world = World(Limits(login_failures=2, login_lock_s=7.5))
    fail_to_log_in(world, 1)
    world.accounts.login("ana", PASSWORD)
    fail_to_log_in(world, 2)
    world.now += 7.25
    fail_to_log_in(world, 1)
    with pytest.raises(InvalidCredentials):
        world.accounts.login("ana", PASSWORD)
    world.now += 0.25
    world.accounts.login("ana", PASSWORD)


def test_a_success_in_between_starts_the_count_anew() -> None:
    world = World()
    fail_to_log_in(world, 4)
    world.accounts.login("ana", PASSWORD)
    fail_to_log_in(world, 4)
    world.accounts.login("ana", PASSWORD)


def test_an_access_token_is_good_for_its_lifetime() -> None:
    world = World()
    pair = world.accounts.login("ana", PASSWORD)
    world.now += LIMITS.access_token_lifetime_s - 1
    assert world.accounts.session_of(pair.access_token) is not None
    world.now += 1
    assert world.accounts.session_of(pair.access_token) is None
    assert world.accounts.session_of("unknown") is None


@pytest.mark.parametrize(("lifetime_s", "told"), [(900.0, 900), (2.75, 2), (0.25, 1)])
def test_lifetimes_are_limits_and_told_in_whole_seconds(lifetime_s: float, told: int) -> None:
    world = World(Limits(access_token_lifetime_s=lifetime_s, refresh_token_lifetime_s=2 * lifetime_s))
    pair = world.accounts.login("ana", PASSWORD)
    assert type(pair.expires_in_secs) is int
    assert pair.expires_in_secs == told
    world.now += lifetime_s
    assert world.accounts.session_of(pair.access_token) is None
    renewed = world.accounts.refresh(pair.refresh_token)
    assert world.accounts.session_of(renewed.access_token) is not None
    world.now += 2 * lifetime_s
    with pytest.raises(InvalidCredentials):
        world.accounts.refresh(renewed.refresh_token)


@pytest.mark.witnesses("AUTH-3")
def test_refresh_gives_a_new_pair_of_the_same_session() -> None:
    world = World()
    first = world.accounts.login("ana", PASSWORD)
    second = world.accounts.refresh(first.refresh_token)
    third = world.accounts.refresh(second.refresh_token)
    assert len({first.refresh_token, second.refresh_token, third.refresh_token}) == 3
    assert world.accounts.session_of(first.access_token) is world.accounts.session_of(third.access_token)


@pytest.mark.witnesses("AUTH-3", "AUTH-4", "AUTH-7")
def test_a_used_refresh_token_revokes_the_whole_session() -> None:
    world = World()
    first = world.accounts.login("ana", PASSWORD)
    other = world.accounts.login("ana", PASSWORD)
    second = world.accounts.refresh(first.refresh_token)
    for token in (first.refresh_token, second.refresh_token, first.refresh_token):
        with pytest.raises(InvalidCredentials):
            world.accounts.refresh(token)
    assert world.accounts.session_of(second.access_token) is None
    assert len(world.revoked) == 1
    world.accounts.refresh(other.refresh_token)


@pytest.mark.witnesses("AUTH-6", "AUTH-7")
def test_logout_ends_one_session() -> None:
    world = World()
    one, other = (world.accounts.login("ana", PASSWORD) for _ in range(2))
    world.accounts.logout(one.refresh_token)
    for call in (world.accounts.refresh, world.accounts.logout):
        with pytest.raises(InvalidCredentials):
            call(one.refresh_token)
    assert world.accounts.session_of(one.access_token) is None
    assert world.accounts.session_of(other.access_token) is not None


@pytest.mark.parametrize("token", ["", "x", "x" * 513])
def test_refuses_unusable_refresh_tokens(token: str) -> None:
    world = World()
    for call in (world.accounts.refresh, world.accounts.logout):
        with pytest.raises(InvalidCredentials):
            call(token)


def test_a_refresh_token_expires() -> None:
    world = World()
    pair = world.accounts.login("ana", PASSWORD)
    world.now += LIMITS.refresh_token_lifetime_s
    with pytest.raises(InvalidCredentials):
        world.accounts.refresh(pair.refresh_token)


def test_expired_access_tokens_are_forgotten_at_the_next_refresh() -> None:
    world = World()
    pair = world.accounts.login("ana", PASSWORD)
    session = world.accounts.session_of(pair.access_token)
    world.now += LIMITS.access_token_lifetime_s
    renewed = world.accounts.refresh(pair.refresh_token)
    assert session is not None
    assert list(session.access_tokens) == [renewed.access_token]


def held_sessions() -> int:
    gc.collect()
    return sum(isinstance(held, Session) for held in gc.get_objects())


def test_sessions_that_are_over_are_forgotten_while_others_are_made() -> None:
    world, before = World(), held_sessions()
    for _ in range(1000):
        world.accounts.refresh(world.accounts.login("ana", PASSWORD).refresh_token)
    lasting = world.accounts.login("ana", PASSWORD)
    assert held_sessions() - before == 1001
    world.now += LIMITS.refresh_token_lifetime_s - 1
    lasting = world.accounts.refresh(lasting.refresh_token)
    world.now += 1
    made = [world.accounts.login("ana", PASSWORD) for _ in range(1100)]
    assert held_sessions() - before == 1101
    for pair in (*made, lasting):
        assert world.accounts.session_of(pair.access_token) is not None
        world.accounts.logout(pair.refresh_token)
    assert len(world.revoked) == 1101  # nobody revoked those that were forgotten
    world.revoked.clear()
    assert held_sessions() == before
