"""Attachments in the model: statuses, binding, quota, what is told after a deletion."""

from dataclasses import replace
from typing import Any

import pytest

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract import shapes
from sync_check.conformance.contract.limits import Limits
from sync_check.conformance.contract.values import WireModel
from sync_check.conformance.model.attachments import described
from sync_check.conformance.model.emissions import Standing
from sync_check.conformance.model.transitions import RULES, Effect, Expectation, Situation
from sync_check.conformance.model.world import Attachment, Channel, Guild, Message, Override, World
from tests.conformance.histories import NOW, ulid, user

G, C, HIDDEN, M = ulid(1), ulid(2), ulid(3), ulid(4)
FREE, BOUND, SECOND, BENS, UNSEEN = (ulid(10 + number) for number in range(5))
ANA, BEN, CYD, EVE = user("ana"), user("ben"), user("cyd"), user("eve")
PNG = b"\x89PNG\r\n\x1a\n"
LIMITS = Limits(attachment_bytes=100, attachment_quota_bytes=200)


def _attachment(attachment_id: str, owner: str, channel_id: str = C, bound: str | None = None) -> Attachment:
    return Attachment(
        attachment_id=attachment_id,
        guild_id=G,
        channel_id=channel_id,
        owner_id=owner,
        filename="upload.bin",
        mime_type="image/png",
        data=PNG,
        message_id=bound,
    )


ALL = (
    _attachment(FREE, ANA),
    _attachment(BOUND, ANA, bound=M),
    _attachment(SECOND, ANA, bound=M),
    _attachment(BENS, BEN),
    _attachment(UNSEEN, BEN, HIDDEN),
)
WORLD = replace(
    World()
    .with_guild(
        Guild(
            guild_id=G,
            name="room",
            visibility="private",
            members={ANA: "owner", BEN: "member", CYD: "member"},
            channels={key: Channel(channel_id=key, name="general", kind="text") for key in (C, HIDDEN)},
            overrides={HIDDEN: {BEN: Override(deny=frozenset({"create_message"}))}},
        )
    )
    .with_messages(C, {M: Message(message_id=M, author_id=ANA, content="hi", created_at_unix=NOW)}),
    attachments={one.attachment_id: one for one in ALL},
)


def upload(data: bytes = PNG, kind: str = "image/png", **fields: Any) -> ops.UploadAttachment:
    return ops.UploadAttachment(
        **{"guild_id": G, "channel_id": C, "data": data, "content_type": kind} | fields
    )


def read(attachment_id: str, channel_id: str = C) -> ops.ReadAttachment:
    return ops.ReadAttachment(guild_id=G, channel_id=channel_id, attachment_id=attachment_id)


def delete(attachment_id: str, channel_id: str = C) -> ops.DeleteAttachment:
    return ops.DeleteAttachment(guild_id=G, channel_id=channel_id, attachment_id=attachment_id)


def send(*attachment_ids: str, content: str = "look", channel_id: str = C) -> ops.CreateMessage:
    return ops.CreateMessage(
        guild_id=G, channel_id=channel_id, content=content, attachment_ids=list(attachment_ids)
    )


def _expected(operation: ops.Operation, actor: str = ANA) -> Expectation:
    return RULES[type(operation)].expect(Situation(world=WORLD, actor=actor, limits=LIMITS), operation)


def _effect(
    operation: ops.Operation, answer: WireModel | None = None, standing: Standing = Standing.DUE
) -> Effect:
    situation = Situation(world=WORLD, actor=ANA, standing=standing, answer=answer)
    return RULES[type(operation)].effect(situation, operation)


@pytest.mark.parametrize(
    ("operation", "statuses", "requirement"),
    [
        (upload(), {200}, "REST-1"),
        (upload(PNG + bytes(92)), {200}, "REST-1"),
        (upload(PNG + bytes(93)), {413}, "ATT-1"),
        (upload(b"hello"), {400}, "ATT-1"),
        (upload(b""), {400}, "ATT-1"),
        (upload(kind="image/gif"), {400}, "ATT-1"),
        (upload(kind=""), {400, 415}, "ATT-1"),
        (upload(b"hello", "text/plain"), {200, 400}, "REST-1"),
        (upload(b"hello" * 21, "text/plain"), {400, 413}, "ATT-1"),
        (upload(filename="x" * 128), {200}, "REST-1"),
        (upload(filename="ü" * 65), {400}, "REST-4"),
        (upload(filename=""), {400}, "REST-4"),
        (upload(filename="a/b"), {400}, "REST-4"),
        (upload(filename="a\\b"), {400}, "REST-4"),
        (upload(filename="a\0b"), {400}, "REST-4"),
        (upload(channel_id=ulid(9)), {404}, "ATT-3"),
        (read(BENS), {200}, "REST-1"),
        (read(ulid(99)), {404}, "ATT-3"),
        (read("99"), {400, 404}, "ATT-3"),
        (read(UNSEEN), {404}, "ATT-3"),
        (delete(BENS), {204}, "REST-1"),
        (delete(ulid(99)), {404}, "ATT-3"),
        (send(FREE), {200}, "REST-1"),
        (send(FREE, content=""), {200}, "REST-1"),
        (send(content=""), {400}, "REST-4"),
        (send(BOUND), {400}, "ATT-2"),
        (send(FREE, BENS), {400}, "ATT-2"),
        (send(FREE, channel_id=HIDDEN), {400}, "ATT-2"),
        (send(ulid(99)), {400}, "ATT-2"),
        (send("99"), {400}, "ATT-2"),
        (send(FREE, FREE), {200, 400}, "REST-1"),
        (send(*[FREE] * 6), {400}, "REST-4"),
    ],
)
def test_statuses(operation: ops.Operation, statuses: set[int], requirement: str) -> None:
    expectation = _expected(operation)
    assert (set(expectation.statuses), expectation.requirement) == (statuses, requirement)


