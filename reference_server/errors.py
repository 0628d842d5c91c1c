"""What a handler refuses with: the status and the code of contract 2.1.

ApiError
 +-- InvalidRequest          400 invalid_request
 +-- InvalidCredentials      401 invalid_credentials
 +-- Forbidden               403 forbidden
 +-- GuildLimitReached       403 guild_creation_limit_reached
 +-- AuditAccessDenied       403 audit_access_denied
 +-- JoinByBannedUser        403 directory_join_user_banned
 +-- JoinByBannedAddress     403 directory_join_ip_banned
 +-- NotFound                404 not_found
 +-- QuotaExceeded           409 quota_exceeded
 +-- PayloadTooLarge         413 payload_too_large
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


class AuditAccessDenied(ApiError):
    status = 403
    code = "audit_access_denied"


class JoinByBannedUser(ApiError):
    status = 403
    code = "directory_join_user_banned"


class JoinByBannedAddress(ApiError):
    status = 403
    code = "directory_join_ip_banned"


class NotFound(ApiError):
    status = 404
    code = "not_found"


class QuotaExceeded(ApiError):
    status = 409
    code = "quota_exceeded"


class PayloadTooLarge(ApiError):
    status = 413
    code = "payload_too_large"


class RateLimited(ApiError):
    status = 429
    code = "rate_limited"
