"""What a probe says of a server is what the server was started with, whatever that was."""

import asyncio

import pytest

from sync_check.conformance.contract.features import ALL_FEATURES, SINCE, Feature
from sync_check.conformance.contract.limits import Limits
from sync_check.harness.network.virtual.loop import VirtualLoop
from sync_check.probing import Survey, profile_text, survey
from sync_check.probing.features import _LOOKS
from sync_check.probing.limits import _MAKES, FEATURE_OF, HIDDEN
from sync_check.profiles import read_profile
from sync_check.reference_server.settings import Revision
from sync_check.simulation import simulate, simulated_randomness
from sync_check.targets import RAISED_LIMITS


def probed(
    *,
    without: frozenset[Feature] = frozenset(),
    revision: Revision = Revision.BOTH,
    limits: Limits = RAISED_LIMITS,
    metric_prefix: str = "",
) -> Survey:
    """A probe of a reference server in virtual time."""
    randomness = simulated_randomness(1)
    loop = VirtualLoop(randomness)

    async def run() -> Survey:
        made = simulate(
            loop,
            randomness,
            without=without,
            revision=revision,
            limits=limits,
            metric_prefix=metric_prefix,
        )
        return await survey(made.target, randomness, clock=made.clock, transport=made.transport)

    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        return runner.run(run())


def test_a_server_that_has_everything_is_as_the_contract_has_it() -> None:
    found = probed()
    assert {feature for feature, sight in found.features.items() if sight.value} == ALL_FEATURES
    seen = {name: sight.value for name, sight in found.limits.items() if sight.is_seen}
    assert seen == {name: Limits.model_fields[name].default for name in seen}
    assert seen.keys() == {*_MAKES, "access_token_lifetime_s"}
    assert (found.revision.value, found.window.value) == (2, True)
    assert (found.prefix.value, found.clock_s.value, found.order.value) == ("", 0.0, True)


@pytest.mark.parametrize("lacking", sorted(ALL_FEATURES))
def test_each_feature_that_is_off_is_seen_to_be_off(lacking: Feature) -> None:
    found = probed(without=frozenset({lacking}))
    off = {feature for feature, sight in found.features.items() if sight.value is False}
    unseen = {feature for feature, sight in found.features.items() if not sight.is_seen}
    assert lacking in off | unseen
    assert off <= {lacking}
    assert read_profile(profile_text(found)).declared >= ALL_FEATURES - {lacking}
    # Where something takes another feature to be looked at, that is said, and nothing is made of it.
    assert unseen <= _TAKES.get(lacking, frozenset())


_IN_A_CHANNEL = frozenset(
    {
        Feature.MESSAGES,
        Feature.REACTIONS,
        Feature.ATTACHMENTS,
        Feature.CHANNELS_UPDATE,
        Feature.CHANNELS_DELETE,
        Feature.OVERRIDES_ROLE,
        Feature.OVERRIDES_PERMISSION,
        Feature.PRESENCE,
        Feature.VOICE,
    }
)
_TAKES = {
    Feature.CHANNELS_CREATE: _IN_A_CHANNEL,
    Feature.MESSAGES: frozenset({Feature.REACTIONS}),
    Feature.MEMBERS: frozenset({Feature.MEMBERS_LEAVE, Feature.BANS_LIFT}),
}


@pytest.mark.parametrize(
    ("name", "value"), [("message_bytes", 5001), ("members_page", 7), ("search_terms", 3)]
)
def test_another_limit_is_found_out_to_the_last_unit(name: str, value: int) -> None:
    found = probed(limits=RAISED_LIMITS.model_copy(update={name: value}))
    assert found.limits[name].value == value
    assert getattr(read_profile(profile_text(found)).limits, name) == value


@pytest.mark.parametrize(
    ("revision", "number", "window"),
    [(Revision.ONE, 1, False), (Revision.TWO, 2, False), (Revision.BOTH, 2, True)],
)
def test_the_revision_shows_by_what_overrides_are_called(
    revision: Revision, number: int, window: bool
) -> None:
    found = probed(revision=revision)
    assert (found.revision.value, found.window.value) == (number, window)
    declared = read_profile(profile_text(found)).declared
    assert declared == (ALL_FEATURES - SINCE.keys() if number == 1 else ALL_FEATURES)


def test_the_prefix_of_the_counters_is_read_off_their_page() -> None:
    found = probed(metric_prefix="chat_")
    assert read_profile(profile_text(found)).metrics.prefix == "chat_"


def test_a_profile_that_was_given_is_kept_but_for_what_was_seen_otherwise() -> None:
    given = read_profile(
        'revision = 1\nshared = true\n[headers]\nx-tenant = "a b"\n[limits]\nguilds_per_user = 9'
    )
    written = read_profile(profile_text(probed(), given))
    assert written.revision == 2
    assert (written.shared, written.headers, written.limits.guilds_per_user) == (True, {"x-tenant": "a b"}, 9)


def test_tables_within_lists_and_every_character_can_be_written() -> None:
    given = read_profile(
        '[accounts]\nfrom = "admin"\n[accounts.admin]\npath = "/x\\u007f"\n'
        'body = { "a b" = [{ name = "{username}", of = [] }, [1, "\\u0001\\u007f\\"é"]], more = {} }'
    )
    assert read_profile(profile_text(probed(), given)).accounts == given.accounts


def test_everything_that_a_profile_can_say_is_looked_at_or_said_to_be_hidden() -> None:
    assert _LOOKS.keys() == ALL_FEATURES
    assert _MAKES.keys() == FEATURE_OF.keys()
    assert {*_MAKES, *HIDDEN, "access_token_lifetime_s"} == Limits.model_fields.keys()
    assert not _MAKES.keys() & HIDDEN.keys()
