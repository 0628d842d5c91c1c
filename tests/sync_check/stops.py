"""Somebody who says stop."""


class AfterSome:
    """Says stop once it was asked so often."""

    def __init__(self, times: int) -> None:
        self._left = times

    def is_set(self) -> bool:
        self._left -= 1
        return self._left < 0
