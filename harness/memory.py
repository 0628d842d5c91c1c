"""How much memory the target's processes have, where this machine can tell."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from sync_check.harness.company import Company
from sync_check.harness.metrics import page_of

_PROCESSES: Final = Path("/proc")
_RESIDENT: Final = "VmRSS:"
_PARENT: Final = "PPid:"
_KIB: Final = 1024
_SERIES: Final = "process_resident_memory_bytes"
"""What clients of the exposition format tell of their own process, by convention."""


async def memory_of(company: Company) -> int | None:
    """Bytes that the target has resident now: of the process that the run started, else as it tells itself.

    None where neither can be seen.
    """
    restarts = company.target.restarts
    if restarts is not None:
        return restarts.resident_bytes()
    page = await page_of(company)
    return int(sum(page.samples.get(_SERIES, {}).values())) or None


def resident_bytes(pid: int) -> int | None:
    """What a process and all its descendants have resident; None where the system does not tell."""
    known = dict(_processes())
    if pid not in known:
        return None
    family, found = {pid}, {pid}
    while found:
        found = {one for one, told in known.items() if told.get(_PARENT) in found} - family
        family |= found
    return sum(known[one].get(_RESIDENT, 0) for one in family) * _KIB


def _processes() -> Iterator[tuple[int, Mapping[str, int]]]:
    for folder in _PROCESSES.glob("[0-9]*"):
        try:
            lines = (folder / "status").read_text(encoding="ascii", errors="replace").splitlines()
        except OSError:
            continue  # it has ended
        told = (line.split()[:2] for line in lines if line.startswith((_RESIDENT, _PARENT)))
        yield int(folder.name), {name: int(value) for name, value in told}
