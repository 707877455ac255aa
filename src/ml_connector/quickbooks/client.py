"""One QuickBooks company as we call it: queries, batches, single writes, changes.

Speaks QuickBooks' terms with JSON records as plain dictionaries; `translation.py` knows what they mean. Reading what an answer
holds is `answers.py`'s; repeating, waiting and refusals are `exchange.py`'s. Nothing is stored, and no write is made here without
the caller's own request id.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from urllib.parse import quote

import httpx2

from ml_connector.quickbooks.answers import (
    BatchAnswer,
    Changes,
    Page,
    Record,
    answers_by_item,
    changes_in,
    item_answer,
    page_in,
    record_in,
    rows_in,
    time_of,
)
from ml_connector.quickbooks.errors import Refused, error_from
from ml_connector.quickbooks.exchange import Budget, Call, Exchange, Request, make_http, unreadable
from ml_connector.quickbooks.faults import faults_in
from ml_connector.quickbooks.queries import FULL_PAGE, page_of
from ml_connector.quickbooks.uploads import Upload
from ml_connector.quickbooks.wire import (
    MAX_BATCH_REQUEST_ID,
    MAX_PAGE,
    MAX_REQUEST_ID,
    UnsendableError,
    decode,
    query_batch_body,
)

__all__ = ["Budget", "Call", "QuickBooksClient", "make_http"]

PRODUCTION_URL = "https://quickbooks.api.intuit.com"
SANDBOX_URL = "https://sandbox-quickbooks.api.intuit.com"
MINOR_VERSION = 75
"""The lowest version there still is (Intuit, "Changes to our Accounting API", January 2025)."""

NO_CHANGE_FEED = frozenset({"TaxAgency", "TaxCode", "TaxRate", "TimeActivity"})
"""Entities that change data capture does not know: they are queried instead."""


class QuickBooksClient:
    """Calls of one company. `access_token(force)` gives a token, a fresh one when `force` is set (after one was refused)."""

    def __init__(
        self,
        http: httpx2.Client,
        *,
        base_url: str,
        realm_id: str,
        access_token: Callable[[bool], str],
        budget: Budget,
        minor_version: int = MINOR_VERSION,
        on_call: Callable[[Call], None] | None = None,
        stopwatch: Callable[[], float] = time.perf_counter,
    ) -> None:
        if minor_version < MINOR_VERSION:
            raise ValueError(f"minor version {minor_version} no longer exists; {MINOR_VERSION} is the lowest")
        self._realm_id = quote(realm_id, safe="")
        self._exchange = Exchange(
            http,
            company_url=f"{base_url.rstrip('/')}/v3/company/{self._realm_id}",
            access_token=access_token,
            budget=budget,
            minor_version=minor_version,
            on_call=on_call,
            stopwatch=stopwatch,
        )

    def query(self, statement: str) -> list[Record]:
        """The rows of a SELECT. A statement that asks for full pages (see `queries.py`) is read to its last row."""
        return self._complete(statement, self._page(statement))

    def query_all(self, entity: str, where: str = "", page: int = MAX_PAGE) -> Iterator[Record]:
        """All records of an entity, inactive list records included, page by page in the order of their ids, each once."""
        if not 1 <= page <= MAX_PAGE:
            raise ValueError(f"a page has 1 to {MAX_PAGE} records, not {page}")
        seen: set[str] = set()
        start = 1
        while True:
            rows = self._page(page_of(entity, where=where, start=start, size=page))
            for row in rows:
                if (key := str(row.get("Id", start))) not in seen:
                    seen.add(key)
                    yield row
            if len(rows) < page:
                return
            start += len(rows)

    def batch_queries(self, statements: Sequence[str]) -> list[list[Record]]:
        """The rows of up to 30 SELECTs, made in one call. Raises Refused when any of them is refused."""
        request = _query_batch(statements)
        answer = self._exchange.perform(request)
        answers = answers_by_item(request, answer)
        results: list[list[Record]] = []
        for number, statement in enumerate(statements, start=1):
            item = answers.get(str(number))
            if item is None:
                raise unreadable(request, answer.trace, f"no answer to query {number}")
            if faults := faults_in(item):
                raise error_from(200, faults, write=False, trace=answer.trace)
            results.append(self._complete(statement, rows_in(request, answer, item)))
        return results

    def pages(self, statements: Sequence[str]) -> list[Page]:
        """One page for each of up to 30 SELECTs, read in one call; each is answered or refused by itself. Nothing is read on."""
        if len(statements) == 1:
            return [self._one_page(statements[0])]
        request = _query_batch(statements)
        answer = self._exchange.perform(request)
        answers, time = answers_by_item(request, answer), time_of(request, answer)
        pages = [page_in(answers.get(str(number)), time) for number in range(1, len(statements) + 1)]
        for number, page in enumerate(pages, start=1):
            if page is None:
                raise unreadable(request, answer.trace, f"no answer to query {number}")
            if page.faults and not isinstance(error := error_from(200, page.faults, write=False), Refused):
                raise error
        return [page for page in pages if page is not None]

    def _one_page(self, statement: str) -> Page:
        request = Request(method="POST", path="query", content=statement.encode(), content_type="application/text")
        try:
            answer = self._exchange.perform(request)
        except Refused as refused:
            return Page(faults=refused.faults)
        page = page_in(answer.body, time_of(request, answer))
        if page is None:
            raise unreadable(request, answer.trace, "no QueryResponse")
        return page

    def send_batch(self, body: bytes, request_id: str) -> BatchAnswer:
        """Send up to 30 writes made by `wire.batch_body`. The same bytes under the same request id are never executed twice.

        Raises NoAnswer when the outcome of the batch, or of any item in it, is unknown, and CompanyReadOnly when every item was
        refused because the company can only be read: as for a call refused as a whole, nothing was written.
        """
        _check_request_id(request_id, MAX_BATCH_REQUEST_ID)
        request = Request(method="POST", path="batch", content=body, request_id=request_id, batch=True)
        asked = decode(body)["BatchItemRequest"]
        answer = self._exchange.perform(request)
        answers = answers_by_item(request, answer)
        items = tuple(item_answer(request, answer, item, answers.get(item["bId"])) for item in asked)
        if items and all(any(fault.code == "6190" for fault in item.faults) for item in items):
            raise error_from(200, items[0].faults, write=True, trace=answer.trace)
        return BatchAnswer(items=items, trace=answer.trace)

    def send(self, entity: str, body: bytes, request_id: str, include: str = "") -> tuple[Record, str]:
        """Create or update one record; returns it as QuickBooks now has it, and Intuit's name for the call.

        `include` names an exception to QuickBooks' rules, such as `allowduplicatedocnum`.
        """
        _check_request_id(request_id, MAX_REQUEST_ID)
        parameters = {"include": include} if include else {}
        request = Request(
            method="POST", path=entity.lower(), parameters=parameters, content=body, request_id=request_id
        )
        answer = self._exchange.perform(request)
        return record_in(request, answer, entity), answer.trace

    def upload(self, body: Upload, request_id: str) -> tuple[Record, str]:
        """Attach a file; the Attachable as QuickBooks now has it, and Intuit's name for the call. Raises what `send` raises."""
        _check_request_id(request_id, MAX_REQUEST_ID)
        request = Request(
            method="POST", path="upload", content=body, content_type=body.content_type, request_id=request_id
        )
        answer = self._exchange.perform(request)
        answers = answer.body.get("AttachableResponse")
        if not isinstance(answers, list) or len(answers) != 1 or not isinstance(answers[0], dict):
            raise unreadable(request, answer.trace, "no AttachableResponse")
        if faults := faults_in(answers[0]):
            raise error_from(200, faults, write=True, trace=answer.trace)
        attachable = answers[0].get("Attachable")
        if not isinstance(attachable, dict):
            raise unreadable(request, answer.trace, "no Attachable")
        return attachable, answer.trace

    def read(self, entity: str, id: str) -> Record:  # noqa: A002  (QuickBooks' own word for it)
        """One record as it is now. Raises Refused with code 610 when it was deleted."""
        return self._get(f"{entity.lower()}/{quote(id, safe='')}", entity)

    def changes(self, entities: Sequence[str], since: datetime) -> Changes:
        """What changed in these entities since an instant, at most 30 days back (Intuit, "Change data capture")."""
        if refused := NO_CHANGE_FEED.intersection(entities):
            raise ValueError(f"change data capture does not cover {', '.join(sorted(refused))}")
        if since.tzinfo is None:
            raise ValueError("the instant must have a time zone")
        parameters = {
            "entities": ",".join(entities),
            "changedSince": since.astimezone(UTC).isoformat(timespec="seconds"),
        }
        request = Request(method="GET", path="cdc", parameters=parameters)
        return changes_in(request, self._exchange.perform(request))

    def company_info(self) -> Record:
        """The company's name, country and addresses."""
        return self._get(f"companyinfo/{self._realm_id}", "CompanyInfo")

    def preferences(self) -> Record:
        """The company's settings."""
        return self._get("preferences", "Preferences")

    def exchange_rate(self, currency: str, day: date) -> Decimal:
        """Home units for one unit of a foreign currency on a day (Intuit's reference, ExchangeRate). Raises Refused if none."""
        parameters = {"sourcecurrencycode": currency, "asofdate": day.isoformat()}
        return Decimal(str(self._get("exchangerate", "ExchangeRate", parameters)["Rate"]))

    def _get(self, path: str, entity: str, parameters: Mapping[str, str] | None = None) -> Record:
        request = Request(method="GET", path=path, parameters=parameters or {})
        return record_in(request, self._exchange.perform(request), entity)

    def _page(self, statement: str) -> list[Record]:
        request = Request(method="POST", path="query", content=statement.encode(), content_type="application/text")
        answer = self._exchange.perform(request)
        return rows_in(request, answer, answer.body)

    def _complete(self, statement: str, rows: list[Record]) -> list[Record]:
        """The rows and, where a full page shows that there may be more, those behind them."""
        if not statement.endswith(FULL_PAGE):
            return rows
        stem = statement.removesuffix(FULL_PAGE)
        more = rows
        while len(more) == MAX_PAGE:
            more = self._page(f"{stem} STARTPOSITION {len(rows) + 1}{FULL_PAGE}")
            rows = rows + more
        return rows


def _query_batch(statements: Sequence[str]) -> Request:
    """Several SELECTs in one call, each of them a read to Intuit's meter."""
    content = query_batch_body(statements)
    return Request(method="POST", path="batch", content=content, batch=True, queries=len(statements))


def _check_request_id(request_id: str, limit: int) -> None:
    if not 1 <= len(request_id) <= limit:
        raise UnsendableError(f"a request id has 1 to {limit} characters, not {len(request_id)}")
