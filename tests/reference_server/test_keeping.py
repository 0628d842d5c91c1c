"""What a server leaves to the next process: all that REST acknowledged, for nobody else to read."""

import json
import os
import signal
import stat
from dataclasses import dataclass
from pathlib import Path

import pytest

from sync_check.reference_server.__main__ import main
from sync_check.reference_server.backend import Backend, build_backend
from sync_check.reference_server.clock import Clock
from sync_check.reference_server.content import Attachment, Message
from sync_check.reference_server.errors import InvalidCredentials
from sync_check.reference_server.guild import Channel, Override
from sync_check.reference_server.keeping import (
    StateDescriptor,
    StateFile,
    StateUnusable,
    kept_by,
    read,
    restore,
    state_of,
    written,
)
from sync_check.reference_server.settings import Settings
from sync_check.reference_server.store import FriendRequest, Image
from tests.reference_server.processes import started
from tests.reference_server.running import PASSWORD
from tests.reference_server.test_process import fetch


@dataclass
class Time:
    """Two clocks that a test sets."""

    monotonic: float = 1000.0
    wall: float = 1_700_000_000.0

    def clock(self) -> Clock:
        return Clock(monotonic=lambda: self.monotonic, wall=lambda: self.wall)


def server(time: Time, kept: bytes | None = None, *, defect: str | None = None) -> Backend:
    """A server with a seed, that takes over what another one left."""
    left = None if kept is None else read(kept)
    starts, since = (0, 0.0) if left is None else (left.starts, left.stopped_at)
    settings = Settings(seed=1, defect=defect)
    backend = build_backend(settings, clock=time.clock(), starts=starts, since=since)
    if left is not None:
        restore(backend, left)
    return backend


def furnished(time: Time) -> Backend:
    """A server with two users, one guild, and something in each place that is kept."""
    backend = server(time)
    for name in ("ana", "ben"):
        backend.accounts.register(name, PASSWORD)
    ana, ben = (backend.store.users[user_id] for user_id in backend.store.user_ids.values())
    ana.avatar = Image(mime_type="image/png", data=b"\x89PNG\xff")
    ana.friends[ben.user_id] = 5
    request = FriendRequest(
        request_id="r", sender_id=ana.user_id, recipient_id=ben.user_id, created_at_unix=6
    )
    backend.store.friend_requests["r"] = request
    guild = backend.found_guild(owner_id=ana.user_id, name="guild", visibility="public")
    channel = Channel(channel_id=backend.ids.channel(), name="general", kind="text")
    guild.channels[channel.channel_id] = channel
    place = {"guild_id": guild.guild_id, "channel_id": channel.channel_id}
    file = Attachment(
        **place,
        attachment_id="f",
        owner_id=ana.user_id,
        filename="f.png",
        mime_type="image/png",
        data=b"\x00\xfe",
        sha256_hex="00",
        message_id="m",
    )
    channel.attachments["f"] = file
    channel.messages["m"] = Message(
        **place,
        message_id="m",
        author_id=ana.user_id,
        content="hello",
        created_at_unix=7,
        attachments=[file],
        reactions={"👍": {ben.user_id: None}},
    )
    channel.overrides[ben.user_id] = Override(deny=frozenset({"create_message"}))
    channel.readers[ben.user_id] = True
    guild.banned[ben.user_id] = None
    return backend


def test_another_process_goes_on_with_everything_that_is_stored() -> None:
    before = furnished(Time())
    after = server(Time(), written(kept_by(before)))
    for guild in before.store.guilds.values():
        guild.access_changed()  # what was concluded is concluded anew
    assert after.store == before.store
    (channel,) = next(iter(after.store.guilds.values())).channels.values()
    # Deleting the file has to be seen wherever it is.
    assert channel.messages["m"].attachments[0] is channel.attachments["f"]


