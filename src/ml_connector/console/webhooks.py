"""Where QuickBooks and Basware deliver what they announce: verified, stored, answered, in this order.

200 is said only once a call is on the disk. Whatever is signed is taken, readable or not, because a refusal would make the sender
repeat it for ever and hold back what follows; whatever is not signed leaves no trace but a count.
"""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from ml_connector.app import App
from ml_connector.basware import webhooks as basware
from ml_connector.quickbooks import webhooks as quickbooks
from ml_connector.store.errors import StoreError
from ml_connector.store.schema import System
from ml_connector.work import receiving
from ml_connector.work.group_commit import GroupCommit
from ml_connector.work.receiving import Call
from ml_connector.work.refusals import Refusals
from ml_connector.work.webhook_keys import KeyRing, Verified

LARGEST_BODY = 1_500_000
"""Bytes. Intuit sends about 1 MB at most (webhooks FAQ), Basware far less."""

_ALL_AT_ONCE = 64 * 1024 * 1024  # bytes of all bodies held in memory together
_HASHED_INLINE = 1_000_000  # bytes hashed without leaving the event loop; more would hold up everybody else
_SIGNATURES = {System.QUICKBOOKS: quickbooks.SIGNATURE_HEADER, System.BASWARE: basware.SIGNATURE_HEADER}


class Tokens:
    """The key ring, kept fresh: looked at anew every few seconds, and at once when a signature fits no token.

    Basware tests a subscription's address with a token that was stored a moment ago, so a call that fits none waits for a look that
    begins after it came. Looks are spaced, and shared by all who wait, so that forged calls cannot keep the database busy.
    """

    def __init__(self, ring: KeyRing, *, spacing: float = 0.25, stale_after: float = 2.0) -> None:
        self._ring = ring
        self._spacing = spacing
        self._stale_after = stale_after
        self._looked_at = float("-inf")
        self._next: asyncio.Task[None] | None = None

    async def verify(self, system: System, body: bytes, signature: str) -> Verified | None:
        """Whose tokens made a signature; None: nobody's. Raises a StoreError when the tokens cannot be read."""
        if not signature:
            return None
        if asyncio.get_running_loop().time() - self._looked_at > self._stale_after:
            await self._look()
        verified = await self._try(system, body, signature)
        if verified is None:
            await self._look()
            verified = await self._try(system, body, signature)
        return verified

    async def _try(self, system: System, body: bytes, signature: str) -> Verified | None:
        if self._ring.work(system, len(body)) > _HASHED_INLINE:
            return await asyncio.to_thread(self._ring.verify, system, body, signature)
        return self._ring.verify(system, body, signature)

    async def _look(self) -> None:
        """Wait for a look at the tokens that has not begun yet."""
        if self._next is None:
            self._next = asyncio.get_running_loop().create_task(self._look_soon())
        await asyncio.shield(self._next)

    async def _look_soon(self) -> None:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(max(0.0, self._looked_at + self._spacing - loop.time()))
        self._next = None  # whoever comes from here on may know of a token that this look misses
        self._looked_at = loop.time()
        await asyncio.to_thread(self._ring.refresh)


