"""Bills, vendor credits and purchase orders: a vendor, a payable account, a location in the head and lines of expense.

Source: Intuit's API reference of Bill, VendorCredit and PurchaseOrder.
"""

from datetime import date, timedelta
from decimal import Decimal

from twins.quickbooks import orders, tax
from twins.quickbooks.context import Context, reference_to
from twins.quickbooks.currency import check_account, currency_of, settle, without
from twins.quickbooks.faults import FaultError, Problem, business, missing, refusal
from twins.quickbooks.values import ZERO, Json, amount_of, cents, money

MAX_LINES = 10_000
_DETAILS = ("AccountBasedExpenseLineDetail", "ItemBasedExpenseLineDetail", "DescriptionOnly")
_FORBIDDEN_ACCOUNTS = {"Accounts Payable", "Accounts Receivable"}


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
    record["APAccountRef"] = _payable_account(context, record)
    record = check_dimension(context, record, "DepartmentRef")
    record = context.complete(record, {"SalesTermRef": "Term"})
    record["Line"] = number_lines([_line(context, line, record) for line in record["Line"]], old, first=1)
    record.setdefault("TxnDate", context.today)
    if kind != "VendorCredit":
        record.setdefault("DueDate", _due_date(context, record))
    if kind != "PurchaseOrder":
        record = orders.keep_valid_links(context, kind, record)
    elif "POStatus" not in record:
        record["POStatus"] = "Open"
    # Tax a person did not bring is computed anew when the lines change.
    if "Line" in context.supplied and "TxnTaxDetail" not in context.supplied:
        record = without(record, "TxnTaxDetail")
    return _totals(context, kind, tax.apply(context, record))


def _totals(context: Context, kind: str, record: Json) -> Json:
    net = sum((amount_of(line, "Amount") for line in record["Line"]), ZERO)
    total = net + amount_of(record.get("TxnTaxDetail", {}), "TotalTax")
    if total < 0:
        raise business("Transaction amount must be 0 or greater.", "TotalAmt")
    record = {**record, "TotalAmt": money(total)}
    if kind == "PurchaseOrder":
        return record
    return with_balance(context, kind, record)


def with_balance(context: Context, kind: str, record: Json) -> Json:
    """The bill or credit with what is still open. Raises FaultError 6000 when payments exceed its total."""
    open_amount = amount_of(record, "TotalAmt") - context.company.applied.get((kind, record.get("Id", "")), ZERO)
    if open_amount < 0:
        raise business("The amount applied by payments is greater than the transaction.", "TotalAmt")
    shown = {**record, "Balance": money(open_amount)}
    if kind == "Bill" and context.company.multicurrency:
        shown["HomeBalance"] = money(open_amount * Decimal(record["ExchangeRate"]))
    return shown


def _payable_account(context: Context, record: Json) -> Json:
    currency = record["CurrencyRef"]["value"]
    if "APAccountRef" not in record:
        return _implied_payable_account(context, currency)
    account = context.find("Account", record["APAccountRef"])
    if account["AccountType"] != "Accounts Payable":
        raise business("The account must be an Accounts Payable account.", "APAccountRef")
    if currency_of(account, context.company.home_currency) != currency:
        raise business("The Accounts Payable account must have the currency of the transaction.", "APAccountRef")
    return reference_to("Account", account)


def _implied_payable_account(context: Context, currency: str) -> Json:
    matching = context.company.payable_accounts(currency)
    if len(matching) != 1:
        raise FaultError(missing("APAccountRef"))
    return reference_to("Account", matching[0])


def check_dimension(context: Context, fields: Json, name: str) -> Json:
    """A class or location checked against its list, and against whether the company tracks it at all."""
    if name not in fields:
        return fields
    entity, what = ("Department", "Location") if name == "DepartmentRef" else ("Class", "Class")
    company = context.company
    tracked = (
        company.is_on("AccountingInfoPrefs", "TrackDepartments")
        if entity == "Department"
        else company.is_on("AccountingInfoPrefs", "ClassTrackingPerTxnLine")
        or company.is_on("AccountingInfoPrefs", "ClassTrackingPerTxn")
    )
    if not tracked and context.switches.refuse_untracked_dimensions:
        raise business(f"{what} tracking is not enabled for this company.", name)
    if not tracked:
        return without(fields, name)
    return context.complete(fields, {name: entity})


