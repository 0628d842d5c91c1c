"""What every test gets: coroutines are run, and where SYNC_CHECK_CI is set nothing is skipped in silence.

Tests that are marked with `length` are left out, unless SYNC_CHECK_LENGTH=1 or somebody names their file, or
a folder that it is in.
"""

import asyncio
import gc
import inspect
import os
from collections.abc import Generator
from pathlib import Path
from typing import Final

import pytest

TESTS: Final = Path(__file__).parent

_OBJECTS = 20_000
"""So many more of them alive make a look for garbage worth its while."""


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for garbage less often, and never among what was imported: it is much, and little is garbage."""
    gc.disable()
    collected = yield
    gc.freeze()
    gc.enable()
    gc.set_threshold(_OBJECTS, *gc.get_threshold()[1:])
    return collected


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what takes long, unless somebody asked for it."""
    if os.environ.get("SYNC_CHECK_LENGTH") == "1":
        return
    asked = (Path(config.invocation_params.dir, name.partition("::")[0]).resolve() for name in config.args)
    named = [path for path in asked if path.is_relative_to(TESTS) and path != TESTS]
    left_out = [
        item
        for item in items
        if item.get_closest_marker("length") and not any(item.path.is_relative_to(path) for path in named)
    ]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in set(left_out)]


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run an ``async def`` test in an event loop of its own."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    wanted = inspect.signature(pyfuncitem.obj).parameters
    arguments = {name: value for name, value in pyfuncitem.funcargs.items() if name in wanted}
    with asyncio.Runner() as runner:
        runner.run(pyfuncitem.obj(**arguments))
    return True


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skipped test into a failed one where nobody would notice that it was skipped."""
    report = yield
    if _counts_as_failure(report) and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, which this run does not allow: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Do the same for a module that skips itself when it is collected."""
    report = yield
    if _counts_as_failure(report):
        report.outcome = "failed"
        report.longrepr = f"skipped, which this run does not allow: {report.longrepr}"
    return report


def _counts_as_failure(report: pytest.TestReport | pytest.CollectReport) -> bool:
    return report.skipped and bool(os.environ.get("SYNC_CHECK_CI"))
