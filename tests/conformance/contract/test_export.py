"""What holds for every format alike."""

import os
import subprocess
import sys
from typing import get_args

import pytest

from sync_check.conformance.contract.export import Format, export
from sync_check.conformance.contract.export.revision import REVISIONS, UnknownRevision

FORMATS: tuple[Format, ...] = get_args(Format)
_DIGESTS = """
import hashlib
from sync_check.conformance.contract.export import export
for form in {forms!r}:
    print(hashlib.sha256(export(form, 2).encode()).hexdigest())
"""


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("number", REVISIONS)
def test_a_document_ends_with_one_newline(form: Format, number: int) -> None:
    text = export(form, number)
    assert text.endswith("\n")
    assert text == text.rstrip() + "\n"
    assert not [line for line in text.splitlines() if line != line.rstrip()]


def test_documents_do_not_depend_on_the_process() -> None:
    def digests(seed: str) -> str:
        return subprocess.run(
            [sys.executable, "-c", _DIGESTS.format(forms=FORMATS)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    found = digests("1")
    assert found == digests("2")
    assert len(set(found.split())) == len(FORMATS)


@pytest.mark.parametrize("form", FORMATS)
def test_revisions_differ(form: Format) -> None:
    assert export(form, 1) != export(form, 2)


@pytest.mark.parametrize("form", FORMATS)
def test_an_unknown_revision_is_refused(form: Format) -> None:
    with pytest.raises(UnknownRevision):
        export(form, 3)
