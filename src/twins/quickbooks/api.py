"""The REST API under /v3/company: what was asked of which company, and who answers it.

Order of the gates: access token (401), company (403), throttle and meter (429), the company's condition, then the operation
itself (200 or a Fault with 400).
"""

import re
from collections import Counter
from datetime import datetime
from typing import Any

from twins.http import Request, Response
from twins.quickbooks import attachments, batch, writes
from twins.quickbooks.bodies import MAX_BODY, json_of, writes_as_named
from twins.quickbooks.company import Company
from twins.quickbooks.context import Context
from twins.quickbooks.envelope import News, answer, packed, page, wants_json
from twins.quickbooks.faults import FaultError, refusal, throttled
from twins.quickbooks.gates import Gates, check_state, check_writable
from twins.quickbooks.metering import Kind, Meter, Use
from twins.quickbooks.presenting import show
from twins.quickbooks.reads import entity_of, read
from twins.quickbooks.replay import MAX_REQUEST_ID, Replays
from twins.quickbooks.sign_in import Access, SignIn
from twins.quickbooks.switches import Switches
from twins.quickbooks.throttle import Throttle
from twins.quickbooks.values import Json, envelope_time

ROOT = "/v3/company/"
OLDEST_MINOR_VERSION = 75
"""Lower versions are served as this one (Intuit's notice of January 2025)."""

_SMALL_NUMBER = re.compile(r"[0-9]{1,9}")
_COUNTED = {Kind.READ: "reads", Kind.QUERY: "queries", Kind.CDC: "cdc", Kind.DOWNLOAD: "reads", Kind.CORE: "writes"}


class Api:
    """Answers API requests for all companies of a twin."""

    def __init__(self, companies: dict[str, Company], sign_in: SignIn, switches: Switches, calls: Counter[str]) -> None:
        self.meter = Meter(switches)
        self.files = attachments.Files()
        self._companies = companies
        self._switches = switches
        self._calls = calls
        self._gates = Gates(sign_in, switches)
        self._throttle = Throttle(switches)
        self._replays = Replays(switches)
        self._news = News(switches)

    def handle(self, request: Request, now: datetime) -> Response:
        """Answer one request."""
        self._calls["requests"] += 1
        realm_id, _, rest = request.path.removeprefix(ROOT).partition("/")
        if too_long := self._too_long(request, rest):
            return too_long
        as_json = wants_json(request, self._switches)
        access = self._gates.open(request, realm_id, now, as_json=as_json)
        if isinstance(access, Response):
            return packed(request, access, self._switches)
        if self._is_too_much(access, realm_id, request, rest, now):
            return packed(request, answer(429, throttled(now), as_json=as_json), self._switches)
        if request.parameter("minorversion") and _minor_version(request) < OLDEST_MINOR_VERSION:
            self._calls["old_minor_version"] += 1
        context = Context(self._companies[realm_id], self._switches, now, address=_address(request))
        return packed(request, self._operate(request, rest, context, access, as_json=as_json), self._switches)

    def forget(self, realm_id: str) -> None:
        """Keep no answer of a company any longer."""
        self._replays.forget(realm_id)

    def _too_long(self, request: Request, rest: str) -> Response | None:
        """The edge's answer to what it does not let through; uploads have a refusal of their own."""
        if len(request.body) > MAX_BODY and rest != "upload":
            return page(413, "Request Entity Too Large")
        if request.method == "GET" and len(request.parameter("query")) > self._switches.longest_statement_in_url:
            return page(414, "Request-URI Too Long")
        return None

    def _is_too_much(self, access: Access, realm_id: str, request: Request, rest: str, now: datetime) -> bool:
        if self._switches.throttle and not self._throttle.admit(realm_id, access.client_id, now, batch=rest == "batch"):
            self._calls["throttled"] += 1
            return True
        if self.meter.is_blocked(access.client_id, now) and _reads(request, rest):
            self._calls["blocked"] += 1
            self.meter.count_blocked(access.client_id, realm_id, now)
            return True
        return False

    def _operate(self, request: Request, rest: str, context: Context, access: Access, *, as_json: bool) -> Response:
        realm_id, now = context.company.realm_id, context.now
        request_id = request.parameter("requestid") if request.method == "POST" and rest != "query" else ""
        try:
            check_state(self._switches)
            stored = self._replays.find(realm_id, request_id, request, now) if request_id else None
        except FaultError as fault:
            return _fault(fault, context, as_json=as_json)
        if stored is not None:
            self._calls["replayed"] += 1
            return stored
        uses: tuple[Use, ...] = ()
        try:
            if len(request_id) > MAX_REQUEST_ID:
                raise refusal("2130", f"requestid can have at most {MAX_REQUEST_ID} characters", "requestid")
            context.allow_duplicate_numbers = "allowduplicatedocnum" in _include(request)
            context.auto_numbers = "allowautodocnum" in _include(request)
            content, uses = self._dispatch(request, rest, context, request_id)
            given = _success(content, self._news, context, as_json=as_json)
        except FaultError as fault:
            given = _fault(fault, context, as_json=as_json)
            uses = (Use(_kind(request, rest), failed=1),)
            if not self._switches.replay_faults:
                request_id = ""
        self.meter.count(access.client_id, realm_id, now, *uses)
        if request_id:
            self._replays.keep(realm_id, request_id, request, given, now)
        return given

    def _dispatch(
        self, request: Request, rest: str, context: Context, request_id: str
    ) -> tuple[Json | Response, tuple[Use, ...]]:
        """The content of a successful answer, and what it is to the meter. Raises FaultError."""
        if (request.method, rest) == ("POST", "batch"):
            return self._batch(request, context, request_id)
        kind = _kind(request, rest)
        if request.method == "POST" and kind is Kind.CORE and ("/" not in rest or rest in writes.SERVICES):
            check_writable(context)
            self._calls[_COUNTED[kind]] += 1
            return self._post(request, rest, context), (Use(kind),)
        if kind is Kind.CORE:
            raise refusal("500", f"Operation {request.method} is not supported for {rest}")
        self._calls[_COUNTED[kind]] += 1
        return read(context, request, rest), (Use(kind),)

    def _batch(self, request: Request, context: Context, request_id: str) -> tuple[Json, tuple[Use, ...]]:
        self._calls["batches"] += 1
        items = batch.items_of(json_of(request))
        self._calls["batch_items"] += len(items)
        content = batch.run(context, items, request_id)
        answers = list(zip(items, content["BatchItemResponse"], strict=True))
        reads = ["Fault" in done for item, done in answers if batch.is_read(item)]
        changes = ["Fault" in done for item, done in answers if not batch.is_read(item)]
        uses = [Use(Kind.CORE, len(changes), sum(changes)), Use(Kind.ITEM, len(reads), sum(reads))]
        return content, (*uses, Use(Kind.BATCH)) if reads else (*uses,)

    def _post(self, request: Request, rest: str, context: Context) -> Json:
        if rest == "upload":
            self._calls["uploads"] += 1
            return attachments.upload(context, request, self.files)
        body = json_of(request)
        if rest in writes.SERVICES:
            return writes.SERVICES[rest](context, body)
        entity, operation = entity_of(rest), request.parameter("operation").lower()
        if operation == "delete":
            return {entity.name: writes.delete(context, entity, body)}
        if operation == "void" or "void" in _include(request):
            return {entity.name: writes.void(context, entity, body)}
        if operation:
            writes_as_named(entity, operation, body)
        return {entity.name: show(context, entity.name, writes.write(context, entity, body))}


