"""Turning what the command line names into a target: an embedded server of our own, or any URL."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final
from urllib.parse import urlsplit

from sync_check.conformance.contract.features import ALL_FEATURES
from sync_check.conformance.contract.limits import Limits
from sync_check.harness.errors import HarnessError
from sync_check.harness.target import Target

EMBEDDED: Final = "embedded"
EMBEDDED_FEATURES: Final = ALL_FEATURES
RAISED_LIMITS: Final = Limits(
    requests_per_minute=1_000_000,
    auth_requests_per_minute=1_000_000,
    guilds_per_user=10_000,
    joins_per_minute_address=1_000_000,
    joins_per_minute_user=1_000_000,
)
"""What a harness may ask of a server of its own (contract, appendix B 7)."""
_START_BUDGET_S: Final = 20.0
_STOP_BUDGET_S: Final = 5.0


class BadTarget(ValueError):
    """The text given for `--target` is no target."""

    def __init__(self, text: str, reason: str) -> None:
        super().__init__(text, reason)
        self.text = text
        self.reason = reason

    def __str__(self) -> str:
        return f"--target {self.text!r} {self.reason}; give {EMBEDDED!r} or an http(s) URL"


def check_target_text(text: str) -> None:
    """Raise `BadTarget` for what is neither `embedded` nor an http(s) URL without credentials or query."""
    if text == EMBEDDED:
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
async def open_target(text: str, *, defect: str | None = None) -> AsyncIterator[Target]:
    """The target that `text` names, started first and stopped afterwards where it is embedded.

    Raises `EmbeddedServerFailed` when the embedded server does not start.
    """
    if text != EMBEDDED:
        url = text.rstrip("/")
        yield Target(label=url, url=url, notes=(f"no profile: all features and default limits of {url}",))
        return
    process = await _start(defect)
    try:
        yield Target(
            label=EMBEDDED if defect is None else f"{EMBEDDED} with defect {defect}",
            url=await _listening(process),
            declared=EMBEDDED_FEATURES,
            limits=RAISED_LIMITS,
            notes=("the embedded server runs with raised rate limits",),
        )
    finally:
        await _stop(process)


class EmbeddedServerFailed(HarnessError):
    """The embedded reference server did not come up; `detail` is what it said last."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail

    def __str__(self) -> str:
        return f"the embedded reference server did not start: {self.detail}"


async def _start(defect: str | None) -> asyncio.subprocess.Process:
    limits = RAISED_LIMITS.model_dump(exclude_defaults=True)
    arguments = [f"--limit={name}={value}" for name, value in limits.items()]
    if defect is not None:
        arguments.append(f"--defect={defect}")
    # Its standard input is the rope that it hangs on: when this process ends, however, it reads the end.
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "sync_check.reference_server",
        "--embedded",
        "--port=0",
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,
    )


async def _listening(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    try:
        async with asyncio.timeout(_START_BUDGET_S):
            line = await process.stdout.readline()
    except TimeoutError:
        raise EmbeddedServerFailed(f"it said nothing within {_START_BUDGET_S:.0f} s") from None
    try:
        return str(json.loads(line)["listening"])
    except (ValueError, KeyError, TypeError):
        raise EmbeddedServerFailed(f"it said {line[:200]!r}") from None


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.stdin is not None:
        process.stdin.close()
    try:
        async with asyncio.timeout(_STOP_BUDGET_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
