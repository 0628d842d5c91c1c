"""Judge `presence`: who is told to be online and offline, and to whom (contract 4.4, PRES-1 to PRES-6).

Nothing that an operation answers causes these events: a first subscribe and a last end do. So each event is
judged by the stays that may explain it (`lists`, `updates`), and each stay by who was told of its begin and
its end (`owed`). Whether a receiver is entitled to any event of the guild is judged with the streams.
"""

from typing import Final

from sync_check.conformance.contract.features import Feature
from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.judgement import Judgement
from sync_check.conformance.judges.presence.lists import Lists
from sync_check.conformance.judges.presence.owed import Owed
from sync_check.conformance.judges.presence.told import Told
from sync_check.conformance.judges.presence.updates import Updates

NAME: Final = "presence"


def judge(case: Case) -> Judgement:
    """Judge what a scenario's clients are told of who is online."""
    judgement = Judgement(scenario=case.scenario.id, judge=NAME)
    if Feature.PRESENCE in case.header.features:
        told = Told(case)
        for part in (Lists, Updates, Owed):
            part(told, judgement).judge()
    return judgement
