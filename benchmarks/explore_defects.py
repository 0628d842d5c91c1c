"""Whether exploring finds every seeded defect: `python benchmarks/explore_defects.py [DEFECT …]`.

For each defect random programs are played in virtual time until one finds something, which is then shrunk.
A line for each defect says after how many programs, in how many steps, and what was found. A defect that no
program of the budget finds, one that takes more than six steps, and a median of more than four give exit
code 1. What only the comparison of two runs can show is tried by `sync-check noninterference` instead.
"""

import argparse
import resource
import statistics
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Final

from sync_check.exploration import Ground, Hit, Share, explore
from sync_check.harness.explorer.program import words
from sync_check.minimising import smaller
from sync_check.reference_server.defects import DEFECTS, NONINTERFERENCE, Defect

PROGRAMS: Final = 400
MOST_STEPS: Final = 6
MOST_IN_MEDIAN: Final = 4
_STEPS: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What came of one defect: None in place of steps where nothing was found.

    `named` says whether the judge and the requirement are those of the table of defects.
    """

    defect: str
    programs: int
    named: bool
    found: str
    steps: tuple[str, ...] | None
    cpu_s: float

    def __str__(self) -> str:
        if self.steps is None:
            return f"{self.defect:<30} NOT FOUND in {self.programs} programs ({self.cpu_s:.0f} s)"
        size = f"{len(self.steps)} steps"
        named = "" if self.named else " (another judge or requirement than the table's)"
        said = f"after {self.programs:>3} programs, {size}: {self.found}{named} ({self.cpu_s:.0f} s)"
        return "\n".join((f"{self.defect:<30} {said}", *(f"{'':<34}{step}" for step in self.steps)))


def try_defect(defect: Defect, seed: int, budget: int) -> Tried:
    """Explore until something is found, and shrink it."""
    began = _cpu_s()
    ground = Ground(defect=defect.id, strict=True)
    played, hit = _first(ground, seed, budget)
    if hit is None:
        return Tried(
            defect=defect.id, programs=played, named=False, found="", steps=None, cpu_s=_cpu_s() - began
        )
    table = (defect.judge, defect.requirement)
    finding = min(hit.findings, key=lambda one: (one.judge, one.requirement) != table)
    small = smaller(hit, finding, ground)
    told = small.finding
    return Tried(
        defect=defect.id,
        programs=played,
        named=(told.judge, told.requirement) == table,
        found=f"{told.judge} {told.requirement} {told.event or ''}".rstrip(),
        steps=tuple(map(words, small.program.steps)),
        cpu_s=_cpu_s() - began,
    )


def _first(ground: Ground, seed: int, budget: int) -> tuple[int, Hit | None]:
    """How many programs were played, and the first that found something."""
    share = Share(
        ground=ground,
        seed=seed,
        programs=budget,
        steps=_STEPS,
        enough=1,
    )
    explored = explore(share)
    return explored.played, next(iter(explored.hits), None)


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _tried(defects: Sequence[Defect], seed: int, budget: int, jobs: int) -> Iterator[Tried]:
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        for future in as_completed([pool.submit(try_defect, one, seed, budget) for one in defects]):
            yield future.result()


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> int:
    """Try them and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("defects", nargs="*", metavar="DEFECT", help="all where none is named")
    parser.add_argument(
        "--programs", type=int, default=PROGRAMS, help="the budget of each (default: %(default)s)"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1)
    asked = parser.parse_args()
    unknown = sorted(set(asked.defects) - set(DEFECTS))
    if unknown:
        parser.error(f"there is no defect {unknown[0]}")
    chosen = [DEFECTS[one] for one in asked.defects or DEFECTS]
    found = []
    for tried in _tried(
        [one for one in chosen if one.shown_by != NONINTERFERENCE], asked.seed, asked.programs, asked.jobs
    ):
        _say(str(tried))
        found.append(tried)
    return _conclude(found)


def _conclude(tried: Sequence[Tried]) -> int:
    sizes = [len(one.steps) for one in tried if one.steps is not None]
    missed = [one.defect for one in tried if one.steps is None]
    large = [one.defect for one in tried if one.steps is not None and len(one.steps) > MOST_STEPS]
    median = statistics.median(sizes) if sizes else 0
    named, cpu_s = sum(one.named for one in tried), sum(one.cpu_s for one in tried)
    _say(
        f"\n{len(sizes)} of {len(tried)} found, {named} as the table says; median {median:g} steps,"
        f" at most {max(sizes, default=0)}; {cpu_s:.0f} s of CPU"
    )
    for problem, names in (("not found", missed), (f"more than {MOST_STEPS} steps", large)):
        if names:
            _say(f"{problem}: {', '.join(names)}")
    return 1 if missed or large or median > MOST_IN_MEDIAN else 0


if __name__ == "__main__":
    sys.exit(main())
