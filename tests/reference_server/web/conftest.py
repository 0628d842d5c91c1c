"""A server and a Chromium for the tests of the web shell.

Both last as long as tests of this folder run, and no longer: while the browser is driven, its driver's event
loop counts as running, and tests in coroutines could not run theirs.

`make test` tries those marked as a sample; all others are marked to be tried at length.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.reference_server.web.browsing import (
    CHROMIUM,
    FLAGS,
    NO_CHROMIUM,
    WITHIN_S,
    Service,
    Venue,
    serving,
)

FOLDER: Final = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What is no sample is for a run at length."""
    for item in items:
        if item.path.is_relative_to(FOLDER) and item.get_closest_marker("sample") is None:
            item.add_marker("length")


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip(NO_CHROMIUM)
    expect.set_options(timeout=WITHIN_S * 1000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def service(browser: Browser) -> Iterator[Service]:
    with serving() as service:
        yield service


@pytest.fixture
def venue(service: Service, browser: Browser) -> Iterator[Venue]:
    """Fails a test during which a page threw something or broke the content security policy."""
    venue = Venue(service=service, browser=browser)
    yield venue
    faults = venue.faults()
    venue.close()
    assert faults == []
