"""What one connection believes: built from the REST snapshot and events only, as a real client builds it.

Without I/O: `apply` and `finish_refetch` return what to read next, the owner reads it.
"""

from collections.abc import Iterable, Mapping, Set
from typing import Final

from sync_check.conformance.contract import events, slices
from sync_check.conformance.contract.features import Feature
from sync_check.conformance.contract.slices import View
from sync_check.harness.bodies import UnreadableBody
from sync_check.harness.decoding import Decoder
from sync_check.harness.errors import HarnessError
from sync_check.harness.occasions import PERSONAL, asked_by, in_force, whole_guild
from sync_check.harness.reducers.reduction import reduce
from sync_check.harness.refetch import Fetched, Reading, Refetch
from sync_check.harness.sharing import NOTHING_TOLD, Sharing
from sync_check.harness.snapshot import in_order, load, prune
from sync_check.harness.state import State, make_asked, make_live, with_mappings
from sync_check.harness.view import view_of

_MOST_WAITING: Final = 64
"""Events that wait to be applied together."""


class Replica:
    """The local state of one connection of the user `user_id`, in the slices whose feature is in `features`.

    `decoder` and `sharing` are those of all replicas of a run.

    Counts what a client ignores: `unknown_received` frames with unknown names, `parse_rejected` malformed
    ones, `unread` reads that gave nothing usable (no answer, an error other than 403 or 404, a senseless
    body).
    """

    __slots__ = (
        "_buffer",
        "_decoder",
        "_features",
        "_heard",
        "_sharing",
        "_state",
        "_waiting",
        "parse_rejected",
        "unknown_received",
        "unread",
    )

    def __init__(
        self,
        *,
        user_id: str,
        features: frozenset[Feature],
        decoder: Decoder,
        sharing: Sharing | None = None,
    ) -> None:
        self._state = State(user_id=user_id)
        self._heard: frozenset[type[events.Event]] = frozenset()
        self._waiting = NOTHING_TOLD
        self.unknown_received = 0
        self.parse_rejected = 0
        self.unread = 0
        self._features = features
        self._decoder = decoder
        self._sharing = sharing or Sharing()
        self._buffer: list[tuple[events.Event, bool]] | None = None

    @property
    def state(self) -> State:
        """What the connection believes now."""
        self._catch_up()
        return self._state

    @state.setter
    def state(self, state: State) -> None:
        self._catch_up()
        self._state = state

    @property
    def heard(self) -> Set[type[events.Event]]:
        """The kinds of events that came."""
        self._catch_up()
        return self._heard

    @property
    def live(self) -> Mapping[str, str]:
        """The subscribed channels, each with its guild."""
        return self.state.live

    def subscribing(self, guild_id: str, channel_id: str) -> None:
        """A subscribe is about to be sent; a `subscribed` that nobody asked for has no effect."""
        self.state = make_asked(self.state, guild_id, channel_id)

    def apply(self, frame: str | bytes) -> tuple[Refetch, ...]:
        """Apply a received frame, and return what has to be read after it (contract 9.3).

        A binary one is bytes, and ignored.
        """
        decoder = self._decoder
        decoded = decoder.meaning if frame is decoder.latest else decoder.decode(frame)
        event = decoded.event
        if event is None:
            self.unknown_received += decoded.unknown
            self.parse_rejected += not decoded.unknown
            return ()
        if decoded.asks or self._buffer is not None:
            return self._apply(event)
        # Nobody looks at the state until something is read or compared. Then all that came is applied at
        # once, in steps that connections which were told the same can share.
        self._waiting = waiting = self._sharing.after(self._waiting, event)
        if waiting.size >= _MOST_WAITING:
            self._catch_up()
        return ()

    def _apply(self, event: events.Event) -> tuple[Refetch, ...]:
        state = self.state
        self._hear(frozenset((type(event),)))
        wanted = asked_by(state, event, self._features)
        if self._buffer is not None:
            self._buffer.append((event, bool(wanted)))
        self._state = reduce(state, event, self._sharing.take)
        return wanted

    def _catch_up(self) -> None:
        if not self._waiting.size:
            return
        waiting, self._waiting = self._waiting, NOTHING_TOLD
        told = waiting.told
        self._hear(told.kinds)
        for event in told.events:
            self._state = reduce(self._state, event, self._sharing.take)

    def _hear(self, kinds: frozenset[type[events.Event]]) -> None:
        if not kinds <= self._heard:
            self._heard = self._sharing.one_set(self._heard | kinds)

    def begin_refetch(self) -> None:
        """Reads are about to be sent: what comes from now on is applied again on top of what they give.

        One batch of reads at a time, or an older snapshot could undo a newer one.
        """
        if self._buffer is not None:
            raise HarnessError("a replica was told to re-fetch while it was re-fetching")
        self._buffer = []

    def finish_refetch(self, results: Iterable[Fetched]) -> tuple[Refetch, ...]:
        """Take over what the reads gave, then the buffered events again; returns what to read next.

        Without results (the reads were given up) the state stays as it is.
        """
        if self._buffer is None:
            raise HarnessError("a replica finished a re-fetch that it had not begun")
        buffered, self._buffer = self._buffer, None
        wanted: dict[Refetch, None] = {}
        for fetched in in_order(results):
            wanted.update(dict.fromkeys(self._take(fetched)))
        for event, asked in buffered:
            if not asked:
                # Of what was not held when it came nothing was asked, and what was read may be older.
                wanted.update(dict.fromkeys(asked_by(self.state, event, self._features)))
            elif isinstance(event, events.Subscribed) and event.channel_id not in self.state.live:
                # An older list did not name the channel: that does not undo the answer.
                self.state = make_asked(self.state, event.guild_id, event.channel_id)
            self.state = reduce(self.state, event, self._sharing.take)
        self._state = with_mappings(self._state, self._sharing.one_mapping)
        return in_force(wanted, self._features)

    def reads_for(self, guild_ids: Iterable[str]) -> tuple[Refetch, ...]:
        """What to read for a fresh snapshot of all that `view(guild_ids)` shows."""
        wanted = [*PERSONAL, Refetch(Reading.GUILDS)]
        for guild_id in guild_ids:
            if guild_id in self.state.guilds:
                wanted += whole_guild(guild_id, self.state.live_in(guild_id))
        return in_force(wanted, self._features)

    def view(self, guild_ids: Iterable[str]) -> View:
        """What the state shows of these guilds and of the user, in the slices whose feature is in force."""
        return {key: value for key, value in view_of(self.state, guild_ids).items() if self._is_shown(key)}

    def _take(self, fetched: Fetched) -> tuple[Refetch, ...]:
        if fetched.gone:
            self.state, wanted = prune(self.state, fetched.wanted)
            return wanted
        if not fetched.succeeded:
            self.unread += 1
            return ()
        try:
            self.state = load(self.state, fetched.wanted, fetched.body, self._sharing.take)
        except UnreadableBody:
            self.unread += 1
        return ()

    def _is_shown(self, key: str) -> bool:
        return slices.FEATURE_OF_SLICE[key.partition("/")[0]] in (None, *self._features)


def fresh_view(
    user_id: str, features: frozenset[Feature], results: Iterable[Fetched], guild_ids: Iterable[str]
) -> View:
    """The view of a client that knows nothing but `results`, read for `Replica.reads_for(guild_ids)`.

    What could not be read is not shown.
    """
    fetched = tuple(results)
    snapshot = Replica(user_id=user_id, features=features, decoder=Decoder())
    for result in fetched:
        if result.wanted.channel_id:
            snapshot.state = make_live(snapshot.state, result.wanted.guild_id, result.wanted.channel_id)
    snapshot.begin_refetch()
    snapshot.finish_refetch(fetched)
    return snapshot.view(guild_ids)
