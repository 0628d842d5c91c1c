"""Defects of limits: those in force are not those that are declared."""

from collections.abc import Mapping
from typing import Final

from sync_check.conformance.contract.limits import (
    DIRECTORY_QUERY_BYTES,
    FILENAME_BYTES,
    PASSWORD_BYTES,
    Limits,
)
from sync_check.reference_server.accounts import Accounts
from sync_check.reference_server.defects.rewriting import Answer, Asked, Rewriting
from sync_check.reference_server.deviation import Faithful
from sync_check.reference_server.errors import InvalidRequest


def _off(name: str, by: int) -> type[Faithful]:
    """What keeps to one limit that is so much larger than the one that is declared."""

    class Off(Faithful):
        def limiting(self, limits: Limits) -> Limits:
            return limits.model_copy(update={name: getattr(limits, name) + by})

    return Off


class _ShortPasswords(Accounts):
    def register(self, username: str, password: str) -> None:
        if len(password.encode()) == PASSWORD_BYTES[-1]:
            raise InvalidRequest
        super().register(username, password)


class PasswordTighter(Faithful):
    """A password must be a byte shorter than the contract says."""

    accounts = _ShortPasswords


class FilenameCut(Rewriting):
    """What is too long of a file's name is cut off."""

    def instead(self, asked: Asked) -> Answer | None:
        uploaded = asked.at("POST", "/guilds/*/channels/*/attachments")
        name = asked.query.get("filename", "")
        if uploaded is not None and len(name.encode()) > FILENAME_BYTES[-1]:
            asked.ask({**asked.query, "filename": name[: FILENAME_BYTES[-1]]})
        return None


class QueryCut(Rewriting):
    """What is too long of a search in the directory is cut off."""

    def instead(self, asked: Asked) -> Answer | None:
        query = asked.query
        if asked.at("GET", "/guilds/public") is not None and "q" in query:
            asked.ask({**query, "q": query["q"][: DIRECTORY_QUERY_BYTES[-1]]})
        return None


DEFECTIVE: Final[Mapping[str, type[Faithful]]] = {
    "message-looser": _off("message_bytes", 1),
    "name-tighter": _off("guild_name_bytes", -1),
    "page-looser": _off("history_page", 1),
    "page-tighter": _off("members_page", -1),
    "files-looser": _off("attachments_per_message", 1),
    "upload-looser": _off("avatar_bytes", 1),
    "order-looser": _off("listed_channels", 1),
    "password-tighter": PasswordTighter,
    "filename-cut": FilenameCut,
    "query-cut": QueryCut,
    "body-looser": _off("max_body_bytes", 1),
    "body-tighter": _off("max_body_bytes", -1),
    "frame-looser": _off("max_gateway_event_bytes", 1),
    "frame-tighter": _off("max_gateway_event_bytes", -1),
    "ingress-looser": _off("ingress_frames", 1),
    "ingress-tighter": _off("ingress_frames", -1),
}
