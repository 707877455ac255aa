"""Data that P2P hands out: purchase orders, requisitions, contracts and what was spent on these.

Source: Basware P2P specification, exportedPurchaseOrders, exportedPurchaseRequisitions, exportedContracts, exportedContractSpends.
Each record waits for export until it is acknowledged, and again after every change in P2P. The filter for it has another name on
each list. Orders and requisitions are redirected as accounting documents are, and acknowledged one by one, without a body.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Any

from twins.basware.answers import WITH_REFUSAL_BODIES, Call, Code, empty, in_text
from twins.basware.bodies import read_entity
from twins.basware.deleting import RecordBin, clean_up
from twins.basware.downloads import deliver
from twins.basware.imports import look
from twins.basware.intake import Records, Stored
from twins.basware.notices import Notice
from twins.basware.p2p_store import Row
from twins.basware.pages import Query
from twins.basware.routing import Route
from twins.basware.schemas import problems, schema
from twins.basware.showing import shown
from twins.basware.state import Tenant, World
from twins.basware.values import encode, parse_instant, stamp, to_moment
from twins.http import Response

WAITING, EXPORTED = "WaitingForExport", "Exported"
_STATUSES = frozenset({WAITING, EXPORTED})


@dataclass(frozen=True)
class Export:
    """One kind of exported data: its path, the names around it, its pages, and how it is acknowledged."""

    resource: str
    wrapper: str
    entity: str
    status: str
    """The query parameter that filters by processing status."""
    usual: int
    most: int
    filters: tuple[str, ...] = ()
    """Query parameters that are compared with the field of the same name."""
    words: Mapping[str, frozenset[str]] = field(default_factory=dict)
    one_by_one: bool = True
    """Redirected, and acknowledged one by one; otherwise at once, and acknowledged in bulk."""
    exported_at: str = ""
    """The field that says when P2P handed the record over."""

    @property
    def table(self) -> str:
        """Where P2P itself keeps it."""
        return self.task_type.removeprefix("Exported")

    @property
    def task_type(self) -> str:
        """What notifications about it are called."""
        return self.resource[0].upper() + self.resource[1:]


ORDERS = Export(
    "exportedPurchaseOrders",
    "exportedPurchaseOrders",
    "ExportedPurchaseOrderEntity",
    "orderStatus",
    100,
    100,
    ("companyCode",),
    exported_at="orderExportTimestamp",
)
REQUISITIONS = Export(
    "exportedPurchaseRequisitions",
    "exportedPurchaseRequisitions",
    "ExportedPurchaseRequisitionEntity",
    "status",
    100,
    100,
    ("companyCode",),
    exported_at="requisitionExportTimestamp",
)
CONTRACTS = Export(
    "exportedContracts",
    "contracts",
    "ExportedContractEntity",
    "processingStatus",
    200,
    500,
    ("companyCode",),
    one_by_one=False,
)
SPENDS = Export(
    "exportedContractSpends",
    "contractSpends",
    "ExportedContractSpendEntity",
    "processingStatus",
    500,
    500,
    ("contractExternalCode", "documentType"),
    {"documentType": frozenset({"AccountingDocument", "PurchaseOrder", "SpendPlan"})},
    one_by_one=False,
)
EXPORTS = (ORDERS, REQUISITIONS, CONTRACTS, SPENDS)


def in_p2p(tenant: Tenant, export: Export) -> Iterator[dict[str, Any]]:
    """Everything of a kind that P2P holds. It stays when the interface's own copy is deleted."""
    return (row.entity for row in tenant.intake.p2p.rows(export.table))


def held(tenant: Tenant, export: Export, code: str) -> dict[str, Any] | None:
    """What P2P holds under an external code."""
    row = tenant.intake.p2p.row(export.table, code)
    return row.entity if row else None


def hand_over(world: World, tenant: Tenant, export: Export, entity: Mapping[str, Any]) -> str:
    """Export a record, new or changed, and announce it. Raises ValueError for one that breaks the published schema."""
    now = to_moment(world.clock.now())
    stamps = {"processingStatus": WAITING, "lastUpdated": stamp(now)}
    if export.exported_at:
        stamps[export.exported_at] = stamp(now)
    keep(tenant, export, {**entity, **stamps})
    code = str(entity["externalCode"])
    world.announce(Notice(tenant.client_id, export.task_type, WAITING, code))
    return code


def keep(tenant: Tenant, export: Export, entity: dict[str, Any]) -> None:
    """Store a record as it is, in P2P and for the interface. Raises ValueError for one that breaks the published schema."""
    if found := problems(schema(export.entity), entity):
        raise ValueError(f"{export.resource} {entity.get('externalCode', '')}: {'; '.join(found)}")
    code, instant = entity["externalCode"], parse_instant(entity["lastUpdated"])
    tenant.intake.p2p.save(export.table, Row(code, entity, "person", instant), ())
    _shelf(tenant, export).put(code, Stored(entity, instant), entity["processingStatus"])


