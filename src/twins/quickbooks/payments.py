"""Bill payments: they settle bills with money and vendor credits, and change what stays open on each.

Source: Intuit's API reference of BillPayment. Paying what is already paid leaves a voided payment instead of a refusal, as
users of the service report.
"""

from collections import defaultdict
from decimal import Decimal

from twins.quickbooks import service_accounts
from twins.quickbooks.context import Context, reference_to
from twins.quickbooks.currency import ONE_FOREIGN, check_account, currency_of, settle, without
from twins.quickbooks.expense_lines import check_dimension
from twins.quickbooks.faults import FaultError, business, missing, refusal
from twins.quickbooks.ledger import Target, applications, payable_amount, rate_of, signed
from twins.quickbooks.purchases import payable_account, with_balance
from twins.quickbooks.values import ZERO, Json, amount_of, money

_PAYERS = {
    "Check": ("CheckPayment", "BankAccountRef", "Bank"),
    "CreditCard": ("CreditCardPayment", "CCAccountRef", "Credit Card"),
}


def finish(context: Context, _kind: str, fields: Json, old: Json | None) -> Json:
    """The whole payment for what a request says. Raises FaultError."""
    vendor = context.required("Vendor", fields, "VendorRef")
    if "TotalAmt" not in fields:
        raise business("You must set a transaction amount.", "TotalAmt")
    if amount_of(fields, "TotalAmt") < 0:
        raise business("Transaction amount must be 0 or greater.", "TotalAmt")
    record = settle(context, fields, old, vendor)
    record["VendorRef"] = reference_to("Vendor", vendor)
    record = check_dimension(context, _payer(context, record), "DepartmentRef")
    record.setdefault("TxnDate", context.today)
    lines = _lines(context, record, old)
    record["APAccountRef"] = _payable_account(context, record, lines)
    if record.get("Line") and not lines:
        return voided({**record, "Line": []})
    record = {**record, "Line": lines}
    company = context.company
    settled = [(target, signed(company, vendor["Id"], target, amount)) for target, amount in applications(record)]
    if amount_of(record, "TotalAmt") < sum((amount for _target, amount in settled), ZERO):
        raise business("The amount applied is greater than the amount of the payment.", "TotalAmt")
    if any(rate_of(company.get(*target) or record) != rate_of(record) for target, _amount in settled):
        service_accounts.provide_exchange(context)
    return record


def voided(record: Json) -> Json:
    """The payment without any effect: no lines, no amount, and the word in its memo."""
    note = record.get("PrivateNote", "")
    return {**record, "Line": [], "TotalAmt": 0, "PrivateNote": note if "Voided" in note else f"{note} Voided".strip()}


def _payer(context: Context, record: Json) -> Json:
    kind = record.get("PayType")
    if kind is None:
        raise FaultError(missing("PayType"))
    holder, name, wanted = _PAYERS[kind]
    if holder not in record:
        raise FaultError(missing(holder))
    account = context.required("Account", record[holder], name, f"{holder}.")
    if account["AccountType"] != wanted:
        raise business(f"The account must be a {wanted} account.", name)
    check_account(context, account, record["CurrencyRef"]["value"])
    others = [each for each, _name, _type in _PAYERS.values() if each != holder]
    return {**without(record, *others), holder: {**record[holder], name: reference_to("Account", account)}}


def _lines(context: Context, record: Json, old: Json | None) -> list[Json]:
    """The payment's lines as far as what they settle is still open; none for what is not. Raises FaultError."""
    freed: dict[Target, Decimal] = defaultdict(Decimal)
    for target, amount in applications(old):
        freed[target] += amount
    settled = (_line(context, record, line, freed) for line in record.get("Line", ()))
    return [line for line in settled if line is not None]


