"""Whether a probe's profile is all that a run needs: `python benchmarks/strangers.py [WAY …]`.

For each way in which a reference server can be another one it is served, probed, and run with the profile
that the probe wrote; what a probe cannot see (raised rates, ports, who may read the counters) is told to it.
Right is a run in which every scenario passes but those that need what is off, and these are UNSUPPORTED. A
line for each way says what differed, and the exit code is 1 where anything did. `--list` names the ways.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sync_check.conformance.contract.features import ALL_FEATURES, SINCE, Feature
from sync_check.harness.scenario import Scenario, Tier
from sync_check.scenarios.catalogue import select

_TOKEN: Final = "stranger-metrics-token"
_VARIABLE: Final = "STRANGER_METRICS"
RAISED: Final = {
    "requests_per_minute": 1_000_000,
    "auth_requests_per_minute": 1_000_000,
    "joins_per_minute_address": 1_000_000,
    "joins_per_minute_user": 1_000_000,
    "guilds_per_user": 10_000,
}
_OTHER: Final = {
    "message_bytes": 3000,
    "max_gateway_event_bytes": 16384,
    "guild_name_bytes": 100,
    "channel_name_bytes": 50,
    "history_page": 15,
    "members_page": 40,
    "search_page": 10,
    "search_characters": 100,
    "search_terms": 5,
    "public_guilds_page": 20,
    "audit_page": 40,
    "ip_bans_page": 30,
}
_BUDGET_S: Final = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How a server is served: by `options`; `off` are the features that it lacks, `told` keys of the profile.

    `is_raised` says that its rates are no obstacle, `long_events` that messages make events longer than one
    may be, `clients` how many take part.
    """

    options: tuple[str, ...] = ()
    off: frozenset[Feature] = frozenset()
    told: tuple[str, ...] = ()
    is_raised: bool = True
    long_events: bool = False
    clients: int = 4


