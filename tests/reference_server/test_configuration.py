"""Settings from flags and from the environment."""

from pathlib import Path

import pytest

from sync_check.conformance.contract.envelope import encode_event
from sync_check.conformance.contract.events import Ready, Subscribed
from sync_check.conformance.contract.features import Feature
from sync_check.conformance.contract.limits import Limits
from sync_check.reference_server.configuration import BadSetting, Flags, configured
from sync_check.reference_server.settings import Revision, Settings

ULID = "01ARZ3NDEKTSV4RRFFQ69G5FAV"


def test_without_anything_the_defaults_are_the_contracts() -> None:
    assert configured(Flags(), {}) == Settings()
    assert configured(Flags(), {"PATH": "/bin", "SYNC_CHECK_CI": "1"}, default_port=8000).port == 8000


def test_every_option_has_its_setting() -> None:
    flags = Flags(
        host="::1",
        port="81",
        limits=["guilds_per_user=7", "ping_interval=0.5", "guilds_per_user=8"],
        revision="1",
        without=["voice", "profile.banner"],
        trust_proxy=["127.0.0.1/32", "::1"],
        metric_prefix="chat_",
        defect="kick-keeps-stream",
        variant=["actors-left-out", "presence-reversed"],
        seed="-3",
        state="state",
        log="json",
        log_level="debug",
    )
    settings = configured(flags, {})
    assert (settings.host, settings.port, settings.revision) == ("::1", 81, Revision.ONE)
    assert settings.limits == Limits(guilds_per_user=8, ping_interval=0.5)
    assert settings.without == {Feature.VOICE, Feature.PROFILE_BANNER}
    assert [str(network) for network in settings.trusted_proxies] == ["127.0.0.1/32", "::1/128"]
    assert settings.metric_prefix == "chat_"
    assert (settings.defect, settings.seed) == ("kick-keeps-stream", -3)
    assert settings.variants == ("actors-left-out", "presence-reversed")
    assert (settings.log, settings.log_level) == ("json", "debug")
    assert settings.state == Path("state")


@pytest.mark.parametrize("name", Limits.model_fields)
def test_every_limit_is_set_by_flag_and_by_variable(name: str) -> None:
    value = 113 if name == "max_gateway_event_bytes" else 3
    by_flag = configured(Flags(limits=[f"{name}={value}"]), {})
    by_variable = configured(Flags(), {f"SYNC_CHECK_LIMIT_{name.upper()}": str(value)})
    assert getattr(by_flag.limits, name) == value
    assert by_flag == by_variable


def test_a_flag_wins_over_its_variable() -> None:
    environment = {
        "SYNC_CHECK_HOST": "192.0.2.1",
        "SYNC_CHECK_PORT": "81",
        "SYNC_CHECK_REVISION": "1",
        "SYNC_CHECK_LOG": "off",
        "SYNC_CHECK_LIMIT_GUILDS_PER_USER": "7",
        "SYNC_CHECK_LIMIT_LOGIN_FAILURES": "9",
    }
    settings = configured(Flags(), environment)
    assert (settings.host, settings.port, settings.revision, settings.log) == ("192.0.2.1", 81, "1", "off")
    flags = Flags(host="::1", port="0", revision="2", log="json", limits=["guilds_per_user=8"])
    settings = configured(flags, environment)
    assert (settings.host, settings.port, settings.revision, settings.log) == ("::1", 0, "2", "json")
    assert settings.limits == Limits(guilds_per_user=8, login_failures=9)


