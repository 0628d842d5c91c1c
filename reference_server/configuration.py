"""Settings from flags and from the environment: a flag wins over a variable, a variable over the default.

BadSetting   what was given for a setting will not do
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Any, Final

from pydantic import SecretStr, ValidationError

from sync_check.conformance.contract.features import Feature
from sync_check.conformance.contract.limits import Limits
from sync_check.conformance.contract.operations import OPERATIONS
from sync_check.reference_server.addresses import parsed_network
from sync_check.reference_server.defects import DEFECTS
from sync_check.reference_server.settings import LOG_FORMATS, LOG_LEVELS, METRICS_PATH, Revision, Settings
from sync_check.reference_server.variants import VARIANTS

PREFIX: Final = "SYNC_CHECK_"
LIMIT_PREFIX: Final = f"{PREFIX}LIMIT_"
VARIABLES: Final = ("HOST", "PORT", "GATEWAY_PORT", "REVISION", "LOG", "METRICS_TOKEN")
"""What may be set by `SYNC_CHECK_<name>`, besides each limit by `SYNC_CHECK_LIMIT_<NAME>`."""
_LIMIT_VARIABLES: Final = tuple(name.upper() for name in Limits.model_fields)
_METRICS_TOKEN: Final = f"{PREFIX}METRICS_TOKEN"
_LAST_PORT: Final = 65535
_MOST_NODES: Final = 8
_TAKEN: Final = {"app", "gateway", "openapi.json"} | {
    operation.path.split("/")[1] for operation in OPERATIONS.values() if operation.path != "/metrics"
}
"""The first segments of paths at which something else is served."""
_NUMBER: Final = {int: re.compile(r"[0-9]{1,15}"), float: re.compile(r"[0-9]{1,15}(\.[0-9]{1,9})?")}
_LEAST: Final = {"max_gateway_event_bytes": 112}
"""What the largest event of fixed size takes that every server sends: `subscribed`."""
_KIND: Final = {int: "a whole number", float: "a number"}


class BadSetting(ValueError):
    """`given` is what the user wrote, with its flag or variable; `problem` says what is wrong with it."""

    def __init__(self, given: str, problem: str) -> None:
        super().__init__(given, problem)
        self.given = given
        self.problem = problem

    def __str__(self) -> str:
        return f"{self.given} {self.problem}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Flags:
    """The options of the command line as they were written; None or empty where one was not given."""

    host: str | None = None
    port: str | None = None
    gateway_port: str | None = None
    nodes: str | None = None
    limits: Sequence[str] = ()
    revision: str | None = None
    without: Sequence[str] = ()
    trust_proxy: Sequence[str] = ()
    metric_prefix: str | None = None
    metrics_path: str | None = None
    defect: str | None = None
    variant: Sequence[str] = ()
    seed: str | None = None
    state: str | None = None
    log: str | None = None
    log_level: str | None = None


def configured(flags: Flags, environment: Mapping[str, str], *, default_port: int = 0) -> Settings:
    """The settings of a server; raises `BadSetting`. Of a limit that is given twice the last value counts."""
    read = _Reader(environment)
    settings = Settings(
        host=_host(read.one("host", flags.host, "127.0.0.1")),
        port=_port(read.one("port", flags.port, str(default_port))),
        gateway_port=_gateway_port(read.given("gateway-port", flags.gateway_port)),
        nodes=1 if flags.nodes is None else _nodes(flags.nodes),
        limits=_limits([*_limits_of(environment), *_limit_flags(flags.limits)]),
        revision=Revision(read.choice("revision", flags.revision, Revision.BOTH, list(Revision))),
        without=frozenset(map(_feature, flags.without)),
        trusted_proxies=tuple(map(_network, flags.trust_proxy)),
        metric_prefix="" if flags.metric_prefix is None else _metric_prefix(flags.metric_prefix),
        metrics_path="/metrics" if flags.metrics_path is None else _metrics_path(flags.metrics_path),
        metrics_token=_metrics_token(environment.get(_METRICS_TOKEN)),
        defect=None if flags.defect is None else _defect(flags.defect),
        variants=tuple(map(_variant, flags.variant)),
        seed=None if flags.seed is None else _seed(flags.seed),
        state=None if flags.state is None else _state(flags.state),
        log=read.choice("log", flags.log, "text", LOG_FORMATS),
        log_level=read.choice("log-level", flags.log_level, "warning", LOG_LEVELS),
    )
    _check_ports(settings)
    return settings


@dataclass(frozen=True, slots=True, kw_only=True)
class _Given:
    """A value, and how it was written."""

    value: str
    written: str


class _Reader:
    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    def one(self, name: str, flag: str | None, default: str) -> _Given:
        return self.given(name, flag) or _Given(value=default, written=f"--{name} {default!r}")

    def given(self, name: str, flag: str | None) -> _Given | None:
        variable = name.upper().replace("-", "_")
        if flag is not None:
            return _Given(value=flag, written=f"--{name} {flag!r}")
        if variable in VARIABLES and (value := self._environment.get(PREFIX + variable)) is not None:
            return _Given(value=value, written=f"{PREFIX}{variable}={value!r}")
        return None

    def choice(self, name: str, flag: str | None, default: str, valid: Iterable[str]) -> Any:
        given = self.one(name, flag, default)
        choices = list(map(str, valid))
        if given.value not in choices:
            raise BadSetting(given.written, f"is none of {', '.join(choices)}")
        return given.value


def _limit_flags(pairs: Iterable[str]) -> Iterable[tuple[str, _Given]]:
    for pair in pairs:
        name, equals, value = pair.partition("=")
        written = f"--limit {pair!r}"
        if not equals:
            raise BadSetting(written, "is no NAME=VALUE, such as guilds_per_user=100")
        yield _known(written, name, Limits.model_fields, what="limit"), _Given(value=value, written=written)


def _limits_of(environment: Mapping[str, str]) -> Iterable[tuple[str, _Given]]:
    for variable, value in sorted(environment.items()):
        if variable.startswith(LIMIT_PREFIX):
            written = f"{variable}={value!r}"
            name = _known(written, variable.removeprefix(LIMIT_PREFIX), _LIMIT_VARIABLES, what="limit")
            yield name.lower(), _Given(value=value, written=written)


def _limits(given: Iterable[tuple[str, _Given]]) -> Limits:
    values: dict[str, Any] = {}
    for name, one in given:
        kind = type(Limits.model_fields[name].default)
        if not _NUMBER[kind].fullmatch(one.value):
            raise BadSetting(
                one.written, f"will not do: {name} is {_KIND[kind]} above 0, such as {_default(name)}"
            )
        try:
            Limits.model_validate({name: one.value})
        except ValidationError as error:
            problem = str(error.errors()[0]["msg"]).lower()
            raise BadSetting(one.written, f"will not do: {problem}") from None
        if float(one.value) < (least := _LEAST.get(name, 0)):
            raise BadSetting(one.written, f"will not do: {name} is at least {least}, or nobody can subscribe")
        values[name] = one.value
    return Limits.model_validate(values)


def _default(name: str) -> Any:
    return Limits.model_fields[name].default


def _known(written: str, name: str, valid: Iterable[str], *, what: str) -> str:
    choices = list(map(str, valid))
    if name in choices:
        return name
    by_folded = {choice.casefold(): choice for choice in choices}
    near = get_close_matches(name.casefold(), by_folded, n=1)
    meant = f"; did you mean {by_folded[near[0]]}?" if near else "."
    raise BadSetting(written, f"names no {what}{meant} There are {', '.join(choices)}")


def _host(given: _Given) -> str:
    if not given.value.strip():
        raise BadSetting(given.written, "is empty: give an address or a name, such as 127.0.0.1 or ::1")
    return given.value


def _port(given: _Given) -> int:
    if not re.fullmatch(r"[0-9]{1,5}", given.value) or int(given.value) > _LAST_PORT:
        raise BadSetting(given.written, f"is out of range: give 0 (a free one) to {_LAST_PORT}")
    return int(given.value)


def _gateway_port(given: _Given | None) -> int | None:
    return None if given is None else _port(given)


def _check_ports(settings: Settings) -> None:
    """Raise `BadSetting` where the ports of gateway nodes, which are in a row, do not fit beside REST's."""
    ports = settings.gateway_ports
    if not ports:
        return
    if settings.port and settings.port in ports:
        raise BadSetting(f"port {settings.port}", "is given to REST and to the gateway: choose two ports")
    if ports[-1] > _LAST_PORT:
        raise BadSetting(
            f"--nodes {settings.nodes}",
            f"would take ports beyond {_LAST_PORT}: choose a lower one",
        )


