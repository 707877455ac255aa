"""Reading what Basware offers besides invoices: exported orders, vendors, what became of requests, and notifications there were.

Each feed signs in with the scopes it needs and no others, so that a right somebody did not grant costs that feed alone. Nothing
here decides what a record means, or remembers how far a feed was read.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Protocol, TypeVar
from urllib.parse import quote

import httpx2
import msgspec

from ml_connector.basware.auth import Authorization
from ml_connector.basware.errors import PlaceLost, Refused, Unavailable
from ml_connector.basware.exchange import Exchange, OnCall, Turns
from ml_connector.basware.moments import changed_after
from ml_connector.basware.monitoring import (
    FeedbackPage,
    RequestStatus,
    StatusPage,
    TaskPage,
    read_feedbacks,
    read_statuses,
    read_tasks,
)
from ml_connector.basware.pauses import Pauses
from ml_connector.basware.records import RawRecord, RecordPage, Shape, read_records, text_of, value_of
from ml_connector.model.clock import Clock

ORDERS_PAGE, VENDORS_PAGE, STATUS_PAGE = 100, 500, 500
"""Most records in one answer (Basware P2P specification, pageSize of each resource)."""

CONTRACTS_PAGE, SPENDS_PAGE = 200, 500
"""The same for contracts and their spends."""

WAITING, EXPORTED = "WaitingForExport", "Exported"
"""Processing status of an exported order; the parameter orderStatus filters by it (Basware P2P specification)."""

SCOPES: Mapping[str, tuple[str, ...]] = {
    "orders": ("exportedPurchaseOrders.read", "exportedPurchaseOrders.write"),
    "contracts": ("exportedContracts.read", "exportedContracts.write"),
    "contract spends": ("exportedContractSpends.read", "exportedContractSpends.write"),
    "vendors": ("vendors.read",),
    "request status": ("requestStatus.read",),
    "request acknowledgement": ("requestStatus.write",),
    "error feedbacks": ("errorFeedbacks.read",),
    "tasks": ("tasks.read",),
}
"""The rights each feed signs in with (Basware P2P specification, securitySchemes)."""

SignIn = Callable[[Sequence[str]], Authorization]
"""Gives the sign-in for some scopes. Its authorization raises ScopeMissing when they are not all granted."""

LISTS: Mapping[str, Shape] = {
    "accounts": Shape(wrapper="accounts", key="externalCode", longest=36),
    "costCenters": Shape(wrapper="costCenters", key="externalCode", longest=36),
    "projects": Shape(wrapper="projects", key="externalCode", longest=36),
    "lists": Shape(wrapper="listItems", key="externalCode", longest=36),
    "taxCodes": Shape(wrapper="taxCodes", key="externalCode", longest=36),
    "paymentTerms": Shape(wrapper="paymentTerms", key="externalCode", longest=36),
    "exchangeRates": Shape(wrapper="exchangeRates", key="externalCode", longest=36),
}
"""Basware's lists that can be read, as `RESOURCES` of `master_data.py` calls them; each needs a right of its own."""

_LIST_PAGE = 500

_ORDER = Shape(wrapper="exportedPurchaseOrders", key="externalCode", longest=100)
_CONTRACT = Shape(wrapper="contracts", key="externalCode", longest=100)
_SPEND = Shape(wrapper="contractSpends", key="externalCode", longest=100)
_VENDOR = Shape(wrapper="vendorEntities", key="externalCode", longest=36)


class _Page(Protocol):
    @property
    def continuation(self) -> str: ...


P = TypeVar("P", bound=_Page)


