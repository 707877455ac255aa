"""What people are shown of feeds: how each job of a connection stands, purchase orders, and what became of requests.

Read only; the shapes are those of `--json`.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple

import msgspec

from ml_connector.model.timetable import JobPlan
from ml_connector.rules.causes import describe
from ml_connector.store import (
    audit,
    connections,
    copies,
    documents,
    jobs,
    links,
    notices,
    order_links,
    taken_orders,
)
from ml_connector.store.connections import ConnectionRow
from ml_connector.store.copies import CopyContent, CopySort
from ml_connector.store.database import Tx
from ml_connector.store.documents import NOT_HERE
from ml_connector.store.jobs import JobRow
from ml_connector.store.order_links import LinkKey, OrderLinkRow
from ml_connector.store.schema import OrderLinkState, System, TakenState
from ml_connector.store.taken_orders import TakenOrder
from ml_connector.work.desk import Desk
from ml_connector.work.feeds import orders
from ml_connector.work.jobs import ABOUT, TASK_TYPES, Job
from ml_connector.work.listing import Listing
from ml_connector.work.registry import PERFORM
from ml_connector.work.schedule import due_of, paused_why, plans_of


class FeedLine(msgspec.Struct, frozen=True, kw_only=True):
    """One job. `state`: on, off (by the settings), paused or failing. `lag_seconds`: how old what is known of the other system may
    be; None before the first run. `waiting`: announcements nobody has read up on yet."""

    job: str
    about: str
    state: str
    last_success: datetime | None
    current_to: datetime | None
    lag_seconds: int | None
    failures: int
    problem: str
    outcome: str
    waiting: int
    next_due: datetime | None


class OrderLine(msgspec.Struct, frozen=True, kw_only=True):
    """A purchase order in a list. `net_sum` is in `currency`; None when the order names none. `quickbooks` says how far it has come
    there: held, sending, done or nothing; empty where orders are only kept. `causes` are codes, `problems` the same in words."""

    external_code: str
    number: str
    company_code: str
    supplier_code: str
    supplier: str
    status: str
    net_sum: Decimal | None
    currency: str
    lines: int
    acknowledged: bool
    received_at: datetime
    quickbooks: str
    quickbooks_id: str
    causes: tuple[str, ...]
    problems: tuple[str, ...]


class OrderLinkLine(msgspec.Struct, frozen=True, kw_only=True):
    """A link from a bill to a line of a purchase order that QuickBooks was asked for. `state`: linked, dropped (QuickBooks left it
    out), accepted (a person said that it may stay so). `amount`, in `currency`, is what the bill takes of the line; `why` it is as
    it is."""

    invoice_number: str
    invoice_id: str
    bill_id: str
    order_id: str
    order_line_id: str
    amount: Decimal
    currency: str
    state: str
    why: str


def feed_lines(desk: Desk, among: Collection[Job] = tuple(Job)) -> list[FeedLine]:
    """Every job of the connection, also those that are switched off; or those that are named."""
    with desk.database.read() as tx:
        row = connections.get(tx, desk.connection_id)
        past, plans = jobs.of_connection(tx, desk.connection_id), plans_of(row)
        return [
            _feed_line(tx, desk, job, past.get(job, JobRow(connection_id=row.id, job=job)), _Plan(row, plans.get(job)))
            for job in Job
            if job in PERFORM and job in among
        ]


class _Plan(NamedTuple):
    """When a job is to run, None when the connection does not have it."""

    connection: ConnectionRow
    plan: JobPlan | None


def _feed_line(tx: Tx, desk: Desk, job: Job, past: JobRow, planned: _Plan) -> FeedLine:
    now, on = desk.clock.now(), planned.plan is not None
    lag = max(0, int((now - past.current_to).total_seconds())) if past.current_to else None
    return FeedLine(
        job=job.value,
        about=ABOUT[job],
        state=_state(planned.connection, past, on=on),
        last_success=past.succeeded_at,
        current_to=past.current_to,
        lag_seconds=lag if on else None,
        failures=past.failures,
        problem=past.problem,
        outcome=past.outcome,
        waiting=_waiting(tx, desk, job),
        next_due=_next_due(tx, desk, job, past, planned),
    )


def _state(row: ConnectionRow, past: JobRow, *, on: bool) -> str:
    if not on:
        return "off"
    if paused_why(row, past):
        return "paused"
    return "failing" if past.failures else "on"


def _waiting(tx: Tx, desk: Desk, job: Job) -> int:
    if job is Job.CHANGES:
        return notices.waiting_count(tx, desk.connection_id, System.QUICKBOOKS)
    types = TASK_TYPES.get(job)
    return notices.waiting_count(tx, desk.connection_id, System.BASWARE, types) if types else 0


def _next_due(tx: Tx, desk: Desk, job: Job, past: JobRow, planned: _Plan) -> datetime | None:
    """When the job runs next by its plan, its past and what waits for it."""
    if planned.plan is None or past.paused_at is not None:
        return None
    return due_of(tx, planned.connection, job, planned.plan, desk.clock.now(), past).at


def order_list(
    desk: Desk, *, text: str = "", state: str = "", order: CopySort = CopySort.ARRIVED_DOWN
) -> Listing[str, OrderLine]:
    """Purchase orders, last arrived first unless told otherwise; `state` leaves only those that have come so far in QuickBooks."""
    among = taken_orders.in_state(desk.connection_id, TakenState(state)) if state else None
    found = copies.ordered(desk.connection_id, orders.FEED, text=text, among=among, order=order)
    return Listing(desk.database, found, partial(_order_lines, desk))


def _order_lines(desk: Desk, external_ids: Sequence[str]) -> list[OrderLine]:
    with desk.database.read() as tx:
        found = copies.these(tx, desk.connection_id, orders.FEED, external_ids)
        taken = taken_orders.known(tx, desk.connection_id, [one.external_id for one in found])
        linked = links.for_records(tx, desk.connection_id, "order", [one.external_id for one in found])
        there = {external_id: some[0].quickbooks_id for external_id, some in linked.items()}
    return [_order_line(one, taken.get(one.external_id), there.get(one.external_id, "")) for one in found]


def order_line(desk: Desk, one: CopyContent) -> OrderLine:
    """An order as a list shows it."""
    with desk.database.read() as tx:
        taken = taken_orders.known(tx, desk.connection_id, [one.external_id]).get(one.external_id)
        there = links.for_record(tx, desk.connection_id, "order", one.external_id)
    return _order_line(one, taken, there[0].quickbooks_id if there else "")


def order_link_list(desk: Desk, *, state: str = "") -> Listing[LinkKey, OrderLinkLine]:
    """Links of bills to orders, newest first; those in one state or all."""
    found = order_links.ordered(desk.connection_id, states=[OrderLinkState(state)] if state else [])
    return Listing(desk.database, found, partial(_order_link_lines, desk))


def _order_link_lines(desk: Desk, keys: Sequence[LinkKey]) -> list[OrderLinkLine]:
    with desk.database.read() as tx:
        rows = order_links.these(tx, desk.connection_id, keys)
    return link_lines(desk, rows)


def link_lines(desk: Desk, rows: Sequence[OrderLinkRow]) -> list[OrderLinkLine]:
    """Links with the numbers and currencies of their documents."""
    with desk.database.read() as tx:
        told = documents.told(tx, desk.connection_id, {row.invoice_id for row in rows})
    return [
        OrderLinkLine(
            invoice_number=told.get(row.invoice_id, NOT_HERE).number,
            currency=told.get(row.invoice_id, NOT_HERE).currency,
            **{
                name: getattr(row, name)
                for name in ("invoice_id", "bill_id", "order_id", "order_line_id", "amount", "why")
            },
            state=row.state.value,
        )
        for row in rows
    ]


def retry_order(desk: Desk, one: CopyContent, actor: str) -> bool:
    """Have an order planned again at the next run, because a person put something right; False when it is being sent or orders are
    not put into QuickBooks."""
    now = desk.clock.now()
    with desk.database.write() as tx:
        if not taken_orders.plan_afresh(tx, desk.connection_id, one.external_id, now):
            return False
        jobs.ask(tx, desk.connection_id, Job.ORDERS, now, actor)
        audit.record(tx, desk.connection_id, at=now, actor=actor, action="order tried again", subject=one.external_id)
    return True


def orders_named(desk: Desk, name: str) -> list[CopyContent]:
    """Orders by external code, or by order number."""
    with desk.database.read() as tx:
        exact = copies.content(tx, desk.connection_id, orders.FEED, name)
        if exact is not None:
            return [exact]
        return [
            one
            for one in copies.listing(tx, desk.connection_id, orders.FEED, text=name, limit=1000)
            if name in {_text(_fields(one), "orderNumber"), _text(_fields(one), "extOrderNumber")}
        ]


def _order_line(one: CopyContent, taken: TakenOrder | None, quickbooks_id: str) -> OrderLine:
    fields = _fields(one)
    net = fields.get("netSum")
    rows = fields.get("orderLines")
    return OrderLine(
        external_code=one.external_id,
        number=_text(fields, "orderNumber"),
        company_code=_text(fields, "companyCode"),
        supplier_code=_text(fields, "supplierCode"),
        supplier=_text(fields, "supplierName"),
        status=_text(fields, "orderStatus"),
        net_sum=Decimal(net) if isinstance(net, (int, Decimal)) and not isinstance(net, bool) else None,
        currency=_text(fields, "purchaseCurrency"),
        lines=len(rows) if isinstance(rows, list) else 0,
        acknowledged=one.acknowledged,
        received_at=one.received_at,
        quickbooks=taken.state.value if taken else "",
        quickbooks_id=quickbooks_id,
        causes=tuple(hold.cause.value for hold in taken.holds) if taken else (),
        problems=tuple(describe(hold).sentence for hold in taken.holds) if taken else (),
    )


_DECODER = msgspec.json.Decoder(float_hook=Decimal)


def _fields(one: CopyContent) -> dict[str, Any]:
    try:
        tree = _DECODER.decode(one.payload)
    except (msgspec.DecodeError, RecursionError):
        return {}
    return tree if isinstance(tree, dict) else {}


def _text(fields: dict[str, Any], name: str) -> str:
    value = fields.get(name)
    return value if isinstance(value, str) else ""
