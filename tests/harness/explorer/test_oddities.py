"""Steps that send what is odd, as data: they name rows of the table, and nothing else."""

from typing import Any

import pytest

from sync_check.harness.explorer import oddities
from sync_check.harness.explorer.program import FileError, checked


@pytest.mark.parametrize(
    ("do", "args", "told"),
    [
        (
            "send",
            {"input": "version/one"},
            "step 1 names the input 'version/one', which is none of ours: see 'version/float'",
        ),
        ("send", {}, "step 1 names no input: see 'version/float', for example"),
        ("send", {"input": ["version/float"]}, "step 1 names the input ['version/float'], which is none"),
        ("send", {"input": "wrong/array"}, "step 1 names the input 'wrong/array', which is none of ours"),
        ("request", {"request": "json/empty"}, "step 1 names the request 'json/empty', which is none"),
    ],
)
def test_what_no_row_is_called_is_refused(do: str, args: dict[str, Any], told: str) -> None:
    with pytest.raises(FileError) as caught:
        checked({"steps": [{"by": "u0", "do": do, "args": args | {"channel_id": "$c0"}}]})
    assert str(caught.value).startswith(told)


def test_every_row_can_be_named() -> None:
    rows = [("send", "input", name) for name in (*oddities.INPUTS, oddities.FILLED_UP)]
    rows += [("request", "request", name) for name in (*oddities.BY_ANYBODY, *oddities.BY_OWNER)]
    steps = [{"by": "u1", "do": do, "args": {"channel_id": "$c0", member: name}} for do, member, name in rows]
    steps.append({"by": "u1", "do": "ping", "args": {"channel_id": "$c0"}})
    assert len(checked({"steps": steps}).steps) == len(rows) + 1


def test_too_many_frames_are_a_flood() -> None:
    floods = [
        name for name in (*oddities.INPUTS, oddities.FILLED_UP) if oddities.is_flood("send", {"input": name})
    ]
    assert floods == ["flood/subscribes", "rate/filled-up"]
    assert not oddities.is_flood("ping", {"channel_id": "$c0"})
