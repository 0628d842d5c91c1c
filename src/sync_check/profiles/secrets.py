"""Secrets of a profile: it names variables, and the environment holds what they mean.

A value is handed to whoever sends it and to nobody else: no text of an error holds one.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from sync_check.harness.enrolment import Credentials, Roster
from sync_check.harness.redaction import SHORTEST
from sync_check.profiles.model import Accounts
from sync_check.profiles.problems import BadProfile

_LONGEST: Final = 1 << 22
_MOST_WORDS: Final = 2
_PRINTABLE: Final = range(0x20, 0x7F)


def secret(key: str, variable: str, environment: Mapping[str, str]) -> str:
    """What `variable`, named by `key`, holds. Raises `BadProfile` where that is nothing."""
    value = environment.get(variable)
    if not value:
        raise BadProfile(f"{key} names the variable {variable}, which is not set: set it to the secret")
    if any(ord(character) not in _PRINTABLE for character in value):
        raise BadProfile(f"{key} names the variable {variable}, which holds more than one line of plain text")
    if len(value) < SHORTEST:
        # It could not be told from other text, and so not be kept out of the history.
        raise BadProfile(f"{key} names the variable {variable}, which holds fewer than {SHORTEST} characters")
    return value


def parts(value: str) -> Iterator[str]:
    """A secret, and what is behind its first word (as in `Bearer …`), which may be told on its own."""
    yield value
    _, space, rest = value.partition(" ")
    if space and len(rest) >= SHORTEST:
        yield rest


def roster(accounts: Accounts, environment: Mapping[str, str]) -> Roster:
    """The accounts that a file lists: a username a line, and behind it the variable of its password.

    Lines without a variable have the password of `accounts.password`. Raises `BadProfile`.
    """
    assert accounts.file is not None
    found: dict[str, Credentials] = {}
    for number, line in enumerate(_text(accounts.file).splitlines(), start=1):
        words = line.split("#", 1)[0].split()
        if not words:
            continue
        where = f"accounts.file = {accounts.file!r}, line {number}"
        if len(words) > _MOST_WORDS:
            raise BadProfile(f"{where} is more than a username and a variable: give one account a line")
        if words[0] in found:
            raise BadProfile(f"{where} names {words[0]!r} a second time: name each account once")
        variable = words[1] if len(words) == _MOST_WORDS else accounts.password
        if variable is None:
            raise BadProfile(f"{where} names no variable with a password: add one, or set accounts.password")
        key = where if len(words) == _MOST_WORDS else "accounts.password"
        password = secret(key, variable, environment)
        found[words[0]] = Credentials(username=words[0], password=password, line=number)
    if not found:
        raise BadProfile(f"accounts.file = {accounts.file!r} lists no account: give one a line")
    return Roster(accounts=tuple(found.values()), named=f"accounts.file = {accounts.file!r}")


def _text(path: str) -> str:
    try:
        with Path(path).open("rb") as file:
            return file.read(_LONGEST).decode("utf-8")
    except OSError as error:
        raise BadProfile(f"accounts.file = {path!r} cannot be read: {error.strerror}") from None
    except ValueError:
        raise BadProfile(f"accounts.file = {path!r} is no UTF-8 text") from None
