"""Whatever changes something must come from a page of ours: the browser says so (fetch metadata), and the form proves it (a token).

The token is made from the session's own secret, so that no database is asked and no other session's fits. Calls of the API carry a
token in a header, which no other page can make a browser send; they are not looked at here.
"""

import hashlib
import hmac
from urllib.parse import urlsplit

from starlette.requests import Request

FIELD = "csrf"
SHOWN_ON = "shown_on"
"""The field in which every form names the page it stands on."""
HEADER = "X-CSRF-Token"
_HARMLESS = frozenset({"GET", "HEAD", "OPTIONS"})
_OURS = frozenset({"same-origin", "none"})


class ForgedError(Exception):
    """Something that would change something did not come from a page of ours, or not from this session's."""

    def __init__(self) -> None:
        super().__init__(
            "Nothing was changed: this did not come from a page that ml-connector has shown you in this session. Open the page "
            "again and send it once more; the browser has to accept cookies of this address."
        )


def token(secret: str) -> str:
    """What the forms of a session carry."""
    return hmac.new(secret.encode(), b"ml-connector forms", hashlib.sha256).hexdigest()


class Forgery:
    """Looks at every request of a router before its handler does. `cookie` names the one with the session's secret."""

    def __init__(self, cookie: str, public_url: str) -> None:
        self._cookie, self._public = cookie, urlsplit(public_url)

    async def __call__(self, request: Request) -> None:
        """Raise ForgedError unless the request changes nothing or comes from a page of ours."""
        if request.method in _HARMLESS:
            return
        secret = request.cookies.get(self._cookie, "")
        if not secret or not self._is_from_here(request):
            raise ForgedError
        given = request.headers.get(HEADER, "") or await _from_form(request)
        if not hmac.compare_digest(given.encode(), token(secret).encode()):
            raise ForgedError

    def _is_from_here(self, request: Request) -> bool:
        """What the browser says of where a request comes from. Old browsers, and those on plain HTTP, say less or nothing; a page
        that tells no referrer has the origin "null". The token is asked for in any case."""
        site = request.headers.get("Sec-Fetch-Site")
        if site is not None:
            return site in _OURS
        origin = request.headers.get("Origin", "null")
        return origin == "null" or urlsplit(origin).netloc in {self._public.netloc, request.url.netloc}


async def _from_form(request: Request) -> str:
    kind = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind not in {"application/x-www-form-urlencoded", "multipart/form-data"}:
        return ""
    form = await request.form()
    request.state.shown_on = form.get(SHOWN_ON, "")
    given = form.get(FIELD, "")
    return given if isinstance(given, str) else ""
