"""Inputs about the envelope (contract 1): JSON, UTF-8, the members and their values."""

from typing import Final

from sync_check.conformance.contract.inputs import Input, Outcome, text

DATA: Final = '{"guild_id":"$guild","channel_id":"$channel","content":"$text"}'


def envelope(*, v: str = "1", t: str = '"message_create"', d: str = DATA) -> str:
    """A message by command, or what is left of one."""
    return f'{{"v":{v},"t":{t},"d":{d}}}'


VERSIONS: Final = tuple(
    Input(
        id=f"version/{name}",
        requirement="ENV-7",
        outcome=Outcome.INVALID_ENVELOPE,
        pieces=text(envelope(v=value)),
        content="$text",
    )
    for name, value in {
        "two": "2",
        "float": "1.0",
    }.items()
)
