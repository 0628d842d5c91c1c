"""What a handler refuses with: the status and the code of contract 2.1.

ApiError
 +-- InvalidRequest          400 invalid_request
 +-- InvalidCredentials      401 invalid_credentials
 +-- Forbidden               403 forbidden
 +-- GuildLimitReached       403 guild_creation_limit_reached
 +-- NotFound                404 not_found
 +-- RateLimited             429 rate_limited
"""

from typing import ClassVar


class ApiError(Exception):
    """A refused request: nothing was stored and nothing emitted (DELIV-4)."""

    status: ClassVar[int]
    code: ClassVar[str]

    def __str__(self) -> str:
        return f"{self.status} {self.code}"


class InvalidRequest(ApiError):
    status = 400
    code = "invalid_request"


class InvalidCredentials(ApiError):
    status = 401
    code = "invalid_credentials"


class Forbidden(ApiError):
    status = 403
    code = "forbidden"


class GuildLimitReached(ApiError):
    status = 403
    code = "guild_creation_limit_reached"


class NotFound(ApiError):
    status = 404
    code = "not_found"


class RateLimited(ApiError):
    status = 429
    code = "rate_limited"
