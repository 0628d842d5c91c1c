"""What answers must say of a message's reactions and attachments, and of files (contract 2.5).

Several users may change a message in the window of a read, and a server may carry that out in another order
than the answers tell. So these checks look at all worlds of the window together: wrong is what no order makes
right.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract import shapes
from sync_check.conformance.history import canonical
from sync_check.conformance.judges.comparing import compared, unexpected
from sync_check.conformance.judges.lives import Call
from sync_check.conformance.judges.reactors import Reactors, reactors
from sync_check.conformance.model.attachments import described, known_attachment, stored
from sync_check.conformance.model.emissions import Disagreement, shown
from sync_check.conformance.model.media_types import Declared, declared
from sync_check.conformance.model.transitions import DEFAULT_LIMITS
from sync_check.conformance.model.world import Attachment, Message, World

WindowCheck = Callable[[Sequence[World], Call, Any, Any], list[Disagreement]]
"""Worlds of the window, oldest first, call, operation and answer to what the answer gets wrong."""
_Bound = Mapping[str, Attachment]
"""The attachments of one message by id, in one world."""


# --- reactions


def _reacted(
    worlds: Sequence[World],
    call: Call,
    asked: ops.AddReaction | ops.RemoveReaction,
    answer: shapes.Reaction,
) -> list[Disagreement]:
    added = isinstance(asked, ops.AddReaction)
    wrong = compared("REST-1", {"emoji": asked.emoji}, answer.wire())
    possible = reactors(worlds, asked.message_id, asked.emoji)
    if added or any(asked.message_id in world.messages_of(asked.channel_id) for world in worlds):
        possible = possible.with_own(call.actor, reacted=added)
    return wrong + _wrong_entry(possible, call.actor, answer, "")


def _wrong_reactions(
    worlds: Sequence[World],
    viewer: str | None,
    message_id: str,
    told: Sequence[shapes.Reaction],
    missing: str = "REACT-1",
) -> list[Disagreement]:
    """What a list of a message's reactions gets wrong; `missing` is broken where one is left out."""
    path = f"messages[{message_id}].reactions"
    known = {emoji for world in worlds for emoji in world.reactions.get(message_id, ())}
    listed = [reaction.emoji for reaction in told]
    wrong = [unexpected("REACT-1", f"{path}[{emoji}]") for emoji in _repeated(listed)]
    for reaction in told:
        entry = f"{path}[{reaction.emoji}]."
        if reaction.count == 0:
            wrong.append(unexpected("REACT-2", entry))
        wrong += _wrong_entry(reactors(worlds, message_id, reaction.emoji), viewer, reaction, entry)
    if len(known) <= DEFAULT_LIMITS.reactions_per_message:
        for emoji in sorted(known - set(listed)):
            if reactors(worlds, message_id, emoji).surely:
                wrong.append(_missing(missing, f"{path}[{emoji}]"))
    return wrong


def _wrong_entry(
    possible: Reactors, viewer: str | None, told: shapes.Reaction, path: str
) -> list[Disagreement]:
    wrong = []
    if told.count not in possible.counts:
        wrong.append(_wrong("REACT-1", f"{path}count", possible.shown, told.count))
    mine = {viewer in possible.surely, viewer in possible.possibly}
    if told.reacted_by_me not in mine:
        wrong.append(_wrong("REACT-1", f"{path}reacted_by_me", not told.reacted_by_me, told.reacted_by_me))
    named = told.reactor_user_ids or []
    strangers = sorted({user for user in named if user not in possible.possibly} | set(_repeated(named)))
    if strangers:
        reacted = sorted(possible.possibly)
        wrong.append(_wrong("REACT-1", f"{path}reactor_user_ids", reacted, named))
    return wrong


# --- attachments


def _uploaded(
    _worlds: Sequence[World], call: Call, asked: ops.UploadAttachment, answer: shapes.Attachment
) -> list[Disagreement]:
    wrong = compared("REST-1", described(stored(asked, answer, call.actor)), answer.wire())
    if declared(asked.data, asked.content_type) is Declared.RIGHT:
        wrong += compared("ATT-1", {"mime_type": asked.content_type}, answer.wire())
    return wrong


def _read(worlds: Sequence[World], call: Call, asked: ops.ReadAttachment, _: None) -> list[Disagreement]:
    """Whether the bytes are those of the upload, as far as the text in the history tells."""
    known = (known_attachment(world, asked.channel_id, asked.attachment_id) for world in worlds)
    texts = {one.data.decode(errors="replace") for one in known if one is not None}
    if not texts or call.error is not None or call.body in texts:
        return []
    return [_wrong("ATT-3", "the bytes", next(iter(texts)), call.body or "")]


# --- messages


