"""What a profile declares becomes the target; a mistake in it is one clear sentence."""

import json
from pathlib import Path

import pytest

from sync_check.conformance.contract.features import ALL_FEATURES, SINCE, Feature
from sync_check.conformance.contract.limits import Limits
from sync_check.profiles import BadProfile, read_profile
from sync_check.profiles.declaring import declared
from sync_check.scenarios.catalogue import catalogue
from tests.sync_check.command import (
    history_of,
    one_sentence,
    serving,
    sync_check_here,
    verdicts_of,
)

URL = "http://127.0.0.1:1"
NOTHING_THERE = "cannot be tested"
FULL = """
url = "https://chat.example.org/api"
absent = ["voice", "friends"]
revision = 2
migration_window = false
trusts_proxy = true

[metrics]
prefix = "chat_"

[limits]
requests_per_minute = 30
ping_interval = 2.5
"""


# --- what it becomes


def test_an_empty_profile_declares_what_the_contract_has() -> None:
    target = declared(read_profile(""), URL, {})
    assert (target.label, target.url, target.declared) == (URL, URL, ALL_FEATURES)
    assert (target.revision, target.migration_window, target.limits) == (2, True, Limits())
    assert (target.trusts_proxy, target.metrics.prefix) == (False, "")


def test_all_that_is_declared_is_taken_over() -> None:
    profile = read_profile(FULL)
    target = declared(profile, URL, {})
    assert profile.url == "https://chat.example.org/api"
    assert target.declared == ALL_FEATURES - {Feature.VOICE, Feature.FRIENDS}
    assert (target.migration_window, target.trusts_proxy, target.metrics.prefix) == (False, True, "chat_")
    assert target.limits == Limits(requests_per_minute=30, ping_interval=2.5)
    assert target.notes == ("by its profile: revision 2, all features but friends, voice",)


def test_features_lists_all_that_there_are() -> None:
    target = declared(read_profile('features = ["messages", "members"]'), URL, {})
    assert target.declared == {Feature.MESSAGES, Feature.MEMBERS}


def test_revision_1_has_no_feature_and_no_window_of_revision_2() -> None:
    target = declared(read_profile("revision = 1"), URL, {})
    assert target.declared == ALL_FEATURES - SINCE.keys()
    assert (target.revision, target.migration_window) == (1, False)


