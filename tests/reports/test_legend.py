"""The README explains every word that a report prints as a verdict or a level."""

import re
from pathlib import Path

from sync_check.conformance.verdict import Level, Verdict

README = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")


def test_every_verdict_and_level_is_explained_once() -> None:
    told = re.findall(r"^\| ([A-Z]+) \| ", README, re.MULTILINE)
    assert sorted(told) == sorted({word.upper() for word in (*Verdict, *Level)})
