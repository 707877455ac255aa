"""Create, update and delete: the order of the checks, sync tokens and time stamps, and what one write changes elsewhere.

Everything is checked before anything is stored, so a refused write leaves no trace.
"""

from collections.abc import Callable
from typing import Any

from twins.quickbooks import journals, lists, orders, payments, purchases
from twins.quickbooks.catalogue import ENTITIES, Entity, Family
from twins.quickbooks.checks import check_id, inspect
from twins.quickbooks.context import Context
from twins.quickbooks.currency import without
from twins.quickbooks.faults import FaultError, Problem, business, gone, missing, refusal
from twins.quickbooks.values import Json, stamp

Finish = Callable[[Context, str, Json, Json | None], Json]

_FINISH: dict[str, Finish] = {
    "Bill": purchases.finish,
    "VendorCredit": purchases.finish,
    "PurchaseOrder": purchases.finish,
    "JournalEntry": journals.finish,
    "BillPayment": payments.finish,
}
_COMPUTED = {
    "Bill": ("TotalAmt",),
    "VendorCredit": ("TotalAmt", "LinkedTxn"),
    "PurchaseOrder": ("TotalAmt", "LinkedTxn"),
    "JournalEntry": ("TotalAmt", "LinkedTxn"),
    "BillPayment": ("LinkedTxn",),
}
_BOOKKEEPING = ("SyncToken", "MetaData")
_KEPT_BY_FULL_UPDATE = (
    "CurrencyRef",
    "LinkedTxn",
    "Active",
    "AccountType",
    "POStatus",
    "TxnDate",
    "CurrentBalance",
    "IsProject",
)


def write(context: Context, entity: Entity, body: Any) -> Json:
    """Create or update, whichever the body asks for: an update carries an Id. Raises FaultError."""
    if entity.family is Family.RATE:
        return _write_rate(context, entity, body)
    if not entity.writable:
        raise refusal("500", f"Operation create is not supported for {entity.name}")
    fields = inspect(entity, body, latin1_only=context.latin1_only)
    if entity.is_transaction:
        fields = without(fields, *_COMPUTED[entity.name])
    if fields.get("Id") is None:
        return _create(context, entity, fields)
    return _update(context, entity, fields, sparse=body.get("sparse") in {True, "true"})


def _create(context: Context, entity: Entity, fields: Json) -> Json:
    given = without(_present(fields), "SyncToken", "Id")
    context.supplied = frozenset(given)
    record = finish(context, entity, given, None)
    return _store(context, entity, record, None)


def _update(context: Context, entity: Entity, fields: Json, *, sparse: bool) -> Json:
    old = find(context, entity, fields["Id"])
    check_token(old, fields.get("SyncToken"))
    given = without(fields, *_BOOKKEEPING)
    context.supplied = frozenset(given)
    kept = old if sparse else {name: old[name] for name in _KEPT_BY_FULL_UPDATE if name in old}
    record = finish(context, entity, _present({**without(kept, "status"), **given}), old)
    return _store(context, entity, record, old)


def finish(context: Context, entity: Entity, fields: Json, old: Json | None) -> Json:
    """The record with all its computed properties, without time stamps. Raises FaultError when a rule is broken."""
    complete = _FINISH.get(entity.name, lists.finish)
    return {**complete(context, entity.name, fields, old), "domain": "QBO", "sparse": False}


def _store(context: Context, entity: Entity, record: Json, old: Json | None) -> Json:
    if old is not None and _content(record) == _content(old):
        return old
    if entity.is_transaction:
        _check_period(context, record, old)
        _check_number(context, entity.name, record, old)
    record = stamped(context, entity, record, old)
    if entity.name in _FINISH:
        _store_transaction(context, entity.name, record, old)
    else:
        context.company.put(entity.name, record)
        _rename_children(context, entity, record, old)
    return record


def _store_transaction(context: Context, name: str, record: Json, old: Json | None) -> None:
    context.company.put(name, record)
    if name == "BillPayment":
        touch(context, payments.apply(context, old, record))
    if name == "Bill":
        _refresh_orders(context, orders.linked_orders(record) | orders.linked_orders(old or {}))


def touch(context: Context, changed: list[tuple[str, Json]]) -> None:
    """Store records that another write changed; their sync tokens move, so cached ones become stale."""
    for name, record in changed:
        old = context.company.get(name, record["Id"])
        if old is not None and _content(record) != _content(old):
            context.company.put(name, stamped(context, ENTITIES[name], record, old))


def _refresh_orders(context: Context, keys: set[str]) -> None:
    found = (context.company.get("PurchaseOrder", key) for key in sorted(keys))
    touch(context, [("PurchaseOrder", orders.billed(context, order)) for order in found if order is not None])


def _rename_children(context: Context, entity: Entity, record: Json, old: Json | None) -> None:
    if old is None or old.get("FullyQualifiedName") == record.get("FullyQualifiedName"):
        return
    children = context.company.tables[entity.name].records.values()
    for child in [each for each in children if each.get("ParentRef", {}).get("value") == record["Id"]]:
        name = f"{record['FullyQualifiedName']}:{child[entity.name_field]}"
        changed = {**child, "FullyQualifiedName": name}
        context.company.put(entity.name, changed)
        _rename_children(context, entity, changed, child)


