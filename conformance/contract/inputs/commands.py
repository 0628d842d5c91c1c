"""Inputs about commands (contract 3.2): payloads, ids, contents, and names that are no command's."""

from collections.abc import Iterator, Mapping
from typing import Final

from sync_check.conformance.contract.events import EVENTS
from sync_check.conformance.contract.inputs import Input, Outcome, text
from sync_check.conformance.contract.inputs.envelopes import DATA, envelope

_SUBSCRIBE: Final = '"subscribe"'
_PLACE: Final = '"guild_id":"$guild","channel_id":"$channel"'
_VALUES: Final = {
    "null": "null",
    "number": "1",
    "true": "true",
    "array": '["$guild"]',
    "object": '{"id":"$guild"}',
    "empty": '""',
    "word": '"general"',
    "one-short": '"7ZZZZZZZZZZZZZZZZZZZZZZZZ"',
    "one-long": '"$nowhereZ"',
    "beyond-ulids": '"8ZZZZZZZZZZZZZZZZZZZZZZZZZ"',
    "letter-i": '"7IIIIIIIIIIIIIIIIIIIIIIIII"',
    "letter-u": '"7UUUUUUUUUUUUUUUUUUUUUUUUU"',
    "dashes": '"7ZZZZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZ"',
    "uuid": '"01890a5d-ac96-774b-bcce-b302099a8057"',
    "space-before": '" $guild"',
    "newline-behind": '"$guild\\n"',
    "null-behind": '"$guild\\u0000"',
    "path": '"../$guild"',
    "full-width-digits": '"' + "\uff10" * 26 + '"',
    "sql": '"\' OR 1=1 --"',
}
"""What is no id."""
_NOT_OBJECTS: Final = {"null": "null", "number": "1", "text": '"x"', "true": "true", "array": "[]"}


def _refused(
    group: str, payloads: Mapping[str, str], outcome: Outcome, requirement: str, t: str
) -> Iterator[Input]:
    for name, payload in payloads.items():
        yield Input(
            id=f"{group}/{name}",
            requirement=requirement,
            outcome=outcome,
            pieces=text(envelope(t=t, d=payload)),
            content="$text" if "$text" in payload else None,
        )


def _ids(before: str) -> Iterator[tuple[str, str]]:
    for name, value in _VALUES.items():
        yield f"guild-{name}", f'{{"guild_id":{value},"channel_id":"$channel"{before}}}'
    for name in ("null", "number", "empty", "one-short", "newline-behind"):
        yield f"channel-{name}", f'{{"guild_id":"$guild","channel_id":{_VALUES[name]}{before}}}'


