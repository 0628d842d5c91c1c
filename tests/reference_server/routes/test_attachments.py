"""Attachments (ATT-1 to 3, MSG-EDIT-2, MSG-DEL-1, LIMIT-1)."""

import hashlib
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.reference_server.routes.test_channels import create, hide
from tests.reference_server.running import RAISED, Person, Room, running
from tests.reference_server.scene import PIXEL

UNKNOWN = "01ARZ3NDEKTSV4RRFFQ69G5FAV"


async def upload(
    person: Person, room: Room, data: bytes = PIXEL, *, filename: str | None = None, kind: str = "image/png"
) -> httpx.Response:
    return await person.server.http.post(
        f"{room.channel}/attachments",
        params={} if filename is None else {"filename": filename},
        content=data,
        headers={**person.headers, "content-type": kind},
    )


async def uploaded(person: Person, room: Room, data: bytes = PIXEL) -> str:
    answer = await upload(person, room, data)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["attachment_id"])


async def send(person: Person, room: Room, *attachment_ids: str, content: str = "") -> httpx.Response:
    return await person.post(room.messages, {"content": content, "attachment_ids": list(attachment_ids)})


async def messages(person: Person, room: Room) -> list[dict[str, Any]]:
    return list((await person.get(room.messages)).json()["messages"])


@pytest.mark.witnesses("ATT-1", "ATT-3")
async def test_bytes_come_back_as_they_were_sent() -> None:
    async with running() as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        watcher = await ben.connect(room)
        made = (await upload(ana, room, filename="grüße & co.png")).json()
        assert made == {
            "attachment_id": made["attachment_id"],
            "guild_id": room.guild_id,
            "channel_id": room.channel_id,
            "owner_id": ana.user_id,
            "filename": "grüße & co.png",
            "mime_type": "image/png",
            "size_bytes": len(PIXEL),
            "sha256_hex": hashlib.sha256(PIXEL).hexdigest(),
        }
        read = await ben.get(f"{room.channel}/attachments/{made['attachment_id']}")
        assert (read.status_code, read.content) == (200, PIXEL)
        assert read.headers["content-type"] == "image/png"
        assert read.headers["cache-control"] == "private, no-store"
        assert read.headers["x-content-type-options"] == "nosniff"
        assert "gr%C3%BC%C3%9Fe" in read.headers["content-disposition"]
        assert await watcher.until_now() == []


@pytest.mark.parametrize(
    ("filename", "status"),
    [
        ("x" * 128, 200),
        ("é" * 64, 200),
        ("x" * 129, 400),
        ("é" * 65, 400),
        ("", 400),
        ("a/b", 400),
        ("a\\b", 400),
        ("a\0b", 400),
    ],
)
@pytest.mark.witnesses("LIMIT-1")
async def test_what_a_file_may_be_called(filename: str, status: int) -> None:
    async with running() as server:
        ana = server.person("ana")
        room = server.room(ana)
        assert (await upload(ana, room, filename=filename)).status_code == status


async def test_a_file_without_a_name_gets_one() -> None:
    async with running() as server:
        ana = server.person("ana")
        room = server.room(ana)
        assert (await upload(ana, room)).json()["filename"] == "upload.bin"


@pytest.mark.parametrize(
    ("data", "kind"),
    [(b"", "image/png"), (b"hello", "text/plain"), (PIXEL, "image/gif"), (b"hello", "image/png")],
)
@pytest.mark.witnesses("ATT-1")
async def test_what_is_not_recognised_is_refused(data: bytes, kind: str) -> None:
    async with running() as server:
        ana = server.person("ana")
        room = server.room(ana)
        refused = await upload(ana, room, data, kind=kind)
        assert (refused.status_code, refused.json()) == (400, {"error": "invalid_request"})


@pytest.mark.witnesses("ATT-1", "LIMIT-1")
async def test_size_and_quota_are_bounded_and_deletion_gives_back() -> None:
    size = len(PIXEL)
    limits = RAISED.model_copy(update={"attachment_bytes": size, "attachment_quota_bytes": 2 * size})
    async with running(limits=limits) as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        refused = await upload(ana, room, PIXEL + b"x")
        assert (refused.status_code, refused.json()) == (413, {"error": "payload_too_large"})
        first, second = await uploaded(ana, room), await uploaded(ana, room)
        refused = await upload(ana, room)
        assert (refused.status_code, refused.json()) == (409, {"error": "quota_exceeded"})
        await uploaded(ben, room)
        assert (await ana.delete(f"{room.channel}/attachments/{first}")).status_code == 204
        await uploaded(ana, room)
        message = (await send(ana, room, second)).json()
        assert (await ana.delete(f"{room.messages}/{message['message_id']}")).status_code == 204
        await uploaded(ana, room)


async def test_the_contract_says_how_large_a_file_is() -> None:
    size = 25 * 1024 * 1024
    async with running(limits=RAISED.model_copy(update={"request_timeout_s": 30.0})) as server:
        ana = server.person("ana")
        room = server.room(ana)
        largest = PIXEL + bytes(size - len(PIXEL))
        made = (await upload(ana, room, largest)).json()
        assert (made["size_bytes"], made["sha256_hex"]) == (size, hashlib.sha256(largest).hexdigest())
        assert (await upload(ana, room, largest + b"x")).status_code == 413


