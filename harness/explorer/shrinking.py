"""Makes a program small that finds something: fewer steps, then fewer users, then simpler values.

A smaller program counts if it finds the same; what a step needs stays as long as the step does.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any, Final

from sync_check.harness.explorer.bounds import is_bound
from sync_check.harness.explorer.program import REFERENCE, SECRET, Program, Step, without

MOST_TRIES: Final = 400
"""Reruns of one shrinking: it ends with the smallest program found so far."""
_SHORT: Final = f"{SECRET}x"

Finds = Callable[[Program], bool]
"""Whether a program finds the same."""


class _Enough(Exception):
    """So many reruns were made that this has to do."""


class _Shrinking:
    """One program on its way down."""

    def __init__(self, program: Program, finds: Finds, most: int) -> None:
        self.smallest = program
        self._finds = finds
        self._left = most
        self._tried: set[str] = {program.model_dump_json()}

    def run(self) -> None:
        """Until nothing more can be left out."""
        before = None
        while before != self.smallest:
            before = self.smallest
            self._fewer_steps()
            self._fewer_users()
            self._simpler_values()

    def _is_enough(self, program: Program) -> bool:
        """Whether a candidate finds the same; then it is the smallest."""
        key = program.model_dump_json()
        if key in self._tried or any(True for _ in program.faults()):
            return False  # what no file may hold is no counterexample
        self._tried.add(key)
        if self._left == 0:
            raise _Enough
        self._left -= 1
        if not self._finds(program):
            return False
        self.smallest = program
        return True

    def _fewer_steps(self) -> None:
        """Delta debugging: halves, quarters, down to single steps, from the end, where consequences are."""
        size = max(1, len(self.smallest.steps) // 2)
        while size:
            at = len(self.smallest.steps) - size
            while at > -size:
                gone = range(max(0, at), at + size)
                if not (gone and self._is_enough(without(self.smallest, gone))):
                    at -= size
                else:
                    at = min(at, len(self.smallest.steps) - size)
            size //= 2

    def _fewer_users(self) -> None:
        for field, least in (("strangers", 0), ("channels", 1), ("members", 2)):
            while (count := getattr(self.smallest, field)) > least:
                fewer = self.smallest.model_copy(update={field: count - 1})
                if fewer.closed() != fewer or not self._is_enough(fewer):
                    break

    def _simpler_values(self) -> None:
        for number in range(len(self.smallest.steps)):
            again = True
            while again:
                step = self.smallest.steps[number]
                again = any(self._is_enough(self._with(number, simpler)) for simpler in _simpler(step))

    def _with(self, number: int, step: Step) -> Program:
        steps = self.smallest.steps
        changed = (*steps[:number], step, *steps[number + 1 :])
        return self.smallest.model_copy(update={"steps": changed})


def shrink(program: Program, finds: Finds, *, most: int = MOST_TRIES) -> Program:
    """The smallest program found within `most` reruns that still finds the same."""
    shrinking = _Shrinking(program, finds, most)
    with suppress(_Enough):
        shrinking.run()
    return shrinking.smallest


def _simpler(step: Step) -> Iterator[Step]:
    """Steps that say less."""
    if step.beside:
        yield step.model_copy(update={"beside": False})
    for name, value in step.args.items():
        for simpler in _simpler_value(value):
            yield step.model_copy(update={"args": {**step.args, name: simpler}})


def _simpler_value(value: Any) -> Iterator[Any]:
    if isinstance(value, list):
        yield from (value[:index] + value[index + 1 :] for index in range(len(value)))
    elif is_bound(value) or (isinstance(value, str) and value.startswith(SECRET) and value != _SHORT):
        yield _SHORT
    elif isinstance(value, str) and len(value) > 1 and not value.startswith((SECRET, REFERENCE)):
        yield value[: len(value) // 2]


def described(program: Program) -> Mapping[str, int]:
    """How large a program is."""
    return {
        "steps": len(program.steps),
        "users": program.members + program.strangers,
        "channels": program.channels,
    }
