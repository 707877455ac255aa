"""The screen of a month: whether it is finished, and what keeps it from that. What it says is decided in `work/month.py`."""

from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import Response

from ml_connector.console.formats import Formats
from ml_connector.console.screens import Console
from ml_connector.store.document_search import DocumentFilter, Order
from ml_connector.work.document_lists import ordered_page
from ml_connector.work.month import OPEN, after, before, month_of, month_view, this_month

_CSV = ("month", "state", "open", "documents", "currency", "amount")


def router(console: Console) -> APIRouter:
    """GET /c/{connection}/month; `month` is written as 2026-11, and is the present one where it is left out."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/c/{connection}/month")
    def show(request: Request, connection: str, month: str = "", format: str = "") -> Response:  # noqa: A002
        """The month in counts and money, and its bills that are not in QuickBooks, the first to arrive first."""
        with console.desk(request, connection) as desk:
            first = month_of(month)
            unreadable, first = bool(month) and first is None, first or this_month(desk)
            view = month_view(desk, first)
            if format == "csv":
                rows = [
                    (view.month, one.state, "yes" if one.open else "", one.documents, currency, amount)
                    for one in view.counts
                    for currency, amount in one.money.items() or [("", None)]
                ]
                return console.csv(f"month-{view.month}.csv", _CSV, rows)
            wanted = DocumentFilter(states=frozenset(OPEN), since=view.first, until=view.last)
            waiting = ordered_page(desk, wanted, Order.OLDEST) if view.open else None
            following = after(first) if first < this_month(desk) else None
        dated = f"since={view.first.isoformat()}&until={view.last.isoformat()}"
        open_states = "&".join(f"state={quote(state.value)}" for state in OPEN)
        return console.page(
            request, "today/month.html", connection=connection, view=view, waiting=waiting, dated=dated,
            open_states=open_states, unreadable=month if unreadable else "", name=Formats.month(first),
            before=f"{before(first):%Y-%m}", following=f"{following:%Y-%m}" if following else "",
        )  # fmt: skip

    return routes
