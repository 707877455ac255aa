"""Purchase orders of Basware: how far each has come in QuickBooks, its lines, and the bills that take of them."""

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from ml_connector.console.paging import Number, listed
from ml_connector.console.screens import Console
from ml_connector.console.sorting import chosen, headings
from ml_connector.console.trouble import NotFoundError
from ml_connector.model.people import Right
from ml_connector.store import copies
from ml_connector.store.copies import CopyContent, CopySort
from ml_connector.store.schema import OrderLinkState, TakenState
from ml_connector.work.decisions import DecisionError, required_reason
from ml_connector.work.deep_links import record_page
from ml_connector.work.desk import Desk
from ml_connector.work.feeds import orders
from ml_connector.work.feeds.shown import OrderLine, order_link_list, order_list, retry_order
from ml_connector.work.listing import Listing
from ml_connector.work.order_links import accept_links
from ml_connector.work.order_views import order_detail

_CSV = (
    "order", "external code", "company", "vendor code", "vendor", "status in Basware", "net", "currency", "lines",
    "in QuickBooks", "id in QuickBooks", "waits for", "arrived at",
)  # fmt: skip
_LINKS_CSV = ("invoice", "bill", "order", "line", "amount", "currency", "status", "why")


def router(console: Console) -> APIRouter:
    """The addresses below /c/{connection}/orders."""
    routes = APIRouter(prefix="/c/{connection}/orders", include_in_schema=False)
    screen = _Screen(console)
    routes.get("")(screen.list_)
    routes.get("/links")(screen.links)
    routes.post("/links/{invoice_id}/accept")(screen.accept)
    routes.get("/{code}")(screen.show)
    routes.post("/{code}/retry")(screen.retry)
    return routes


class _Screen:
    def __init__(self, console: Console) -> None:
        self._console = console

    def list_(  # noqa: PLR0917 - the framework reads the filters off the signature
        self, request: Request, connection: str, text: str = "", state: str = "", sort: str = "", start: Number = 0,
        format: str = "",  # noqa: A002
    ) -> Response:  # fmt: skip
        """A page of orders, last arrived first unless another order is asked for; as CSV all that fit."""
        wanted = state if state in set(TakenState) else ""
        order = chosen(CopySort, sort)

        def found(desk: Desk) -> Listing[str, OrderLine]:
            return order_list(desk, text=text[:200], state=wanted, order=order)

        if format == "csv":
            return self._console.table(
                request, connection, "purchase-orders.csv", _CSV, lambda desk: map(_csv_row, found(desk).everything())
            )
        with self._console.desk(request, connection) as desk:
            own = desk.settings.basware.orders
            values = self._values(desk, connection) | {
                "shown": listed(found(desk).page, start, text=text, state=wanted, sort=sort), "text": text, "state": wanted,
                "sort": sort, "headings": headings(order, text=text, state=wanted), "states": list(TakenState),
                "on": own.enabled, "posts": own.post,
            }  # fmt: skip
        return self._console.page(request, "orders/list.html", connection=connection, **values)

    def show(self, request: Request, connection: str, code: str) -> Response:
        """One order."""
        with self._console.desk(request, connection) as desk:
            values = self._values(desk, connection) | {"view": order_detail(desk, _find(desk, code))}
        return self._console.page(request, "orders/order.html", connection=connection, **values)

    def retry(self, request: Request, connection: str, code: str) -> Response:
        """Plan an order again."""
        visitor = self._console.visitor(request)
        with self._console.desk(request, connection, Right.DECIDE) as desk:
            if not retry_order(desk, _find(desk, code), visitor.actor):
                raise DecisionError("This order is being sent just now, or is only kept here. Nothing was changed.")
        to = f"/c/{quote(connection)}/orders/{quote(code, safe='')}"
        return self._console.done(request, f"Order {code} is planned again with the next run.", to=to)

    def links(
        self, request: Request, connection: str, state: str = "", start: Number = 0, format: str = "",  # noqa: A002
    ) -> Response:  # fmt: skip
        """Bills linked to lines of orders, and links that QuickBooks left out."""
        wanted = state if state in set(OrderLinkState) else ""
        if format == "csv":
            return self._console.table(
                request, connection, "order-links.csv", _LINKS_CSV,
                lambda desk: (
                    (
                        one.invoice_number, one.bill_id, one.order_id, one.order_line_id, one.amount, one.currency, one.state,
                        one.why,
                    )
                    for one in order_link_list(desk, state=wanted).everything()
                ),
            )  # fmt: skip
        with self._console.desk(request, connection) as desk:
            values = self._values(desk, connection) | {
                "shown": listed(order_link_list(desk, state=wanted).page, start, state=wanted),
                "state": wanted,
                "states": list(OrderLinkState),
            }
        return self._console.page(request, "orders/links.html", connection=connection, **values)

    def accept(
        self, request: Request, connection: str, invoice_id: str, reason: Annotated[str, Form()] = ""
    ) -> Response:
        """A bill may stay without the links that QuickBooks left out."""
        why = required_reason(reason)
        visitor = self._console.visitor(request)
        with self._console.desk(request, connection, Right.DECIDE) as desk:
            if not accept_links(desk, invoice_id, actor=visitor.actor, reason=why):
                raise DecisionError("QuickBooks left no order link of this invoice out. Nothing was changed.")
        to = f"/c/{quote(connection)}/orders/links"
        return self._console.done(request, "The bill stays without its order links.", to=to)

    @staticmethod
    def _values(desk: Desk, connection: str) -> dict[str, Any]:
        settings = desk.settings.quickbooks
        return {
            "place": f"/c/{quote(connection)}/orders",
            "documents": f"/c/{quote(connection)}/documents",
            "quickbooks": lambda kind, quickbooks_id: record_page(settings, kind, quickbooks_id),
        }


def _find(desk: Desk, code: str) -> CopyContent:
    with desk.database.read() as tx:
        found = copies.content(tx, desk.connection_id, orders.FEED, code)
    if found is None:
        raise NotFoundError
    return found


def _csv_row(one: OrderLine) -> tuple[object, ...]:
    return (
        one.number, one.external_code, one.company_code, one.supplier_code, one.supplier, one.status, one.net_sum,
        one.currency, one.lines, one.quickbooks, one.quickbooks_id, "; ".join(one.problems), one.received_at,
    )  # fmt: skip