def _line(context: Context, record: Json, line: Json, freed: dict[Target, Decimal]) -> Json | None:
    """A line as far as what it settles is still open; None when nothing is.

    `freed` is what the payment itself settled before, less what its earlier lines take.
    """
    links = line.get("LinkedTxn", [])
    if "Amount" not in line or len(links) != 1:
        raise FaultError(missing("Line.Amount" if "Amount" not in line else "Line.LinkedTxn"))
    link = links[0]
    target = _find(context, record, link)
    wanted = amount_of(line, "Amount")
    if wanted < 0 and link["TxnType"] != "VendorCredit":
        raise refusal("2290", "Negative amounts aren't supported on transaction lines", "Amount")
    key = (link["TxnType"], link["TxnId"])
    amount = min(abs(wanted), open_amount(context, link["TxnType"], target, record) + freed[key])
    freed[key] -= amount
    shown = {"TxnId": link["TxnId"], "TxnType": link["TxnType"]}
    return {"Amount": money(amount), "LinkedTxn": [shown]} if amount > 0 else None


def _find(context: Context, record: Json, link: Json) -> Json:
    kind, key = link.get("TxnType", ""), link.get("TxnId", "")
    if kind not in {"Bill", "VendorCredit", "JournalEntry"}:
        raise refusal("2170", f"TxnType {kind} cannot be paid", "TxnType")
    found = context.company.get(kind, key)
    if found is None or (kind, key) in context.hidden:
        raise business(f"The entity {kind} {key} that you are trying to link does not exist", "LinkedTxn")
    if currency_of(found, context.company.home_currency) != record["CurrencyRef"]["value"]:
        raise business(ONE_FOREIGN, "CurrencyRef")
    vendor = record["VendorRef"]["value"]
    owned = (
        found["VendorRef"]["value"] == vendor
        if "VendorRef" in found
        else payable_amount(context.company, found, vendor) != 0
    )
    if not owned:
        raise business(f"The {kind} {key} belongs to another vendor.", "LinkedTxn")
    return found


def open_amount(context: Context, kind: str, record: Json, payment: Json) -> Decimal:
    """What is still open of a bill, credit or journal entry, always positive."""
    applied = context.company.applied.get((kind, record["Id"]), ZERO)
    if kind == "JournalEntry":
        return abs(payable_amount(context.company, record, payment["VendorRef"]["value"])) - applied
    return amount_of(record, "TotalAmt") - applied


def _payable_account(context: Context, record: Json, lines: list[Json]) -> Json:
    if "APAccountRef" not in record:
        for (kind, key), _amount in applications({"Line": lines}):
            found = context.company.get(kind, key) or {}
            if "APAccountRef" in found:
                account_ref: Json = found["APAccountRef"]
                return account_ref
    return payable_account(context, record)


def apply(context: Context, old: Json | None, new: Json | None) -> list[tuple[str, Json]]:
    """Book what changed between two states of a payment; the transactions it settles as they stand now, to be stored."""
    applied = context.company.applied
    for target, amount in applications(old):
        applied[target] = applied.get(target, ZERO) - amount
    for target, amount in applications(new):
        applied[target] = applied.get(target, ZERO) + amount
    payment = new or old or {}
    link = {"TxnId": payment["Id"], "TxnType": "BillPaymentCheck"}
    settled = {target for target, _amount in applications(new)}
    changed = []
    for kind, key in dict.fromkeys(target for target, _amount in [*applications(old), *applications(new)]):
        if not applied[kind, key]:
            del applied[kind, key]
        record = context.company.get(kind, key)
        if record is not None:
            changed.append((kind, _linked(context, kind, record, link, present=(kind, key) in settled)))
    return changed


def _linked(context: Context, kind: str, record: Json, link: Json, *, present: bool) -> Json:
    links = [each for each in record.get("LinkedTxn", ()) if each != link] + ([link] if present else [])
    record = {**record, "LinkedTxn": links} if links else without(record, "LinkedTxn")
    return record if kind == "JournalEntry" else with_balance(context, kind, record)
