"""Messages in the model: create, edit, delete, history (contract 2.5)."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from sync_check.conformance.contract import events, shapes
from sync_check.conformance.contract.limits import Limits
from sync_check.conformance.contract.operations import CreateMessage, DeleteMessage, EditMessage, History
from sync_check.conformance.contract.slices import MESSAGES, REACTIONS, slice_key
from sync_check.conformance.contract.values import ULID_PATTERN
from sync_check.conformance.history import canonical
from sync_check.conformance.model.access import channel_permissions, may_access
from sync_check.conformance.model.emissions import Emission, Standing
from sync_check.conformance.model.oversize import Oversize, of_content, of_event
from sync_check.conformance.model.timeline import Touch
from sync_check.conformance.model.transitions import (
    Effect,
    Expectation,
    Situation,
    better_refused_unless,
    expected,
    refused_outsider,
    refused_unless,
    rule,
    size,
    success_unless,
)
from sync_check.conformance.model.world import Message, World, with_entry

_Addressed = CreateMessage | History | EditMessage | DeleteMessage


def refused_without_access(
    situation: Situation, guild_id: str, channel_id: str, requirement: str = "CHAN-3"
) -> Expectation | None:
    """The refusal of a channel's endpoints: 403 without access, 404 for an unknown channel (CHAN-3)."""
    outsider = refused_outsider(situation, guild_id)
    if outsider is not None:
        return outsider
    guild = situation.world.guilds[guild_id]
    if not ULID_PATTERN.fullmatch(channel_id):
        return expected(400, 404, requirement=requirement)
    if channel_id not in guild.channels:
        return expected(404, requirement=requirement)
    return refused_unless(may_access(guild, channel_id, situation.actor), 403, requirement)


def fits(content: str, limits: Limits, *, may_be_empty: bool = False) -> bool:
    """Whether a content is of the length that is allowed."""
    least = 0 if may_be_empty else 1
    return least <= size(content) <= limits.message_bytes


def _refused_content(situation: Situation, content: str, *, may_be_empty: bool = False) -> Expectation | None:
    return refused_unless(fits(content, situation.limits, may_be_empty=may_be_empty), 400, "REST-4")


# --- create


def expect_create(situation: Situation, operation: CreateMessage) -> Expectation:
    """The statuses that the call of REST may get."""
    asked = operation.attachment_ids or []
    return success_unless(
        expected(200),
        refused_without_access(situation, operation.guild_id, operation.channel_id),
        _refused_content(situation, operation.content, may_be_empty=bool(asked)),
        refused_unless(len(asked) <= situation.limits.attachments_per_message, 400, "REST-4"),
        refused_unless(_bindable(situation, operation) == set(asked), 400, "ATT-2"),
        _refused_oversize(situation, operation.content),
        # Whether an attachment that is named twice is bound once or not at all is left open.
        None if len(set(asked)) == len(asked) else expected(200, 400, requirement="ATT-2"),
    )


def _refused_oversize(situation: Situation, content: str) -> Expectation | None:
    """The refusal of what could not be told to anybody (LIMIT-SIZE-2)."""
    match of_content(content, situation.limits):
        case Oversize.NO:
            return None
        case Oversize.PERHAPS:
            return expected(200, 400, requirement="LIMIT-SIZE-2")
        case Oversize.SURELY:
            return better_refused_unless(False, 400, "LIMIT-SIZE-2")


def _told(situation: Situation, standing: Standing, name: str, payload: Mapping[str, Any]) -> Standing:
    """How the event of a message stands, which nobody may get if it is too long (LIMIT-SIZE-1)."""
    if standing is not Standing.DUE:
        return standing
    match of_event(name, payload, situation.limits):
        case Oversize.NO:
            return standing
        case Oversize.PERHAPS:
            return Standing.OPTIONAL
        case Oversize.SURELY:
            return Standing.NO_OP


