"""The safety rail: what is not safe is done to a server elsewhere only if its profile permits it by name."""

from collections.abc import Iterable

from sync_check.cli.errors import UsageFault
from sync_check.harness.hazards import Hazard, permission_line
from sync_check.harness.scenario import Scenario
from sync_check.harness.target import Target


def check_safety(scenarios: Iterable[Scenario], target: Target | None) -> None:
    """Raise `UsageFault` for scenarios that the target's owner does not permit; None is our own."""
    if target is None:
        return
    for scenario in scenarios:
        check_hazards(scenario.id, scenario.hazards, target)


def check_hazards(what: str, hazards: frozenset[Hazard], target: Target) -> None:
    """Raise `UsageFault` where `what` does something that the target's owner does not permit."""
    forbidden = hazards - target.allowed
    if forbidden:
        mismatch = "" if target.unmatched is None else f" ({target.unmatched})"
        wanted = permission_line(target.hosts, forbidden | target.allowed)
        raise UsageFault(
            f"{what} is not safe ({', '.join(sorted(forbidden))}) and {' and '.join(target.hosts)}"
            f" {'is' if len(target.hosts) == 1 else 'are'} not this machine"
            f"{mismatch}: if it may be done there, add {wanted} to its profile"
        )
