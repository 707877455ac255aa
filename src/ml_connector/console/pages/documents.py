"""Documents: searched, listed, and each with both sides, its timeline and everything that can be done about it.

What is shown is read by `work/document_lists.py`, `work/document_sides.py` and `work/views.py`; what is done is done by
`work/decisions.py` and `work/review.py`.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from ml_connector.console.forms import day_of
from ml_connector.console.paging import Number
from ml_connector.console.screens import Console
from ml_connector.console.search import Search
from ml_connector.console.trouble import NotFoundError
from ml_connector.model.people import Right
from ml_connector.store import documents as document_store
from ml_connector.store.document_search import Order
from ml_connector.store.documents import DocumentRow
from ml_connector.store.held import card_of
from ml_connector.store.schema import DocumentState
from ml_connector.work import dating, decisions, review
from ml_connector.work.decisions import Choice
from ml_connector.work.deep_links import record_page
from ml_connector.work.desk import Desk
from ml_connector.work.document_acts import Act, offers_of
from ml_connector.work.document_calls import technical_view
from ml_connector.work.document_lists import (
    ListedDocument,
    before_transfer,
    documents_page,
    every_document,
    ordered_page,
)
from ml_connector.work.document_sides import sides_of
from ml_connector.work.early_views import BEFORE_TRANSFER
from ml_connector.work.views import DocumentLine, document_view, early_line, early_view

NAMES = {"Bill": "Bill", "VendorCredit": "Vendor credit", "JournalEntry": "Journal entry"}
"""Transactions as people call them."""

Text = Annotated[str, Form()]
_CSV = (
    "invoice", "invoice id", "vendor code", "vendor", "invoice date", "orders", "amount", "currency", "state", "on hold",
    "held because", "in QuickBooks", "numbers there", "received at",
)  # fmt: skip


def router(console: Console) -> APIRouter:
    """The addresses below /c/{connection}/documents."""
    routes = APIRouter(prefix="/c/{connection}/documents", include_in_schema=False)
    screen = _Screen(console)
    routes.get("")(screen.list_)
    routes.get("/{invoice_id}")(screen.show)
    routes.get("/{invoice_id}/technical")(screen.technical)
    routes.post("/{invoice_id}/{act}")(screen.act)
    return routes


class _Screen:
    def __init__(self, console: Console) -> None:
        self._console = console

    def list_(  # noqa: PLR0917
        self, request: Request, connection: str, below: Number | None = None, above: Number | None = None,
        start: Number = 0, format: str = "",  # noqa: A002
    ) -> Response:  # fmt: skip
        """A page of documents; as CSV all that fit, in the same order."""
        search = Search(request.query_params)
        if format == "csv":

            def rows(desk: Desk) -> Iterable[tuple[object, ...]]:
                if BEFORE_TRANSFER in search.states:
                    return map(_early_csv_row, before_transfer(desk, search.text))
                order = Order(search.order_by) if search.order_by else None
                wanted = search.filter(desk.time_zone)
                return () if search.unreadable else map(_csv_row, every_document(desk, wanted, order))

            return self._console.table(request, connection, "documents.csv", _CSV, rows)
        with self._console.desk(request, connection) as desk:
            early = BEFORE_TRANSFER in search.states
            page = None
            if search.order_by and not (early or search.unreadable):
                page = ordered_page(desk, search.filter(desk.time_zone), Order(search.order_by), start=start)
            elif not (early or search.unreadable):
                page = documents_page(desk, search.filter(desk.time_zone), below=below, above=above)
            waiting = before_transfer(desk, search.text) if early else []
            settings = desk.settings.quickbooks
        values: dict[str, Any] = {
            "search": search,
            "shown": page,
            "early": waiting,
            "orders": {
                Order.OLDEST: "Oldest first",
                Order.AMOUNT: "Largest amount first",
                Order.INVOICE_DATE: "By invoice date",
            },
            "states": [*(one.value for one in DocumentState), BEFORE_TRANSFER],
            "place": f"/c/{quote(connection)}/documents",
            "names": NAMES,
            "query": request.url.query,
            "quickbooks": lambda kind, number: record_page(settings, kind, number),
        }
        template = "documents/rows.html" if request.headers.get("HX-Request") == "true" else "documents/list.html"
        show = self._console.part if template == "documents/rows.html" else self._console.page
        return show(request, template, connection=connection, **values)

    def show(self, request: Request, connection: str, invoice_id: str) -> Response:
        """One document with both sides."""
        with self._console.desk(request, connection) as desk:
            row = _find(desk, invoice_id)
            settings = desk.settings.quickbooks
            values: dict[str, Any] = {
                "place": f"/c/{quote(connection)}/documents",
                "held": (),
                "days": None,
                "names": NAMES,
                "quickbooks": lambda kind, number: record_page(settings, kind, number),
            }
            if row is not None and row.state is DocumentState.HELD:
                values["held"] = [card_of(one.cause, one.subject) for one in row.holds]
            if row is None:
                line = early_line(desk, invoice_id)
                if line is None:
                    raise NotFoundError
                values |= {"view": early_view(desk, line), "row": None, "sides": None, "offers": None, "Act": Act}
            else:
                values |= {
                    "view": document_view(desk, row),
                    "row": row,
                    "sides": sides_of(desk, row),
                    "offers": offers_of(row),
                    "Act": Act,
                }
                if Act.DATE in values["offers"].acts:
                    values["days"] = dating.days_for(desk, row)
        return self._console.page(request, "documents/document.html", connection=connection, **values)

    def technical(self, request: Request, connection: str, invoice_id: str) -> Response:
        """Every call, with ids and bodies."""
        with self._console.desk(request, connection) as desk:
            row = _find(desk, invoice_id)
            if row is None:
                raise NotFoundError
            values: dict[str, Any] = {
                "row": row,
                "technical": technical_view(desk, row),
                "systems": {"quickbooks": "QuickBooks", "basware": "Basware"},
                "place": f"/c/{quote(connection)}/documents",
            }
        return self._console.page(request, "documents/technical.html", connection=connection, **values)

    def act(  # noqa: PLR0917
        self,
        request: Request,
        connection: str,
        invoice_id: str,
        act: str,
        reason: Text = "",
        proposal: Text = "",
        back: Text = "",
        day: Text = "",
    ) -> Response:
        """Do something about one document. `back`: the query, with its ?, of the list one comes from."""
        place = f"/c/{quote(connection)}/documents/{quote(invoice_id, safe='')}"
        visitor = self._console.visitor(request)
        with self._console.desk(request, connection, Right.DECIDE) as desk:
            row = _find(desk, invoice_id)
            if row is None or act not in _ACTS:
                raise NotFoundError
            said = _ACTS[act](desk, row, {"reason": reason, "proposal": proposal, "day": day}, visitor.actor)
        if back.startswith("?"):
            place = f"/c/{quote(connection)}/documents{quote(back, safe='?=&+%')}"
            said = f"{row.invoice_number or invoice_id}: {said}"
        return self._console.done(request, said, to=place)


Given = Mapping[str, str]
Perform = Callable[[Desk, DocumentRow, Given, str], str]


def _retry(desk: Desk, row: DocumentRow, _given: Given, actor: str) -> str:
    if not decisions.retry(desk, [row], actor=actor):
        return f"Nothing was done: the document is {row.state.value} and does not wait."
    return "It is planned again by the next run."


def _hold(desk: Desk, row: DocumentRow, given: Given, actor: str) -> str:
    decisions.hold(desk, row, reason=given["reason"], actor=actor)
    return "It is on hold and will not be posted until somebody releases it."


def _let_go(desk: Desk, row: DocumentRow, given: Given, actor: str) -> str:
    decisions.let_go(desk, row, reason=given["reason"], actor=actor)
    return "It goes on: the next run plans it again."


def _ignore(desk: Desk, row: DocumentRow, given: Given, actor: str) -> str:
    decisions.ignore(desk, row, reason=given["reason"], actor=actor)
    return "It is ignored: nothing is posted for it."


def _put_back(desk: Desk, row: DocumentRow, given: Given, actor: str) -> str:
    decisions.put_back(desk, row, reason=given["reason"], actor=actor)
    return "It is no longer ignored: the next run plans it."


def _change_date(desk: Desk, row: DocumentRow, given: Given, actor: str) -> str:
    day = day_of(given["day"])
    dating.change_date(desk, row, day, reason=given["reason"], actor=actor)
    return f"The next run posts it on {day}. Its due date stays what it is."


def _undo_date(desk: Desk, row: DocumentRow, given: Given, actor: str) -> str:
    dating.undo_date(desk, row, reason=given["reason"], actor=actor)
    return "It goes by its own dates again: the next run plans it anew."


def _release(desk: Desk, row: DocumentRow, given: Given, actor: str) -> str:
    came = review.release(desk, {row.invoice_id: given["proposal"]}, actor=actor)
    if came.changed:
        return "Nothing was released: what is proposed has changed since you looked. Look at it again."
    if came.before:
        return f"Nothing was changed. {review.told_before(came.before)}"
    return "It is released: the next run posts it as shown."


def _unrelease(desk: Desk, row: DocumentRow, _given: Given, actor: str) -> str:
    review.take_back_release(desk, row, actor=actor)
    return "The release is taken back: it waits again."


def _decide(choice: Choice, words: str) -> Perform:
    def perform(desk: Desk, row: DocumentRow, given: Given, actor: str) -> str:
        decisions.decide(desk, row, choice, link_to="", reason=given["reason"], actor=actor)
        return words

    return perform


_ACTS: Mapping[str, Perform] = {
    "retry": _retry,
    "hold": _hold,
    "let-go": _let_go,
    "ignore": _ignore,
    "put-back": _put_back,
    "change-date": _change_date,
    "undo-date": _undo_date,
    "release": _release,
    "take-back-release": _unrelease,
    "post-anyway": _decide(Choice.POST_ANYWAY, "The next run posts it, whoever else has its number."),
    "reject": _decide(Choice.REJECT, "The next run gives it back to Basware with your reason."),
    "delete": _decide(Choice.DELETE, "The next run deletes what was posted."),
    "reverse": _decide(Choice.REVERSE, "The next run reverses what was posted."),
    "keep": _decide(Choice.KEEP, "What was posted stays in QuickBooks."),
}
"""By the last part of the address."""


def _find(desk: Desk, invoice_id: str) -> DocumentRow | None:
    with desk.database.read() as tx:
        return document_store.get(tx, desk.connection_id, invoice_id)


def _csv_row(one: ListedDocument) -> tuple[object, ...]:
    line = one.line
    return (
        line.invoice_number, line.invoice_id, line.supplier_code, line.supplier, one.invoice_date, " ".join(one.orders),
        line.total, line.currency, line.state, "yes" if one.on_hold else "", ", ".join(line.causes),
        ", ".join(f"{each.type} {each.id}" for each in line.transactions),
        ", ".join(each.number for each in line.transactions), line.received_at,
    )  # fmt: skip


def _early_csv_row(line: DocumentLine) -> tuple[object, ...]:
    """The same columns: Basware has not handed it over, so it has no day, no order and nothing in QuickBooks."""
    return (
        line.invoice_number, line.invoice_id, line.supplier_code, line.supplier, "", "", line.total, line.currency, line.state,
        "", ", ".join(line.causes), "", "", line.received_at,
    )  # fmt: skip
