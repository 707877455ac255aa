"""Who asks: on pages whoever a session's cookie stands for, in the API whoever a token does. Neither counts where the other does.

That keeps other pages from making a browser call the API, and tokens from ending up in browsers.
"""

from urllib.parse import urlsplit

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from ml_connector.app import App
from ml_connector.console import forgery
from ml_connector.model.people import Visitor
from ml_connector.work.people import sessions
from ml_connector.work.people.sessions import Browser
from ml_connector.work.people.tokens import let_in

API = "/api/"
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class Visitors:
    """Finds out who asks, and keeps the cookie of a session. Safe to share between threads."""

    def __init__(self, app: App) -> None:
        base = urlsplit(app.public_url)
        self._app = app
        self.secure = base.scheme == "https"
        self.cookie = "__Host-ml_connector" if self.secure else "ml_connector_session"
        """A browser takes the first name only with Secure, for the whole host, and from this host: no neighbour can set it."""
        self._path = "/" if self.secure else base.path.rstrip("/") or "/"

    def __call__(self, request: Request) -> Visitor | None:
        """Who asks; None where nobody has shown who they are. Looked up once for each request."""
        if not hasattr(request.state, "visitor"):
            request.state.visitor = self._found(request)
        found: Visitor | None = request.state.visitor
        return found

    def _found(self, request: Request) -> Visitor | None:
        if request.url.path.startswith(API):
            kind, _, token = request.headers.get("Authorization", "").partition(" ")
            address = browser_of(request).address
            return let_in(self._app.identity, token.strip(), address) if kind.lower() == "bearer" else None
        secret = self.secret(request)
        found = (
            sessions.visitor_of(self._app.identity, secret, counts=not _asked_by_itself(request)) if secret else None
        )
        if found is None:
            return None
        return msgspec.structs.replace(found, secret=forgery.token(secret))

    def secret(self, request: Request) -> str:
        """What the browser's cookie holds: the secret of its session, or one that stands for nobody yet."""
        return request.cookies.get(self.cookie, "")

    def keep(self, request: Request, answer: Response, secret: str) -> None:
        """Have the browser keep a secret until it is closed; how long it counts is the server's to say. What came encrypted, by the
        word of a proxy that is believed, is kept for encrypted ways, also where the public address was never set."""
        secure = self.secure or request.url.scheme == "https"
        answer.set_cookie(self.cookie, secret, path=self._path, secure=secure, httponly=True, samesite="lax")

    def own(self, name: str) -> str:
        """A cookie's name for this host alone, where browsers keep to that: a neighbour cannot slip one in."""
        return f"__Host-{name}" if self.secure else name

    def drop(self, answer: Response) -> None:
        """Have the browser forget it."""
        answer.delete_cookie(self.cookie, path=self._path, secure=self.secure, httponly=True, samesite="lax")

    def may_send_password(self, request: Request) -> bool:
        """Whether what the browser sends is encrypted on its way, or stays on this machine."""
        return self.secure or request.url.scheme == "https" or request.url.hostname in LOOPBACK


def browser_of(request: Request) -> Browser:
    """Where somebody signs in from. Behind a proxy that the server believes this is the address the proxy tells."""
    address = request.client.host if request.client else ""
    return Browser(address=address, name=request.headers.get("User-Agent", ""))


def _asked_by_itself(request: Request) -> bool:
    """Pages refresh parts of themselves; a page that was left open is not somebody who is there."""
    return request.method == "GET" and request.headers.get("HX-Request") == "true"
