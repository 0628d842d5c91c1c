"""How a target is reached: by which nodes, over which certificates, with whose accounts; and if it is not."""

import json
import os
import re
import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from tests.sync_check.command import (
    Ran,
    history_of,
    one_sentence,
    report_of,
    serving,
    sync_check,
    sync_check_here,
)
from tests.sync_check.profiles.proxying import before, gateway_before

CERTIFICATES = Path(__file__).parent / "certificates"
MANY = ("--limit", "requests_per_minute=100000", "--limit", "auth_requests_per_minute=1000")
NUMBERS = count(100)
PASSWORD = "correct-horse-battery-staple"


def run(tmp_path: Path, profile: str, *words: str, env: dict[str, str] | None = None) -> tuple[Ran, Path]:
    own, report = tmp_path / "own.toml", tmp_path / "report"
    own.write_text(profile)
    words = ("run", "messages/edit", "--clients", "2", *words)
    ran = sync_check(
        *words, "--profile", str(own), "--report", str(report), env={**os.environ, **(env or {})}
    )
    return ran, report


def test_connections_take_turns_at_the_nodes(tmp_path: Path) -> None:
    with (
        serving(*MANY) as url,
        gateway_before(url) as first,
        gateway_before(url) as second,
    ):
        ran, report = run(tmp_path, f'url = "{url}"\ngateways = ["{first.url}", "{second.url}"]')
        opened = sum(record["k"] == "opened" for record in history_of(report))
        assert ran.code == 0, ran.out + ran.err
        assert abs(first.connections - second.connections) <= 1
        assert first.connections + second.connections == opened


def test_counters_of_several_nodes_are_summed(tmp_path: Path) -> None:
    with serving(*MANY) as url:
        profile = f'url = "{url}"\nmetrics.urls = ["{url}/metrics", "{url}/metrics"]'
        ran, report = run(tmp_path, profile)
    # The one node that there is was counted twice.
    assert ran.code == 1, ran.out + ran.err
    (told,) = report_of(report)["scenarios"]
    found = {(one["requirement"], one["event"]) for one in told["findings"]}
    # The lists of voice participants, too, whose counter METRIC-1 is about.
    others = found - {("METRIC-1", "voice_participant_sync")}
    assert {requirement for requirement, _ in others} <= {"METRIC-2", "METRIC-3", "METRIC-4"}


def test_counters_of_a_shared_target_are_not_judged(tmp_path: Path) -> None:
    with serving(*MANY) as url:
        ran, report = run(tmp_path, f'url = "{url}"\nshared = true')
    assert ran.code == 0, ran.out + ran.err
    assert "note: the target has other traffic (shared): the judge of its counters is UNSUPPORTED" in ran.out
    assert not any(record.get("operation") == "metrics" for record in history_of(report))
    status = {one["id"]: one["status"] for one in report_of(report)["requirements"]}
    assert status["METRIC-1"] == "not_applicable"


@pytest.mark.parametrize(
    "scenarios",
    [
        ("directory",),
        pytest.param(("messages/edit", "friends/request", "presence/online"), marks=pytest.mark.length),
    ],
)
def test_a_target_with_old_data_and_other_traffic_is_judged_all_the_same(
    tmp_path: Path, scenarios: tuple[str, ...]
) -> None:
    words = ("run", *scenarios, "--clients", "2", "--keep")
    own = tmp_path / "own.toml"
    with serving(*MANY, "--limit", "joins_per_minute_address=1000") as url:
        own.write_text(f'url = "{url}"\nshared = true')
        reports = [tmp_path / name for name in ("old", "one", "other")]
        commands = [(*words, "--profile", str(own), "--report", str(report)) for report in reports]
        before_others = sync_check(*commands[0])
        # Of the same seed, and at the same time.
        with ThreadPoolExecutor() as pool:
            both = list(pool.map(lambda command: sync_check(*command), commands[1:]))
    for ran in (before_others, *both):
        assert ran.code == 0, ran.out + ran.err


@pytest.mark.parametrize(("promised", "is_crossed"), [("0.001", True), ("60000", False)])
def test_a_promise_of_the_owner_is_kept_or_not(tmp_path: Path, promised: str, is_crossed: bool) -> None:
    with serving(*MANY) as url:
        ran, report = run(tmp_path, f'url = "{url}"\nslo.visible_p99_ms = {promised}')
    (told,) = report_of(report)["scenarios"]
    found = {one["level"] for one in told["findings"] if one["requirement"] == "PROFILE-SLO-visible_p99_ms"}
    assert bool(found) is is_crossed
    # On a machine so busy that sync-check itself was as late, it is told and is nobody's fault.
    assert found <= {"fail", "info"}
    assert (told["verdict"] == "pass") is ("fail" not in found)
    assert ran.code == {"pass": 0, "fail": 1, "inconclusive": 6}[told["verdict"]], ran.out + ran.err


