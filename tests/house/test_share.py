"""The reference server is a test bed: it must not grow beyond a third of the project's sources."""

from typing import Final

from tests.house.checkout import FOLDERS, ROOT, files_below

LEFT_OUT: Final = ("defects", "variants", "web")


def _lines(folder: str, *, without: tuple[str, ...] = ()) -> int:
    return sum(
        len(path.read_text(encoding="utf-8").splitlines())
        for path in files_below(ROOT / folder)
        if path.suffix == ".py" and not set(path.relative_to(ROOT / folder).parts) & set(without)
    )


def test_the_reference_server_is_at_most_a_third() -> None:
    whole = sum(_lines(folder) for folder in ("src", *FOLDERS))
    assert whole > 10_000
    assert _lines("reference_server", without=LEFT_OUT) <= whole / 3
