"""Whether an event is too long, as far as anybody can know who does not know how it is spelled."""

import pytest

from sync_check.conformance.contract.limits import Limits
from sync_check.conformance.model.oversize import Oversize, of_content, of_event

LIMITS = Limits(max_gateway_event_bytes=1000)
HEAD = len('{"v":1,"t":"name","d":{"text":""}}')


@pytest.mark.parametrize(
    ("text", "oversize"),
    [
        ("x" * (900 - HEAD), Oversize.NO),
        ("x" * (1000 - HEAD + 1), Oversize.SURELY),
        ("\x01" * 170, Oversize.SURELY),
        ("\x01" * 150, Oversize.NO),
        ("\u00fc" * 200, Oversize.PERHAPS),
        ("/" * 600, Oversize.PERHAPS),
    ],
)
def test_of_an_event(text: str, oversize: Oversize) -> None:
    assert of_event("name", {"text": text}, LIMITS) is oversize


def test_of_a_content_whose_tokens_nobody_knows() -> None:
    assert of_content("x" * 900, LIMITS) is Oversize.PERHAPS
    assert of_content("x" * 1000, LIMITS) is Oversize.SURELY


@pytest.mark.parametrize("character", ["x", "\x01", "\u00fc"])
def test_under_the_limits_of_the_contract_no_content_is_too_long(character: str) -> None:
    limits = Limits()
    assert of_content(character * limits.message_bytes, limits) is Oversize.NO
