"""What the server that a run started logged, without secrets: last where it ended, and behind findings."""

from collections.abc import Iterator
from typing import Final

from sync_check.conformance.run import RunFinished
from sync_check.harness.engine import Engine
from sync_check.managed import ManagedProcess
from sync_check.reports.visible import visible
from sync_check.reports.wording import counted
from sync_check.server_log import requests_of

_MESSAGE: Final = 200
"""Characters of a finding's message beside a request id."""


def logged(process: ManagedProcess, engine: Engine, finished: RunFinished) -> Iterator[str]:
    """The lines worth telling of a run's server. Raises `OSError` where its log cannot be read."""
    for line in (*_end(process, engine), *_slices(process, engine, finished)):
        yield visible(line)


def _end(process: ManagedProcess, engine: Engine) -> Iterator[str]:
    if engine.lost is not None:
        yield f"{engine.lost}; it last said:"
        for line in process.last_lines(engine.redact) or ("nothing",):
            yield f"  {line}"


def _slices(process: ManagedProcess, engine: Engine, finished: RunFinished) -> Iterator[str]:
    requests = requests_of(finding for result in finished.results for finding in result.findings)
    if not requests:
        return
    yield f"server log of {counted(len(requests), 'request')} behind findings:"
    for line in process.said_of(requests) or ("nothing that holds their x-request-id",):
        yield f"  {engine.redact(line)}"
    yield "findings that show these requests:"
    for request, finding in requests.items():
        what = f"{finding.level.upper()} {finding.requirement} in {finding.scenario}"
        yield f"  {request}  {what}: {visible(finding.message, _MESSAGE)}"
