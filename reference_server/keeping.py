"""What a server keeps of one process for the next: everything that REST has acknowledged, in one file.

It is written when the server stops in order, and holds accounts with their sessions, friendships and
workspaces. Connections, presence, voice participants, counters and rates end with the process.

StateUnusable     the file cannot be read or written, or holds no state of a server
"""

import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import ClassVar, Final

from pydantic import ConfigDict, TypeAdapter

from sync_check.reference_server.accounts import Session
from sync_check.reference_server.backend import Backend
from sync_check.reference_server.guild import Guild
from sync_check.reference_server.settings import Settings
from sync_check.reference_server.store import FriendRequest, User

_FORMAT: Final = 1
_OWNER_ONLY: Final = 0o600


class StateUnusable(Exception):
    """The state file at `path` will not do; `reason` says why."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(path, reason)
        self.path = path
        self.reason = reason

    def __str__(self) -> str:
        return f"the state file {str(self.path)!r} {self.reason}"


@dataclass(kw_only=True)
class Kept:
    """One process's state. Lifetimes of sessions are told on the wall clock; `stopped_at` is, too.

    `starts` counts the processes so far that wrote it.
    """

    __pydantic_config__: ClassVar = ConfigDict(
        ser_json_bytes="base64", val_json_bytes="base64", extra="forbid"
    )

    format: int = _FORMAT
    starts: int = 0
    stopped_at: float = 0.0
    users: list[User] = field(default_factory=list)
    friend_requests: list[FriendRequest] = field(default_factory=list)
    guilds: list[Guild] = field(default_factory=list)
    guilds_of: dict[str, list[str]] = field(default_factory=dict)
    sessions: list[Session] = field(default_factory=list)


_ADAPTER: Final = TypeAdapter(Kept)


def kept_by(backend: Backend) -> Kept:
    """What a server that is stopping leaves to the next one; it shares its objects."""
    store, to_wall = backend.store, backend.clock.wall() - backend.clock.monotonic()
    return Kept(
        starts=backend.starts + 1,
        stopped_at=backend.clock.wall(),
        users=[_shifted_user(user, to_wall) for user in store.users.values()],
        friend_requests=list(store.friend_requests.values()),
        guilds=list(store.guilds.values()),
        guilds_of={user_id: list(guild_ids) for user_id, guild_ids in store.guilds_of.items()},
        sessions=[_shifted_session(session, to_wall) for session in backend.accounts.sessions()],
    )


def written(kept: Kept) -> bytes:
    """As it stands in a file."""
    return _ADAPTER.dump_json(kept)


def read(data: bytes) -> Kept:
    """What stands in a file; raises ValueError."""
    kept = _ADAPTER.validate_json(data)
    if kept.format != _FORMAT:
        raise ValueError(f"format {kept.format}")
    return kept


def restore(backend: Backend, kept: Kept) -> None:
    """Give a new server what another one left; it owns all of it from then on."""
    store, to_monotonic = backend.store, backend.clock.monotonic() - backend.clock.wall()
    for user in kept.users:
        store.add_user(_shifted_user(user, to_monotonic))
    store.friend_requests.update((one.request_id, one) for one in kept.friend_requests)
    for guild in kept.guilds:
        _join_up(guild)
        store.guilds[guild.guild_id] = guild
    store.guilds_of.update((user_id, dict.fromkeys(ids)) for user_id, ids in kept.guilds_of.items())
    backend.accounts.resume(_shifted_session(session, to_monotonic) for session in kept.sessions)
    backend.deviation.restored(backend)


def _join_up(guild: Guild) -> None:
    """A file is one thing for the channel that holds it and for the message that it is bound to."""
    for channel in guild.channels.values():
        channel.readers.clear()
        for message in channel.messages.values():
            message.attachments = [channel.attachments[one.attachment_id] for one in message.attachments]


def _shifted_user(user: User, seconds: float) -> User:
    return replace(user, locked_until=user.locked_until + seconds if user.locked_until else 0.0)


def _shifted_session(session: Session, seconds: float) -> Session:
    return replace(
        session,
        refresh_until=session.refresh_until + seconds,
        access_tokens={token: until + seconds for token, until in session.access_tokens.items()},
    )


class StateFile:
    """The file that a server reads when it starts and writes when it stops; nobody else may read it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> Kept | None:
        """What another process left, None if there was none. Raises `StateUnusable`."""
        try:
            # Whether it can be written shows now, and not when everything is to be kept.
            with os.fdopen(os.open(self._path, os.O_RDWR | os.O_CREAT, _OWNER_ONLY), "rb") as file:
                data = file.read()
            return read(data) if data else None
        except OSError as error:
            raise StateUnusable(self._path, f"cannot be used: {error.strerror or error}") from error
        except ValueError as error:
            reason = "holds no state of a server of this version; give another file, or remove it"
            raise StateUnusable(self._path, reason) from error

    def save(self, kept: Kept) -> None:
        """Leave it to the next process, all of it or nothing. Raises `StateUnusable`."""
        beside = self._path.with_name(f"{self._path.name}.new")
        try:
            with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _OWNER_ONLY), "wb") as file:
                file.write(written(kept))
            beside.replace(self._path)
        except OSError as error:
            raise StateUnusable(self._path, f"cannot be written: {error.strerror or error}") from error


class StateDescriptor:
    """The same in an open file that has no name, which whoever started the server holds."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def load(self) -> Kept | None:
        """What another process left, None if there was none."""
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        with os.fdopen(os.dup(self._descriptor), "rb") as file:
            data = file.read()
        return read(data) if data else None

    def save(self, kept: Kept) -> None:
        """Leave it to the next process."""
        os.ftruncate(self._descriptor, 0)
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        with os.fdopen(os.dup(self._descriptor), "wb") as file:
            file.write(written(kept))


State = StateFile | StateDescriptor


def state_of(settings: Settings) -> State | None:
    """Where a server of these settings keeps what is stored; None if nowhere."""
    if settings.state_descriptor is not None:
        return StateDescriptor(settings.state_descriptor)
    return None if settings.state is None else StateFile(settings.state)