def test_sessions_go_on_until_they_would_have_ended_whatever_the_new_clock_says() -> None:
    time = Time()
    before = furnished(time)
    pair = before.accounts.login("ana", PASSWORD)
    old = before.accounts.login("ben", PASSWORD)
    used = old.refresh_token
    new = before.accounts.refresh(used)
    kept = written(kept_by(before))
    later = Time(monotonic=3.0, wall=time.wall + 899)
    after = server(later, kept)
    session = after.accounts.session_of(pair.access_token)
    assert session is not None
    assert after.store.users[session.user_id].username == "ana"
    later.monotonic += 2
    assert after.accounts.session_of(pair.access_token) is None
    assert after.accounts.refresh(pair.refresh_token).access_token != pair.access_token
    with pytest.raises(InvalidCredentials):
        after.accounts.refresh(used)
    with pytest.raises(InvalidCredentials):
        after.accounts.refresh(new.refresh_token)  # AUTH-4: the replay has ended the session


def test_an_account_stays_locked() -> None:
    time = Time()
    before = furnished(time)
    before.store.users[before.store.user_ids["ana"]].locked_until = time.monotonic + 30
    after = server(Time(monotonic=0.0, wall=time.wall + 10), written(kept_by(before)))
    assert after.store.users[after.store.user_ids["ana"]].locked_until == 20.0


def test_nothing_is_drawn_twice_and_ids_go_on_growing() -> None:
    time = Time()
    before = furnished(time)
    first, token = before.ids.message(), before.accounts.login("ana", PASSWORD).access_token
    after = server(time, written(kept_by(before)))
    assert after.ids.message() > first
    assert after.accounts.login("ana", PASSWORD).access_token != token
    again = server(time, written(kept_by(after)))
    assert again.starts == 2
    assert len({one.ids.message() for one in (before, after, again)}) == 3


def test_a_defect_spoils_what_it_takes_over() -> None:
    after = server(Time(), written(kept_by(furnished(Time()))), defect="restart-lifts-bans")
    assert not next(iter(after.store.guilds.values())).banned


def test_the_file_is_for_its_owner_alone_and_replaced_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "state"
    file = StateFile(path)
    assert file.load() is None
    file.save(kept_by(furnished(Time())))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["state"]
    found = file.load()
    assert found is not None
    assert [user.username for user in found.users] == ["ana", "ben"]


@pytest.mark.parametrize("text", ["{", "[]", '{"format":2}', '{"users":[{"user_id":1}]}', '{"other":1}'])
def test_what_is_no_state_is_refused_in_a_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "state"
    path.write_text(text)
    with pytest.raises(StateUnusable) as caught:
        StateFile(path).load()
    assert str(caught.value) == (
        f"the state file {str(path)!r} holds no state of a server of this version;"
        " give another file, or remove it"
    )


def test_a_file_that_cannot_be_used_is_refused_before_anything_is_served(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    path = folder / "state"
    state = StateFile(path)
    kept = kept_by(furnished(Time()))
    folder.rmdir()
    for act in (state.load, lambda: state.save(kept)):
        with pytest.raises(StateUnusable, match="No such file or directory"):
            act()
    path = tmp_path / "state"
    path.write_text("no state")
    assert main(["--state", str(path)]) == 2
    assert "holds no state of a server" in capsys.readouterr().err


def test_an_open_file_without_a_name_will_do() -> None:
    descriptor = os.memfd_create("state")
    state = state_of(Settings(state_descriptor=descriptor))
    assert isinstance(state, StateDescriptor)
    assert state.load() is None
    for backend in (furnished(Time()), server(Time())):
        state.save(kept_by(backend))
        found = state.load()
        assert found is not None
        assert len(found.users) == len(backend.store.users)
    os.close(descriptor)


def test_a_process_keeps_its_state_from_start_to_start(tmp_path: Path) -> None:
    path = tmp_path / "state"
    names = []
    for _ in range(2):
        with started("--state", str(path), "--log", "off") as (process, url):
            assert fetch(f"{url}/health") == (200, {"status": "ok"})
            process.send_signal(signal.SIGTERM)
            assert process.wait() == 0
        names.append(json.loads(path.read_text())["starts"])
    assert names == [1, 2]
