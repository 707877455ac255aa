"""The coarse status of an invoice, found by company, number and date.

Source: Basware P2P specification, GET /v1/accountingDocuments/status: a bare array, nothing unless Basware enabled the search for
the tenant, three parameters required; everything before a successful transfer is InApprovalProcess.
"""

from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import Any

from twins.basware.answers import Call, Code, empty, in_json
from twins.basware.life_cycle import coarse
from twins.basware.pages import Query
from twins.basware.rendering import shown_gross
from twins.basware.routing import Route
from twins.basware.state import Record, World
from twins.http import Response

_LIMIT = 500


def status_search(call: Call) -> Response:
    """GET /v1/accountingDocuments/status: a coarse status by company, number and date, as a bare array."""
    wanted = _read_search(call)
    if isinstance(wanted, list):
        return call.refuse(400, Code.PARAMETER, wanted)
    if not call.world.switches.status_lookup:
        return empty(404)
    found = (record for record in call.tenant.records.values() if wanted.takes(call.world, record))
    shown = [_searched(record) for record in islice(found, wanted.size)]
    return in_json(shown) if shown else empty(404)


@dataclass(frozen=True)
class _Search:
    """What the status search asks for; the day is the invoice's."""

    company: str
    number: str
    day: str
    gross: Decimal | None
    size: int

    def takes(self, world: World, record: Record) -> bool:
        """Whether a document is meant."""
        entity = record.entity
        return (
            entity.get("companyCode") == self.company
            and entity.get("invoiceNumber") == self.number
            and str(entity.get("invoiceDate") or "")[:10] == self.day
            and (self.gross is None or shown_gross(world, record) == self.gross)
        )


def _read_search(call: Call) -> _Search | list[str]:
    """The search of a status request, or everything wrong with it."""
    query = Query(call, ("companyCode", "invoiceNumber", "invoiceDate", "grossSum", "pageSize"))
    company, number = query.needed("companyCode"), query.needed("invoiceNumber")
    day = query.instant("invoiceDate") if query.needed("invoiceDate") else None
    search = _Search(
        company, number, day.date().isoformat() if day else "", query.number("grossSum"), query.size(_LIMIT, _LIMIT)
    )
    return query.wrong or search


def _searched(record: Record) -> dict[str, Any]:
    """A document as the status search shows it."""
    entity = record.entity
    dispute = {"disputeInfo": entity["disputeInfo"]} if entity.get("disputeInfo") else {}
    return {
        "invoiceId": record.invoice_id,
        "status": coarse(record.status),
        "processingStatus": record.status,
        **dispute,
        "lastUpdated": entity["lastUpdated"],
    }


ROUTES = (
    Route("GET", ("v1", "accountingDocuments", "status"), "statusSearches", status_search, "accountingDocuments"),
)
