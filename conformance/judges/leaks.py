"""Judge `leaks`: no frame, REST body or close reason tells a user what they may not know.

Canaries are unique texts in private names and messages; whoever may see the guild or channel at some moment
of the window may be told them. Markers stand where the journal replaced a password or token. The addresses
that clients call from are for nobody, whoever they are told to (LEAK-IP-1), and what an IP ban is about
stands in no event of it (LEAK-IP-2). That there is a friend request is for its two users, and an id
is for who may see what has it. All that is looked for as it is, in base64, in hexadecimal digits,
percent-encoded, and canaries by their digests as well. A row of an audit log is for one guild.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, partial
from typing import Final, NamedTuple

from sync_check.conformance.contract import events
from sync_check.conformance.contract.operations import BanAddressesOf, RequestFriend
from sync_check.conformance.history import CanaryPlaced, UpgradeAnswered, canonical
from sync_check.conformance.judges.addresses import told
from sync_check.conformance.judges.ban_events import BanSecrets, ban_secrets, told_of_bans
from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.deliveries import Matched
from sync_check.conformance.judges.encodings import digests_in, digests_of
from sync_check.conformance.judges.foreign_rows import ForeignRow, foreign_rows
from sync_check.conformance.judges.friend_requests import parties_of, told_requests
from sync_check.conformance.judges.hidden_ids import HiddenIds
from sync_check.conformance.judges.judgement import Judgement, line_of_frame, lines_of_call
from sync_check.conformance.judges.lives import Call
from sync_check.conformance.judges.readings import ids_in, strings_in
from sync_check.conformance.model.access import is_member, may_access, would_access
from sync_check.conformance.model.addresses import Address
from sync_check.conformance.model.connections import Connection
from sync_check.conformance.model.timeline import Span
from sync_check.conformance.verdict import Excerpt, Kind

NAME: Final = "leaks"
_FIRST: Final = "sc"
_CANARY: Final = re.compile(rf"{_FIRST}[a-z0-9]{{12}}", re.ASCII)
_MARKER: Final = re.compile(r"⟦secret:([^:⟧]+):([^:⟧]+):[^⟧]+⟧")
_ANSWERS_WITH_TOKENS: Final = ("login", "refresh", "issue_voice_token")
_MAKE_PLACES: Final = ("create_guild", "create_channel")
_OF_ADDRESSES: Final = (
    "join_guild",
    "ban_addresses_of",
    "remove_ip_ban",
    "list_ip_bans",
    "read_audit",
    "read_metrics",
)
"""Answers of operations for which a server needs addresses, or in which it might tell them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Secret:
    """A canary and whose it is: a guild's or a channel's."""

    text: str
    what: str
    call: Call
    guild_id: str | None
    channel_id: str | None

    def texts(self) -> Iterator[str]:
        """The canary, and what was sent with it in it."""
        yield self.text
        for value in self.call.arguments.values():
            if isinstance(value, str) and self.text in value:
                yield value


@dataclass(frozen=True, slots=True, kw_only=True)
class _Telling:
    """A text that a user was told, at some moment of `span`; `excerpt` makes the lines that show it."""

    client: str
    user_id: str | None
    span: Span
    where: str
    excerpt: Callable[[], Sequence[Excerpt]]
    cause: Call | None = None
    event: str | None = None


def judge(case: Case) -> Judgement:
    """Scan all that a scenario's clients were told."""
    judgement = Judgement(scenario=case.scenario.id, judge=NAME)
    scan = _Scan(case, judgement)
    _scan_frames(case, scan)
    for call in case.calls:
        for header, text in _texts_of(call):
            if scan.finds(text):
                said = scan.secrets_in(canonical(dict(call.arguments)))
                scan.take(text, _told_by_answer(case, call, header), _own_tokens(call), said)
            scan.take_ids(text, call, header)
    _scan_doors(case, scan)
    for row in foreign_rows(case):
        scan.take_row(row)
    judgement.evidence["canaries"] = scan.placed
    if not judgement.findings:
        _witness(case, judgement)
    return judgement


