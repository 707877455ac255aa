"""The HTTP client of the Basware Network: every request that leaves it carries an X-BW-REQUEST-ID of its own.

The number is put on by the client itself, below everything that repeats, signs in anew or follows a redirect, so that no caller
can forget it or send one twice. Knows no resource.
"""

from collections.abc import Callable
from ssl import SSLContext
from uuid import UUID, uuid4

import httpx2

REQUEST_ID = "X-BW-REQUEST-ID"
"""A fresh UUID of version 4 in every request, retries included (clients of the Network; Basware's own excerpts of its guide)."""

NewId = Callable[[], UUID]


class NetworkHttp(httpx2.Client):
    """An HTTP client for the Network with a limit, in seconds, on every wait. Redirects are left to `NetworkExchange`.

    `new_id` gives a UUID of version 4 that it never gave before.
    """

    def __init__(
        self,
        *,
        new_id: NewId = uuid4,
        connect: float = 10.0,
        read: float = 60.0,
        write: float = 60.0,
        pool: float = 10.0,
        transport: httpx2.BaseTransport | None = None,
        trusted: SSLContext | bool = True,
    ) -> None:
        self._new_id = new_id
        super().__init__(
            timeout=httpx2.Timeout(connect=connect, read=read, write=write, pool=pool),
            follow_redirects=False,
            headers={"User-Agent": "ml-connector"},
            transport=transport,
            verify=trusted,
            event_hooks={"request": [self._number]},
        )

    def _number(self, request: httpx2.Request) -> None:
        """Called by the library for every single request just before it is handed to the network."""
        fresh = self._new_id()
        if fresh.version != 4:
            raise ValueError(
                f"the Network wants request ids of version 4, and one of version {fresh.version} was given"
            )
        request.headers[REQUEST_ID] = str(fresh)
