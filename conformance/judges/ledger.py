"""Folds the records of a run into lives: of operations, connections, settles, scenarios; and into worlds."""

import copy
from collections.abc import Mapping, Sequence
from typing import Any, Final

from pydantic import ValidationError

from sync_check.conformance.contract.dates import DATE
from sync_check.conformance.contract.events import MessageCreate
from sync_check.conformance.contract.operations import (
    OPERATIONS,
    CreateMessage,
    IssueVoiceToken,
    Operation,
    Subscribe,
)
from sync_check.conformance.contract.shapes import Message
from sync_check.conformance.history import (
    BodySeen,
    CanaryPlaced,
    ClientKnown,
    CommandSent,
    ConnectionCut,
    ConnectionEnded,
    ConnectionOpened,
    FarEnded,
    FaultLifted,
    FaultPut,
    FenceMissed,
    FramesReceived,
    HarnessFailed,
    Header,
    InputSent,
    MemorySeen,
    OperationAnswered,
    OperationInvoked,
    Outcome,
    Pinged,
    Purpose,
    Record,
    ReplicaTaken,
    RunEnded,
    ScenarioBegun,
    ScenarioEnded,
    ScenarioSkipped,
    SettleBegun,
    SettleEnded,
    SliceSeen,
    SnapshotTaken,
    Stalled,
    TakingChanged,
    TargetDown,
    TargetUp,
    UpgradeAnswered,
)
from sync_check.conformance.judges.disturbances import Disturbance, Restart, disturb
from sync_check.conformance.judges.doings import Doings
from sync_check.conformance.judges.intake import Intake
from sync_check.conformance.judges.lives import Call, Cause, Health, Scenario, Settle, Taken
from sync_check.conformance.judges.moments import Moments
from sync_check.conformance.judges.raw_requests import as_operation, understood_request
from sync_check.conformance.judges.readings import Reading, read_body
from sync_check.conformance.judges.sendings import Sendings, meant, sent, shown_by
from sync_check.conformance.model.addresses import parsed_address
from sync_check.conformance.model.connections import NEVER, Arrival, Connection, Lease, Pinging, Taking
from sync_check.conformance.model.departures import back_again, entered_alone, left_alone
from sync_check.conformance.model.emissions import Standing
from sync_check.conformance.model.messages import create
from sync_check.conformance.model.transitions import DEFAULT_LIMITS, Situation
from sync_check.conformance.model.world import Person, World

_FIRST_ERROR: Final = 400
_STANDING: Final = {
    Outcome.OK: Standing.DUE,
    Outcome.FAIL: Standing.REFUSED,
    Outcome.UNKNOWN: Standing.OPTIONAL,
}


