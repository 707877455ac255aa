"""Bill payments: they settle bills with money and vendor credits, and change what stays open on each.

Source: Intuit's API reference of BillPayment. Paying what is already paid leaves a voided payment instead of a refusal, as
users of the service report.
"""

from collections.abc import Iterator
from decimal import Decimal

from twins.quickbooks.context import Context, reference_to
from twins.quickbooks.currency import ONE_FOREIGN, check_account, currency_of, settle, without
from twins.quickbooks.faults import FaultError, business, missing, refusal
from twins.quickbooks.journals import payable_amount
from twins.quickbooks.purchases import check_dimension, with_balance
from twins.quickbooks.values import ZERO, Json, amount_of, money

Target = tuple[str, str]

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
    lines = [line for each in record.get("Line", ()) if (line := _line(context, record, each, old)) is not None]
    record["APAccountRef"] = _payable_account(context, record, lines)
    if record.get("Line") and not lines:
        return voided({**record, "Line": []})
    net = sum((_sign(context, record, target) * amount for target, amount in _targets({"Line": lines})), ZERO)
    if amount_of(record, "TotalAmt") < net:
        raise business("The amount applied is greater than the amount of the payment.", "TotalAmt")
    return {**record, "Line": lines}


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
    return {**record, holder: {**record[holder], name: reference_to("Account", account)}}


def _line(context: Context, record: Json, line: Json, old: Json | None) -> Json | None:
    links = line.get("LinkedTxn", [])
    if "Amount" not in line or len(links) != 1:
        raise FaultError(missing("Line.Amount" if "Amount" not in line else "Line.LinkedTxn"))
    link = links[0]
    target = _find(context, record, link)
    before = sum((amount for each, amount in applications(old) if each == (link["TxnType"], link["TxnId"])), ZERO)
    amount = min(amount_of(line, "Amount"), open_amount(context, link["TxnType"], target, record) + before)
    if amount_of(line, "Amount") < 0:
        raise refusal("2290", "Negative amounts aren't supported on transaction lines", "Amount")
    shown = {"TxnId": link["TxnId"], "TxnType": link["TxnType"]}
    return {"Amount": money(amount), "LinkedTxn": [shown]} if amount > 0 else None


def _find(context: Context, record: Json, link: Json) -> Json:
    kind, key = link.get("TxnType", ""), link.get("TxnId", "")
    if kind not in {"Bill", "VendorCredit", "JournalEntry"}:
        raise refusal("2170", f"TxnType {kind} cannot be paid", "TxnType")
    found = context.company.get(kind, key)
    if found is None or (kind, key) in context.hidden:
        raise business(f"The entity {kind} {key} that you are trying to link does not exist", "LinkedTxn")
    home = context.company.home_currency
    if currency_of(found, home) != record["CurrencyRef"]["value"]:
        raise business(ONE_FOREIGN, "CurrencyRef")
    vendor = record["VendorRef"]["value"]
    owned = (
        found["VendorRef"]["value"] == vendor if "VendorRef" in found else payable_amount(context, found, vendor) != 0
    )
    if not owned:
        raise business(f"The {kind} {key} belongs to another vendor.", "LinkedTxn")
    return found


def open_amount(context: Context, kind: str, record: Json, payment: Json) -> Decimal:
    """What is still open of a bill, credit or journal entry, always positive."""
    applied = context.company.applied.get((kind, record["Id"]), ZERO)
    if kind == "JournalEntry":
        return abs(payable_amount(context, record, payment["VendorRef"]["value"])) - applied
    return amount_of(record, "TotalAmt") - applied


def _sign(context: Context, payment: Json, target: Target) -> int:
    kind, key = target
    if kind != "JournalEntry":
        return 1 if kind == "Bill" else -1
    entry = context.company.get(kind, key) or {"Line": []}
    return 1 if payable_amount(context, entry, payment["VendorRef"]["value"]) >= 0 else -1


def _payable_account(context: Context, record: Json, lines: list[Json]) -> Json:
    if "APAccountRef" in record:
        account = context.find("Account", record["APAccountRef"])
        if account["AccountType"] != "Accounts Payable":
            raise business("The account must be an Accounts Payable account.", "APAccountRef")
        return reference_to("Account", account)
    for (kind, key), _amount in _targets({"Line": lines}):
        found = context.company.get(kind, key) or {}
        if "APAccountRef" in found:
            account_ref: Json = found["APAccountRef"]
            return account_ref
    matching = context.company.payable_accounts(record["CurrencyRef"]["value"])
    if len(matching) != 1:
        raise FaultError(missing("APAccountRef"))
    return reference_to("Account", matching[0])


def _targets(record: Json) -> Iterator[tuple[Target, Decimal]]:
    for line in record.get("Line", ()):
        link = line["LinkedTxn"][0]
        yield (link["TxnType"], link["TxnId"]), amount_of(line, "Amount")


def applications(record: Json | None) -> list[tuple[Target, Decimal]]:
    """What a payment settles: transaction and amount."""
    return list(_targets(record)) if record is not None else []


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
