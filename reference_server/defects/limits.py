"""Defects of limits: those in force are not those that are declared."""

from collections.abc import Mapping
from typing import Final

from sync_check.conformance.contract.limits import Limits
from sync_check.reference_server.deviation import Faithful


def _off(name: str, by: int) -> type[Faithful]:
    """What keeps to one limit that is so much larger than the one that is declared."""

    class Off(Faithful):
        def limiting(self, limits: Limits) -> Limits:
            return limits.model_copy(update={name: getattr(limits, name) + by})

    return Off


DEFECTIVE: Final[Mapping[str, type[Faithful]]] = {
    "message-looser": _off("message_bytes", 1),
    "name-tighter": _off("guild_name_bytes", -1),
    "page-looser": _off("history_page", 1),
    "page-tighter": _off("members_page", -1),
    "files-looser": _off("attachments_per_message", 1),
    "upload-looser": _off("avatar_bytes", 1),
    "body-looser": _off("max_body_bytes", 1),
    "body-tighter": _off("max_body_bytes", -1),
    "frame-looser": _off("max_gateway_event_bytes", 1),
    "frame-tighter": _off("max_gateway_event_bytes", -1),
    "ingress-looser": _off("ingress_frames", 1),
    "ingress-tighter": _off("ingress_frames", -1),
}
