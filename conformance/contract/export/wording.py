"""What the values of the contract mean, in the words of the documents."""

from typing import Final

from sync_check.conformance.contract.events import Scope, Visibility
from sync_check.conformance.contract.export.revision import EventType

VISIBLE_TO: Final[dict[Visibility, str]] = {
    Visibility.OWN: "the connection it answers",
    Visibility.MEMBERS: "members",
    Visibility.MEMBERS_AND_CONCERNED: "members and the user concerned",
    Visibility.ACCESS: "members with access to the channel (MUST)",
    Visibility.ACCESS_SHOULD: "members with access to the channel (SHOULD)",
    Visibility.IDS_FILTERED: "members, each with the ids of their own channel list",
    Visibility.IP_BAN_MANAGERS: "holders of manage_ip_bans (MUST)",
    Visibility.PROFILE: "the user and friends; co-members MAY",
    Visibility.BOTH_USERS: "both users",
}

REACHES: Final[dict[Scope, str]] = {
    Scope.CONNECTION: "only the connection whose connect or command it answers",
    Scope.CHANNEL: "connections subscribed to this very channel whose user has access at that moment",
    Scope.GUILD: (
        "connections of current members that are subscribed to some channel of the guild; other connections "
        "of members may get it"
    ),
    Scope.USER: "all connections of the users concerned, subscribed or not",
}


def names_actor(event: EventType) -> str:
    """Whether the payload says who acted: `always`, `may` or `never`."""
    field = event.model_fields.get("actor_user_id")
    if field is None:
        return "never"
    return "always" if field.is_required() else "may"
