"""Untrusted text made visible: what a target sent can neither hide, nor move the cursor, nor flood a page.

Every report shows texts through `visible`, and then escapes what has a meaning in its own format (markup of
rich, HTML, Markdown, XML). The notation is that of Python strings (``\\x1b``, ``\\u202e``, ``\\n``), in plain
ASCII. A backslash itself stays as it is: the reports are for reading, the history holds the exact text.
"""

from typing import Final

_SHORT: Final = {"\t": "\\t", "\n": "\\n", "\r": "\\r"}


def visible(text: str, limit: int | None = None) -> str:
    """`text` in one line of printable characters; at most `limit` of them, then the count of those cut off.

    Made visible are control and format characters (so ANSI sequences and bidirectional overrides), line
    separators, spaces other than U+0020, lone surrogates, private and unassigned code points.
    """
    if limit is None:
        return text if text.isprintable() else "".join(map(_shown, text))
    if len(text) <= limit and text.isprintable():
        return text
    return _cut(text, limit)


def _cut(text: str, limit: int) -> str:
    pieces: list[str] = []
    room = limit
    for character in text:
        piece = _shown(character)
        room -= len(piece)
        if room < 0:
            left_out = len(text) - len(pieces)
            return f"{''.join(pieces)}… ({left_out} more {'character' if left_out == 1 else 'characters'})"
        pieces.append(piece)
    return "".join(pieces)


def _shown(character: str) -> str:
    if character.isprintable():
        return character
    code = ord(character)
    if code < 0x100:
        return _SHORT.get(character) or f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
