"""Accounts and sessions (contract 2.3)."""

from fastapi import Response

from sync_check.conformance.contract.shapes import Accepted, Profile, TokenPair
from sync_check.reference_server.routes.caller import ThisCall, ThisCaller
from sync_check.reference_server.routes.strict import Body, strict_router
from sync_check.reference_server.text import OptionalText, Text

router = strict_router()


class Registration(Body):
    username: Text
    password: Text
    captcha_token: OptionalText = None


class Credentials(Body):
    username: Text
    password: Text


class RefreshToken(Body):
    refresh_token: Text


@router.post("/auth/register")
async def register(body: Registration, call: ThisCall) -> Accepted:
    call.backend.rates.admit_auth("register", call.address)
    call.backend.accounts.register(body.username, body.password)
    return Accepted(accepted=True)


@router.post("/auth/login")
async def login(body: Credentials, call: ThisCall) -> TokenPair:
    call.backend.rates.admit_auth("login", call.address)
    return call.backend.accounts.login(body.username, body.password)


@router.post("/auth/refresh")
async def refresh(body: RefreshToken, call: ThisCall) -> TokenPair:
    call.backend.rates.admit_auth("refresh", call.address)
    return call.backend.accounts.refresh(body.refresh_token)


@router.post("/auth/logout", status_code=204)
async def logout(body: RefreshToken, call: ThisCall) -> Response:
    call.backend.accounts.logout(body.refresh_token)
    return Response(status_code=204)


@router.get("/auth/me")
async def own_profile(caller: ThisCaller) -> Profile:
    return caller.user.profile()
