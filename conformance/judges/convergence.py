"""Judge `convergence`: at each settle every replica equals its user's fresh snapshot and the model's view."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sync_check.conformance.contract.operations import OPERATIONS, DeleteAttachment
from sync_check.conformance.contract.permissions import ROLE_OF_LEGACY
from sync_check.conformance.contract.slices import (
    ASSIGNMENTS,
    CHANNELS,
    FRIEND_REQUESTS,
    FRIENDS,
    MEMBERS,
    MESSAGES,
    PERMISSIONS,
    PROFILES,
    REACTIONS,
    ROLES,
    STALE_SLICES,
    WORKSPACES,
    slice_key,
)
from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.differences import Difference, differences
from sync_check.conformance.judges.judgement import Judgement, lines_of_call
from sync_check.conformance.judges.lives import Call, Taken
from sync_check.conformance.judges.subscriptions import Subscriptions, subscriptions_of
from sync_check.conformance.judges.sync_gaps import SyncGaps
from sync_check.conformance.model.access import is_member
from sync_check.conformance.model.connections import Connection
from sync_check.conformance.model.transitions import DEFAULT_LIMITS
from sync_check.conformance.model.views import Slice
from sync_check.conformance.model.world import SEEDS, Guild
from sync_check.conformance.verdict import Excerpt, Kind

NAME: Final = "convergence"
_OF_USERS: Final = (PROFILES, FRIENDS, FRIEND_REQUESTS)
"""What a connection knows of its own user, whatever it is subscribed to."""
_OF_CHANNELS: Final = (PERMISSIONS, MESSAGES, REACTIONS)
"""What a connection knows of a channel for as long as it is subscribed."""
_REST: Final[Mapping[str, str]] = {
    WORKSPACES: "GUILD-2",
    CHANNELS: "CHAN-1",
    MEMBERS: "MEM-1",
    ROLES: "DELIV-10",
    ASSIGNMENTS: "DELIV-10",
    PERMISSIONS: "CHAN-2",
    MESSAGES: "MSG-2",
    REACTIONS: "REACT-1",
    PROFILES: "DELIV-10",
    FRIENDS: "DELIV-10",
    FRIEND_REQUESTS: "DELIV-10",
}
"""What a wrong snapshot breaks, and a right one witnesses, by slice."""
_SHARPER: Final[Mapping[tuple[str, str], tuple[str, ...]]] = {
    (MESSAGES, "edit_message"): ("MSG-EDIT-2",),
    (MESSAGES, "delete_message"): ("MSG-DEL-1",),
    (REACTIONS, "delete_message"): ("MSG-DEL-1",),
    (REACTIONS, "delete_channel"): ("CHAN-5",),
    (MEMBERS, "kick_member"): ("MEM-5",),
    (MEMBERS, "add_member"): ("MEM-1", "MEM-2"),
    (MEMBERS, "ban_member"): ("MEM-5",),
    (MEMBERS, "leave_guild"): ("MEM-10",),
    (CHANNELS, "update_channel"): ("CHAN-4",),
    (CHANNELS, "delete_channel"): ("CHAN-5",),
    (CHANNELS, "reorder_channels"): ("CHAN-6", "CHAN-1"),
    (CHANNELS, "override_role"): ("OVR-3", "CHAN-1", "OVR-4", "PERM-2", "PERM-3"),
    (CHANNELS, "override_permission"): ("OVR-3", "CHAN-1", "OVR-1", "PERM-2", "PERM-3"),
    (PERMISSIONS, "override_role"): ("OVR-3", "OVR-4", "PERM-1", "PERM-3"),
    (PERMISSIONS, "override_permission"): ("OVR-3", "OVR-1", "PERM-1", "PERM-3"),
    (PERMISSIONS, "assign_role"): ("PERM-3", "PERM-1", "CHAN-2"),
    (PERMISSIONS, "unassign_role"): ("PERM-3", "PERM-1", "CHAN-2"),
    (PERMISSIONS, "update_role"): ("PERM-3", "PERM-1"),
    (ROLES, "update_role"): ("ROLE-3",),
    (ROLES, "delete_role"): ("ROLE-4",),
    (ROLES, "reorder_roles"): ("ROLE-6",),
    (ASSIGNMENTS, "assign_role"): ("ROLE-7",),
    (ASSIGNMENTS, "delete_role"): ("ROLE-4",),
    (ASSIGNMENTS, "kick_member"): ("MEM-5",),
    (ASSIGNMENTS, "ban_member"): ("MEM-5",),
    (ASSIGNMENTS, "leave_guild"): ("MEM-10",),
    (PERMISSIONS, "change_member_role"): ("CHAN-2", "PERM-1", "PERM-3"),
    (WORKSPACES, "update_guild"): ("DELIV-10",),
    (FRIENDS, "accept_friend"): ("FRIEND-3",),
    (FRIEND_REQUESTS, "accept_friend"): ("FRIEND-3",),
}
"""The same where a certain operation was the last to change the entity; the first is the one broken."""


_TELLING: Final = frozenset(("admin", "administrator", "owner", "workspace_owner", "moderator", "member"))
"""Names of custom roles that somebody might take for more than names (ROLE-9)."""


class _Compared(dict[int, tuple[object, Judgement]]):
    """By scenario, the judgement made last and what it rests on."""


def judge(case: Case) -> Judgement:
    """Compare what the settles of a scenario took."""
    known, rests_on = case.memory.table(_Compared), _rests_on(case)
    before = known.get(case.scenario.index)
    if before is None or before[0] != rests_on:
        before = known[case.scenario.index] = rests_on, _judged(case)
    return before[1]


def _rests_on(case: Case) -> object:
    """What may be otherwise when a scenario is judged again; all else was so before its settles."""
    compared = {number for settle in case.settles for number in settle.replicas}
    leases = [one.leases for one in case.connections if one.number in compared]
    return (
        [(one.ended, one.void, len(one.replicas), len(one.snapshots)) for one in case.settles],
        [settle.begun > case.blind_from for settle in case.settles],
        [(len(some), sum(lease.confirmed is None for lease in some)) for some in leases],
        [call.outcome for call in case.ledger.named(DeleteAttachment.name)],
        sum(call.answered_at is None for call in (*case.calls, *case.ledger.commands)),
    )


def _judged(case: Case) -> Judgement:
    judgement = Judgement(scenario=case.scenario.id, judge=NAME)
    comparer = _Comparer(case, judgement)
    connections = {connection.number: connection for connection in case.connections}
    for settle in case.settles:
        if not settle.counts or settle.begun > case.blind_from:
            continue
        for number, replica in settle.replicas.items():
            connection = connections.get(number)
            if connection is not None and connection.user_id is not None:
                comparer.compare(connection, connection.user_id, replica, settle.snapshots.get(number))
    comparer.gaps.tell(judgement)
    return judgement


def without_implied(guild: Guild | None, assignments: Any) -> Any:
    """Assignments without the roles that members' legacy roles imply, which may be missing (2.4)."""
    if guild is None or not isinstance(assignments, dict):
        return assignments
    explicit = {
        user_id: [role_id for role_id in role_ids if role_id != _implied(guild, user_id)]
        for user_id, role_ids in assignments.items()
    }
    return {user_id: role_ids for user_id, role_ids in explicit.items() if role_ids}