# --- mistakes


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("revison = 1", ["revison is no key of a profile; did you mean revision?"]),
        ("URL = 'x'", ["URL is no key of a profile; did you mean url?"]),
        ("revision = 3", ["revision = 3 is none of 1, 2"]),
        ("revision = 1.0", ["revision = 1.0 is none of 1, 2"]),
        ("revision = 2026-01-01", ['revision = "2026-01-01" is none of 1, 2']),
        ('absent = ["voices"]', ["absent names 'voices', which is no feature; did you mean voice?"]),
        ('features = "voice"', ['features = "voice" should be a valid array']),
        ("trusts_proxy = 1", ["trusts_proxy = 1 should be a valid boolean"]),
        (
            'metrics.prefix = "9 x"',
            ['metrics.prefix = "9 x" begins no metric\'s name: give letters, digits, _ and :'],
        ),
        ("limits = 5", ["limits is no table: write [limits] and one key a line under it"]),
        (
            "[limits]\nrequest_per_minute = 5",
            ["limits.request_per_minute is no limit; did you mean requests_per_minute?"],
        ),
        ('[limits]\nsearch_page = "5"', ['limits.search_page = "5" should be a valid integer']),
        ("[limits]\nsearch_page = 0", ["limits.search_page = 0 should be greater than 0"]),
        ("[limits]\nping_interval = inf", ["limits.ping_interval = Infinity should be a finite number"]),
        ("url = 'ftp://x'", ["url = 'ftp://x' is no http(s) URL"]),
        ("url = 'http://ana:secret@x'", ["url = 'http://…@x' holds credentials, which are not used"]),
        ("url = 'sim'", ["url = 'sim' is a server of our own, which needs no profile"]),
        ("features = []\nabsent = []", ["features and absent say the same in two ways: give one of them"]),
        (
            'revision = 1\nfeatures = ["voice"]\nmigration_window = true',
            [
                "features names voice, for which revision must be 2",
                "migration_window is of revision 2 alone: leave it out, or set revision = 2",
            ],
        ),
        (
            "zzzzzz = 1\nrevision = 3",
            ["revision = 3 is none of 1, 2", "zzzzzz is no key of a profile (there are"],
        ),
        ("[metric]\nurls = []", ["metric is no key of a profile; did you mean metrics?"]),
        ("metrics.pages = 1", ["metrics.pages is no key of a profile (there are prefix, urls, authoriz"]),
        ("gateways = ['http://x']", ['gateways names "http://x", which is no ws(s) URL']),
        (
            "gateways = ['ws://x:99999']",
            ['gateways names "ws://x:99999", which is no URL (Port out of range'],
        ),
        ("gateways = ['ws://a:b@x/g']", ["gateways names 'ws://…@x', which holds credentials, a query or a"]),
        ("metrics.urls = ['sim']", ["metrics.urls = 'sim' is no http(s) URL"]),
        (
            "metrics.authorization = 'Bearer abc'",
            ['metrics.authorization = "Bearer abc" is no name of an env'],
        ),
        ("accounts.password = 'p w'", ['accounts.password = "p w" is no name of an environment variable: ']),
        ("accounts.from = 'list'", ["accounts.from = \"list\" is none of 'register', 'file', 'admin'"]),
        ("accounts.from = 'file'", ['accounts.from = "file" needs accounts.file: name a file with one']),
        (
            "accounts.from = 'admin'",
            ['accounts.from = "admin" needs a table [accounts.admin]: give at least'],
        ),
        ("accounts.file = 'x'", ['accounts.file is read with accounts.from = "file" alone: add it, or']),
        ("accounts.admin.path = 'x'", ['accounts.admin.path = "x" is no path: begin it with /']),
        ("[accounts.admin]\nmethod = 'POST'", ["accounts.admin.path is missing: add it"]),
        ("headers.cookie = 'x'", ["headers.cookie is a secret: put it under [secret_headers] and name a"]),
        ("headers.Host = 'x'", ["headers.Host is set by sync-check itself: leave it out"]),
        ("headers.'a b' = 'x'", ['headers.a b = "a b" is no name of a header']),
        (
            "secret_headers.x-key = 'a b'",
            ['secret_headers.x-key = "a b" is no name of an environment variable'],
        ),
        ("allow = ['flood']", ["allow names 'flood', which is no hazard; did you mean floods?"]),
        ("time_scale = 0.5", ["time_scale = 0.5 should be greater than or equal to 1"]),
        ("slo.visible_p99 = 5", ["slo.visible_p99 is no key of a profile; did you mean visible_p99_ms?"]),
        ("slo.eviction = 5", ["slo.eviction is no key of a profile; did you mean eviction_s?"]),
        ("slo.bystander_ratio = 0.9", ["slo.bystander_ratio = 0.9 should be greater than or equal to 1"]),
        ("slo.visible_p99_ms = 0", ["slo.visible_p99_ms = 0 should be greater than 0"]),
        ("rename.fields.guild_id = 'a b'", ['rename.fields.guild_id = "a b" is no name of a field']),
        (
            "rename.fields.guild_id = 't'",
            ["rename.fields.guild_id = 't' is the name of a part of every envelope"],
        ),
        (
            "rename.events.message_create = 'message_update'",
            ["rename.events.message_create = 'message_update' is what another event is called: rename that"],
        ),
        (
            "rename.paths.'/guilds' = 'guilds'",
            ['rename.paths."/guilds" = "guilds" is no path: begin it with /'],
        ),
        ("rename.paths.'/guilds' = '/guilds?x'", ['rename.paths."/guilds" = "/guilds?x" is no path']),
        ("headers.x-a = 'ü'", ['headers.x-a = "ü" is no value of a header']),
        (r'headers.x-a = "a\nb: c"', [r'headers.x-a = "a\nb: c" is no value of a header']),
        ("rename.fields.t = 'x'", ["rename.fields.t is part of every envelope and cannot be renamed"]),
        (
            "rename.fields.mesage_id = 'x'",
            ["rename.fields.mesage_id is no field of the contract; did you mean"],
        ),
        (
            "rename.fields = {before = 'c', limit = 'c'}",
            ["rename.fields gives the name c twice: names have to stay"],
        ),
        (
            "rename.events.mesage_create = 'x'",
            ["rename.events.mesage_create is no event of the contract; did"],
        ),
        (
            "rename.paths = {'/guild' = '/g'}",
            ['rename.paths names "/guild", which is no path of the contract; did'],
        ),
        (
            "rename.paths = {'/guilds/{guild_id}/join' = '/g/join'}",
            ['rename.paths."/guilds/{guild_id}/join" = "/g/join" should have the same {…}'],
        ),
        ("1 = 2", ["1 is no key of a profile (there are"]),
        ("url = " + "[" * 5000 + "]" * 5000, ["it is nested deeper than a profile can be"]),
        ("url = ", ["it is no TOML: Invalid value"]),
        ("a = 1\na = 2", ["it is no TOML: Cannot overwrite a value"]),
    ],
)
def test_each_mistake_has_its_sentence(text: str, problems: list[str]) -> None:
    with pytest.raises(BadProfile) as caught:
        read_profile(text)
    assert len(caught.value.problems) == len(problems)
    for told, problem in zip(caught.value.problems, problems, strict=True):
        assert told.startswith(problem)


def test_events_can_change_places() -> None:
    renaming = {"message_create": "message_update", "message_update": "message_create"}
    text = "".join(f'rename.events.{name} = "{own}"\n' for name, own in renaming.items())
    assert read_profile(text).rename.events == renaming