def _scan_frames(case: Case, scan: "_Scan") -> None:
    for delivery in case.own_deliveries:
        text = delivery.reading.text
        if delivery.reading.check.further and delivery.reading.event is not None:
            further = canonical(list(delivery.reading.check.further))
            for number in delivery.times:
                matched = delivery.to(number)
                telling = _told_by_frame(case, case.by_number[number], matched)
                scan.take_further_ids(further, telling, matched.frame.position)
        is_ban = delivery.reading.name == events.WorkspaceIpBanSync.name
        if not is_ban and not scan.finds(text):
            continue
        for number in delivery.times:
            connection, matched = case.by_number[number], delivery.to(number)
            scan.take(text, _told_by_frame(case, connection, matched), frozenset())
            if is_ban:
                scan.take_ip_ban(matched, connection)


def _scan_doors(case: Case, scan: "_Scan") -> None:
    """What is said to who comes, and to who goes."""
    for position, upgrade in case.ledger.upgrades:
        if case.scenario.begun < position < case.until:
            by_answer = _told_by_upgrade(case, position, upgrade)
            if upgrade.body:
                scan.take(upgrade.body, by_answer, frozenset())
            scan.take_headers(upgrade.headers or {}, by_answer, position)
    for connection in case.connections:
        if connection.headers and case.scenario.begun < connection.opened < case.until:
            scan.take_headers(connection.headers, _told_by_opening(case, connection), connection.opened)
        if connection.reason and case.scenario.begun < connection.ended < case.until:
            scan.take(connection.reason, _told_by_end(case, connection), frozenset())


def _witness(case: Case, judgement: Judgement) -> None:
    """Refused reads that told nothing, and answers in which a token could have stood."""
    for call in case.calls:
        if not case.counts_for_witness(call) or call.status is None:
            continue
        if call.rule is not None and not call.rule.mutates and call.status in (403, 404):
            judgement.witness("LEAK-READ-1")
        judgement.witness("LEAK-AUTH-1")
        if call.name in _OF_ADDRESSES and call.client in case.ledger.addresses:
            judgement.witness("LEAK-IP-1")


@lru_cache(maxsize=65536)
def canaries_in(text: str) -> frozenset[str]:
    """The canary tokens in a text, in lower case."""
    return frozenset(token for spelling in strings_in(text) for token in _tokens(spelling.lower()))


def _tokens(text: str) -> Iterator[str]:
    """What may be a canary at any place, so that one inside a longer word is found as well."""
    at = text.find(_FIRST)
    while at >= 0:
        found = _CANARY.match(text, at)
        if found is not None:
            yield found[0]
        at = text.find(_FIRST, at + 1)


@lru_cache(maxsize=65536)
def markers_in(text: str) -> frozenset[tuple[str, str]]:
    """The secrets marked in a text: (what, client)."""
    return frozenset(found for spelling in strings_in(text) for found in _MARKER.findall(spelling))


class _Digests:
    """By digest the canaries of a run: each is taken in once, when it is seen first."""

    def __init__(self) -> None:
        self._found: dict[str, set[str]] = {}
        self._taken: set[tuple[str, int]] = set()

    def of(self, secrets: Mapping[str, Sequence[_Secret]]) -> Mapping[str, Set[str]]:
        """The digests of all of them."""
        for token, alike in secrets.items():
            for secret in alike:
                if (token, secret.call.op) not in self._taken:
                    self._taken.add((token, secret.call.op))
                    self._take(token, secret)
        return self._found

    def _take(self, token: str, secret: _Secret) -> None:
        for text in secret.texts():
            for digest in digests_of(text):
                self._found.setdefault(digest, set()).add(token)


class _Known(dict[int, _Secret]):
    """By its place among the canaries, one whose guild and channel will not be known any better."""


class _Suspects(NamedTuple):
    """What a text tells that not all may know: friend requests, canaries, marked secrets, addresses."""

    requests: frozenset[str]
    canaries: frozenset[str]
    markers: frozenset[tuple[str, str]]
    addresses: Sequence[Address]


