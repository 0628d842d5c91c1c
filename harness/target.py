"""What a run knows about the server it tests: where it is, what it declares, which limits bind us."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from sync_check.conformance.contract.features import ALL_FEATURES, Feature
from sync_check.conformance.contract.limits import Limits

DRIVEN_FEATURES: Final = ALL_FEATURES
"""The features that this suite drives and judges, all of them; events of others would only be tolerated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A server under test. `label` is what people read, `url` the REST base URL without a trailing slash.

    `trusts_proxy` says that it takes the address of a client on this machine from `X-Forwarded-For`,
    `metric_prefix` is what precedes the name of each of its counters. In the `migration_window` it may tell
    of overrides under their former name too (contract 10.2).
    """

    label: str
    url: str
    declared: frozenset[Feature] = ALL_FEATURES
    limits: Limits = field(default_factory=Limits)
    revision: int = 2
    migration_window: bool = True
    trusts_proxy: bool = False
    metric_prefix: str = ""
    notes: tuple[str, ...] = ()

    @property
    def features(self) -> frozenset[Feature]:
        """The features in force: declared by the target and driven by this suite."""
        return _in_force(self.declared)


@lru_cache(maxsize=64)
def _in_force(declared: frozenset[Feature]) -> frozenset[Feature]:
    """One set for everybody who asks."""
    return declared & DRIVEN_FEATURES
