"""How the end of a connection is told in a diagram."""

import pytest

from sync_check.conformance.cone import Part
from sync_check.conformance.history import EndOfConnection
from sync_check.conformance.judges.cones.drafts import ended
from sync_check.conformance.judges.cones.naming import Names
from sync_check.conformance.model.connections import Connection


@pytest.mark.parametrize(
    ("cut_by", "stopped", "words"),
    [
        (None, False, "the connection is cut"),
        ("reset_peer", False, "the network breaks: reset_peer"),
        (None, True, "the target goes down"),
    ],
)
def test_whoever_made_it_end_is_told(cut_by: str | None, stopped: bool, words: str) -> None:
    connection = Connection(
        number=1, name="ana#1", client="ana", user_id=None, session=1, began=0, opened=1, opened_at=1
    )
    assert ended(connection, Part.CONTEXT) is None
    connection.how, connection.ended, connection.ended_at = EndOfConnection.DROPPED, 2, 2
    connection.cut_by, connection.stopped = cut_by, stopped
    draft = ended(connection, Part.CONTEXT)
    assert draft is not None
    assert draft.words(Names({}, several_guilds=False)) == words


@pytest.mark.parametrize(("code", "words"), [(1000, "close with code 1000"), (None, "the client breaks off")])
def test_an_end_by_us_without_a_close_frame_is_told(code: int | None, words: str) -> None:
    connection = Connection(
        number=1, name="ana#1", client="ana", user_id=None, session=1, began=0, opened=1, opened_at=1
    )
    connection.how, connection.ended, connection.ended_at = EndOfConnection.CLOSED_BY_US, 2, 2
    connection.code = code
    draft = ended(connection, Part.CONTEXT)
    assert draft is not None
    assert draft.words(Names({}, several_guilds=False)) == words
