"""The web shell: a reference client in plain modules, served at `/app` from memory."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

from fastapi import APIRouter, Response

from sync_check.reference_server.errors import NotFound

if __name__ != "sync_check.reference_server.web":
    raise ImportError(
        "This folder is the package sync_check.reference_server.web; import it under that name."
    )

PATH: Final = "/app"
_DIRECTIVES: Final = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    # No string ever becomes markup or code: the browser refuses `innerHTML` and its like.
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
)
POLICY: Final = "; ".join(_DIRECTIVES)
"""The content security policy of every file of the shell."""
_HEADERS: Final = {
    "content-security-policy": POLICY,
    "cross-origin-opener-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
_KEPT: Final = "public, max-age=31536000, immutable"
_TYPES: Final[Mapping[str, str]] = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".html": "text/html",
    ".svg": "image/svg+xml",
}
"""What is served; of a package's other files a browser learns nothing."""
_PAGE: Final = "index.html"

router = APIRouter()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    """All files by path, and the name of this very set of them, under which browsers may keep them."""

    version: str
    contents: Mapping[str, bytes]

    @property
    def page(self) -> bytes:
        """The page, which names its files under the version."""
        return self.contents[_PAGE].replace(b"{root}", f"{PATH}/{self.version}".encode())


@cache
def shell() -> Shell:
    """Read the shell's files once."""
    contents = dict(_found(files(__name__)))
    digest = hashlib.sha256(repr(sorted(contents.items())).encode())
    return Shell(version=digest.hexdigest()[:16], contents=contents)


@router.get(PATH, include_in_schema=False)
async def read_page() -> Response:
    return _response(_PAGE, shell().page, caching="no-store")


@router.get(PATH + "/{version}/{name:path}", include_in_schema=False)
async def read_file(version: str, name: str) -> Response:
    content = shell().contents.get(name)
    if content is None or version != shell().version or name == _PAGE:
        raise NotFound
    return _response(name, content, caching=_KEPT)


def _found(folder: Traversable, above: str = "") -> Iterator[tuple[str, bytes]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _found(entry, f"{above}{entry.name}/")
        elif _suffix(entry.name) in _TYPES:
            yield above + entry.name, entry.read_bytes()


def _response(name: str, content: bytes, *, caching: str) -> Response:
    headers = {
        **_HEADERS,
        "cache-control": caching,
        "content-type": f"{_TYPES[_suffix(name)]}; charset=utf-8",
    }
    return Response(content, headers=headers)


def _suffix(name: str) -> str:
    return name[name.rfind(".") :] if "." in name else ""