class _Scan:
    """Looks canaries up; one that nobody placed is a word like any other."""

    def __init__(self, case: Case, judgement: Judgement) -> None:
        self._case = case
        self._judgement = judgement
        self._secrets = _secrets(case)
        own = (secret for secrets in self._secrets.values() for secret in secrets)
        self.placed = sum(secret.call.scenario == case.scenario.index for secret in own)
        self._requests = parties_of(case.ledger.named(RequestFriend.name))
        self._looked_at: dict[str, _Suspects] = {}
        # Every program may speak of this machine.
        self._addresses = {
            address: client for client, address in case.ledger.addresses.items() if not address.is_loopback
        }

    def finds(self, text: str) -> bool:
        """Whether a text has to be looked at more closely."""
        return any(self._suspects(text))

    def secrets_in(self, text: str) -> frozenset[str]:
        """The canaries, also those whose digest is told, and the ids of friend requests in a text."""
        suspects = self._suspects(text)
        return suspects.canaries | suspects.requests

    def _suspects(self, text: str) -> "_Suspects":
        """What a text tells whoever gets it; worked out once for equal texts."""
        known = self._looked_at.get(text)
        if known is None:
            known = self._looked_at[text] = _Suspects(
                requests=told_requests(text, self._requests),
                canaries=self._canaries_in(text),
                markers=markers_in(text),
                addresses=tuple(told(text, self._addresses)),
            )
        return known

    def _canaries_in(self, text: str) -> frozenset[str]:
        digests = digests_in(text)
        if not digests:
            return canaries_in(text)
        return canaries_in(text).union(*(self._digests.get(digest, ()) for digest in digests))

    @cached_property
    def _digests(self) -> Mapping[str, Set[str]]:
        """By digest the canaries that it is one of, or of a text that one is in."""
        return self._case.memory.table(_Digests).of(self._secrets)

    def take(
        self,
        text: str,
        telling: _Telling,
        own_tokens: frozenset[str],
        said: frozenset[str] = frozenset(),
    ) -> None:
        """Judge one text that one user was told; `said` are secrets that it may repeat to who sent them."""
        suspects = self._suspects(text)
        for request_id in sorted(suspects.requests - said):
            if telling.user_id not in self._requests[request_id]:
                broken = "LEAK-READ-1" if telling.event is None else "SCOPE-6"
                self._find(broken, "a friend request of others is told", request_id, telling)
        for token in sorted(suspects.canaries - said):
            for secret in self._secrets.get(token, ()):
                self._judge_canary(secret, telling)
        for what, client in sorted(suspects.markers):
            if what == "password" or client not in own_tokens:
                self._find("LEAK-AUTH-1", f"a {what} of {client} is told", what, telling)
        for address in suspects.addresses:
            if address not in self._typed:
                owner = self._addresses[address]
                self._find("LEAK-IP-1", f"the address of {owner} is told", str(address), telling)

    def take_ids(self, text: str, call: Call, header: str | None) -> None:
        """Judge the ids in an answer, which may repeat what was asked for."""
        if call.actor is None or call.is_anonymous or self._case.is_blind(call):
            return
        hidden = self._hidden_ids.told(text, call.actor, call.window(self._case.timeline).span)
        if hidden:
            said = ids_in(canonical(dict(call.arguments)))
            self._find_ids(hidden - said, _told_by_answer(self._case, call, header))

    def take_headers(self, headers: Mapping[str, str], telling: _Telling, position: int) -> None:
        """Judge the headers of an answer to an upgrade, which nobody's tokens belong into."""
        for name, text in headers.items():
            by_header = replace(telling, where=f"the header {name} of {telling.where}")
            self.take(text, by_header, frozenset())
            self.take_further_ids(text, by_header, position)

    def take_further_ids(self, further: str, telling: _Telling, position: int) -> None:
        """Judge the ids in what is said besides: by an event beyond the catalogue, or in a header."""
        if telling.user_id is not None and self._case.blind_from > position:
            self._find_ids(self._hidden_ids.told(further, telling.user_id, telling.span), telling)

    def _find_ids(self, ids: Set[str], telling: _Telling) -> None:
        """One of each kind will do: lists tell many."""
        first = {self._hidden_ids[one].what: one for one in sorted(ids, reverse=True)}
        for what, one in first.items():
            of_channel = self._hidden_ids[one].channel_id is not None
            broken = "SCOPE-3" if of_channel else "SCOPE-5"
            broken = "LEAK-READ-1" if telling.event is None else broken
            self._find(broken, f"the id of a {what} is told to a user who may not know it", one, telling)

    @cached_property
    def _hidden_ids(self) -> HiddenIds:
        return HiddenIds(self._case)

    def take_row(self, row: ForeignRow) -> None:
        """Judge a row of an audit log that belongs to another guild."""
        telling = _told_by_answer(self._case, row.call, None)
        self._find("LEAK-READ-1", f"a row {row.why} is told", row.audit_id, telling)

    @cached_property
    def _typed(self) -> frozenset[Address]:
        """The addresses that clients wrote themselves: these are content."""
        calls = self._case.ledger.calls.values()
        texts = (canonical(dict(call.arguments)) for call in calls)
        return frozenset(address for text in texts for address in told(text, self._addresses))

    def take_ip_ban(self, matched: Matched, connection: Connection) -> None:
        """Judge the event of an IP ban, which says no more than how many changed (LEAK-IP-2)."""
        for what, secret in told_of_bans(matched.reading.payload, self._ban_secrets):
            telling = _told_by_frame(self._case, connection, matched)
            self._find("LEAK-IP-2", f"the {what} of an IP ban is told", secret, telling)

    @cached_property
    def _ban_secrets(self) -> BanSecrets:
        return ban_secrets(self._case.ledger.named(BanAddressesOf.name))

    def _judge_canary(self, secret: _Secret, telling: _Telling) -> None:
        if telling.user_id is not None and telling.user_id == secret.call.actor:
            return
        if self._may_know(secret, telling):
            if telling.user_id is not None and self._case.counts_for_witness(secret.call):
                self._judgement.evidence["canaries_seen_by_audience"] += 1
            return
        requirement = _broken(secret, telling)
        what = secret.what.replace("_", " ")
        self._find(requirement, f"a {what} is told to a user who may not know it", secret.text, telling)

    def _may_know(self, secret: _Secret, telling: _Telling) -> bool:
        if secret.guild_id is None:
            return False
        states = self._case.timeline.guilds(secret.guild_id, telling.span)
        if secret.channel_id is not None:
            return any(
                may_access(state, secret.channel_id, telling.user_id) for state in states
            ) or would_access(states, secret.channel_id, telling.user_id)
        return any(
            state is not None and (state.visibility == "public" or is_member(state, telling.user_id))
            for state in states
        )

    def _find(self, requirement: str, message: str, secret: str, telling: _Telling) -> None:
        self._judgement.find(
            Kind.SAFETY,
            requirement,
            f"{message}, in {telling.where}",
            client=telling.client,
            event=telling.event,
            expected="nothing of it",
            received=secret,
            cause=telling.cause,
            excerpt=telling.excerpt(),
        )