class Ledger(Doings):
    """Everything recorded so far, indexed; `take` folds one record.

    A mutation without an answer is `undecided` until `decide` says whether it is taken to have happened, or
    until the next record, from which on nobody knows what the state is.
    """

    def __init__(self) -> None:
        super().__init__()
        self.scenarios: list[Scenario] = []
        self.calls: dict[int, Call] = {}
        self.calls_of: dict[int, list[Call]] = {}
        self._named: dict[str, list[Call]] = {}
        self.first_answered: dict[tuple[int, int], Call] = {}
        """By the life of the target's process and the status of an error, the call sent first that got it."""
        self.dated: list[Call] = []
        """The calls whose answers told something of the target's clock."""
        self.commands: list[Call] = []
        self.arrivals: list[Arrival] = []
        self.first_arrivals, self.last_arrivals = Moments(), Moments()
        self.settles: list[Settle] = []
        self.missed: list[tuple[int, FenceMissed]] = []
        self.canaries: list[CanaryPlaced] = []
        self.slices: dict[str, str] = {}
        self.users: dict[str, str] = {}
        self.body_bytes: dict[int, int] = {}
        """How long the body was of each operation that was sent as bytes."""
        self.stalls: list[tuple[int, Stalled]] = []
        self.memories: list[tuple[int, MemorySeen]] = []
        self.restarts: list[Restart] = []
        self.latest_at = 0
        self.undecided: Call | None = None
        self._late: list[Call] = []
        self.intake = Intake(DEFAULT_LIMITS)
        self.past_causes: dict[int, list[Cause]] = {}
        self.upgrades: list[tuple[int, UpgradeAnswered]] = []
        self._sendings = Sendings()

    def life_at(self, position: int) -> int:
        """Where the process of the target began to run that ran at a position; 0 of the first one."""
        return max((one.up for one in self.restarts if one.up <= position), default=0)

    def begun_of(self, guild_id: str | None) -> int | None:
        """When the scenario began in which a guild was made; None of one that was there before the run."""
        home = self.homes.get(guild_id or "")
        if home is None:
            return None
        # What came before the first scenario belongs to it.
        return self.scenarios[home].begun_at if home else 0

    def named(self, *names: str) -> Sequence[Call]:
        """The REST calls of the operations of these names, in the order in which they were sent."""
        found = [call for name in names for call in self._named.get(name, ())]
        return found if len(names) == 1 else sorted(found, key=lambda call: call.invoked)

    @property
    def current(self) -> int:
        """The index of the scenario that records belong to now; what came before the first belongs to it."""
        return max(0, len(self.scenarios) - 1)

    def take(self, record: Record) -> None:
        """Fold one record."""
        self._position += 1
        if isinstance(record, FramesReceived):
            self.latest_at = max(self.latest_at, record.at + record.after[-1])
            self._frames(record)
            return
        self.decide(None)
        at = getattr(record, "at", None)
        if at is not None:
            self.latest_at = at
        match record:
            case BodySeen():
                self.readings[record.body] = read_body(record)
            case SliceSeen():
                self.slices[record.digest] = record.value
            case OperationInvoked():
                self._invoked(record)
            case OperationAnswered():
                self._answered(record)
            case (
                ConnectionOpened()
                | ConnectionEnded()
                | CommandSent()
                | InputSent()
                | TakingChanged()
                | Pinged()
            ):
                self._connection(record)
            case FaultPut() | FaultLifted() | ConnectionCut() | FarEnded() | TargetDown() | TargetUp():
                self._disturbed(record)
            case SettleBegun() | ReplicaTaken() | SnapshotTaken() | SettleEnded():
                self._settle(record)
            case FenceMissed():
                self.missed.append((self._position, record))
            case CanaryPlaced():
                self.canaries.append(record)
            case _:
                self._frame_of_run(record)

    def _frame_of_run(
        self,
        record: (
            ClientKnown
            | UpgradeAnswered
            | Header
            | ScenarioSkipped
            | ScenarioBegun
            | ScenarioEnded
            | Stalled
            | MemorySeen
            | HarnessFailed
            | RunEnded
        ),
    ) -> None:
        match record:
            case ClientKnown():
                self._client(record)
            case UpgradeAnswered():
                self.upgrades.append((self._position, record))
            case Header():
                self.header = record
                self.intake.limits = record.limits
            case ScenarioBegun():
                self.scenarios.append(
                    Scenario(
                        index=len(self.scenarios),
                        id=record.scenario,
                        title=record.title,
                        covers=record.covers,
                        begun=self._position,
                        begun_at=record.at,
                    )
                )
            case ScenarioEnded():
                # What was given up will not be answered any more, and makes sense of nothing.
                self._under_way.clear()
                self._catch_up()
                self._come_to_rest()
                scenario = self.scenarios[-1]
                scenario.ended, scenario.ended_at = self._position, record.at
                scenario.ending = record.ending
                scenario.message = record.message
                scenario.health = Health(lag_us=record.lag_us, lag_p99_us=record.lag_p99_us, cpu=record.cpu)
            case Stalled():
                self.stalls.append((self.current, record))
            case MemorySeen():
                self.memories.append((self._position, record))
            case ScenarioSkipped() | HarnessFailed() | RunEnded():
                pass  # nothing that a client saw

    # --- people and operations

    def _client(self, record: ClientKnown) -> None:
        self.users[record.client] = record.user_id
        address = parsed_address(record.address)
        if address is not None:
            self.addresses[record.client] = address
        if record.user_id not in self.timeline.present.people:
            person = Person(user_id=record.user_id, username=record.username)
            world = self.timeline.present.with_person(person)
            self.timeline.push(world, invoked=self._position, acknowledged=self._position)

    def _invoked(self, record: OperationInvoked) -> None:
        understood = understood_request(record, self.intake.limits)
        if understood is not None:
            self.body_bytes[record.op] = understood.body_bytes
            if understood.operation is not None:
                record = as_operation(record, understood.operation)
        call = Call(
            op=record.op,
            name=record.operation,
            client=record.client,
            session=record.session,
            purpose=record.purpose,
            scenario=self._scenario_of(record),
            invoked=self._position,
            invoked_at=record.at,
            operation=_parsed(record),
            arguments=record.arguments,
            request_id=record.request_id,
            token=record.token,
            understood=understood,
            actor=self.users.get(record.client),
        )
        self.calls[call.op] = call
        self.calls_of.setdefault(call.scenario, []).append(call)
        self._named.setdefault(call.name, []).append(call)
        if call.rule is not None and call.rule.mutates:
            self._under_way[call.op] = call

    def _scenario_of(self, record: OperationInvoked) -> int:
        """Who leaves a guild may be removed from it much later: that belongs to the scenario that made it."""
        if record.purpose is Purpose.CLEANUP:
            return self.homes.get(str(record.arguments.get("guild_id")), self.current)
        return self.current

    def _answered(self, record: OperationAnswered) -> None:
        call = self.calls[record.op]
        self._under_way.pop(record.op, None)
        call.answered_at = record.at
        call.outcome = record.outcome
        call.status, call.body, call.error = record.status, record.body, record.error
        call.headers = record.headers
        if DATE in (record.headers or ()):
            self.dated.append(call)
        self._note_status(call)
        call.actor = call.actor or self.users.get(call.client)
        if record.outcome is not Outcome.UNKNOWN:
            call.acknowledged = self._position
        if call.retried or call.rule is None:
            return
        if call.outcome is Outcome.UNKNOWN and call.rule.mutates:
            self.undecided = call
        else:
            self._apply(call, _STANDING[record.outcome])
        self._catch_up()
        if call.name == IssueVoiceToken.name:
            self._enter_voice(call)
        if self._sendings.is_waiting:
            for message in shown_by(call):
                self._shown(message)

    def _note_status(self, call: Call) -> None:
        if call.status is None or call.status < _FIRST_ERROR:
            return
        key = self.life_at(call.invoked), call.status
        first = self.first_answered.get(key)
        if first is None or call.invoked < first.invoked:
            self.first_answered[key] = call

    # --- operations that nobody knows the outcome of

    def decide(self, happened: bool | None) -> None:
        """Go on as if the undecided operation had happened, had not, or (None) as if both were possible.

        If it happened, then at some moment until everything comes to rest: the next settle, or the end.
        """
        call, self.undecided = self.undecided, None
        if call is None:
            return
        call.assumed = happened
        if happened:
            self._late.append(call)
            return
        if happened is False:
            call.acknowledged = self._position
        self._apply(call, Standing.OPTIONAL if happened is None else Standing.REFUSED)

    def _come_to_rest(self) -> None:
        late, self._late = self._late, []
        for call in late:
            call.acknowledged, call.answered_at = self._position, self.latest_at
            self._apply(call, Standing.DUE)

    def fork(self) -> "Ledger":
        """A copy that goes its own way; worlds and readings, which never change, are shared."""
        shared: list[object] = [*self.timeline.worlds_so_far, *self.readings.values()]
        shared += (emitted.emission for emitted in self.emitted)
        return copy.deepcopy(self, {id(one): one for one in shared})

    # --- connections

    def _connection(
        self, record: ConnectionOpened | ConnectionEnded | CommandSent | InputSent | TakingChanged | Pinged
    ) -> None:
        if isinstance(record, ConnectionOpened):
            self.connections[record.connection] = Connection(
                number=record.connection,
                name=f"{record.client}#{record.number}",
                client=record.client,
                user_id=self.users.get(record.client),
                address=self.addresses.get(record.client),
                session=record.session,
                request_id=record.request_id,
                began=record.began,
                opened=self._position,
                opened_at=record.at,
                headers=record.headers,
                born=self.current,
            )
            self._settle_voice(back_again(self.timeline.present, self.users.get(record.client), record.began))
            return
        connection = self.connections[record.connection]
        if isinstance(record, CommandSent):
            self._command(connection, record)
            return
        if isinstance(record, InputSent):
            self._input(connection, record)
            return
        if isinstance(record, Pinged):
            connection.pingings.append(_pinging(record, self._position))
            return
        if isinstance(record, TakingChanged):
            connection.takings.append(
                Taking(
                    position=self._position,
                    at=record.at,
                    bytes_per_s=record.bytes_per_s,
                    absorbs=record.absorbs,
                    vanished=record.vanished,
                )
            )
            return
        connection.ended, connection.ended_at = self._position, record.at
        connection.how, connection.code, connection.reason = record.how, record.code, record.reason
        self._leave_voice(connection)

    def _disturbed(self, record: Disturbance | TargetDown | TargetUp) -> None:
        if isinstance(record, TargetDown | TargetUp):
            self._restarted(record)
            return
        connection = self.connections[record.connection]
        disturb(connection, record, self._position)
        if isinstance(record, FarEnded):
            self._leave_voice(connection)

    def _restarted(self, record: TargetDown | TargetUp) -> None:
        """The target goes, and with it all connections; or it is back, and nothing is left of them."""
        if isinstance(record, TargetDown):
            restart = Restart(
                scenario=self.current, down=self._position, down_at=record.at, killed=record.killed
            )
            self.restarts.append(restart)
            for connection in self.connections.values():
                connection.stopped = connection.stopped or connection.gone == NEVER
            return
        for connection in self.connections.values():
            if connection.stopped:
                connection.survived_by = min(connection.survived_by, self._position)
        if self.restarts:
            self.restarts[-1].up, self.restarts[-1].up_at = self._position, record.at

    def _leave_voice(self, ended: Connection) -> None:
        """A connection is over: if it was its user's last that the target knew of, the user leaves voice."""
        participants = self.timeline.present.voice.participants
        if ended.user_id in participants and ended.gone_at is not None and self._is_alone(ended):
            self._settle_voice(left_alone(self.timeline.present, ended.user_id, ended.gone_at))

    def _enter_voice(self, call: Call) -> None:
        """A token was given: its user may have left voice at once if their last connection had just ended."""
        own = [one.gone_at for one in self.connections.values() if one.user_id == call.actor]
        ends = [at for at in own if at is not None]
        if ends and len(ends) == len(own):
            self._settle_voice(entered_alone(self.timeline.present, call.actor, max(ends)))

    def _is_alone(self, ended: Connection) -> bool:
        """Whether it was its user's last connection."""
        return all(
            one.gone_at is not None for one in self.connections.values() if one.user_id == ended.user_id
        )

    def _settle_voice(self, world: World) -> None:
        """Take over what the begin or end of a connection does to voice participants."""
        if world is not self.timeline.present:
            self.timeline.push(world, invoked=self._position, acknowledged=self._position)

    def _command(self, connection: Connection, record: CommandSent) -> None:
        call = sent(record, connection, scenario=self.current, position=self._position)
        if call is not None:
            self._spoken(call)
        if record.command == Subscribe.name:
            self._subscribing(connection, record.arguments, record.at)
        consequence = self.intake.command(record, self._position)
        if call is not None:
            call.offence = consequence

    def _input(self, connection: Connection, record: InputSent) -> None:
        consequences = self.intake.take(record, self._position)
        for said in (one.said for one in consequences if one.said is not None):
            if said.name == Subscribe.name:
                self._subscribing(connection, said.payload, record.at)
        call = meant(record, consequences, connection, scenario=self.current, position=self._position)
        if call is not None:
            self._spoken(call)

    def _spoken(self, call: Call) -> None:
        """A message was sent by command."""
        if isinstance(call.operation, CreateMessage):
            self.calls[call.op] = call
            self.calls_of.setdefault(call.scenario, []).append(call)
            self.commands.append(call)
            self._sendings.take(call, call.operation)

    def _subscribing(self, connection: Connection, arguments: Mapping[str, Any], at: int) -> None:
        connection.leases.append(
            Lease(
                guild_id=str(arguments.get("guild_id")),
                channel_id=str(arguments.get("channel_id")),
                asked=self._position,
                asked_at=at,
            )
        )

    def _frames(self, record: FramesReceived) -> None:
        position = self._position
        at = record.at
        times = dict(zip(record.connections, [at + after for after in record.after], strict=True))
        arrival = Arrival(position=position, body=record.body, times=times)
        connections = self.connections
        for number in times:
            connections[number].frames.append(arrival)
        self.arrivals.append(arrival)
        self.first_arrivals.add(min(times.values()), position)
        self.last_arrivals.add(max(times.values()), position)
        if self.is_racing:
            self._told(arrival)
        reading = self.readings[record.body]
        if reading.name == "subscribed" and reading.channel_id is not None:
            for number, received_at in times.items():
                self._confirmed(connections[number], reading, received_at)
        elif self._sendings.is_waiting and isinstance(reading.check.event, MessageCreate):
            self._shown(reading.check.event)

    def _confirmed(self, connection: Connection, reading: Reading, at: int) -> None:
        asked = connection.leases_of(reading.guild_id, reading.channel_id)
        lease = next((lease for lease in asked if lease.confirmed is None), None)
        if lease is not None:
            lease.confirmed = self._position
            self._sendings.bound(connection.number, lease.asked, self._position, at)

    def _shown(self, message: Message) -> None:
        """Somebody is shown a message: if a command made it, that is how its effect becomes known."""
        if message.message_id in self.timeline.present.messages_of(message.channel_id):
            return
        call = self._sendings.seen(message)
        if call is None or not isinstance(call.operation, CreateMessage):
            return
        situation = Situation(
            world=self.timeline.present,
            actor=call.actor,
            answer=message,
            asked_at=call.invoked_at,
            answered_at=call.answered_at or self.latest_at,
        )
        effect = create(situation, call.operation)
        self._advance(call, effect, situation.world)
        self._emit(call, effect)

    # --- settles

    def _settle(self, record: SettleBegun | ReplicaTaken | SnapshotTaken | SettleEnded) -> None:
        if isinstance(record, SettleBegun):
            self._come_to_rest()
            self.settles.append(Settle(number=record.settle, scenario=self.current, begun=self._position))
            return
        settle = next(settle for settle in reversed(self.settles) if settle.number == record.settle)
        if isinstance(record, SettleEnded):
            settle.ended, settle.void = self._position, record.void
            return
        taken = Taken(
            position=self._position,
            at=record.at,
            connection=record.connection,
            guilds=record.guilds,
            slices=record.slices,
        )
        where = settle.replicas if isinstance(record, ReplicaTaken) else settle.snapshots
        where[record.connection] = taken


def _pinging(record: Pinged, position: int) -> Pinging:
    return Pinging(
        position=position,
        began_at=record.began,
        over_at=record.at,
        pings=record.pings,
        answered=record.answered,
        pongs=record.pongs,
    )


def _parsed(record: OperationInvoked) -> Operation | None:
    """The operation as a value; None for one that this version does not know."""
    operation = OPERATIONS.get(record.operation)
    if operation is None:
        return None
    try:
        return operation.model_validate(dict(record.arguments))
    except ValidationError:
        return None
