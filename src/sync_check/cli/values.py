"""Values of options as they were written; the sentence about one that will not do names the option."""

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Final, TypeVar

from sync_check.cli.errors import UsageFault

_MOST_DIGITS: Final = 40
Choice = TypeVar("Choice", bound=str)


def whole_number(option: str, text: str, *, advice: str) -> int:
    """The number that `text` is; raises `UsageFault` with the advice for what is none."""
    if not re.fullmatch(rf"-?[0-9]{{1,{_MOST_DIGITS}}}", text):
        raise UsageFault(f"{option} {text!r} is no whole number: {advice}")
    return int(text)


def number_between(option: str, text: str, least: int, most: int) -> int:
    """The number that `text` is; raises `UsageFault` for what is none from `least` to `most`."""
    advice = f"give {least} to {most}"
    number = whole_number(option, text, advice=advice)
    if not least <= number <= most:
        raise UsageFault(f"{option} {number} is out of range: {advice}")
    return number


def one_of(option: str, text: str, choices: Sequence[Choice]) -> Choice:
    """The one of `choices` that `text` is; raises `UsageFault` that names them for what is none."""
    for choice in choices:
        if choice == text:
            return choice
    raise UsageFault(f"{option} {text!r} is none of {', '.join(choices)}")


def nearest(name: str, choices: Iterable[str]) -> str | None:
    """The one of `choices` that was probably meant by `name`, whatever its case; None if none is close."""
    by_folded = {choice.casefold(): choice for choice in choices}
    found = get_close_matches(name.casefold(), by_folded, n=1)
    return by_folded[found[0]] if found else None