class Receivers:
    """Both endpoints, and the one thread that stores what they take. Close it when the server stops."""

    def __init__(self, app: App) -> None:
        ring = KeyRing(app.database, app.vault)
        self._app = app
        self._tokens = Tokens(ring)
        self._refusals = Refusals(app.database, ring, app.clock)
        self._commits: GroupCommit[Call] = GroupCommit(
            lambda calls: receiving.keep(
                app.database, app.vault, receiving.with_present_tokens(ring, calls), app.clock.now()
            ),
            lambda call: receiving.keep_one(app.database, app.vault, call, app.clock.now()),
        )
        self._held = 0
        self._background: set[asyncio.Task[None]] = set()
        self._ring = ring
        self._knows_alerts = False

    def routes(self) -> list[Route]:
        """The two endpoints."""
        return [
            Route("/webhooks/quickbooks", self.quickbooks, methods=["POST"], include_in_schema=False),
            Route("/webhooks/basware", self.basware, methods=["POST"], include_in_schema=False),
        ]

    async def close(self) -> None:
        """Store what was taken and is not stored yet."""
        if self._background:
            await asyncio.wait(self._background)
        await asyncio.to_thread(self._commits.close)

    async def quickbooks(self, request: Request) -> Response:
        """POST /webhooks/quickbooks."""
        return await self._receive(request, System.QUICKBOOKS)

    async def basware(self, request: Request) -> Response:
        """POST /webhooks/basware."""
        return await self._receive(request, System.BASWARE)

    async def _receive(self, request: Request, system: System) -> Response:
        signature = request.headers.get(_SIGNATURES[system], "").strip()
        if not signature:
            return _say(401, "the call is not signed")
        body: bytes | Response = b""
        try:
            body = await self._body(request)
            return body if isinstance(body, Response) else await self._take(request, system, body, signature)
        except ClientDisconnect:
            return _say(400, "the body did not arrive whole")
        except StoreError:
            # Never 200 for what is not stored: the sender comes again.
            return _say(503, "it cannot be stored right now; send it again later", {"Retry-After": "10"})
        finally:
            if isinstance(body, bytes):
                self._held -= len(body)

    async def _body(self, request: Request) -> bytes | Response:
        """The body, whole, or the refusal of one that is too large. What is returned counts as held until it was answered."""
        announced = request.headers.get("content-length", "")
        if announced.isdigit() and int(announced) > LARGEST_BODY:
            return _too_large()
        read = bytearray()
        try:
            async for chunk in request.stream():
                if len(read) + len(chunk) > LARGEST_BODY:
                    return _too_large()
                if self._held + len(chunk) > _ALL_AT_ONCE:
                    return _say(503, "too much arrives at once; send it again later", {"Retry-After": "1", **_CLOSE})
                read += chunk
                self._held += len(chunk)
            body, read = bytes(read), bytearray()
            return body
        finally:
            self._held -= len(read)

    async def _take(self, request: Request, system: System, body: bytes, signature: str) -> Response:
        verified = await self._tokens.verify(system, body, signature)
        if verified is None:
            if self._refusals.note(system):
                self._later(asyncio.to_thread(self._refusals.tell, system))
            return _say(401, "the signature was made with none of our tokens")
        content_type = request.headers.get("content-type", "")
        call = Call(system=system, body=body, signature=signature, content_type=content_type, verified=verified)
        stored: Future[None] = self._commits.submit(call)
        await asyncio.wrap_future(stored)
        await self._over(system, verified)
        # Basware's callback specification shows the notification coming back as the answer.
        return Response(body, media_type="application/json") if system is System.BASWARE else Response(status_code=200)

    async def _over(self, system: System, verified: Verified) -> None:
        """Good calls come: end the alert that said otherwise, also one that an earlier process left."""
        if not self._knows_alerts:
            self._knows_alerts = True
            await asyncio.to_thread(self._refusals.look)
        if cleared := self._refusals.to_clear(system, verified):
            self._later(asyncio.to_thread(self._refusals.clear, system, cleared))

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something nobody waits for; its failing is no reason to refuse a call."""

        async def quietly() -> None:
            try:
                await work
            except StoreError:
                return  # only an alert; it is raised again with the next call

        task = asyncio.get_running_loop().create_task(quietly())
        self._background.add(task)
        task.add_done_callback(self._background.discard)


_CLOSE = {"Connection": "close"}


def _say(status: int, text: str, headers: dict[str, str] | None = None) -> Response:
    return Response(text + "\n", status_code=status, media_type="text/plain", headers=headers)


def _too_large() -> Response:
    return _say(413, f"a body may have {LARGEST_BODY} bytes", _CLOSE)
