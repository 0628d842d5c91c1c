"""A variable that looks like ours and is read by nothing is told of, and ends nothing."""

import json
import os
import signal
from pathlib import Path
from tempfile import TemporaryFile

import pytest

from sync_check.cli.environment import unread_variables
from sync_check.cli.profiles import given_profile
from tests.sync_check.command import one_sentence, sync_check, talking


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("SYNC_CHECK_HOTS", "SYNC_CHECK_HOTS (did you mean SYNC_CHECK_HOST?) is not read"),
        ("SYNC_CHECK_port", "SYNC_CHECK_port (did you mean SYNC_CHECK_PORT?) is not read"),
        (
            "SYNC_CHECK_LIMIT_MESAGE_BYTES",
            "SYNC_CHECK_LIMIT_MESAGE_BYTES (did you mean SYNC_CHECK_LIMIT_MESSAGE_BYTES?) is not read",
        ),
        ("SYNC_CHECK_XYZ", "SYNC_CHECK_XYZ is not read"),
        ("SYNC_CHECK_\x1b[2J", "SYNC_CHECK_\\x1b[2J is not read"),
    ],
)
def test_an_unread_variable_is_told_with_the_one_that_was_meant(name: str, told: str) -> None:
    assert unread_variables({name: "1", "PATH": "/bin"}) == f"{told} by sync-check"


def test_several_are_told_in_one_sentence() -> None:
    told = unread_variables({"SYNC_CHECK_B": "", "SYNC_CHECK_A": ""})
    assert told == "SYNC_CHECK_A, SYNC_CHECK_B are not read by sync-check"


def test_what_is_read_or_not_ours_is_no_matter() -> None:
    ours = ("SYNC_CHECK_CI", "SYNC_CHECK_LENGTH")
    read = ("SYNC_CHECK_HOST", "SYNC_CHECK_LOG", "SYNC_CHECK_LIMIT_MESSAGE_BYTES", *ours, "HOST")
    assert unread_variables(dict.fromkeys(read, "1")) is None


def test_a_run_goes_on_after_the_warning(tmp_path: Path) -> None:
    env = {**os.environ, "SYNC_CHECK_LIMIT_PINGS": "3"}
    ran = sync_check("run", "messages/edit", "--clients", "2", cwd=tmp_path, env=env)
    assert ran.code == 0, ran.out
    assert one_sentence(ran.err).startswith("sync-check: warning: SYNC_CHECK_LIMIT_PINGS")


@pytest.mark.parametrize("log", ["text", "json"])
def test_serving_warns_in_the_form_of_its_log(log: str) -> None:
    words, env = ("serve", "--port", "0", "--log", log), {**os.environ, "SYNC_CHECK_HOTS": "x"}
    with TemporaryFile("w+") as told, talking(*words, err=told, env=env) as (command, said):
        assert said.readline().startswith("listening on ")
        command.send(signal.SIGINT)
        assert command.wait() == 0
        told.seek(0)
        err = told.read()
    line = one_sentence(err) if log == "text" else str(json.loads(err)["message"])
    assert line.removeprefix("sync-check: warning: ") == (
        "SYNC_CHECK_HOTS (did you mean SYNC_CHECK_HOST?) is not read by sync-check"
    )


def test_a_run_is_repeated_with_what_variables_gave_before_the_options() -> None:
    environment = {"SYNC_CHECK_TARGET_REVISION": "1", "SYNC_CHECK_TARGET_ABSENT": "voice,search"}
    given = given_profile(None, environment, ("revision=2",))
    assert given is not None
    assert sorted(given.repeat[1:4:2]) == ["absent=voice,search", "revision=1"]
    assert given.repeat[4:] == ("--set", "revision=2")
    settings = [word for word in given.repeat if word != "--set"]
    again = given_profile(None, {}, settings)
    assert again is not None
    assert again.profile == given.profile
