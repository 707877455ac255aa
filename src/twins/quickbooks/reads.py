"""Everything the API answers without changing anything: records by id, queries, change queries, settings, rates, files."""

from collections.abc import Callable

from twins.http import Request, Response
from twins.quickbooks import attachments, cdc, writes
from twins.quickbooks.bodies import text_of
from twins.quickbooks.catalogue import BY_LOWER_NAME, Entity
from twins.quickbooks.context import Context
from twins.quickbooks.faults import gone, refusal
from twins.quickbooks.presenting import show
from twins.quickbooks.rates import rate_of
from twins.quickbooks.select import select
from twins.quickbooks.values import Json

Reader = Callable[[Context, Request, str], Json | Response]


def read(context: Context, request: Request, rest: str) -> Json | Response:
    """What is asked for behind the company in the path. Raises FaultError."""
    resource, _, key = rest.partition("/")
    reader = _WITH_KEY.get(resource) if key else _WITHOUT_KEY.get(resource)
    if reader is not None:
        return reader(context, request, key)
    entity = entity_of(resource)
    if not key:
        raise refusal("500", f"Operation GET is not supported for {resource} without an id")
    return {entity.name: show(context, entity.name, writes.find(context, entity, key))}


def entity_of(resource: str) -> Entity:
    """The entity of a path segment, which is in lower case. Raises FaultError 500 when there is none."""
    entity = BY_LOWER_NAME.get(resource)
    if entity is None:
        raise refusal("500", f"Operation is not supported for {resource}")
    return entity


def _query(context: Context, request: Request, _key: str) -> Json:
    statement = request.parameter("query") if request.method == "GET" else text_of(request)
    return {"QueryResponse": select(context, statement)}


def _changes(context: Context, request: Request, _key: str) -> Json:
    return cdc.changes(context, request.parameter("entities"), request.parameter("changedSince"))


def _company_info(context: Context, _request: Request, key: str) -> Json:
    if key not in {context.company.realm_id, context.company.info["Id"]}:
        raise gone()
    return {"CompanyInfo": context.company.info}


def _preferences(context: Context, _request: Request, _key: str) -> Json:
    return {"Preferences": context.company.preferences}


def _rate(context: Context, request: Request, _key: str) -> Json:
    day = request.parameter("asofdate") or context.today
    return {"ExchangeRate": rate_of(context.company, request.parameter("sourcecurrencycode"), day)}


def _download(context: Context, _request: Request, key: str) -> Response:
    return attachments.download(context, key)


_WITH_KEY: dict[str, Reader] = {"companyinfo": _company_info, "download": _download}
_WITHOUT_KEY: dict[str, Reader] = {
    "query": _query,
    "cdc": _changes,
    "preferences": _preferences,
    "exchangerate": _rate,
}
