"""Files of counterexamples: kept whole, refused in one sentence, and the same on every machine."""

import hashlib
import json
import os
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from sync_check import __version__
from sync_check.cli import app, exploring, minimised, running
from sync_check.conformance.verdict import Finding, Level
from sync_check.counterexamples import (
    FOLDER,
    Counterexample,
    CounterexampleError,
    Found,
    Server,
    kept_scenarios,
    load,
    save,
    save_diagram,
)
from sync_check.exploration import Explored, Ground, Hit, Share, play
from sync_check.harness.errors import TargetUnavailable
from sync_check.harness.explorer.program import Program, Step
from sync_check.minimising import Small
from sync_check.scenarios.catalogue import select
from sync_check.stopping import Stopping
from tests.reports.runs import finding
from tests.sync_check.command import sync_check_anew

PROGRAM = Program(
    members=2,
    strangers=1,
    channels=1,
    steps=(
        Step(
            by="u0",
            do="create_message",
            args={"guild_id": "$g", "channel_id": "$c0", "content": "~x"},
            makes="m1",
        ),
    ),
)
STRANGER = "message-to-stranger"


def kept(found: Finding | None = None, **changed: Any) -> Counterexample:
    usual = Counterexample(
        finding=Found.of(found or finding(requirement="SCOPE-3", event="message_create")),
        server=Server(target="sim", defect=STRANGER),
        seed=1,
        program=PROGRAM,
    )
    return usual.model_copy(update=changed)


@cache
def _really_found() -> Finding:
    return play(PROGRAM, 1, Ground(defect=STRANGER)).results[0].findings[0]


def _really_kept() -> Counterexample:
    return kept(_really_found())


