"""Secrets come from the environment, reach the target, and are seen nowhere else."""

import os
from pathlib import Path

import pytest

from sync_check.harness.enrolment import AdminCall, Credentials, Roster
from sync_check.profiles import BadProfile, read_profile
from sync_check.profiles.declaring import declared
from tests.sync_check.command import one_sentence, serving, sync_check, sync_check_here, verdicts_of
from tests.sync_check.profiles.proxying import before

URL = "http://127.0.0.1:1"
SECRETS = {
    "GATE": "gate-0123456789abcdef",
    "METRICS": "Bearer metrics-0123456789abcdef",
    "ADMIN": "Bearer admin-0123456789abcdef",
    "PASSWORD": "password-0123456789abcdef",
}
PROFILE = """
secret_headers = { x-gate = "GATE" }
metrics.authorization = "METRICS"
accounts.from = "admin"
accounts.admin.path = "/auth/register"
accounts.admin.secret_headers = { x-admin = "ADMIN" }
"""


def test_variables_hold_what_the_profile_names() -> None:
    target = declared(read_profile(PROFILE), URL, SECRETS)
    assert target.headers == {"x-gate": SECRETS["GATE"]}
    assert target.metrics.authorization == SECRETS["METRICS"]
    assert isinstance(target.enrolment, AdminCall)
    assert target.enrolment.headers == {"x-admin": SECRETS["ADMIN"]}
    whole = {SECRETS["GATE"], SECRETS["METRICS"], SECRETS["ADMIN"]}
    assert set(target.secrets) == whole | {one.removeprefix("Bearer ") for one in whole}
    assert not any(secret in repr(target) for secret in SECRETS.values())


@pytest.mark.parametrize("value", ["", None, "two long\nlines", "short"])
def test_a_variable_that_holds_no_secret(value: str | None) -> None:
    environment = {} if value is None else {"GATE": value}
    with pytest.raises(
        BadProfile, match=r"secret_headers.x-gate names the variable GATE, which (is not|holds)"
    ):
        declared(read_profile('secret_headers.x-gate = "GATE"'), URL, environment)


def test_accounts_are_listed_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "accounts.txt"
    path.write_text("# ours\nana\nben PASSWORD_OF_BEN # another\n\n")
    profile = read_profile(f'accounts = {{ from = "file", file = "{path}", password = "PASSWORD" }}')
    target = declared(profile, URL, {**SECRETS, "PASSWORD_OF_BEN": "another-password"})
    assert target.enrolment == Roster(
        accounts=(
            Credentials(username="ana", password=SECRETS["PASSWORD"], line=2),
            Credentials(username="ben", password="another-password", line=3),
        ),
        named=f"accounts.file = '{path}'",
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read: No such file or directory"),
        (b"\xff", "is no UTF-8 text"),
        (b"# nobody\n", "lists no account: give one a line"),
        (b"ana PASSWORD x", "line 1 is more than a username and a variable: give one account a line"),
        (b"ana PASSWORD\nana PASSWORD", "line 2 names 'ana' a second time: name each account once"),
        (b"ana", "line 1 names no variable with a password: add one, or set accounts.password"),
        (b"ana NOBODY", "line 1 names the variable NOBODY, which is not set: set it to the secret"),
    ],
)
def test_a_file_of_accounts_that_is_none(tmp_path: Path, content: bytes | None, said: str) -> None:
    path = tmp_path / "accounts.txt"
    if content is not None:
        path.write_bytes(content)
    own = tmp_path / "own.toml"
    own.write_text(f'url = "{URL}"\naccounts = {{ from = "file", file = "accounts.txt" }}')
    ran = sync_check_here("run", "--profile", str(own), environment=SECRETS)
    assert ran.code == 2
    told = one_sentence(ran.err)
    assert told.startswith(f"sync-check: --profile '{own}' will not do: accounts.file = '{path}'")
    assert told.endswith(said)


@pytest.mark.parametrize(
    ("content", "said"), [(None, "cannot be read: No such"), ("x", "holds no certificates")]
)
def test_a_file_of_certificates_that_is_none(tmp_path: Path, content: str | None, said: str) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_text(content)
    ran = sync_check_here("run", "--target", "https://127.0.0.1:1", "--set", f"tls.ca={path}")
    assert ran.code == 2
    assert f"tls.ca = '{path}' {said}" in one_sentence(ran.err)


def test_secrets_reach_the_target_and_nothing_that_is_written(tmp_path: Path) -> None:
    report, own = tmp_path / "report", tmp_path / "own.toml"
    with (
        serving("--limit", "requests_per_minute=100000") as url,
        before(url, lets_in=lambda headers: headers.get("x-gate") == SECRETS["GATE"]) as gate,
    ):
        gateway = url.replace("http", "ws", 1) + "/gateway/ws"
        own.write_text(f'url = "{gate.url}"\ngateways = ["{gateway}"]\n{PROFILE}')
        words = ("run", "messages/edit", "--clients", "2", "--profile", str(own), "--report", str(report))
        ran = sync_check(*words, "--debug", env={**os.environ, **SECRETS})
    assert ran.code == 0, ran.out + ran.err
    assert verdicts_of(report) == {"messages/edit": "pass"}
    assert {one.get("x-gate") for one in gate.asked} == {SECRETS["GATE"]}
    assert {one.get("x-admin") for one in gate.asked if one["path"] == "/auth/register"} == {SECRETS["ADMIN"]}
    metrics = {one.get("authorization") for one in gate.asked if one["path"] == "/metrics"}
    assert metrics == {SECRETS["METRICS"]}
    written = [ran.out, ran.err, *(path.read_text() for path in report.rglob("*") if path.is_file())]
    for secret in SECRETS.values():
        assert not any(secret.removeprefix("Bearer ") in text for text in written)