@pytest.mark.parametrize(
    ("operation", "statuses"),
    [
        (upload(channel_id=HIDDEN), {403}),
        (read(UNSEEN, HIDDEN), {403}),
        (delete(FREE), {403}),
        (delete(BENS), {204}),
        (delete(UNSEEN, HIDDEN), {204, 403}),
        (delete(ulid(99), HIDDEN), {403}),
    ],
)
def test_statuses_of_a_member(operation: ops.Operation, statuses: set[int]) -> None:
    assert _expected(operation, actor=BEN).statuses == statuses


@pytest.mark.parametrize("operation", [upload(), read(BENS), delete(BENS)])
def test_a_stranger_is_refused(operation: ops.Operation) -> None:
    assert _expected(operation, actor=EVE) == Expectation(statuses=frozenset({403}), requirement="REST-5")


def test_the_quota_is_each_users_own() -> None:
    big = replace(ALL[0], data=PNG + bytes(150 - len(PNG)))
    world = replace(WORLD, attachments={FREE: big})
    expectations = {
        name: RULES[ops.UploadAttachment].expect(
            Situation(world=world, actor=name, limits=LIMITS), upload(PNG + bytes(43))
        )
        for name in (ANA, BEN)
    }
    assert expectations[ANA] == Expectation(statuses=frozenset({409}), requirement="ATT-1")
    assert expectations[BEN].statuses == {200}
    exactly = RULES[ops.UploadAttachment].expect(
        Situation(world=world, actor=ANA, limits=LIMITS), upload(PNG + bytes(42))
    )
    assert exactly.statuses == {200}


# --- effects


def test_an_upload_is_bound_to_nothing() -> None:
    new = _attachment(ulid(99), ANA)
    effect = _effect(upload(), shapes.Attachment(**described(new)))
    assert effect.world is not None
    assert effect.world.attachments[new.attachment_id] == new
    assert effect.emissions == ()


def test_an_upload_without_a_usable_answer_leaves_the_state_unknown() -> None:
    assert _effect(upload()).world is None


def test_a_message_binds_what_it_names_in_the_order_of_the_answer() -> None:
    answer = shapes.Message(
        message_id=ulid(50),
        guild_id=G,
        channel_id=C,
        author_id=ANA,
        content="look",
        markdown_tokens=[],
        attachments=[shapes.Attachment(**described(ALL[3])), shapes.Attachment(**described(ALL[0]))],
        reactions=[],
        created_at_unix=NOW,
    )
    effect = _effect(send(FREE, BENS), answer)
    assert effect.world is not None
    assert [one.attachment_id for one in effect.world.attached_to(ulid(50))] == [BENS, FREE]
    assert [one.attachment_id for one in effect.world.attached_to(M)] == [BOUND, SECOND]


def test_a_deletion_of_a_bound_attachment_may_be_told() -> None:
    effect = _effect(delete(BOUND))
    assert effect.world is not None
    assert BOUND not in effect.world.attachments
    (emission,) = effect.emissions
    assert (emission.standing, emission.updated) == (
        Standing.OPTIONAL,
        {"attachments": [described(ALL[2])]},
    )


def test_a_deletion_of_an_unbound_attachment_tells_nothing() -> None:
    effect = _effect(delete(FREE))
    assert effect.world is not None
    assert FREE not in effect.world.attachments
    assert effect.emissions == ()


@pytest.mark.parametrize("standing", [Standing.REFUSED, Standing.OPTIONAL])
@pytest.mark.parametrize("operation", [upload(), delete(BOUND), delete(ulid(99))])
def test_what_did_not_surely_happen_changes_nothing(operation: ops.Operation, standing: Standing) -> None:
    effect = _effect(operation, standing=standing)
    assert effect.world is WORLD
    assert {emission.standing for emission in effect.emissions} <= {standing}


def test_a_refused_deletion_is_not_taken_for_an_edit() -> None:
    (emission,) = _effect(delete(BOUND), standing=Standing.REFUSED).emissions
    edit = {"message_id": M, "updated_fields": {"content": "new"}}
    assert not emission.is_told_by(edit)
    assert emission.is_told_by({"message_id": M, "updated_fields": {"attachments": [described(ALL[2])]}})


def test_attachments_go_with_their_message_and_channel() -> None:
    gone = _effect(ops.DeleteMessage(guild_id=G, channel_id=C, message_id=M))
    assert gone.world is not None
    assert gone.world.attachments.keys() == {FREE, BENS, UNSEEN}
    gone = _effect(ops.DeleteChannel(guild_id=G, channel_id=C))
    assert gone.world is not None
    assert gone.world.attachments.keys() == {UNSEEN}
