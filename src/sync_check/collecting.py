"""Garbage is collected less often while programs are played.

The collector looks at everything that lives each time, of which the modules, models and routes of a server
are most, and finds next to nothing.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_OBJECTS: Final = 100_000
"""So many more of them alive make it worth a look."""


@contextmanager
def few_collections() -> Iterator[None]:
    """Within, what is alive now is never looked at, and the rest seldom.

    What was set aside before stays so: a forked process would copy all of it at its end, only to look at it.
    """
    before, set_aside = gc.get_threshold(), gc.get_freeze_count()
    gc.collect()
    gc.freeze()
    gc.set_threshold(_OBJECTS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        if not set_aside:
            gc.unfreeze()
