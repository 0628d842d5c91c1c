"""`docs/GATEWAY_EVENTS.md`: prose from `gateway_events.md` next to this module, tables from the contract."""

import re
from pathlib import Path
from typing import Final

from sync_check.conformance.contract.export import rest, tables
from sync_check.conformance.contract.export.revision import Revision

_PLACE: Final = re.compile(r"\{\{(\w+)\}\}")


def markdown(edition: Revision) -> str:
    """The document of a revision."""
    template = Path(__file__).with_name("gateway_events.md").read_text(encoding="utf-8")
    blocks = _blocks(edition)
    return _PLACE.sub(lambda place: blocks[place[1]], template)


def _blocks(edition: Revision) -> dict[str, str]:
    return {
        "revision": str(edition.number),
        "scopes": "\n".join(tables.scopes()),
        "events": "\n".join(tables.events(edition)),
        "actors": "\n".join(tables.actors(edition)),
        "payloads": tables.payloads(edition),
        "commands": tables.commands(edition),
        "endpoints": tables.endpoints(edition),
        "requests": rest.requests(edition),
        "refusals": "\n".join(rest.statuses()),
        "shapes": "\n".join(rest.shapes(edition)),
        "limits": "\n".join(tables.limits(edition)),
        "permissions": tables.permissions(),
        "seed_roles": "\n".join(tables.seed_roles()),
        "features": "\n".join(tables.features(edition)),
    }