async def test_the_contract_says_how_much_a_user_may_keep() -> None:
    async with running() as server:
        ana = server.person("ana")
        room = server.room(ana)
        # As if kept elsewhere: a quarter of a gigabyte is too much to send.
        server.backend.store.users[ana.user_id].attachment_bytes = 250 * 1024 * 1024 - len(PIXEL)
        assert [(await upload(ana, room)).status_code for _ in range(2)] == [200, 409]


async def test_a_file_whose_channel_goes_during_the_upload_is_not_kept() -> None:
    async with running() as server:
        ana = server.person("ana")
        room = server.room(ana)
        other = Room(guild_id=room.guild_id, channel_id=await create(ana, room, "other"))

        async def interrupted() -> AsyncIterator[bytes]:
            yield PIXEL[:20]
            assert (await ana.delete(other.channel)).status_code == 200
            yield PIXEL[20:]

        answer = await server.http.post(
            f"{other.channel}/attachments",
            content=interrupted(),
            headers={**ana.headers, "content-type": "image/png"},
        )
        assert (answer.status_code, answer.json()) == (404, {"error": "not_found"})
        assert server.backend.store.users[ana.user_id].attachment_bytes == 0


async def test_a_deleted_channel_gives_back_its_bytes() -> None:
    limits = RAISED.model_copy(update={"attachment_quota_bytes": len(PIXEL)})
    async with running(limits=limits) as server:
        ana = server.person("ana")
        room = server.room(ana)
        other = Room(guild_id=room.guild_id, channel_id=await create(ana, room, "other"))
        attachment = await uploaded(ana, other)
        assert (await ana.delete(other.channel)).status_code == 200
        assert (await ana.get(f"{other.channel}/attachments/{attachment}")).status_code == 404
        await uploaded(ana, room)


@pytest.mark.witnesses("MSG-1", "DELIV-10")
async def test_a_message_of_attachments_alone_is_told_as_it_is_stored() -> None:
    async with running() as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        watcher = await ben.connect(room)
        ids = [await uploaded(ana, room) for _ in range(5)]
        answer = await send(ana, room, *ids)
        assert [one["attachment_id"] for one in answer.json()["attachments"]] == ids
        assert await watcher.until_now() == [("message_create", answer.json())]
        assert await messages(ben, room) == [answer.json()]


@pytest.mark.witnesses("ATT-2")
async def test_a_message_binds_only_what_is_its_authors_and_unbound_and_here() -> None:
    async with running() as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        other = Room(guild_id=room.guild_id, channel_id=await create(ana, room, "other"))
        good, bound, elsewhere = (
            await uploaded(ana, room),
            await uploaded(ana, room),
            await uploaded(ana, other),
        )
        foreign = await uploaded(ben, room)
        assert (await send(ana, room, bound)).status_code == 200
        watcher = await ben.connect(room)
        for ids in (
            [bound],
            [elsewhere],
            [foreign],
            [UNKNOWN],
            ["x"],
            [good, good],
            [good, foreign],
            [good] * 6,
        ):
            refused = await send(ana, room, *ids, content="text")
            assert (refused.status_code, refused.json()) == (400, {"error": "invalid_request"})
        assert await watcher.until_now() == []
        assert len(await messages(ana, room)) == 1
        assert (await send(ana, room, good)).status_code == 200  # the refusals have bound nothing


@pytest.mark.witnesses("MSG-DEL-1", "ATT-3", "DELIV-10")
async def test_deletion_of_a_bound_file_is_told_with_what_is_left() -> None:
    async with running() as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        gone, kept = await uploaded(ana, room), await uploaded(ana, room)
        message = (await send(ana, room, gone, kept, content="files")).json()
        watcher = await ben.connect(room)
        assert (await ana.delete(f"{room.channel}/attachments/{gone}")).status_code == 204
        ((name, payload),) = await watcher.until_now()
        assert (name, payload["message_id"]) == ("message_update", message["message_id"])
        (left,) = payload["updated_fields"]["attachments"]
        assert left["attachment_id"] == kept
        assert (await messages(ben, room))[0]["attachments"] == [left]
        assert (await ben.get(f"{room.channel}/attachments/{gone}")).status_code == 404
        await ana.delete(f"{room.messages}/{message['message_id']}")
        assert (await ben.get(f"{room.channel}/attachments/{kept}")).status_code == 404


@pytest.mark.witnesses("ATT-3", "LEAK-READ-1")
async def test_who_may_read_and_delete() -> None:
    async with running() as server:
        ana, ben, cat, eve = [server.person(name) for name in ("ana", "ben", "cat", "eve")]
        room = server.room(ana, ben, cat)
        other = Room(guild_id=room.guild_id, channel_id=await create(ana, room, "other"))
        path = f"{room.channel}/attachments/{await uploaded(ben, room)}"
        assert [(await person.get(path)).status_code for person in (ana, ben, cat, eve)] == [
            200,
            200,
            200,
            403,
        ]
        assert (await ana.get(path.replace(room.channel_id, other.channel_id))).status_code == 404
        assert [(await person.delete(path)).status_code for person in (cat, eve)] == [403, 403]
        await hide(ana, room, room.channel_id)
        assert (await ben.get(path)).status_code == 403
        assert (await upload(ben, room)).status_code == 403
        assert (await ben.delete(path)).status_code == 403
        assert (await ana.delete(path)).status_code == 204
