"""Defects that are seeded on purpose: the proof that the judges can go red.

What each does lies in `deviations`; this table loads nothing of the server, so that a list of defects costs
nothing.
"""

from collections.abc import Mapping
from typing import Final

from sync_check.reference_server.defects.table.answers import ANSWERS
from sync_check.reference_server.defects.table.defect import NONINTERFERENCE, Defect
from sync_check.reference_server.defects.table.delivery import DELIVERY
from sync_check.reference_server.defects.table.events import EVENTS
from sync_check.reference_server.defects.table.inputs import INPUTS
from sync_check.reference_server.defects.table.limits import LIMITS
from sync_check.reference_server.defects.table.secrecy import SECRECY
from sync_check.reference_server.defects.table.sessions import SESSIONS

__all__ = ["DEFECTS", "NONINTERFERENCE", "Defect"]

_ALL: Final = (*DELIVERY, *EVENTS, *ANSWERS, *SECRECY, *INPUTS, *SESSIONS, *LIMITS)
DEFECTS: Final[Mapping[str, Defect]] = {defect.id: defect for defect in _ALL}
"""Every seeded defect by its id."""