_SUBSCRIBES: Final = {
    **{f"data-{name}": value for name, value in _NOT_OBJECTS.items()},
    "nothing": "{}",
    "no-guild": '{"channel_id":"$channel"}',
    "no-channel": '{"guild_id":"$guild"}',
    "one-more": f'{{{_PLACE},"since":0}}',
    "one-more-null": f'{{{_PLACE},"x":null}}',
    "content": DATA,
    "other-names": '{"guildId":"$guild","channelId":"$channel"}',
    "capital-names": '{"Guild_id":"$guild","Channel_id":"$channel"}',
    "workspace": '{"workspace_id":"$guild","channel_id":"$channel"}',
    "many-channels": '{"guild_id":"$guild","channel_ids":["$channel"]}',
    "deep": f'{{"place":{{{_PLACE}}}}}',
    **dict(_ids("")),
}
_CONTENT: Final = ',"content":"$text"'
_MESSAGES: Final = {
    **{f"data-{name}": value for name, value in _NOT_OBJECTS.items()},
    "nothing": "{}",
    "no-guild": f'{{"channel_id":"$channel"{_CONTENT}}}',
    "no-channel": f'{{"guild_id":"$guild"{_CONTENT}}}',
    "no-content": f"{{{_PLACE}}}",
    "one-more": f'{{{_PLACE}{_CONTENT},"nonce":"x"}}',
    "one-more-null": f'{{{_PLACE}{_CONTENT},"reply_to":null}}',
    "author": f'{{{_PLACE}{_CONTENT},"author_id":"$nowhere"}}',
    "message-id": f'{{{_PLACE}{_CONTENT},"message_id":"$nowhere"}}',
    "capital-content": f'{{{_PLACE},"Content":"$text"}}',
    **{
        f"content-{name}": f'{{{_PLACE},"content":{value}}}'
        for name, value in {
            "null": "null",
            "number": "1",
            "true": "true",
            "array": '["$text"]',
            "object": '{"text":"$text"}',
            "empty": '""',
            "too-long": '"$over"',
        }.items()
    },
    **{
        f"attachments-{name}": f'{{{_PLACE}{_CONTENT},"attachment_ids":{value}}}'
        for name, value in {
            "text": '"$nowhere"',
            "number": "1",
            "false": "false",
            "object": "{}",
            "of-null": "[null]",
            "of-numbers": "[1]",
            "of-nothing": '[""]',
            "of-words": '["x"]',
            "of-arrays": '[["$nowhere"]]',
            "too-many": "[$many]",
            "one-of-two": '["$nowhere","x"]',
        }.items()
    },
    "empty-with-empty-list": f'{{{_PLACE},"content":"","attachment_ids":[]}}',
    "empty-with-null": f'{{{_PLACE},"content":"","attachment_ids":null}}',
    **dict(_ids(_CONTENT)),
}
_REJECTED: Final = {
    "guild-of-nobody": f'{{"guild_id":"$nowhere","channel_id":"$channel"{_CONTENT}}}',
    "channel-of-nobody": f'{{"guild_id":"$guild","channel_id":"$nowhere"{_CONTENT}}}',
    "nothing-at-all": f'{{"guild_id":"$nowhere","channel_id":"$elsewhere"{_CONTENT}}}',
    "guild-as-channel": f'{{"guild_id":"$guild","channel_id":"$guild"{_CONTENT}}}',
    "channel-as-guild": f'{{"guild_id":"$channel","channel_id":"$channel"{_CONTENT}}}',
    "changed-places": f'{{"guild_id":"$channel","channel_id":"$guild"{_CONTENT}}}',
    "attachment-of-nobody": f'{{{_PLACE}{_CONTENT},"attachment_ids":["$nowhere"]}}',
    "message-as-attachment": f'{{{_PLACE}{_CONTENT},"attachment_ids":["$channel"]}}',
    "empty-with-attachment-of-nobody": f'{{{_PLACE},"content":"","attachment_ids":["$nowhere"]}}',
}
"""Well-formed messages that there is no place for."""
_LOWER: Final = '"7zzzzzzzzzzzzzzzzzzzzzzzzz"'
_OPEN: Final = {
    "subscribe-lower-case": (_SUBSCRIBE, f'{{"guild_id":{_LOWER},"channel_id":"$elsewhere"}}'),
    "subscribe-lower-case-channel": (_SUBSCRIBE, f'{{"guild_id":"$nowhere","channel_id":{_LOWER}}}'),
    "subscribe-twice": (
        _SUBSCRIBE,
        '{"guild_id":"$nowhere","guild_id":"$elsewhere","channel_id":"$elsewhere"}',
    ),
    "subscribe-twice-alike": (
        _SUBSCRIBE,
        '{"guild_id":"$nowhere","channel_id":"$elsewhere","channel_id":"$elsewhere"}',
    ),
    "subscribe-twice-escaped": (
        _SUBSCRIBE,
        '{"guild_id":"$nowhere","\\u0067uild_id":"$elsewhere","channel_id":"$elsewhere"}',
    ),
    "subscribe-twice-once-null": (
        _SUBSCRIBE,
        '{"guild_id":null,"guild_id":"$nowhere","channel_id":"$elsewhere"}',
    ),
    "message-lower-case": (
        '"message_create"',
        f'{{"guild_id":{_LOWER},"channel_id":"$elsewhere","content":"lower"}}',
    ),
    "message-twice": (
        '"message_create"',
        '{"guild_id":"$nowhere","channel_id":"$elsewhere","content":"one","content":"two"}',
    ),
    "message-null-in-content": (
        '"message_create"',
        '{"guild_id":"$nowhere","channel_id":"$elsewhere","content":"\\u0000"}',
    ),
    "message-half-a-pair": (
        '"message_create"',
        '{"guild_id":"$nowhere","channel_id":"$elsewhere","content":"\\ud800"}',
    ),
}
"""What has no defined meaning (1), about nothing, so that it can do no harm if it is taken."""
_NO_COMMANDS: Final = (
    *("ack", "auth", "channel_subscribe", "close", "connect", "disconnect", "dispatch", "error", "eval"),
    *("guild_create", "heartbeat", "heartbeat_ack", "hello", "help", "identify", "invalid_session", "join"),
    *("message", "message.create", "message_create.", "message_creates", "message_send", "noop", "ping"),
    *("pong", "presence_set", "publish", "reconnect", "request_guild_members", "resume", "send"),
    *("subscribe.", "subscribe_all", "subscribes", "typing", "typing_start", "unsubscribe", "unsubscribed"),
    *("update_presence", "voice_state_update", "_", ".", "0"),
)
"""Names that other protocols have, and near misses."""


def _unknown() -> Iterator[Input]:
    for name in _NO_COMMANDS:
        yield Input(
            id=f"unknown-name/{name}",
            requirement="BAD-6",
            outcome=Outcome.UNKNOWN_EVENT,
            pieces=text(envelope(t=f'"{name}"')),
            content="$text",
        )
    for name in EVENTS:
        if name != "message_create":
            yield Input(
                id=f"server-event/{name}",
                requirement="BAD-6",
                outcome=Outcome.UNKNOWN_EVENT,
                pieces=text(envelope(t=f'"{name}"')),
                content="$text",
            )


def _open() -> Iterator[Input]:
    for name, (t, payload) in _OPEN.items():
        yield Input(
            id=f"left-open/{name}",
            requirement="BAD-4" if t == _SUBSCRIBE else "BAD-5",
            outcome=Outcome.EITHER,
            pieces=text(envelope(t=t, d=payload)),
        )


REJECTED: Final[tuple[Input, ...]] = tuple(
    _refused("rejected", _REJECTED, Outcome.MESSAGE_REJECTED, "BAD-7", '"message_create"')
)
COMMANDS: Final[tuple[Input, ...]] = (
    *_refused("subscribe", _SUBSCRIBES, Outcome.INVALID_SUBSCRIBE, "BAD-4", _SUBSCRIBE),
    *_refused("message", _MESSAGES, Outcome.INVALID_MESSAGE, "BAD-5", '"message_create"'),
    *_open(),
    *_unknown(),
    *REJECTED,
)
