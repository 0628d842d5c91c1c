"""What programs can be drawn of for one target, and what a kind of steps needs of it."""

from dataclasses import dataclass
from enum import Enum

from sync_check.conformance.contract.features import Feature


class Condition(Enum):
    """What may be so of a target, or of how it is driven."""

    VIRTUAL = "time is ours"
    ADDRESSES = "each user has an address of their own"
    RESTARTS = "it can be taken down"
    VERBATIM = "it calls things as the contract does"
    FLOODS = "it may be sent too much"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What there is to draw from: operations of these features, and kinds of steps under these conditions."""

    features: frozenset[Feature]
    conditions: frozenset[Condition] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """Without which feature or condition there is no point in a kind of step."""

    feature: Feature | None = None
    conditions: frozenset[Condition] = frozenset()

    @classmethod
    def of(cls, feature: Feature | None, *conditions: Condition) -> "Needs":
        """The feature, if any, and all these conditions."""
        return cls(feature=feature, conditions=frozenset(conditions))

    def are_met(self, scope: Scope) -> bool:
        """Whether all is there."""
        return (
            self.feature is None or self.feature in scope.features
        ) and self.conditions <= scope.conditions
