"""Inputs about the envelope (contract 1): JSON, the three members and their values, and nesting.

Wherever it can be, an input is a message by command with one fault, so that it shows where a server overlooks
that.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from sync_check.conformance.contract.inputs import Input, Outcome, text

DATA: Final = '{"guild_id":"$guild","channel_id":"$channel","content":"$text"}'
UNHEARD: Final = '"sync_check.unheard"'
"""A name that is no command and no event."""


def envelope(*, v: str = "1", t: str = '"message_create"', d: str = DATA) -> str:
    """A message by command, or what is left of one."""
    return f'{{"v":{v},"t":{t},"d":{d}}}'


_WHOLE: Final = envelope()


def nested(levels: int, opening: str = "[", closing: str = "]") -> str:
    """An envelope with so many levels, its own object included, and an unknown name."""
    return envelope(t=UNHEARD, d=opening * (levels - 1) + closing * (levels - 1))


def _invalid(group: str, requirement: str, texts: Mapping[str, str]) -> Iterator[Input]:
    for name, value in texts.items():
        yield Input(
            id=f"{group}/{name}",
            requirement=requirement,
            outcome=Outcome.INVALID_ENVELOPE,
            pieces=text(value),
            content="$text" if "$text" in value else None,
        )


_JSON: Final = {
    "empty": "",
    "space": " ",
    "open-object": "{",
    "open-array": "[",
    "open-string": '"',
    "word": "hello",
    "truncated": _WHOLE[:-1],
    "truncated-twice": _WHOLE[:-2],
    "truncated-text": _WHOLE[:-3],
    "one-brace-more": f"{_WHOLE}}}",
    "comma-behind": f"{_WHOLE},",
    "word-behind": f"{_WHOLE} x",
    "object-behind": f"{_WHOLE}{{}}",
    "twice": f"{_WHOLE}{_WHOLE}",
    "two-lines": f"{_WHOLE}\n{_WHOLE}",
    "byte-order-mark": f"\ufeff{_WHOLE}",
    "byte-order-mark-behind": f"{_WHOLE}\ufeff",
    "record-separator": f"\x1e{_WHOLE}",
    "null-before": f"\0{_WHOLE}",
    "null-behind": f"{_WHOLE}\0",
    "form-feed": f"\f{_WHOLE}",
    "vertical-tab": f"{_WHOLE}\v",
    "no-break-space": f"\xa0{_WHOLE}",
    "line-separator": f"{_WHOLE}\u2028",
    "comment": f"/* */{_WHOLE}",
    "comment-behind": f"{_WHOLE}//",
    "comment-inside": _WHOLE.replace('"t"', '/**/"t"'),
    "single-quotes": _WHOLE.replace('"', "'"),
    "bare-names": '{v:1,t:"message_create",d:' + DATA + "}",
    "comma-at-the-end": _WHOLE[:-1] + ",}",
    "comma-twice": _WHOLE.replace(',"t"', ',,"t"'),
    "comma-first": _WHOLE.replace("{", "{,", 1),
    "no-comma": _WHOLE.replace(',"t"', '"t"'),
    "no-colon": _WHOLE.replace('"t":', '"t"'),
    "equals-sign": _WHOLE.replace('"t":', '"t"='),
    "leading-zero": envelope(v="01"),
    "plus-sign": envelope(v="+1"),
    "hexadecimal": envelope(v="0x1"),
    "bare-point": envelope(v="1."),
    "underscore": envelope(v="1_"),
    "capital-true": envelope(v="True"),
    "nan": envelope(v="NaN"),
    "infinity": envelope(v="Infinity"),
    "minus-infinity": envelope(v="-Infinity"),
    "undefined": envelope(v="undefined"),
    "nan-inside": envelope(t=UNHEARD, d='{"x":NaN}'),
    "infinity-inside": envelope(t=UNHEARD, d="[-Infinity]"),
    "newline-in-text": envelope(d=DATA.replace("$text", "$text\n")),
    "tab-in-text": envelope(d=DATA.replace("$text", "$text\t")),
    "null-in-text": envelope(d=DATA.replace("$text", "$text\0")),
    "escape-in-text": envelope(d=DATA.replace("$text", "$text\x1b[31m")),
    "unknown-escape": envelope(d=DATA.replace("$text", "$text\\x41")),
    "short-escape": envelope(d=DATA.replace("$text", "$text\\u12")),
    "escape-at-the-end": envelope(d=DATA.replace("$text", "$text\\")),
    "array": f"[{_WHOLE}]",
    "array-of-values": f'[1,"message_create",{DATA}]',
    "empty-array": "[]",
    "text-of-json": '"{}"',
    "number": "1",
    "fraction": "1.5",
    "true": "true",
    "null": "null",
    "http": "GET / HTTP/1.1\r\nhost: x\r\n\r\n",
    "markup": "<message_create/>",
    "yaml": "v: 1\nt: message_create\nd: {}",
    "form": "v=1&t=message_create",
    "utf-16-without-mark": "\0".join(envelope(t=UNHEARD, d="{}")) + "\0",
}
_NESTING: Final = {
    "130-arrays": nested(130),
    "200-arrays": nested(200),
    "1000-arrays": nested(1000),
    "10000-arrays": nested(10_000),
    "130-objects": nested(129, '{"x":', "}").replace(":}", ":{}}"),
    "30000-unclosed-arrays": "[" * 30_000,
    "10000-unclosed-objects": '{"d":' * 10_000,
    "of-a-message": envelope(d=DATA[:-1] + ',"x":' + "[" * 200 + "]" * 200 + "}"),
}
_MEMBERS: Final = {
    "none": "{}",
    "no-version": _WHOLE.replace('"v":1,', ""),
    "no-name": _WHOLE.replace('"t":"message_create",', ""),
    "no-data": '{"v":1,"t":"message_create"}',
    "only-version": '{"v":1}',
    "one-more": _WHOLE[:-1] + ',"id":1}',
    "one-more-null": _WHOLE[:-1] + ',"x":null}',
    "one-more-without-name": _WHOLE[:-1] + ',"":0}',
    "one-more-with-spaces": _WHOLE[:-1] + ',"v ":1}',
    "prototype": _WHOLE[:-1] + ',"__proto__":{}}',
    "op": '{"op":0,' + _WHOLE[1:],
    "capital-version": _WHOLE.replace('"v"', '"V"'),
    "capital-name": _WHOLE.replace('"t"', '"T"'),
    "capital-data": _WHOLE.replace('"d"', '"D"'),
    "long-names": _WHOLE.replace('"v"', '"version"').replace('"t"', '"type"').replace('"d"', '"data"'),
    "version-twice": '{"v":1,' + _WHOLE[1:],
    "version-twice-unlike": '{"v":2,' + _WHOLE[1:],
    "version-twice-unlike-behind": _WHOLE[:-1] + ',"v":2}',
    "name-twice": _WHOLE.replace('"d"', '"t":"message_create","d"'),
    "name-twice-unlike": '{"t":"subscribe",' + _WHOLE[1:],
    "data-twice": _WHOLE[:-1] + f',"d":{DATA}}}',
    "data-twice-unlike": '{"d":{},' + _WHOLE[1:],
    "version-twice-escaped": '{"\\u0076":1,' + _WHOLE[1:],
    "name-twice-escaped": _WHOLE[:-1] + ',"\\u0074":"message_create"}',
    "data-twice-escaped": '{"\\u0064":{},' + _WHOLE[1:],
    "all-twice": _WHOLE[:-1] + "," + _WHOLE[1:],
}
_VERSIONS: Final = {
    "zero": "0",
    "minus-zero": "-0",
    "two": "2",
    "minus-one": "-1",
    "eleven": "11",
    "70000": "70000",
    "wraps-8-bits": "257",
    "wraps-16-bits": "65537",
    "wraps-32-bits": "4294967297",
    "wraps-64-bits": "18446744073709551617",
    "1000-digits": "1" + "0" * 999,
    "float": "1.0",
    "float-with-zeros": "1.000000",
    "nearly-one": "1.00000000000000000001",
    "exponent": "1e0",
    "capital-exponent": "1E0",
    "signed-exponent": "1e+0",
    "from-ten": "10e-1",
    "from-a-tenth": "0.1e1",
    "beyond-floats": "1e400",
    "text": '"1"',
    "empty-text": '""',
    "true": "true",
    "false": "false",
    "null": "null",
    "array": "[1]",
    "empty-array": "[]",
    "object": '{"v":1}',
}
_NAMES: Final = {
    "empty": '""',
    "capitals": '"MESSAGE_CREATE"',
    "one-capital": '"Message_create"',
    "65-letters": f'"{"x" * 65}"',
    "1000-letters": f'"{"x" * 1000}"',
    "space-before": '" message_create"',
    "space-behind": '"message_create "',
    "newline-behind": '"message_create\\n"',
    "return-behind": '"message_create\\r"',
    "null-behind": '"message_create\\u0000"',
    "null-inside": '"message\\u0000_create"',
    "tab": '"message\\tcreate"',
    "dash": '"message-create"',
    "slash": '"message/create"',
    "colon": '"message:create"',
    "star": '"message_*"',
    "at-sign": '"@message_create"',
    "cyrillic-letter": '"m\u0435ssage_create"',
    "full-width": '"\uff4dessage_create"',
    "arabic-digit": '"message_create\u0661"',
    "dotless-i": '"subscr\u0131be"',
    "combining-mark": '"message_create\u0301"',
    "zero-width-joiner": '"message\u200d_create"',
    "mark-of-direction": '"\u202emessage_create"',
    "byte-order-mark": '"\ufeffmessage_create"',
    "emoji": '"\U0001f600"',
    "half-a-pair": '"message_create\\ud800"',
    "number": "1",
    "true": "true",
    "null": "null",
    "array": '["message_create"]',
    "object": '{"t":"message_create"}',
}
_VALID: Final = {
    "data-null": envelope(t=UNHEARD, d="null"),
    "data-true": envelope(t=UNHEARD, d="true"),
    "data-text": envelope(t=UNHEARD, d='"\\u0000\\ud83d\\ude00"'),
    "data-array": envelope(t=UNHEARD, d='[1,-0.5e-3,{"v":2,"v":3}]'),
    "data-large-number": envelope(t=UNHEARD, d="9" * 5000),
    "data-beyond-floats": envelope(t=UNHEARD, d="1e999"),
    "data-without-name": envelope(t=UNHEARD, d='{"":{"":0}}'),
    "data-with-brackets": envelope(t=UNHEARD, d='"' + "[" * 500 + '"'),
    "one-letter": envelope(t='"x"', d="{}"),
    "64-letters": envelope(t=f'"{"x" * 64}"', d="{}"),
    "dots": envelope(t='"..."', d="{}"),
    "digits": envelope(t='"0123456789"', d="{}"),
    "escaped-name": envelope(t='"sync_check\\u002eunheard"', d="{}"),
    "escaped-members": '{"\\u0076":1,"\\u0074":' + UNHEARD + ',"\\u0064":{}}',
    "64-arrays": nested(64),
    "64-objects": nested(63, '{"x":', "}").replace(":}", ":{}}"),
    "64-behind-many": envelope(t=UNHEARD, d="[" + ",".join(["[]"] * 2000) + "]"),
    "white-space": f'\r\n\t {{ "v"\t:\n1 , "t" : {UNHEARD} , "d" : {{ }} }}\r\n ',
}
"""Envelopes without a fault, which are known by being refused for their names alone."""


def _valid() -> Iterator[Input]:
    for name, value in _VALID.items():
        yield Input(
            id=f"valid/{name}", requirement="ENV-4", outcome=Outcome.UNKNOWN_EVENT, pieces=text(value)
        )


def _between() -> Iterator[Input]:
    for levels in (65, 100, 128, 129):
        yield Input(
            id=f"nesting-left-open/{levels}-arrays",
            requirement="ENV-5",
            outcome=Outcome.EITHER,
            pieces=text(nested(levels)),
        )


ENVELOPES: Final[tuple[Input, ...]] = (
    *_invalid("json", "ENV-5", _JSON),
    *_invalid("nesting", "ENV-5", _NESTING),
    *_between(),
    *_invalid("members", "ENV-6", _MEMBERS),
    *_invalid("version", "ENV-7", {name: envelope(v=value) for name, value in _VERSIONS.items()}),
    *_invalid("name", "ENV-8", {name: envelope(t=value) for name, value in _NAMES.items()}),
    *_valid(),
)
