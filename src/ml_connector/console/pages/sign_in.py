"""Signing in and out, and the welcome that a link leads to. Decides nothing: `work/people/` does.

The secret of a link moves from the address into a cookie before anything is shown, so that it is in no page's address.
"""

import re
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from ml_connector.console import forgery
from ml_connector.console.screens import Console
from ml_connector.console.trouble import NotFoundError
from ml_connector.console.visitors import browser_of
from ml_connector.work.people import links, provider, sessions
from ml_connector.work.people.identity import LinkUnusableError, PersonError, TooManyTriesError, new_secret
from ml_connector.work.people.passwords import SHORTEST
from ml_connector.work.people.provider import ProviderError

_LINK = "ml_connector_welcome"
_LINK_SECONDS = 1800
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,100}")
_TRY = "ml_connector_provider"
_LARGEST_FORM = 20_000
"""Bytes. Anybody may send these forms, so little is read of them."""
_UNENCRYPTED = (
    "Passwords are only taken over HTTPS, or on the machine that ml-connector runs on. Open the console by its https address; "
    "docs/people.md says how to put a proxy in front of it."
)


def router(console: Console) -> APIRouter:
    """/sign-in, the way through the company's provider and back, /sign-out, /welcome/{link} and /welcome."""
    routes, screens = APIRouter(include_in_schema=False, max_body_size=_LARGEST_FORM), _Screens(console)
    routes.get("/sign-in")(screens.ask)
    routes.post("/sign-in")(screens.sign_in)
    routes.get("/sign-in/provider")(screens.to_provider)
    routes.get(provider.CALLBACK)(screens.from_provider)
    routes.post("/sign-out")(screens.sign_out)
    routes.get("/welcome/{link}")(screens.follow)
    routes.get("/welcome")(screens.welcome)
    routes.post("/welcome")(screens.accept)
    return routes