class Contents:
    """What messages may show of reactions and attachments to a viewer, in the worlds of a window."""

    def __init__(self, worlds: Sequence[World], viewer: str | None) -> None:
        # Most worlds of a window differ in something else.
        files = list({id(world.attachments): world.attachments for world in worlds}.values())
        self._worlds = list({id(world.reactions): world for world in worlds}.values())
        self._viewer = viewer
        self._bound = [_by_message(attachments) for attachments in files]
        self._files = {attachment_id for attachments in files for attachment_id in attachments}

    def wrong(
        self, message: shapes.Message, *, lost_reaction: str = "REACT-1", lost_attachment: str = "DELIV-10"
    ) -> list[Disagreement]:
        """What a message that the server knows gets wrong, and what is broken where it lacks something."""
        message_id = message.message_id
        bound = [held.get(message_id, {}) for held in self._bound]
        return [
            *_wrong_reactions(self._worlds, self._viewer, message_id, message.reactions, lost_reaction),
            *self._wrong_attachments(bound, message, lost_attachment),
        ]

    def _wrong_attachments(
        self, bound: Sequence[_Bound], message: shapes.Message, missing: str
    ) -> list[Disagreement]:
        path = f"messages[{message.message_id}].attachments"
        listed = [one.attachment_id for one in message.attachments]
        wrong = [unexpected("ATT-2", f"{path}[{attachment_id}]") for attachment_id in _repeated(listed)]
        for one in message.attachments:
            known = [held[one.attachment_id] for held in bound if one.attachment_id in held]
            if known:
                wrong += compared("DELIV-10", described(known[-1]), one.wire())
            else:
                # Another message's, or nobody's; else one that was deleted.
                requirement = "ATT-2" if one.attachment_id in self._files else "ATT-3"
                wrong.append(unexpected(requirement, f"{path}[{one.attachment_id}]"))
        lost = set(bound[0]).intersection(*bound) - set(listed)
        return wrong + [_missing(missing, f"{path}[{attachment_id}]") for attachment_id in sorted(lost)]


def _by_message(attachments: Mapping[str, Attachment]) -> Mapping[str, _Bound]:
    found: dict[str, dict[str, Attachment]] = {}
    for attachment in attachments.values():
        if attachment.message_id is not None:
            found.setdefault(attachment.message_id, {})[attachment.attachment_id] = attachment
    return found


def created(
    worlds: Sequence[World], _call: Call, asked: ops.CreateMessage, answer: shapes.Message
) -> list[Disagreement]:
    """What a new message holds that was not asked for, or lacks."""
    wrong = compared("MSG-1", {"reactions": []}, answer.wire())
    named = dict.fromkeys(asked.attachment_ids or ())
    known = {key: world.attachments[key] for key in named for world in worlds if key in world.attachments}
    wanted = [described(attachment) for attachment in known.values()]
    told = [one.wire() for one in answer.attachments]
    if sorted(map(canonical, wanted)) != sorted(map(canonical, told)):
        wrong.append(_wrong("ATT-2", "attachments", wanted, told))
    return wrong


def _edited(
    worlds: Sequence[World], call: Call, asked: ops.EditMessage, answer: shapes.Message
) -> list[Disagreement]:
    if answer.message_id != asked.message_id:
        return []
    contents = Contents(worlds, call.actor)
    return contents.wrong(answer, lost_reaction="MSG-EDIT-2", lost_attachment="MSG-EDIT-2")


def _history(
    worlds: Sequence[World], call: Call, asked: ops.History, answer: shapes.MessagePage
) -> list[Disagreement]:
    contents = Contents(worlds, call.actor)
    wrong = [
        wrong
        for message in answer.messages
        if any(message.message_id in world.messages_of(asked.channel_id) for world in worlds)
        for wrong in contents.wrong(message)
    ]
    left_out = _left_out(worlds, asked, answer)
    return wrong + [_missing("PAGE-1", f"messages[{message_id}]") for message_id in left_out]


def _left_out(worlds: Sequence[World], asked: ops.History, answer: shapes.MessagePage) -> list[str]:
    """The messages that a page has no right to leave out.

    A page goes without a gap from the newest message, or the newest that is older than `before`, to where
    the next page begins; one behind which there is none goes to the oldest message. Which of two messages is
    older is known if the one was answered before the other was asked for.
    """
    each = list({id(known): known for known in (w.messages_of(asked.channel_id) for w in worlds)}.values())
    newest, oldest = _anywhere(each, asked.before), _anywhere(each, answer.next_before)
    if (asked.before is not None and newest is None) or (answer.next_before is not None and oldest is None):
        return []
    told = {message.message_id for message in answer.messages}
    surely = set(each[0]).intersection(*each[1:]) - told
    return [
        message_id
        for message_id, message in each[0].items()
        if message_id in surely
        and (newest is None or _is_older(message, newest))
        and (oldest is None or message_id == oldest.message_id or _is_older(oldest, message))
    ]


def _anywhere(each: Sequence[Mapping[str, Message]], message_id: str | None) -> Message | None:
    return next((known[message_id] for known in each if message_id in known), None) if message_id else None


def _is_older(one: Message, other: Message) -> bool:
    return one.answered_at < other.asked_at


# --- what the checks share


def _repeated(items: Sequence[str]) -> list[str]:
    return sorted({item for item in items if items.count(item) > 1})


def _wrong(requirement: str, path: str, wanted: object, told: object) -> Disagreement:
    return Disagreement(requirement=requirement, path=path, expected=shown(wanted), received=shown(told))


def _missing(requirement: str, path: str) -> Disagreement:
    return Disagreement(requirement=requirement, path=path, expected=path, received="nothing")


CHECKS: Final[Mapping[type[ops.Operation], WindowCheck]] = {
    ops.AddReaction: _reacted,
    ops.RemoveReaction: _reacted,
    ops.UploadAttachment: _uploaded,
    ops.ReadAttachment: _read,
    ops.CreateMessage: created,
    ops.EditMessage: _edited,
    ops.History: _history,
}
"""The check of each operation of the family; searches have theirs in `values_of_search`."""
