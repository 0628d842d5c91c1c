"""What the event of an IP ban tells of the ban: it may say how many changed, and nothing else (LEAK-IP-2)."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from sync_check.conformance.contract import shapes
from sync_check.conformance.contract.operations import BanAddressesOf
from sync_check.conformance.history import Outcome
from sync_check.conformance.judges.lives import Call
from sync_check.conformance.model.results import read_result

BanSecrets = Mapping[str, list[tuple[str, str]]]
"""By guild: what an event of its IP bans must not tell, as what it is and as text."""
_SAID: Final = frozenset(
    ("guild_id", "actor_user_id", "summary", "action", "changed_count", "updated_at_unix")
)
_ACTIONS: Final = ("upsert", "remove")


def ban_secrets(calls: Iterable[Call]) -> BanSecrets:
    """What is known of the IP bans that these calls asked for."""
    found: dict[str, list[tuple[str, str]]] = {}
    for call in calls:
        found.setdefault(str(call.arguments.get("guild_id")), []).extend(_secrets(call))
    return found


def told_of_bans(payload: Mapping[str, Any], secrets: BanSecrets) -> list[tuple[str, str]]:
    """The secrets of the guild's bans that the payload of an event tells."""
    of_guild = secrets.get(str(payload.get("guild_id")), ())
    texts = list(_texts(payload)) if of_guild else []
    return [(what, secret) for what, secret in of_guild if any(secret in text for text in texts)]


def _secrets(call: Call) -> Iterator[tuple[str, str]]:
    for what, name in (("target", "target_user_id"), ("reason", "reason")):
        if call.arguments.get(name):
            yield what, str(call.arguments[name])
    answer = read_result(BanAddressesOf, call.body).value if call.outcome is Outcome.OK else None
    if isinstance(answer, shapes.CreatedIpBans):
        yield from (("id", ban_id) for ban_id in answer.ban_ids)


def _texts(value: Any, name: str = "") -> Iterator[str]:
    """All texts in a payload but those that have to stand there; who acted may be the target, too."""
    if isinstance(value, Mapping):
        for member, inner in value.items():
            if member not in _SAID:
                yield member
            yield from _texts(inner, member)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner, name)
    elif isinstance(value, str) and name not in ("guild_id", "actor_user_id") and value not in _ACTIONS:
        yield value