def stamped(context: Context, entity: Entity, record: Json, old: Json | None) -> Json:
    """The record with its id, the next sync token and its time stamps."""
    now = stamp(context.now)
    if old is None:
        bookkeeping = {"SyncToken": "0", "MetaData": {"CreateTime": now, "LastUpdatedTime": now}}
        return {**record, "Id": record.get("Id") or context.company.next_id(entity), **bookkeeping}
    return {
        **record,
        "SyncToken": str(int(old["SyncToken"]) + 1),
        "MetaData": {**old["MetaData"], "LastUpdatedTime": now},
    }


def find(context: Context, entity: Entity, key: Any) -> Json:
    """The record with this id. Raises FaultError 610 when there is none, or it was made earlier in the same batch."""
    record_id = check_id(key)
    record = context.company.get(entity.name, record_id)
    if record is None or (entity.name, record_id) in context.hidden:
        raise gone()
    return record


def check_token(old: Json, token: Any) -> None:
    """Raises FaultError 5010 unless the request saw the latest state, 2020 when it does not say."""
    if token is None:
        raise FaultError(missing("SyncToken"))
    if str(token) != old["SyncToken"]:
        raise FaultError(
            Problem(
                "5010",
                "Stale Object Error : You and another user were working on this at the same time. "
                "The other user finished before you did, so your work was not saved.",
            )
        )


def delete(context: Context, entity: Entity, body: Any) -> Json:
    """Delete a transaction; lists are made inactive instead. Returns the stub. Raises FaultError."""
    if not entity.is_transaction:
        raise refusal("500", f"Operation delete is not supported for {entity.name}")
    if not isinstance(body, dict):
        raise FaultError(missing("Id"))
    old = find(context, entity, body.get("Id"))
    check_token(old, body.get("SyncToken"))
    _check_period(context, old, None)
    if (entity.name, old["Id"]) in context.company.applied:
        raise business("A payment is applied to this transaction; delete the payment first.")
    stub = {"domain": "QBO", "status": "Deleted", "Id": old["Id"]}
    kept = {**stub, "MetaData": {"LastUpdatedTime": stamp(context.now)}}
    context.company.remove(entity.name, old, kept, context.now)
    if entity.name == "BillPayment":
        touch(context, payments.apply(context, old, None))
    if entity.name == "Bill":
        _refresh_orders(context, orders.linked_orders(old))
    return stub


def void(context: Context, entity: Entity, body: Any) -> Json:
    """Void a bill payment: no amounts, no lines, its bills open again. Bills cannot be voided. Raises FaultError."""
    if entity.name != "BillPayment":
        raise refusal("500", f"Operation void is not supported for {entity.name}")
    if not isinstance(body, dict):
        raise FaultError(missing("Id"))
    old = find(context, entity, body.get("Id"))
    check_token(old, body.get("SyncToken"))
    return _store(context, entity, payments.voided(old), old)


def _write_rate(context: Context, entity: Entity, body: Any) -> Json:
    fields = _present(inspect(entity, body, latin1_only=context.latin1_only))
    absent = [missing(name) for name in ("SourceCurrencyCode", "Rate") if name not in fields]
    if absent:
        raise FaultError(*absent)
    if not context.company.multicurrency and not context.lenient:
        raise business("Multicurrency is not enabled for this company.")
    home = context.company.home_currency
    record = {"TargetCurrencyCode": home, "AsOfDate": context.today, **fields, "domain": "QBO", "sparse": False}
    record["Id"] = f"{record['SourceCurrencyCode']}-{record['AsOfDate']}"
    record = stamped(context, entity, record, context.company.get(entity.name, record["Id"]))
    context.company.put(entity.name, record)
    return record


def _check_period(context: Context, record: Json, old: Json | None) -> None:
    closed = context.company.book_close_date
    if context.lenient or not closed:
        return
    if any(each is not None and each["TxnDate"] <= closed for each in (record, old)):
        raise refusal(
            "6210",
            "The account period has closed and the account books cannot be updated through the QBO Services API. "
            "Please use the QBO website to make these changes.",
        )


def _check_number(context: Context, name: str, record: Json, old: Json | None) -> None:
    setting = "WarnDuplicateJournalNumber" if name == "JournalEntry" else "WarnDuplicateBillNumber"
    if name not in {"Bill", "VendorCredit", "JournalEntry"} or "DocNumber" not in record:
        return
    unchanged = old is not None and all(old.get(each) == record.get(each) for each in ("DocNumber", "VendorRef"))
    if context.allow_duplicate_numbers or unchanged or not context.company.is_on("OtherPrefs", setting):
        return
    others = context.company.same_number(name, record) - {record.get("Id", "")}
    if others:
        raise refusal(
            "6140",
            "You must specify a different number. This number has already been used. "
            f"DocNumber={record['DocNumber']} is assigned to TxnType={name.replace('Entry', ' Entry')} "
            f"with TxnId={min(others, key=int)}",
        )


def _present(fields: Json) -> Json:
    return {name: value for name, value in fields.items() if value is not None}


def _content(record: Json) -> Json:
    return without(record, *_BOOKKEEPING)
