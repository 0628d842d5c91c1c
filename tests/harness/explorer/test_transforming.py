"""Other values and what can be left out."""

import base64

from sync_check.harness.explorer.program import Step
from sync_check.harness.explorer.transforming import otherwise, removable
from sync_check.harness.images import PNG, png


def _step(do: str, makes: str | None = None, **args: object) -> Step:
    return Step(by="u0", do=do, args=args, makes=makes)


def test_secrets_files_and_names_become_longer_ones() -> None:
    picture = base64.b64encode(png("a")).decode()
    step = _step(
        "x", channel_id="$c0", content="~text", role_name="r", emoji="tea", data=picture, content_type=PNG
    )
    other = otherwise(step).args
    assert other["channel_id"] == "$c0"
    assert other["content_type"] == PNG
    assert other["content"].startswith("~")
    assert other["emoji"] == "coffee"
    for name in ("content", "role_name", "data"):
        assert len(other[name]) > len(step.args[name])
    assert base64.b64decode(other["data"]).startswith(png()[:8])


def test_what_has_no_values_stays() -> None:
    no_picture = base64.b64encode(b"no picture").decode()
    step = _step("x", guild_id="$g", data=no_picture, seconds=3, content="same")
    assert otherwise(step) is step


def test_what_another_step_needs_is_not_left_out() -> None:
    steps = (
        _step("create_channel", makes="a"),
        _step("create_message", makes="m", channel_id="$a"),
        _step("edit_message", message_id="$m"),
    )
    assert removable(steps, {0, 1, 2}, lambda _at, _name: False) == {0, 1, 2}
    assert removable(steps, {0, 1}, lambda _at, _name: False) == frozenset()
    assert removable(steps, {0, 2}, lambda _at, _name: False) == {2}
    assert removable(steps, {0, 1}, lambda at, _name: at == 2) == {0, 1}
