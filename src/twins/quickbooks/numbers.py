"""Document numbers, and the days on which the books are open.

Whether a number may be used twice is a setting of the company; the refusal names the transaction that has it (6140, a body
recorded in September 2026). How far the service looks for it is not documented and a switch here.
"""

from twins.quickbooks.context import Context
from twins.quickbooks.faults import refusal
from twins.quickbooks.values import Json

_WARNED = {
    "Bill": "WarnDuplicateBillNumber",
    "VendorCredit": "WarnDuplicateBillNumber",
    "JournalEntry": "WarnDuplicateJournalNumber",
    "BillPayment": "WarnDuplicateCheckNumber",
}
"""The setting of OtherPrefs that forbids to use a number twice."""
_SHOWN = {"JournalEntry": "Journal Entry", "VendorCredit": "Vendor Credit", "BillPayment": "Bill Payment"}
_FIRST = 1001


def check_number(context: Context, name: str, record: Json, old: Json | None) -> None:
    """Raises FaultError 6140 for a number in use, unless the company or the request allows that."""
    if name not in _WARNED or "DocNumber" not in record or context.allow_duplicate_numbers:
        return
    unchanged = old is not None and all(old.get(each) == record.get(each) for each in ("DocNumber", "VendorRef"))
    if unchanged or not context.company.is_on("OtherPrefs", _WARNED[name]):
        return
    owner = _owner(context, name, record)
    if owner is not None:
        raise refusal(
            "6140",
            "You must specify a different number. This number has already been used. "
            f"DocNumber={record['DocNumber']} is assigned to TxnType={_SHOWN.get(owner[0], owner[0])} "
            f"with TxnId={owner[1]}",
        )


def _owner(context: Context, name: str, record: Json) -> tuple[str, str] | None:
    """The oldest transaction with the record's number, as far as the service looks for it."""
    company, scope = context.company, context.switches.duplicate_number_scope
    by_vendor = scope == "vendor" and name in {"Bill", "VendorCredit"}
    vendor = record.get("VendorRef", {}).get("value", "")
    found = [
        (kind, key)
        for kind in (_WARNED if scope == "any type" else (name,))
        for key in company.with_number(kind, record["DocNumber"])
        if (kind, key) != (name, record.get("Id"))
        and (not by_vendor or (company.get(kind, key) or {}).get("VendorRef", {}).get("value") == vendor)
    ]
    return min(found, key=lambda each: int(each[1])) if found else None


def numbered(context: Context, name: str, record: Json, old: Json | None) -> Json:
    """The record with a number of the service's own, where it gives one to what comes without."""
    if old is not None or "DocNumber" in record or context.lenient or not _numbers_itself(context, name):
        return record
    return {**record, "DocNumber": context.company.next_number(name, _FIRST)}


def _numbers_itself(context: Context, name: str) -> bool:
    company = context.company
    own = company.is_on("SalesFormsPrefs", "CustomTxnNumbers") or company.is_on(
        "VendorAndPurchasesPrefs", "UseCustomTxnNumbers"
    )
    if name == "PurchaseOrder":
        return not own
    if name == "VendorCredit":
        return context.switches.number_vendor_credits and not own
    return name == "JournalEntry" and context.auto_numbers


def check_period(context: Context, record: Json, old: Json | None) -> None:
    """Raises FaultError for a date in closed books, before or after the change: 6210, or 6200 where no password is set."""
    closed = context.company.book_close_date
    if context.lenient or not closed:
        return
    if all(each is None or each["TxnDate"] > closed for each in (record, old)):
        return
    if not context.switches.closing_date_has_password:
        raise refusal("6200", "The account period has closed. Please change the date of the transaction.")
    raise refusal(
        "6210",
        "The account period has closed and the account books cannot be updated through the QBO Services API. "
        "Please use the QBO website to make these changes.",
    )
