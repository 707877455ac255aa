"""Whose certificates are believed: one list for all clients of a process, because reading it takes longer than most answers."""

from functools import cache
from ssl import SSLContext

import httpx2


@cache
def trusted() -> SSLContext:
    """The certificate authorities as the environment has them (SSL_CERT_FILE, SSL_CERT_DIR), read once."""
    return httpx2.create_ssl_context()
