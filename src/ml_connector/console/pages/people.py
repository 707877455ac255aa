"""Who may use the console and what they may do where. Decides nothing: `work/people/directory.py` does."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from ml_connector.console.pages.connections import public_url
from ml_connector.console.paging import Number, everything_before
from ml_connector.console.screens import Console, Who
from ml_connector.console.trouble import NotFoundError
from ml_connector.model.people import EVERY_CONNECTION, Right, Role, Visitor
from ml_connector.store.people import PeopleAuditRow, PersonRow
from ml_connector.work.people import directory, sessions, shown, tokens
from ml_connector.work.people.directory import Grant
from ml_connector.work.people.links import WelcomeLink
from ml_connector.work.people.tokens import owner_of

_HISTORY = ("at", "by", "action", "whom it is about", "detail", "from")


def router(console: Console) -> APIRouter:
    """GET and POST /people, GET /people/history, GET /people/{person} and what its forms send."""
    routes, screen = APIRouter(prefix="/people", include_in_schema=False), _Screen(console)
    routes.get("")(screen.list_all)
    routes.post("")(screen.add)
    routes.get("/history")(screen.history)
    routes.get("/{person}")(screen.show)
    routes.post("/{person}/roles")(screen.change_role)
    routes.post("/{person}/state")(screen.change_state)
    routes.post("/{person}/reset")(screen.reset)
    routes.post("/{person}/sessions/end")(screen.end_sessions)
    routes.post("/{person}/tokens/{token}/revoke")(screen.revoke_token)
    return routes


class _Screen:
    def __init__(self, console: Console) -> None:
        self._console, self._identity = console, console.app.identity

    def list_all(self, request: Request, format: str = "") -> Response:  # noqa: A002 - the name in the address
        """Everybody one may know of."""
        visitor = self._administrator(request)
        lines = shown.directory(self._identity, visitor)
        if format == "csv":
            header = ("Login", "Name", "State", "Roles", "Last sign-in", "Added", "Added by")
            rows = [
                (
                    line.login, line.name, line.state,
                    "; ".join(f"{role.role} in {_place(role.connection)}" for role in line.roles),
                    line.signed_in_at or "", line.created_at, line.created_by,
                )
                for line in lines
            ]  # fmt: skip
            return self._console.csv("people.csv", header, rows)
        return self._console.page(
            request, "people/list.html", people=lines, places=self._places(visitor), roles=list(Role),
            everything=directory.administers_everything(visitor),
        )  # fmt: skip

    def add(
        self,
        request: Request,
        login: Annotated[str, Form()] = "",
        name: Annotated[str, Form()] = "",
        connection: Annotated[str, Form()] = "",
        role: Annotated[Role, Form()] = Role.VIEWER,
    ) -> Response:
        """Add somebody; the page with their link, which is shown once."""
        visitor = self._administrator(request)
        link = directory.add(self._identity, login, name, [self._grant(visitor, connection, role)], by=visitor)
        return self._link_page(request, name or login, link)

    def history(self, request: Request, before: Number | None = None, format: str = "") -> Response:  # noqa: A002
        """What was done to people, and who signed in; as CSV all of it."""
        self._everything(request)

        def read(behind: int, limit: int) -> list[PeopleAuditRow]:
            return shown.history(self._identity, limit=limit, before=behind or None)

        if format == "csv":
            rows = (
                (one.at, one.actor, one.action, one.subject, one.detail, one.address)
                for one in everything_before(read, lambda one: one.id)
            )
            return self._console.streamed("what-was-done-to-people.csv", _HISTORY, rows)
        entries = shown.history(self._identity, limit=101, before=before)
        older = f"/people/history?before={entries[99].id}" if len(entries) > 100 else ""
        return self._console.page(request, "people/history.html", entries=entries[:100], older=older)

    def show(self, request: Request, person: str) -> Response:
        """One person: roles, sessions, tokens."""
        visitor = self._administrator(request)
        found, everything = self._person(visitor, person), directory.administers_everything(visitor)
        return self._console.page(
            request, "people/person.html", person=shown.one(self._identity, person, visitor),
            places=self._places(visitor), roles=list(Role), everything=everything,
            sessions=shown.sessions_of(self._identity, found) if everything else [],
            tokens=shown.tokens(self._identity, found) if everything else [],
        )  # fmt: skip

    def change_role(
        self,
        request: Request,
        person: str,
        connection: Annotated[str, Form()] = "",
        role: Annotated[Role, Form()] = Role.VIEWER,
        take: Annotated[bool, Form()] = False,
    ) -> Response:
        """Give a role, or take one away."""
        visitor = self._administrator(request)
        grant = self._grant(visitor, connection, role)
        found = self._person(visitor, person)
        changed = (directory.take if take else directory.give)(self._identity, person, grant, by=visitor)
        verb = "is no longer" if take else "is now"
        words = f"{found.name} {verb} {role.value} in {_place(connection)}." if changed else "Nothing changed."
        with_role_left = person in {line.person for line in shown.directory(self._identity, visitor)}
        return self._console.done(request, words, to=f"/people/{person}" if with_role_left else "/people")

    def change_state(self, request: Request, person: str, disabled: Annotated[bool, Form()] = False) -> Response:
        """Let somebody in no more, or again."""
        visitor = self._administrator(request)
        found = self._person(visitor, person)
        (directory.disable if disabled else directory.enable)(self._identity, person, by=visitor)
        words = "is not let in any more; their sessions and tokens have ended" if disabled else "can sign in again"
        return self._console.done(request, f"{found.name} {words}.", to=f"/people/{person}")

    def reset(self, request: Request, person: str) -> Response:
        """A link to choose a new password, shown once."""
        visitor = self._administrator(request)
        found = self._person(visitor, person)
        return self._link_page(request, found.name, directory.reset(self._identity, person, by=visitor), is_reset=True)

    def end_sessions(self, request: Request, person: str) -> Response:
        """All sessions of somebody end."""
        visitor = self._everything(request)
        found = self._person(visitor, person)
        number = sessions.end_all(self._identity, found, actor=visitor.actor)
        return self._console.done(request, f"Sessions of {found.name} that ended: {number}.", to=f"/people/{person}")

    def revoke_token(self, request: Request, person: str, token: Number) -> Response:
        """A token of somebody works no more."""
        row = tokens.revoke(self._identity, token, by=self._everything(request))
        return self._console.done(request, f"The token {row.name} works no more.", to=f"/people/{person}")

    def _administrator(self, request: Request) -> Visitor:
        return self._console.one_of(request, Who.SOME)

    def _everything(self, request: Request) -> Visitor:
        return self._console.one_of(request, Who.ALL)

    def _person(self, visitor: Visitor, person: str) -> PersonRow:
        return owner_of(self._identity, person, by=visitor)

    def _places(self, visitor: Visitor) -> list[str]:
        """Where somebody may give roles."""
        rows = [row.name for row in self._console.visible(visitor) if visitor.may(row.id, Right.ADMINISTER)]
        return [EVERY_CONNECTION, *rows] if directory.administers_everything(visitor) else rows

    def _grant(self, visitor: Visitor, connection: str, role: Role) -> Grant:
        if connection == EVERY_CONNECTION:
            return Grant(connection_id=EVERY_CONNECTION, role=role)
        row = next((one for one in self._console.visible(visitor) if one.name == connection), None)
        if row is None:
            raise NotFoundError
        return Grant(connection_id=row.id, role=role)

    def _link_page(self, request: Request, name: str, link: WelcomeLink, *, is_reset: bool = False) -> Response:
        base = public_url(self._console, request)
        return self._console.page(
            request, "people/link.html", name=name, address=f"{base}{link.path}", expires_at=link.expires_at,
            is_reset=is_reset,
        )  # fmt: skip


def _place(connection: str) -> str:
    return "every connection" if connection == EVERY_CONNECTION else connection