def test_what_cannot_be_the_name_of_a_file() -> None:
    with pytest.raises(BadProfile, match=r"tls\.ca = 'x\\x00' names no file"):
        declared(read_profile(r'tls.ca = "x\u0000"'), URL, {})


# --- on the command line


@pytest.mark.parametrize("command", ["run", "list"])
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "cannot be read: No such file or directory; give a TOML file"),
        (b"\xff", "is no UTF-8 text; give a TOML file"),
        (b"#" * (1 << 20) + b"#", "is longer than a profile can be; give a TOML file"),
        (b"revison = 1", "will not do: revison is no key of a profile; did you mean revision?"),
        (b"\x00", "will not do: it is no TOML"),
    ],
)
def test_a_file_that_is_no_profile(tmp_path: Path, command: str, content: bytes | None, words: str) -> None:
    path = tmp_path / "own.toml"
    if content is not None:
        path.write_bytes(content)
    ran = sync_check_here(command, "--profile", str(path))
    assert ran.code == 2
    assert one_sentence(ran.err).startswith(f"sync-check: --profile {str(path)!r} {words}")


def test_what_names_no_file(tmp_path: Path) -> None:
    for text in ("", str(tmp_path)):
        ran = sync_check_here("run", "--profile", text)
        assert ran.code == 2
        assert one_sentence(ran.err).endswith("; give a TOML file")


def test_the_variable_does_the_same_and_the_option_wins(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.toml", tmp_path / "bad.toml"
    good.write_text(f"url = {URL!r}")
    bad.write_text("x = 1")
    environment = {"SYNC_CHECK_PROFILE": str(bad)}
    ran = sync_check_here("run", environment=environment)
    assert ran.code == 2
    assert one_sentence(ran.err).startswith(f"sync-check: SYNC_CHECK_PROFILE={str(bad)!r} will not do: x is")
    ran = sync_check_here("run", "--profile", str(good), environment=environment)
    assert (ran.code, NOTHING_THERE in one_sentence(ran.err)) == (4, True)


@pytest.mark.parametrize(
    ("text", "words", "said"),
    [
        ("", (), "holds no url: add one, or give --target URL"),
        (f"url = {URL!r}", ("--target", "sim"), "declares a server of yours: leave it out with --target sim"),
        (f"url = {URL!r}", ("--defect", "late-leak"), "leave out --target and --profile, or --defect"),
    ],
)
def test_what_a_profile_does_not_go_with(
    tmp_path: Path, text: str, words: tuple[str, ...], said: str
) -> None:
    path = tmp_path / "own.toml"
    path.write_text(text)
    ran = sync_check_here("run", "--profile", str(path), *words)
    assert ran.code == 2
    assert one_sentence(ran.err).endswith(said)


def test_a_target_that_is_given_wins_over_that_of_the_profile(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text("url = 'http://127.0.0.1:9'")
    ran = sync_check_here("run", "--profile", str(path), "--target", URL)
    assert ran.code == 4
    assert URL in one_sentence(ran.err)


def test_what_a_target_of_the_profile_cannot_play_is_listed(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text('absent = ["voice"]\ntrusts_proxy = true')
    rows = json.loads(sync_check_here("list", "--json", "--profile", str(path)).out)
    lacking = {row["id"] for row in rows if row["unsupported"] is not None}
    needless = {one.id for one in catalogue() if Feature.VOICE not in one.features and not one.needs.restarts}
    # No message can be too long for an event of 64 KiB.
    assert lacking == {one.id for one in catalogue()} - needless | {"limits/outbound"}
    lines = sync_check_here("list", "--profile", str(path)).out.splitlines()
    (line,) = [line for line in lines if line.startswith("voice/join")]
    assert line.endswith("UNSUPPORTED: declared absent by the profile: voice")


def test_what_is_absent_is_unsupported_and_the_rest_is_judged_as_declared(tmp_path: Path) -> None:
    path, report = tmp_path / "own.toml", tmp_path / "report"
    with serving("--revision", "1", "--without", "search", "--metric-prefix", "chat_") as url:
        path.write_text(f"url = {url!r}\nabsent = ['search']\nrevision = 1\nmetrics.prefix = 'chat_'")
        words = ("search/limits", "voice/join", "overrides/role", "--clients", "3")
        ran = sync_check_here("run", *words, "--profile", str(path), "--report", str(report), "--strict")
    assert ran.code == 0, ran.out + ran.err
    assert verdicts_of(report) == {
        "search/limits": "unsupported",
        "voice/join": "unsupported",
        "overrides/role": "pass",
    }
    header = history_of(report)[0]
    assert (header["contract_revision"], header["metric_prefix"]) == (1, "chat_")
    assert not {"search", "voice"} & set(header["declared"])


def test_only_scenarios_can_be_unsupported(tmp_path: Path) -> None:
    ran = sync_check_here("list", "--defects", "--profile", str(tmp_path))
    assert ran.code == 2
    assert "--profile" in one_sentence(ran.err)
