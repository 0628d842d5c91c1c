"""Draws inputs that nobody wrote: messages by command with random faults. Hypothesis only draws.

Most are one or two steps away from a message that is in order, since whoever overlooks a fault does so there.
"""

from typing import Any, Final

from hypothesis import strategies as st

from sync_check.conformance.contract.inputs import Filled, Place, binary, fragments, text
from sync_check.conformance.contract.wire import Piece
from sync_check.harness.explorer.drawing import draw_one

_HOSTILE: Final = (
    *('"', "\\", "{", "}", "[", "]", ":", ",", "0", "1", "-", ".", "e", " ", "\n", "\t", "\0", "\x1b"),
    *("\ufeff", "\u2028", "\xa0", "\ud800", "ä", "\U0001f600", "null", "true", "NaN", "\\u0000", "\\ud800"),
    *('"v":1,', '"t":"subscribe",', ',"d":{}', '"x":0,', "/**/", "//", "1e0", "[]", "{}"),
)
_VALUES: Final = st.recursive(
    st.sampled_from(["null", "true", "false", "0", "1", "-1", "1.0", "1e0", '""', '"1"', '"message_create"']),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda values: f"[{','.join(values)}]")
        | st.lists(inner, max_size=3).map(
            lambda values: "{" + ",".join(f'"m{at}":{value}' for at, value in enumerate(values)) + "}"
        )
    ),
    max_leaves=6,
)


def drawn_inputs(places: list[Place], number: int) -> tuple[Filled, ...]:
    """One input for each of `places`; the same ones for the same number."""
    drawn = draw_one(st.tuples(*(_inputs(place) for place in places)), number)
    return tuple(
        Filled(name=f"drawn/{at}", expected=None, frames=frames, meant=_arguments(place))
        for at, (place, frames) in enumerate(zip(places, drawn, strict=True), 1)
    )


def _arguments(place: Place) -> dict[str, Any]:
    return {"guild_id": place.guild_id, "channel_id": place.channel_id, "content": place.text}


def _inputs(place: Place) -> st.SearchStrategy[tuple[Piece, ...]]:
    data = f'{{"guild_id":"{place.guild_id}","channel_id":"{place.channel_id}","content":"{place.text}"}}'
    return st.one_of(_edited(_envelope(data)), _edited(_envelope(data)), _assembled(data)).flatmap(_sent)


def _envelope(data: str) -> str:
    return f'{{"v":1,"t":"message_create","d":{data}}}'


@st.composite
def _edited(draw: Any, whole: str) -> str:
    """A message in order with a few edits."""
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(whole)))
        removed = draw(st.integers(0, 3))
        inserted = draw(st.sampled_from(("", *_HOSTILE)))
        whole = whole[:at] + inserted + whole[at + removed :]
    return whole


@st.composite
def _assembled(draw: Any, data: str) -> str:
    """An envelope of any members in any order, some of them in order."""
    names = draw(st.lists(st.sampled_from(["v", "t", "d", "V", "id", ""]), min_size=1, max_size=5))
    right = {"v": "1", "t": '"message_create"', "d": data}
    members = (
        f'"{name}":{right[name] if name in right and draw(st.booleans()) else draw(_VALUES)}'
        for name in names
    )
    return "{" + ",".join(members) + "}"


def _sent(whole: str) -> st.SearchStrategy[tuple[Piece, ...]]:
    cut = len(whole) // 2
    return st.sampled_from(
        [text(whole), text(whole), text(whole), binary(whole), fragments(whole[:cut], whole[cut:])]
    )
