"""What is said about an attachment: its name and note, and the records it hangs on. The files themselves are elsewhere.

Source: Intuit's API reference of Attachable, the codes of its upload page, and a recorded refusal of a wrong target.
"""

from twins.quickbooks.catalogue import ENTITIES
from twins.quickbooks.context import Context
from twins.quickbooks.faults import FaultError, business, missing, refusal
from twins.quickbooks.values import Json

_TARGETS = frozenset(
    {"Bill", "BillPayment", "VendorCredit", "PurchaseOrder", "JournalEntry", "Vendor", "Customer", "Employee", "Item"}
)
_ELSEWHERE = frozenset(
    {
        "CreditMemo", "Deposit", "Estimate", "Invoice", "Payment", "Purchase", "RefundReceipt", "SalesReceipt", "TimeActivity",
        "Transfer", "Check", "Expense",
    }
)  # fmt: skip
"""What the service attaches files to as well, but this twin keeps no records of."""


def finish(context: Context, _kind: str, fields: Json, _old: Json | None) -> Json:
    """The whole attachable for what a request says. Raises FaultError."""
    if "FileName" not in fields and "Note" not in fields:
        raise FaultError(missing("FileName"))
    if "AttachableRef" not in fields:
        return fields
    return {**fields, "AttachableRef": [_link(context, each) for each in fields["AttachableRef"]]}


def _link(context: Context, link: Json) -> Json:
    if "EntityRef" not in link:
        return {"IncludeOnSend": False, **link}
    target = link["EntityRef"]
    kind = next((name for name in _TARGETS | _ELSEWHERE if name.lower() == target["type"].lower()), "")
    if not kind:
        raise refusal(
            "6050", f"Attachments to {target['type'] or 'a record without type'} are not supported", "EntityRef"
        )
    found = context.company.get(kind, target["value"]) if kind in ENTITIES else None
    if found is None or (kind, target["value"]) in context.hidden:
        raise business(f"The entity {kind} {target['value']} that you are trying to link does not exist", "EntityRef")
    return {"IncludeOnSend": False, **link, "EntityRef": {"type": kind, "value": found["Id"]}}