class BaswareFeeds:
    """One tenant's feeds. Every call raises the errors of `errors.py`; lists also PlaceLost when a continuation is worth nothing
    any more, and UnreadablePage, which says where to go on. A list with nothing in it has no page."""

    def __init__(
        self,
        http: httpx2.Client,
        *,
        base_url: str,
        sign_in: SignIn,
        clock: Clock,
        on_call: OnCall | None = None,
        turns: Turns | None = None,
        pauses: Pauses | None = None,
    ) -> None:
        self._exchanges = {
            name: Exchange(
                http,
                base_url=base_url,
                authorization=sign_in(scopes),
                clock=clock,
                on_call=on_call,
                turns=turns,
                pauses=pauses,
            )
            for name, scopes in {**SCOPES, **{name: (f"{name}.read",) for name in LISTS}}.items()
        }

    def exported_orders(
        self,
        status: str,
        *,
        company_code: str = "",
        page_size: int = ORDERS_PAGE,
        since: datetime | None = None,
        start: str = "",
    ) -> Iterator[RecordPage]:
        """Purchase orders of a company, or of all, in a processing status, perhaps only those changed since. `start` goes on from a
        continuation; the other arguments must then be the same as before."""
        params = {"orderStatus": status, "pageSize": str(page_size)} | changed_after(since)
        if company_code:
            params["companyCode"] = company_code
        return self._pages("orders", "/v1/exportedPurchaseOrders", params, _order_page, start)

    def exported_order(self, code: str) -> RawRecord | None:
        """One order as Basware has it now; None when it has none, or not under this code."""
        reply = self._exchanges["orders"].get(_order_path(code))
        if reply.status == 404:
            return None
        records = read_records(reply.body, "", _ORDER, reply.request_id).records
        return next((record for record in records if record.id == code), None)

    def acknowledge_order(self, code: str) -> bool:
        """Say that an order has arrived. True: acknowledged now; False: it was before (405). Raises Refused for any other no."""
        try:
            self._exchanges["orders"].post(f"{_order_path(code)}/acknowledge")
        except Refused as error:
            if error.status == 405:
                return False
            raise
        return True

    def exported_contracts(
        self, status: str, *, page_size: int, since: datetime | None = None, start: str = ""
    ) -> Iterator[RecordPage]:
        """Contracts in a processing status, perhaps only those changed since, of every company. `start` goes on from there."""
        params = {"processingStatus": status, "pageSize": str(min(page_size, CONTRACTS_PAGE))} | changed_after(since)
        return self._pages("contracts", "/v1/exportedContracts", params, _reader(_CONTRACT), start)

    def exported_spends(
        self, status: str, *, page_size: int, since: datetime | None = None, start: str = ""
    ) -> Iterator[RecordPage]:
        """What documents spend on contracts, in a processing status. `start` goes on from a continuation."""
        params = {"processingStatus": status, "pageSize": str(min(page_size, SPENDS_PAGE))} | changed_after(since)
        return self._pages("contract spends", "/v1/exportedContractSpends", params, _reader(_SPEND), start)

    def acknowledge_contracts(self, feed: str, codes: Sequence[str]) -> bool:
        """Say that contracts, or spends (`feed` as in SCOPES), have arrived. False when Basware took none of them, because one was
        acknowledged before or is gone (404, 405). Raises Refused for any other no."""
        path = "/v1/exportedContracts" if feed == "contracts" else "/v1/exportedContractSpends"
        try:
            self._exchanges[feed].post(f"{path}/acknowledge", msgspec.json.encode({"externalCodes": list(codes)}))
        except Refused as error:
            if error.status in {404, 405}:
                return False
            raise
        return True

    def vendors(
        self, *, since: datetime | None = None, page_size: int = VENDORS_PAGE, start: str = ""
    ) -> Iterator[RecordPage]:
        """Vendors that were given to Basware through its interface, all or those changed since. `start` goes on from a
        continuation; the other arguments must then be the same as before."""
        params = {"pageSize": str(page_size)} | changed_after(since)
        return self._pages("vendors", "/v1/vendors", params, _vendor_page, start)

    def listed(self, kind: str, path: str, *, start: str = "") -> Iterator[RecordPage]:
        """What one of Basware's lists was given through its interface, by whomever. `kind` as in `LISTS`, `path` that of the list.
        `start` goes on from a continuation."""

        def read(body: bytes, continuation: str, request_id: str) -> RecordPage:
            return read_records(body, continuation, LISTS[kind], request_id)

        return self._pages(kind, path, {"pageSize": str(_LIST_PAGE)}, read, start)

    def request_statuses(
        self, entity_type: str, *, since: datetime | None = None, page_size: int = STATUS_PAGE, start: str = ""
    ) -> Iterator[StatusPage]:
        """What became of requests of a kind, acknowledged or not. Naming the kind matters: without it only errors are listed.

        (Basware P2P specification, GET /v1/requestStatus; successful items are named too, as nothing asks to leave them out.)
        """
        params = {"entityType": entity_type, "pageSize": str(page_size), "ignoreSuccessfullItems": "false"}
        return self._pages("request status", "/v1/requestStatus", params | changed_after(since), read_statuses, start)

    def request_status(self, request_id: str) -> RequestStatus | None:
        """What became of one request; None when Basware does not know it, which right after the request proves nothing.

        (This read spells the parameter for successful items otherwise than the list does.)
        """
        path = f"/v1/requestStatus/{quote(request_id, safe='')}"
        reply = self._exchanges["request status"].get(path, params={"ignoreSuccessfulItems": "false"})
        if reply.status == 404:
            return None
        page = read_statuses(reply.body, "", reply.request_id)
        return next((one for one in page.requests if one.request_id == request_id), None)

    def acknowledge_requests(self, request_ids: Sequence[str]) -> bool:
        """Take finished requests out of the list that Basware shows by default. False when Basware took none of them, because
        one is acknowledged already, unfinished or unknown (404, 405). Raises Refused for any other no."""
        body = msgspec.json.encode({"requestIds": list(request_ids)})
        try:
            self._exchanges["request acknowledgement"].post("/v1/requestStatus/acknowledge", body)
        except Refused as error:
            if error.status in {404, 405}:
                return False
            raise
        return True

    def error_feedbacks(
        self, *, since: datetime, page_size: int = STATUS_PAGE, start: str = ""
    ) -> Iterator[FeedbackPage]:
        """Errors since a moment, in the older form. They can be some minutes late (Basware FAQ)."""
        params = {"pageSize": str(page_size)} | changed_after(since)
        return self._pages("error feedbacks", "/v1/errorFeedbacks", params, read_feedbacks, start)

    def tasks(self, *, since: datetime, start: str = "") -> Iterator[TaskPage]:
        """Notifications changed since a moment, delivered or not, of every kind."""
        return self._pages("tasks", "/v1/tasks", changed_after(since), read_tasks, start)

    def _pages(
        self, feed: str, path: str, params: Mapping[str, str], read: Callable[[bytes, str, str], P], start: str = ""
    ) -> Iterator[P]:
        """Every page of a list. A page may hold fewer records than asked for without being the last."""
        continuation = start
        while True:
            try:
                reply = self._exchanges[feed].get(path, params=params, continuation=continuation)
            except Refused as error:
                if continuation and error.status in {400, 422}:  # the push interface answers 422 where P2P answers 400
                    text = f"Basware no longer knows the place in its list: {error}"
                    raise PlaceLost(
                        text, status=error.status, request_id=error.request_id, errors=error.errors
                    ) from error
                raise
            if reply.status == 404:
                return
            page = read(reply.body, reply.continuation, reply.request_id)
            if continuation and page.continuation == continuation:
                text = "Basware's list does not move on: it names the same page again."
                raise Unavailable(text, request_id=reply.request_id)
            yield page
            continuation = page.continuation
            if not continuation:
                return


