"""Garbage is collected less often within, and afterwards as it was before."""

import gc

from sync_check.collecting import few_collections


def test_afterwards_it_is_as_before() -> None:
    threshold, set_aside = gc.get_threshold(), gc.get_freeze_count()
    gc.unfreeze()
    try:
        with few_collections():
            assert gc.get_threshold() > threshold
            assert gc.get_freeze_count() > 0
        assert (gc.get_threshold(), gc.get_freeze_count()) == (threshold, 0)
    finally:
        if set_aside:
            gc.freeze()


def test_what_was_set_aside_before_stays_so() -> None:
    """A process that was forked would copy all of it at its end, only to look at it."""
    set_aside = gc.get_freeze_count()
    gc.freeze()
    try:
        with few_collections():
            pass
        assert gc.get_freeze_count() > 0
    finally:
        if not set_aside:
            gc.unfreeze()
