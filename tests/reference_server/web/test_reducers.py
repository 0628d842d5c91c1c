"""The shell's parser and reducers, with the vectors of the harness's replica: in Node and in the browser."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Route

from sync_check.conformance.contract.vectors import all_vectors
from tests.house.checkout import ROOT
from tests.reference_server.web.browsing import Venue

NODE: Final = shutil.which("node")
NO_NODE: Final = "there is no Node on this machine: install the distribution's package `nodejs`"
HERE: Final = Path(__file__).parent
SHELL: Final = ROOT / "reference_server" / "web"


def vectors() -> list[dict[str, Any]]:
    """Every vector, with whole states."""
    return [
        {
            "id": one.id,
            "text": one.text,
            "binary": one.binary,
            "verdict": one.verdict,
            "kind": one.kind,
            "before": dict(one.before),
            "after": dict(one.after),
        }
        for one in all_vectors()
    ]


def node_tests(name: str, **variables: str) -> dict[str, int]:
    """Run a file of tests in Node; returns how many passed, failed and were skipped."""
    if NODE is None:
        pytest.skip(NO_NODE)
    told = subprocess.run(
        [NODE, "--test", "--test-reporter=tap", str(HERE / name)],
        env={**os.environ, "SHELL_FOLDER": str(SHELL), **variables},
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    counted = {
        name: int(count) for name, count in re.findall(r"^# (pass|fail|skipped) (\d+)$", told, re.MULTILINE)
    }
    failed = [block for block in told.split("\n") if block.lstrip().startswith("not ok")]
    assert failed == [], told[-5000:]
    return counted


@pytest.mark.witnesses("CLIENT-1", "CLIENT-2", "CLIENT-3", "CLIENT-4", "CLIENT-5", "CLIENT-8", "COMPAT-3")
def test_the_vectors_in_node(tmp_path: Path) -> None:
    file = tmp_path / "vectors.json"
    file.write_text(json.dumps(vectors()), encoding="utf-8")
    counted = node_tests("vectors.test.mjs", VECTORS_FILE=str(file))
    assert counted == {"pass": len(all_vectors()), "fail": 0, "skipped": 0}


@pytest.mark.sample
def test_the_rest_of_the_model_in_node() -> None:
    counted = node_tests("model.test.mjs")
    assert counted["pass"] >= 13
    assert counted["skipped"] == 0


@pytest.mark.witnesses("CLIENT-1", "CLIENT-2", "CLIENT-3", "CLIENT-4", "CLIENT-5", "CLIENT-8", "COMPAT-3")
def test_the_vectors_in_the_browser(venue: Venue) -> None:
    """The same file as in Node judges the modules that the page itself has loaded."""
    page = venue.page()

    def serve_judge(route: Route) -> None:
        route.fulfill(path=HERE / "vectors.mjs", content_type="text/javascript")

    def serve_vectors(route: Route) -> None:
        route.fulfill(json=vectors())

    page.route("**/vectors.mjs", serve_judge)
    page.route("**/vectors.json", serve_vectors)
    page.goto(f"{venue.service.url}/app")
    faults = page.evaluate(
        """async () => {
          const root = document.querySelector("script").src.replace("main.js", "");
          const vectors = await (await fetch("/app/vectors.json")).json();
          const { faultsOf } = await import("/app/vectors.mjs");
          const { readFrame } = await import(`${root}model/parser.js`);
          const { reduce } = await import(`${root}model/reducers/index.js`);
          const { NOTHING } = await import(`${root}model/state.js`);
          const told = vectors.map((one) => [one.id, faultsOf(one, { readFrame, reduce, NOTHING })]);
          return { seen: told.length, faults: told.filter(([, faults]) => faults.length > 0) };
        }"""
    )
    assert faults == {"seen": len(all_vectors()), "faults": []}
