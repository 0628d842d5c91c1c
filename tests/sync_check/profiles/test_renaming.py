"""A target whose names differ is judged by the contract's; a name that is not declared is found out."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from sync_check.profiles import read_profile
from sync_check.profiles.declaring import declared
from tests.sync_check.command import Ran, report_of, serving, sync_check, verdicts_of
from tests.sync_check.profiles.proxying import before, gateway_before

FIELDS = {"guild_id": "workspace_id", "content": "text", "users": "people"}
EVENTS = {"message_create": "message.created", "message_update": "message.edited", "subscribe": "enter"}
DECLARED = """
[rename.paths]
"/guilds" = "/workspaces"
"/guilds/{guild_id}/channels/{channel_id}/messages" = "/workspaces/{guild_id}/{channel_id}/posts"
[rename.fields]
guild_id = "workspace_id"
content = "text"
users = "people"
[rename.events]
message_create = "message.created"
message_update = "message.edited"
subscribe = "enter"
"""


def path_of(path: str) -> str:
    path = re.sub(r"^/workspaces(\?.*)?$", r"/guilds\1", path)
    return re.sub(r"^/workspaces/(\w+)/(\w+)/posts", r"/guilds/\1/channels/\2/messages", path)


def renaming(fields: Mapping[str, str], events: Mapping[str, str]) -> Any:
    def rename(value: Any, top: bool = True) -> Any:
        if isinstance(value, list):
            return [rename(one, False) for one in value]
        if not isinstance(value, dict):
            return value
        renamed = {fields.get(name, name): rename(one, False) for name, one in value.items()}
        if top and renamed.keys() == {"v", "t", "d"}:
            renamed["t"] = events.get(renamed["t"], renamed["t"])
        return renamed

    return rename


def inverse(renamed: Mapping[str, str]) -> dict[str, str]:
    return {new: old for old, new in renamed.items()}


def run(tmp_path: Path, names: str, *scenarios: str) -> tuple[Ran, Path]:
    own, report = tmp_path / "own.toml", tmp_path / "report"
    inward, outward = renaming(inverse(FIELDS), inverse(EVENTS)), renaming(FIELDS, EVENTS)
    with (
        serving("--limit", "requests_per_minute=100000") as url,
        before(url, path=path_of, inward=inward, outward=outward) as proxy,
        gateway_before(url, inward=inward, outward=outward) as gateway,
    ):
        own.write_text(f'url = "{proxy.url}"\ngateways = ["{gateway.url}"]\nabsent = ["metrics"]\n{names}')
        words = ("run", *scenarios, "--clients", "2", "--profile", str(own))
        return sync_check(*words, "--report", str(report)), report


def test_only_names_differ(tmp_path: Path) -> None:
    ran, report = run(tmp_path, DECLARED, "messages/edit", "reactions/add")
    assert ran.code == 0, ran.out + ran.err
    assert set(verdicts_of(report).values()) == {"pass"}
    history = (report / "history.ndjson").read_text()
    assert "workspace_id" not in history
    assert "message.created" not in history
    assert '"guild_id"' in history


@pytest.mark.parametrize(
    ("left_out", "scenario", "found"),
    [
        ('guild_id = "workspace_id"\n', "messages/edit", "REST-1"),
        ('users = "people"\n', "reactions/add", "REST-1"),
    ],
)
def test_a_name_that_is_not_declared_is_found(
    tmp_path: Path, left_out: str, scenario: str, found: str
) -> None:
    ran, report = run(tmp_path, DECLARED.replace(left_out, ""), scenario)
    assert ran.code == 1, ran.out + ran.err
    (told,) = report_of(report)["scenarios"]
    assert found in {one["requirement"] for one in told["findings"]}


def test_the_contracts_own_name_where_another_is_declared_is_told_for_what_it_is(tmp_path: Path) -> None:
    names = DECLARED.replace("[rename.events]", 'created_at_unix = "made"\n[rename.events]')
    ran, report = run(tmp_path, names, "messages/edit")
    assert ran.code == 1, ran.out + ran.err
    told = "the profile renames created_at_unix to made, and the target sends created_at_unix (in "
    assert ran.err.count(told) == 1
    assert "mend rename.fields.created_at_unix" in ran.err
    assert any(note.startswith(told) for note in report_of(report)["run"]["notes"])
    assert told in (report / "summary.md").read_text()


def test_findings_show_the_contracts_names_and_a_note_says_so() -> None:
    (_, note) = declared(read_profile(DECLARED), "http://127.0.0.1:1", {}).notes
    assert note == "the profile renames: findings and history show the contract's names, not the target's"
