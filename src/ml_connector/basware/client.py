"""The calls of Basware's Purchase-to-Pay API that taking over invoices and answering them needs, in Basware's own terms.

Documents come out as the bytes Basware sent; nothing here decides what they mean.
"""

from collections.abc import Iterator
from datetime import datetime
from urllib.parse import quote

import httpx2
import msgspec

from ml_connector.basware.auth import Authorization
from ml_connector.basware.errors import PlaceLost, Refused, ScopeMissing, Unavailable, UnreadablePage
from ml_connector.basware.exchange import Call, Exchange, OnCall, Reply, Turns, make_http
from ml_connector.basware.faults import parse_faults
from ml_connector.basware.moments import changed_after
from ml_connector.basware.pages import Page, RawDocument, read_page
from ml_connector.basware.pauses import Pauses
from ml_connector.model.clock import Clock

__all__ = ["BaswareClient", "Call", "Company", "Page", "RawDocument", "make_http"]

LARGEST_PAGE = 100
"""Most documents in one answer (Basware P2P spec, GET /v1/accountingDocuments, pageSize)."""

_DOCUMENTS = "/v1/accountingDocuments"


class Company(msgspec.Struct, frozen=True, kw_only=True):
    """A company the API layer knows."""

    code: str
    name: str = ""
    active: bool = True


class _CompanyOnWire(msgspec.Struct, frozen=True, rename="camel"):
    company_code: str
    name: str | None = None
    active: bool | None = None


class _Verdict(msgspec.Struct, frozen=True, rename="camel"):
    has_errors: bool = False


