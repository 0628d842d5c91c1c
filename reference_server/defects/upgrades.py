"""Defects of the HTTP answers to upgrades, whose headers tell what they must not."""

from base64 import b64encode
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qs

from websockets.http11 import Request, Response

from sync_check.reference_server.deviation import Faithful

_SWITCHING: Final = 101


class UpgradeShowsToken(Faithful):
    """The answer to an upgrade repeats the access token from its header."""

    def answering_upgrade(self, request: Request, response: Response) -> None:
        if response.status_code == _SWITCHING and "Authorization" in request.headers:
            response.headers["x-session"] = request.headers["Authorization"].removeprefix("Bearer ")


class RefusedUpgradeShowsToken(Faithful):
    """The refusal of an upgrade says which access token is not good."""

    def answering_upgrade(self, request: Request, response: Response) -> None:
        given = parse_qs(request.path.partition("?")[2]).get("access_token")
        if response.status_code != _SWITCHING and given:
            # Quoted as a header has it: a token that is none may hold anything.
            response.headers["www-authenticate"] = f'Bearer error_description="{given[0].encode()!r}"'


class UpgradeNamesGuild(Faithful):
    """The answer to an upgrade has the name of the newest workspace, in base64."""

    def answering_upgrade(self, request: Request, response: Response) -> None:
        del request
        newest = list(self._store.guilds.values())[-1:]
        if response.status_code == _SWITCHING and newest:
            response.headers["x-news"] = b64encode(newest[0].name.encode()).decode()


class UpgradeNamesChannels(Faithful):
    """The answer to an upgrade has the ids of all channels of the newest workspace."""

    def answering_upgrade(self, request: Request, response: Response) -> None:
        del request
        newest = list(self._store.guilds.values())[-1:]
        if response.status_code == _SWITCHING and newest:
            response.headers["x-news"] = ",".join(newest[0].channels)


DEFECTIVE: Final[Mapping[str, type[Faithful]]] = {
    "upgrade-shows-token": UpgradeShowsToken,
    "refused-upgrade-shows-token": RefusedUpgradeShowsToken,
    "upgrade-names-guild": UpgradeNamesGuild,
    "upgrade-names-channels": UpgradeNamesChannels,
}
