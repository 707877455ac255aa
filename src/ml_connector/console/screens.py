"""What every page and every call of the API needs: who asks, the connection they may see, and how an answer is made.

Decides nothing about documents and knows no screen. The screens are in `pages/`, their words in `templates/`.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse

from ml_connector import __version__
from ml_connector.app import App
from ml_connector.console import wording
from ml_connector.console.assets import Assets
from ml_connector.console.forgery import FIELD, SHOWN_ON
from ml_connector.console.formats import Formats
from ml_connector.console.forms import page_of
from ml_connector.console.navigation import GROUPS
from ml_connector.console.paging import beginning
from ml_connector.console.trouble import ForbiddenError, NotFoundError, Trouble
from ml_connector.console.visitors import Visitors
from ml_connector.model.people import RIGHTS, Right, Visitor
from ml_connector.rules.causes import title_of
from ml_connector.store import connections
from ml_connector.store.connections import ConnectionRow
from ml_connector.work.company import Company, company_of
from ml_connector.work.desk import Desk
from ml_connector.work.mapping_coverage import ReadDocuments
from ml_connector.work.people.directory import administers_everything
from ml_connector.work.portions import FIRST
from ml_connector.work.sending.alignment import KeptReports
from ml_connector.work.settings import decode_settings

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
"""Nothing inline runs or styles anything: what a vendor is called in either system can do no harm."""

_SAID = "ml_connector_said"


class SignInNeededError(Exception):
    """Nobody knows yet who asks."""


class Who(StrEnum):
    """Who may do what is of no one connection."""

    ANYBODY = "anybody"
    """Whoever has shown who they are."""
    SOME = "an administrator of a connection"
    ALL = "an administrator of every connection"


def require_who(who: Who, visitor: Visitor) -> None:
    """Raise ForbiddenError where somebody is none of these."""
    if who is Who.SOME and not visitor.administers_some:
        raise ForbiddenError("This needs the role of administrator in a connection.")
    if who is Who.ALL and not administers_everything(visitor):
        raise ForbiddenError("This needs the role of administrator in every connection.")


class Console:
    """One installation as its screens see it. Safe to share between threads."""

    def __init__(self, app: App, visitors: Visitors) -> None:
        base = urlsplit(app.public_url)
        self.app = app
        self.assets = Assets()
        self.secure = base.scheme == "https"
        self._base = base.path.rstrip("/")
        self.visitors = visitors
        self.documents, self.reports = ReadDocuments(), KeptReports()
        self._templates = Environment(
            loader=PackageLoader("ml_connector.console"), autoescape=True, undefined=StrictUndefined,
            trim_blocks=True, lstrip_blocks=True,
        )  # fmt: skip
        self._templates.globals |= {"url": self.url, "asset": lambda name: self.url(self.assets.address(name))}
        self._templates.filters["cause_title"] = title_of
        self._templates.filters |= {
            "happened": wording.happened, "reasons": wording.reasons, "outcome": wording.outcome, "notices": wording.notices,
            "notice": wording.notice, "who": wording.who, "record": wording.record,
        }  # fmt: skip

    # who asks, and what they may see

    def visitor(self, request: Request) -> Visitor:
        """Who asks. Raises SignInNeededError."""
        found = self.visitors(request)
        if found is None:
            raise SignInNeededError
        return found

    def one_of(self, request: Request, who: Who) -> Visitor:
        """Who asks, if they are one of these. Raises SignInNeededError and ForbiddenError."""
        visitor = self.visitor(request)
        require_who(who, visitor)
        return visitor

    def visible(self, visitor: Visitor) -> list[ConnectionRow]:
        """The connections a visitor has a role in, by name."""
        with self.app.database.read() as tx:
            return [row for row in connections.list_all(tx) if visitor.rights(row.id)]

    def _visible(self, request: Request, visitor: Visitor) -> list[ConnectionRow]:
        """The same, read once for a page that only shows; whoever changes something sees what it is afterwards."""
        if request.method != "GET":
            return self.visible(visitor)
        if not hasattr(request.state, "visible"):
            request.state.visible = self.visible(visitor)
        found: list[ConnectionRow] = request.state.visible
        return found

    def connection(self, request: Request, name: str, right: Right = Right.VIEW) -> ConnectionRow:
        """The connection of that name. Raises SignInNeededError, NotFoundError where the visitor may not know of it, and
        ForbiddenError where they may not do this in it."""
        visitor = self.visitor(request)
        row = next((one for one in self._visible(request, visitor) if one.name == name), None)
        if row is None:
            raise NotFoundError
        if not visitor.may(row.id, right):
            able = " or ".join(role.value for role, rights in RIGHTS.items() if right in rights)
            raise ForbiddenError(f"This needs the role of {able} in {row.name}. An administrator can give it to you.")
        return row

    @contextmanager
    def desk(self, request: Request, name: str, right: Right = Right.VIEW) -> Iterator[Desk]:
        """A desk of the connection of that name, for the length of a block. Raises as `connection` does, and MissingSecretError
        where it is not set up yet."""
        desk = self.app.desk(self.connection(request, name, right))
        try:
            yield desk
        finally:
            desk.write_calls()
            desk.close()

    # answers

    def url(self, path: str) -> str:
        """An address of ours as the browser has to write it, wherever the installation's own path begins."""
        return f"{self._base}{path}"

    def page(
        self, request: Request, template: str, *, connection: str = "", status: int = 200, **values: Any
    ) -> Response:
        """A whole page. `connection` is the name of the one it is about; everything else is the template's.

        Templates also have `visitor`, `can` (rights here), `company`, `formats`, `now`, `url`, `asset`, `sections` and `said`.
        """
        visitor = self.visitors(request)
        seen = self._visible(request, visitor) if visitor else []
        row = next((one for one in seen if one.name == connection), None)
        said = unquote(request.cookies.get(_SAID, ""))
        answer = self._render(
            request, template, visitor, row, values | {"connections": seen, "said": said, "status": status}
        )
        if said:
            answer.delete_cookie(_SAID, path=self._cookie_path, secure=self.secure, httponly=True, samesite="lax")
        return answer

    def part(
        self, request: Request, template: str, *, connection: str = "", status: int = 200, **values: Any
    ) -> Response:
        """A piece of a page, for a page that is open already. The template gets what `page` gives, but for the layout's own."""
        visitor = self.visitor(request)
        row = next((one for one in self._visible(request, visitor) if one.name == connection), None)
        return self._render(request, template, visitor, row, {"status": status} | values)

    def _render(
        self,
        request: Request,
        template: str,
        visitor: Visitor | None,
        row: ConnectionRow | None,
        values: dict[str, Any],
    ) -> Response:
        company = self._company(row)
        given = {
            "visitor": visitor,
            "connection": row,
            "can": visitor.rights(row.id) if visitor and row else frozenset(),
            "company": company,
            "formats": Formats(country=company.country, time_zone=company.time_zone, zone_told=row is None),
            "now": self.app.clock.now(),
            "path": request.url.path,
            "first_page": beginning(request.query_params.multi_items()),
            "sections": GROUPS,
            "version": __version__,
            "csrf": visitor.secret if visitor else "",
            "proof": self._proof(request, visitor),
        }
        text = self._templates.get_template(template).render(given | values)
        return HTMLResponse(text, status_code=values.get("status", 200), headers={"Content-Security-Policy": POLICY})

    def _proof(self, request: Request, visitor: Visitor | None) -> Markup:
        """What every form carries: that it is of this session, and which page it stands on."""
        hidden = Markup('<input type="hidden" name="{}" value="{}">')
        secret = visitor.secret if visitor else ""
        return hidden.format(FIELD, secret) + hidden.format(SHOWN_ON, page_of(request, self._base))

    def _company(self, row: ConnectionRow | None) -> Company:
        if row is None:
            return Company()
        with self.app.database.read() as tx:
            return company_of(tx, row.id, decode_settings(row.settings))

    def done(self, request: Request, words: str, *, to: str) -> Response:
        """After something was done: off to another of our addresses, where the words are shown once."""
        if request.headers.get("HX-Request") == "true":
            answer = Response(status_code=204, headers={"HX-Redirect": self.url(to)})
        else:
            answer = RedirectResponse(self.url(to), status_code=303)
        answer.set_cookie(
            _SAID, quote(words), max_age=60, path=self._cookie_path, secure=self.secure, httponly=True, samesite="lax"
        )
        return answer

    @property
    def _cookie_path(self) -> str:
        return self._base or "/"

    def csv(self, filename: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
        """A table for a spreadsheet, in which no text is taken for a formula."""
        return Response("".join(table_text(header, rows)), media_type=_CSV, headers=_attached(filename))

    def table(
        self,
        request: Request,
        connection: str,
        filename: str,
        header: Sequence[str],
        rows: Callable[[Desk], Iterable[Sequence[object]]],
    ) -> Response:
        """The same of a list that may be very long: rows are read as they are sent, and none is kept.

        What goes wrong before the first rows are there is told as on every page; later it can only cut the table off.
        """
        with ExitStack() as opened:
            desk = opened.enter_context(self.desk(request, connection))
            pieces = table_text(header, rows(desk))
            return _sent(filename, next(pieces), pieces, opened.pop_all())

    @staticmethod
    def streamed(filename: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
        """The same of rows that are read without a desk."""
        pieces = table_text(header, rows)
        return _sent(filename, next(pieces), pieces, ExitStack())

    def trouble(self, request: Request, trouble: Trouble) -> Response:
        """A page that says what cannot be done; beside what is open already, only the words."""
        if request.headers.get("HX-Request") == "true":
            return self._render(
                request, "trouble_part.html", None, None, {"trouble": trouble, "status": trouble.status}
            )
        about = str(request.path_params.get("connection", ""))
        return self.page(request, "trouble.html", connection=about, status=trouble.status, trouble=trouble)


_CSV = "text/csv; charset=utf-8"
_ROWS = 100
"""Rows of a table that are sent together; at first as many as are read first."""


def table_text(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """A table as text, some rows at a time: no more than those are in memory, however long it is."""
    remaining, head, number = iter(rows), [header], FIRST
    mark = "\ufeff"  # tells spreadsheets that it is UTF-8
    while (some := list(islice(remaining, number))) or head:
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerows(head)
        writer.writerows([_harmless(cell) for cell in row] for row in some)
        yield mark + text.getvalue()
        head, mark, number = [], "", _ROWS


def _sent(filename: str, first: str, pieces: Iterator[str], closing: ExitStack) -> Response:
    def sent() -> Iterator[str]:
        with closing:
            yield first
            yield from pieces

    return StreamingResponse(sent(), media_type=_CSV, headers=_attached(filename))


def _attached(filename: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{filename}"'}


_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def _harmless(cell: object) -> object:
    """Spreadsheets run what begins like a formula; an apostrophe before it keeps it a text. Numbers stay numbers."""
    if isinstance(cell, str) and cell.startswith(_FORMULA):
        return f"'{cell}"
    if isinstance(cell, datetime):
        return cell.isoformat()
    return msgspec.to_builtins(cell) if isinstance(cell, msgspec.Struct) else cell
