"""The web shell as it is served: from memory, closed to what is not its own."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import httpx
import pytest

from sync_check.harness.network.virtual.loop import VirtualLoop
from sync_check.reference_server.app import build_app
from sync_check.reference_server.backend import build_backend
from sync_check.reference_server.settings import Settings
from sync_check.reference_server.web import POLICY, shell
from sync_check.simulation import simulated_randomness
from tests.house.checkout import ROOT, files_below
from tests.reference_server.running import running
from tests.reference_server.test_statuses import forbid_threads

FOLDER: Final = ROOT / "reference_server" / "web"
SCRIPTS: Final = [path for path in files_below(FOLDER) if path.suffix == ".js"]
_IMPORT: Final = re.compile(r'from "([^"]+)"')
_SINKS: Final = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc|setHTML|DOMParser"
)


async def test_the_page_and_every_file_that_it_needs_are_served() -> None:
    async with running() as server:
        page = await server.http.get("/app")
        assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert page.headers["cache-control"] == "no-store"
        wanted = re.findall(r'(?:href|src)="([^"]+)"', page.text)
        assert [one for one in wanted if not one.startswith(f"/app/{shell().version}/")] == []
        seen = set[str]()
        while wanted:
            path = wanted.pop()
            seen.add(path)
            answer = await server.http.get(path)
            assert answer.status_code == 200, path
            assert "immutable" in answer.headers["cache-control"]
            here = httpx.URL(f"http://x{path}")
            wanted += [
                found
                for name in _IMPORT.findall(answer.text if path.endswith(".js") else "")
                if (found := here.join(name).path) not in seen
            ]
    served = {path.removeprefix(f"/app/{shell().version}/") for path in seen}
    files = {path.relative_to(FOLDER).as_posix() for path in files_below(FOLDER)}
    assert served == files - {"__init__.py", "index.html", "package.json"}


@pytest.mark.parametrize("path", ["/app", "main.js", "styles/base.css", "icon.svg"])
async def test_everything_carries_the_policy(path: str) -> None:
    async with running() as server:
        answer = await server.http.get(path if path == "/app" else f"/app/{shell().version}/{path}")
    assert answer.headers["content-security-policy"] == POLICY
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert POLICY.startswith("default-src 'none'; ")
    assert "unsafe" not in POLICY
    assert "*" not in POLICY


@pytest.mark.parametrize(
    "path",
    [
        "/app/",
        "/app/{version}/",
        "/app/{version}/nothing.js",
        "/app/{version}/__init__.py",
        "/app/{version}/package.json",
        "/app/{version}/index.html",
        "/app/{version}/../settings.py",
        "/app/{version}/..%2fsettings.py",
        "/app/{version}/%2e%2e/settings.py",
        "/app/0000000000000000/main.js",
        "/app/{version}",
    ],
)
async def test_nothing_else_is_served(path: str) -> None:
    async with running() as server:
        answer = await server.http.get(path.format(version=shell().version))
    assert answer.status_code == 404


async def test_the_shell_is_read_and_never_written() -> None:
    async with running() as server:
        assert (await server.http.post("/app", json={})).status_code == 405


def test_it_is_served_in_virtual_time_without_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    forbid_threads(monkeypatch)
    loop = VirtualLoop(simulated_randomness(1))
    transport = httpx.ASGITransport(app=build_app(build_backend(Settings())))

    async def read() -> list[int]:
        async with httpx.AsyncClient(transport=transport, base_url="http://simulated") as http:
            paths = ("/app", f"/app/{shell().version}/main.js")
            return [(await http.get(path)).status_code for path in paths]

    try:
        assert loop.run_until_complete(read()) == [200, 200]
    finally:
        loop.close()


def test_without_a_browser_exactly_its_tests_are_skipped_and_say_why() -> None:
    """Without Node likewise; everything else of this folder runs."""
    tests = ["tests/reference_server/web/test_reducers.py", "tests/reference_server/web/test_settings.py"]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests]
    environment = {name: value for name, value in os.environ.items() if name not in ("PATH", "SYNC_CHECK_CI")}
    ended = subprocess.run(
        command, cwd=ROOT, env=environment | {"PATH": ""}, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stdout
    assert re.search(r"^\d+ skipped in ", ended.stdout, re.MULTILINE)
    assert (
        "there is no Chromium on this machine: install the distribution's package `chromium-headless-shell`"
        " or `chromium`" in ended.stdout
    )
    assert "there is no Node on this machine: install the distribution's package `nodejs`" in ended.stdout


def test_the_folder_is_no_package_of_its_own() -> None:
    command = [sys.executable, "-c", "import web"]
    ended = subprocess.run(command, cwd=FOLDER.parent, capture_output=True, text=True, check=False)
    assert "import it under that name" in ended.stderr


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.relative_to(FOLDER).as_posix())
def test_no_script_turns_a_string_into_markup_or_code_or_asks_another_host(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    # Words in comments are no use of them.
    code = re.sub(r"/\*.*?\*/|//.*", "", source, flags=re.DOTALL)
    assert _SINKS.findall(code) == []
    assert [name for name in _IMPORT.findall(code) if not name.startswith((".", "/"))] == []
    assert "import(" not in code


@pytest.mark.parametrize("path", [path for path in SCRIPTS if path.parent.name in ("model", "reducers")])
def test_what_is_believed_knows_neither_page_nor_network(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert (
        re.findall(r"\b(?:document|window|fetch|WebSocket|sessionStorage|localStorage)\b[.(]", source) == []
    )
    assert [name for name in _IMPORT.findall(source) if "/net/" in name or "/views/" in name] == []


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.relative_to(FOLDER).as_posix())
def test_files_stay_short_enough_to_be_read(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 250
    assert [number for number, line in enumerate(lines, 1) if len(line) > 120 and '"M' not in line] == []