def _bindable(situation: Situation, operation: CreateMessage) -> set[str]:
    """The attachments of those asked for that the actor may bind in the channel (ATT-2)."""
    known = situation.world.attachments
    return {
        attachment_id
        for attachment_id in operation.attachment_ids or ()
        if (attachment := known.get(attachment_id)) is not None
        and attachment.message_id is None
        and attachment.owner_id == situation.actor
        and attachment.channel_id == operation.channel_id
    }


def _with_bound(world: World, message_id: str, attachment_ids: Iterable[str]) -> World:
    """The world in which a message binds these attachments, in this order."""
    bound = {
        key: replace(world.attachments[key], message_id=message_id)
        for key in attachment_ids
        if key in world.attachments
    }
    if not bound:
        return world
    rest = {key: value for key, value in world.attachments.items() if key not in bound}
    return replace(world, attachments={**rest, **bound})


def create(situation: Situation, operation: CreateMessage) -> Effect:
    """What a new message changes and causes, whoever asked for it by whatever means."""
    answer = situation.answer
    if not situation.happened:
        return Effect(world=situation.world, emissions=(_created_without_id(situation, operation),))
    if not isinstance(answer, shapes.Message):
        return Effect(world=None)
    message = Message(
        message_id=answer.message_id,
        author_id=situation.actor or answer.author_id,
        content=operation.content,
        created_at_unix=answer.created_at_unix,
        tokens=canonical(answer.wire()["markdown_tokens"]),
        asked_at=situation.asked_at,
        answered_at=situation.answered_at,
    )
    messages = with_entry(situation.world.messages_of(operation.channel_id), message.message_id, message)
    asked = operation.attachment_ids or ()
    told_files = [one.attachment_id for one in answer.attachments if one.attachment_id in asked]
    world = situation.world.with_messages(operation.channel_id, messages)
    stated = answer.wire()
    told = _emission(
        events.MessageCreate,
        _told(situation, situation.standing, events.MessageCreate.name, stated),
        operation,
        identity={"message_id": answer.message_id},
        stated=stated,
        requirement="MSG-1",
    )
    return Effect(
        world=_with_bound(world, message.message_id, dict.fromkeys((*told_files, *asked))),
        emissions=(replace(told, unless_changed="LIMIT-SIZE-1"),),
        touched=(_touch(operation, message.message_id),),
    )


def _created_without_id(situation: Situation, operation: CreateMessage) -> Emission:
    identity = {
        "guild_id": operation.guild_id,
        "channel_id": operation.channel_id,
        "author_id": situation.actor,
        "content": operation.content,
    }
    return _emission(events.MessageCreate, situation.standing, operation, identity=identity)


# --- edit and delete


def _refused_authorship(situation: Situation, operation: EditMessage | DeleteMessage) -> Expectation | None:
    access = refused_without_access(situation, operation.guild_id, operation.channel_id, "MSG-3")
    if access is not None:
        return access
    guild = situation.world.guilds[operation.guild_id]
    message = situation.world.messages_of(operation.channel_id).get(operation.message_id)
    if message is None:
        malformed = not ULID_PATTERN.fullmatch(operation.message_id)
        is_elsewhere = any(operation.message_id in known for known in situation.world.messages.values())
        requirement = "MSG-3" if is_elsewhere else "MSG-EDIT-1"
        return expected(404, *((400,) if malformed else ()), requirement=requirement)
    permissions = channel_permissions(guild, operation.channel_id, situation.actor)
    permitted = message.author_id == situation.actor or "delete_message" in permissions
    return refused_unless(permitted, 403, "MSG-EDIT-1")


def _expect_edit(situation: Situation, operation: EditMessage) -> Expectation:
    return success_unless(
        expected(200),
        _refused_authorship(situation, operation),
        _refused_content(situation, operation.content),
        _refused_oversize(situation, operation.content),
    )