def _kind(request: Request, rest: str) -> Kind:
    """What a request that is no batch is to the meter. Everything that changes something, or tries to, is Core."""
    resource = rest.partition("/")[0]
    if rest == "query" and request.method in {"GET", "POST"}:
        return Kind.QUERY
    if request.method != "GET" or resource in {"query", "batch"}:
        return Kind.CORE
    return {"cdc": Kind.CDC, "download": Kind.DOWNLOAD}.get(resource, Kind.READ)


def _reads(request: Request, rest: str) -> bool:
    """Whether a request is metered, a batch with any read among them."""
    if rest != "batch":
        return _kind(request, rest) is not Kind.CORE
    try:
        return any(batch.is_read(item) for item in batch.items_of(json_of(request)))
    except FaultError:
        return False  # it is refused for its form a moment later


def _include(request: Request) -> list[str]:
    return request.parameter("include").lower().split(",")


def _minor_version(request: Request) -> int:
    given = request.parameter("minorversion")
    return int(given) if _SMALL_NUMBER.fullmatch(given) else 0


def _address(request: Request) -> str:
    """Where links of an answer point: to the host the caller used."""
    scheme = "https" if request.host.endswith("intuit.com") else "http"
    return f"{scheme}://{request.host}"


def _success(content: Any, news: News, context: Context, *, as_json: bool) -> Response:
    if isinstance(content, Response):
        return content
    return answer(200, {**news.added_to(content), "time": envelope_time(context.now)}, as_json=as_json)


def _fault(fault: FaultError, context: Context, *, as_json: bool) -> Response:
    return answer(400, {**fault.body(), "time": envelope_time(context.now)}, as_json=as_json)
