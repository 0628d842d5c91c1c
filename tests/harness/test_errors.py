"""Errors are sentences with fields; none repeats a body."""

from sync_check.harness.errors import (
    HandshakeFailed,
    HarnessError,
    HistoryUnwritable,
    TargetUnavailable,
    UpgradeRefused,
)


def test_sentences() -> None:
    unavailable = TargetUnavailable("http://t.test", "nothing listens there")
    assert str(unavailable) == "The target http://t.test cannot be tested: nothing listens there."
    failed = HandshakeFailed("ws://t.test/gateway/ws", "no HTTP")
    assert str(failed) == "The gateway ws://t.test/gateway/ws did not open a WebSocket: no HTTP."
    unwritable = HistoryUnwritable("h.ndjson", "No space left on device")
    assert str(unwritable) == "The history h.ndjson cannot be written: No space left on device."


def test_refusal_keeps_its_body_to_itself() -> None:
    refused = UpgradeRefused("ws://t.test/ws", 401, "the token abc is unknown")
    assert str(refused) == "The gateway ws://t.test/ws refused the upgrade with status 401."
    assert refused.body == "the token abc is unknown"


def test_whose_fault_it_is_never_mixes() -> None:
    assert issubclass(HandshakeFailed, TargetUnavailable)
    assert issubclass(HistoryUnwritable, HarnessError)
    assert not issubclass(TargetUnavailable, HarnessError)
    assert not issubclass(UpgradeRefused, HarnessError | TargetUnavailable)