def _secrets(case: Case) -> dict[str, list[_Secret]]:
    found: dict[str, list[_Secret]] = {}
    memory = case.memory.table(_Known)
    for place, canary in enumerate(case.ledger.canaries):
        secret = memory.get(place)
        if secret is None:
            call = case.ledger.calls.get(canary.op)
            if call is None:
                continue
            secret = _secret(case, canary, call)
            # An answer may make sense only after others, by which it is known where that is what it made.
            if call.name not in _MAKE_PLACES or call.op in case.ledger.created:
                memory[place] = secret
        found.setdefault(secret.text.lower(), []).append(secret)
    return found


def _secret(case: Case, canary: CanaryPlaced, call: Call) -> _Secret:
    """The guild and channel of the operation that placed the canary, which may just have made them."""
    guild_id, channel_id = call.arguments.get("guild_id"), call.arguments.get("channel_id")
    if call.name == "create_guild":
        guild_id = case.ledger.created.get(call.op)
    if call.name == "create_channel":
        channel_id = case.ledger.created.get(call.op)
    return _Secret(text=canary.text, what=canary.what, call=call, guild_id=guild_id, channel_id=channel_id)


def _broken(secret: _Secret, telling: _Telling) -> str:
    """The requirement that telling a canary breaks."""
    if telling.event is None:
        return "LEAK-READ-1"
    if secret.what == "channel_name":
        return "LEAK-CHAN-1"
    return "SCOPE-3" if secret.what in ("message", "file") else "SCOPE-5"


