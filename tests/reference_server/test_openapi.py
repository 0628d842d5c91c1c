"""The server's own OpenAPI document, and what it answers to requests made from that: nothing undeclared.

`make test` sends each operation a request that it permits or one that it forbids, in turn;
`SYNC_CHECK_EXAMPLES=9`, as in `.ci/run`, both, and more than a thousand in all.
"""

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from sync_check.conformance.contract.operations import OPERATIONS, Operation
from sync_check.conformance.contract.operations.operation import Sending
from tests.reference_server.processes import started

EXAMPLES: Final = int(os.environ.get("SYNC_CHECK_EXAMPLES", "1"))
MODES: Final = tuple(schemathesis.GenerationMode)
WAYS: Final = len(MODES) if "SYNC_CHECK_EXAMPLES" in os.environ else 1
"""Of the modes, how many each operation is tried in: to make a strategy takes longer than to draw from it."""
LEAST: Final = 60 * EXAMPLES * WAYS
"""Requests in all, at 67 operations by known and by made-up ids, permitted and forbidden."""
PARTS: Final = 2
RAISED: Final = (
    "requests_per_minute=1000000",
    "auth_requests_per_minute=1000000",
    "joins_per_minute_address=1000000",
    "joins_per_minute_user=1000000",
    "guilds_per_user=1000000",
)
CHECKS: Final = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


ApiOperation = schemathesis.APIOperation[Any, Any, Any, Any]
ApiCase = schemathesis.Case[Any]


class Service:
    """A server of its own, and somebody who knows it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session = requests.Session()
        self.session.trust_env = False
        account = {"username": "ana", "password": "long enough, too"}
        self.call("POST", "/auth/register", account)
        token = self.call("POST", "/auth/login", account)["access_token"]
        self.headers = {"authorization": f"Bearer {token}"}
        self.user_id = self.call("GET", "/auth/me")["user_id"]

    def call(self, method: str, path: str, body: Any = None) -> Any:
        headers = getattr(self, "headers", {})
        answer = self.session.request(method, self.url + path, json=body, headers=headers, timeout=10)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def place(self) -> dict[str, str]:
        """A new guild with something for every placeholder of a path."""
        guild = self.call("POST", "/guilds", {"name": "guild", "visibility": "public"})["guild_id"]
        channel = self.call("POST", f"/guilds/{guild}/channels", {"name": "general"})["channel_id"]
        role = self.call("POST", f"/guilds/{guild}/roles", {"name": "crew", "permissions": []})["role_id"]
        message = self.call("POST", f"/guilds/{guild}/channels/{channel}/messages", {"content": "x"})
        return {
            "guild_id": guild,
            "channel_id": channel,
            "role_id": role,
            "message_id": message["message_id"],
            "user_id": self.user_id,
            "role": "member",
            "target_kind": "member",
            "target_id": self.user_id,
            "emoji": "x",
        }


@contextmanager
def serving() -> Iterator[Service]:
    with started("--embedded", *(f"--limit={limit}" for limit in RAISED)) as (_, url):
        yield Service(url)


def exercise(
    service: Service, schema: Any, one: type[Operation], modes: Iterable[schemathesis.GenerationMode]
) -> Iterator[str]:
    """Send requests that the document permits or forbids; yields the status of each."""
    operation = schema[one.path][one.method]
    named = {name: known for name, known in service.place().items() if name in one.placeholders()}
    if one.sending is Sending.NOTHING and len(named) == len(one.placeholders()):
        yield from _sent(service, operation, schemathesis.GenerationMode.POSITIVE, named, examples=2)
        return
    possible = modes if _can_be_wrong(operation.definition.raw) else (schemathesis.GenerationMode.POSITIVE,)
    for mode in possible:
        yield from _sent(service, operation, mode, named, examples=2 * EXAMPLES)


def _can_be_wrong(declared: dict[str, Any]) -> bool:
    """Whether the document forbids a request: texts in a path and bytes may be anything.

    To look for one in vain takes as long as some hundred requests.
    """
    bodies = declared.get("requestBody", {}).get("content", {})
    texts = all(parameter["in"] == "path" for parameter in declared.get("parameters", ()))
    return not texts or bool(bodies.keys() - {"application/octet-stream"})


def _sent(
    service: Service,
    operation: ApiOperation,
    mode: schemathesis.GenerationMode,
    named: dict[str, str],
    *,
    examples: int,
) -> Iterator[str]:
    """Every other request is about what there is: a strategy takes longer to make than to draw from."""
    statuses: list[str] = []

    @settings(
        max_examples=examples,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(mode))
    def send(case: ApiCase) -> None:
        if len(statuses) % 2:
            case.path_parameters.update(named)
        answer = case.call(base_url=service.url, session=service.session, headers=service.headers)
        case.validate_response(answer, checks=CHECKS)
        statuses.append(str(answer.status_code))

    # A request without parameters cannot be made wrong.
    with suppress(Unsatisfiable):
        send()
    yield from statuses


@pytest.mark.timeout(120)
@pytest.mark.parametrize("part", range(PARTS))
def test_no_answer_is_undeclared(part: int) -> None:
    with serving() as service:
        schema = schemathesis.openapi.from_dict(service.call("GET", "/openapi.json"))
        statuses: Counter[str] = Counter()
        for number, one in enumerate(list(OPERATIONS.values())[part::PARTS]):
            modes = (*MODES, *MODES)[(number + part + 1) % len(MODES) :][:WAYS]
            statuses.update(exercise(service, schema, one, modes))
        assert statuses.total() >= LEAST / PARTS
        assert {"200", "400", "401", "403", "404", "422"} <= statuses.keys()
