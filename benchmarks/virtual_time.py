"""How much faster than real time virtual time is: `python benchmarks/virtual_time.py [--hours N]`.

Programs that do little but wait for timers: heartbeats on open connections, tokens that expire and are
refreshed, voice leases that run out. A line for each says how much virtual time passed, how much CPU time it
took and the ratio; one below 1,000 gives exit code 1.
"""

import argparse
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Final

from sync_check.conformance.history import decode_record
from sync_check.conformance.verdict import Verdict
from sync_check.exploration import Ground, play
from sync_check.harness.explorer.program import CONNECT, LEAP, PAUSE, Program, Step

LEAST_RATIO: Final = 1_000
_HOUR_S: Final = 3_600
_PLACE: Final = {"guild_id": "$g", "channel_id": "$c0"}
_POST: Final = Step(by="u0", do="create_message", args={**_PLACE, "content": "~still here"})


def timed(hours: int) -> Mapping[str, Program]:
    """The programs by name: each spends so many hours, or a multiple."""
    pause = Step(by="u0", do=PAUSE, args={"seconds": _HOUR_S})
    leap = Step(by="u0", do=LEAP, args={"seconds": 4 * _HOUR_S})
    token = Step(by="u1", do="issue_voice_token", args=_PLACE)
    again = Step(by="u1", do=CONNECT, args={})
    return {
        "heartbeats": _program([pause, _POST] * hours),
        "voice leases": _program([token, pause] * hours),
        "tokens expire": _program([leap, again, _POST] * hours),
    }


def _program(steps: Sequence[Step]) -> Program:
    return Program(members=4, strangers=1, channels=1, steps=tuple(steps))


def measured(program: Program) -> tuple[float, float, Verdict]:
    """Virtual seconds, CPU seconds, and the verdict of a program."""
    lines: list[bytes] = []
    began = time.process_time()
    finished = play(program, 1, Ground(), write=lines.append)
    used = time.process_time() - began
    last = max(getattr(decode_record(line, 1), "at", 0) or 0 for line in lines)
    return last / 1e6, used, finished.results[0].verdict


def main() -> int:
    """Play them and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hours", type=int, default=24, help="of each program (default: %(default)s)")
    asked = parser.parse_args()
    slow = False
    for name, program in timed(asked.hours).items():
        virtual_s, cpu_s, verdict = measured(program)
        ratio = virtual_s / cpu_s
        slow = slow or ratio < LEAST_RATIO or verdict is not Verdict.PASS
        hours = virtual_s / _HOUR_S
        sys.stdout.write(
            f"{name:<14} {verdict:<13} {hours:7.1f} h in {cpu_s:6.2f} s of CPU: {ratio:9,.0f} x\n"
        )
        sys.stdout.flush()
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