_WAYS: Final[Mapping[str, Way]] = {
    **{
        f"without-{one}": Way(options=("--without", one), off=frozenset({one}))
        for one in sorted(ALL_FEATURES)
    },
    "other-limits": Way(
        options=tuple(f"--limit={name}={value}" for name, value in _OTHER.items()),
        told=(f"limits.max_gateway_event_bytes={_OTHER['max_gateway_event_bytes']}",),
        long_events=True,
    ),
    "metric-prefix": Way(options=("--metric-prefix", "chat_")),
    "metrics-elsewhere": Way(
        options=("--metrics-path", "/ops/counters"),
        told=(f"metrics.authorization={_VARIABLE}", 'metrics.urls=["{url}/ops/counters"]'),
    ),
    "gateway-port": Way(options=("--gateway-port", "0"), told=("gateways={gateways}",)),
    "two-nodes": Way(options=("--nodes", "2"), told=("gateways={gateways}",)),
    "revision-1": Way(options=("--revision", "1"), off=frozenset(SINCE)),
    "revision-2": Way(options=("--revision", "2")),
    "sixty-sign-ups-a-minute": Way(is_raised=False),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a run by a probed profile came to: nothing `wrong`, in the best case."""

    wrong: tuple[str, ...]
    passed: int
    unsupported: int
    said_s: float
    took_s: float

    def __str__(self) -> str:
        verdicts = f"{self.passed} pass, {self.unsupported} unsupported"
        return "; ".join((verdicts, f"{self.took_s:.0f} s, {self.said_s:.0f} s foreseen", *self.wrong))


def try_way(way: Way) -> Outcome:
    """Serve, probe and run."""
    raised = tuple(f"--limit={name}={value}" for name, value in RAISED.items()) if way.is_raised else ()
    proxied = ("--trust-proxy", "127.0.0.1/32") if way.is_raised else ()
    environment = {**os.environ, _VARIABLE: f"Bearer {_TOKEN}"}
    with (
        tempfile.TemporaryDirectory() as folder,
        served((*way.options, *raised, *proxied)) as (url, gateways),
    ):
        told = [one.format(url=url, gateways=json.dumps(gateways)) for one in way.told]
        told += [f"limits.{name}={value}" for name, value in RAISED.items()] if way.is_raised else []
        told += ["trusts_proxy=true"] if way.is_raised else []
        written, report = Path(folder, "probed.toml"), Path(folder, "report")
        settings = [word for one in told for word in ("--set", one)]
        _call("probe", url, "--write", str(written), *settings, environment=environment)
        _call(
            *("run", "--clients", str(way.clients), "--profile", str(written), "--report", str(report)),
            environment=environment,
        )
        return _outcome(way, report)


def _outcome(way: Way, report: Path) -> Outcome:
    verdicts = {one["id"]: one["verdict"] for one in _read(report / "report.json")["scenarios"]}
    with (report / "history.ndjson").open(encoding="utf-8") as lines:
        first, *_, last = lines
    expected = {one.id: "unsupported" if _is_beyond(one, way) else "pass" for one in select((), Tier.GATE)}
    wrong = [
        f"{name} is {verdicts.get(name, 'missing')}, not {verdict}"
        for name, verdict in expected.items()
        if verdicts.get(name) != verdict
    ]
    told = list(verdicts.values())
    return Outcome(
        wrong=tuple(wrong),
        passed=told.count("pass"),
        unsupported=told.count("unsupported"),
        said_s=json.loads(first)["estimate"]["seconds"],
        took_s=json.loads(last)["at"] / 1e6,
    )


def _is_beyond(scenario: Scenario, way: Way) -> bool:
    """Whether a scenario needs what a server is without."""
    needs = scenario.needs
    return (
        bool(scenario.features & way.off)
        or needs.restarts
        or (needs.addresses and not way.is_raised)
        or (needs.long_events and not way.long_events)
    )


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


@contextmanager
def served(options: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """A server, its URL and those of its gateways."""
    token = {"SYNC_CHECK_METRICS_TOKEN": _TOKEN} if "--metrics-path" in options else {}
    process = subprocess.Popen(
        (sys.executable, "-m", "sync_check", "serve", "--port", "0", "--log", "off", *options),
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **token},
    )
    try:
        assert process.stdout is not None
        url, gateways = "", list[str]()
        nodes = int(options[options.index("--nodes") + 1]) if "--nodes" in options else 0
        expected = max(nodes, int("--gateway-port" in options))
        while not url or len(gateways) < expected:
            line = process.stdout.readline()
            if not line:
                raise SystemExit("the server did not start")
            word = next(one for one in line.split() if "://" in one)
            if line.startswith("listening"):
                url = word
            elif line.startswith("gateway"):
                gateways.append(word)
        yield url, gateways
    finally:
        process.terminate()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _call(*words: str, environment: Mapping[str, str]) -> None:
    done = subprocess.run(
        (sys.executable, "-m", "sync_check", *words),
        capture_output=True,
        text=True,
        env=environment,
        timeout=_BUDGET_S,
        check=False,
    )
    if done.returncode not in (0, 1, 5, 6):
        raise SystemExit(f"sync-check {words[0]} ended with {done.returncode}: {done.stderr.strip()}")


def main() -> int:
    """Try the ways and tell."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("ways", nargs="*", metavar="WAY")
    parser.add_argument("--list", action="store_true", help="name the ways")
    given = parser.parse_args()
    if given.list:
        sys.stdout.write("".join(f"{name}\n" for name in _WAYS))
        return 0
    for name in given.ways:
        if name not in _WAYS:
            parser.error(f"there is no way {name!r}; --list names them")
    failed = 0
    for name in given.ways or _WAYS:
        outcome = try_way(_WAYS[name])
        failed += bool(outcome.wrong)
        sys.stdout.write(f"{'WRONG' if outcome.wrong else 'right'}  {name:<26} {outcome}\n")
        sys.stdout.flush()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
