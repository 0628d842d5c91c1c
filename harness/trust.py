"""Which certificates are trusted: the system's, or those of a file in their place."""

import ssl
from functools import lru_cache


@lru_cache(maxsize=4)
def tls_of(ca: str | None) -> ssl.SSLContext:
    """What trusts the certificates in a file, else those that the system trusts; one for all connections.

    Reading the system's takes tens of milliseconds, so ask for it only where something is encrypted.
    """
    context = ssl.create_default_context(cafile=ca)
    # Also for the gateway, which is upgraded from it; whoever makes a request would set it anyway.
    context.set_alpn_protocols(["http/1.1"])
    return context
