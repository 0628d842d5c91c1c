"""Who is let in, and for how long."""

from typing import Final

from sync_check.reference_server.defects.table.defect import Defect

SESSIONS: Final = (
    Defect(
        id="replay-tolerated",
        title="A used refresh token is refused, and its session goes on",
        requirement="AUTH-4",
        judge="sessions",
        kind="contract",
        scope="rest",
        shown_by="auth/refresh",
    ),
    Defect(
        id="used-refresh-accepted",
        title="A refresh token can be used as often as one likes",
        requirement="AUTH-4",
        judge="sessions",
        kind="contract",
        scope="rest",
        shown_by="auth/refresh",
    ),
    Defect(
        id="logout-ends-all",
        title="A logout ends all sessions of its user",
        requirement="AUTH-6",
        judge="sessions",
        kind="contract",
        scope="rest",
        shown_by="auth/logout",
    ),
    Defect(
        id="revoked-stays-connected",
        title="The connections of a revoked session stay open",
        requirement="GW-7",
        judge="sessions",
        kind="contract",
        scope="connection",
        shown_by="auth/logout",
    ),
    Defect(
        id="expired-token-accepted",
        title="An access token is good for as long as its session",
        requirement="GW-1",
        judge="sessions",
        kind="contract",
        scope="connection",
        shown_by="auth/expiry",
    ),
    Defect(
        id="taken-name-overwritten",
        title="Who registers a name that is taken sets its password",
        requirement="AUTH-1",
        judge="sessions",
        kind="safety",
        scope="rest",
        shown_by="auth/account",
    ),
    Defect(
        id="unknown-name-told",
        title="Who logs in by a name that nobody has is told so",
        requirement="AUTH-2",
        judge="sessions",
        kind="safety",
        scope="rest",
        shown_by="auth/account",
    ),
    Defect(
        id="header-token-wins",
        title="At an upgrade a token in the header wins over one in the query",
        requirement="GW-2",
        judge="sessions",
        kind="contract",
        scope="connection",
        shown_by="auth/token",
    ),
)
