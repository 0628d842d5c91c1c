"""Legal choices that our server does not make: the proof that the judges do not take one for a defect.

This table loads nothing of the server, so that a list of variants costs nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """A variant: `permitted` is the part of the contract that leaves the choice; `shown_by` a scenario."""

    id: str
    title: str
    permitted: str
    shown_by: str


_ALL: Final[tuple[Variant, ...]] = ()

VARIANTS: Final[Mapping[str, Variant]] = {variant.id: variant for variant in _ALL}
"""Every variant by its id."""
