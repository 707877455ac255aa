"""What people look after themselves: their password, where they are signed in, and tokens for programs of theirs."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from ml_connector.console.paging import Number
from ml_connector.console.screens import Console
from ml_connector.console.visitors import browser_of
from ml_connector.model.people import EVERY_CONNECTION, Role, Visitor
from ml_connector.work.people import sessions, shown, tokens
from ml_connector.work.people.identity import PersonError, hash_of
from ml_connector.work.people.own import change_password, myself
from ml_connector.work.people.passwords import SHORTEST


def router(console: Console) -> APIRouter:
    """GET /me, and what its forms send: password, sessions/end, tokens, tokens/{token}/revoke."""
    routes, screen = APIRouter(prefix="/me", include_in_schema=False), _Screen(console)
    routes.get("")(screen.show)
    routes.post("/password")(screen.password)
    routes.post("/sessions/end")(screen.end_sessions)
    routes.post("/tokens")(screen.make_token)
    routes.post("/tokens/{token}/revoke")(screen.revoke_token)
    return routes


class _Screen:
    def __init__(self, console: Console) -> None:
        self._console, self._visitors, self._identity = console, console.visitors, console.app.identity

    def show(self, request: Request) -> Response:
        """Everything one may know and change of oneself."""
        return self._page(request, self._console.visitor(request))

    def password(
        self,
        request: Request,
        current: Annotated[str, Form()] = "",
        password: Annotated[str, Form()] = "",
        again: Annotated[str, Form()] = "",
        tokens: Annotated[bool, Form()] = False,
    ) -> Response:
        """Another password; wherever else one is signed in, one is so no more. Tokens end where that is wanted."""
        visitor = self._console.visitor(request)
        if password != again:
            raise PersonError("The two new passwords are not the same. Nothing was changed.")
        ended = change_password(
            self._identity, visitor, current=current, new=password, session=self._visitors.secret(request),
            browser=browser_of(request), tokens=tokens,
        )  # fmt: skip
        elsewhere = f" Other sessions that ended: {ended.sessions}." if ended.sessions else ""
        programs = f" Tokens that work no more: {ended.tokens}." if tokens else ""
        return self._console.done(request, f"Your password is changed.{elsewhere}{programs}", to="/me")

    def end_sessions(self, request: Request, session: Annotated[Number, Form()] = 0) -> Response:
        """One session ends, or with no number all but this one."""
        visitor = self._console.visitor(request)
        person = myself(self._identity, visitor)
        if session:
            ended = sessions.end_one(self._identity, person, session, actor=visitor.actor)
            words = "The session has ended." if ended else "Nothing was done: that session had ended already."
            return self._console.done(request, words, to="/me")
        number = sessions.end_all(self._identity, person, actor=visitor.actor, but=self._visitors.secret(request))
        return self._console.done(request, f"Sessions that ended: {number}. You stay signed in here.", to="/me")

    def make_token(
        self,
        request: Request,
        name: Annotated[str, Form()] = "",
        connection: Annotated[str, Form()] = "",
        role: Annotated[Role, Form()] = Role.VIEWER,
        days: Annotated[int, Form()] = 90,
    ) -> Response:
        """A token, shown on this one page and never again."""
        visitor = self._console.visitor(request)
        place = EVERY_CONNECTION if connection == EVERY_CONNECTION else self._console.connection(request, connection).id
        made = tokens.make(
            self._identity, myself(self._identity, visitor), name=name, connection_id=place, role=role, days=days,
            by=visitor,
        )  # fmt: skip
        return self._page(request, visitor, secret=made.secret)

    def revoke_token(self, request: Request, token: Number) -> Response:
        """A token works no more."""
        row = tokens.revoke(self._identity, token, by=self._console.visitor(request))
        return self._console.done(request, f"The token {row.name} works no more.", to="/me")

    def _page(self, request: Request, visitor: Visitor, secret: str = "") -> Response:
        person = myself(self._identity, visitor)
        here = hash_of(self._visitors.secret(request))
        places = [row.name for row in self._console.visible(visitor)]
        return self._console.page(
            request, "people/me.html", person=person, secret=secret, roles=list(Role), shortest=SHORTEST,
            places=[EVERY_CONNECTION, *places] if EVERY_CONNECTION in visitor.roles else places,
            sessions=shown.sessions_of(self._identity, person, here), tokens=shown.tokens(self._identity, person),
        )  # fmt: skip
