"""What each variant does, by its id."""

from collections.abc import Mapping
from typing import Final

from sync_check.reference_server.deviation import Faithful
from sync_check.reference_server.variants import answers, events

VARIED: Final[Mapping[str, type[Faithful]]] = {**events.VARIED, **answers.VARIED}
