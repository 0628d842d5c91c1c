"""Avatars and banners (PROF-1, PROF-3, PROF-4, LIMIT-1)."""

import httpx
import pytest

from sync_check.reference_server.settings import Revision
from tests.reference_server.routes.test_friends import befriend
from tests.reference_server.running import RAISED, Person, Running, running
from tests.reference_server.scene import PIXEL

KINDS = ("avatar", "banner")
GIF = b"GIF89a\x01\x00\x01\x00" + bytes(20) + b";"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01" + bytes(20) + b"\xff\xd9"
WEBP = b"RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00/\x00\x00\x00" + bytes(10)
AVIF = b"\x00\x00\x00\x20ftypavif\x00\x00\x00\x00avifmif1miafMA1A" + bytes(20)


async def upload(
    person: Person, kind: str, data: bytes, mime_type: str | None = "image/png"
) -> httpx.Response:
    headers = person.headers if mime_type is None else {**person.headers, "content-type": mime_type}
    path = f"/users/me/profile/{kind}"
    return await person.server.http.post(path, content=data, headers=headers)


async def image(server: Running, person: Person, kind: str) -> httpx.Response:
    return await server.http.get(f"/users/{person.user_id}/{kind}")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.witnesses("PROF-4", "SCOPE-7")
async def test_each_upload_raises_the_version_that_is_told(kind: str) -> None:
    async with running() as server:
        ana, ben, eve = server.person("ana"), server.person("ben"), server.person("eve")
        await befriend(ana, ben)
        own, friend, stranger = [await person.connect() for person in (ana, ben, eve)]
        versions = []
        for data in (PIXEL, PIXEL + b"x"):
            answer = await upload(ana, kind, data)
            assert answer.status_code == 200, answer.text
            versions.append(answer.json()[f"{kind}_version"])
        assert 0 < versions[0] < versions[1]
        told = await own.until_now()
        assert [name for name, _ in told] == [f"profile_{kind}_update"] * 2
        assert [payload[f"{kind}_version"] for _, payload in told] == versions
        assert await friend.until_now() == told
        assert await stranger.until_now() == []
        assert (await ben.get(f"/users/{ana.user_id}/profile")).json()[f"{kind}_version"] == versions[1]


@pytest.mark.parametrize("kind", KINDS)
async def test_anybody_reads_the_image_and_may_keep_it(kind: str) -> None:
    async with running() as server:
        ana = server.person("ana")
        assert (await image(server, ana, kind)).status_code == 404
        await upload(ana, kind, PIXEL)
        first = await image(server, ana, kind)
        assert (first.status_code, first.content) == (200, PIXEL)
        assert first.headers["content-type"] == "image/png"
        assert first.headers["x-content-type-options"] == "nosniff"
        assert "public" in first.headers["cache-control"]
        await upload(ana, kind, GIF, "image/gif")
        second = await image(server, ana, kind)
        assert (second.headers["content-type"], second.content) == ("image/gif", GIF)
        assert first.headers["etag"] != second.headers["etag"]
        for nobody in ("01ARZ3NDEKTSV4RRFFQ69G5FAV", "malformed"):
            answer = await server.http.get(f"/users/{nobody}/{kind}")
            assert (answer.status_code, answer.json()) == (404, {"error": "not_found"})


@pytest.mark.parametrize(
    ("data", "mime_type", "status"),
    [
        (PIXEL, "image/png", 200),
        (PIXEL, "IMAGE/PNG; charset=binary", 200),
        (GIF, "image/gif", 200),
        (JPEG, "image/jpeg", 200),
        (WEBP, "image/webp", 200),
        (AVIF, "image/avif", 200),
        (b"", "image/png", 400),
        (PIXEL, "image/gif", 400),
        (PIXEL, None, 400),
        (b"hello world", "text/plain", 400),
        (b"hello world", "image/png", 400),
        (b"%PDF-1.4\n%", "application/pdf", 400),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml", 400),
    ],
)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.witnesses("PROF-3")
async def test_what_is_an_image(kind: str, data: bytes, mime_type: str | None, status: int) -> None:
    async with running() as server:
        ana = server.person("ana")
        watcher = await ana.connect()
        answer = await upload(ana, kind, data, mime_type)
        assert answer.status_code == status
        assert status == 200 or answer.json() == {"error": "invalid_request"}
        assert len(await watcher.until_now()) == (status == 200)
        assert (await ana.get("/auth/me")).json()[f"{kind}_version"] == (status == 200)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.witnesses("PROF-3", "LIMIT-1")
async def test_an_image_is_bounded_by_a_limit_of_its_own(kind: str) -> None:
    # Far above the limit of JSON bodies, which does not count here.
    size = 3_000_000
    limits = RAISED.model_copy(update={f"{kind}_bytes": size})
    async with running(limits=limits) as server:
        ana = server.person("ana")
        padding = bytes(size - len(PIXEL))
        assert (await upload(ana, kind, PIXEL + padding)).status_code == 200
        for more in (1, 20_000_000):
            refused = await upload(ana, kind, PIXEL + padding + bytes(more))
            assert (refused.status_code, refused.json()) == (413, {"error": "payload_too_large"})
        assert (await ana.get("/auth/me")).json()[f"{kind}_version"] == 1


@pytest.mark.parametrize(("kind", "size"), [("avatar", 2 * 1024 * 1024), ("banner", 6 * 1024 * 1024)])
async def test_the_contract_says_how_large_an_image_is(kind: str, size: int) -> None:
    async with running() as server:
        ana = server.person("ana")
        largest = PIXEL + bytes(size - len(PIXEL))
        assert [(await upload(ana, kind, data)).status_code for data in (largest, largest + b"x")] == [
            200,
            413,
        ]
        assert (await image(server, ana, kind)).content == largest


async def test_each_kind_has_a_rate_of_its_own() -> None:
    async with running(limits=RAISED.model_copy(update={"auth_requests_per_minute": 1})) as server:
        ana = server.person("ana")
        statuses = [(await upload(ana, kind, PIXEL)).status_code for kind in (*KINDS, *KINDS)]
        assert statuses == [200, 200, 429, 429]


async def test_revision_1_has_no_banner() -> None:
    async with running(revision=Revision.ONE) as server:
        ana = server.person("ana")
        assert [(await upload(ana, kind, PIXEL)).status_code for kind in KINDS] == [200, 404]


@pytest.mark.witnesses("PROF-1")
async def test_lookup_tells_the_avatar_version() -> None:
    async with running(limits=RAISED.model_copy(update={"lookup_users": 2})) as server:
        ana, ben = server.person("ana"), server.person("ben")
        await upload(ben, "avatar", PIXEL)
        wanted = [ben.user_id, ana.user_id]
        found = (await ana.post("/users/lookup", {"user_ids": wanted})).json()["users"]
        assert [(user["username"], user["avatar_version"]) for user in found] == [("ben", 1), ("ana", 0)]
        assert (await ana.post("/users/lookup", {"user_ids": [*wanted, ana.user_id]})).status_code == 400
