"""Goods receipts for orders of P2P Purchase, posted by the ledger and booked by P2P some time later.

Source: Basware P2P specification, purchaseGoodsReceipts: an array of at most 100, ImportInProgress until P2P has decided, then
Imported or ImportFailed; what is wrong is told by requestStatus. The answer to a POST is published as one object, not as an array.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from twins.basware.answers import Call, Code, empty, in_json
from twins.basware.bodies import read_entities
from twins.basware.contracts import spend_on_order
from twins.basware.deleting import RecordBin, clean_up
from twins.basware.exports import ORDERS, hand_over, held
from twins.basware.imports import accept, look
from twins.basware.intake import Finding, Intake, Item, Records, Stored
from twins.basware.p2p_store import Row
from twins.basware.pages import Query, answer_page
from twins.basware.receiving import booked, problems_of
from twins.basware.routing import Route
from twins.basware.schemas import schema
from twins.basware.showing import shown
from twins.basware.state import Tenant, World
from twins.basware.values import stamp, to_moment
from twins.http import Response

RESOURCE = "purchaseGoodsReceipts"
IN_PROGRESS, IMPORTED, FAILED = "ImportInProgress", "Imported", "ImportFailed"
_LIMIT = 100
_SCHEMA = "PurchaseGoodsReceiptEntity"
_OWN = frozenset({"processingStatus", "lastUpdated"})
"""Fields that Basware sets; what is sent in them doesn't count."""


def list_receipts(call: Call) -> Response:
    """GET /v1/purchaseGoodsReceipts."""
    query = Query(call, ("processingStatus", "pageSize", "lastUpdated"))
    status = query.word("processingStatus", frozenset({IN_PROGRESS, IMPORTED, FAILED}))
    size, since = query.size(_LIMIT, _LIMIT), query.since()
    if query.wrong:
        return call.refuse(400, Code.PARAMETER, query.wrong)
    look(call.world, call.tenant)
    found = _records(call.tenant.intake).after(query.start(since), status or None)
    return answer_page(query, "goodsReceipts", size, found, partial(_shown, call))


def one_receipt(call: Call, code: str) -> Response:
    """GET /v1/purchaseGoodsReceipts/{externalCode}: still a list, of one."""
    look(call.world, call.tenant)
    stored = _records(call.tenant.intake).stored.get(code)
    return in_json({"goodsReceipts": [_shown(call, stored)]}) if stored else empty(404)


def post_receipts(call: Call) -> Response:
    """POST /v1/purchaseGoodsReceipts: all are stored, or none."""
    body = read_entities(call, schema(_SCHEMA), _LIMIT)
    if isinstance(body, Response):
        return body
    items = [_store(call, receipt) for receipt in body]
    submission = accept(call, "PurchaseGoodsReceipt", "V1", "POST", items)
    submission.resource = RESOURCE
    stored = _records(call.tenant.intake).stored
    echo = [_shown(call, stored[receipt["externalCode"]]) for receipt in body]
    return in_json(echo[0] if len(echo) == 1 and not call.world.switches.receipts_echoed_as_array else echo)


def delete_receipts(call: Call) -> Response:
    """DELETE /v1/purchaseGoodsReceipts: from the API layer only, P2P keeps what it booked."""
    return clean_up(call, RESOURCE, RecordBin(_records(call.tenant.intake)))


def take_in(world: World, intake: Intake, item: Item, found: list[Finding], now: datetime) -> list[Finding]:
    """Let P2P book a receipt, or say why not; `found` is what stands against it anyway."""
    tenant = next(tenant for tenant in world.tenants.values() if tenant.intake is intake)
    receipt = item.entity or {}
    if not found:
        found = [Finding(message) for message in _obstacles(tenant, receipt)]
    failed = any(finding.type == "Error" for finding in found)
    if not failed:
        book(world, tenant, receipt)
        intake.p2p.save(RESOURCE, Row(receipt["externalCode"], receipt, "interface", now), ())
    _decide(intake, item, FAILED if failed else IMPORTED, now)
    return found


def book(world: World, tenant: Tenant, receipt: dict[str, Any]) -> None:
    """Write a receipt onto its order, which is exported again with it. Raises ValueError for one that P2P refuses."""
    order = held(tenant, ORDERS, receipt["orderExternalCode"])
    wrong = problems_of(order, receipt)
    if order is None or wrong:
        raise ValueError("; ".join(wrong))
    order = booked(order, receipt, stamp(world.clock.now()))
    hand_over(world, tenant, ORDERS, order)
    spend_on_order(world, tenant, order)


def _obstacles(tenant: Tenant, receipt: dict[str, Any]) -> list[str]:
    code = receipt["externalCode"]
    if tenant.intake.p2p.row(RESOURCE, code):
        return [f"goods receipt {code} was imported before and can't be changed, only reversed"]
    return problems_of(held(tenant, ORDERS, receipt["orderExternalCode"]), receipt)


def _decide(intake: Intake, item: Item, status: str, now: datetime) -> None:
    """Show what P2P decided, unless the record was replaced or deleted meanwhile."""
    records = _records(intake)
    stored = records.stored.get(item.external_code)
    if stored is None or stored.forwarded is not item:
        return
    entity = {**stored.entity, "processingStatus": status, "lastUpdated": stamp(now)}
    records.put(item.external_code, Stored(entity, now, item), status)


def _store(call: Call, receipt: dict[str, Any]) -> Item:
    """Store a receipt, and tell what is to be sent on to P2P."""
    records, now = _records(call.tenant.intake), to_moment(call.now)
    code = receipt["externalCode"]
    content = {name: value for name, value in receipt.items() if name not in _OWN}
    before = records.stored[code].forwarded if code in records.stored else None
    if before is not None and before.entity == content and call.world.switches.prevent_duplicate_records:
        return Item(code, now, content, unchanged=True)
    item = Item(code, now, content, receipt["orderExternalCode"], take_in=take_in)
    if before is not None and before.outcome == "InProgress":
        before.newer = item
    entity = {**content, "processingStatus": IN_PROGRESS, "lastUpdated": stamp(now)}
    records.put(code, Stored(entity, now, item), IN_PROGRESS)
    return item


def _records(intake: Intake) -> Records:
    return intake.records(RESOURCE)


def _shown(call: Call, stored: Stored) -> Mapping[str, Any]:
    return shown(call.world, _SCHEMA, stored.entity)


_ALL = ("v1", RESOURCE)

ROUTES = (
    Route("GET", _ALL, RESOURCE, list_receipts, RESOURCE),
    Route("POST", _ALL, f"{RESOURCE}Posts", post_receipts, RESOURCE),
    Route("DELETE", _ALL, f"{RESOURCE}Deletions", delete_receipts, RESOURCE),
    Route("GET", (*_ALL, "*"), RESOURCE, one_receipt, RESOURCE),
)
