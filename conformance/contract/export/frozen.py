"""The revisions as they were published, committed as `frozen/revision-N.json`."""

import json
from pathlib import Path

from sync_check.conformance.contract.export.data import Data


def frozen_path(number: int) -> Path:
    """Where the frozen revision `number` lies."""
    return Path(__file__).parents[1] / "frozen" / f"revision-{number}.json"


def frozen(number: int) -> Data:
    """The contract as revision `number` was published; raises `FileNotFoundError` for one that was not."""
    content: Data = json.loads(frozen_path(number).read_text(encoding="utf-8"))
    return content
