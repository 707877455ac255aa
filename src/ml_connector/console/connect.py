"""The pages a browser passes on its way to connect QuickBooks: off to Intuit, back from Intuit, and what came of it.

Tickets, states and codes never appear on a page or in an address of ours that a browser stays at. Decides nothing:
`work/sign_in/connecting.py` does.
"""

import base64
import hashlib
import logging
from html import escape
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from ml_connector.app import App
from ml_connector.quickbooks.errors import QuickBooksError
from ml_connector.store.errors import StoreError
from ml_connector.work.settings import MissingSecretError
from ml_connector.work.sign_in.connecting import CALLBACK, STATE_LIFE
from ml_connector.work.sign_in.outcomes import WORDS, Outcome

COOKIE = "ml_connector_sign_in"
_STYLE = (
    "body{font:17px/1.5 system-ui,sans-serif;max-width:34rem;margin:12vh auto;padding:0 1.5rem;color:#1c2733}"
    "h1{font-size:1.5rem}p{margin:.8rem 0}.name{color:#5b6875}"
)
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
}
_log = logging.getLogger(__name__)


def router(app: App) -> APIRouter:
    """The three addresses. `app.public_url` is where browsers reach them; Intuit sends them back to exactly that."""
    routes, base = APIRouter(), urlsplit(app.public_url)
    secure, path = base.scheme == "https", f"{base.path.rstrip('/')}/connect"

    def done(outcome: Outcome) -> Response:
        return RedirectResponse(f"{path}/done?outcome={outcome.value}", status_code=302, headers=_HEADERS)

    @routes.get(CALLBACK)
    def callback(request: Request) -> Response:
        """Intuit sends the browser back. Every answer is a redirect, so that no code stays in an address bar or a history."""

        def one(name: str) -> str:
            values = request.query_params.getlist(name)
            return values[0] if len(values) == 1 else ""

        try:
            outcome = app.connecting().finish(
                state=one("state"),
                session=request.cookies.get(COOKIE, ""),
                code=one("code"),
                realm_id=one("realmId"),
                error=one("error"),
            )
        except (StoreError, QuickBooksError, MissingSecretError) as error:
            _log.warning("connecting broke off: %s", error)
            outcome = Outcome.TRY_LATER
        return done(outcome)

    @routes.get("/connect/quickbooks/{ticket}")
    def start(ticket: str) -> Response:
        """A person follows the link: off to Intuit, with a session only this browser knows."""
        try:
            opened = app.connecting().open(ticket)
        except (StoreError, QuickBooksError, MissingSecretError) as error:
            _log.warning("a link to connect could not be followed: %s", error)
            return done(Outcome.TRY_LATER)
        if isinstance(opened, Outcome):
            return done(opened)
        answer = RedirectResponse(opened.address, status_code=302, headers=_HEADERS)
        answer.set_cookie(
            COOKIE,
            opened.session,
            max_age=int(STATE_LIFE.total_seconds()),
            path=path,
            secure=secure,
            httponly=True,
            samesite="lax",
        )
        return answer

    @routes.get("/connect/done")
    def told(request: Request) -> Response:
        """What came of it, in plain words."""
        shown = request.query_params.get("outcome", "")
        outcome = Outcome(shown) if shown in set(Outcome) else Outcome.UNKNOWN
        try:
            name = app.connecting().connection_of(request.cookies.get(COOKIE, ""))
        except StoreError:
            name = ""
        return HTMLResponse(_page(outcome, name), headers=_HEADERS)

    return routes


def _page(outcome: Outcome, connection: str) -> str:
    words = WORDS[outcome]
    name = f'<p class="name">Connection {escape(connection)}</p>' if connection else ""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(words.title)}</title><style>{_STYLE}</style></head><body><main>{name}<h1>{escape(words.title)}</h1>"
        f"<p>{escape(words.happened)}</p><p>{escape(words.next)}</p></main></body></html>"
    )
