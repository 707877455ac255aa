"""Reading accounting documents and acknowledging them.

Source: Basware P2P specification, accountingDocuments: filters, at most 100 a page, the continuation token in a header both
ways, 404 for nothing, redirects for large bodies, 405 for a second acknowledgement.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from urllib.parse import quote

import msgspec

from twins.basware.answers import CONTINUATION, JSON_TYPE, Call, Code, empty, in_json, in_text
from twins.basware.downloads import Downloads
from twins.basware.rendering import render, shows_attachments
from twins.basware.state import IN_PROGRESS, STATUSES, WAITING, Place, Record, World
from twins.basware.values import decode, encode, parse_instant, stamp
from twins.http import Response

PAGE_LIMIT = 100
_MODES = frozenset({"Standard", "InvoiceEnrichment"})
_ACKNOWLEDGED = {
    WAITING: IN_PROGRESS,
    "WaitingForPrebook": "PrebookInProgress",
    "WaitingForEnrichmentTransfer": "EnrichmentTransferInProgress",
}


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

    def fingerprint(self) -> str:
        """What a continuation token is bound to."""
        return hashlib.sha256(repr(self).encode()).hexdigest()[:16]


def list_documents(downloads: Downloads, call: Call) -> Response:
    """GET /v1/accountingDocuments."""
    wanted = _read_filter(call)
    if isinstance(wanted, list):
        return call.refuse(400, Code.PARAMETER, wanted)
    token = call.request.headers.get(CONTINUATION, "")
    place = _place(call.world, token, wanted, call.now) if token else None
    if token and place is None:
        return call.refuse(400, Code.PARAMETER, ["continuation token: unknown, expired, or given for another query"])
    page, more = _page(call, wanted, place)
    if not page:
        return empty(404)
    headers = {CONTINUATION: _token(call.world, wanted, page[-1][0].place, call.now)} if more else {}
    body = _wrapped(call.world, [text for _, text in page])
    return _delivered(call, downloads, body, headers)


def one_document(downloads: Downloads, call: Call, invoice_id: str) -> Response:
    """GET /v1/accountingDocuments/{invoiceId}: still a list, of one."""
    record = call.record(invoice_id)
    if record is None:
        return empty(404)
    return _delivered(call, downloads, _wrapped(call.world, [render(call.world, record)]), {})


def acknowledge(call: Call, invoice_id: str) -> Response:
    """POST /v1/accountingDocuments/{invoiceId}/acknowledge: once per transfer."""
    record = call.record(invoice_id)
    if record is None:
        return empty(404)
    if record.status not in _ACKNOWLEDGED:
        return empty(405)
    call.tenant.move(record, _ACKNOWLEDGED[record.status], call.now)
    return in_text(f"Accounting document {invoice_id} acknowledged.")


def attachment(downloads: Downloads, call: Call, invoice_id: str, code: str) -> Response:
    """GET /v1/accountingDocuments/{invoiceId}/attachments/{code}: 302 to the file."""
    record = call.record(invoice_id)
    file = record.files.get(code) if record else None
    if record is None or file is None or not shows_attachments(call.world, record):
        return empty(404)
    headers = {
        "Content-Type": file.content_type,
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.filename)}",
    }
    return downloads.redirect(call, Response(200, headers, file.content))


def status_search(call: Call) -> Response:
    """GET /v1/accountingDocuments/status: a coarse status by company, number and date, as a bare array."""
    parameter = call.request.parameter
    missing = [name for name in ("companyCode", "invoiceNumber", "invoiceDate") if not parameter(name)]
    if missing:
        return call.refuse(400, Code.PARAMETER, [f"{name}: required" for name in missing])
    try:
        day = parse_instant(parameter("invoiceDate")).date()
    except ValueError:
        return call.refuse(400, Code.PARAMETER, ["invoiceDate: must be a date-time"])
    found = [
        {
            "invoiceId": record.invoice_id,
            "status": _coarse(record.status),
            "processingStatus": record.status,
            "disputeInfo": record.entity.get("disputeInfo"),
            "lastUpdated": record.entity["lastUpdated"],
        }
        for record in call.tenant.records.values()
        if record.entity.get("companyCode") == parameter("companyCode")
        and record.entity.get("invoiceNumber") == parameter("invoiceNumber")
        and str(record.entity.get("invoiceDate", ""))[:10] == day.isoformat()
    ]
    return in_json(found) if found and call.world.switches.status_lookup else empty(404)


def _coarse(status: str) -> str:
    known = {"Transferred": "ReadyForPayment", "Paid": "Paid", "Completed": "Paid", "Removed": "Rejected"}
    return known.get(status, "InApprovalProcess")


def _read_filter(call: Call) -> _Filter | list[str]:
    """The filter of a list request, or everything wrong with it."""
    parameter = call.request.parameter
    wrong: list[str] = []
    status, mode = parameter("ProcessingStatus"), parameter("p2pProcessingMode") or "Standard"
    if status and status not in STATUSES:
        wrong.append(f"ProcessingStatus: {status} is not a status")
    if mode not in _MODES:
        wrong.append(f"p2pProcessingMode: {mode} is not a mode")
    size = parameter("pageSize") or str(PAGE_LIMIT)
    if not (size.isascii() and size.isdigit() and 1 <= int(size) <= PAGE_LIMIT):
        wrong.append(f"pageSize: must be a number from 1 to {PAGE_LIMIT}")
    since: datetime | None = None
    if parameter("lastUpdated"):
        try:
            since = parse_instant(parameter("lastUpdated"))
        except ValueError:
            wrong.append("lastUpdated: must be a date-time")
    return wrong or _Filter(status, parameter("companyCode"), mode, since, int(size))


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


def _delivered(call: Call, downloads: Downloads, body: bytes, headers: dict[str, str]) -> Response:
    """A body at once, or by a redirect to where it can be fetched."""
    switches = call.world.switches
    direct = {"Content-Type": JSON_TYPE}
    large = switches.redirect == "large" and len(body) > switches.redirect_bytes
    if switches.redirect != "always" and not large:
        return Response(200, direct | headers, body)
    on_redirect = headers if switches.continuation_on in {"redirect", "both"} else {}
    on_final = headers if switches.continuation_on in {"final", "both"} else {}
    return downloads.redirect(call, Response(200, direct | on_final, body), on_redirect)


def _token(world: World, wanted: _Filter, place: Place, now: datetime) -> str:
    """An opaque continuation token: the query it belongs to, the place reached, when it was given, sealed."""
    content = encode([wanted.fingerprint(), place[0].isoformat(), place[1], stamp(now)])
    return base64.urlsafe_b64encode(_seal(world, content) + content).decode()


def _place(world: World, token: str, wanted: _Filter, now: datetime) -> Place | None:
    """The place a continuation token stands for; None when it isn't ours, too old, or for another query."""
    try:
        sealed = base64.urlsafe_b64decode(token)
        seal, content = sealed[:8], sealed[8:]
        if not hmac.compare_digest(seal, _seal(world, content)):
            return None
        fingerprint, reached, sequence, given = decode(content)
    except (binascii.Error, ValueError, msgspec.DecodeError):
        return None
    life = world.switches.continuation_seconds
    expired = life is not None and now - parse_instant(given) > timedelta(seconds=life)
    return None if fingerprint != wanted.fingerprint() or expired else (parse_instant(reached), int(sequence))


def _seal(world: World, content: bytes) -> bytes:
    return hmac.new(world.secret, content, hashlib.sha256).digest()[:8]
