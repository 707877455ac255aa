"""Journal entries: lines with a side, which balance, with location, class and party on each line.

Source: Intuit's API reference of JournalEntry and its business rules.
"""

from twins.quickbooks import service_accounts, tax
from twins.quickbooks.context import Context, reference_to
from twins.quickbooks.currency import ONE_FOREIGN, check_account, currency_of, settle, without
from twins.quickbooks.expense_lines import check_billable, check_dimension, number_lines
from twins.quickbooks.faults import FaultError, Problem, business, missing, refusal
from twins.quickbooks.ledger import rate_of
from twins.quickbooks.values import ZERO, Json, amount_of

_PARTY_NEEDED = {"Accounts Payable": ("Vendor", "vendor"), "Accounts Receivable": ("Customer", "customer")}
_DETAIL = "JournalEntryLineDetail"


def finish(context: Context, kind: str, fields: Json, old: Json | None) -> Json:
    """The whole journal entry for what a request says. Raises FaultError."""
    lines = fields.get("Line", [])
    if not lines:
        raise FaultError(Problem("2250", "You must enter at least one split line.", "Line"))
    if sum(line.get("DetailType") == _DETAIL for line in lines) < 2:
        raise business("You must fill out at least two detail lines.", "Line")
    record = settle(context, fields, old, None)
    record["Line"] = number_lines([_line(context, line, record) for line in lines], old, first=0)
    _check_control_lines(context, record)
    _check_balance(context, record)
    if old is not None and (kind, old["Id"]) in context.company.applied:
        if _control(context, old) != _control(context, record):
            raise business("The payable line cannot be changed while a payment is applied to it.", "Line")
        if rate_of(old) != rate_of(record):
            service_accounts.provide_exchange(context)
    record = {"TxnDate": context.today, "Adjustment": False, **record}
    if context.company.is_us:
        record = without(record, "TxnTaxDetail", "GlobalTaxCalculation")
    elif any(amount_of(line.get(_DETAIL, {}), "TaxAmount") for line in record["Line"]):
        service_accounts.provide_tax(context)
    shown = {**record, "TotalAmt": 0}
    return {**shown, "HomeTotalAmt": 0} if context.company.multicurrency else shown


def _line(context: Context, line: Json, record: Json) -> Json:
    kind = line.get("DetailType")
    if kind is None:
        raise FaultError(missing("Line.DetailType"))
    if kind == "DescriptionOnly":
        return without(line, "Amount")
    if kind != _DETAIL:
        raise refusal("2170", f"{kind} is not a line of this transaction", "DetailType")
    absent = [missing(f"Line.{name}") for name in ("Amount", _DETAIL) if name not in line]
    if absent:
        raise FaultError(*absent)
    if amount_of(line, "Amount") < 0 or amount_of(line[_DETAIL], "TaxAmount") < 0:
        raise refusal("2290", "Negative amounts aren't supported on transaction lines", "Amount")
    detail = line[_DETAIL]
    if "PostingType" not in detail:
        raise refusal("2260", "A posting type is required. Valid values are Credit or Debit", "PostingType")
    account = context.required("Account", detail, "AccountRef", f"Line.{_DETAIL}.")
    check_account(context, account, record["CurrencyRef"]["value"])
    detail = {**detail, "AccountRef": reference_to("Account", account)}
    detail = check_dimension(context, check_dimension(context, detail, "ClassRef"), "DepartmentRef")
    detail = _tax(context, detail, record)
    check_billable(detail, has_customer=detail.get("Entity", {}).get("Type") == "Customer")
    return {**line, _DETAIL: _party(context, detail, account, record)}


def _party(context: Context, detail: Json, account: Json, record: Json) -> Json:
    entity = detail.get("Entity", {})
    party = None
    if "EntityRef" in entity:
        if "Type" not in entity:
            raise FaultError(missing("Entity.Type"))
        party = context.find(entity["Type"], entity["EntityRef"])
        detail = {**detail, "Entity": {"Type": entity["Type"], "EntityRef": reference_to(entity["Type"], party)}}
    wanted = _PARTY_NEEDED.get(account["AccountType"])
    if wanted is None or record.get("HomeCurrencyAdjustment"):
        return detail if party is not None else without(detail, "Entity")
    if party is None or entity["Type"] != wanted[0]:
        raise business(
            f"When you use {account['AccountType']}, you must choose a {wanted[1]} in the Name field.", "Entity"
        )
    home = context.company.home_currency
    currency = record["CurrencyRef"]["value"]
    if currency_of(party, home) != currency or currency_of(account, home) != currency:
        raise business(ONE_FOREIGN, "CurrencyRef")
    return detail


def _tax(context: Context, detail: Json, record: Json) -> Json:
    if context.company.is_us:
        tax.check_us_code(detail)
        return without(detail, "TaxAmount", "TaxInclusiveAmt")
    if "TaxCodeRef" not in detail:
        return detail
    context.find("TaxCode", detail["TaxCodeRef"])
    if "TaxApplicableOn" not in detail:
        raise refusal("2270", "TaxApplicableOn is required with a tax code", "TaxApplicableOn")
    if "TaxAmount" not in detail:
        raise refusal("2280", "A tax amount is required with a tax code", "TaxAmount")
    inclusive = context.company.country == "AU" and record.get("GlobalTaxCalculation") == "TaxInclusive"
    if inclusive and "TaxInclusiveAmt" not in detail:
        raise FaultError(missing(f"Line.{_DETAIL}.TaxInclusiveAmt"))
    return detail


def _check_control_lines(context: Context, record: Json) -> None:
    if not context.switches.one_control_line or record.get("HomeCurrencyAdjustment"):
        return
    accounts = (line[_DETAIL]["AccountRef"]["value"] for line in record["Line"] if _DETAIL in line)
    records = (context.company.get("Account", key) for key in accounts)
    if sum(record is not None and record["AccountType"] in _PARTY_NEEDED for record in records) > 1:
        raise business("You can have only one Accounts Receivable or Accounts Payable line in a journal entry.", "Line")


def _control(context: Context, record: Json) -> list[tuple[object, ...]]:
    """What of an entry payments can settle: side, amount, account and party of its payable lines."""
    if record.get("HomeCurrencyAdjustment"):
        return []
    details = ((line, line[_DETAIL]) for line in record["Line"] if _DETAIL in line)
    return [
        (line["Amount"], detail["PostingType"], detail["AccountRef"]["value"], detail["Entity"]["EntityRef"]["value"])
        for line, detail in details
        if context.company.is_payable(detail["AccountRef"]["value"])
    ]


def _check_balance(context: Context, record: Json) -> None:
    sides = {"Debit": ZERO, "Credit": ZERO}
    taxes = ZERO
    for line in record["Line"]:
        if _DETAIL in line:
            tax_amount = amount_of(line[_DETAIL], "TaxAmount")
            sides[line[_DETAIL]["PostingType"]] += amount_of(line, "Amount") + tax_amount
            taxes += tax_amount
    if sides["Debit"] != sides["Credit"]:
        raise refusal("2300", f"Debits {sides['Debit']} and credits {sides['Credit']} must be equal", "Line")
    own = record.get("TxnTaxDetail", {}).get("TaxLine", ())
    stated = sum((abs(amount_of(line, "Amount")) for line in own), ZERO)
    if own and not context.company.is_us and stated != taxes:
        raise refusal("2300", f"Tax of the lines {taxes} and of TxnTaxDetail {stated} must be equal", "TxnTaxDetail")