def _line(context: Context, line: Json, record: Json) -> Json:
    absent = [missing(f"Line.{name}") for name in ("Amount", "DetailType") if name not in line]
    kind = line.get("DetailType", "")
    if kind in _DETAILS[:2] and kind not in line:
        absent.append(missing(f"Line.{kind}"))
    if absent:
        raise FaultError(*absent)
    if kind not in _DETAILS:
        raise refusal("2170", f"{kind} is not a line of this transaction", "DetailType")
    if kind == "DescriptionOnly":
        return without(line, "Amount")
    others = tuple(name for name in _DETAILS[:2] if name != kind)
    line = without(line, *others)
    if kind == _DETAILS[0]:
        detail = _account_detail(context, line[kind], record)
    elif "ItemRef" not in line[kind]:
        return {**without(line, kind, "Amount"), "DetailType": "DescriptionOnly"}
    else:
        detail = _item_detail(context, line)
    return {**line, kind: _shared_detail(context, detail)}


def _account_detail(context: Context, detail: Json, record: Json) -> Json:
    account = context.required("Account", detail, "AccountRef", "Line.AccountBasedExpenseLineDetail.")
    if account["AccountType"] in _FORBIDDEN_ACCOUNTS or account["AccountType"] == "Non-Posting":
        raise business(
            f"An {account['AccountType']} account cannot be used in the detail of this transaction.", "AccountRef"
        )
    check_account(context, account, record["CurrencyRef"]["value"])
    return {**detail, "AccountRef": reference_to("Account", account)}


def _item_detail(context: Context, line: Json) -> Json:
    detail: Json = line["ItemBasedExpenseLineDetail"]
    item = context.find("Item", detail["ItemRef"])
    target = item.get("AssetAccountRef") if item.get("Type") == "Inventory" else item.get("ExpenseAccountRef")
    if target is None:
        raise business("The item has no purchase side: it needs an expense account.", "ItemRef")
    if "Qty" in detail and "UnitPrice" in detail:
        product = cents(Decimal(detail["Qty"]) * Decimal(detail["UnitPrice"]))
        if product != amount_of(line, "Amount"):
            raise refusal("6070", f"Amount is not equal to UnitPrice * Qty. Supplied value:{line['Amount']}", "Amount")
    account = reference_to("Account", context.find("Account", target))
    return {**detail, "ItemRef": reference_to("Item", item), "ItemAccountRef": account}


def _shared_detail(context: Context, detail: Json) -> Json:
    status = detail.get("BillableStatus", "NotBillable")
    if status == "HasBeenBilled":
        raise refusal("2170", "BillableStatus : HasBeenBilled cannot be set", "BillableStatus")
    if status == "Billable" and "CustomerRef" not in detail:
        raise refusal("6310", "You must choose a customer for a billable line", "CustomerRef")
    shown = check_dimension(context, {**detail, "BillableStatus": status}, "ClassRef")
    return context.complete(shown, {"CustomerRef": "Customer"})


def number_lines(lines: list[Json], old: Json | None, *, first: int) -> list[Json]:
    """Lines with their ids: a known id stays, anything else becomes a new line; numbers count from 1."""
    known = {line["Id"] for line in old["Line"]} if old is not None else set()
    following = max((int(key) for key in known), default=first - 1) + 1
    numbered, taken = [], set[str]()
    for position, line in enumerate(lines, start=1):
        key = line.get("Id", "")
        if key not in known or key in taken:
            key, following = str(following), following + 1
        taken.add(key)
        numbered.append({**line, "Id": key, "LineNum": position, "LinkedTxn": line.get("LinkedTxn", [])})
    return numbered


def _due_date(context: Context, record: Json) -> str:
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
