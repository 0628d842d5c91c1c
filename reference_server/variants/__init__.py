"""Legal choices that our server does not make: the proof that the judges do not take one for a defect.

What each does lies in `deviations`; this table loads nothing of the server, so that a list of variants costs
nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """A variant: `permitted` is what the contract says about it, `shown_by` a scenario that meets it."""

    id: str
    title: str
    permitted: str
    shown_by: str


_ALL: Final = (
    Variant(
        id="implied-role-listed",
        title="Members are listed with the role that their legacy role implies",
        permitted="2.4: the role implied by the legacy role may be missing",
        shown_by="members/role-change",
    ),
    Variant(
        id="cursor-until-empty",
        title="Lists of members, audit rows and IP bans end with an empty page",
        permitted="PAGE-2: the cursor of the last page, or of one empty page after it, is null",
        shown_by="members/role-change",
    ),
    Variant(
        id="reads-audited",
        title="Who reads an audit log is written down in it",
        permitted="2.4: more actions than those named may appear",
        shown_by="audit/read",
    ),
    Variant(
        id="guild-events-to-all-sessions",
        title="Guild events also reach members' sessions that are subscribed to nothing",
        permitted="4.1: other connections of current members MAY receive them",
        shown_by="roles/default",
    ),
    Variant(
        id="profiles-to-co-members",
        title="Profile events also reach who shares a guild",
        permitted="SCOPE-7: co-members of a shared guild may get them",
        shown_by="profile/update",
    ),
    Variant(
        id="frames-spelled-otherwise",
        title="Frames have another order of members, white space and escapes",
        permitted="1: one JSON object; clients are tolerant",
        shown_by="messages/edit",
    ),
    Variant(
        id="permissions-reversed",
        title="Roles and overrides list permissions in another order",
        permitted="2.2: only permissions/self has an order (CHAN-2)",
        shown_by="roles/update",
    ),
    Variant(
        id="old-override-name-first",
        title="The former name of an override event comes before the new one",
        permitted="10.2: in either order",
        shown_by="overrides/role",
    ),
    Variant(
        id="actors-left-out",
        title="Events leave out who acted where they may",
        permitted="5.1: administrative guild events and friend update, delete and remove may name the actor",
        shown_by="members/kick",
    ),
    Variant(
        id="presence-reversed",
        title="Who is online is listed in another order",
        permitted="PRES-2: in any order",
        shown_by="messages/edit",
    ),
    Variant(
        id="framework-errors-as-text",
        title="Malformed requests are refused in plain text",
        permitted="2.1: framework errors have a free body and only the status counts",
        shown_by="roles/create",
    ),
    Variant(
        id="attachment-deletion-silent",
        title="The deletion of an attachment is not told",
        permitted="2.5: deleting an attachment bound to a message MAY emit message_update",
        shown_by="attachments/delete",
    ),
)

VARIANTS: Final[Mapping[str, Variant]] = {variant.id: variant for variant in _ALL}
"""Every variant by its id."""
