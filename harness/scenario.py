"""What a scenario is: an id, the requirements that it covers, and a body that only acts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from sync_check.conformance.contract.features import Feature
from sync_check.conformance.contract.limits import Limits
from sync_check.harness.hazards import Hazard, permission_line
from sync_check.harness.target import Target

if TYPE_CHECKING:
    from sync_check.harness.stage import Stage

ESCAPED_BYTES: Final = 6
"""What a control character takes in JSON, wherever it stands."""
Body = Callable[["Stage"], Awaitable[None]]


class Tier(StrEnum):
    """When a scenario is worth its time: at every change, or where real minutes are there to be spent."""

    GATE = "gate"
    NIGHTLY = "nightly"

    @property
    def tiers(self) -> frozenset[Tier]:
        """The tiers of the scenarios that a run of this one plays."""
        return frozenset({self, Tier.GATE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What a scenario needs beside its N clients, so that a run can say beforehand what it will take."""

    strangers: int = 1
    removed: int = 0
    """Clients who are no members any more at the end and stay connected until the run ends."""
    guilds: int = 1
    extra_sessions: int = 1
    verbatim: bool = False
    """Whether bytes are sent as they are, which nobody can put into other names of a target."""
    addresses: bool = False
    """Whether each client has to call from an address of its own (contract 2.1), through a trusted proxy."""
    restarts: bool = False
    """Whether the target is to go away and come back."""
    operations: int = 4
    """By the owner of its workspace."""
    spread: int = 0
    """Further ones, by all clients in turns."""
    reopened: int = 0
    """Connections that are opened beside the first ones, by all clients in turns."""
    settles: int = 2
    waits_s: float = 0.0
    """Seconds that pass whatever is asked for: those that a target may take, or that a network costs."""
    long_events: bool = False
    """Whether a message has to make an event that is longer than one may be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One scenario. `id` is `family/name`; `title` says what holds if it passes.

    It is run only on a target that has all of `features` and permits all of `hazards`, and passes only if
    each requirement of `covers` was witnessed. `clients` is the least number that it can be played with.
    """

    id: str
    title: str
    covers: tuple[str, ...]
    features: frozenset[Feature]
    body: Body
    clients: int = 2
    needs: Needs = Needs()
    hazards: frozenset[Hazard] = frozenset()
    tier: Tier = Tier.GATE
    most: Callable[[Limits], int] | None = None
    """How many operations a flood takes at most, under the limits of a target."""

    @property
    def family(self) -> str:
        """The part of the id before the slash."""
        return self.id.partition("/")[0]

    def lacks(self, target: Target) -> str | None:
        """Why it cannot be played on a target; None if it can. Nobody infers that from a failure."""
        undeclared = self.features - target.declared
        if undeclared:
            return f"declared absent by the profile: {', '.join(sorted(undeclared))}"
        if self.needs.addresses and not target.trusts_proxy:
            return "the target does not trust us as a proxy, so that all clients have one address"
        limits = target.limits
        if self.needs.long_events and ESCAPED_BYTES * limits.message_bytes < limits.max_gateway_event_bytes:
            return f"no message makes an event longer than {limits.max_gateway_event_bytes} bytes"
        if self.needs.restarts and target.restarts is None:
            return "the run did not start the target ([target.process]), so it cannot restart it"
        if self.needs.verbatim and target.dialect.has_other_names:
            return "the profile gives paths, events or fields other names, which raw bytes do not have"
        forbidden = self.hazards - target.allowed
        if forbidden:
            lines = permission_line(target.hosts, forbidden | target.allowed)
            return f"not safe on a server that is not on this machine; {lines} in its profile permit it"
        return None
