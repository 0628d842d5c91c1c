"""Judge `network`: what faults of the network do to bystanders, and what ends connections that are dead.

That nothing is missing, doubled or leaked is for the other judges, on every connection alike.
"""

from typing import Final

from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.judgement import Judgement
from sync_check.conformance.judges.network import bystanders, heartbeats
from sync_check.conformance.model.connections import Connection

NAME: Final = "network"


def judge(case: Case) -> Judgement:
    """Judge a scenario whose network we disturbed; of any other one there is nothing to say."""
    judgement = Judgement(scenario=case.scenario.id, judge=NAME)
    disturbed = [connection for connection in case.connections if connection.faults]
    if disturbed:
        judgement.evidence["cut_upgrades"] = sum(_is_cut_upgrade(connection) for connection in disturbed)
        bystanders.judge(case, judgement, disturbed)
        heartbeats.judge(case, judgement, disturbed)
    return judgement


def _is_cut_upgrade(connection: Connection) -> bool:
    """Whether the connection was cut before its upgrade was answered."""
    return connection.cut is not None and connection.opened_at == connection.ended_at
