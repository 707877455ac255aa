"""A form that was refused comes back as it was sent: the page it stood on, with the words of the refusal beside what was typed.

Nothing is stored for that: every form names the page it stands on, which is read anew for the same visitor, within the same answer.
Knows no form and no screen.
"""

import asyncio
from collections.abc import MutableMapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote, urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message

from ml_connector.console.forgery import FIELD, SHOWN_ON
from ml_connector.console.forms import FREE_TEXTS
from ml_connector.console.refill import at_the_top, refilled
from ml_connector.console.screens import Console
from ml_connector.console.trouble import Trouble

_NOT_FOR_THEM = frozenset({HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND})
"""Whoever may not do it, or may not know of it, gets no form for it."""
_ACT_WHEN_READ = ("/connect/", "/welcome/", "/sign-in", "/api/")
"""Addresses that use something up when they are opened, or are no pages."""
_OF_THE_FORM = frozenset({b"content-length", b"content-type", b"transfer-encoding", b"content-encoding"})


class GivenBack:
    """Answers a form that was refused. `pages` serves the pages of the console."""

    def __init__(self, console: Console, pages: ASGIApp) -> None:
        self._console, self._pages = console, pages

    async def __call__(self, request: Request, trouble: Trouble) -> Response | None:
        """The page with the form as it was sent; None where it was none of a page, or the page cannot be shown any more."""
        # beside what a script keeps open everything typed stands there still
        if request.method != "POST" or trouble.status in _NOT_FOR_THEM or request.headers.get("HX-Request") == "true":
            return None
        form = await request.form()
        sent = {
            name: [value for value in form.getlist(name) if isinstance(value, str)]
            for name in form
            if name not in {FIELD, SHOWN_ON}
        }
        shown_on = form.get(SHOWN_ON, "")
        if not isinstance(shown_on, str) or not is_a_page(shown_on):
            return None
        headers, text = await self._read(request, shown_on)
        if not text:
            return None
        path = self._console.url(str(request.scope["path"]))
        told = refilled(text, path, sent, await asyncio.to_thread(self._words, request, trouble, shown_on))
        if told is None:
            # what other fields are nobody knows where the form for them is gone
            written = [one for name in FREE_TEXTS for one in sent.get(name, ()) if one.strip()]
            told = at_the_top(text, await asyncio.to_thread(self._words, request, trouble, shown_on, written))
        answer = HTMLResponse(told, status_code=trouble.status)
        kept = [(name, value) for name, value in headers if name not in _OF_THE_FORM]
        answer.raw_headers.extend(kept)
        return answer

    async def _read(self, request: Request, shown_on: str) -> tuple[list[tuple[bytes, bytes]], str]:
        """The page as its visitor would see it now, with its headers; no text where it is no page for them."""
        parts = urlsplit(shown_on)
        scope: MutableMapping[str, Any] = {
            **request.scope,
            "method": "GET",
            "path": unquote(parts.path),
            "raw_path": parts.path.encode(),
            "query_string": parts.query.encode(),
            "headers": [one for one in request.scope["headers"] if one[0] not in _OF_THE_FORM],
        }
        for name in ("path_params", "endpoint", "route"):
            scope.pop(name, None)
        start: Message = {"status": 0, "headers": []}
        body = bytearray()

        async def receive() -> Message:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
            else:
                body.extend(message.get("body", b""))

        try:
            await self._pages(scope, receive, send)
        except HTTPException:  # nothing is there to be read: what came is the answer to a form, or its page is gone
            return [], ""
        headers = [(name.lower(), value) for name, value in start["headers"]]
        is_page = start["status"] == HTTPStatus.OK and dict(headers).get(b"content-type", b"").startswith(b"text/html")
        return headers, body.decode() if is_page and b"<html" in body else ""

    def _words(self, request: Request, trouble: Trouble, shown_on: str, written: Sequence[str] = ()) -> str:
        about = str(request.path_params.get("connection", ""))
        part = self._console.part(
            request, "given_back.html", connection=about, trouble=trouble, shown_on=self._console.url(shown_on),
            written=written,
        )  # fmt: skip
        return bytes(part.body).decode()


def is_a_page(address: str) -> bool:
    """Whether an address, without the installation's own beginning, may be one of a page that had a form."""
    path = unquote(urlsplit(address).path)
    return address.startswith("/") and not address.startswith("//") and not path.startswith(_ACT_WHEN_READ)
