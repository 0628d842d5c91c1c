"""Who is listed as online to a subscriber (PRES-2, PRES-5)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property

from sync_check.conformance.judges.judgement import Judgement, line_of_frame
from sync_check.conformance.judges.presence.told import Sync, Told
from sync_check.conformance.judges.stays import Stay, any_touches
from sync_check.conformance.verdict import Kind


class Lists:
    """Judges each `presence_sync` by the stays at some moment between the subscribe and its arrival."""

    def __init__(self, told: Told, judgement: Judgement) -> None:
        self._told = told
        self._stays = told.stays
        self._judgement = judgement

    def judge(self) -> None:
        """Judge all lists of the case."""
        for sync in self._told.syncs:
            before = len(self._judgement.findings)
            self._judge(sync)
            if len(self._judgement.findings) == before:
                self._judgement.witness("PRES-2")

    def _judge(self, sync: Sync) -> None:
        own, guild_id = sync.connection.user_id, sync.told.guild_id
        if not self._told.memberships.was_member(guild_id, own, sync.lease.asked, sync.position):
            self._find(sync, "PRES-5", "a list of who is online reached a user who is no member")
            return
        listed = Counter(sync.told.user_ids)
        for user_id in sorted(user for user, times in listed.items() if times > 1):
            self._find(sync, "PRES-2", f"{self._told.name(user_id)} is listed twice")
        for user_id in sorted(self._surely_online(sync) - listed.keys()):
            message = f"{self._told.name(user_id)} is online and not listed"
            self._find(sync, "PRES-2", message, kind=Kind.LIVENESS)
        for user_id in sorted(listed.keys() - {own}):
            self._judge_listed(sync, user_id)

    def _surely_online(self, sync: Sync) -> set[str]:
        """Who was online all the while; the subscriber is in any case."""
        start, end = sync.lease.asked, sync.position
        present = {
            user_id for user_id, stay in self._stays_in.get(sync.told.guild_id, ()) if stay.covers(start, end)
        }
        return present | {sync.connection.user_id or ""}

    @cached_property
    def _stays_in(self) -> Mapping[str, Sequence[tuple[str, Stay]]]:
        found: dict[str, list[tuple[str, Stay]]] = {}
        for guild_id, user_id, stay in self._stays.all:
            found.setdefault(guild_id, []).append((user_id, stay))
        return found

    def _judge_listed(self, sync: Sync, user_id: str) -> None:
        guild_id = sync.told.guild_id
        start, end = sync.lease.asked, sync.position
        if not self._told.memberships.was_member(guild_id, user_id, start, end):
            message = f"{self._told.name(user_id)} is listed as online and is no member"
            self._find(sync, "PRES-5", message)
        elif not any_touches(self._stays.of(guild_id, user_id), start, end):
            self._find(sync, "PRES-2", f"{self._told.name(user_id)} is listed as online and is not")

    def _find(self, sync: Sync, requirement: str, message: str, *, kind: Kind = Kind.SAFETY) -> None:
        self._judgement.find(
            kind,
            requirement,
            message,
            client=sync.connection.name,
            event=sync.told.name,
            expected="the users online, each once",
            received=", ".join(map(self._told.name, sync.told.user_ids)) or "nobody",
            excerpt=[line_of_frame(sync.matched, sync.connection.name)],
        )
