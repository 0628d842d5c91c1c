"""REST calls at a target's own addresses and in its own names; judges and model see the contract's alone."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import httpx

from sync_check.conformance.contract.operations import Operation, ReadMetrics
from sync_check.harness.adapter.counters import summed
from sync_check.harness.adapter.misnaming import Misnaming
from sync_check.harness.clock import Clock
from sync_check.harness.enrolment import AdminCall
from sync_check.harness.headers import ORDINARY
from sync_check.harness.memo import Memo
from sync_check.harness.rest import CALL_BUDGET_S, UNSENDABLE, Answer, RestClient
from sync_check.harness.target import Target
from sync_check.harness.transport import Destination, Request

_OK: Final = 200


class TargetRest(RestClient):
    """The REST interface of a target as its profile describes it."""

    def __init__(
        self,
        target: Target,
        clock: Clock,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        ordinary: frozenset[str] = ORDINARY,
    ) -> None:
        super().__init__(
            target.url,
            clock,
            budget_s=CALL_BUDGET_S * target.time_scale,
            transport=transport,
            ordinary=ordinary,
            ca=target.ca,
        )
        self._target = target
        self._dialect = target.dialect
        self.misnaming = Misnaming(target.dialect)
        self._metrics_url: str | None = None
        self._translated: Memo[bytes, bytes] = Memo(entries=256, weight=8 * 1024 * 1024)

    async def send(
        self,
        operation: Operation,
        *,
        token: str | None,
        request_id: str,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """The same; the counters of several nodes are read of each, one after the other, and summed."""
        urls = self._target.metrics.urls
        if not (urls and isinstance(operation, ReadMetrics)):
            return await super().send(operation, token=token, request_id=request_id, headers=headers)
        answers: list[Answer] = []
        for url in urls:
            self._metrics_url = url
            answer = await super().send(operation, token=token, request_id=request_id, headers=headers)
            if answer.status != _OK:
                return answer
            answers.append(answer)
        pages = [answer.text or "" for answer in answers]
        return replace(answers[0], text=summed(pages)) if len(pages) > 1 else answers[0]

    async def enrol(self, admin: AdminCall, username: str, password: str) -> Answer:
        """Have an administrator make an account. This is no operation of the contract, and in no history."""
        body = admin.filled(username, password)
        return await self._plainly(admin.method, admin.path, admin.headers, body)

    async def made_up(self, name: str) -> Answer:
        """Ask for what no server has, which is in no history either."""
        return await self._plainly("GET", f"/{name}", {}, None)

    async def _plainly(
        self, method: str, path: str, headers: Mapping[str, str], body: Mapping[str, object] | None
    ) -> Answer:
        try:
            request = httpx.Request(
                method,
                self._base + path,
                headers={"user-agent": "sync-check", **self._target.headers, **headers},
                json=body,
                extensions=self._extensions,
            )
        except (UnicodeError, ValueError, httpx.InvalidURL):
            return UNSENDABLE
        return await self._carried(Request.of(request), None)

    def _destination(self, operation: Operation) -> Destination:
        if isinstance(operation, ReadMetrics) and self._metrics_url is not None:
            return Destination.of(httpx.URL(self._metrics_url))
        return super()._destination(operation)

    def _url(self, operation: Operation) -> str:
        return self._base + self._dialect.url_path(operation)

    def _standing(self, operation: Operation) -> Mapping[str, str]:
        authorization = self._target.metrics.authorization
        if authorization is None or not isinstance(operation, ReadMetrics):
            return self._target.headers
        return {**self._target.headers, "authorization": authorization}

    def _outgoing(self, operation: Operation, content: bytes) -> bytes:
        if operation.body() is None or not self._dialect.renames:
            return content
        return self._dialect.outgoing(content.decode()).encode()

    def _incoming(self, operation: Operation | None, body: bytes) -> bytes:
        if operation is None or not self._dialect.renames:
            return body
        if operation.result is None and not isinstance(operation, ReadMetrics):
            return body  # a file
        known = self._translated.get(body)
        if known is None:
            known = self._translated.put(body, self._translation(operation, body), len(body) + 256)
        return known

    def _translation(self, operation: Operation, body: bytes) -> bytes:
        try:
            text = body.decode()
        except UnicodeDecodeError:
            return body  # for the judges
        if isinstance(operation, ReadMetrics):
            self.misnaming.look_at_counters(text)
            return self._dialect.counters(text).encode()
        self.misnaming.look_at(text)
        return self._dialect.incoming(text).encode()
