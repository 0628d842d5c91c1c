"""Running a test for every vector: one test for each event, which names the vector that it failed for."""

from collections.abc import Callable, Iterable

import pytest

from sync_check.conformance.contract.vectors import Vector


def each_of(
    vectors: Iterable[Vector],
) -> Callable[[Callable[[Vector], None]], Callable[[list[Vector]], None]]:
    """Turn a test of one vector into tests of all vectors of an event."""
    groups: dict[str, list[Vector]] = {}
    for vector in vectors:
        groups.setdefault(vector.id.partition("/")[0], []).append(vector)

    def decorated(test: Callable[[Vector], None]) -> Callable[[list[Vector]], None]:
        @pytest.mark.parametrize("group", groups.values(), ids=list(groups))
        def run(group: list[Vector]) -> None:
            for vector in group:
                try:
                    test(vector)
                except AssertionError as failure:
                    failure.add_note(f"vector {vector.id}: {vector.text}")
                    raise

        run.__name__, run.__doc__, run.__module__ = test.__name__, test.__doc__, test.__module__
        return run

    return decorated
