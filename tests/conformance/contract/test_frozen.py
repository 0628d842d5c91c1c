"""The code's contract is the published one, and each revision only adds to the one before."""

from itertools import pairwise

import pytest

from sync_check.conformance.contract.export import export
from sync_check.conformance.contract.export.comparison import differences
from sync_check.conformance.contract.export.data import as_data
from sync_check.conformance.contract.export.frozen import frozen, frozen_path
from sync_check.conformance.contract.export.revision import REVISIONS, revision


@pytest.mark.parametrize("number", REVISIONS)
@pytest.mark.witnesses("COMPAT-1")
def test_the_contract_is_as_frozen(number: int) -> None:
    assert differences(frozen(number), as_data(revision(number))) == []


@pytest.mark.parametrize(("former", "later"), tuple(pairwise(REVISIONS)))
@pytest.mark.witnesses("COMPAT-1", "COMPAT-2")
def test_a_later_revision_only_adds(former: int, later: int) -> None:
    assert differences(frozen(former), frozen(later)) == []


@pytest.mark.parametrize("number", REVISIONS)
def test_the_frozen_file_is_the_export(number: int) -> None:
    written = frozen_path(number).read_text(encoding="utf-8") == export("json", number)
    assert written, (
        f"a revision that nobody uses yet may be frozen anew: sync-check contract export --format json "
        f"--revision {number} --output conformance/contract/frozen/{frozen_path(number).name}"
    )


def test_every_frozen_file_is_a_revision() -> None:
    assert sorted(frozen_path(1).parent.iterdir()) == [frozen_path(number) for number in REVISIONS]


@pytest.mark.witnesses("COMPAT-2")
def test_no_revision_asks_more_of_a_client() -> None:
    for number in REVISIONS:
        data = frozen(number)
        assert data["envelope"]["version"] == 1
        assert data["commands"].keys() == {"subscribe", "message_create"}
        needed = [
            {path for path, field in command["fields"].items() if field["required"]}
            for command in data["commands"].values()
        ]
        assert needed == [{"guild_id", "channel_id"}, {"guild_id", "channel_id", "content"}]


def test_a_revision_that_was_not_frozen_is_missing() -> None:
    with pytest.raises(FileNotFoundError):
        frozen(99)
