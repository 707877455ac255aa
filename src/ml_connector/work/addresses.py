"""Which addresses a connection may name. Tokens and secrets go to them, so they are checked before anything is saved.

Not every host of either vendor is published, so hosts can be set; what can be set here is an address over TLS, or one on this
very machine, as the twins have. Knows nothing of what stands behind an address.
"""

from ipaddress import ip_address
from urllib.parse import urlsplit


class AddressError(ValueError):
    """An address that secrets must not be sent to, or that is none; the message says why."""


def checked_address(name: str, url: str) -> str:
    """The address itself when it may be called; empty stays empty and means the vendor's own.

    Raises AddressError, whose message quotes nothing that could be a secret somebody put into the address.
    """
    if not url:
        return url
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise AddressError(f"{name} is not an address: it holds spaces or characters that no address has")
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        raise AddressError(f"{name} is not an address") from None
    if parts.username is not None or parts.password is not None:
        raise AddressError(f"{name} holds a user or password; credentials have settings of their own")
    if parts.query or parts.fragment:
        raise AddressError(f"{name} must end before any ? or #")
    if not host or parts.scheme not in {"https", "http"}:
        raise AddressError(f"{name} must begin with https:// and a host")
    if parts.scheme == "http" and not is_this_machine(host):
        raise AddressError(
            f"{name} must begin with https://, or with http:// for an address of this machine such as 127.0.0.1; "
            f"secrets would travel in the open to {host}"
        )
    return url


def is_this_machine(host: str) -> bool:
    """Whether a host is this machine itself, by its name or number."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
