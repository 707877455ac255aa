"""Purchase orders, and the links of bills to them."""

from typing import Any, Literal

from ml_connector.console.api.operation import Because, Call, InputError, Page, Paged, Text, listed, reader, writer
from ml_connector.console.trouble import NotFoundError
from ml_connector.model.people import Right
from ml_connector.store.copies import CopyContent, CopySort
from ml_connector.work.desk import Desk
from ml_connector.work.feeds.shown import (
    OrderLine,
    OrderLinkLine,
    order_line,
    order_link_list,
    order_list,
    orders_named,
    retry_order,
)
from ml_connector.work.order_links import accept_links
from ml_connector.work.order_views import OrderDetail, order_detail


class OrderQuery(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which orders: with a text in anything an order says, or that have come so far in QuickBooks; `sort`: in which order."""

    text: Text = ""
    state: Literal["", "held", "sending", "done", "nothing"] = ""
    sort: CopySort = CopySort.ARRIVED_DOWN


class LinkQuery(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Only links in a state."""

    state: Literal["", "linked", "dropped", "accepted"] = ""


def _listed(call: Call) -> Page[OrderLine]:
    query: OrderQuery = call.query
    with call.desk() as desk:
        return listed(query, order_list(desk, text=query.text, state=query.state, order=query.sort))


def _named(desk: Desk, call: Call) -> CopyContent:
    found = orders_named(desk, call.given["order"])
    if not found:
        raise NotFoundError
    if len(found) > 1:
        codes = ", ".join(one.external_id for one in found)
        raise InputError(f"Several orders carry this number: name one of them by its external code: {codes}.")
    return found[0]


def _one(call: Call) -> OrderDetail:
    with call.desk() as desk:
        return order_detail(desk, _named(desk, call))


def _retry(call: Call) -> OrderLine:
    with call.desk() as desk:
        found = _named(desk, call)
        if not retry_order(desk, found, call.visitor.actor):
            raise InputError(
                "This order is being sent just now, or was never meant for QuickBooks. Nothing was changed."
            )
        return order_line(desk, found)


def _links(call: Call) -> Page[OrderLinkLine]:
    query: LinkQuery = call.query
    with call.desk() as desk:
        return listed(query, order_link_list(desk, state=query.state))


def _accept(call: Call) -> Page[OrderLinkLine]:
    with call.desk() as desk:
        row = call.document(desk)
        if not accept_links(desk, row.invoice_id, actor=call.visitor.actor, reason=call.body.reason):
            raise InputError("QuickBooks left no order link of this document out. Nothing was changed.")
        found = [one for one in order_link_list(desk, state="accepted").page() if one.invoice_id == row.invoice_id]
    return Page(items=found)


_TAG, _ALL = "purchase orders", "/connections/{connection}/orders"
_MAY: dict[str, Any] = {"right": Right.DECIDE}
OPERATIONS = (
    reader(_TAG, _ALL, "Purchase orders, last arrived first", Page[OrderLine], _listed, query=OrderQuery),
    reader(_TAG, f"{_ALL}/{{order}}", "One order, by number or external code", OrderDetail, _one),
    writer(_TAG, f"{_ALL}/{{order}}/retry", "Plan an order again", OrderLine, _retry, **_MAY),
    reader(
        _TAG,
        "/connections/{connection}/order-links",
        "Bills linked to lines of orders",
        Page[OrderLinkLine],
        _links,
        query=LinkQuery,
    ),
    writer(
        _TAG,
        "/connections/{connection}/documents/{invoice}/order-links/accept",
        "The bill may stay without its links",
        Page[OrderLinkLine],
        _accept,
        body=Because,
        **_MAY,
    ),
)
