"""The pool of users: accounts are registered once and played again and again, clean each time.

A pooled user is clean when it has no open connection, friend or friend request and is in nothing but dead
guilds that it owns alone: a target may allow 60 sign-ups a minute and five guilds a user, and an owner cannot
leave a guild. Cleaning is done once a scenario is over, else when an account is drawn again, so the last
scenario's guests cost nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract.values import faults_of
from sync_check.conformance.history import ClientKnown, Outcome, Purpose
from sync_check.harness.accounts import Account, Session
from sync_check.harness.addresses import Addresses
from sync_check.harness.caller import Caller, Reply
from sync_check.harness.clock import Clock
from sync_check.harness.concurrency import all_done
from sync_check.harness.enrolment import AdminCall, Enrolment, Registration, Roster
from sync_check.harness.errors import AccountsUnfit, TargetUnavailable
from sync_check.harness.journal import Journal
from sync_check.harness.randomness import Randomness
from sync_check.harness.redaction import SHORTEST, Secrets

_OK: Final = 200
_UNAUTHENTICATED: Final = 401
_NOT_FOUND: Final = 404
_OF_THE_ACCOUNT: Final = (401, 403)
"""How a login is refused for what an account is, not for what the target is."""
GUILD_LIMIT: Final = "guild_creation_limit_reached"
_REGISTRATION: Final = Registration()
_CLEANING: Final = 16
"""How many are cleaned at a time after a scenario."""
_NAMES: Final = (
    *("ana", "ben", "cleo", "dan", "eva", "finn", "gus", "hana", "ivo", "jana"),
    *("kim", "lea", "max", "nia", "oto", "pia", "quin", "ria", "sam", "tea"),
)
"""What the first accounts are called in findings; later ones are numbered."""


class AccountsRefused(TargetUnavailable):
    """The target gave no account: `operation` got `status` (None: no answer)."""

    def __init__(self, url: str, operation: str, status: int | None, detail: str) -> None:
        answer = "no answer" if status is None else f"status {status}"
        super().__init__(url, f"{operation} got {answer}{detail}")
        self.operation = operation
        self.status = status


class Pool:
    """Accounts of one run on one target.

    Each calls from one of `addresses` where the target trusts a proxy, else from the address of the harness.
    How there come to be accounts is the `enrolment`.
    """

    def __init__(
        self,
        *,
        caller: Caller,
        journal: Journal,
        clock: Clock,
        randomness: Randomness,
        secrets: Secrets,
        guilds_per_user: int,
        url: str,
        addresses: Addresses | None = None,
        enrolment: Enrolment = _REGISTRATION,
        has_friends: bool = True,
    ) -> None:
        self._caller = caller
        self._journal = journal
        self._clock = clock
        self._randomness = randomness
        self._secrets = secrets
        self._guilds_per_user = guilds_per_user
        self._url = url
        self._addresses = addresses
        self._enrolment = enrolment
        self._has_friends = has_friends
        self._free: list[Account] = []
        self._issued = 0
        self._accounts: list[Account] = []
        self._gone: set[str] = set()

    @property
    def size(self) -> int:
        """How many accounts were registered so far."""
        return self._issued

    @property
    def accounts(self) -> Sequence[Account]:
        """All accounts that were played so far."""
        return tuple(self._accounts)

    async def draw(self, count: int) -> list[Account]:
        """`count` distinct clean accounts; the first can still own a guild.

        Raises `AccountsRefused` when the target gives none, `AccountsUnfit` when no listed one will do.
        """
        chosen = self._choose(count)
        clean = await all_done(self.clean(account) for account in chosen)
        # Whoever cannot be cleaned is not played again.
        kept = [account for account, is_clean in zip(chosen, clean, strict=True) if is_clean]
        # Numbers are given before any of them begins, so that names follow the order of who asked for them.
        numbers = [self._issue() for _ in range(count - len(kept))]
        fresh = await all_done(map(self._register, numbers))
        accounts = [*kept, *fresh]
        if isinstance(self._enrolment, Roster) and all(map(self._is_worn, accounts)):
            accounts[0] = await self._unworn(self._enrolment, accounts[0])
        accounts.sort(key=self._is_worn)
        return accounts

    async def _unworn(self, roster: Roster, worn: Account) -> Account:
        """The next listed account that can still own a guild, in the place of one that cannot."""
        while self._issued < len(roster.accounts):
            self._free.append(worn)
            worn = await self._register(self._issue())
            if not self._is_worn(worn):
                return worn
        raise self._worn_out(
            roster,
            worn,
            f"is in {worn.owned} workspaces, and limits.guilds_per_user is"
            f" {self._guilds_per_user}: as many as it may own",
        )

    def _is_worn(self, account: Account) -> bool:
        return account.owned >= self._guilds_per_user

    def check_founding(self, account: Account, reply: Reply) -> None:
        """Raise `AccountsUnfit` where a listed account may own no more guilds, which its past explains."""
        refused = not reply.accepted and reply.body.get("error") == GUILD_LIMIT
        if refused and isinstance(self._enrolment, Roster):
            raise self._worn_out(self._enrolment, account, f"may own no more workspaces ({GUILD_LIMIT})")

    def _worn_out(self, roster: Roster, account: Account, why: str) -> AccountsUnfit:
        return AccountsUnfit(
            f"{roster.place(account.username)}: {account.username} {why}; list other accounts, or raise the"
            " limit on the target and in limits.guilds_per_user"
        )

    def give_back(self, accounts: list[Account]) -> None:
        """Return accounts that have no open connection; those that are gone are not played any more."""
        self._free += [account for account in accounts if account.name not in self._gone]

    async def session(self, account: Account, number: int) -> Session:
        """The account's session `number` (from 1), logging in as often as that takes."""
        while len(account.sessions) < number:
            account.sessions.append(await self._log_in(account))
        return account.sessions[number - 1]

    async def renew(self, account: Account, number: int) -> None:
        """Put a new session in the place of the account's session `number`, which is over."""
        account.sessions[number - 1] = await self._log_in(account)

    async def log_in(self, account: Account) -> Session:
        """One more session of the account, which is not counted among its own."""
        return await self._log_in(account)

    async def revive(self) -> None:
        """The target was restarted: log in again wherever a session did not outlive that.

        Raises `AccountsRefused` where accounts did not either; those are not played any more.
        """
        lost = await all_done(self._revive(account) for account in self.accounts)
        refused = next((one for one in lost if one is not None), None)
        if refused is not None:
            raise refused

    async def _revive(self, account: Account) -> AccountsRefused | None:
        for number, session in enumerate(account.sessions, start=1):
            me = await self._caller.call(account, ops.OwnProfile(), purpose=Purpose.SETUP, session=session)
            if me.answer.status != _UNAUTHENTICATED:
                continue
            try:
                await self.renew(account, number)
            except AccountsRefused as refused:
                self._gone.add(account.name)
                self._accounts.remove(account)
                self._free = [one for one in self._free if one is not account]
                return refused
        return None

    async def _log_in(self, account: Account) -> Session:
        login = ops.Login(username=account.username, password=account.password)
        reply = await self._setup(account, login)
        return Session(account.next_session(), reply, self._clock.now_s())

    def fresh_password(self, client: str, size: int | None = None) -> str:
        """A password that nobody has yet; as one of `client` it is kept out of the history.

        Of one of a given size only the end is secret, so that the history shows how long it is.
        """
        password = self._randomness.password(self._randomness.stream(f"passwords/{client}"))
        secret = password if size is None else password[: min(size, SHORTEST)]
        self._secrets.learn(secret, "password", client)
        return secret if size is None else secret.rjust(size, "p")

    def _choose(self, count: int) -> list[Account]:
        # Whoever owns fewest guilds comes first, so that guild owners take turns.
        self._free.sort(key=lambda account: account.owned)
        if all(map(self._is_worn, self._free)):
            count -= 1  # the owner must be a new account
        chosen, self._free = self._free[:count], self._free[count:]
        return chosen

    def _issue(self) -> int:
        self._issued += 1
        return self._issued - 1

    async def _register(self, number: int) -> Account:
        name = _NAMES[number] if number < len(_NAMES) else f"user{number + 1}"
        username, password = self._credentials(name, number)
        account = Account(
            name=name,
            username=username,
            password=password,
            address=None if self._addresses is None else self._addresses.of(number),
        )
        self._secrets.learn(account.password, "password", name)
        await self._enrol(account)
        self._accounts.append(account)
        session = await self._first_session(account)
        me = await self._setup(account, ops.OwnProfile(), session=session)
        account.user_id = str(me["user_id"])
        if me["username"] != account.username:
            raise AccountsRefused(
                self._url, "own_profile", _OK, ", but of another user than the one who asked"
            )
        self._journal.record(
            ClientKnown(
                at=self._clock.now_us(),
                client=name,
                user_id=account.user_id,
                username=account.username,
                address=None if account.address is None else account.address.text,
            )
        )
        if isinstance(self._enrolment, Roster):
            account.shown_before = account.username, str(me["about_markdown"])
            await self._look_at(account, self._enrolment)
        return account

    async def _first_session(self, account: Account) -> Session:
        try:
            return await self.session(account, 1)
        except AccountsRefused as refused:
            if not isinstance(self._enrolment, Roster) or refused.status not in _OF_THE_ACCOUNT:
                raise
            raise AccountsUnfit(
                f"{self._enrolment.place(account.username)}: {account.username} cannot log in"
                f" (status {refused.status}): mend its password, or list another account"
            ) from refused

    def _credentials(self, name: str, number: int) -> tuple[str, str]:
        if isinstance(self._enrolment, Roster):
            listed = self._enrolment.accounts
            if number >= len(listed):
                reason = f"{self._enrolment.named} lists {len(listed)} accounts, and the run needs more"
                raise TargetUnavailable(self._url, reason)
            return listed[number].username, listed[number].password
        stream = self._randomness.stream(f"account/{name}")
        return self._randomness.username(stream), self._randomness.password(stream)

    async def _enrol(self, account: Account) -> None:
        """Let there be the account."""
        match self._enrolment:
            case Registration():
                register = ops.Register(username=account.username, password=account.password)
                await self._setup(account, register)
            case AdminCall() as admin:
                answer = await self._caller.enrol(admin, account)
                if answer.outcome is not Outcome.OK:
                    call = f"accounts.admin: {admin.method} {admin.path}"
                    detail = "" if answer.error is None else f" ({answer.error})"
                    raise AccountsRefused(self._url, call, answer.status, detail)
            case Roster():
                pass

    async def _look_at(self, account: Account, roster: Roster) -> None:
        """What an account has from before: guilds count as owned; one with friends is not played.

        Nor is one with friend requests: cleaning up, which ends all that there are, would end them too.
        """
        session = await self.session(account, 1)
        guilds = await self._setup(account, ops.ListGuilds(), session=session)
        account.owned_before = len(_ids(guilds, "guilds", "guild_id"))
        if self._has_friends:
            place = f"{roster.place(account.username)}: {account.username}"
            friends = await self._setup(account, ops.ListFriends(), session=session)
            if _ids(friends, "friends", "user_id"):
                raise AccountsUnfit(f"{place} has friends: an account to play with has none")
            requests = await self._setup(account, ops.ListFriendRequests(), session=session)
            if _ids(requests, "incoming", "request_id") or _ids(requests, "outgoing", "request_id"):
                raise AccountsUnfit(f"{place} has friend requests: an account to play with has none")

    async def _setup(
        self, account: Account, operation: ops.Operation, session: Session | None = None
    ) -> dict[str, object]:
        reply = await self._caller.call(account, operation, purpose=Purpose.SETUP, session=session)
        if not reply.accepted:
            answer = reply.answer
            detail = f" ({answer.error})" if answer.error else ""
            raise AccountsRefused(self._url, operation.name, answer.status, detail)
        assert operation.result is not None
        wrong = faults_of(operation.result, reply.answer.json)
        if wrong:
            detail = f", but in its body {wrong[0]}"
            raise AccountsRefused(self._url, operation.name, reply.answer.status, detail)
        return reply.body

    async def clean_up(self, is_time_left: Callable[[], bool]) -> None:
        """Clean everybody who does not play, as far as the target lets us, and as long as there is time."""

        async def clean(account: Account) -> bool:
            return is_time_left() and await self.clean(account)

        await all_done((clean(account) for account in self._free), at_once=_CLEANING)

    async def clean(self, account: Account) -> bool:
        """Take the account out of other people's guilds and lives; False when the target refuses."""
        for guild_id, owner in list(account.visiting.items()):
            kick = ops.KickMember(guild_id=guild_id, user_id=account.user_id)
            reply = await self._clean_up(owner, kick)
            if not reply.accepted and reply.answer.status != _NOT_FOUND:
                return False
            del account.visiting[guild_id]
        return not account.befriended or await self._part(account)

    async def _part(self, account: Account) -> bool:
        """End its friendships and friend requests, as it reads them; False when the target refuses."""
        friends = await self._clean_up(account, ops.ListFriends())
        requests = await self._clean_up(account, ops.ListFriendRequests())
        pending = [
            *_ids(requests.body, "incoming", "request_id"),
            *_ids(requests.body, "outgoing", "request_id"),
        ]
        ends: list[ops.Operation] = [
            ops.RemoveFriend(user_id=user_id) for user_id in _ids(friends.body, "friends", "user_id")
        ]
        ends += (ops.DeleteFriendRequest(request_id=request_id) for request_id in pending)
        replies = [friends, requests, *[await self._clean_up(account, end) for end in ends]]
        account.befriended = not all(reply.accepted or reply.answer.status == _NOT_FOUND for reply in replies)
        return not account.befriended

    async def _clean_up(self, account: Account, operation: ops.Operation) -> Reply:
        session = await self.session(account, 1)
        return await self._caller.call(account, operation, purpose=Purpose.CLEANUP, session=session)


def _ids(body: Mapping[str, object], member: str, name: str) -> list[str]:
    """What the items of a list are called; none where the body is no such list."""
    listed = body.get(member)
    items = listed if isinstance(listed, list) else []
    return [item[name] for item in items if isinstance(item, dict) and isinstance(item.get(name), str)]
