"""Profiles (contract 2.3, feature `profile`)."""

from typing import Any

from sync_check.conformance.contract.events import ProfileChanges, ProfileUpdate
from sync_check.conformance.contract.shapes import FoundUser, FoundUsers, Profile
from sync_check.conformance.contract.values import (
    ULID_PATTERN,
    USERNAME_PATTERN,
)
from sync_check.reference_server.errors import InvalidRequest, NotFound
from sync_check.reference_server.markdown import tokens_of
from sync_check.reference_server.routes.caller import Caller, ThisCaller, well_formed
from sync_check.reference_server.routes.strict import Body, strict_router
from sync_check.reference_server.text import OptionalText

router = strict_router()


class ProfilePatch(Body):
    username: OptionalText = None
    about_markdown: OptionalText = None


class Lookup(Body):
    user_ids: list[str]


@router.get("/users/{user_id}/profile")
async def read_profile(user_id: str, caller: ThisCaller) -> Profile:
    user = caller.backend.store.users.get(well_formed(user_id))
    if user is None:
        raise NotFound
    return user.profile()


@router.post("/users/lookup")
async def look_up(body: Lookup, caller: ThisCaller) -> FoundUsers:
    wanted = dict.fromkeys(body.user_ids)
    most = caller.backend.settings.limits.lookup_users
    if not 1 <= len(body.user_ids) <= most or not all(map(ULID_PATTERN.fullmatch, wanted)):
        raise InvalidRequest
    users = caller.backend.store.users
    found = [users[user_id] for user_id in wanted if user_id in users]
    return FoundUsers(
        users=[
            FoundUser(user_id=user.user_id, username=user.username, avatar_version=user.avatar_version)
            for user in found
        ]
    )


@router.patch("/users/me/profile")
async def update_profile(body: ProfilePatch, caller: ThisCaller) -> Profile:
    backend, user = caller.backend, caller.user
    backend.rates.admit_auth("profile", caller.address)
    changed = _changes(body, caller)
    if not changed:
        return user.profile()
    event = ProfileUpdate(
        user_id=user.user_id,
        updated_fields=ProfileChanges(**changed),
        updated_at_unix=backend.clock.unix(),
    )
    if not backend.fanout.is_deliverable(event):
        raise InvalidRequest
    backend.store.rename(user, changed.get("username", user.username))
    user.about_markdown = changed.get("about_markdown", user.about_markdown)
    backend.fanout.to_users(event, user_ids=(user.user_id, *user.friends), cause=user.user_id)
    return user.profile()


def _changes(body: ProfilePatch, caller: Caller) -> dict[str, Any]:
    """What the request changes (PROF-2); raises `InvalidRequest` for values outside the rules."""
    if not body.model_fields_set:
        raise InvalidRequest
    changed: dict[str, Any] = {}
    if body.username is not None and body.username != caller.user.username:
        _require_free(body.username, caller)
        changed["username"] = body.username
    about = body.about_markdown
    if about is not None and about != caller.user.about_markdown:
        if len(about.encode()) > caller.backend.settings.limits.about_bytes or "\0" in about:
            raise InvalidRequest
        changed |= {"about_markdown": about, "about_markdown_tokens": tokens_of(about)}
    return changed


def _require_free(username: str, caller: Caller) -> None:
    is_taken = caller.backend.store.user_named(username) is not None
    if is_taken or not USERNAME_PATTERN.fullmatch(username):
        raise InvalidRequest
