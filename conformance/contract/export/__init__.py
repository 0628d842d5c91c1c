"""The contract for others to read: as Markdown, JSON Schema, AsyncAPI, or plain data.

Every function here is pure and gives the same text each time, ending with one newline.
"""

from collections.abc import Callable, Mapping
from typing import Final, Literal

from sync_check.conformance.contract.export.asyncapi import asyncapi
from sync_check.conformance.contract.export.data import contract_json
from sync_check.conformance.contract.export.markdown import markdown
from sync_check.conformance.contract.export.revision import Revision, revision
from sync_check.conformance.contract.export.schema import json_schema

Format = Literal["markdown", "jsonschema", "asyncapi", "json"]

_WRITERS: Final[Mapping[Format, Callable[[Revision], str]]] = {
    "markdown": markdown,
    "jsonschema": json_schema,
    "asyncapi": asyncapi,
    "json": contract_json,
}


def export(form: Format, number: int) -> str:
    """The contract's revision `number` in this format; raises `UnknownRevision`."""
    return _WRITERS[form](revision(number))
