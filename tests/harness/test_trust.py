"""Whose certificates are trusted: the system's, by REST and by the gateway, or those of a file."""

import asyncio
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.history import Outcome
from sync_check.harness.clock import Clock
from sync_check.harness.errors import TargetUnavailable, UpgradeRefused
from sync_check.harness.network.sockets import open_gateway
from sync_check.harness.rest import RestClient
from sync_check.harness.trust import tls_of

CERTIFICATES = Path(__file__).parents[1] / "sync_check" / "profiles" / "certificates"
CA = str(CERTIFICATES / "ca.pem")
NO_CONTENT = b"HTTP/1.1 204 No Content\r\n\r\n"
"""Which is no answer to an upgrade, but shows that the server was trusted."""


@pytest.fixture(autouse=True)
def _nothing_is_remembered() -> Iterator[None]:
    tls_of.cache_clear()
    yield
    tls_of.cache_clear()


async def _reached(ca: str | None) -> tuple[bool, bool]:
    """Whether REST and the gateway trust a server whose certificate is of our own authority."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(CERTIFICATES / "good.pem")

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(NO_CONTENT)
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context) as server:
        url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        rest = RestClient(url, Clock(), ca=ca)
        answer = await rest.send(ops.ListGuilds(), token=None, request_id="r")
        await rest.aclose()
        with pytest.raises((UpgradeRefused, TargetUnavailable)) as refused:
            await open_gateway(url, token=None, request_id="g", on_frame=print, on_end=print, ca=ca)
    return answer.outcome is Outcome.OK, isinstance(refused.value, UpgradeRefused)


async def test_the_certificates_of_a_file_are_trusted() -> None:
    assert await _reached(CA) == (True, True)


async def test_those_that_the_system_trusts_are_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", CA)
    assert await _reached(None) == (True, True)


async def test_others_are_not(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    assert await _reached(None) == (False, False)
