"""Avatars and banners (contract 2.3, features `profile.avatar` and `profile.banner`)."""

import hashlib
from typing import Final

from fastapi import Request, Response

from sync_check.conformance.contract.events import ProfileAvatarUpdate, ProfileBannerUpdate
from sync_check.conformance.contract.shapes import Profile
from sync_check.reference_server.errors import InvalidRequest, NotFound
from sync_check.reference_server.routes.caller import Caller, ThisCall, ThisCaller
from sync_check.reference_server.routes.strict import strict_router
from sync_check.reference_server.sniffing import IMAGES, recognised
from sync_check.reference_server.store import Image

router = strict_router()

_HEADERS: Final = {"x-content-type-options": "nosniff", "cache-control": "public, max-age=60"}


@router.get("/users/{user_id}/avatar", response_class=Response)
async def read_avatar(user_id: str, call: ThisCall) -> Response:
    user = call.backend.store.users.get(user_id)
    return _image(None if user is None else user.avatar)


@router.get("/users/{user_id}/banner", response_class=Response)
async def read_banner(user_id: str, call: ThisCall) -> Response:
    user = call.backend.store.users.get(user_id)
    return _image(None if user is None else user.banner)


@router.post("/users/me/profile/avatar")
async def upload_avatar(request: Request, caller: ThisCaller) -> Profile:
    """Replace the avatar and raise its version (PROF-4)."""
    backend, user = caller.backend, caller.user
    backend.rates.admit_auth("avatar", caller.address)
    user.avatar = await _uploaded(caller, request, max_bytes=backend.settings.limits.avatar_bytes)
    user.avatar_version += 1
    event = ProfileAvatarUpdate(
        user_id=user.user_id, avatar_version=user.avatar_version, updated_at_unix=backend.clock.unix()
    )
    backend.fanout.to_users(event, user_ids=_concerned(caller), cause=user.user_id)
    return user.profile()


@router.post("/users/me/profile/banner")
async def upload_banner(request: Request, caller: ThisCaller) -> Profile:
    """Replace the banner and raise its version (PROF-4)."""
    backend, user = caller.backend, caller.user
    backend.rates.admit_auth("banner", caller.address)
    user.banner = await _uploaded(caller, request, max_bytes=backend.settings.limits.banner_bytes)
    user.banner_version += 1
    event = ProfileBannerUpdate(
        user_id=user.user_id, banner_version=user.banner_version, updated_at_unix=backend.clock.unix()
    )
    backend.fanout.to_users(event, user_ids=_concerned(caller), cause=user.user_id)
    return user.profile()


def _concerned(caller: Caller) -> tuple[str, ...]:
    """Who is told of a changed profile (SCOPE-7)."""
    return (caller.user_id, *caller.user.friends)


async def _uploaded(caller: Caller, request: Request, *, max_bytes: int) -> Image:
    """The image that the request sends; raises as PROF-3 says."""
    data = await caller.upload(request, max_bytes=max_bytes)
    mime_type = recognised(data, request.headers.get("content-type"))
    if mime_type not in IMAGES:
        raise InvalidRequest
    return Image(mime_type=mime_type, data=data)


def _image(image: Image | None) -> Response:
    if image is None:
        raise NotFound
    etag = f'"{hashlib.sha256(image.data).hexdigest()[:32]}"'
    return Response(image.data, media_type=image.mime_type, headers={**_HEADERS, "etag": etag})
