"""Turning what the command line names into a target: an embedded server of our own, or any URL."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final
from urllib.parse import urlsplit

from sync_check.conformance.contract.features import ALL_FEATURES
from sync_check.conformance.contract.limits import Limits
from sync_check.embedded import embedded_server
from sync_check.harness.hazards import Hazard, is_loopback
from sync_check.harness.target import Target

EMBEDDED: Final = "embedded"
SIM: Final = "sim"
"""The reference server in virtual time, in the process of the run."""
OWN: Final = (EMBEDDED, SIM)
"""Targets that are servers of our own, which can be made to deviate."""
EMBEDDED_FEATURES: Final = ALL_FEATURES
RAISED_LIMITS: Final = Limits(
    requests_per_minute=1_000_000,
    auth_requests_per_minute=1_000_000,
    guilds_per_user=10_000,
    joins_per_minute_address=1_000_000,
    joins_per_minute_user=1_000_000,
)
"""What a harness may ask of a server of its own (contract, appendix B 7)."""
_LOOPBACK: Final = "127.0.0.1/32"


class BadTarget(ValueError):
    """The text given for `--target` is no target."""

    def __init__(self, text: str, reason: str) -> None:
        super().__init__(text, reason)
        self.text = text
        self.reason = reason

    def __str__(self) -> str:
        return f"--target {self.text!r} {self.reason}; give {EMBEDDED!r}, {SIM!r} or an http(s) URL"


def check_target_text(text: str) -> None:
    """Raise `BadTarget` for what is no server of our own and no http(s) URL without credentials or query."""
    if text in OWN:
        return
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018 - reading it checks it
    except ValueError as error:
        raise BadTarget(text, f"is no URL ({error})") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise BadTarget(text, "is no http(s) URL")
    if parts.username is not None or parts.password is not None:
        raise BadTarget(f"{parts.scheme}://…@{parts.hostname}", "holds credentials, which are not used")
    if parts.query or parts.fragment:
        raise BadTarget(text, "holds a query or a fragment")


@asynccontextmanager
async def open_target(
    text: str,
    *,
    defect: str | None = None,
    variants: Sequence[str] = (),
    declared: Target | None = None,
) -> AsyncIterator[Target]:
    """The target that `text` names, started first and stopped afterwards where it is embedded.

    An embedded one has the defect and the variants of these ids; any other is what was `declared`. Raises
    `EmbeddedServerFailed` when it does not start or cannot be reached.
    """
    if text != EMBEDDED:
        yield declared or undeclared(text.rstrip("/"))
        return
    limits = RAISED_LIMITS.model_dump(exclude_defaults=True)
    options = [f"--limit={name}={value}" for name, value in limits.items()]
    # So that each simulated user can call from an address of its own (contract, appendix B 6).
    options.append(f"--trust-proxy={_LOOPBACK}")
    options += (f"--variant={variant}" for variant in variants)
    if defect is not None:
        options.append(f"--defect={defect}")
    async with embedded_server(options) as server:
        yield Target(
            label=label_of(EMBEDDED, defect, variants),
            url=server.url,
            declared=EMBEDDED_FEATURES,
            limits=RAISED_LIMITS,
            trusts_proxy=True,
            restarts=server,
            notes=("the embedded server runs with raised rate limits",),
        )


def undeclared(url: str) -> Target:
    """The target at a URL of which nothing is declared: elsewhere than on this machine, only what is safe."""
    return Target(
        label=url,
        url=url,
        allowed=frozenset(Hazard) if is_loopback(url) else frozenset(),
        notes=(f"no profile: all features and default limits of {url}",),
    )


def label_of(text: str, defect: str | None, variants: Sequence[str]) -> str:
    """What people read for a server of our own: how it deviates, if it does."""
    deviations = [] if defect is None else [f"defect {defect}"]
    deviations += (f"variant {variant}" for variant in variants)
    return f"{text} with {', '.join(deviations)}" if deviations else text
