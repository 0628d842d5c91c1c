"""Ctrl-C while many short things are played."""

import asyncio
import gc
import logging
import os
import signal
import sys

import pytest

from sync_check.stopping import Stopping, interrupting


@pytest.fixture(autouse=True)
def _heard(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the second signal silences is heard again afterwards."""
    monkeypatch.setattr(logging.getLogger("asyncio"), "disabled", False)
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)


def test_the_first_signal_is_noted_and_the_second_one_ends() -> None:
    stop, told = Stopping(), list[bool]()
    stop.tell(lambda: told.append(stop.is_set()))
    before = signal.getsignal(signal.SIGTERM)
    with stop.at_signals():
        assert not stop.is_set()
        os.kill(os.getpid(), signal.SIGTERM)
        assert stop.is_set()
        assert told == [True]
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
    assert signal.getsignal(signal.SIGTERM) is before


def test_what_waits_is_interrupted() -> None:
    stop = Stopping()

    async def waiting() -> bool:
        over = asyncio.Event()
        with interrupting(stop, over.set):
            os.kill(os.getpid(), signal.SIGINT)
            await over.wait()
        return over.is_set()

    with stop.at_signals():
        assert asyncio.run(waiting())
        assert stop.is_set()
        assert signal.getsignal(signal.SIGINT) == stop.handle


def test_who_asks_late_is_told_at_once() -> None:
    stop, told = Stopping(), list[bool]()
    stop.set()
    stop.tell(lambda: told.append(True))
    assert told == [True]


async def test_without_anybody_who_could_say_stop_nothing_is_listened_to() -> None:
    before = signal.getsignal(signal.SIGINT)
    with interrupting(None, lambda: None):
        assert signal.getsignal(signal.SIGINT) is before


def test_the_second_signal_ends_everything_without_a_word_of_what_it_leaves(
    caplog: pytest.LogCaptureFixture,
) -> None:
    stop = Stopping()
    stop.set()

    async def hit() -> None:
        stop.handle(signal.SIGINT, None)

    async def waits() -> None:
        task = asyncio.create_task(hit())
        await asyncio.Event().wait()
        await task

    with pytest.raises(KeyboardInterrupt):
        asyncio.run(waits())
    gc.collect()
    assert caplog.records == []
