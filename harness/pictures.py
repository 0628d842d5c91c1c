"""The avatar and the banner of an account that the run was given: kept before they change, and put back.

Where there was none, one stays: the contract has no way to take it away.
"""

from collections.abc import Mapping
from typing import Final

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.history import Outcome
from sync_check.harness.accounts import Account
from sync_check.harness.caller import Caller

_READ_BY: Final[Mapping[type[ops.Upload], type[ops.ReadAvatar] | type[ops.ReadBanner]]] = {
    ops.UploadAvatar: ops.ReadAvatar,
    ops.UploadBanner: ops.ReadBanner,
}
_UNTYPED: Final = "application/octet-stream"


async def keep_picture(caller: Caller, account: Account, upload: ops.Upload) -> None:
    """Keep what `upload` will replace, if anything has to be put back; what is kept already stays so."""
    kind = type(upload)
    read = _READ_BY.get(kind)
    if read is None or account.shown_before is None or kind in account.pictures:
        return
    answer = await caller.quietly(read(user_id=account.user_id))
    if answer.outcome is Outcome.OK and answer.content:
        content_type = answer.headers.get("content-type", _UNTYPED)
        account.pictures[kind] = kind(content_type=content_type, data=answer.content)
