"""The batch operation: up to 30 items, done one after the other, each with its own success or Fault inside an HTTP 200.

An item sees nothing that earlier items of the same batch made, and a failed item undoes none of the others
(Intuit's limits page and batch guide).
"""

from dataclasses import replace
from typing import Any

from twins.quickbooks import writes
from twins.quickbooks.catalogue import ENTITIES
from twins.quickbooks.context import Context
from twins.quickbooks.faults import FaultError, Problem, missing, refusal
from twins.quickbooks.select import select
from twins.quickbooks.values import Json

MAX_ITEMS = 30
MAX_REQUEST_ID = 36
MAX_ITEM_ID = 10
_OPERATIONS = ("create", "update", "delete")
_ITEM_PROPERTIES = {"bId", "operation", "optionsData", "Query"} | set(ENTITIES)


def run(context: Context, body: Any, request_id: str) -> Json:
    """The BatchItemResponse list. Raises FaultError when the batch as a whole cannot be accepted."""
    items = body.get("BatchItemRequest") if isinstance(body, dict) else None
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise FaultError(missing("BatchItemRequest"))
    if len(items) > MAX_ITEMS:
        raise refusal("1040", f"The maximum number of items in a batch is {MAX_ITEMS}. Supplied:{len(items)}")
    if request_id:
        _check_ids(items, request_id)
    hidden = set(context.hidden)
    answers = []
    for item in items:
        answer = _item(replace(context, hidden=set(hidden)), item)
        if item.get("operation") == "create":
            hidden |= {(name, record["Id"]) for name, record in answer.items() if name in ENTITIES}
        answers.append({**answer, "bId": str(item.get("bId", ""))})
    return {"BatchItemResponse": answers}


def _check_ids(items: list[Json], request_id: str) -> None:
    if len(request_id) > MAX_REQUEST_ID:
        raise refusal("2130", f"requestid of a batch can have at most {MAX_REQUEST_ID} characters", "requestid")
    if any(len(str(item.get("bId", ""))) > MAX_ITEM_ID for item in items):
        raise refusal("2130", f"bId can have at most {MAX_ITEM_ID} characters with a requestid", "bId")


def _check_properties(item: Json) -> None:
    unknown = next((name for name in item if name not in _ITEM_PROPERTIES), None)
    if unknown is not None:
        detail = f'Property Name:Unrecognized field "{unknown}" (Class BatchItemRequest)'
        raise FaultError(Problem("2010", detail, unknown))


def _item(context: Context, item: Json) -> Json:
    try:
        _check_properties(item)
        if "Query" in item:
            return {"QueryResponse": select(context, str(item["Query"]))}
        return _write(context, item)
    except FaultError as fault:
        return fault.body()


def _write(context: Context, item: Json) -> Json:
    names = [name for name in item if name in ENTITIES]
    if len(names) != 1:
        raise FaultError(missing("BatchItemRequest entity"))
    name, operation = names[0], item.get("operation")
    if operation not in _OPERATIONS:
        raise refusal("500", f"Operation {operation} is not supported", "operation")
    options = str(item.get("optionsData", ""))
    context = replace(
        context, allow_duplicate_numbers=context.allow_duplicate_numbers or "allowduplicatedocnum" in options.lower()
    )
    body, entity = item[name], ENTITIES[name]
    if operation == "delete":
        return {name: writes.delete(context, entity, body)}
    if options.lower() == "void":
        return {name: writes.void(context, entity, body)}
    if isinstance(body, dict) and (operation == "update") != bool(body.get("Id")):
        raise (
            FaultError(missing("Id")) if operation == "update" else refusal("500", "Operation create with an Id", "Id")
        )
    return {name: context.company.present(name, writes.write(context, entity, body))}