# --- accounts


def test_accounts_of_a_file_are_played_and_no_others(tmp_path: Path) -> None:
    with serving(*MANY) as url:
        names = [register(url) for _ in range(3)]
        (tmp_path / "accounts.txt").write_text("\n".join(names))
        profile = f'url = "{url}"\naccounts = {{ from = "file", file = "accounts.txt", password = "KEY" }}'
        ran, report = run(tmp_path, profile, env={"KEY": PASSWORD})
        again, _ = run(tmp_path, profile, env={"KEY": PASSWORD})
        (tmp_path / "accounts.txt").write_text(names[0])
        few, _ = run(tmp_path, profile, env={"KEY": PASSWORD})
        (tmp_path / "accounts.txt").write_text("\n".join(["nobody.there", *names]))
        none, _ = run(tmp_path, profile, env={"KEY": PASSWORD})
    assert (ran.code, again.code) == (0, 0), ran.out + ran.err + again.out + again.err
    assert {one["username"] for one in history_of(report) if one["k"] == "client_known"} == set(names)
    assert not any(PASSWORD in path.read_text() for path in report.rglob("*") if path.is_file())
    assert few.code == 2
    assert "accounts.txt' lists 1 account, and the run needs 3" in one_sentence(few.err)
    assert none.code == 4
    assert "accounts.txt', line 1: nobody.there cannot log in (status 401)" in one_sentence(none.err)


def test_one_bad_account_among_good_ones_is_named(tmp_path: Path) -> None:
    with serving(*MANY) as url:
        (tmp_path / "accounts.txt").write_text(
            "\n".join([register(url), "nobody.there", register(url), "x.y"])
        )
        profile = f'url = "{url}"\naccounts = {{ from = "file", file = "accounts.txt", password = "KEY" }}'
        ran, _ = run(tmp_path, profile, env={"KEY": PASSWORD})
    assert (ran.code, "FAIL" in ran.out) == (4, False), ran.out + ran.err
    assert "accounts.txt', line 2: nobody.there cannot log in (status 401): mend its" in one_sentence(ran.err)


@pytest.mark.parametrize(
    ("declared", "told"),
    [
        (1, "is in 1 workspaces, and limits.guilds_per_user is 1"),
        (5, "may own no more workspaces (guild_creation_limit_reached)"),
    ],
)
def test_accounts_that_earlier_runs_wore_out_are_no_fault_of_the_target(
    tmp_path: Path, declared: int, told: str
) -> None:
    with serving(*MANY, "--limit", "guilds_per_user=1") as url:
        names = [register(url) for _ in range(3)]
        for name in names:
            found_guild(url, name)
        (tmp_path / "accounts.txt").write_text("\n".join(names))
        profile = f"""url = "{url}"
limits.guilds_per_user = {declared}
accounts = {{ from = "file", file = "accounts.txt", password = "KEY" }}
"""
        ran, _ = run(tmp_path, profile, env={"KEY": PASSWORD})
    assert (ran.code, "FAIL" in ran.out) == (4, False), ran.out + ran.err
    assert "accounts.txt', line " in one_sentence(ran.err)
    assert told in ran.err


def found_guild(url: str, name: str) -> None:
    login = {"username": name, "password": PASSWORD}
    token = posted(f"{url}/auth/login", login)["access_token"]
    posted(f"{url}/guilds", {"name": "earlier"}, {"authorization": f"Bearer {token}"})


def posted(url: str, body: dict[str, str], headers: dict[str, str] | None = None) -> dict[str, str]:
    content = {"content-type": "application/json", **(headers or {})}
    with urlopen(Request(url, json.dumps(body).encode(), content)) as answer:
        answered: dict[str, str] = json.load(answer)
    return answered


def register(url: str) -> str:
    name = f"u{next(NUMBERS)}"
    body = json.dumps({"username": name, "password": PASSWORD}).encode()
    with urlopen(Request(f"{url}/auth/register", body, {"content-type": "application/json"})) as answer:
        assert answer.status == 200
    return name


def test_an_administrator_that_refuses_is_named(tmp_path: Path) -> None:
    with serving(*MANY) as url:
        profile = f'url = "{url}"\naccounts.from = "admin"\naccounts.admin.path = "/admin/users"'
        ran, _ = run(tmp_path, profile)
    assert ran.code == 4
    assert "accounts.admin: POST /admin/users got status 404" in one_sentence(ran.err)


# --- certificates


@contextmanager
def secured(url: str, certificate: str) -> Iterator[tuple[str, str]]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / certificate)
    with (
        before(url, tls=context) as rest,
        gateway_before(url, tls=context) as gateway,
    ):
        yield rest.url, gateway.url


