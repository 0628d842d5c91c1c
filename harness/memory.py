"""How much memory processes have, where this machine can tell."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

_PROCESSES: Final = Path("/proc")
_RESIDENT: Final = "VmRSS:"
_PARENT: Final = "PPid:"
_KIB: Final = 1024


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
