"""Putting the purchase orders that were taken over from Basware into QuickBooks: planned here, sent by the outbox.

An order is looked up in QuickBooks before it is written: one that carries our marker is ours, whatever our own records say.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from ml_connector.basware.exported_orders import UnreadableOrderError, read_order
from ml_connector.flows.identity import order_intent_id
from ml_connector.flows.orders_in import Surroundings, plan_order
from ml_connector.model.holds import Cause, Hold
from ml_connector.model.mapping import Dimension
from ml_connector.model.orders import ExportedOrder, OrderItem, OrderPlan, WantedOrder
from ml_connector.quickbooks import wire
from ml_connector.quickbooks.queries import ids_in, numbers_in
from ml_connector.quickbooks.translation_orders import item_from, made_of, order_body, order_update_body
from ml_connector.quickbooks.wire import MAX_BATCH_ITEMS, UnsendableError
from ml_connector.rules.marker import find_marker
from ml_connector.rules.texts import shorten_number
from ml_connector.store import audit, intents, jobs, links, mappings, taken_orders
from ml_connector.store import books as book_store
from ml_connector.store.database import Tx
from ml_connector.store.intents import IntentRow, NewIntent
from ml_connector.store.schema import IntentState, Operation, System, TakenState
from ml_connector.store.taken_orders import DueOrder, TakenOrder
from ml_connector.work.desk import Desk
from ml_connector.work.jobs import Job
from ml_connector.work.lists import load_books, refresh_lists
from ml_connector.work.order_results import LINK, ORDERS_FEED, link_order

FEED = ORDERS_FEED
ENTITY = "PurchaseOrder"
_CHUNK = 200


class Posted(msgspec.Struct, kw_only=True):
    """What planning came to, in orders. `queued`: writes that are in the outbox now."""

    queued: int = 0
    held: int = 0


class _Known(msgspec.Struct, frozen=True, kw_only=True):
    """An order to plan with what QuickBooks has of it."""

    due: DueOrder
    order: ExportedOrder
    record: dict[str, Any] | None


def post_orders(desk: Desk) -> Posted:
    """Plan every order that changed or waits, and put what follows into the outbox. Raises what QuickBooks' client raises."""
    posted = Posted()
    with desk.database.read() as tx:
        due = taken_orders.due(tx, desk.connection_id, FEED)
    if not due:
        return posted
    refresh_lists(desk)
    around = _surroundings(desk)
    for start in range(0, len(due), _CHUNK):
        desk.keep_lease()
        readable = list(_readable(desk, due[start : start + _CHUNK], posted))
        for one in _with_records(desk, readable):
            _plan(desk, one, around, posted)
    if posted.queued:
        with desk.write() as tx:
            jobs.bring_forward(tx, desk.connection_id, Job.INVOICES, desk.clock.now(), desk.clock.now())
    return posted


def _surroundings(desk: Desk) -> Surroundings:
    books = load_books(desk)
    with desk.database.read() as tx:
        mapping = mappings.load(tx, desk.connection_id)
        vendor_links = {
            one.basware_id: one.quickbooks_id for one in links.all_of_kind(tx, desk.connection_id, "vendor")
        }
        items = list(_items(tx, desk)) if desk.settings.basware.orders.items else []
    vendor_links |= {one.code: one.target_id for one in mapping.rules if one.dimension is Dimension.VENDOR and one.code}
    return Surroundings(
        books=books,
        mapping=mapping,
        policy=desk.policy,
        vendor_links=vendor_links,
        items={one.sku: one for one in items if one.sku and one.active},
    )


def _items(tx: Tx, desk: Desk) -> Iterator[OrderItem]:
    for row in book_store.all_of(tx, desk.connection_id, "Item"):
        yield item_from(wire.decode(row.payload.encode()))


def _readable(desk: Desk, due: Sequence[DueOrder], posted: Posted) -> Iterator[tuple[DueOrder, ExportedOrder]]:
    for one in due:
        try:
            yield one, read_order(one.payload)
        except UnreadableOrderError as error:
            _hold(desk, one, (unreadable(one.external_id, str(error)),), posted)


def unreadable(order: str, why: str) -> Hold:
    """The hold of an order that cannot be read or sent."""
    return Hold(cause=Cause.ORDER_UNREADABLE, subject=order, facts={"order": order, "why": why})


def _with_records(desk: Desk, readable: Sequence[tuple[DueOrder, ExportedOrder]]) -> Iterator[_Known]:
    """Orders with what QuickBooks has of them, all looked up together: linked ones by id, others by number and marker."""
    with desk.database.read() as tx:
        linked = {
            due.external_id: own[0].quickbooks_id
            for due, _ in readable
            if (own := links.for_record(tx, desk.connection_id, LINK, due.external_id))
        }
    numbers = [shorten_number(order.number) for due, order in readable if due.external_id not in linked]
    statements = [*ids_in(ENTITY, linked.values()), *numbers_in(ENTITY, filter(None, numbers))]
    records = list[dict[str, Any]]()
    for start in range(0, len(statements), MAX_BATCH_ITEMS):
        for rows in desk.quickbooks.batch_queries(statements[start : start + MAX_BATCH_ITEMS]):
            records.extend(rows)
    by_id = {str(record["Id"]): record for record in records}
    marked = {
        marker.invoice_id: record
        for record in records
        if (marker := find_marker(str(record.get("PrivateNote", "")))) is not None
    }
    for due, order in readable:
        record = by_id.get(linked.get(due.external_id, "")) or marked.get(due.external_id)
        yield _Known(due=due, order=order, record=record)


