"""Whether the values in a well-formed answer are those that the request set, or that hold.

A read is right if what it says held in one of the worlds of its window.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract import shapes
from sync_check.conformance.contract.values import WireModel
from sync_check.conformance.judges import (
    values_of_content,
    values_of_directory,
    values_of_guilds,
    values_of_moderation,
    values_of_people,
    values_of_search,
    values_of_voice,
)
from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.comparing import (
    Check,
    compared,
    compared_tokens,
    listed,
    unexpected,
    wrong_value,
)
from sync_check.conformance.judges.lives import Call
from sync_check.conformance.judges.pages import as_limited
from sync_check.conformance.model.emissions import Disagreement
from sync_check.conformance.model.timeline import Span
from sync_check.conformance.model.world import Message, World


class Values:
    """Judges the values of a case's answers; equal answers to a question that anybody may ask, once."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._known: dict[tuple[ops.Operation, Span, int], tuple[WireModel, list[Disagreement]]] = {}

    def wrong(self, call: Call, operation: ops.Operation, answer: WireModel | None) -> list[Disagreement]:
        """What an answer gets wrong; nothing if it is right in one of the worlds of its window.

        `answer` is None where it is no JSON.
        """
        window = call.window(self._case.timeline)
        if window.acknowledged > self._case.blind_from:
            return []
        operation = as_limited(operation, self._case.header.limits)
        if answer is None or type(operation) not in _IMPERSONAL:
            return self._worked_out(call, operation, answer, window.span)
        key = operation, window.span, id(answer)
        known = self._known.get(key)
        if known is None:
            # With the answer, or another one could get its id.
            known = self._known[key] = answer, self._worked_out(call, operation, answer, window.span)
        return known[1]

    def _worked_out(
        self, call: Call, operation: ops.Operation, answer: WireModel | None, span: Span
    ) -> list[Disagreement]:
        check, over_window = _CHECKS.get(type(operation)), _WINDOW_CHECKS.get(type(operation))
        if check is None and over_window is None:
            return []
        worlds = list(self._case.timeline.worlds(span))
        wrong = [] if over_window is None else over_window(worlds, call, operation, answer)
        return wrong if check is None else wrong + _wrong_in_all(check, worlds, call, operation, answer)


def _wrong_in_all(
    check: Check, worlds: list[World], call: Call, operation: ops.Operation, answer: WireModel | None
) -> list[Disagreement]:
    """What is wrong in the newest world, unless all is right in another one."""
    newest_first = reversed(worlds)
    wrong = check(next(newest_first), call, operation, answer)
    if not wrong or any(not check(world, call, operation, answer) for world in newest_first):
        return []
    return wrong


def kept_by(case: Case, call: Call, operation: ops.Operation) -> list[str]:
    """The requirements that an answer without wrong values was seen to keep."""
    window = call.window(case.timeline)
    kept = _KEPT.get(type(operation))
    if kept is None or window.acknowledged > case.blind_from:
        return []
    return kept(list(case.timeline.worlds(window.span)), call, as_limited(operation, case.header.limits))


# --- messages


def _created(
    _world: World, call: Call, asked: ops.CreateMessage, answer: shapes.Message
) -> list[Disagreement]:
    wanted = {
        "guild_id": asked.guild_id,
        "channel_id": asked.channel_id,
        "author_id": call.actor,
        "content": asked.content,
    }
    return compared("REST-1", wanted, answer.wire())


def _edited(world: World, _call: Call, asked: ops.EditMessage, answer: shapes.Message) -> list[Disagreement]:
    told = answer.wire()
    wrong = compared("REST-1", {"content": asked.content}, told)
    known = world.messages_of(asked.channel_id).get(asked.message_id)
    return wrong if known is None else wrong + compared("MSG-EDIT-2", _kept(known), told)


def _kept(message: Message) -> dict[str, Any]:
    return {
        "message_id": message.message_id,
        "author_id": message.author_id,
        "created_at_unix": message.created_at_unix,
    }


def _history(world: World, _call: Call, asked: ops.History, answer: shapes.MessagePage) -> list[Disagreement]:
    known = world.messages_of(asked.channel_id)
    wrong: list[Disagreement] = []
    for message in answer.messages:
        stored = known.get(message.message_id)
        path = f"messages[{message.message_id}]"
        if stored is None:
            wrong.append(unexpected("MSG-DEL-1", path))
            continue
        told = message.wire()
        wrong += compared("MSG-EDIT-2", _kept(stored), told)
        wrong += compared("DELIV-10", {"content": stored.content}, told) or compared_tokens([stored], told)
    ids = [message.message_id for message in answer.messages]
    wrong += listed("PAGE-1", "messages", list(dict.fromkeys(ids)), ids)
    return wrong + _misplaced([known[m.message_id] for m in answer.messages if m.message_id in known])


def _misplaced(newest_first: Sequence[Message]) -> list[Disagreement]:
    """Messages that were there before one was asked for that is listed as older (MSG-2)."""
    wrong: list[Disagreement] = []
    first: Message | None = None
    for message in newest_first:
        if first is not None and first.answered_at < message.asked_at:
            path = f"messages[{message.message_id}]"
            wrong.append(wrong_value("MSG-2", path, f"before {first.message_id}", "after it"))
        if first is None or message.answered_at < first.answered_at:
            first = message
    return wrong


_IMPERSONAL: Final = frozenset((ops.ListMembers, ops.ListRoles))
"""Reads whose values do not depend on who asks: their checks do not look at the call."""
_CHECKS: Final[Mapping[type[ops.Operation], Check]] = {
    **values_of_guilds.CHECKS,
    **values_of_voice.CHECKS,
    **values_of_people.CHECKS,
    ops.CreateMessage: _created,
    ops.EditMessage: _edited,
    ops.History: _history,
}
_WINDOW_CHECKS: Final[Mapping[type[ops.Operation], values_of_content.WindowCheck]] = {
    **values_of_content.CHECKS,
    **values_of_search.CHECKS,
    **values_of_moderation.CHECKS,
    **values_of_directory.CHECKS,
    **values_of_people.WINDOW_CHECKS,
}
_KEPT: Final[Mapping[type[ops.Operation], Callable[[Sequence[World], Call, Any], list[str]]]] = {
    ops.Search: values_of_search.kept_by_search,
    **values_of_guilds.KEPT,
    **values_of_moderation.KEPT,
    **values_of_directory.KEPT,
    **values_of_people.KEPT,
}
