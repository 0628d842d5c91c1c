"""Every scenario passes in virtual time.

`make test` plays every sixth; with SYNC_CHECK_SCENARIOS=1, as in `.ci/run`, all are played.
"""

import json
import os
from typing import Final

import pytest

from sync_check.conformance.contract.features import Feature
from sync_check.conformance.contract.inputs.requests import RAW_REQUEST
from sync_check.conformance.contract.operations import OPERATIONS
from sync_check.conformance.verdict import Verdict
from sync_check.harness.scenario import Scenario
from sync_check.scenarios.catalogue import catalogue
from sync_check.targets import RAISED_LIMITS
from tests.sync_check.simulated import NOTHING_TO_DO, simulated

ALL: Final = os.environ.get("SYNC_CHECK_SCENARIOS") == "1"
PLAYED: Final = catalogue()[:: 1 if ALL else 6]
DOORS = frozenset({Feature.ATTACHMENTS, Feature.REACTIONS, Feature.SEARCH, Feature.VOICE})
TRIED_IF_THERE = {
    ("moderation/ban", frozenset({Feature.DIRECTORY})),
    ("moderation/lift", frozenset({Feature.DIRECTORY})),
    ("channels/rename", frozenset({Feature.OVERRIDES_PERMISSION})),
    ("channels/hidden", DOORS),
    ("members/kick", DOORS),
    ("ip_bans/ban", DOORS),
    ("overrides/role", DOORS),
    ("overrides/permission", DOORS),
    ("attachments/lost-access", frozenset({Feature.SEARCH, Feature.VOICE})),
    (
        "limits/sizes",
        frozenset(
            (
                Feature.ATTACHMENTS,
                Feature.AUDIT,
                Feature.CHANNELS_REORDER,
                Feature.DIRECTORY,
                Feature.IP_BANS,
                Feature.PROFILE,
                Feature.REACTIONS,
                Feature.ROLES,
                Feature.SEARCH,
                Feature.WORKSPACE_UPDATE,
            )
        ),
    ),
}
"""Scenarios with a step that needs a feature more, and is left out without it."""
LIMITS = {
    "limits/uploads": RAISED_LIMITS.model_copy(
        update={"avatar_bytes": 2**17, "banner_bytes": 2**18, "attachment_bytes": 2**19}
    )
}
"""What declares less than the contract's defaults, whose files go over sockets in a stage of `.ci/run`."""


@pytest.mark.parametrize("scenario", PLAYED, ids=lambda scenario: scenario.id)
def test_every_scenario_passes_in_virtual_time(scenario: Scenario) -> None:
    history, finished = simulated(
        1, (scenario,), clients=max(2, scenario.clients), limits=LIMITS.get(scenario.id, RAISED_LIMITS)
    )
    (result,) = finished.results
    if scenario.id in NOTHING_TO_DO:
        assert (result.verdict, result.note) == (Verdict.UNSUPPORTED, NOTHING_TO_DO[scenario.id])
        return
    assert (result.verdict, result.note) == (Verdict.PASS, None)
    assert result.evidence.get("absences_weak", 0) == 0
    assert (scenario.id, features_beyond(scenario, history)) in {(scenario.id, frozenset()), *TRIED_IF_THERE}


def features_beyond(scenario: Scenario, history: bytes) -> frozenset[Feature]:
    """The features, beside those that the scenario needs, of what it asked for."""
    records = map(json.loads, history.splitlines())
    asked = {one["operation"] for one in records if one.get("purpose") in ("scenario", "setup")}
    needed = (OPERATIONS[name].feature for name in asked if name != RAW_REQUEST)
    return frozenset(feature for feature in needed if feature is not None) - scenario.features
