"""Judge `voice`: what no single operation shows of voice channels (contract 2.5, 3.3).

That the events of tokens, states and departures come, agree and reach whom they must is judged with all
deliveries. Here are the lists that subscribers get, departures that nobody asked for, and what holds between
the events of several operations.
"""

from typing import Final

from sync_check.conformance.contract.features import Feature
from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.judgement import Judgement
from sync_check.conformance.judges.stays import Stays
from sync_check.conformance.judges.voice.ends import Ends
from sync_check.conformance.judges.voice.lists import Lists
from sync_check.conformance.judges.voice.sequences import Sequences

NAME: Final = "voice"


def judge(case: Case) -> Judgement:
    """Judge what a scenario's clients are told of voice channels."""
    judgement = Judgement(scenario=case.scenario.id, judge=NAME)
    if Feature.VOICE in case.header.features:
        stays = Stays(case)
        for part in (Lists, Sequences, Ends):
            part(case, stays, judgement).judge()
    return judgement