def _reader(shape: Shape) -> Callable[[bytes, str, str], RecordPage]:
    return lambda body, continuation, request_id: read_records(body, continuation, shape, request_id)


def company_of(order: RawRecord) -> str:
    """The company an exported order belongs to; empty when it names none."""
    return text_of(order.fields.get("companyCode"))


def number_and_worth(order: RawRecord) -> tuple[str, Decimal | None]:
    """The number of an exported order and its net sum, None where it names none."""
    return text_of(order.fields.get("orderNumber")), value_of(order.fields.get("netSum"), Decimal)


def status_of(order: RawRecord) -> str:
    """An exported order's processing status, in Basware's words."""
    return text_of(order.fields.get("processingStatus"))


class VendorCompany(msgspec.Struct, frozen=True, rename="camel"):
    """A company a vendor belongs to, and perhaps the companies below it."""

    company_code: str | None = None
    inherit_to_child_units: bool | None = None


def companies_of(vendor: RawRecord) -> tuple[VendorCompany, ...]:
    """The companies a vendor belongs to; those that cannot be read are left out."""
    entries = value_of(vendor.fields.get("companies"), list[msgspec.Raw]) or []
    read = (value_of(entry, VendorCompany) for entry in entries)
    return tuple(company for company in read if company is not None)


def _order_page(body: bytes, continuation: str, request_id: str) -> RecordPage:
    return read_records(body, continuation, _ORDER, request_id)


def _vendor_page(body: bytes, continuation: str, request_id: str) -> RecordPage:
    return read_records(body, continuation, _VENDOR, request_id)


def _order_path(code: str) -> str:
    return f"/v1/exportedPurchaseOrders/{quote(code, safe='')}"