@pytest.mark.parametrize(
    "value", ["", "0", "-1", "1e3", "nan", "inf", " 1", "1_0", "1,5", "x", "9" * 20, "٣"]
)
@pytest.mark.parametrize("name", ["guilds_per_user", "ping_interval"])
def test_what_is_no_value_of_a_limit(name: str, value: str) -> None:
    with pytest.raises(BadSetting) as flag:
        configured(Flags(limits=[f"{name}={value}"]), {})
    assert str(flag.value).startswith(f"--limit '{name}={value}' will not do: ")
    with pytest.raises(BadSetting) as variable:
        configured(Flags(), {f"SYNC_CHECK_LIMIT_{name.upper()}": value})
    assert str(variable.value).startswith(f"SYNC_CHECK_LIMIT_{name.upper()}='{value}' will not do: ")


def test_a_whole_number_is_whole() -> None:
    with pytest.raises(BadSetting, match="guilds_per_user is a whole number above 0, such as 5"):
        configured(Flags(limits=["guilds_per_user=1.5"]), {})


@pytest.mark.parametrize("value", ["1", "64", "111"])
def test_an_event_size_that_no_subscription_fits_is_refused(value: str) -> None:
    words = (
        f"^--limit 'max_gateway_event_bytes={value}' will not do: max_gateway_event_bytes is at least 112, or"
    )
    with pytest.raises(BadSetting, match=words):
        configured(Flags(limits=[f"max_gateway_event_bytes={value}"]), {})


def test_the_least_event_size_is_what_a_subscription_takes() -> None:
    acknowledgement = Subscribed(guild_id=ULID, channel_id=ULID)
    least = len(encode_event(acknowledgement))
    settings = configured(Flags(limits=[f"max_gateway_event_bytes={least}"]), {})
    assert settings.limits.max_gateway_event_bytes == least == 112
    assert len(encode_event(Ready(user_id=ULID))) < least


@pytest.mark.parametrize(
    ("flags", "ports"),
    [
        (Flags(port="80"), ()),
        (Flags(port="80", nodes="1"), ()),
        (Flags(port="80", nodes="2"), (81, 82)),
        (Flags(port="80", gateway_port="90"), (90,)),
        (Flags(port="80", gateway_port="90", nodes="3"), (90, 91, 92)),
        (Flags(port="80", gateway_port="0", nodes="2"), (0, 0)),
        (Flags(port="0", nodes="2"), (0, 0)),
    ],
)
def test_gateway_nodes_have_ports_in_a_row(flags: Flags, ports: tuple[int, ...]) -> None:
    assert configured(flags, {}).gateway_ports == ports


def test_the_token_of_the_counters_comes_from_the_environment_and_is_not_shown() -> None:
    settings = configured(Flags(), {"SYNC_CHECK_METRICS_TOKEN": "only-for-scrapers"})
    assert settings.metrics_token is not None
    assert settings.metrics_token.get_secret_value() == "only-for-scrapers"
    assert "only-for-scrapers" not in repr(settings) + settings.model_dump_json()


