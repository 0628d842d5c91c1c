"""What the model knows of an operation: the statuses it may get, and what it does when it is accepted.

Each family registers one `Rule` per operation class. A rule is pure: it looks at a world, the acting user and
the operation, and, for the effect, at the answer, from which ids and times that the server makes are taken.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar

from sync_check.conformance.contract.limits import Limits
from sync_check.conformance.contract.operations import Operation
from sync_check.conformance.contract.values import ULID_PATTERN, WireModel
from sync_check.conformance.model.access import is_member
from sync_check.conformance.model.addresses import Address
from sync_check.conformance.model.emissions import Emission, Standing
from sync_check.conformance.model.timeline import Touch
from sync_check.conformance.model.world import World

DEFAULT_LIMITS: Final = Limits()
DEFAULT_REVISION: Final = 2
_Asked = TypeVar("_Asked", bound=Operation)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """The statuses of which one must come, and the requirement that another one breaks.

    Where that is a SHOULD, `tolerated` are the statuses with which a server deviates and breaks nothing else.
    A refusal is `binding` unless it rests on a SHOULD. `code` is the error code of a refusal, where one alone
    is right.
    """

    statuses: frozenset[int]
    requirement: str = "REST-1"
    tolerated: frozenset[int] = frozenset()
    binding: bool = True
    code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """A world, who acts in it (None where the user is not known), how the operation stands, its answer.

    `limits` are those that the target declares, `revision` is its revision of the contract, and in the
    `migration_window` it may use the former name of an event besides (10.2). The operation was
    sent at `asked_at` and answered at `answered_at`, in microseconds of the history's clock. `address` is the
    one that it came from; None where that is not known. `beside` are the operations that were under way at
    the same time, with who asked for each: their order is not known.
    """

    world: World
    actor: str | None
    standing: Standing = Standing.DUE
    answer: WireModel | None = None
    limits: Limits = DEFAULT_LIMITS
    revision: int = DEFAULT_REVISION
    migration_window: bool = True
    asked_at: int = 0
    answered_at: int = 0
    address: Address | None = None
    beside: tuple[tuple[str | None, Operation], ...] = ()

    @property
    def happened(self) -> bool:
        """Whether the operation is known to have been accepted."""
        return self.standing in (Standing.DUE, Standing.NO_OP)


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """The world afterwards, the events it causes, and the slices that changed.

    `world` is None where an accepted operation's answer does not say enough to know it (a missing id).
    """

    world: World | None
    emissions: tuple[Emission, ...] = ()
    touched: tuple[Touch, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """`mutates` tells everything else from reads, of which an unknown outcome does no harm."""

    expect: Callable[[Situation, Any], Expectation]
    effect: Callable[[Situation, Any], Effect]
    mutates: bool


RULES: Final[dict[type[Operation], Rule]] = {}
"""The rule of each operation class; `sync_check.conformance.model.families` fills it."""


def no_effect(situation: Situation, _operation: Operation) -> Effect:
    """The effect of a read."""
    return Effect(world=situation.world)


def rule(
    operation: type[_Asked],
    expect: Callable[[Situation, _Asked], Expectation],
    effect: Callable[[Situation, _Asked], Effect] = no_effect,
    *,
    mutates: bool = True,
) -> None:
    """Register the rule of an operation class."""
    RULES[operation] = Rule(expect=expect, effect=effect, mutates=mutates and effect is not no_effect)


def expected(*statuses: int, requirement: str = "REST-1") -> Expectation:
    """One of these statuses."""
    return Expectation(statuses=frozenset(statuses), requirement=requirement)


def success_unless(success: Expectation, *refusals: Expectation | None) -> Expectation:
    """`success` if no refusal applies, else the statuses of those that do (their order is left open).

    Where only refusals apply that a server should give, success is tolerated. A refusal that holds a success
    itself is a possible one: alone it leaves both open.
    """
    applying = [refusal for refusal in refusals if refusal is not None]
    if not applying:
        return success
    statuses = frozenset(status for refusal in applying for status in refusal.statuses)
    certain = [refusal for refusal in applying if not any(map(_is_success, refusal.statuses))]
    if not certain:
        return Expectation(statuses=statuses, requirement=success.requirement)
    statuses = frozenset(status for status in statuses if not _is_success(status))
    binding = [refusal for refusal in certain if refusal.binding]
    if binding:
        first = binding[0]
        return Expectation(statuses=statuses, requirement=first.requirement, code=first.code)
    return Expectation(
        statuses=statuses, requirement=certain[0].requirement, tolerated=success.statuses | success.tolerated
    )


def _is_success(status: int) -> bool:
    return status < 300


def refused_unless(holds: bool, status: int, requirement: str) -> Expectation | None:
    """A refusal with `status` where a condition does not hold."""
    return None if holds else expected(status, requirement=requirement)


def better_refused_unless(holds: bool, status: int, requirement: str) -> Expectation | None:
    """The same where the contract says SHOULD."""
    return None if holds else replace(expected(status, requirement=requirement), binding=False)


def refused_malformed(user_id: str) -> Expectation | None:
    """The refusal of a user id in a path that is none (contract 2.4, Members)."""
    # Whether it is looked up first is left open.
    return None if ULID_PATTERN.fullmatch(user_id) else expected(400, 404, requirement="REST-4")


def refused_outsider(situation: Situation, guild_id: str) -> Expectation | None:
    """The refusal that a non-member meets below `/guilds/{g}` (REST-5), unknown guilds included."""
    if not ULID_PATTERN.fullmatch(guild_id):
        return expected(400, 403, 404, requirement="REST-5")
    guild = situation.world.guilds.get(guild_id)
    if guild is None:
        return expected(403, 404, requirement="REST-5")
    return refused_unless(is_member(guild, situation.actor), 403, "REST-5")


def size(text: str) -> int:
    """The length of a text in bytes of UTF-8, lone surrogates included."""
    return len(text.encode("utf-8", "surrogatepass"))
