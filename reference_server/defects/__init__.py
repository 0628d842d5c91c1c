"""Defects that are seeded on purpose: the proof that the judges can go red.

A defect changes who gets an event, never anything else. What each does lies in `deviations`; this table loads
nothing of the server, so that a list of defects costs nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Defect:
    """A defect: `judge` should raise a finding of `kind` that cites `requirement`."""

    id: str
    title: str
    requirement: str
    judge: str
    kind: Literal["safety", "liveness", "limit", "contract"]


_ALL: Final = (
    Defect(
        id="message-update-dropped",
        title="One recipient misses the edit of a message",
        requirement="SCOPE-2",
        judge="delivery",
        kind="liveness",
    ),
    Defect(
        id="guild-event-to-stranger",
        title="A guild event reaches a connection of a user who is no member",
        requirement="SCOPE-5",
        judge="delivery",
        kind="safety",
    ),
    Defect(
        id="kick-keeps-stream",
        title="A kicked user's connection stays subscribed and goes on receiving the guild's events",
        requirement="ACCESS-3",
        judge="delivery",
        kind="safety",
    ),
)

DEFECTS: Final[Mapping[str, Defect]] = {defect.id: defect for defect in _ALL}
"""Every seeded defect by its id."""
