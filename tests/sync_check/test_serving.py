"""`sync-check serve`: what its help lists, its environment, and its log."""

import io
import json
import re
import signal
from contextlib import redirect_stdout
from tempfile import TemporaryFile

import httpx
import pytest

from sync_check.conformance.contract.limits import Limits
from sync_check.reference_server.__main__ import main
from tests.sync_check.command import one_sentence, serving, sync_check_here, talking


def test_help_lists_every_limit_with_its_default_and_meaning() -> None:
    shown = sync_check_here("serve", "--help", environment={"COLUMNS": "200"})
    assert shown.code == 0
    rows = [" ".join(line.split()) for line in shown.out.splitlines()]
    for name, field in Limits.model_fields.items():
        assert f"{name} {field.default} {field.description}" in rows
    for variable in ("SYNC_CHECK_HOST", "SYNC_CHECK_PORT", "SYNC_CHECK_LOG", "SYNC_CHECK_LIMIT_<NAME>"):
        assert variable in shown.out


def test_help_names_every_limit_in_full_on_a_narrow_terminal() -> None:
    shown = sync_check_here("serve", "--help", environment={"COLUMNS": "60"})
    first_words = [line.split()[0] for line in shown.out.splitlines() if line.split()]
    assert [word for word in first_words if word in Limits.model_fields] == list(Limits.model_fields)


def test_a_wrong_variable_is_one_sentence() -> None:
    ran = sync_check_here("serve", environment={"SYNC_CHECK_LIMIT_GUILD_PER_USER": "3"})
    assert ran.code == 2
    assert "did you mean GUILDS_PER_USER?" in one_sentence(ran.err)


def help_of_module() -> str:
    shown = io.StringIO()
    with redirect_stdout(shown), pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    return shown.getvalue()


def test_both_entry_points_have_the_same_options() -> None:
    served, module = (
        set(re.findall(r"^[│ ]+(--[a-z-]+)", shown, re.MULTILINE))
        for shown in (
            sync_check_here("serve", "--help", environment={"COLUMNS": "200"}).out,
            help_of_module(),
        )
    )
    assert served >= {"--host", "--limit", "--without", "--trust-proxy", "--log", "--debug"}
    assert module - served == {"--embedded", "--log-level", "--state-descriptor"}
    assert served - module == {"--help"}  # argparse writes -h before it


def test_options_and_variables_reach_the_server() -> None:
    environment = {"SYNC_CHECK_LIMIT_GUILDS_PER_USER": "1", "SYNC_CHECK_REVISION": "1"}
    with serving("--without", "search", environment=environment) as url, httpx.Client(base_url=url) as http:
        account = {"username": "ana", "password": "long enough, too"}
        assert http.post("/auth/register", json=account).status_code == 200
        token = http.post("/auth/login", json=account).json()["access_token"]
        http.headers["authorization"] = f"Bearer {token}"
        guild = http.post("/guilds", json={"name": "x"}).json()["guild_id"]
        assert http.post("/guilds", json={"name": "x"}).status_code == 403
        assert http.get(f"/guilds/{guild}/search?q=x").status_code == 404
        assert http.post("/users/me/profile/banner", content=b"x").status_code == 404


def test_the_json_log_is_nothing_but_json() -> None:
    words = ("serve", "--port", "0", "--log", "json")
    with TemporaryFile("w+") as err, talking(*words, err=err) as (server, said):
        url = said.readline().split()[2]
        assert said.readline() == f"web shell at {url}/app\n"
        with httpx.Client(base_url=url) as http:
            assert http.get("/app").status_code == 200
            account = {"username": "ana", "password": "long enough, too"}
            http.post("/auth/register", json=account)
            token = http.post("/auth/login", json=account).json()["access_token"]
            headers = {"authorization": f"Bearer {token}", "x-request-id": "r-1"}
            http.patch("/users/me/profile", json={"about_markdown": "x"}, headers=headers)
        server.send(signal.SIGTERM)
        assert server.wait(10) == 0
        err.seek(0)
        logged = [json.loads(line) for line in err]
    assert [
        (line["event"], line["recipients"], line["request_id"]) for line in logged if "event" in line
    ] == [("profile_update", 0, "r-1")]
