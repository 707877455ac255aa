"""The batch operation: up to 30 items, done one after the other, each with its own success or Fault inside an HTTP 200.

An item sees nothing that earlier items of the same batch made, and a failed item undoes none of the others
(Intuit's limits page and batch guide). Beside writes and queries an item may be a change query (XSD).
"""

from dataclasses import replace
from typing import Any

from twins.quickbooks import cdc, writes
from twins.quickbooks.bodies import writes_as_named
from twins.quickbooks.catalogue import ENTITIES
from twins.quickbooks.context import Context
from twins.quickbooks.faults import FaultError, Problem, business, missing, refusal
from twins.quickbooks.gates import check_writable
from twins.quickbooks.presenting import show
from twins.quickbooks.select import select
from twins.quickbooks.values import Json

MAX_REQUEST_ID = 36
MAX_ITEM_ID = 10
_OPERATIONS = ("create", "update", "delete")
_READS = ("Query", "CDCQuery", "ReportQuery")
_ITEM_PROPERTIES = {"bId", "operation", "optionsData", *_READS} | set(ENTITIES)


def items_of(body: Any) -> list[Json]:
    """The items of a batch. Raises FaultError 2020 when the body is none."""
    items = body.get("BatchItemRequest") if isinstance(body, dict) else None
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise FaultError(missing("BatchItemRequest"))
    return items


def is_read(item: Json) -> bool:
    """Whether an item only reads."""
    return any(name in item for name in _READS)


def run(context: Context, items: list[Json], request_id: str) -> Json:
    """The BatchItemResponse list. Raises FaultError when the batch as a whole cannot be accepted."""
    most = context.switches.batch_items
    if len(items) > most:
        raise refusal("1040", f"The maximum number of items in a batch is {most}. Supplied:{len(items)}")
    _check_ids(context, items, request_id)
    hidden = set(context.hidden)
    answers = []
    for item in items:
        answer = _item(replace(context, hidden=set(hidden)), item)
        if item.get("operation") == "create":
            hidden |= {(name, record["Id"]) for name, record in answer.items() if name in ENTITIES}
        answers.append({**answer, "bId": str(item.get("bId", ""))})
    return {"BatchItemResponse": answers}


def _check_ids(context: Context, items: list[Json], request_id: str) -> None:
    ids = [str(item.get("bId", "")) for item in items]
    if len(request_id) > MAX_REQUEST_ID:
        raise refusal("2130", f"requestid of a batch can have at most {MAX_REQUEST_ID} characters", "requestid")
    if request_id and any(len(each) > MAX_ITEM_ID for each in ids):
        raise refusal("2130", f"bId can have at most {MAX_ITEM_ID} characters with a requestid", "bId")
    given = [each for each in ids if each]
    if len(set(given)) < len(given) and not context.switches.repeated_bids:
        raise business("Every bId of a batch has to be different.", "bId")


def _check_properties(item: Json) -> None:
    unknown = next((name for name in item if name not in _ITEM_PROPERTIES), None)
    if unknown is not None:
        detail = f'Property Name:Unrecognized field "{unknown}" (Class BatchItemRequest)'
        raise FaultError(Problem("2010", detail, unknown))


def _item(context: Context, item: Json) -> Json:
    try:
        _check_properties(item)
        return _read(context, item) if is_read(item) else _write(context, item)
    except FaultError as fault:
        return fault.body()


def _read(context: Context, item: Json) -> Json:
    if "Query" in item:
        return {"QueryResponse": select(context, str(item["Query"]))}
    asked = item.get("CDCQuery")
    if not isinstance(asked, dict):
        raise refusal("500", "Operation ReportQuery is not supported")
    entities, since = (str(asked.get(name, "")) for name in ("Entities", "ChangedSince"))
    return {"CDCResponse": cdc.changes(context, entities, since)["CDCResponse"][0]}


def _write(context: Context, item: Json) -> Json:
    names = [name for name in item if name in ENTITIES]
    if len(names) != 1:
        raise FaultError(missing("BatchItemRequest entity"))
    name, operation = names[0], item.get("operation")
    if operation not in _OPERATIONS:
        raise refusal("500", f"Operation {operation} is not supported", "operation")
    check_writable(context)
    options = str(item.get("optionsData", "")).lower().split(",")
    context = replace(
        context,
        allow_duplicate_numbers=context.allow_duplicate_numbers or "allowduplicatedocnum" in options,
        auto_numbers=context.auto_numbers or "allowautodocnum" in options,
    )
    body, entity = item[name], ENTITIES[name]
    if operation == "delete":
        return {name: writes.delete(context, entity, body)}
    if "void" in options:
        return {name: writes.void(context, entity, body)}
    writes_as_named(entity, operation, body)
    return {name: show(context, name, writes.write(context, entity, body))}
