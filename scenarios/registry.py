"""The decorator by which a family module adds a scenario to the catalogue."""

from collections.abc import Callable, Iterable
from typing import Final

from sync_check.conformance.contract.features import Feature
from sync_check.conformance.contract.limits import Limits
from sync_check.conformance.contract.requirements import requirement
from sync_check.harness.hazards import Hazard
from sync_check.harness.scenario import Body, Needs, Scenario, Tier

REGISTERED: Final[dict[str, Scenario]] = {}


def scenario(
    scenario_id: str,
    *,
    covers: Iterable[str],
    features: Iterable[Feature],
    needs: Needs | None = None,
    clients: int = 2,
    hazards: Iterable[Hazard] = (),
    tier: Tier = Tier.GATE,
    most: Callable[[Limits], int] | None = None,
) -> Callable[[Body], Body]:
    """Add the decorated body to the catalogue; its docstring's first line is the title.

    `clients` is the least number of clients that it can be played with. One without `hazards` is safe.
    What takes real minutes is of tier nightly: the gate has 60 s for all that it plays on sockets. `most` is
    how many operations a flood takes at most, which is told before it is played.

    Raises `UnknownRequirement` for an id in `covers` that the contract does not have.
    """

    def add(body: Body) -> Body:
        for requirement_id in covers:
            requirement(requirement_id)
        title = (body.__doc__ or "").strip().partition("\n")[0]
        if not title or scenario_id in REGISTERED:
            raise ValueError(f"scenario {scenario_id!r} needs a docstring and an id of its own")
        REGISTERED[scenario_id] = Scenario(
            id=scenario_id,
            title=title,
            covers=tuple(covers),
            features=frozenset(features),
            body=body,
            clients=clients,
            needs=needs or Needs(),
            hazards=frozenset(hazards),
            tier=tier,
            most=most,
        )
        return body

    return add