def _edit(situation: Situation, operation: EditMessage) -> Effect:
    messages = situation.world.messages_of(operation.channel_id)
    before = messages.get(operation.message_id)
    standing = situation.standing
    if before is None:
        if situation.happened:
            return Effect(world=None)
        return Effect(world=situation.world, emissions=(_edited(standing, operation, None),))
    if situation.happened and before.content == operation.content:
        standing = Standing.NO_OP
    tokens = situation.answer.wire()["markdown_tokens"] if situation.answer is not None else None
    emission = _edited(standing, operation, tokens)
    if standing is not Standing.DUE:
        return Effect(world=situation.world, emissions=(emission,))
    known = None if tokens is None else canonical(tokens)
    after = replace(before, content=operation.content, tokens=known)
    told = _told(situation, standing, events.MessageUpdate.name, dict(emission.updated or {}))
    if told is not standing:
        emission = replace(emission, standing=told, unless_changed="LIMIT-SIZE-1")
    return Effect(
        world=situation.world.with_messages(
            operation.channel_id, with_entry(messages, after.message_id, after)
        ),
        emissions=(emission,),
        touched=(_touch(operation, after.message_id),),
    )


def _edited(standing: Standing, operation: EditMessage, tokens: list[Any] | None) -> Emission:
    identity = {"message_id": operation.message_id}
    if standing in (Standing.REFUSED, Standing.OPTIONAL):
        identity["updated_fields.content"] = operation.content
    updated: dict[str, Any] = {"content": operation.content}
    if tokens is not None:
        updated["markdown_tokens"] = tokens
    return _emission(
        events.MessageUpdate,
        standing,
        operation,
        identity=identity,
        updated=updated,
        supplied=frozenset({"markdown_tokens"}),
    )


def _expect_delete(situation: Situation, operation: DeleteMessage) -> Expectation:
    return success_unless(expected(204), _refused_authorship(situation, operation))


def _delete(situation: Situation, operation: DeleteMessage) -> Effect:
    messages = situation.world.messages_of(operation.channel_id)
    known = operation.message_id in messages
    # Accepting the deletion of nothing is a wrong answer; that nobody hears of it is none.
    standing = Standing.OPTIONAL if situation.happened and not known else situation.standing
    emission = _emission(
        events.MessageDelete, standing, operation, identity={"message_id": operation.message_id}
    )
    if standing is not Standing.DUE:
        return Effect(world=situation.world, emissions=(emission,))
    return Effect(
        world=situation.world.without_message(operation.channel_id, operation.message_id),
        emissions=(emission,),
        touched=(
            _touch(operation, operation.message_id),
            (slice_key(REACTIONS, operation.channel_id), operation.message_id),
        ),
    )


def _expect_history(situation: Situation, operation: History) -> Expectation:
    limit = operation.limit if operation.limit is not None else 1
    return success_unless(
        expected(200),
        refused_without_access(situation, operation.guild_id, operation.channel_id),
        refused_unless(1 <= limit <= situation.limits.history_page, 400, "REST-4"),
    )


def _touch(operation: _Addressed, message_id: str) -> Touch:
    return slice_key(MESSAGES, operation.channel_id), message_id


def _emission(
    event: type[events.Event],
    standing: Standing,
    operation: _Addressed,
    *,
    identity: Mapping[str, Any],
    stated: Mapping[str, Any] | None = None,
    requirement: str = "DELIV-10",
    updated: Mapping[str, Any] | None = None,
    supplied: frozenset[str] = frozenset(),
) -> Emission:
    return Emission(
        event=event,
        standing=standing,
        identity=identity,
        stated=stated or {"guild_id": operation.guild_id, "channel_id": operation.channel_id},
        requirement=requirement,
        updated=updated,
        supplied=supplied,
        guild_id=operation.guild_id,
        channel_id=operation.channel_id,
    )


rule(CreateMessage, expect_create, create)
rule(EditMessage, _expect_edit, _edit)
rule(DeleteMessage, _expect_delete, _delete)
rule(History, _expect_history)
