"""Which addresses from outside are called: those of a known host, over TLS. Knows no resource and calls nothing.

Documents of the Network are written by whoever sends an invoice, and may carry links. A link that led anywhere could be used to
make this machine call whatever it can reach, so only listed hosts are called, and only with the scheme their base address has.
"""

from collections.abc import Collection

import httpx2

from ml_connector.basware.errors import AddressRefused


class KnownHosts:
    """The host of a base address, the hosts below it, and further ones by name."""

    def __init__(self, base_url: str, further: Collection[str] = ()) -> None:
        base = httpx2.URL(base_url)
        self._base = base
        self._names = frozenset({base.host.lower(), *(name.lower().strip(".") for name in further if name.strip(". "))})

    def checked(self, address: str | httpx2.URL) -> httpx2.URL:
        """The address, if it may be called. Raises AddressRefused, whose message names the host and nothing secret."""
        try:
            url = httpx2.URL(address)
        except (httpx2.InvalidURL, TypeError, ValueError) as error:
            raise AddressRefused("A link in Basware's answer is not an address.") from error
        host = url.host.lower()
        if not host or url.scheme not in {"http", "https"}:
            raise AddressRefused("A link in Basware's answer is not an address that can be called.")
        if url.userinfo or url.scheme not in {"https", self._base.scheme} or url.port not in {None, self._base.port}:
            raise AddressRefused(f"A link in Basware's answer leads to {host} in a way that is not safe to call.")
        if not any(host == name or host.endswith(f".{name}") for name in self._names):
            raise AddressRefused(
                f"A link in Basware's answer leads to {host}, which is not one of the hosts that are called. If Basware tells "
                "you that it is theirs, add it to allowed_hosts in the connection file."
            )
        return url

    def is_base(self, url: httpx2.URL) -> bool:
        """Whether an address has the very host, port and scheme of the base address: only there our sign-in is sent."""
        return (url.scheme, url.host, url.port) == (self._base.scheme, self._base.host, self._base.port)
