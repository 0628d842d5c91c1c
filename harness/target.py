"""What a run knows about the server it tests: where it is, what it declares, which limits bind us."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from sync_check.conformance.contract.features import ALL_FEATURES, Feature
from sync_check.conformance.contract.limits import Limits
from sync_check.harness.adapter.dialect import Dialect
from sync_check.harness.addresses import FORWARDED_FOR
from sync_check.harness.enrolment import Enrolment, Registration, Roster
from sync_check.harness.hazards import Hazard, hosts_away
from sync_check.harness.restarting import Restartable

DRIVEN_FEATURES: Final = ALL_FEATURES
"""The features that this suite drives and judges, all of them; events of others would only be tolerated."""
_NONE: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Metrics:
    """Where the counters are read: at `urls`, whose pages are summed, else at the contract's path.

    `prefix` is what precedes the name of each counter; `authorization` is the value of that header, a secret.
    """

    prefix: str = ""
    urls: tuple[str, ...] = ()
    authorization: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """How a target is started: a command in a `folder`, with variables besides our own.

    It is ready once it is healthy. It is told to `stop` by the signal of that name. `log` is where its output
    goes.
    """

    command: tuple[str, ...]
    folder: str
    environment: Mapping[str, str] = field(default_factory=lambda: _NONE, repr=False)
    ready_within_s: float = 30.0
    stop: str = "SIGTERM"
    stop_within_s: float = 5.0
    log: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A server under test. `label` is what people read, `url` the REST base URL without a trailing slash.

    `gateways` are the gateway URLs of its nodes; without one the gateway is below `url`. `trusts_proxy` says
    that it takes the address of a client on this machine from the header `address_header`. In the
    `migration_window` it may tell of overrides under their former name too (contract 10.2). One that is
    `shared` has other traffic, so that its counters say nothing about a run. `headers` go with every request,
    `secrets` are those of their values, among others, that nobody may read. `ca` is a file of certificates to
    trust. `time_scale` stretches the times that something may take. `allowed` is what may be done to it that
    is not safe. One with a `process` is started by the run. One that `restarts` can be taken down and brought
    up again.
    """

    label: str
    url: str
    gateways: tuple[str, ...] = ()
    declared: frozenset[Feature] = ALL_FEATURES
    limits: Limits = field(default_factory=Limits)
    revision: int = 2
    migration_window: bool = True
    trusts_proxy: bool = False
    address_header: str = FORWARDED_FOR
    metrics: Metrics = Metrics()
    shared: bool = False
    headers: Mapping[str, str] = field(default_factory=lambda: _NONE, repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)
    ca: str | None = None
    time_scale: float = 1.0
    dialect: Dialect = field(default_factory=Dialect)
    enrolment: Enrolment = field(default_factory=Registration)
    visible_p99_ms: float | None = None
    eviction_s: float | None = None
    bystander_ratio: float | None = None
    process: Process | None = None
    restarts: Restartable | None = field(default=None, repr=False, compare=False)
    allowed: frozenset[Hazard] = frozenset(Hazard)
    notes: tuple[str, ...] = ()

    @property
    def features(self) -> frozenset[Feature]:
        """The features in force: declared by the target, driven by this suite and not blurred by others."""
        in_force = _in_force(self.declared)
        return in_force - {Feature.METRICS} if self.shared else in_force

    unmatched: str | None = None
    """How the host on which something is permitted is not that of the target, in words; None if it is."""

    @property
    def is_tidied(self) -> bool:
        """Whether it matters what a run leaves: one that it stops is over, but accounts of others are not."""
        return self.process is None or isinstance(self.enrolment, Roster)

    @property
    def hosts(self) -> list[str]:
        """The names of its hosts that are not this machine, as a profile permits something on them."""
        return hosts_away((self.url, *self.gateways, *self.metrics.urls))

    def gateway_of(self, connection: int) -> str | None:
        """The gateway URL of a connection by its number: nodes take turns. None: below `url`."""
        return self.gateways[connection % len(self.gateways)] if self.gateways else None


@lru_cache(maxsize=64)
def _in_force(declared: frozenset[Feature]) -> frozenset[Feature]:
    """One set for everybody who asks."""
    return declared & DRIVEN_FEATURES