def test_a_target_is_reached_with_certificates_of_its_own(tmp_path: Path) -> None:
    with serving(*MANY) as url, secured(url, "good.pem") as (rest, gateway):
        profile = f'url = "{rest}"\ngateways = ["{gateway}"]'
        ran, _ = run(tmp_path, f'{profile}\ntls.ca = "{CERTIFICATES / "ca.pem"}"')
        unknown, _ = run(tmp_path, profile)
    assert ran.code == 0, ran.out + ran.err
    assert unknown.code == 4
    assert "certificate" in one_sentence(unknown.err)
    assert "it is reached by url (--profile" in one_sentence(unknown.err)


def test_an_expired_certificate_is_named(tmp_path: Path) -> None:
    with serving(*MANY) as url, secured(url, "expired.pem") as (rest, gateway):
        profile = f'url = "{{}}"\ngateways = ["{gateway}"]\ntls.ca = "{CERTIFICATES / "ca.pem"}"'
        ran, _ = run(tmp_path, profile.format(rest))
        halfway, _ = run(tmp_path, profile.format(url))
    for one in (ran, halfway):
        assert one.code == 4
        told = one_sentence(one.err)
        assert "certificate has expired" in told
        assert "tls.ca (--profile" in told


# --- what is not there


def test_a_gateway_that_nobody_listens_at_is_named(tmp_path: Path) -> None:
    with serving(*MANY) as url:
        ran, _ = run(tmp_path, f'url = "{url}"\ngateways = ["ws://127.0.0.1:1/own"]')
    assert ran.code == 4
    assert one_sentence(ran.err) == (
        f"sync-check: The target {url} cannot be tested: its gateway is of no use: ana#1 could not connect to"
        " ws://127.0.0.1:1/own: nothing listens there;"
        f" it is reached by url (--profile '{tmp_path}/own.toml'), gateways (--profile '{tmp_path}/own.toml')"
    )


def test_a_gateway_that_refuses_the_upgrade_is_named(tmp_path: Path) -> None:
    with serving(*MANY) as url:
        gateway = f"{url.replace('http', 'ws')}/nowhere"
        ran, _ = run(tmp_path, f'url = "{url}"\ngateways = ["{gateway}"]')
    assert ran.code == 4
    told = one_sentence(ran.err)
    assert f"could not connect to {gateway}: the upgrade got status 404; if it is elsewhere, give" in told
    assert not re.search(r"\.[.;]", told)


def test_a_port_that_nobody_listens_at_is_told_in_few_words(tmp_path: Path) -> None:
    ran, _ = run(tmp_path, 'url = "http://127.0.0.1:1"')
    assert ran.code == 4
    assert one_sentence(ran.err) == (
        "sync-check: The target http://127.0.0.1:1 cannot be tested: nothing listens there;"
        f" it is reached by url (--profile '{tmp_path}/own.toml')"
    )


def test_init_writes_a_profile_that_is_in_order_and_never_over_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert sync_check_here("profile", "init", "--url", "http://127.0.0.1:9").code == 0
    for file in (("sync-check.toml",), ()):
        assert sync_check_here("profile", "check", *file).out == "--profile 'sync-check.toml' is in order\n"
    shown = sync_check_here("profile", "show").out
    assert "http://127.0.0.1:9" in shown
    assert re.search(r"^migration_window = true +# default$", shown, re.MULTILINE)
    again = sync_check_here("profile", "init")
    assert again.code == 2
    assert "'sync-check.toml' is there already and is left as it is" in one_sentence(again.err)
    assert 'url = "http://127.0.0.1:9"' in Path("sync-check.toml").read_text()


def test_init_without_a_url_leaves_it_a_comment(tmp_path: Path) -> None:
    own = str(tmp_path / "own.toml")
    assert sync_check_here("profile", "init", own).code == 0
    assert '# url = "https://chat.example.org/api"' in Path(own).read_text().splitlines()
    ran = sync_check_here("run", "messages/edit", "--profile", own)
    assert "holds no url: add one" in one_sentence(ran.err)


def test_check_tells_each_mistake_in_a_sentence(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('revison = 1\nurl = "ftp://x"')
    ran = sync_check_here("profile", "check", str(own))
    assert ran.code == 2
    assert ran.err.splitlines() == [
        f"sync-check: --profile '{own}' will not do: revison is no key of a profile; did you mean revision?"
    ]
    own.write_text('url = "ftp://x"\nheaders.cookie = "a"')
    lines = sync_check_here("profile", "check", str(own)).err.splitlines()
    assert [line.partition(" will not do: ")[2] for line in lines] == [
        "url = 'ftp://x' is no http(s) URL",
        "headers.cookie is a secret: put it under [secret_headers] and name a variable there",
    ]


def test_there_is_nothing_to_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    ran = sync_check_here("profile", "check")
    assert ran.code == 2
    assert "there is no profile: name a file" in one_sentence(ran.err)
