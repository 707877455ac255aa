"""The REST API under /v3/company: who may call, what was asked, and the envelope of the answer.

Order of the gates: access token (401), company (403), throttle (429), then the operation itself (200 or a Fault with 400).
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from twins.http import Request, Response
from twins.quickbooks import batch, cdc, writes, xml
from twins.quickbooks.catalogue import BY_LOWER_NAME, Entity
from twins.quickbooks.company import Company
from twins.quickbooks.context import Context
from twins.quickbooks.faults import FaultError, Problem, gateway_fault, gone, missing, refusal, throttled
from twins.quickbooks.oauth import SignIn
from twins.quickbooks.select import select
from twins.quickbooks.switches import Switches
from twins.quickbooks.throttle import Throttle
from twins.quickbooks.values import Json, decode, encode, envelope_time

MAX_REQUEST_ID = 50
UNAUTHORIZED = {"Www-Authenticate": 'Bearer realm="Intuit", error="invalid_token"'}


@dataclass
class _Door:
    """What the service keeps per company besides its books: limits, and the answers given to request ids."""

    throttle: Throttle = field(default_factory=Throttle)
    answers: dict[str, tuple[bytes, Response]] = field(default_factory=dict)


class Api:
    """Answers API requests for all companies of a twin."""

    def __init__(self, companies: dict[str, Company], sign_in: SignIn, switches: Switches, calls: Counter[str]) -> None:
        self._companies = companies
        self._sign_in = sign_in
        self._switches = switches
        self._calls = calls
        self._doors: dict[str, _Door] = {}

    def handle(self, request: Request, now: datetime) -> Response:
        """Answer one request."""
        self._calls["requests"] += 1
        realm_id, _, rest = request.path.removeprefix("/v3/company/").partition("/")
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        realm_of_token = self._sign_in.realm_of(token) if scheme.lower() == "bearer" else None
        as_json = _wants_json(request)
        if realm_of_token is None:
            detail = f"Token expired: {token[:8]}" if token else "Malformed bearer token"
            body = gateway_fault("3200", "AuthenticationFailed", detail, kind="AUTHENTICATION", status=401, now=now)
            return Response(401, {**UNAUTHORIZED, "Content-Type": "application/json"}, encode(body))
        if realm_of_token != realm_id:
            detail = "The application is not authorized for this company"
            body = gateway_fault(
                "3100", "ApplicationAuthorizationFailed", detail, kind="AUTHORIZATION", status=403, now=now
            )
            return Response(403, {"Content-Type": "application/json"}, encode(body))
        door = self._doors.setdefault(realm_id, _Door())
        if self._switches.throttle and not door.throttle.admit(now, batch=rest == "batch"):
            self._calls["throttled"] += 1
            return _answer(429, throttled(now), as_json=as_json)
        context = Context(self._companies[realm_id], self._switches, now)
        return self._operate(request, rest, context, door, as_json=as_json)

    def forget(self, realm_id: str) -> None:
        """Keep no answer of a company any longer."""
        self._doors.setdefault(realm_id, _Door()).answers.clear()

    def _operate(self, request: Request, rest: str, context: Context, door: _Door, *, as_json: bool) -> Response:
        request_id = request.parameter("requestid") if request.method == "POST" and rest != "query" else ""
        if request_id in door.answers:
            self._calls["replayed"] += 1
            body, stored = door.answers[request_id]
            if body == request.body or not self._switches.refuse_changed_request:
                return stored
            return _fault(
                refusal("600", f"requestid {request_id} was used for another request"), context, as_json=as_json
            )
        try:
            if len(request_id) > MAX_REQUEST_ID:
                raise refusal("2130", f"requestid can have at most {MAX_REQUEST_ID} characters", "requestid")
            context.allow_duplicate_numbers = "allowduplicatedocnum" in request.parameter("include").lower().split(",")
            content = self._dispatch(request, rest, context, request_id)
            answer = _answer(200, {**self._decorated(content), "time": envelope_time(context.now)}, as_json=as_json)
        except FaultError as fault:
            answer = _fault(fault, context, as_json=as_json)
            if not self._switches.replay_faults:
                return answer
        if request_id:
            door.answers[request_id] = (request.body, answer)
        return answer

    def _dispatch(self, request: Request, rest: str, context: Context, request_id: str) -> Json:
        resource, _, key = rest.partition("/")
        if resource == "query" and not key:
            self._calls["queries"] += 1
            statement = request.parameter("query") if request.method == "GET" else _text(request)
            return {"QueryResponse": select(context, statement)}
        if request.method == "GET":
            return self._get(request, resource, key, context)
        if request.method != "POST" or key:
            raise refusal("500", f"Operation {request.method} is not supported for {rest}")
        if self._switches.read_only:
            raise refusal("6190", "The subscription of this company has ended or there is a billing problem")
        body = _body(request)
        if resource == "batch":
            self._calls["batches"] += 1
            items = body.get("BatchItemRequest") if isinstance(body, dict) else None
            self._calls["batch_items"] += len(items) if isinstance(items, list) else 0
            return batch.run(context, body, request_id)
        self._calls["writes"] += 1
        return self._post(request, _entity(resource), body, context)

    def _get(self, request: Request, resource: str, key: str, context: Context) -> Json:
        company = context.company
        if resource == "cdc" and not key:
            self._calls["cdc"] += 1
            return cdc.changes(context, request.parameter("entities"), request.parameter("changedSince"))
        self._calls["reads"] += 1
        if resource == "companyinfo":
            if key not in {company.realm_id, company.info["Id"]}:
                raise gone()
            return {"CompanyInfo": company.info}
        if resource == "preferences" and not key:
            return {"Preferences": company.preferences}
        if resource == "exchangerate" and not key:
            day = request.parameter("asofdate") or context.today
            return {"ExchangeRate": _rate(company, request.parameter("sourcecurrencycode"), day)}
        entity = _entity(resource)
        if not key:
            raise refusal("500", f"Operation GET is not supported for {resource} without an id")
        return {entity.name: company.present(entity.name, writes.find(context, entity, key))}

    def _post(self, request: Request, entity: Entity, body: Any, context: Context) -> Json:
        operation = request.parameter("operation").lower()
        if operation == "delete":
            return {entity.name: writes.delete(context, entity, body)}
        if operation == "void" or "void" in request.parameter("include").lower().split(","):
            return {entity.name: writes.void(context, entity, body)}
        if operation not in {"", "create", "update"}:
            raise refusal("500", f"Operation {operation} is not supported for {entity.name}")
        return {entity.name: context.company.present(entity.name, writes.write(context, entity, body))}

    def _decorated(self, content: Json) -> Json:
        if not self._switches.additive_field:
            return content
        return {name: _with_news(value) for name, value in content.items()}


def _with_news(value: Any) -> Any:
    """The same content with a property nobody knows yet in every record."""
    if isinstance(value, list):
        return [_with_news(each) for each in value]
    if not isinstance(value, dict):
        return value
    grown = {name: _with_news(each) if isinstance(each, (dict, list)) else each for name, each in value.items()}
    return {**grown, "AddedLaterByIntuit": {"Kind": "additive"}} if "domain" in value else grown


def _rate(company: Company, source: str, day: str) -> Json:
    if not source:
        raise FaultError(missing("sourcecurrencycode"))
    home = company.home_currency
    if source == home:
        return {"SourceCurrencyCode": home, "TargetCurrencyCode": home, "Rate": 1, "AsOfDate": day, "domain": "QBO"}
    rates = company.tables["ExchangeRate"].records.values()
    known = [each for each in rates if each["SourceCurrencyCode"] == source and each["AsOfDate"] <= day]
    if not known:
        raise gone()
    latest: Json = max(known, key=lambda each: str(each["AsOfDate"]))
    return latest


def _entity(resource: str) -> Entity:
    entity = BY_LOWER_NAME.get(resource)
    if entity is None:
        raise refusal("500", f"Operation is not supported for {resource}")
    return entity


def _text(request: Request) -> str:
    try:
        return request.body.decode()
    except UnicodeDecodeError as error:
        raise refusal("500", "MalformedByteSequenceException: invalid byte of a UTF-8 sequence") from error


def _body(request: Request) -> Any:
    text = _text(request)
    if "json" not in request.headers.get("content-type", ""):
        raise refusal("500", "This service reads application/json only")
    try:
        return decode(text.encode())
    except msgspec.DecodeError as error:
        raise FaultError(Problem("2010", f"Property Name:Can not parse the request: {error}")) from error


def _wants_json(request: Request) -> bool:
    return "json" in request.headers.get("accept", "")


def _fault(fault: FaultError, context: Context, *, as_json: bool) -> Response:
    return _answer(400, {**fault.body(), "time": envelope_time(context.now)}, as_json=as_json)


def _answer(status: int, body: Json, *, as_json: bool) -> Response:
    if not as_json:
        return Response(status, {"Content-Type": "application/xml;charset=UTF-8"}, xml.render(body))
    kind = "application/json;charset=utf-8" if status == 200 else "application/json"
    return Response(status, {"Content-Type": kind}, encode(body))
