"""Accounts, sessions and profiles (contract 2.3)."""

from sync_check.conformance.contract import events, shapes
from sync_check.conformance.contract.features import Feature
from sync_check.conformance.contract.operations.operation import (
    Authority,
    Operation,
    Refusal,
    Sending,
    Upload,
)

_NO_CREDENTIALS = (Refusal(401, "invalid_credentials"),)


class Register(Operation):
    name = "register"
    method = "POST"
    path = "/auth/register"
    sending = Sending.JSON
    result = shapes.Accepted
    authority = Authority.ANYBODY
    refusals = (Refusal(403, "captcha_failed"),)
    username: str
    password: str
    captcha_token: str | None = None


class Login(Operation):
    name = "login"
    method = "POST"
    path = "/auth/login"
    sending = Sending.JSON
    result = shapes.TokenPair
    authority = Authority.ANYBODY
    refusals = _NO_CREDENTIALS
    username: str
    password: str


class Refresh(Operation):
    name = "refresh"
    method = "POST"
    path = "/auth/refresh"
    sending = Sending.JSON
    result = shapes.TokenPair
    authority = Authority.ANYBODY
    refusals = _NO_CREDENTIALS
    refresh_token: str


class Logout(Operation):
    name = "logout"
    method = "POST"
    path = "/auth/logout"
    sending = Sending.JSON
    success = 204
    result = None
    authority = Authority.ANYBODY
    refusals = _NO_CREDENTIALS
    refresh_token: str


class OwnProfile(Operation):
    name = "own_profile"
    method = "GET"
    path = "/auth/me"
    result = shapes.Profile
    authority = Authority.ANY_USER


class LookUpUsers(Operation):
    name = "look_up_users"
    method = "POST"
    path = "/users/lookup"
    sending = Sending.JSON
    result = shapes.FoundUsers
    authority = Authority.ANY_USER
    user_ids: list[str]


class ReadProfile(Operation):
    name = "read_profile"
    method = "GET"
    path = "/users/{user_id}/profile"
    result = shapes.Profile
    authority = Authority.ANY_USER
    feature = Feature.PROFILE
    user_id: str


class UpdateProfile(Operation):
    name = "update_profile"
    method = "PATCH"
    path = "/users/me/profile"
    sending = Sending.JSON
    result = shapes.Profile
    authority = Authority.ANY_USER
    feature = Feature.PROFILE
    causes = (events.ProfileUpdate,)
    username: str | None = None
    about_markdown: str | None = None


class ReadAvatar(Operation):
    name = "read_avatar"
    method = "GET"
    path = "/users/{user_id}/avatar"
    result = None
    authority = Authority.ANYBODY
    feature = Feature.PROFILE_AVATAR
    user_id: str


class UploadAvatar(Upload):
    name = "upload_avatar"
    method = "POST"
    path = "/users/me/profile/avatar"
    result = shapes.Profile
    authority = Authority.ANY_USER
    feature = Feature.PROFILE_AVATAR
    causes = (events.ProfileAvatarUpdate,)


class ReadBanner(Operation):
    name = "read_banner"
    method = "GET"
    path = "/users/{user_id}/banner"
    result = None
    authority = Authority.ANYBODY
    feature = Feature.PROFILE_BANNER
    user_id: str


class UploadBanner(Upload):
    name = "upload_banner"
    method = "POST"
    path = "/users/me/profile/banner"
    result = shapes.Profile
    authority = Authority.ANY_USER
    feature = Feature.PROFILE_BANNER
    causes = (events.ProfileBannerUpdate,)
