"""Strings that clients send."""

from typing import Annotated

from pydantic import AfterValidator

from sync_check.conformance.contract.values import NotNull


def _encodable(text: str) -> str:
    # JSON can spell half of a surrogate pair, which no UTF-8 text holds and nobody could be told.
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("not Unicode text") from None
    return text


Text = Annotated[str, AfterValidator(_encodable)]
"""A string that can be sent on."""
OptionalText = Annotated[Text | None, NotNull]
"""One that may be absent but not null."""
