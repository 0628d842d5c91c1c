"""Options win over variables, variables over the file; and everybody can see whence a value came."""

from os.path import normpath
from pathlib import Path

import pytest

from sync_check.profiles import BadProfile
from sync_check.profiles.layers import (
    Layer,
    for_file,
    layered,
    of_environment,
    of_file,
    of_option,
    variables,
)
from sync_check.profiles.showing import shown
from tests.sync_check.command import one_sentence, sync_check_here

FILE = Layer(
    source="file",
    values={
        "revision": 1,
        "absent": ["voice"],
        "limits": {"search_page": 5, "guilds_per_user": 3},
        "headers": {"x-a": "1"},
    },
)


def test_the_last_layer_wins_key_by_key() -> None:
    environment = {"SYNC_CHECK_TARGET_LIMITS_SEARCH_PAGE": "7", "SYNC_CHECK_TARGET_REVISION": "2"}
    merged = layered([FILE, *of_environment(environment), of_option("limits.search_page=9")])
    profile = merged.profile
    assert (profile.revision, profile.limits.search_page, profile.limits.guilds_per_user) == (2, 9, 3)
    assert merged.sources == {
        "revision": "SYNC_CHECK_TARGET_REVISION",
        "absent": "file",
        "limits.search_page": "--set limits.search_page",
        "limits.guilds_per_user": "file",
        "headers.x-a": "file",
    }


@pytest.mark.parametrize(
    ("variable", "text", "key", "value"),
    [
        ("ABSENT", "voice, search", "absent", '["voice", "search"]'),
        ("ABSENT", "", "absent", "[]"),
        ("URL", "http://x:1", "url", '"http://x:1"'),
        ("TRUSTS_PROXY", "true", "trusts_proxy", "true"),
        ("SLO_VISIBLE_P99_MS", "12.5", "slo.visible_p99_ms", "12.5"),
        ("GATEWAYS", "ws://a/g,ws://b/g", "gateways", '["ws://a/g", "ws://b/g"]'),
        ("METRICS_PREFIX", "chat_", "metrics.prefix", '"chat_"'),
    ],
)
def test_a_variable_needs_no_quotation_marks(variable: str, text: str, key: str, value: str) -> None:
    merged = layered(list(of_environment({f"SYNC_CHECK_TARGET_{variable}": text})))
    (row,) = [row for row in shown(merged) if row.key == key]
    assert (row.value, row.source) == (value, f"SYNC_CHECK_TARGET_{variable}")


def test_every_limit_has_a_variable_and_what_permits_something_has_none() -> None:
    names = variables()
    assert names["SYNC_CHECK_TARGET_LIMITS_PING_INTERVAL"] == ("limits", "ping_interval")
    assert not {"SYNC_CHECK_TARGET_ALLOW", "SYNC_CHECK_TARGET_HOST"} & names.keys()


@pytest.mark.parametrize("text", ["allow=['floods']", "host=x"])
def test_what_permits_something_is_typed_into_a_file(text: str) -> None:
    with pytest.raises(BadProfile, match="allow and host are typed into the profile's file alone"):
        of_option(text)


@pytest.mark.parametrize("text", ["revision", "=1", ""])
def test_an_option_that_sets_nothing(text: str) -> None:
    with pytest.raises(BadProfile, match="is no KEY=VALUE"):
        of_option(text)


def test_a_variable_that_gives_no_key_is_told_with_the_one_that_was_meant() -> None:
    with pytest.raises(BadProfile, match=r"TARGET_REVISON gives .*; did you mean SYNC_CHECK_TARGET_REVISION"):
        list(of_environment({"SYNC_CHECK_TARGET_REVISON": "1"}))


@pytest.mark.parametrize(
    ("words", "variable", "told"),
    [
        (("--set", "revision"), None, "--set 'revision' is no KEY=VALUE, such as"),
        (
            (),
            "SYNC_CHECK_TARGET_REVISON",
            "SYNC_CHECK_TARGET_REVISON gives no key of a profile; did you mean",
        ),
    ],
)
def test_what_is_faulty_is_named_as_it_was_given(
    words: tuple[str, ...], variable: str | None, told: str
) -> None:
    ran = sync_check_here("profile", "show", *words, environment={variable: "1"} if variable else None)
    assert one_sentence(ran.err).startswith(f"sync-check: {told}")


def test_paths_are_relative_to_the_file() -> None:
    values = of_file({"tls": {"ca": "ca.pem"}, "accounts": {"file": "/abs"}}, Path("conf/own.toml"))
    assert values == {"tls": {"ca": "conf/ca.pem"}, "accounts": {"file": "/abs"}}


def test_a_table_of_pyproject_is_a_profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("pyproject.toml").write_text('[project]\nname = "x"\n[tool.sync-check]\nrevision = 1\n')
    lines = sync_check_here("profile", "show", "--set", "limits.search_page=3").out.splitlines()
    (revision,) = [line for line in lines if line.startswith("revision = ")]
    assert revision.split() == ["revision", "=", "1", "#", "pyproject.toml", "[tool.sync-check]"]
    (page,) = [line for line in lines if line.startswith("limits.search_page")]
    assert page.endswith("# --set limits.search_page")
    (url,) = [line for line in lines if line.startswith("url")]
    assert url.split() == ["url", "=", "(none)", "#", "default"]
    # It declares a server of yours; one of our own is asked for by name all the same.
    assert sync_check_here("list").code == 0
    Path("pyproject.toml").write_text("[tool.sync-check]\nrevision = 9\n")
    ran = sync_check_here("run", "--target", "http://127.0.0.1:1")
    assert ran.code == 2
    assert one_sentence(ran.err).startswith("sync-check: pyproject.toml [tool.sync-check] will not do: revis")


def test_paths_are_written_as_they_are_read(tmp_path: Path) -> None:
    values = {
        "tls": {"ca": "keys/ca.pem"},
        "accounts": {"file": str(tmp_path / "a")},
        "target": {"process": {}},
    }
    for name in ("own.toml", "keys/own.toml", "other/deep/own.toml"):
        path = Path(name)
        written = for_file(values, path)
        read = of_file(written, path)
        assert normpath(read["tls"]["ca"]) == "keys/ca.pem"
        assert written["accounts"] == values["accounts"]
    assert for_file(values, Path("keys/own.toml"))["tls"] == {"ca": "ca.pem"}
