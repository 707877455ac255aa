"""What follows from QuickBooks' answer to a purchase order of Basware's: a link and the ids of its lines, or a hold.

Called inside the transaction that settles the intent.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from ml_connector.model.holds import Hold
from ml_connector.quickbooks.faults import Action, Fault, rule_for
from ml_connector.quickbooks.queries import literal
from ml_connector.quickbooks.wire import decode
from ml_connector.rules.marker import find_marker
from ml_connector.store import jobs, links, taken_orders
from ml_connector.store.database import Tx
from ml_connector.store.intents import IntentRow
from ml_connector.store.links import LinkRow
from ml_connector.store.schema import Operation, TakenState
from ml_connector.store.taken_orders import TakenOrder
from ml_connector.work.desk import Desk
from ml_connector.work.jobs import Job

ORDER_WRITES = frozenset({Operation.CREATE_ORDER, Operation.UPDATE_ORDER})
ORDERS_FEED = "basware.exportedPurchaseOrders"
LINK = "order"
"""The kind of link between an order of Basware's and the one in QuickBooks."""

_PLAN_AGAIN = {Action.LOOK_UP, Action.REFRESH_LISTS, Action.REREAD, Action.RETRY, Action.WAIT}
_TRIES = 3


def order_posted(tx: Tx, desk: Desk, intent: IntentRow, record: dict[str, Any]) -> None:
    """The order is in QuickBooks as this record."""
    taken = taken_orders.known(tx, desk.connection_id, [intent.subject]).get(intent.subject)
    if taken is None:
        return
    ids = lines_of(record, decode(intent.body.encode()), taken)
    done = msgspec.structs.replace(taken, state=TakenState.DONE, holds=(), line_ids=ids, tries=0)
    taken_orders.put(tx, desk.connection_id, done, desk.clock.now())
    link_order(tx, desk, intent.subject, record)
    jobs.bring_forward(tx, desk.connection_id, Job.ORDERS, desk.clock.now(), desk.clock.now())


def link_order(tx: Tx, desk: Desk, external_code: str, record: dict[str, Any]) -> None:
    """This record of QuickBooks' is the order of Basware's."""
    link = LinkRow(
        kind=LINK,
        basware_id=external_code,
        quickbooks_type="PurchaseOrder",
        quickbooks_id=str(record["Id"]),
        sync_token=str(record.get("SyncToken", "")),
        doc_number=str(record.get("DocNumber", "")),
    )
    links.put(tx, desk.connection_id, link, desk.clock.now())


def lines_of(record: dict[str, Any], body: dict[str, Any], taken: TakenOrder) -> dict[str, str]:
    """The ids of our lines by key: those sent with an id keep it, new ones follow in the order in which they were sent."""
    sent_ids = {str(line["Id"]) for line in body["Line"] if "Id" in line}
    kept = {key: id_ for key, id_ in taken.line_ids.items() if id_ in sent_ids}
    fresh = [str(line["Id"]) for line in record.get("Line", ()) if str(line.get("Id", "")) not in sent_ids]
    new = [key for key in taken.sent_keys if key not in kept]
    return kept | dict(zip(new, fresh, strict=False))


def order_refused(tx: Tx, desk: Desk, intent: IntentRow, faults: Sequence[Fault], holds: tuple[Hold, ...]) -> None:
    """QuickBooks said no: a fresh look may end it; else a person has to."""
    taken = taken_orders.known(tx, desk.connection_id, [intent.subject]).get(intent.subject)
    if taken is None:
        return
    now = desk.clock.now()
    again = taken.tries + 1 < _TRIES and all(rule_for(fault).action in _PLAN_AGAIN for fault in faults)
    held = msgspec.structs.replace(
        taken, state=TakenState.HELD, holds=holds, tries=taken.tries + 1, inbox_id=0 if again else taken.inbox_id
    )
    taken_orders.put(tx, desk.connection_id, held, now)
    if again:
        jobs.bring_forward(tx, desk.connection_id, Job.ORDERS, now, now)


def find_order(desk: Desk, external_code: str, number: str) -> dict[str, Any] | None:
    """The order in QuickBooks that carries our marker; None when there is none."""
    for record in desk.quickbooks.query_all("PurchaseOrder", f"DocNumber = {literal(number)}"):
        marker = find_marker(str(record.get("PrivateNote", "")))
        if marker is not None and marker.invoice_id == external_code:
            return record
    return None
