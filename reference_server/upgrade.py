"""The opening handshake: who may have a gateway connection, and the HTTP answer to everybody else."""

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qs

from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from sync_check.reference_server.accounts import Session
from sync_check.reference_server.addresses import client_address, combined
from sync_check.reference_server.backend import Backend
from sync_check.reference_server.errors import ApiError, InvalidCredentials, NotFound

GATEWAY_PATH: Final = "/gateway/ws"


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """An upgrade that may go on."""

    session: Session
    address: str


def bearer_token(authorization: str) -> str | None:
    """The token of an `Authorization` header, spelled exactly `Bearer <token>` with one space (2.1)."""
    scheme, _, token = authorization.partition(" ")
    return token if scheme == "Bearer" and token and token == token.strip() else None


def admit(backend: Backend, request: Request, *, peer: str | None, is_gateway: bool = True) -> Admission:
    """Look at an upgrade request in the order path, rate, token (GW-1, GW-2); raises an `ApiError`.

    `is_gateway` says whether it came to a port that has a gateway: elsewhere its path is unknown.
    """
    path, _, query = request.path.partition("?")
    session = _session(backend, request.headers, query)
    headers = combined((name.lower(), value) for name, value in request.headers.raw_items())
    address = client_address(peer, headers, backend.settings.trusted_proxies)
    backend.rates.admit_request(user_id=session.user_id if session else None, address=address)
    if path != GATEWAY_PATH or not is_gateway:
        raise NotFound
    if session is None:
        raise InvalidCredentials
    return Admission(session=session, address=address)


def _session(backend: Backend, headers: Headers, query: str) -> Session | None:
    in_query = parse_qs(query, keep_blank_values=True).get("access_token")
    spelled = headers.get_all("Authorization")
    if in_query is not None and (backend.deviation.query_wins or not spelled):
        return backend.accounts.session_of(in_query[0])
    token = bearer_token(spelled[0]) if len(spelled) == 1 else None
    return None if token is None else backend.accounts.session_of(token)


def refusal(error: ApiError) -> Response:
    """The HTTP response of a refused upgrade."""
    body = json.dumps({"error": error.code}).encode()
    headers = Headers()
    headers["Content-Type"] = "application/json"
    headers["Content-Length"] = str(len(body))
    headers["Connection"] = "close"
    return Response(error.status, HTTPStatus(error.status).phrase, headers, body)
