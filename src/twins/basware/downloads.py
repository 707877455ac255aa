"""Pre-signed download addresses: pages of documents and orders, and attachments, are fetched from another host without signing in.

Source: Basware P2P specification, notes of GET accountingDocuments and exportedPurchaseOrders (follow the redirect without
Authorization, with Host) and of attachments (the address is valid for 15 minutes). Refusals look like those of the object store
behind it.
"""

import hashlib
import hmac
from datetime import datetime, timedelta

from twins.basware.answers import JSON_TYPE, Call
from twins.basware.state import Waiting, World
from twins.basware.values import new_uuid
from twins.http import Request, Response

PREFIX = "/download/"
_MOST = 1_000
_LOOPBACK = {"127.0.0.1": "localhost", "localhost": "127.0.0.1"}


def deliver(call: Call, body: bytes, headers: dict[str, str], *, redirected: bool = True) -> Response:
    """A JSON body at once, or by a redirect to where it can be fetched; `headers` go with it (the continuation token)."""
    switches = call.world.switches
    direct = {"Content-Type": JSON_TYPE}
    large = switches.redirect == "large" and len(body) > switches.redirect_bytes
    if not redirected or (switches.redirect != "always" and not large):
        return Response(200, direct | headers, body)
    on_redirect = headers if switches.continuation_on in {"redirect", "both"} else {}
    on_final = headers if switches.continuation_on in {"final", "both"} else {}
    return redirect(call, Response(200, direct | on_final, body), on_redirect)


def redirect(call: Call, answer: Response, headers: dict[str, str] | None = None) -> Response:
    """A 302 to an address where `answer` can be fetched."""
    world = call.world
    _forget(world.downloads, call.now)
    seconds = world.switches.download_seconds
    path = PREFIX + new_uuid(world.source)
    world.downloads[path] = Waiting(answer, call.now + timedelta(seconds=seconds))
    scheme, host = _address(world, call.request.host)
    query = f"X-Amz-Expires={seconds:g}&X-Amz-Signature={_signature(world, host, path)}"
    return Response(302, {**(headers or {}), "Location": f"{scheme}://{host}{path}?{query}"})


def fetch(world: World, request: Request) -> Response:
    """Answer a request to a download address."""
    if "authorization" in request.headers:
        return _refused(400, "InvalidArgument", "Only one auth mechanism allowed; do not send Authorization")
    signature = request.parameter("X-Amz-Signature")
    if not hmac.compare_digest(signature.encode(), _signature(world, request.host, request.path).encode()):
        return _refused(403, "SignatureDoesNotMatch", "The signature does not match this host and address")
    waiting = world.downloads.get(request.path)
    if waiting is None or waiting.expires <= world.clock.now():
        return _refused(403, "AccessDenied", "Request has expired")
    return waiting.answer


def scheme_of(host: str) -> str:
    """How a host is reached: without TLS on this machine, with it everywhere else."""
    return "http" if host.partition(":")[0] in _LOOPBACK else "https"


def _forget(waiting: dict[str, Waiting], now: datetime) -> None:
    """Drop what has expired, and the oldest of very many, as nobody comes back for these."""
    while waiting:
        oldest = next(iter(waiting))
        if len(waiting) < _MOST and waiting[oldest].expires > now:
            return
        del waiting[oldest]


def _address(world: World, host: str) -> tuple[str, str]:
    """Scheme and host of download addresses: never the host that was asked."""
    name, colon, port = host.partition(":")
    if world.switches.download_host:
        return scheme_of(host), world.switches.download_host
    return scheme_of(host), f"{_LOOPBACK[name]}{colon}{port}" if name in _LOOPBACK else f"downloads.{host}"


def _signature(world: World, host: str, path: str) -> str:
    return hmac.new(world.secret, f"{host}{path}".encode(), hashlib.sha256).hexdigest()


def _refused(status: int, code: str, message: str) -> Response:
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>'
    return Response(status, {"Content-Type": "application/xml"}, body.encode())
