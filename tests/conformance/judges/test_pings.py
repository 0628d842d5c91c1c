"""A ping is answered by a pong with its data, and pings and pongs cost nothing of the ingress rate."""

import pytest

from sync_check.conformance.contract.limits import Limits
from sync_check.conformance.history import EndOfConnection, Pinged
from sync_check.conformance.verdict import Kind, Level
from tests.conformance.histories import found, only
from tests.conformance.judges.network.disturbing import DisturbedStory

MANY = Limits().ingress_frames + 1
WINDOW_S = Limits().ingress_window_s
WAITED_US = 5_000_000


class PingStory(DisturbedStory):
    """A story in which ben pings."""

    def ping(self, pings: int = MANY, *, answered: bool = True, pongs: int | None = None) -> None:
        began = self.now()
        self._at += 1000 if answered else WAITED_US
        came = pongs if pongs is not None else pings if answered else 0
        self.add(
            Pinged(
                at=self.now(), connection=self.ben, began=began, pings=pings, answered=answered, pongs=came
            )
        )

    def subscribe_again(self) -> None:
        self.subscribe(self.ben, self.guild, self.channel)

    def lose(self, how: EndOfConnection, code: int | None = None, reason: str | None = None) -> None:
        self.close(self.ben, how, reason, code)
        del self.owners[self.ben]
        self.subscribed.remove(self.ben)


@pytest.mark.parametrize("pongs", [1, MANY, 2 * MANY])
def test_the_last_of_many_pings_is_answered_and_so_is_a_command_behind_them(pongs: int) -> None:
    story = PingStory()
    story.ping(pongs=pongs)
    story.subscribe_again()
    story.close_scenario()
    result = story.result()
    assert (found(result), result.witnesses["GW-5"], result.evidence["pings"]) == ([], 1, MANY)


@pytest.mark.parametrize(
    ("pings", "later_s", "again"), [(MANY - 1, 0.0, True), (MANY, WINDOW_S, True), (MANY, 0.0, False)]
)
def test_few_pings_or_no_command_in_time_show_nothing(pings: int, later_s: float, again: bool) -> None:
    story = PingStory()
    story.ping(pings)
    story.later(later_s)
    if again:
        story.subscribe_again()
    story.close_scenario()
    result = story.result()
    assert (found(result), "GW-5" in result.witnesses) == ([], False)


@pytest.mark.parametrize("pongs", [0, MANY])
def test_no_pong_has_the_data_of_the_ping(pongs: int) -> None:
    story = PingStory()
    story.ping(answered=False, pongs=pongs)
    story.subscribe_again()
    story.close_scenario()
    finding = only(story.result())
    assert (finding.judge, finding.requirement, finding.client) == ("pings", "GW-5", "ben#1")
    assert (finding.kind, finding.level, finding.timed) == (Kind.LIVENESS, Level.FAIL, True)
    others = f", and {MANY} pongs with other data" if pongs else ""
    assert finding.received == f"none within 5.001 s{others}"


@pytest.mark.parametrize(
    ("how", "code", "reason", "shown"),
    [
        (
            EndOfConnection.CLOSED_BY_TARGET,
            1008,
            "ingress_rate_limited",
            "closed_by_target 1008 ingress_rate_limited",
        ),
        (EndOfConnection.DROPPED, None, None, "dropped"),
    ],
)
@pytest.mark.parametrize("answered", [True, False])
def test_the_connection_of_who_pings_ends(
    how: EndOfConnection, code: int | None, reason: str | None, shown: str, answered: bool
) -> None:
    story = PingStory()
    if answered:
        story.ping()
        story.lose(how, code, reason)
    else:
        began = story.now()
        story.lose(how, code, reason)
        story.add(
            Pinged(at=story.now(), connection=story.ben, began=began, pings=MANY, answered=False, pongs=3)
        )
    story.close_scenario()
    told = [one for one in story.result().findings if one.judge == "pings"]
    assert [(one.requirement, one.kind, one.received) for one in told] == [("GW-5", Kind.LIMIT, shown)]


def test_what_ends_long_after_or_by_us_did_not_end_for_pings() -> None:
    late, ours = PingStory(), PingStory()
    for story in (late, ours):
        story.ping()
    late.later(WINDOW_S)
    late.lose(EndOfConnection.CLOSED_BY_TARGET, 1001)
    ours.ping(answered=False)
    ours.lose(EndOfConnection.CLOSED_BY_US, 1000)
    for story in (late, ours):
        story.close_scenario()
    assert "pings" not in [one.judge for one in late.result().findings]
    assert [one.kind for one in ours.result().findings] == [Kind.LIVENESS]


def test_where_the_network_is_bad_or_the_client_slow_nothing_is_known() -> None:
    cut, slow = PingStory(), PingStory()
    cut.put(cut.ben, "timeout")
    slow.taking(slow.ben, 0)
    for story in (cut, slow):
        story.ping(answered=False)
        story.close_scenario()
        assert "pings" not in [one.judge for one in story.result().findings]
