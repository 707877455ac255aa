"""Reading accounting documents and acknowledging them.

Source: Basware P2P specification, accountingDocuments: filters, at most 100 a page, the continuation token in a header both
ways, 404 for nothing, redirects for large bodies, 405 for a second acknowledgement.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from twins.basware.answers import Call, Code, empty, in_file, in_text
from twins.basware.deleting import clean_up
from twins.basware.downloads import deliver, redirect
from twins.basware.life_cycle import ACKNOWLEDGED, ACKNOWLEDGED_REQUESTS
from twins.basware.pages import Query
from twins.basware.rendering import render, shows_attachments
from twins.basware.routing import Route
from twins.basware.state import STATUSES, Place, Record, Tenant, World
from twins.http import Response

PAGE_LIMIT = 100
_SCOPE = "accountingDocuments"
_MODES = frozenset({"Standard", "InvoiceEnrichment"})


@dataclass(frozen=True)
class _Filter:
    """What a list request asks for."""

    status: str
    company: str
    mode: str
    since: datetime | None
    size: int

    def takes(self, record: Record, *, inclusive: bool) -> bool:
        """Whether a document is asked for, its status aside."""
        entity = record.entity
        return (
            (not self.company or entity.get("companyCode") == self.company)
            and (entity.get("p2pProcessingMode") or "Standard") == self.mode
            and (self.since is None or record.updated > self.since or (inclusive and record.updated == self.since))
        )


def list_documents(call: Call) -> Response:
    """GET /v1/accountingDocuments."""
    query = Query(call, ("ProcessingStatus", "pageSize", "companyCode", "lastUpdated", "p2pProcessingMode"))
    wanted = _Filter(
        status=query.word("ProcessingStatus", STATUSES),
        company=query.text("companyCode"),
        mode=query.word("p2pProcessingMode", _MODES) or "Standard",
        since=query.since(),
        size=query.size(PAGE_LIMIT, PAGE_LIMIT),
    )
    if query.wrong:
        return call.refuse(400, Code.PARAMETER, query.wrong)
    page, more = _page(call, wanted, query.start(None))
    if not page:
        return empty(404)
    headers = query.leading(page[-1][0].place) if more else {}
    return deliver(call, _wrapped(call.world, [text for _, text in page]), headers)


def one_document(call: Call, invoice_id: str) -> Response:
    """GET /v1/accountingDocuments/{invoiceId}: still a list, of one."""
    record = call.record(invoice_id)
    if record is None:
        return empty(404)
    return deliver(call, _wrapped(call.world, [render(call.world, record)]), {})


def acknowledge(call: Call, invoice_id: str) -> Response:
    """POST /v1/accountingDocuments/{invoiceId}/acknowledge: once per transfer."""
    record = call.record(invoice_id)
    if record is None:
        return empty(404)
    switches = call.world.switches
    following = {**ACKNOWLEDGED, **(ACKNOWLEDGED_REQUESTS if switches.acknowledge_requests else {})}
    if record.status not in following:
        return empty(405)
    call.tenant.move(record, following[record.status], call.now)
    if switches.acknowledge_seconds:
        record.acknowledging_until = call.now + timedelta(seconds=switches.acknowledge_seconds)
    return in_text(f"Accounting document {invoice_id} acknowledged.")


class _DocumentBin:
    """A tenant's documents as something to be deleted from."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant

    def delete_one(self, external_code: str) -> int:
        """Delete a document by its invoice id, if it is there."""
        record = self._tenant.records.get(external_code)
        if record is None:
            return 0
        self._tenant.drop(record)
        return 1

    def delete_since(self, place: Place, until: datetime) -> int:
        """Delete the documents that changed between two instants."""
        doomed = [record for record in self._tenant.after("", place) if record.updated <= until]
        for record in doomed:
            self._tenant.drop(record)
        return len(doomed)


def delete_documents(call: Call) -> Response:
    """DELETE /v1/accountingDocuments: from the API layer only. A document is named by its invoice id."""
    return clean_up(call, _SCOPE, _DocumentBin(call.tenant))


def attachment(call: Call, invoice_id: str, code: str) -> Response:
    """GET /v1/accountingDocuments/{invoiceId}/attachments/{code}: 302 to the file."""
    record = call.record(invoice_id)
    file = record.files.get(code) if record else None
    if record is None or file is None or not shows_attachments(call.world, record):
        return empty(404)
    return redirect(call, in_file(file.filename, file.content_type, file.content))


def _page(call: Call, wanted: _Filter, place: Place | None) -> tuple[list[tuple[Record, bytes]], bool]:
    """The documents of one page with their JSON, ended by count or by bytes, and whether more follow."""
    inclusive = call.world.switches.last_updated_inclusive
    matching: Iterator[Record] = (
        record for record in call.tenant.after(wanted.status, place) if wanted.takes(record, inclusive=inclusive)
    )
    page: list[tuple[Record, bytes]] = []
    used = 0
    for record in islice(matching, wanted.size):
        text = render(call.world, record)
        used += len(text)
        if page and used > call.world.switches.page_bytes:
            return page, True
        page.append((record, text))
    return page, next(matching, None) is not None


def _wrapped(world: World, texts: list[bytes]) -> bytes:
    array = b"[" + b",".join(texts) + b"]"
    return array if world.switches.bare_lists else b'{"accountingDocuments":' + array + b"}"


_ALL = ("v1", "accountingDocuments")
_ONE = (*_ALL, "*")

ROUTES = (
    Route("GET", _ALL, "lists", list_documents, _SCOPE),
    Route("DELETE", _ALL, "deletions", delete_documents, _SCOPE),
    Route("GET", _ONE, "documents", one_document, _SCOPE),
    Route("POST", (*_ONE, "acknowledge"), "acknowledges", acknowledge, _SCOPE),
    Route("GET", (*_ONE, "attachments", "*"), "attachments", attachment, _SCOPE),
)
