"""Payments: how far documents are paid in QuickBooks, and what Basware was told of it."""

from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import Response

from ml_connector.console.paging import Number, listed
from ml_connector.console.screens import Console
from ml_connector.console.sorting import chosen, headings
from ml_connector.console.trouble import NotFoundError
from ml_connector.model.people import Right
from ml_connector.store import documents
from ml_connector.store.documents import DocumentRow
from ml_connector.store.payments import PaymentSort
from ml_connector.store.schema import PaymentState
from ml_connector.work.deep_links import record_page
from ml_connector.work.desk import Desk
from ml_connector.work.listing import Listing
from ml_connector.work.payments.asking import pick_up_earlier, retry
from ml_connector.work.payments.shown import PaymentLine, payment_list, payment_view

_CSV = (
    "invoice", "invoice id", "vendor", "status", "total", "paid", "discount", "open", "currency", "newest payment", "method",
    "payments", "Basware told at", "waits for",
)  # fmt: skip


def router(console: Console) -> APIRouter:
    """The addresses below /c/{connection}/payments."""
    routes = APIRouter(prefix="/c/{connection}/payments", include_in_schema=False)
    screen = _Screen(console)
    routes.get("")(screen.list_)
    routes.post("/pick-up")(screen.pick_up)
    routes.get("/{invoice_id}")(screen.show)
    routes.post("/{invoice_id}/retry")(screen.retry)
    return routes


class _Screen:
    def __init__(self, console: Console) -> None:
        self._console = console

    def list_(  # noqa: PLR0917 - the framework reads the filters off the signature
        self, request: Request, connection: str, text: str = "", state: str = "", sort: str = "", start: Number = 0,
        format: str = "",  # noqa: A002
    ) -> Response:  # fmt: skip
        """A page of documents that are paid, those last changed first unless another order is asked for; as CSV all that fit."""
        states = (PaymentState(state),) if state in set(PaymentState) else ()
        order = chosen(PaymentSort, sort)

        def found(desk: Desk) -> Listing[str, PaymentLine]:
            return payment_list(desk, states=states, text=text[:200], order=order)

        if format == "csv":
            return self._console.table(
                request, connection, "payments.csv", _CSV, lambda desk: map(_csv_row, found(desk).everything())
            )
        with self._console.desk(request, connection) as desk:
            values = self._values(desk, connection) | {
                "shown": listed(found(desk).page, start, text=text, state=state, sort=sort), "text": text, "state": state,
                "sort": sort, "headings": headings(order, text=text, state=state),
                "states": list(PaymentState), "on": desk.settings.basware.payments.enabled,
            }  # fmt: skip
        return self._console.page(request, "payments/list.html", connection=connection, **values)

    def show(self, request: Request, connection: str, invoice_id: str) -> Response:
        """The payments of one document."""
        with self._console.desk(request, connection) as desk:
            row = _find(desk, invoice_id)
            values = self._values(desk, connection) | {"view": payment_view(desk, row)}
        return self._console.page(request, "payments/payment.html", connection=connection, **values)

    def retry(self, request: Request, connection: str, invoice_id: str) -> Response:
        """Tell Basware once more what it refused."""
        visitor = self._console.visitor(request)
        with self._console.desk(request, connection, Right.DECIDE) as desk:
            row = _find(desk, invoice_id)
            retry(desk, row.invoice_id, visitor.actor)
        to = f"/c/{quote(connection)}/payments/{quote(invoice_id, safe='')}"
        return self._console.done(request, "Basware is told once more with the next run.", to=to)

    def pick_up(self, request: Request, connection: str) -> Response:
        """Tell Basware of what was paid before the connection existed."""
        visitor = self._console.visitor(request)
        with self._console.desk(request, connection, Right.DECIDE) as desk:
            pick_up_earlier(desk, visitor.actor)
        words = "Basware is told of payments from before the connection with the next run."
        return self._console.done(request, words, to=f"/c/{quote(connection)}/payments")

    @staticmethod
    def _values(desk: Desk, connection: str) -> dict[str, Any]:
        settings = desk.settings.quickbooks
        return {
            "place": f"/c/{quote(connection)}/payments",
            "documents": f"/c/{quote(connection)}/documents",
            "quickbooks": lambda kind, quickbooks_id: record_page(settings, kind, quickbooks_id),
        }


def _find(desk: Desk, invoice_id: str) -> DocumentRow:
    with desk.database.read() as tx:
        row = documents.get(tx, desk.connection_id, invoice_id)
    if row is None:
        raise NotFoundError
    return row


def _csv_row(one: PaymentLine) -> tuple[object, ...]:
    return (
        one.invoice_number, one.invoice_id, one.supplier, one.state, one.total, one.paid, one.discount, one.open, one.currency,
        one.day or "", one.method, ", ".join(one.payments), one.told_at or "", "; ".join(cause.title for cause in one.causes),
    )  # fmt: skip