def _plan(desk: Desk, known: _Known, around: Surroundings, posted: Posted) -> None:
    """Decide on one order and write it down with its intent."""
    plan = plan_order(known.order, around, exists=known.record is not None)
    if plan.wanted is None:
        _settle(desk, known.due, plan, posted)
        return
    with desk.database.read() as tx:
        before = taken_orders.known(tx, desk.connection_id, [known.due.external_id]).get(known.due.external_id)
        updates = intents.for_subject(tx, desk.connection_id, Operation.UPDATE_ORDER, known.due.external_id)
    line_ids = _line_ids(known, before, updates)
    wanted = msgspec.structs.replace(plan.wanted, reopened=_is_reopened(plan.wanted, known, updates))
    try:
        body = _body(wanted, known.record, line_ids)
    except UnsendableError as error:
        _hold(desk, known.due, (unreadable(known.order.number, str(error)),), posted)
        return
    with desk.write() as tx:
        if known.record is not None:
            link_order(tx, desk, known.due.external_id, known.record)
        _queue(tx, desk, known, body)
        taken = TakenOrder(
            external_code=known.due.external_id,
            inbox_id=known.due.inbox_id,
            state=TakenState.SENDING,
            sent_keys=tuple(line.key for line in wanted.lines),
            line_ids=line_ids,
            tries=before.tries if before is not None and not before.inbox_id else 0,  # a new version begins anew
        )
        taken_orders.put(tx, desk.connection_id, taken, desk.clock.now())
    posted.queued += 1


def _line_ids(known: _Known, before: TakenOrder | None, updates: Sequence[IntentRow]) -> dict[str, str]:
    """The ids of our lines by key. An update whose answer got lost may have added lines that nobody told us of: it is refused when
    it is sent again, because the order is another by then."""
    if before is None or known.record is None:
        return {} if before is None else before.line_ids
    if not updates or updates[-1].state is not IntentState.REFUSED:
        return before.line_ids
    sent = wire.decode(updates[-1].body.encode())
    sent_ids = {str(line["Id"]) for line in sent["Line"] if "Id" in line}
    new = [key for key in before.sent_keys if before.line_ids.get(key, "") not in sent_ids]
    return before.line_ids | {key: id_ for key, id_ in zip(new, made_of(sent, known.record), strict=False) if id_}


def _is_reopened(wanted: WantedOrder, known: _Known, updates: Sequence[IntentRow]) -> bool:
    """Whether an order that we closed is open in Basware again. One that QuickBooks or a person closed stays closed."""
    done = [one for one in updates if one.state is IntentState.DONE]
    if wanted.closed or known.record is None or known.record.get("POStatus") != "Closed" or not done:
        return False
    return bool(wire.decode(done[-1].body.encode()).get("POStatus") == "Closed")


def _body(wanted: WantedOrder, record: dict[str, Any] | None, line_ids: dict[str, str]) -> str:
    if record is None:
        return wire.encode(order_body(wanted)).decode()
    known = line_ids or dict(
        zip((one.key for one in wanted.lines), (str(one["Id"]) for one in record["Line"]), strict=False)
    )
    return wire.encode(order_update_body(wanted, record, known)).decode()


def _queue(tx: Tx, desk: Desk, known: _Known, body: str) -> None:
    operation = Operation.CREATE_ORDER if known.record is None else Operation.UPDATE_ORDER
    code = known.due.external_id
    generation = intents.ended_count(tx, desk.connection_id, operation, code)
    name = order_intent_id(desk.connection_id, code, operation=operation.value, generation=generation)
    intent = NewIntent(
        id=name, system=System.QUICKBOOKS, operation=operation, subject=code, entity=ENTITY, body=body, request_id=name
    )
    intents.add(tx, desk.connection_id, intent, desk.clock.now())


def _settle(desk: Desk, due: DueOrder, plan: OrderPlan, posted: Posted) -> None:
    if plan.holds:
        _hold(desk, due, plan.holds, posted)
        return
    with desk.write() as tx:
        nothing = TakenOrder(external_code=due.external_id, inbox_id=due.inbox_id, state=TakenState.NOTHING)
        taken_orders.put(tx, desk.connection_id, nothing, desk.clock.now())


def _hold(desk: Desk, due: DueOrder, holds: tuple[Hold, ...], posted: Posted) -> None:
    posted.held += 1
    now = desk.clock.now()
    with desk.write() as tx:
        before = taken_orders.known(tx, desk.connection_id, [due.external_id]).get(due.external_id)
        if before is not None and (before.holds, before.inbox_id) == (holds, due.inbox_id):
            return
        base = before or TakenOrder(external_code=due.external_id, inbox_id=due.inbox_id, state=TakenState.HELD)
        held = msgspec.structs.replace(base, inbox_id=due.inbox_id, state=TakenState.HELD, holds=holds, tries=0)
        taken_orders.put(tx, desk.connection_id, held, now)
        audit.record(
            tx, desk.connection_id, at=now, actor=desk.worker, action="order held", subject=due.external_id,
            reason=", ".join(one.cause for one in holds),
        )  # fmt: skip