def seed_exports(tenant: Tenant, seed: Mapping[str, Any], now: datetime) -> None:
    """Take in what a seed holds of each kind, as the interface shows it. Raises ValueError for what it couldn't show."""
    for export in EXPORTS:
        for entity in seed.get(export.resource) or ():
            keep(tenant, export, {"processingStatus": WAITING, "lastUpdated": stamp(now), **entity})


def list_exported(export: Export, call: Call) -> Response:
    """GET on the list of a kind."""
    query = Query(call, (export.status, "pageSize", "lastUpdated", *export.filters))
    status = query.word(export.status, _STATUSES)
    wanted = {name: query.text(name) for name in export.filters if query.text(name)}
    for name, words in export.words.items():
        query.word(name, words)
    size, since = query.size(export.usual, export.most), query.since()
    if query.wrong:
        return call.refuse(400, Code.PARAMETER, query.wrong)
    look(call.world, call.tenant)
    found = (
        (place, stored.entity)
        for place, stored in _shelf(call.tenant, export).after(query.start(since), status or None)
        if all(stored.entity.get(name) == value for name, value in wanted.items())
    )
    page = list(islice(found, size))
    if not page:
        return _nothing(export, call)
    more = next(found, None) is not None
    return _shown(export, call, [entity for _, entity in page], query.leading(page[-1][0]) if more else {})


def one_exported(export: Export, call: Call, code: str) -> Response:
    """GET on one record: still a list, of one."""
    look(call.world, call.tenant)
    stored = _shelf(call.tenant, export).stored.get(code)
    return _nothing(export, call) if stored is None else _shown(export, call, [stored.entity], {})


def acknowledge_one(export: Export, call: Call, code: str) -> Response:
    """POST …/{externalCode}/acknowledge: once per export."""
    stored = _shelf(call.tenant, export).stored.get(code)
    if stored is None:
        return empty(404)
    if stored.entity["processingStatus"] == EXPORTED:
        return empty(405)
    _acknowledge(call, export, code, stored, stored_at=to_moment(call.now))
    return in_text(f"{code} acknowledged.")


def acknowledge_many(export: Export, call: Call) -> Response:
    """POST …/acknowledge with codes, or with the instant after which everything counts; 405 when one code was before."""
    body = read_entity(call, schema("AcknowledgeRequest"))
    if isinstance(body, Response):
        return body
    codes, since = body.get("externalCodes"), body.get("lastUpdated")
    if bool(codes) == bool(since):
        return call.refuse(400, Code.SCHEMA, ["lastUpdated or externalCodes: one of them is required, and not both"])
    known = _shelf(call.tenant, export).stored
    if since:
        after = parse_instant(since)
        codes = [code for code, stored in known.items() if stored.updated > after and _waits(stored)]
    if not codes or any(code not in known for code in codes):
        return empty(404)
    if any(not _waits(known[code]) for code in codes):
        return empty(405)
    for code in codes:
        _acknowledge(call, export, code, known[code], stored_at=known[code].updated)
    return in_text(f"{len(codes)} acknowledged.")


def delete_exported(export: Export, call: Call) -> Response:
    """DELETE on the list: from the API layer only."""
    return clean_up(call, export.resource, RecordBin(_shelf(call.tenant, export)))


def _shelf(tenant: Tenant, export: Export) -> Records:
    """The interface's own copies, grouped by processing status."""
    return tenant.intake.records(export.resource)


def _waits(stored: Stored) -> bool:
    return bool(stored.entity["processingStatus"] == WAITING)


def _acknowledge(call: Call, export: Export, code: str, stored: Stored, *, stored_at: datetime) -> None:
    """Mark a record as exported. Of orders and requisitions that is a change, of contracts and spends it isn't."""
    entity = {**stored.entity, "processingStatus": EXPORTED, "lastUpdated": stamp(stored_at)}
    _shelf(call.tenant, export).put(code, Stored(entity, stored_at), EXPORTED)


def _shown(export: Export, call: Call, entities: list[dict[str, Any]], headers: dict[str, str]) -> Response:
    rows = [shown(call.world, export.entity, entity) for entity in entities]
    return deliver(call, encode({export.wrapper: rows}), headers, redirected=export.one_by_one)


def _nothing(export: Export, call: Call) -> Response:
    """404, with a body where the specification gives it one."""
    if export.resource not in WITH_REFUSAL_BODIES:
        return empty(404)
    return call.refuse(404, Code.NOT_FOUND, [f"no {export.resource} were found"])


def _routes(export: Export) -> tuple[Route, ...]:
    name = export.resource
    every, one = ("v1", name), ("v1", name, "*")
    acknowledge = (
        Route("POST", (*one, "acknowledge"), f"{name}Acknowledges", partial(acknowledge_one, export), name)
        if export.one_by_one
        else Route("POST", (*every, "acknowledge"), f"{name}Acknowledges", partial(acknowledge_many, export), name)
    )
    return (
        acknowledge,
        Route("GET", every, name, partial(list_exported, export), name),
        Route("DELETE", every, f"{name}Deletions", partial(delete_exported, export), name),
        Route("GET", one, name, partial(one_exported, export), name),
    )


ROUTES = tuple(route for export in EXPORTS for route in _routes(export))
