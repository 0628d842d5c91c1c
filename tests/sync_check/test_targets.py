"""What `--target` may name, and the embedded server's life."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from tempfile import TemporaryFile

import pytest

from sync_check import targets
from sync_check.embedded import EmbeddedServer, EmbeddedServerFailed
from sync_check.targets import EMBEDDED, BadTarget, check_target_text, open_target


@pytest.mark.parametrize(
    "text",
    [EMBEDDED, "http://127.0.0.1:8000", "https://chat.example.org/api/", "http://[::1]:8000"],
)
def test_what_is_a_target(text: str) -> None:
    check_target_text(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no http"),
        ("chat.example.org", "no http"),
        ("ws://127.0.0.1:8000", "no http"),
        ("http://", "no http"),
        ("http://127.0.0.1:port", "no URL"),
        ("http://127.0.0.1:65536", "no URL"),
        ("http://[::1", "no URL"),
        ("http://ana:secret@127.0.0.1", "credentials"),
        ("http://127.0.0.1/?token=x", "query"),
        ("http://127.0.0.1/#top", "fragment"),
    ],
)
def test_what_is_none(text: str, reason: str) -> None:
    with pytest.raises(BadTarget, match=reason) as caught:
        check_target_text(text)
    assert "secret" not in str(caught.value)


async def test_a_url_is_taken_as_it_is_without_a_trailing_slash() -> None:
    async with open_target("http://127.0.0.1:1/api/") as target:
        assert target.url == "http://127.0.0.1:1/api"
        assert target.limits.auth_requests_per_minute == 60


async def test_an_embedded_server_that_cannot_start_is_an_error_of_ours() -> None:
    with pytest.raises(EmbeddedServerFailed, match="no-such-defect"):
        async with open_target(EMBEDDED, defect="no-such-defect"):
            pass


async def test_the_embedded_server_believes_where_its_clients_say_they_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given: list[str] = []

    @asynccontextmanager
    async def started(options: Sequence[str]) -> AsyncIterator[EmbeddedServer]:
        given.extend(options)
        with TemporaryFile() as state:
            server = EmbeddedServer(options, state)
            server.url = "http://127.0.0.1:1"
            yield server

    monkeypatch.setattr(targets, "embedded_server", started)
    async with open_target(EMBEDDED) as embedded, open_target("http://127.0.0.1:1") as other:
        assert embedded.trusts_proxy
        assert not other.trusts_proxy
    assert "--trust-proxy=127.0.0.1/32" in given