@pytest.fixture
def exploring_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Exploring comes upon `PROGRAM` at once, which is small enough."""
    hit = Hit(program=PROGRAM, seed=1, sweeps=True, findings=(_really_found(),))
    found = Explored(played=1, undecided=0, steps=1, hits=(hit,), faults=())
    monkeypatch.setattr(exploring, "explore", lambda _share, _stop: found)
    monkeypatch.setattr(
        minimised,
        "smaller",
        lambda hit, found, _ground, _stop: Small(program=hit.program, seed=hit.seed, finding=found),
    )


@pytest.fixture
def exploring_finds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = Explored(played=1, undecided=0, steps=1, hits=(), faults=())
    monkeypatch.setattr(exploring, "explore", lambda _share, _stop: nothing)


def test_what_was_found_before_an_interrupt_is_told_and_kept(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    hit = Hit(program=PROGRAM, seed=1, sweeps=True, findings=(_really_found(),))

    def interrupted(_share: Share, stop: Stopping) -> Explored:
        stop.set()
        return Explored(played=3, undecided=0, steps=1, hits=(hit,), faults=())

    monkeypatch.setattr(exploring, "explore", interrupted)
    told = CliRunner().invoke(app, ["explore", "--defect", STRANGER, "--save", str(tmp_path)])
    assert told.exit_code == 130
    assert "\nFAIL  safety" in told.stdout
    assert "      program   1 step by 3 users, from 1 step; Ctrl-C ended making it smaller\n" in told.stdout
    assert told.stdout.splitlines()[-1].startswith(
        "INTERRUPTED  3 of 100 programs, 1 step, 1 kind of finding"
    )
    assert [one.suffix for one in tmp_path.iterdir()] == [".json"]


def test_what_was_found_before_the_target_was_gone_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    gone = TargetUnavailable("http://t", "nothing listens there")

    def explored(*hits: Hit) -> None:
        found = Explored(played=3, undecided=0, steps=1, hits=hits, faults=(), gone=gone)
        monkeypatch.setattr(exploring, "explore", lambda _share, _stop: found)

    words = ["explore", "--programs", "300", "--defect", STRANGER, "--save", str(tmp_path)]
    for hits, code in (
        ((), 4),
        ((Hit(program=PROGRAM, seed=1, sweeps=True, findings=(_really_found(),)),), 1),
    ):
        explored(*hits)
        told = CliRunner().invoke(app, words)
        assert told.exit_code == code
        assert "no more could be played: The target http://t cannot be tested: nothing listens" in told.stdout
        assert " 3 of 300 programs, " in told.stdout


# --- writing


def test_a_file_says_what_was_found_where_and_by_what(tmp_path: Path) -> None:
    path = save(kept(), tmp_path / "new")
    document = json.loads(path.read_text(encoding="ascii"))
    assert document["schema_version"] == 1
    assert document["version"] == __version__
    assert document["server"] == {"target": "sim", "defect": STRANGER}
    assert document["seed"] == 1
    assert (document["finding"]["judge"], document["finding"]["requirement"]) == ("delivery", "SCOPE-3")
    assert [step["do"] for step in document["program"]["steps"]] == ["create_message"]
    assert load(path) == kept()
    assert [scenario.id for scenario, _ in kept_scenarios(tmp_path / "new")] == [f"{FOLDER}/{path.stem}"]


def test_a_name_can_be_read_and_is_its_own(tmp_path: Path) -> None:
    path = save(kept(), tmp_path)
    assert path.name.startswith("scope-3-message-create-")
    others = [
        kept(finding(requirement="SCOPE-5")),
        kept(seed=2),
        kept(server=Server(target="embedded")),
        kept(program=PROGRAM.model_copy(update={"members": 3})),
    ]
    assert len({path.name, *(save(other, tmp_path).name for other in others)}) == 5


def test_the_same_is_kept_once_and_nothing_else_is_left(tmp_path: Path) -> None:
    paths = {save(kept(), tmp_path) for _ in range(3)}
    assert list(tmp_path.iterdir()) == list(paths)


@pytest.mark.parametrize("there", [b"something else", b""], ids=["another", "empty"])
def test_no_other_file_is_ever_overwritten(tmp_path: Path, there: bytes) -> None:
    first = save(kept(), tmp_path)
    first.write_bytes(there)
    second = save(kept(), tmp_path)
    assert (first.read_bytes(), second.name) == (there, f"{first.stem}-2.json")
    assert save(kept(), tmp_path) == second
    assert load(second) == kept()


def test_a_folder_of_its_name_is_left_alone(tmp_path: Path) -> None:
    name = f"{kept().name}.json"
    (tmp_path / name).mkdir()
    assert save(kept(), tmp_path).name != name


def test_a_write_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        save(kept(), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_no_url_is_kept(tmp_path: Path) -> None:
    server = Server.of("https://chat.example.org/api", None, (), swept=True)
    path = save(kept(server=server), tmp_path)
    assert "example.org" not in path.read_text(encoding="ascii")
    result = CliRunner().invoke(app, ["replay", str(path)])
    assert result.exit_code == 2
    assert result.stderr == (
        f"sync-check: {path} was found on a server that is not ours; give its URL by --target\n"
    )


@settings(deadline=None)  # how long one takes is up to what else the machine does
@given(st.text())
def test_whatever_a_target_sent_is_kept_as_it_is(text: str) -> None:
    hostile = kept(finding(message=text, received=text, event=text))
    document = json.loads(hostile.text().encode("ascii"))
    assert document["finding"]["message"] == text
    assert hostile.name.replace("-", "").isalnum()
    assert hostile.name.isascii()


def test_a_diagram_lies_beside_its_counterexample(tmp_path: Path) -> None:
    path = save(kept(), tmp_path)
    beside = save_diagram("<svg/>", path)
    assert (beside.name, beside.read_text(encoding="utf-8")) == (f"{path.stem}.svg", "<svg/>")
    assert save_diagram("<svg></svg>", path) == beside
    assert {*tmp_path.iterdir()} == {path, beside}
    assert [scenario.id for scenario, _ in kept_scenarios(tmp_path)] == [f"{FOLDER}/{path.stem}"]


# --- reading


def _bad(**changed: Any) -> str:
    return json.dumps(json.loads(kept().text()) | changed)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "it is no whole JSON"),
        (kept().text()[:300], "it is no whole JSON"),
        ("[1]", "it is no counterexample"),
        ("[" * 100_000, "it is nested more than 64 deep"),
        (kept().text().replace('"seed": 1', f'"seed": {"1" * 5000}'), "a number in it has too many digits"),
        ('{"program": {}}', "it is no counterexample"),
        (_bad(schema_version=True), "it is no counterexample"),
        (_bad(schema_version="1"), "it is no counterexample"),
        (_bad(schema_version=2), "written by a later sync-check; this one knows 1"),
        (_bad(schema_version=0), "it has schema 0, which there never was"),
        (_bad(program={"version": 7}), "version 7, this sync-check knows 1"),
        (_bad(program=[]), "it: "),
        (_bad(program={"steps": [{"by": "u0", "do": "fly"}]}), "does 'fly', which is no operation"),
        (_bad(program={"steps": [{"by": "c0", "do": "connect"}]}), "is by 'c0', which is no user"),
        (
            _bad(program={"steps": [{"by": "u0", "do": "pause", "args": {"seconds": 1e300}}]}),
            "step 1 takes 1e\\+300 seconds, not 0 to 86400",
        ),
        (
            _bad(program={"steps": [{"by": "u0", "do": "delete_message", "args": {"message_id": "$m"}}]}),
            "uses 'm', which nothing before it makes",
        ),
        *(
            (_bad(program={"steps": [{"by": "u1", **step}]}), words)
            for step, words in (
                ({"do": "leap", "args": {"seconds": "x"}}, "step 1 takes 'x' seconds, not 0 to 86400"),
                ({"do": "connect", "args": {"session": "x"}}, "session 'x', which is no number"),
                ({"do": "cut", "args": {"n": 1}}, "has 'n', which 'cut' does not take"),
                ({"do": "subscribe"}, "does 'subscribe' in no channel"),
                ({"do": "ping", "args": {"channel_id": {"a": 1}}}, "does 'ping' in no channel"),
                ({"do": "send", "args": {"input": "version/float", "channel_id": 7}}, "in no channel"),
                ({"do": "update_profile", "args": {"about_markdown": {"over": 1}}}, "names no limit"),
                ({"do": "look_up_users", "args": {"user_ids": [{"limit": "lookup_users"}]}}, "within a list"),
                ({"do": "sign_in", "makes": "u0"}, "makes 'u0', which there is already"),
            )
        ),
        (
            _bad(program={"steps": [{"by": "u0", "do": "lag", "args": {"channel_id": "$c0"}}]}),
            "lets 'u0' lag, who has to hear what the others miss",
        ),
        (_bad(finding={}), "finding.judge: it is missing"),
        (_bad(seed="10"), "seed: Input should be a valid integer"),
        (_bad(seed=1.0), "seed: Input should be a valid integer"),
        (_bad(program={"strangers": True}), "strangers: Input should be a valid integer"),
        (_bad(program={"steps": {}}), "steps: it should be a list"),
        (_bad(program={"steps": ["x"]}), "steps.0: it should be an object"),
        (
            _bad(program={"steps": [{"by": "u0", "do": "cut", "beside": 1}]}),
            "beside: Input should be a valid bool",
        ),
        (_bad(seed="x"), "seed: Input should be a valid integer"),
        (_bad(server={"target": "moon"}), "server.target: Input should be"),
        (kept().text().replace('"seed": 1', '"seed": 2, "seed": 1'), "it says 'seed' twice in one object"),
        (kept().text().replace('"content":', '"content": "a", "content":'), "it says 'content' twice"),
        (_bad(surprise=1), "surprise: there is no such member"),
        (_bad(**{f"\x1b[2J{'x' * 900}": 1}), r"\\x1b\[2Jxxx.* more characters"),
    ],
)
def test_a_file_that_is_none_is_refused_in_one_sentence(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "bad.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CounterexampleError, match=words):
        load(path)
    result = CliRunner().invoke(app, ["replay", str(path)])
    assert result.exit_code == 2
    assert result.stderr.startswith(f"sync-check: {path} cannot be replayed: ")
    assert result.stderr.count("\n") == 1
    assert "\x1b" not in result.stderr


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "bad.json"
    for content in (b'{"schema_version": 1, "program": "\xff"}', kept().text().encode("utf-16")):
        path.write_bytes(content)
        with pytest.raises(CounterexampleError, match="it is no text in UTF-8"):
            load(path)
    for missing in (tmp_path, tmp_path / "missing.json"):
        with pytest.raises(CounterexampleError, match="it cannot be read"):
            load(missing)


def test_a_byte_order_mark_that_an_editor_put_before_it_is_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "marked.json"
    path.write_text(kept().text(), encoding="utf-8-sig")
    assert load(path) == kept()


def _nested(depth: int) -> str:
    return _bad(program={"steps": [{"by": "u0", "do": "create_guild", "args": {"guild_name": 0}}]}).replace(
        '"guild_name": 0', f'"guild_name": {"[" * depth}{"]" * depth}'
    )


def test_what_is_nested_without_end_is_refused_for_that(tmp_path: Path) -> None:
    path = tmp_path / "deep.json"
    for depth, words in ((40, "as 'guild_name': "), (64, "more than 64 deep"), (900, "more than 64 deep")):
        path.write_text(_nested(depth), encoding="utf-8")
        with pytest.raises(CounterexampleError, match=words):
            load(path)


@pytest.mark.parametrize("command", [["run"], ["explore", "--programs", "1"]])
def test_a_bad_file_among_the_kept_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    save(kept(), Path(FOLDER))
    (Path(FOLDER) / "old.json").write_text(_bad(schema_version=9), encoding="utf-8")
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 2
    assert f"{FOLDER}/old.json cannot be replayed: it has schema 9" in result.stderr


# --- replaying


def test_replaying_is_red_with_the_fault_and_green_without(tmp_path: Path) -> None:
    path = save(_really_kept(), tmp_path)
    report = ["--report", str(tmp_path / "report")]
    assert CliRunner().invoke(app, ["replay", str(path), *report]).exit_code == 1
    again = json.loads((tmp_path / "report" / "report.json").read_text(encoding="utf-8"))
    assert again["scenarios"][0]["findings"][0]["requirement"] == "SCOPE-3"
    clean = CliRunner().invoke(app, ["replay", str(path), "--clean", *report])
    assert (clean.exit_code, "PASS" in clean.stdout) == (0, True)
    told = json.loads((tmp_path / "report" / "report.json").read_text(encoding="utf-8"))
    assert told["run"]["repeat"] == ["sync-check", "replay", str(path), "--clean"]


def test_a_replay_says_first_what_it_plays(tmp_path: Path) -> None:
    steps = PROGRAM.steps + (Step(by="u1", do="connect"),) * 41
    program = PROGRAM.model_copy(update={"steps": steps})
    hostile = kept(finding(message="[red]\x1b[2J", requirement="SCOPE-3"), program=program)
    path = save(hostile, tmp_path)
    result = CliRunner().invoke(app, ["replay", str(path), "--report", str(tmp_path / "report")])
    assert result.stdout.splitlines()[:5] == [
        f"replay {path}",
        r"      found     SCOPE-3  [red]\x1b[2J",
        f"      on        sim with defect {STRANGER}, by sync-check {__version__}",
        '      program   u0: create_message(guild_id="$g", channel_id="$c0", content="~x") \u2192 m1',
        "                u1: connect()",
    ]
    assert "                2 more steps\n" in result.stdout


def test_what_breaks_a_should_is_played_as_strictly_as_it_was_found() -> None:
    assert kept(finding(level=Level.LAX)).strict
    assert not kept().strict


@pytest.mark.parametrize(
    ("changed", "words", "sentence"),
    [
        ({"server": Server(target="sim", defect="gone")}, (), "--clean plays it without"),
        ({"server": Server(target="sim", variants=("gone",))}, (), "--clean plays it without"),
        ({}, ("--clean", "--defect", STRANGER), "contradict each other"),
        ({}, ("--target", "http://127.0.0.1:1", "--defect", STRANGER), "--defect seeds a server of our own"),
        ({}, ("--target", "moon"), "--target 'moon' is no http"),
    ],
)
def test_what_cannot_be_played_is_said(
    tmp_path: Path, changed: dict[str, Any], words: tuple[str, ...], sentence: str
) -> None:
    path = save(kept(**changed), tmp_path)
    result = CliRunner().invoke(app, ["replay", str(path), *words])
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert sentence in result.stderr


@pytest.mark.length
def test_another_machine_plays_the_same(tmp_path: Path) -> None:
    """Another folder, hash seed, time zone, language and home: the same bytes happen."""
    digests = []
    for number, variables in enumerate(
        (
            {"PYTHONHASHSEED": "1", "TZ": "UTC", "LC_ALL": "C"},
            {"PYTHONHASHSEED": "4711", "TZ": "Asia/Kathmandu", "LC_ALL": "C.UTF-8", "HOME": "/nowhere"},
        )
    ):
        place = tmp_path / f"machine-{number}"
        save(kept(), place)
        name = f"{kept().name}.json"
        ran = sync_check_anew("replay", name, "--report", "told", cwd=place, env=os.environ | variables)
        assert (ran.code, ran.err) == (1, "")
        digests.append(hashlib.sha256((place / "told" / "history.ndjson").read_bytes()).hexdigest())
    assert digests[0] == digests[1]


@pytest.mark.usefixtures("exploring_finds")
def test_explore_draws_what_led_to_a_finding(tmp_path: Path) -> None:
    words = ["explore", "--programs", "1", "--defect", STRANGER, "--save", str(tmp_path)]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 1
    (drawn,) = tmp_path.glob("*.svg")
    assert f"      diagram   {drawn}\n" in result.stdout
    assert load(drawn.with_suffix(".json")) == _really_kept()
    title = ET.fromstring(drawn.read_text(encoding="utf-8"))[0]
    assert (title.text or "").startswith("SCOPE-3: message_create reached")


# --- what is kept is played first


@pytest.mark.usefixtures("exploring_finds_nothing")
def test_explore_plays_first_what_is_kept(tmp_path: Path) -> None:
    save(_really_kept(), tmp_path)
    words = ["explore", "--programs", "1", "--steps", "1", "--save", str(tmp_path)]
    clean = CliRunner().invoke(app, words)
    assert clean.exit_code == 0
    assert clean.stdout.splitlines()[1].startswith("ok    scope-3-")
    assert ": not found again: message_create reached" in clean.stdout.splitlines()[1]
    faulty = CliRunner().invoke(app, [*words, "--defect", STRANGER])
    assert faulty.exit_code == 1
    assert faulty.stdout.splitlines()[1].startswith("FAIL  scope-3-")


def test_a_run_plays_first_what_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = save(_really_kept(), Path(FOLDER))
    monkeypatch.setattr(running, "select", lambda patterns, _: [*select(patterns or ["messages/delete"])])
    for defect, verdict in ((), "pass"), (("--defect", STRANGER), "fail"):
        CliRunner().invoke(app, ["run", "--target", "sim", "--clients", "2", *defect])
        told = json.loads((tmp_path / "sync-check-report" / "report.json").read_text(encoding="utf-8"))
        assert [one["id"] for one in told["scenarios"]] == [f"{FOLDER}/{path.stem}", "messages/delete"]
        assert told["scenarios"][0]["verdict"] == verdict


def test_a_run_of_named_scenarios_plays_those(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    save(kept(), Path(FOLDER))
    CliRunner().invoke(app, ["run", "messages/delete", "--target", "sim", "--clients", "2"])
    told = json.loads((tmp_path / "sync-check-report" / "report.json").read_text(encoding="utf-8"))
    assert [one["id"] for one in told["scenarios"]] == ["messages/delete"]


@pytest.mark.usefixtures("exploring_finds")
def test_a_file_is_no_folder_to_keep_findings_in(tmp_path: Path) -> None:
    taken = tmp_path / "file"
    taken.write_text("mine", encoding="utf-8")
    result = CliRunner().invoke(app, ["explore", "--save", str(taken)])
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"--save {taken} is a file: name a folder" in result.stderr
    assert taken.read_text(encoding="utf-8") == "mine"


def test_a_finding_is_told_where_it_cannot_be_kept(tmp_path: Path) -> None:
    taken = tmp_path / "file"
    taken.write_text("", encoding="utf-8")
    words = ["explore", "--programs", "1", "--defect", STRANGER, "--save", str(taken / "below")]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 1
    assert "not kept" in result.stdout
    assert list(tmp_path.iterdir()) == [taken]