def _nodes(text: str) -> int:
    if not re.fullmatch(r"[0-9]", text) or not 1 <= int(text) <= _MOST_NODES:
        raise BadSetting(f"--nodes {text!r}", f"is no number of gateway nodes: give 1 to {_MOST_NODES}")
    return int(text)


def _feature(text: str) -> Feature:
    return Feature(_known(f"--without {text!r}", text, Feature, what="feature"))


def _defect(text: str) -> str:
    return _known(f"--defect {text!r}", text, DEFECTS, what="defect")


def _variant(text: str) -> str:
    return _known(f"--variant {text!r}", text, VARIANTS, what="variant")


def _metric_prefix(text: str) -> str:
    if not re.fullmatch(r"([a-zA-Z_:][a-zA-Z0-9_:]*)?", text):
        raise BadSetting(
            f"--metric-prefix {text!r}",
            "begins no metric's name: give letters, digits, _ and :, such as chat_",
        )
    return text


def _metrics_path(text: str) -> str:
    written = f"--metrics-path {text!r}"
    if not re.fullmatch(METRICS_PATH, text):
        raise BadSetting(written, "is no path: give one such as /internal/metrics, without an ending slash")
    first = text.split("/")[1]
    if first in _TAKEN:
        raise BadSetting(written, f"is below /{first}, where other endpoints are: give another path")
    return text


def _metrics_token(text: str | None) -> SecretStr | None:
    """The token that metrics are read with; what will not do is not repeated."""
    if text is not None and not re.fullmatch(r"[!-~]+", text):
        raise BadSetting(_METRICS_TOKEN, "will not do: give printable ASCII characters without spaces")
    return None if text is None else SecretStr(text)


def _seed(text: str) -> int:
    if not re.fullmatch(r"-?[0-9]{1,18}", text):
        raise BadSetting(f"--seed {text!r}", "is no whole number")
    return int(text)


def _state(text: str) -> Path:
    path = Path(text)
    if not text or path.is_dir() or not path.parent.is_dir():
        raise BadSetting(f"--state {text!r}", "is no path of a file in a folder that exists; give one")
    return path


def _network(text: str) -> IPv4Network | IPv6Network:
    try:
        return parsed_network(text)
    except ValueError:
        raise BadSetting(
            f"--trust-proxy {text!r}", "is no network; give one such as 127.0.0.1/32 or ::1"
        ) from None