@pytest.mark.parametrize(
    ("flags", "environment", "words"),
    [
        (
            Flags(limits=["guild_per_user=1"]),
            {},
            "names no limit; did you mean guilds_per_user[?] There are max_",
        ),
        (
            Flags(limits=["qqq=1"]),
            {},
            "names no limit. There are max_gateway_event_bytes, .*, voice_lease_s$",
        ),
        (Flags(limits=["guilds_per_user"]), {}, "is no NAME=VALUE, such as guilds_per_user=100"),
        (
            Flags(limits=["GUILDS_PER_USER=1"]),
            {},
            "names no limit; did you mean guilds_per_user[?] There are",
        ),
        (Flags(state=""), {}, "^--state '' is no path of a file in a folder that exists; give one$"),
        (Flags(state="/"), {}, "^--state '/' is no path of a file"),
        (Flags(state="/no/such/folder/state"), {}, "is no path of a file"),
        (Flags(limits=["=1"]), {}, "^--limit '=1' names no limit. There are"),
        (Flags(), {"SYNC_CHECK_LIMIT_QQQ": "1"}, "^SYNC_CHECK_LIMIT_QQQ='1' names no limit. There are MAX_"),
        (Flags(), {"SYNC_CHECK_LIMIT_": "1"}, "^SYNC_CHECK_LIMIT_='1' names no limit. There are MAX_"),
        (
            Flags(),
            {"SYNC_CHECK_LIMIT_guilds_per_user": "1"},
            "^SYNC_CHECK_LIMIT_guilds_per_user='1' names no limit; did you mean GUILDS_PER_USER[?] There",
        ),
        (Flags(host=""), {}, "^--host '' is empty: give an address"),
        (Flags(), {"SYNC_CHECK_HOST": " "}, "^SYNC_CHECK_HOST=' ' is empty: give an address"),
        (Flags(port="65536"), {}, "^--port '65536' is out of range: give 0 .a free one. to 65535"),
        (Flags(port="-1"), {}, "is out of range"),
        (Flags(port=""), {}, "is out of range"),
        (Flags(), {"SYNC_CHECK_PORT": "http"}, "^SYNC_CHECK_PORT='http' is out of range"),
        (Flags(revision="3"), {}, "^--revision '3' is none of 1, 2, both"),
        (Flags(), {"SYNC_CHECK_REVISION": ""}, "^SYNC_CHECK_REVISION='' is none of 1, 2, both"),
        (Flags(log="yaml"), {}, "^--log 'yaml' is none of text, json, off"),
        (Flags(), {"SYNC_CHECK_LOG": "JSON"}, "^SYNC_CHECK_LOG='JSON' is none of text, json, off"),
        (Flags(log_level="loud"), {}, "^--log-level 'loud' is none of critical, error"),
        (Flags(without=["voic"]), {}, "^--without 'voic' names no feature; did you mean voice[?] There are"),
        (Flags(defect="x"), {}, "^--defect 'x' names no defect. There are message-update-dropped, "),
        (Flags(variant=["x"]), {}, "^--variant 'x' names no variant. There are implied-role-listed, "),
        (Flags(seed="x"), {}, "^--seed 'x' is no whole number"),
        (Flags(metric_prefix="9 x"), {}, "^--metric-prefix '9 x' begins no metric's name: give letters"),
        (Flags(gateway_port="65536"), {}, "^--gateway-port '65536' is out of range"),
        (Flags(), {"SYNC_CHECK_GATEWAY_PORT": "x"}, "^SYNC_CHECK_GATEWAY_PORT='x' is out of range"),
        (Flags(port="80", gateway_port="80"), {}, "^port 80 is given to REST and to the gateway"),
        (Flags(port="81", gateway_port="80", nodes="2"), {}, "^port 81 is given to REST and to the gateway"),
        (Flags(gateway_port="65535", nodes="2"), {}, "^--nodes 2 would take ports beyond 65535"),
        (Flags(nodes="0"), {}, "^--nodes '0' is no number of gateway nodes: give 1 to 8"),
        (Flags(nodes="9"), {}, "^--nodes '9' is no number"),
        (Flags(metrics_path="metrics"), {}, "^--metrics-path 'metrics' is no path: give one such as"),
        (Flags(metrics_path="/a/{b}"), {}, "is no path"),
        (Flags(metrics_path="/guilds/x"), {}, "is below /guilds, where other endpoints are"),
        (Flags(), {"SYNC_CHECK_METRICS_TOKEN": "se cret"}, "^SYNC_CHECK_METRICS_TOKEN will not do: [^']*$"),
        (Flags(), {"SYNC_CHECK_METRICS_TOKEN": ""}, "^SYNC_CHECK_METRICS_TOKEN will not do"),
        (
            Flags(trust_proxy=["127.0.0.1/8"]),
            {},
            "^--trust-proxy '127.0.0.1/8' is no network; give one such as",
        ),
    ],
)
def test_what_will_not_do(flags: Flags, environment: dict[str, str], words: str) -> None:
    with pytest.raises(BadSetting, match=words):
        configured(flags, environment)
