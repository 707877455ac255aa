"""What this program may connect to where people of one company name the address: the Internet alone, unless told otherwise.

Whoever administers a connection names hosts, and hosts name redirects; none of them may become a way into the network this program
runs in. So every connection is looked at as it is opened, after names were resolved, by a hook of the interpreter: what was looked
up a moment before may mean something else by then (DNS rebinding). Knows neither vendor.
"""

import ipaddress
import logging
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx2

from ml_connector.app.trust import trusted
from ml_connector.work.addresses import is_this_machine

ALLOWED_BY = "ML_CONNECTOR_PRIVATE_ADDRESSES=true allows it"
_EVENTS = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_watching_only = threading.local()
_watching = threading.Lock()
_watched = False
_log = logging.getLogger(__name__)

Transports = Callable[[], httpx2.BaseTransport | None]
"""Gives each client what it reaches the network by; None is the library's own."""


class _InsideError(OSError):
    """A socket was about to be connected to an address that is none of the Internet."""


class PrivateAddressError(httpx2.ConnectError):
    """A call was about to go to an address inside a private network, or to this very machine. Nothing was sent."""


@contextmanager
def public_only() -> Iterator[list[str]]:
    """Refuse connections to what is not of the Internet while the block runs, on this thread; the addresses that were refused."""
    _watch()
    before, refused = getattr(_watching_only, "refused", None), list[str]()
    _watching_only.refused = refused
    try:
        yield refused
    finally:
        _watching_only.refused = before


class PublicTransport(httpx2.BaseTransport):
    """Reaches the Internet and nothing else, but for `own`, this installation's public address, which its operator chose.

    Where a proxy is set for a host (HTTPS_PROXY, NO_PROXY), the proxy resolves names, and what it lets through is its own affair.
    """

    def __init__(self, own: str = "") -> None:
        self._own = urlsplit(own)
        self._direct = httpx2.HTTPTransport(verify=trusted())
        self._by_proxy: dict[str, httpx2.HTTPTransport] = {}

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send one request. Raises PrivateAddressError."""
        if proxy := _proxy_of(request.url):
            return self._through(proxy).handle_request(request)
        if self._own.hostname and (request.url.scheme, request.url.host) == (self._own.scheme, self._own.hostname):
            return self._direct.handle_request(request)
        with public_only() as refused:
            try:
                return self._direct.handle_request(request)
            except httpx2.TransportError as error:
                if not refused:
                    raise
                words = f"{request.url.host} lies inside a private network, so it is not called; {ALLOWED_BY}"
                _log.warning("%s", words)
                raise PrivateAddressError(words, request=request) from error

    def close(self) -> None:
        """Close every connection."""
        for one in (self._direct, *self._by_proxy.values()):
            one.close()

    def _through(self, proxy: str) -> httpx2.HTTPTransport:
        if proxy not in self._by_proxy:
            self._by_proxy[proxy] = httpx2.HTTPTransport(verify=trusted(), proxy=proxy)
        return self._by_proxy[proxy]


def is_inside(url: str) -> bool:
    """Whether an address says by itself, without being looked up, that it is none of the Internet."""
    host = urlsplit(url).hostname or ""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return is_this_machine(host) or host.endswith(".localhost")
    return not is_public(host)


def is_public(host: str) -> bool:
    """Whether an address, as numbers, is one of the Internet. Sockets without one are files of this machine."""
    try:
        found = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        inner = (
            ipaddress.IPv4Address(int(found) & 0xFFFF_FFFF) if found in _NAT64 else found.ipv4_mapped or found.sixtofour
        )
        if inner is not None:
            found = inner
    return found.is_global and not (found.is_multicast or found.is_reserved)


def _proxy_of(url: httpx2.URL) -> str:
    """The proxy that the environment names for an address; empty where it is called directly."""
    known = getproxies()
    proxy = known.get(url.scheme) or known.get("all", "")
    return "" if not proxy or proxy_bypass(url.host) else proxy if "://" in proxy else f"http://{proxy}"


def _watch() -> None:
    """Have Python ask before a socket is connected. Done once for the process; threads that do not ask for it are left alone."""
    global _watched  # noqa: PLW0603 - a hook of the interpreter is global, and cannot be taken away again
    with _watching:
        if not _watched:
            sys.addaudithook(_look)
            _watched = True


def _look(event: str, arguments: tuple[Any, ...]) -> None:
    if event not in _EVENTS:
        return
    refused = getattr(_watching_only, "refused", None)
    if refused is None:
        return
    place = arguments[1]
    if place is None and event == "socket.sendmsg":
        return  # on a socket that was connected before, which was looked at then
    host = str(place[0]) if isinstance(place, tuple) else ""
    if not is_public(host):
        refused.append(host)
        raise _InsideError("this address lies in a private network")


def keep_addresses_out_of_logs() -> None:
    """The HTTP library logs whole addresses and headers: company ids, signed download addresses and tokens among them.

    The calls table keeps what support needs of each call, without any of these.
    """
    for name in ("httpx2", "httpcore2"):
        logging.getLogger(name).setLevel(logging.WARNING)