class _Screens:
    def __init__(self, console: Console) -> None:
        self._console, self._visitors, self._identity = console, console.visitors, console.app.identity
        self._link, self._try = self._visitors.own(_LINK), self._visitors.own(_TRY)

    def ask(self, request: Request, next: str = "/") -> Response:  # noqa: A002 - the name in the address
        """The form; whoever is signed in goes on at once."""
        if self._visitors(request) is not None:
            return RedirectResponse(self._console.url(inside(next)), status_code=HTTPStatus.SEE_OTHER)
        problem = "" if self._visitors.may_send_password(request) else _UNENCRYPTED
        return self._page(request, "people/sign_in.html", next=inside(next), login="", problem=problem)

    def sign_in(
        self,
        request: Request,
        login: Annotated[str, Form()] = "",
        password: Annotated[str, Form()] = "",
        next: Annotated[str, Form()] = "/",  # noqa: A002 - the name in the address
    ) -> Response:
        """On to where the person wanted to go, with a session of their own; else the form again, which says why."""
        try:
            self._require_encryption(request)
            secret = sessions.sign_in(self._identity, login, password, browser_of(request))
        except PersonError as error:
            return self._refused(request, error, "people/sign_in.html", next=inside(next), login=login)
        return self._entered(request, secret, inside(next))

    def to_provider(self, request: Request, next: str = "/") -> Response:  # noqa: A002 - the name in the address
        """Off to the company's own sign-in, with a secret that only this browser has."""
        app = self._console.app
        if app.provider is None:
            raise NotFoundError
        try:
            begun = provider.begin_try(self._identity, app.provider, app.public_url, inside(next))
        except ProviderError as error:
            return self._console.done(request, str(error), to="/sign-in")
        answer = RedirectResponse(begun.address, status_code=HTTPStatus.FOUND)
        life = int(provider.TRY_LIFE.total_seconds())
        answer.set_cookie(
            self._try, begun.secret, max_age=life, path="/", secure=self._visitors.secure, httponly=True, samesite="lax"
        )
        return answer

    def from_provider(self, request: Request) -> Response:
        """Back from it. Every answer is a redirect, so that no code stays in an address."""
        app = self._console.app
        if app.provider is None:
            raise NotFoundError
        try:
            secret, to = provider.finish_try(
                self._identity, app.provider, app.public_url, state=_one(request, "state"),
                secret=request.cookies.get(self._try, ""), code=_one(request, "code"), issuer=_one(request, "iss"),
                error=_one(request, "error"), browser=browser_of(request),
            )  # fmt: skip
            answer = self._entered(request, secret, to)
        except PersonError as error:
            answer = self._console.done(request, str(error), to="/sign-in")
        answer.status_code = HTTPStatus.FOUND
        answer.delete_cookie(self._try, path="/", secure=self._visitors.secure, httponly=True, samesite="lax")
        return answer

    def sign_out(self, request: Request) -> Response:
        """The session ends, here and on the server."""
        sessions.sign_out(self._identity, self._visitors.secret(request))
        answer = self._console.done(request, "You are signed out.", to="/sign-in")
        self._visitors.drop(answer)
        answer.headers["Clear-Site-Data"] = '"cache"'
        return answer

    def follow(self, link: str) -> Response:
        """From the link to the page, without the link."""
        if not _SECRET.fullmatch(link):
            link = ""
        answer = RedirectResponse(self._console.url("/welcome"), status_code=HTTPStatus.FOUND)
        answer.set_cookie(
            self._link,
            link,
            max_age=_LINK_SECONDS,
            path="/",
            secure=self._visitors.secure,
            httponly=True,
            samesite="lax",
        )
        return answer

    def welcome(self, request: Request) -> Response:
        """The form for a password, and for the first person's name."""
        try:
            greeting = links.greeting(self._identity, request.cookies.get(self._link, ""))
        except LinkUnusableError as error:
            return self._unusable(request, error)
        problem = "" if self._visitors.may_send_password(request) else _UNENCRYPTED
        return self._page(
            request, "people/welcome.html", greeting=greeting, login=greeting.login, name=greeting.name, problem=problem,
            shortest=SHORTEST,
        )  # fmt: skip

    def accept(
        self,
        request: Request,
        login: Annotated[str, Form()] = "",
        name: Annotated[str, Form()] = "",
        password: Annotated[str, Form()] = "",
        again: Annotated[str, Form()] = "",
    ) -> Response:
        """The password counts from now on, and the person is signed in."""
        link = request.cookies.get(self._link, "")
        try:
            greeting = links.greeting(self._identity, link)
            self._require_encryption(request)
            _require_same(password, again)
            secret = links.accept(
                self._identity, link, login=login, name=name, password=password, browser=browser_of(request)
            )
        except LinkUnusableError as error:
            return self._unusable(request, error)
        except PersonError as error:
            return self._refused(
                request, error, "people/welcome.html", greeting=greeting, login=greeting.login or login,
                name=greeting.name or name, shortest=SHORTEST,
            )  # fmt: skip
        answer = self._entered(request, secret, "/")
        answer.delete_cookie(self._link, path="/", secure=self._visitors.secure, httponly=True, samesite="lax")
        return answer

    def _require_encryption(self, request: Request) -> None:
        if not self._visitors.may_send_password(request):
            raise PersonError(_UNENCRYPTED)

    def _unusable(self, request: Request, error: LinkUnusableError) -> Response:
        return self._page(request, "people/no_link.html", status=HTTPStatus.GONE, problem=str(error))

    def _refused(self, request: Request, error: PersonError, template: str, **values: Any) -> Response:
        busy = isinstance(error, TooManyTriesError)
        status = HTTPStatus.TOO_MANY_REQUESTS if busy else HTTPStatus.UNPROCESSABLE_ENTITY
        answer = self._page(request, template, status=status, problem=str(error), **values)
        if isinstance(error, TooManyTriesError):
            answer.headers["Retry-After"] = str(max(1, round(error.wait.total_seconds())))
        return answer

    def _page(self, request: Request, template: str, *, status: int = 200, **values: Any) -> Response:
        """A page for somebody who need not be anybody yet: its form is bound to a secret that stands for nobody."""
        secret = self._visitors.secret(request)
        fresh = secret or new_secret()
        company = self._console.app.provider
        answer = self._console.page(
            request, template, status=status, csrf=forgery.token(fresh), provider=company.settings.name if company else "",
            **values,
        )  # fmt: skip
        if not secret:
            self._visitors.keep(request, answer, fresh)
        return answer

    def _entered(self, request: Request, secret: str, to: str) -> Response:
        """Whatever the browser brought along ends: nobody goes on with an id that was known before."""
        sessions.sign_out(self._identity, self._visitors.secret(request))
        answer = RedirectResponse(self._console.url(to), status_code=HTTPStatus.SEE_OTHER)
        self._visitors.keep(request, answer, secret)
        return answer


def _require_same(password: str, again: str) -> None:
    if password != again:
        raise PersonError("The two passwords are not the same. Type both again.")


def _one(request: Request, name: str) -> str:
    """A value that was sent exactly once; anything else is no value."""
    values = request.query_params.getlist(name)
    return values[0] if len(values) == 1 else ""


def inside(path: str) -> str:
    """An address of ours to go on to, or the first one: never another site's, however it is spelled."""
    if not path.startswith("/") or path.startswith(("//", "/\\")) or any(ord(letter) < 0x21 for letter in path):
        return "/"
    return path
