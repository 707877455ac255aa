"""Bills, vendor credits and purchase orders: a vendor, a payable account, a location in the head and lines of expense.

Source: Intuit's API reference of Bill, VendorCredit and PurchaseOrder.
"""

from datetime import date, timedelta

from twins.quickbooks import orders, service_accounts, tax
from twins.quickbooks.context import Context, reference_to
from twins.quickbooks.currency import settle, without
from twins.quickbooks.expense_lines import check_dimension, expense_line, number_lines
from twins.quickbooks.faults import FaultError, Problem, business, missing, refusal
from twins.quickbooks.ledger import rate_of
from twins.quickbooks.values import ZERO, Json, amount_of, money

MAX_LINES = 10_000
MAX_CUSTOM_FIELDS = 3


def finish(context: Context, kind: str, fields: Json, old: Json | None) -> Json:
    """The whole record for what a request says, with everything the service computes. Raises FaultError."""
    vendor = context.required("Vendor", fields, "VendorRef")
    if old is not None and (kind, old["Id"]) in context.company.applied and old["VendorRef"]["value"] != vendor["Id"]:
        raise business("The vendor cannot be changed while a payment is applied to this transaction.", "VendorRef")
    if not fields.get("Line"):
        raise FaultError(Problem("2020", "Required parameter Line is missing in the request", "Line"))
    if len(fields["Line"]) > MAX_LINES:
        raise business(f"A transaction cannot have more than {MAX_LINES} lines.", "Line")
    if kind == "PurchaseOrder" and "APAccountRef" not in fields:
        raise FaultError(missing("APAccountRef"))
    record = settle(context, fields, old, vendor)
    record["VendorRef"] = reference_to("Vendor", vendor)
    record["APAccountRef"] = payable_account(context, record)
    record = _head(context, kind, record)
    lines = [expense_line(context, line, record["CurrencyRef"]["value"]) for line in record["Line"]]
    record["Line"] = number_lines(lines, old, first=1)
    record = _dated(context, record, has_due_date=kind != "VendorCredit")
    if kind == "PurchaseOrder":
        record = orders.with_status(context, record, old)
    else:
        record = orders.keep_valid_links(context, kind, record, fields, old)
    # Tax a person did not bring is computed anew when the lines change.
    if "Line" in context.supplied and "TxnTaxDetail" not in context.supplied:
        record = without(record, "TxnTaxDetail")
    return _totals(context, kind, tax.apply(context, record), old)


def _head(context: Context, kind: str, record: Json) -> Json:
    if kind == "PurchaseOrder":
        if not context.switches.order_location_kept:
            record = without(record, "DepartmentRef")
        if "CustomField" in record:
            record = {**record, "CustomField": record["CustomField"][:MAX_CUSTOM_FIELDS]}
        record = check_dimension(context, {"POStatus": "Open", **record}, "ClassRef", in_head=True)
    record = check_dimension(context, record, "DepartmentRef")
    return context.complete(record, {"SalesTermRef": "Term"})


def _dated(context: Context, record: Json, *, has_due_date: bool) -> Json:
    record = {"TxnDate": context.today, **record}
    return {"DueDate": _due_date(context, record), **record} if has_due_date else record


def _totals(context: Context, kind: str, record: Json, old: Json | None) -> Json:
    net = sum((amount_of(line, "Amount") for line in record["Line"]), ZERO)
    total = net + amount_of(record.get("TxnTaxDetail", {}), "TotalTax")
    if total < 0:
        raise business("Transaction amount must be 0 or greater.", "TotalAmt")
    record = {**record, "TotalAmt": money(total)}
    if kind == "PurchaseOrder":
        return record
    if old is not None and rate_of(old) != rate_of(record) and (kind, old["Id"]) in context.company.applied:
        service_accounts.provide_exchange(context)
    return with_balance(context, kind, record)


def with_balance(context: Context, kind: str, record: Json) -> Json:
    """The bill or credit with what is still open. Raises FaultError 6000 when payments exceed its total."""
    open_amount = amount_of(record, "TotalAmt") - context.company.applied.get((kind, record.get("Id", "")), ZERO)
    if open_amount < 0:
        raise business("The amount applied by payments is greater than the transaction.", "TotalAmt")
    shown = {**record, "Balance": money(open_amount)}
    if kind == "Bill" and context.company.multicurrency:
        shown["HomeBalance"] = money(open_amount * rate_of(record))
    return shown


def payable_account(context: Context, record: Json) -> Json:
    """The payable account of a transaction as a reference: the one it names, or the only one there is in its currency.

    The first foreign transaction opens the payable account of its currency. Raises FaultError 6000 or 2020.
    """
    company, currency = context.company, record["CurrencyRef"]["value"]
    if "APAccountRef" in record:
        account = context.find("Account", record["APAccountRef"])
        if account["AccountType"] != "Accounts Payable":
            raise business("The account must be an Accounts Payable account.", "APAccountRef")
        if account.get("CurrencyRef", {}).get("value", company.home_currency) == currency:
            return reference_to("Account", account)
        if context.switches.payable_account_currency:
            raise business("The Accounts Payable account must have the currency of the transaction.", "APAccountRef")
    matching = company.payable_accounts(currency)
    if not matching and currency != company.home_currency:
        matching = [service_accounts.provide(context, service_accounts.PAYABLE, currency)]
    if len(matching) != 1:
        raise FaultError(missing("APAccountRef"))
    return reference_to("Account", matching[0])


def _due_date(context: Context, record: Json) -> str:
    """The day the terms come to. Raises FaultError 2060 when that is beyond all years."""
    try:
        return _day_by_terms(context, record)
    except OverflowError as error:
        raise refusal("2060", f"Invalid date TxnDate : {record['TxnDate']}", "TxnDate") from error


def _day_by_terms(context: Context, record: Json) -> str:
    booked = date.fromisoformat(record["TxnDate"])
    if "SalesTermRef" not in record:
        return booked.isoformat()
    term = context.find("Term", record["SalesTermRef"])
    if term.get("Type") != "DATE_DRIVEN":
        return (booked + timedelta(days=int(term.get("DueDays", 0)))).isoformat()
    due = _on_day(booked, int(term.get("DayOfMonthDue", 1)))
    if due <= booked + timedelta(days=int(term.get("DueNextMonthDays", 0))):
        due = _on_day(due.replace(day=1) + timedelta(days=32), int(term.get("DayOfMonthDue", 1)))
    return due.isoformat()


def _on_day(month: date, day: int) -> date:
    last = (month.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return month.replace(day=min(day, last.day))
