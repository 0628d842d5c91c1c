"""The public names: listed once, and each where the list says."""

import pytest

import sync_check


def test_every_home_is_public() -> None:
    assert sorted(sync_check.__all__) == sorted(["__version__", *sync_check._HOMES])


@pytest.mark.parametrize("name", sync_check.__all__)
def test_public_name_is_found(name: str) -> None:
    assert getattr(sync_check, name) is not None
    assert name in dir(sync_check)


def test_unknown_name_is_refused() -> None:
    with pytest.raises(AttributeError, match="module 'sync_check' has no attribute 'nothing'"):
        _ = sync_check.nothing
