"""Renews what is generated under docs/: `python -m tests.house.renewal`, or `make docs`."""

from sync_check.conformance.contract.export import export
from sync_check.conformance.contract.export.revision import REVISIONS
from tests.house.checkout import ROOT
from tests.house.plan import PLAN_FILE, with_endpoints
from tests.house.witnesses import COVERAGE_FILE, all_citations, all_witnesses, coverage, coverage_text


def renew() -> None:
    """Write the three files anew."""
    gateway_events = ROOT / "docs" / "GATEWAY_EVENTS.md"
    gateway_events.write_text(export("markdown", REVISIONS[-1]), encoding="utf-8")
    PLAN_FILE.write_text(with_endpoints(PLAN_FILE.read_text(encoding="utf-8")), encoding="utf-8")
    COVERAGE_FILE.write_text(
        coverage_text(coverage(all_witnesses()), coverage(all_citations())), encoding="utf-8"
    )


if __name__ == "__main__":
    renew()
