"""Create, update, delete and void: which rules a request has to pass, and in what order.

Everything is checked before anything is stored, so a refused write leaves no trace.
"""

from collections.abc import Callable
from typing import Any

from twins.quickbooks import attachables, journals, lists, orders, payments, purchases, settings, tax_service
from twins.quickbooks.catalogue import Entity, Family
from twins.quickbooks.checks import inspect, is_sparse
from twins.quickbooks.context import Context
from twins.quickbooks.currency import exchange_rate, without
from twins.quickbooks.events import Operation
from twins.quickbooks.faults import FaultError, business, missing, refusal
from twins.quickbooks.numbers import check_number, check_period, numbered
from twins.quickbooks.storing import check_token, content, find, present, remove, store, touch
from twins.quickbooks.values import Json

__all__ = ["SERVICES", "delete", "find", "finish", "settle_others", "void", "write"]

Finish = Callable[[Context, str, Json, Json | None], Json]

_FINISH: dict[str, Finish] = {
    "Bill": purchases.finish,
    "VendorCredit": purchases.finish,
    "PurchaseOrder": purchases.finish,
    "JournalEntry": journals.finish,
    "BillPayment": payments.finish,
    "Attachable": attachables.finish,
}
_COMPUTED = {
    "Bill": ("TotalAmt", "CustomField"),
    "VendorCredit": ("TotalAmt", "LinkedTxn", "CustomField"),
    "PurchaseOrder": ("TotalAmt", "LinkedTxn"),
    "JournalEntry": ("TotalAmt", "LinkedTxn", "CustomField"),
    "BillPayment": ("LinkedTxn", "CustomField"),
}
"""Accepted and overwritten, or not kept at all: custom fields are for purchase orders only."""
_KEPT_BY_FULL_UPDATE = (
    "CurrencyRef",
    "LinkedTxn",
    "Active",
    "AccountType",
    "AccountSubType",
    "POStatus",
    "TxnDate",
    "CurrentBalance",
    "IsProject",
    "DefaultTaxCodeRef",
    "PreferredDeliveryMethod",
    "Size",
    "ContentType",
)
"""What a full update leaves alone although it is not sent: what the service owns, and the system defaults seen to stay."""

SERVICES: dict[str, Callable[[Context, Any], Json]] = {"taxservice/taxcode": tax_service.create}
"""Operations that are no entity's own, by path."""


def write(context: Context, entity: Entity, body: Any) -> Json:
    """Create or update, whichever the body asks for: an update carries an Id. Raises FaultError."""
    context.also = []
    if entity.family is Family.RATE:
        record, known = exchange_rate(context, entity, body)
        return store(context, entity, record, known, Operation.UPDATE if known else Operation.CREATE)
    if entity.family is Family.SETTING:
        return settings.write(context, entity, body)
    if not entity.writable:
        raise refusal("500", f"Operation create is not supported for {entity.name}")
    fields = inspect(entity, body, latin1_only=context.latin1_only)
    fields = without(fields, *_COMPUTED.get(entity.name, ()))
    if fields.get("Id") is None:
        return _create(context, entity, fields)
    return _update(context, entity, fields, sparse=is_sparse(body))


def _create(context: Context, entity: Entity, fields: Json) -> Json:
    given = without(present(fields), "SyncToken", "Id")
    context.supplied = frozenset(given)
    record = numbered(context, entity.name, finish(context, entity, given, None), None)
    return _store(context, entity, record, None, Operation.CREATE)


def _update(context: Context, entity: Entity, fields: Json, *, sparse: bool) -> Json:
    old = find(context, entity, fields["Id"])
    check_token(old, fields.get("SyncToken"))
    given = without(fields, "SyncToken", "MetaData")
    context.supplied = frozenset(given)
    kept = old if sparse else {name: old[name] for name in _KEPT_BY_FULL_UPDATE if name in old}
    record = finish(context, entity, present({**without(kept, "status"), **given}), old)
    return _store(context, entity, record, old, Operation.UPDATE)


def finish(context: Context, entity: Entity, fields: Json, old: Json | None) -> Json:
    """The record with all its computed properties, without time stamps. Raises FaultError when a rule is broken."""
    complete = _FINISH.get(entity.name, lists.finish)
    record = _with_address_ids(context, entity, complete(context, entity.name, fields, old), old)
    return {**record, "domain": "QBO", "sparse": False}


def _with_address_ids(context: Context, entity: Entity, record: Json, old: Json | None) -> Json:
    """The record whose addresses have ids: an address keeps the one it has, whatever a request says."""
    named = {}
    for name in entity.addresses:
        if address := record.get(name):
            known = (old or {}).get(name, {}).get("Id")
            given = address.get("Id", "") if context.lenient else ""
            named[name] = {**address, "Id": known or context.company.indexes.address_id(given)}
    return {**record, **named} if named else record


def _store(context: Context, entity: Entity, record: Json, old: Json | None, operation: Operation) -> Json:
    if entity.is_transaction and (old is None or content(record) != content(old)):
        check_period(context, record, old)
        check_number(context, entity.name, record, old)
    stored = store(context, entity, record, old, operation)
    if stored is not old:
        settle_others(context, entity.name, stored, old)
    return stored


def settle_others(context: Context, name: str, record: Json | None, old: Json | None) -> None:
    """Change what hangs on a transaction that was written, or deleted where there is no `record` any more."""
    if name == "BillPayment":
        touch(context, payments.apply(context, old, record))
    elif name == "Bill":
        touch(context, orders.after_bill(context, record, old))
    elif name == "PurchaseOrder":
        touch(context, orders.after_order(context, record, old))


def delete(context: Context, entity: Entity, body: Any) -> Json:
    """Delete a transaction or a file; lists are made inactive instead. Returns the stub. Raises FaultError."""
    context.also = []
    if not entity.is_transaction and entity.family is not Family.FILE:
        raise refusal("500", f"Operation delete is not supported for {entity.name}")
    old = _named(context, entity, body)
    if entity.is_transaction or "SyncToken" in body:
        check_token(old, body.get("SyncToken"))
    if entity.is_transaction:
        check_period(context, old, None)
    if (entity.name, old["Id"]) in context.company.applied:
        raise _still_applied(context)
    stub = remove(context, entity, old)
    settle_others(context, entity.name, None, old)
    return stub


def _named(context: Context, entity: Entity, body: Any) -> Json:
    if not isinstance(body, dict):
        raise FaultError(missing("Id"))
    return find(context, entity, body.get("Id"))


def _still_applied(context: Context) -> FaultError:
    """The refusal to delete what a payment settles; its code was never confirmed."""
    detail = "A payment is applied to this transaction; delete the payment first."
    code = context.switches.paid_delete_code
    return business(detail) if code == "6000" else refusal(code, detail)


def void(context: Context, entity: Entity, body: Any) -> Json:
    """Void a bill payment: no amounts, no lines, its bills open again. Bills cannot be voided. Raises FaultError."""
    context.also = []
    if entity.name != "BillPayment":
        raise refusal("500", f"Operation void is not supported for {entity.name}")
    old = _named(context, entity, body)
    check_token(old, body.get("SyncToken"))
    return _store(context, entity, payments.voided(old), old, Operation.VOID)