def _implied(guild: Guild, user_id: str) -> str | None:
    """The id of the role that a member's legacy role implies."""
    legacy = guild.members.get(user_id)
    role = None if legacy is None else guild.roles.get(ROLE_OF_LEGACY[legacy].name)
    return None if role is None else role.role_id


def in_one_order(guild: Guild | None, channels: Any) -> Any:
    """A list of channels without the chance in the order of those created at the same time."""
    if guild is None or not guild.unordered or not isinstance(channels, list):
        return channels
    by_id = {channel["channel_id"]: channel for channel in channels}
    return [by_id[channel_id] for channel_id in guild.in_one_order(list(by_id))]


def _known_to(subscriptions: Subscriptions, workspaces: Any) -> Any:
    """The workspaces without those of which nobody tells the connection (CLIENT-10)."""
    if not isinstance(workspaces, dict):
        return workspaces
    return {key: value for key, value in workspaces.items() if key not in subscriptions.unheard}


def _below_cut_off(reactions: Any, right: Any) -> Any:
    """Reactions without messages with more different ones than REST has to tell of a message (CLIENT-10)."""
    if not isinstance(reactions, dict) or not isinstance(right, dict):
        return reactions
    most = DEFAULT_LIMITS.reactions_per_message
    return {key: value for key, value in reactions.items() if len(right.get(key, ())) <= most}


