"""Whose fault is it? What the target does wrong is a finding; these are the other cases, never mixed.

    HarnessError            an error of ours, or of the machine we run on
    └── HistoryUnwritable   the history cannot be written (a full disk, a vanished folder)
    TargetUnavailable       the target cannot be tested: not there, or no server of this kind
    └── HandshakeFailed     what answered the gateway upgrade is no HTTP, or no valid upgrade
    AccountsUnfit           accounts that the target's owner lists cannot be played with
    UpgradeRefused          the target answered the gateway upgrade with an HTTP status of its own
    ScenarioHalted          what the target did makes going on with this scenario pointless

No text of these errors holds a token: URLs are named without query and user info, bodies not at all.
"""

from collections.abc import Mapping


class HarnessError(Exception):
    """A bug of the harness, or a machine that does not let it work."""


class HistoryUnwritable(HarnessError):  # named for what happened, like its siblings
    """The history at `path` cannot be written; `reason` is the system's."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(path, reason)
        self.path = path
        self.reason = reason

    def __str__(self) -> str:
        return f"The history {self.path} cannot be written: {self.reason}."


class TargetUnavailable(Exception):  # not an error of anybody's code
    """Nothing can be tested at `url`; `reason` completes the sentence "The target <url> …"."""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(url, reason)
        self.url = url
        self.reason = reason

    def __str__(self) -> str:
        return f"The target {self.url} cannot be tested: {self.reason}."


class AccountsUnfit(Exception):  # not an error of anybody's code
    """What the owner of the target lists as accounts will not do; `sentence` names the list and what to do.

    `is_amid` says that scenarios were played before it showed.
    """

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.is_amid = False

    def __str__(self) -> str:
        return self.sentence


class HandshakeFailed(TargetUnavailable):
    """The gateway at `url` did not answer the upgrade as a WebSocket server does."""

    def __str__(self) -> str:
        return f"The gateway {self.url} did not open a WebSocket: {self.reason}."


class UpgradeRefused(Exception):  # an answer, which may be the expected one
    """`url` answered the upgrade with `status` (not 101) and `body`, cut after 4,096 characters.

    `headers` are those that may tell something.
    """

    def __init__(self, url: str, status: int, body: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(url, status, body)
        self.headers = headers
        self.url = url
        self.status = status
        self.body = body

    def __str__(self) -> str:
        # The body may repeat the token that was refused.
        return f"The gateway {self.url} refused the upgrade with status {self.status}."


class ScenarioHalted(Exception):  # no error of anybody's code
    """The scenario cannot go on; `reason` says after what."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return self.reason