def _told_by_frame(case: Case, connection: Connection, matched: Matched) -> _Telling:
    emitted = matched.emitted
    call = emitted.call if emitted is not None else None
    if call is not None and not matched.copy:
        span = call.window(case.timeline).span
    else:
        span = case.timeline.span(_latest_before(case, connection, matched), matched.frame.position)

    def excerpt() -> Sequence[Excerpt]:
        calls = lines_of_call(call) if call is not None else []
        return [*calls, line_of_frame(matched, connection.name)]

    removal = case.removal_behind(connection, emitted) if emitted is not None else None
    return _Telling(
        client=connection.name,
        user_id=connection.user_id,
        span=span,
        where=f"a {matched.reading.name or 'malformed'} frame",
        excerpt=excerpt,
        cause=removal or call,
        event=matched.reading.name or "frame",
    )


def _latest_before(case: Case, connection: Connection, matched: Matched) -> int:
    """When the newest operation was invoked whose event came before: this frame was enqueued after that."""
    earlier: Iterable[int] = (
        other.delivers.call.invoked
        for other in case.deliveries_to(connection)
        if other.delivers is not None and other.position < matched.frame.position
    )
    return max(earlier, default=connection.opened)


def _texts_of(call: Call) -> Iterator[tuple[str | None, str]]:
    """The texts of an answer: its body, and its headers by name."""
    if call.body:
        yield None, call.body
    yield from (call.headers or {}).items()


def _told_by_answer(case: Case, call: Call, header: str | None) -> _Telling:
    where = f"the answer to {call.name}"
    return _Telling(
        client=call.client,
        user_id=call.actor if call.name not in ("register", "login", "refresh", "logout", "health") else None,
        span=call.window(case.timeline).span,
        where=where if header is None else f"the header {header} of {where}",
        excerpt=partial(lines_of_call, call),
        cause=call,
    )


def _told_by_end(case: Case, connection: Connection) -> _Telling:
    line = Excerpt(
        at_us=connection.ended_at or 0, who=connection.name, text=f"closed with reason {connection.reason}"
    )
    return _Telling(
        client=connection.name,
        user_id=connection.user_id,
        span=case.timeline.span(connection.opened, connection.ended),
        where="a close reason",
        excerpt=lambda: [line],
        event="close",
    )


def _told_by_opening(case: Case, connection: Connection) -> _Telling:
    line = Excerpt(at_us=connection.opened_at, who=connection.name, text="upgrade answered 101")
    return _Telling(
        client=connection.name,
        user_id=connection.user_id,
        span=case.timeline.span(connection.opened, connection.opened),
        where="the answer to an upgrade",
        excerpt=lambda: [line],
    )


def _told_by_upgrade(case: Case, position: int, upgrade: UpgradeAnswered) -> _Telling:
    line = Excerpt(at_us=upgrade.at, who=upgrade.client, text=f"upgrade answered {upgrade.status}")
    return _Telling(
        client=upgrade.client,
        user_id=case.ledger.users.get(upgrade.client),
        span=case.timeline.span(position, position),
        where="the answer to an upgrade",
        excerpt=lambda: [line],
    )


def _own_tokens(call: Call) -> frozenset[str]:
    """The clients whose tokens an answer may hold."""
    return frozenset({call.client}) if call.name in _ANSWERS_WITH_TOKENS else frozenset()