@dataclass(slots=True, kw_only=True)
class _Side:
    """What one side of a comparison holds, slice digests by key, and what the model wants there."""

    taken: Taken
    world: int
    wanted: Mapping[str, Slice]
    subscriptions: Subscriptions


@dataclass(slots=True)
class _Comparer:
    """Compares replica, snapshot and model; remembers who changed which slice."""

    case: Case
    judgement: Judgement
    gaps: SyncGaps = field(init=False)
    _causes: dict[tuple[str, int], dict[str | None, Call]] = field(default_factory=dict)
    _changers: dict[tuple[str, int], set[str]] = field(default_factory=dict)
    _known: dict[tuple[str, str | None, str | None, int], list[Difference]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.gaps = SyncGaps(self.case)

    def compare(self, connection: Connection, user_id: str, replica: Taken, snapshot: Taken | None) -> None:
        """One connection at one settle."""
        self.judgement.evidence["comparisons"] += 1
        believed = self._side(connection, user_id, replica, fed=True)
        told = self._side(connection, user_id, snapshot, fed=False) if snapshot is not None else None
        for key in self._keys(connection, user_id, believed, told):
            if told is not None and snapshot is not None:
                self._rest(connection, key, told)
            self._replica(connection, key, believed, told)
        if snapshot is not None:
            self._stale(connection, believed, snapshot)
        self._workspaces_left(connection, user_id, believed)

    def _side(self, connection: Connection, user_id: str, taken: Taken, *, fed: bool) -> _Side:
        world = self.case.timeline.at(taken.position)
        subscriptions = subscriptions_of(self.case.timeline, connection, taken.position)
        # A replica has to cover the guilds in which it is subscribed, whatever it believes.
        guilds = subscriptions.guilds.union(taken.guilds) if fed else taken.guilds
        wanted = self.case.views.view(self.case.timeline.world(world), user_id, guilds, subscriptions.live)
        return _Side(taken=taken, world=world, wanted=wanted, subscriptions=subscriptions)

    # --- one slice

    def _rest(self, connection: Connection, key: str, told: _Side) -> None:
        """REST against the model."""
        given, wanted = told.taken.slices.get(key), told.wanted.get(key)
        if wanted is None and self._is_unknown(key):
            return
        differences = self._differences(key, wanted, given, told)
        if not differences:
            self._witness_rest(key, told)
        for difference in differences:
            cause = self._cause(key, difference.entity, told)
            name = key.partition("/")[0]
            sharper = _SHARPER.get((name, cause.name), ()) if cause is not None else ()
            broken = sharper[0] if sharper else _REST[name]
            if name == PERMISSIONS and cause is not None and self._is_about_a_telling_name(cause, told.world):
                broken = "ROLE-9"
            self._find(
                Kind.CONTRACT,
                broken,
                f"REST does not say what holds: {key} {difference.path}",
                connection,
                difference,
                cause,
            )

    def _replica(self, connection: Connection, key: str, believed: _Side, told: _Side | None) -> None:
        """The replica against the model and REST: wrong is what differs from both."""
        given, wanted = believed.taken.slices.get(key), believed.wanted.get(key)
        unknown = wanted is None and self._is_unknown(key)
        if not unknown and not self._differences(key, wanted, given, believed):
            self._witness_replica(key, believed)
            return
        in_rest = told.taken.slices.get(key) if told is not None else None
        if told is not None and given == in_rest and wanted == told.wanted.get(key):
            return  # REST is wrong alike, which is what has been found
        if unknown and told is None:
            return
        right = self._stored(in_rest) if unknown else wanted
        for difference in self._differences(key, right, given, believed):
            cause = self._cause(key, difference.entity, believed)
            self._find(
                Kind.LIVENESS,
                "DELIV-10",
                f"the events left the client with another state than REST: {key} {difference.path}",
                connection,
                difference,
                cause,
            )

    def _stale(self, connection: Connection, believed: _Side, snapshot: Taken) -> None:
        """What the model does not know, and what may be stale."""
        for difference in self.gaps.look(connection, believed.subscriptions, believed.taken, snapshot):
            message = f"the events left the client with other attachments than REST: {difference.path}"
            self._find(Kind.LIVENESS, "DELIV-10", message, connection, difference, None)

    def _differences(
        self, key: str, wanted: Slice | None, given: str | None, side: _Side
    ) -> list[Difference]:
        digest = wanted.digest if wanted is not None else None
        if given == digest:
            return []
        if key == WORKSPACES:
            return self._compared(key, wanted, given, side)
        # Of many connections most have the same.
        pair = key, digest, given, side.world
        known = self._known.get(pair)
        if known is None:
            known = self._known[pair] = self._compared(key, wanted, given, side)
        return known

    def _compared(self, key: str, wanted: Slice | None, given: str | None, side: _Side) -> list[Difference]:
        left, right = (
            None if text is None else json.loads(text.text) for text in (wanted, self._stored(given))
        )
        name, _, guild_id = key.partition("/")
        if name == WORKSPACES:
            left, right = (_known_to(side.subscriptions, view) for view in (left, right))
        if name == REACTIONS:
            left, right = _below_cut_off(left, left), _below_cut_off(right, left)
        if name == CHANNELS:
            guild = self.case.timeline.world(side.world).guilds.get(guild_id)
            left, right = in_one_order(guild, left), in_one_order(guild, right)
        if name == ASSIGNMENTS:
            guild = self.case.timeline.world(side.world).guilds.get(guild_id)
            left, right = without_implied(guild, left), without_implied(guild, right)
        return differences(left, right)

    def _stored(self, digest: str | None) -> Slice | None:
        text = self.case.ledger.slices.get(digest or "")
        return None if digest is None or text is None else Slice(digest, text)

    def _find(
        self,
        kind: Kind,
        requirement: str,
        message: str,
        connection: Connection,
        difference: Difference,
        cause: Call | None,
    ) -> None:
        operation = OPERATIONS.get(cause.name) if cause is not None else None
        events = [event.name for event in operation.causes] if operation is not None else []
        excerpt: list[Excerpt] = lines_of_call(cause) if cause is not None else []
        self.judgement.find(
            kind,
            requirement,
            message,
            client=connection.name,
            event=events[0] if events else None,
            expected=difference.left,
            received=difference.right,
            cause=cause,
            excerpt=excerpt,
        )

    # --- which slices

    def _keys(self, connection: Connection, user_id: str, believed: _Side, told: _Side | None) -> list[str]:
        keys = {*believed.wanted, *believed.taken.slices}
        if told is not None:
            keys |= {*told.wanted, *told.taken.slices}
        own = {slice_key(name, user_id) for name in _OF_USERS}
        taken = believed.taken.slices.keys() | (told.taken.slices.keys() if told is not None else set())
        return sorted(
            key
            for key in keys
            if self.case.views.compares(key)
            and key.partition("/")[0] not in STALE_SLICES
            and self._is_heard(key, believed.subscriptions)
            # One's own is compared once it was read, that of others not at all.
            and (key.partition("/")[0] not in _OF_USERS or (key in own and key in taken))
        )

    def _is_heard(self, key: str, subscriptions: Subscriptions) -> bool:
        """Whether somebody told the connection of what is in the guild or channel, if the slice is of one."""
        name, _, owner_id = key.partition("/")
        if name in _OF_CHANNELS:
            return owner_id in subscriptions.live or owner_id in subscriptions.lost
        return owner_id not in subscriptions.unheard

    def _is_unknown(self, key: str) -> bool:
        """Whether the model may not know the slice: what no answer told, such as the age of friendships."""
        return key.partition("/")[0] in (PROFILES, ROLES, ASSIGNMENTS, FRIENDS)

    # --- who changed it, and what that witnesses

    def _cause(self, key: str, entity: str | None, side: _Side) -> Call | None:
        causes = self._changes(key, side.world)
        return causes.get(entity) or next(reversed(causes.values()), None)

    def _changes(self, key: str, world: int) -> dict[str | None, Call]:
        known = self._causes.get((key, world))
        if known is None:
            touches = self.case.timeline.last_touches(key, until=world)
            known = {entity: self.case.ledger.calls[op] for entity, op in touches.items()}
            self._causes[key, world] = known
        return known

    def _changed_here(self, key: str, side: _Side) -> set[str]:
        """The operations of this scenario, by name, that changed what the slice now shows."""
        known = self._changers.get((key, side.world))
        if known is None:
            known = self._changers[key, side.world] = {call.name for call in self._changers_here(key, side)}
        return known

    def _changers_here(self, key: str, side: _Side) -> list[Call]:
        """Those operations themselves."""
        return [
            call
            for call in self._changes(key, side.world).values()
            if call.scenario == self.case.scenario.index and self.case.counts_for_witness(call)
        ]

    def _is_about_a_telling_name(self, call: Call, world: int) -> bool:
        """Whether an operation gave or changed a custom role whose name sounds like rights (ROLE-9)."""
        guild = self.case.timeline.world(world).guilds.get(str(call.arguments.get("guild_id")))
        role = None if guild is None else guild.role(str(call.arguments.get("role_id")))
        return role is not None and role.key not in SEEDS and role.name.casefold() in _TELLING

    def _witness_rest(self, key: str, told: _Side) -> None:
        name = key.partition("/")[0]
        operations = self._changed_here(key, told)
        if operations:
            self.judgement.witness(_REST[name])
        for operation in operations:
            self.judgement.witness(*_SHARPER.get((name, operation), ()))
        if name == PERMISSIONS and any(
            self._is_about_a_telling_name(call, told.world) for call in self._changers_here(key, told)
        ):
            self.judgement.witness("ROLE-9")

    def _witness_replica(self, key: str, believed: _Side) -> None:
        if self._changed_here(key, believed):
            self.judgement.witness("CLIENT-6", "DELIV-10")

    def _workspaces_left(self, connection: Connection, user_id: str, believed: _Side) -> None:
        """A replica that dropped the guild from which its user was removed (CLIENT-8)."""
        position = believed.taken.position
        held = {lease.guild_id for lease in connection.leases if lease.confirmed_before(position)}
        world = self.case.timeline.world(believed.world)
        right = believed.wanted[WORKSPACES].digest
        for guild_id in held:
            removed = not is_member(world.guilds.get(guild_id), user_id)
            kept = slice_key(CHANNELS, guild_id) in believed.taken.slices
            if removed and not kept and believed.taken.slices.get(WORKSPACES) == right:
                self.judgement.witness("CLIENT-8")
