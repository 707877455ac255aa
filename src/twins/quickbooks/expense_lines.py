"""The lines of bills, vendor credits and purchase orders, and what lines of all transactions have in common.

Source: Intuit's API reference of Bill; codes 2020, 2170, 6070, 6310 of the error page.
"""

from decimal import Decimal

from twins.quickbooks import items
from twins.quickbooks.context import Context, reference_to
from twins.quickbooks.currency import check_account, without
from twins.quickbooks.faults import FaultError, business, missing, refusal
from twins.quickbooks.values import Json, amount_of, cents

ACCOUNT_DETAIL, ITEM_DETAIL = "AccountBasedExpenseLineDetail", "ItemBasedExpenseLineDetail"
_DETAILS = (ACCOUNT_DETAIL, ITEM_DETAIL, "DescriptionOnly")
_FORBIDDEN_ACCOUNTS = {"Accounts Payable", "Accounts Receivable", "Non-Posting"}


def expense_line(context: Context, line: Json, currency: str) -> Json:
    """One line, checked and completed. Raises FaultError."""
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
    line = without(line, *(name for name in _DETAILS[:2] if name != kind))
    if kind == ACCOUNT_DETAIL:
        detail = _account_detail(context, line[kind], currency)
    elif "ItemRef" not in line[kind]:
        return {**without(line, kind, "Amount"), "DetailType": "DescriptionOnly"}
    else:
        detail = _item_detail(context, line)
    return {**line, kind: _shared_detail(context, detail)}


def _account_detail(context: Context, detail: Json, currency: str) -> Json:
    account = context.required("Account", detail, "AccountRef", f"Line.{ACCOUNT_DETAIL}.")
    if account["AccountType"] in _FORBIDDEN_ACCOUNTS:
        raise business(
            f"An {account['AccountType']} account cannot be used in the detail of this transaction.", "AccountRef"
        )
    check_account(context, account, currency)
    return {**detail, "AccountRef": reference_to("Account", account)}


def _item_detail(context: Context, line: Json) -> Json:
    detail: Json = line[ITEM_DETAIL]
    item, account = items.purchase_account(context, detail["ItemRef"])
    if "Qty" in detail and "UnitPrice" in detail:
        product = cents(Decimal(detail["Qty"]) * Decimal(detail["UnitPrice"]))
        if product != amount_of(line, "Amount"):
            raise refusal("6070", f"Amount is not equal to UnitPrice * Qty. Supplied value:{line['Amount']}", "Amount")
    return {**detail, "ItemRef": reference_to("Item", item), "ItemAccountRef": reference_to("Account", account)}


def _shared_detail(context: Context, detail: Json) -> Json:
    detail = {"BillableStatus": "NotBillable", **detail}
    if not (context.lenient and detail["BillableStatus"] == "HasBeenBilled"):  # a seed tells of what was before
        check_billable(detail, has_customer="CustomerRef" in detail)
    return check_dimension(context, context.complete(detail, {"CustomerRef": "Customer"}), "ClassRef")


def check_billable(detail: Json, *, has_customer: bool) -> None:
    """Whether the expense may be passed on as the line says. Raises FaultError 2170 or 6310."""
    status = detail.get("BillableStatus")
    if status == "HasBeenBilled":
        raise refusal("2170", "BillableStatus : HasBeenBilled cannot be set", "BillableStatus")
    if status == "Billable" and not has_customer:
        raise refusal("6310", "You must choose a customer for a billable line", "CustomerRef")


def check_dimension(context: Context, fields: Json, name: str, *, in_head: bool = False) -> Json:
    """A class or location checked against its list, and against whether the company tracks it there at all."""
    if name not in fields:
        return fields
    entity, what = ("Department", "Location") if name == "DepartmentRef" else ("Class", "Class")
    if not _is_tracked(context, entity, in_head=in_head):
        if context.switches.refuse_untracked_dimensions:
            raise business(f"{what} tracking is not enabled for this company.", name)
        return without(fields, name)
    return context.complete(fields, {name: entity})


def _is_tracked(context: Context, entity: str, *, in_head: bool) -> bool:
    company = context.company
    if entity == "Department":
        return company.is_on("AccountingInfoPrefs", "TrackDepartments")
    whole = company.is_on("AccountingInfoPrefs", "ClassTrackingPerTxn")
    return whole or (not in_head and company.is_on("AccountingInfoPrefs", "ClassTrackingPerTxnLine"))


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
