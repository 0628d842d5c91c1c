"""What the server would refuse in general words, refused in the words of whoever typed it.

The server's own reading stays the judge of what will do: nothing is let through here.
"""

from collections.abc import Iterable, Iterator, Mapping
from ipaddress import ip_interface, ip_network
from typing import Any, Final

from sync_check.cli.errors import UsageFault
from sync_check.cli.values import nearest
from sync_check.conformance.contract.features import Feature
from sync_check.conformance.contract.limits import Limits
from sync_check.reference_server.configuration import LIMIT_PREFIX, PREFIX, Flags
from sync_check.reference_server.defects import DEFECTS
from sync_check.reference_server.variants import VARIANTS

_LIMITS_LISTED: Final = "`sync-check serve --help` lists all"
_DEFECTS_LISTED: Final = "`sync-check list --defects` shows all"
_VARIANTS_LISTED: Final = "`sync-check list --variants` shows all"


def check_settings(flags: Flags, environment: Mapping[str, str]) -> None:
    """Raise `UsageFault` for a port, a limit, a feature, a defect, a variant or a network that is none."""
    _check_port("port", flags.port, environment)
    _check_port("gateway-port", flags.gateway_port, environment)
    for written, name, value in (*_limit_flags(flags.limits), *_limit_variables(environment)):
        _check_limit(written, name, value)
    for feature in flags.without:
        _check_feature(feature)
    if flags.defect is not None:
        check_defect(flags.defect)
    for variant in flags.variant:
        check_variant(variant)
    for network in flags.trust_proxy:
        _check_network(network)


def check_defect(text: str) -> None:
    """Raise `UsageFault` for what names no defect that can be seeded."""
    if text not in DEFECTS:
        raise UsageFault(f"--defect {text!r} names no defect{_meant(text, DEFECTS)} ({_DEFECTS_LISTED})")


def check_variant(text: str) -> None:
    """Raise `UsageFault` for what names no variant that the embedded server can have."""
    if text not in VARIANTS:
        raise UsageFault(f"--variant {text!r} names no variant{_meant(text, VARIANTS)} ({_VARIANTS_LISTED})")


def _check_port(name: str, flag: str | None, environment: Mapping[str, str]) -> None:
    variable = PREFIX + name.upper().replace("-", "_")
    text = environment.get(variable) if flag is None else flag
    if text is not None and not (text.isascii() and text.isdecimal()):
        written = f"{variable}={text!r}" if flag is None else f"--{name} {text!r}"
        raise UsageFault(f"{written} is no port: give a number from 0 (a free one) to 65535")


def _limit_flags(pairs: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if equals:
            yield f"--limit {pair!r}", name, value


def _limit_variables(environment: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    for variable, value in sorted(environment.items()):
        if variable.startswith(LIMIT_PREFIX):
            yield f"{variable}={value!r}", variable.removeprefix(LIMIT_PREFIX), value


def _check_limit(written: str, name: str, value: str) -> None:
    is_variable = written.startswith(PREFIX)
    known = [limit.upper() if is_variable else limit for limit in Limits.model_fields]
    if name not in known:
        raise UsageFault(f"{written} names no limit{_meant(name, known)} ({_LIMITS_LISTED})")
    default: Any = Limits.model_fields[name.lower()].default
    if value and not value.strip("0."):
        kind = "a whole number" if isinstance(default, int) else "a number"
        raise UsageFault(f"{written} will not do: {name} is {kind} above 0, such as {default}")


def _check_feature(text: str) -> None:
    meant = _meant(text, list(Feature))
    if text not in list(Feature) and meant:
        raise UsageFault(f"--without {text!r} names no feature{meant}")


def _check_network(text: str) -> None:
    try:
        ip_network(text)
    except ValueError:
        if "/" not in text:
            return
        try:
            host = ip_interface(text)
        except ValueError:
            return
        raise UsageFault(
            f"--trust-proxy {text!r} is a host within a network:"
            f" give {host.network} for the whole network, or {host.ip} for this host alone"
        ) from None


def _meant(name: str, known: Iterable[str]) -> str:
    near = nearest(name, known)
    return "" if near is None else f"; did you mean {near}?"