class BaswareClient:
    """One tenant. Every call raises the errors of `errors.py`; which of them, each method says beyond the usual
    CredentialsRejected, ScopeMissing, Throttled and Unavailable."""

    def __init__(
        self,
        http: httpx2.Client,
        *,
        base_url: str,
        authorization: Authorization,
        clock: Clock,
        on_call: OnCall | None = None,
        turns: Turns | None = None,
        pauses: Pauses | None = None,
    ) -> None:
        self._exchange = Exchange(
            http,
            base_url=base_url,
            authorization=authorization,
            clock=clock,
            on_call=on_call,
            turns=turns,
            pauses=pauses,
        )

    def documents(
        self,
        status: str,
        *,
        company_code: str = "",
        page_size: int = LARGEST_PAGE,
        mode: str = "Standard",
        since: datetime | None = None,
        start: str = "",
    ) -> Iterator[Page]:
        """Documents in a processing status, page by page, perhaps only those changed since; nothing when there are none (Basware
        answers 404 then).

        `start` goes on from a continuation; the other arguments must then be the same as before. A page may hold fewer
        documents than asked for without being the last. Raises UnreadablePage, which says where to go on, and PlaceLost when
        the continuation is worth nothing any more.
        """
        params = {"ProcessingStatus": status, "pageSize": str(page_size), "p2pProcessingMode": mode}
        params |= changed_after(since)
        if company_code:
            params["companyCode"] = company_code
        continuation = start
        while True:
            reply = self._page(params, continuation)
            if reply.status == 404:
                return
            page = read_page(reply.body, reply.continuation, reply.request_id)
            if continuation and page.continuation == continuation:
                raise Unavailable(
                    "Basware's list does not move on: it names the same page again.", request_id=reply.request_id
                )
            yield page
            continuation = page.continuation
            if not continuation:
                return

    def _page(self, params: dict[str, str], continuation: str) -> Reply:
        try:
            return self._exchange.get(_DOCUMENTS, params=params, continuation=continuation)
        except Refused as error:
            if continuation and error.status == 400:
                text = f"Basware no longer knows the place in its list: {error}"
                raise PlaceLost(text, status=error.status, request_id=error.request_id, errors=error.errors) from error
            raise

    def document(self, invoice_id: str) -> RawDocument | None:
        """One document as Basware has it now, or None when it has none by this id. Raises UnreadablePage."""
        reply = self._exchange.get(_path(invoice_id))
        if reply.status == 404:
            return None
        found = read_page(
            reply.body, "", reply.request_id
        ).documents  # a single document comes in the list's wrapper too
        if found and found[0].invoice_id not in {"", invoice_id}:
            text = f"Basware answered with document {found[0].invoice_id} when asked for {invoice_id}."
            raise UnreadablePage(text, body=reply.body, continuation="", request_id=reply.request_id)
        return found[0] if found else None

    def acknowledge(self, invoice_id: str) -> bool:
        """Say that a document has arrived, so that it is not offered again.

        True: acknowledged now. False: Basware answered 405, so it was acknowledged before, or may not be acknowledged; the
        document's status says which. Raises NoAnswer when that is unknown, Refused for any other no.
        """
        try:
            self._exchange.post(f"{_path(invoice_id)}/acknowledge")
        except Refused as error:
            if error.status == 405:
                return False
            raise
        return True

    def send_transfer_response(self, invoice_id: str, body: bytes) -> str:
        """Answer a document. `body` comes from `transfer_response_body`. Returns Basware's request id, the key to what
        becomes of the answer. Raises NoAnswer when it may or may not have arrived, Refused when it was not taken."""
        reply = self._exchange.post(f"{_path(invoice_id)}/transferResponses", body)
        _refuse_listed_errors(reply)
        return reply.request_id

    def send_prebook_response(self, invoice_id: str, body: bytes) -> str:
        """Answer a prebooking. `body` comes from `prebook_response_body`; result and errors as of `send_transfer_response`."""
        reply = self._exchange.post(f"{_path(invoice_id)}/prebookResponses", body)
        _refuse_listed_errors(reply)
        return reply.request_id

    def send_enrichment_response(self, invoice_id: str, body: bytes) -> str:
        """Answer an enrichment. `body` comes from `enrichment_response_body`; result and errors as of `send_transfer_response`."""
        reply = self._exchange.post(f"{_path(invoice_id)}/enrichmentResponses", body)
        _refuse_listed_errors(reply)
        return reply.request_id

    def send_payment_response(self, invoice_id: str, body: bytes) -> str:
        """Say how far a document is paid. `body` comes from `payment_response_body`; result and errors as of
        `send_transfer_response`."""
        reply = self._exchange.post(f"{_path(invoice_id)}/paymentResponses", body)
        _refuse_listed_errors(reply)
        return reply.request_id

    def attachment(self, invoice_id: str, code: str) -> bytes | None:
        """The bytes of a file attached to a document, or None when Basware has no such file (yet)."""
        reply = self._exchange.get(f"{_path(invoice_id)}/attachments/{quote(code, safe='')}")
        return None if reply.status == 404 else reply.body

    def ping(self, company_code: str = "") -> bool:
        """The cheapest read with the rights the work needs: whether an approved document is waiting."""
        params = {"ProcessingStatus": "WaitingForTransfer", "pageSize": "1", "p2pProcessingMode": "Standard"}
        if company_code:
            params["companyCode"] = company_code
        return self._exchange.get(_DOCUMENTS, params=params).status != 404

    def companies(self) -> tuple[Company, ...]:
        """The companies the API layer knows, to check a company code against. Empty when it has none or we may not see them;
        Basware fills this list for the supplier portal only, so an empty one proves nothing. Raises UnreadablePage."""
        found: list[Company] = []
        continuation = ""
        while True:
            try:
                reply = self._exchange.get("/v1/companies", params={"pageSize": "500"}, continuation=continuation)
            except ScopeMissing:
                return tuple(found)
            if reply.status == 404:
                return tuple(found)
            found.extend(_read_companies(reply))
            if reply.continuation in {"", continuation}:
                return tuple(found)
            continuation = reply.continuation


def _refuse_listed_errors(reply: Reply) -> None:
    """A 200 that nevertheless lists errors is a refusal (Basware P2P spec, ResponseEntityList.hasErrors)."""
    try:
        listed = msgspec.json.decode(reply.body, type=_Verdict).has_errors
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return  # the echo of what was sent, or plain text: nothing that says no
    if listed:
        errors = parse_faults("application/json", reply.body)
        said = "; ".join(str(error) for error in errors)
        raise Refused(f"Basware refused: {said}", status=reply.status, request_id=reply.request_id, errors=errors)


def _path(invoice_id: str) -> str:
    return f"{_DOCUMENTS}/{quote(invoice_id, safe='')}"


def _read_companies(reply: Reply) -> Iterator[Company]:
    try:
        tree = msgspec.json.decode(reply.body, type=dict[str, msgspec.Raw] | list[msgspec.Raw])
        items = tree if isinstance(tree, list) else msgspec.json.decode(tree["companies"], type=list[msgspec.Raw])
        wired = [msgspec.json.decode(item, type=_CompanyOnWire) for item in items]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, KeyError) as error:
        text = "Basware's list of companies cannot be read."
        raise UnreadablePage(
            text, body=reply.body, continuation=reply.continuation, request_id=reply.request_id
        ) from error
    for one in wired:
        yield Company(code=one.company_code, name=one.name or "", active=one.active is not False)
