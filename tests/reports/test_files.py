import json
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from sync_check.reports.files import FilesSink, write_reports
from sync_check.reports.folder import KNOWN_FILES
from sync_check.reports.sink import Sink
from tests.reports import runs


def test_nothing_is_written_before_the_end(tmp_path: Path) -> None:
    sink: Sink = FilesSink(tmp_path)
    *earlier, last = runs.events(runs.failing())
    for event in earlier:
        sink.handle(event)
    assert list(tmp_path.iterdir()) == []
    sink.handle(last)
    assert {path.name for path in tmp_path.iterdir()} == {
        "report.json",
        "junit.xml",
        "summary.md",
        "index.html",
    }


def test_all_files_tell_of_the_same_run(tmp_path: Path) -> None:
    write_reports(runs.failing(), tmp_path)
    assert json.loads((tmp_path / "report.json").read_bytes())["verdict"] == "fail"
    assert ET.parse(tmp_path / "junit.xml").getroot().attrib["failures"] == "3"
    assert "FAIL" in (tmp_path / "summary.md").read_text(encoding="utf-8")
    HTMLParser().feed((tmp_path / "index.html").read_text(encoding="utf-8"))


def test_every_file_is_known_to_the_report_folder(tmp_path: Path) -> None:
    write_reports(runs.passing(), tmp_path)
    assert {path.name for path in tmp_path.iterdir()} <= set(KNOWN_FILES)


def test_the_same_run_gives_the_same_bytes(tmp_path: Path) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        folder.mkdir()
        write_reports(runs.failing(), folder)
    one, two = ({path.name: path.read_bytes() for path in folder.iterdir()} for folder in folders)
    assert one == two


def test_a_file_is_replaced_as_a_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_reports(runs.passing(), tmp_path)
    before = (tmp_path / "report.json").read_bytes()

    def no_space(path: Path, content: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", no_space)
    with pytest.raises(OSError, match="No space"):
        write_reports(runs.failing(), tmp_path)
    assert (tmp_path / "report.json").read_bytes() == before
