"""The contract as one revision has it: later names left out, overrides under their former single name."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sync_check.conformance.contract import events
from sync_check.conformance.contract.features import SINCE, Feature
from sync_check.conformance.contract.limits import Limits
from sync_check.conformance.contract.operations import (
    COMMANDS,
    OPERATIONS,
    TRIGGERS,
    Command,
    Operation,
    Trigger,
)
from sync_check.conformance.contract.requirements import REQUIREMENTS, Requirement

REVISIONS: Final = (1, 2)

Cause = type[Operation] | type[Command] | Trigger
"""Whatever events may follow upon."""
EventType = type[events.Event]

_FAMILIES: Final = (
    "accounts",
    "friends",
    "guilds",
    "channels",
    "members",
    "roles",
    "messages",
    "voice",
    "service",
)
_FORMER_NAME: Final[Mapping[EventType, EventType]] = {
    events.WorkspaceChannelRoleOverrideUpdate: events.WorkspaceChannelOverrideUpdate,
    events.WorkspaceChannelPermissionOverrideUpdate: events.WorkspaceChannelOverrideUpdate,
}
"""Names that revision 2 split in two (EVT-5)."""
_LIMITS_OF_FEATURE: Final[Mapping[Feature, tuple[str, ...]]] = {
    Feature.PROFILE_BANNER: ("banner_bytes",),
    Feature.VOICE: tuple(name for name in Limits.model_fields if name.startswith("voice_")),
}
_RULES_OF_FEATURE: Final[Mapping[Feature, tuple[str, ...]]] = {
    Feature.CHANNELS_REORDER: ("CHAN-6", "CHAN-7"),
    Feature.VOICE: tuple(name for name in REQUIREMENTS if name.startswith("VOICE-")),
}
"""Rules that say nothing about a target without the feature."""


class UnknownRevision(ValueError):
    """The contract has no revision of this number."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number

    def __str__(self) -> str:
        known = " and ".join(map(str, REVISIONS))
        return f"the contract has no revision {self.number}; there are {known}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """What a revision holds, each in the order of the contract."""

    number: int

    def has(self, feature: Feature | None) -> bool:
        """Whether a target of this revision can have the feature; what needs none is always there."""
        return feature is None or SINCE.get(feature, 1) <= self.number

    def features(self) -> tuple[Feature, ...]:
        """The features that a target may declare."""
        return tuple(feature for feature in Feature if self.has(feature))

    def events(self) -> tuple[EventType, ...]:
        """The event names that a server may send."""
        return tuple(event for event in events.EVENTS.values() if event.since <= self.number)

    def operations(self) -> tuple[type[Operation], ...]:
        """The REST calls."""
        found = (operation for operation in OPERATIONS.values() if self.has(operation.feature))
        return tuple(sorted(found, key=lambda one: _FAMILIES.index(family(one))))

    def commands(self) -> tuple[type[Command], ...]:
        """The frames that a client may send."""
        return tuple(COMMANDS.values())

    def triggers(self) -> tuple[Trigger, ...]:
        """What causes an event of this revision without being asked for."""
        return tuple(trigger for trigger in TRIGGERS if self.causes(trigger))

    def causes(self, cause: Cause) -> tuple[EventType, ...]:
        """The events that follow upon `cause`, in order."""
        return self._told(cause.causes)

    def companions(self, cause: Cause) -> tuple[EventType, ...]:
        """The events that may follow as well; those that follow anyway are left out."""
        companions = () if isinstance(cause, Trigger) else cause.companions
        certain = self.causes(cause)
        return tuple(event for event in self._told(companions) if event not in certain)

    def remark(self, cause: Cause) -> str:
        """When the events come, in words; empty where there is nothing to say."""
        later = cause.remark_since_2 if self.number > 1 else ""
        return "; ".join(filter(None, (cause.remark, later)))

    def requirements(self) -> tuple[Requirement, ...]:
        """The rules, without those about features that the revision lacks."""
        absent = self._lacks(_RULES_OF_FEATURE)
        return tuple(rule for rule in REQUIREMENTS.values() if rule.id not in absent)

    def limits(self) -> dict[str, Any]:
        """The default of every limit by name."""
        absent = self._lacks(_LIMITS_OF_FEATURE)
        return {name: value for name, value in Limits().model_dump().items() if name not in absent}

    def _told(self, named: Iterable[EventType]) -> tuple[EventType, ...]:
        spoken = (_FORMER_NAME.get(event, event) if self.number == 1 else event for event in named)
        return tuple(dict.fromkeys(event for event in spoken if event.since <= self.number))

    def _lacks(self, names: Mapping[Feature, tuple[str, ...]]) -> frozenset[str]:
        return frozenset(name for feature in names if not self.has(feature) for name in names[feature])


def family(operation: type[Operation]) -> str:
    """The family of an operation, by the module that holds it."""
    return operation.__module__.rpartition(".")[2]


def revision(number: int) -> Revision:
    """The revision of this number; raises `UnknownRevision`."""
    if number not in REVISIONS:
        raise UnknownRevision(number)
    return Revision(number=number)
