"""The pages a browser passes on its way to connect QuickBooks: off to Intuit, back from Intuit, and what came of it.

Tickets, states and codes never appear on a page or in an address of ours that a browser stays at. Decides nothing:
`work/sign_in/connecting.py` does.
"""

import base64
import hashlib
import logging
from collections.abc import Callable
from html import escape
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from ml_connector.app import App
from ml_connector.quickbooks.errors import QuickBooksError
from ml_connector.store.errors import StoreError
from ml_connector.work.settings import MissingSecretError
from ml_connector.work.sign_in.links import CALLBACK, STATE_LIFE
from ml_connector.work.sign_in.outcomes import WORDS, Outcome

COOKIE = "ml_connector_sign_in"
_STYLE = (
    "body{font:17px/1.5 system-ui,sans-serif;max-width:34rem;margin:12vh auto;padding:0 1.5rem;color:#1c2733}"
    "h1{font-size:1.5rem}p{margin:.8rem 0}.name{color:#5b6875}"
)
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEADERS = {
    "Cache-Control": "no-cache, no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
}
_log = logging.getLogger(__name__)


Onward = Callable[[Request, str, Outcome], Response | None]
"""Where somebody goes on who is at work here: given the connection's name, empty where it is not known, and what came of it.
None for everybody else, who is told on a page of its own: a link may be followed by somebody who has no role here."""


def router(app: App, onward: Onward | None = None) -> APIRouter:
    """The three addresses. `app.public_url` is where browsers reach them; Intuit sends them back to exactly that.

    `onward`: leads back to the page that somebody came from, where there are other pages.
    """
    pages, routes = _Pages(app, onward), APIRouter()
    routes.get(CALLBACK)(pages.callback)
    routes.get("/connect/quickbooks/{ticket}")(pages.start)
    routes.get("/connect/done")(pages.told)
    return routes


class _Pages:
    """What each address answers, wherever the installation's own path begins."""

    def __init__(self, app: App, onward: Onward | None) -> None:
        base = urlsplit(app.public_url)
        self._onward = onward
        self._app, self._secure, self._path = app, base.scheme == "https", f"{base.path.rstrip('/')}/connect"

    def callback(self, request: Request) -> Response:
        """Intuit sends the browser back. Every answer is a redirect, so that no code stays in an address bar or a history."""
        try:
            outcome = self._app.connecting().finish(
                state=_one(request, "state"),
                session=request.cookies.get(COOKIE, ""),
                code=_one(request, "code"),
                realm_id=_one(request, "realmId"),
                error=_one(request, "error"),
            )
        except (StoreError, QuickBooksError, MissingSecretError) as error:
            _log.warning("connecting broke off: %s", error)
            outcome = Outcome.TRY_LATER
        return self._done(outcome)

    def start(self, ticket: str, request: Request) -> Response:
        """A person follows the link: off to Intuit, with a session only this browser knows."""
        try:
            opened = self._app.connecting().open(ticket, request.cookies.get(COOKIE, ""))
        except (StoreError, QuickBooksError, MissingSecretError) as error:
            _log.warning("a link to connect could not be followed: %s", error)
            return self._done(Outcome.TRY_LATER)
        if isinstance(opened, Outcome):
            return self._done(opened)
        answer = RedirectResponse(opened.address, status_code=302, headers=_HEADERS)
        life = int(STATE_LIFE.total_seconds())
        answer.set_cookie(
            COOKIE, opened.session, max_age=life, path=self._path, secure=self._secure, httponly=True, samesite="lax"
        )
        return answer

    def told(self, request: Request) -> Response:
        """What came of it, in plain words."""
        shown = request.query_params.get("outcome", "")
        outcome = Outcome(shown) if shown in set(Outcome) else Outcome.UNKNOWN
        try:
            name = self._app.connecting().connection_of(request.cookies.get(COOKIE, ""))
        except StoreError:
            name = ""
        onward = self._onward(request, name, outcome) if self._onward else None
        return onward or HTMLResponse(_page(outcome, name), headers=_HEADERS)

    def _done(self, outcome: Outcome) -> Response:
        return RedirectResponse(f"{self._path}/done?outcome={outcome.value}", status_code=302, headers=_HEADERS)


def _one(request: Request, name: str) -> str:
    """A value that was sent exactly once; anything else is no value."""
    values = request.query_params.getlist(name)
    return values[0] if len(values) == 1 else ""


def _page(outcome: Outcome, connection: str) -> str:
    words = WORDS[outcome]
    name = f'<p class="name">Connection {escape(connection)}</p>' if connection else ""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(words.title)}</title><style>{_STYLE}</style></head><body><main>{name}<h1>{escape(words.title)}</h1>"
        f"<p>{escape(words.happened)}</p><p>{escape(words.next)}</p></main></body></html>"
    )
