"""What people do with bills, credits, payments, orders and entries."""

from decimal import Decimal
from typing import Any

from twins.quickbooks import writes
from twins.quickbooks.acts.details import (
    amount_in,
    change,
    day_in,
    entity_of,
    object_in,
    objects_in,
    reference,
    stored,
)
from twins.quickbooks.catalogue import ENTITIES
from twins.quickbooks.context import Context
from twins.quickbooks.expense_lines import ACCOUNT_DETAIL, ITEM_DETAIL
from twins.quickbooks.values import ZERO, Json, amount_of, cents

_JOURNAL_DETAIL = "JournalEntryLineDetail"
_PAYERS = {
    "Bank": ("Check", "CheckPayment", "BankAccountRef"),
    "Credit Card": ("CreditCard", "CreditCardPayment", "CCAccountRef"),
}


def enter(context: Context, *, entity: str, body: Json) -> Json:
    """Enter a record by hand."""
    return writes.write(context, entity_of(entity), object_in("body", body))


def edit(context: Context, *, entity: str, id: str, changes: Json) -> Json:  # noqa: A002 - the service's own word
    """Change some fields of a record; lines are replaced as a whole."""
    return change(context, entity, id, object_in("changes", changes))


def delete(context: Context, *, entity: str, id: str) -> Json:  # noqa: A002
    """Delete a transaction: a bill, a credit, a payment, an order or an entry."""
    token = stored(context, entity, id)["SyncToken"]
    return writes.delete(context, entity_of(entity), {"Id": id, "SyncToken": token})


def change_bill(
    context: Context,
    *,
    id: str,  # noqa: A002
    amount: Any = None,
    account: str = "",
    number: str = "",
    vendor: str = "",
    date: str = "",
    due_date: str = "",
    note: str = "",
) -> Json:
    """Change a bill: its amount or account (of its first line), number, vendor, dates or note."""
    bill = stored(context, "Bill", id)
    changes: Json = {}
    if number:
        changes["DocNumber"] = number
    if vendor:
        changes["VendorRef"] = reference(vendor)
    if date:
        changes["TxnDate"] = day_in(context, "date", date)
    if due_date:
        changes["DueDate"] = day_in(context, "due_date", due_date)
    if note:
        changes["PrivateNote"] = note
    if amount is not None or account:
        changes["Line"] = _with_first_line(bill, amount, account)
    return change(context, "Bill", id, changes)


def _with_first_line(bill: Json, amount: Any, account: str) -> list[Json]:
    """The bill's lines, the first with what makes the total this amount, on this account."""
    first, *others = bill["Line"]
    if first["DetailType"] != ACCOUNT_DETAIL:
        raise ValueError("amount, account: the first line of this bill is not of an account; edit its lines")
    if amount is not None:
        difference = amount_in("amount", amount) - amount_of(bill, "TotalAmt")
        first = {**first, "Amount": amount_of(first, "Amount") + difference}
    if account:
        first = {**first, ACCOUNT_DETAIL: {**first[ACCOUNT_DETAIL], "AccountRef": reference(account)}}
    return [first, *others]


def pay(context: Context, *, id: str, account: str, amount: Any = None, date: str = "", number: str = "") -> Json:  # noqa: A002
    """Pay a bill from a bank account or a card, in full unless an amount is given. The payment."""
    amounts = {} if amount is None else {id: amount}
    return pay_bills(context, bills=[id], account=account, amounts=amounts, date=date, number=number)


def pay_bills(
    context: Context,
    *,
    bills: list[str],
    account: str,
    credits: list[str] | None = None,  # noqa: A002 - vendor credits
    amounts: Json | None = None,
    date: str = "",
    number: str = "",
) -> Json:
    """Pay bills of one vendor with one payment, using vendor credits first. `amounts` are parts to pay or use, by id."""
    wanted = object_in("amounts", amounts or {})
    found = [("Bill", stored(context, "Bill", key)) for key in bills]
    if not found:
        raise ValueError("bills: name at least one")
    found += [("VendorCredit", stored(context, "VendorCredit", key)) for key in credits or ()]
    lines, total = [], ZERO
    for kind, record in found:
        key = record["Id"]
        amount = amount_in(f"amounts.{key}", wanted[key]) if key in wanted else amount_of(record, "Balance")
        total += amount if kind == "Bill" else -amount
        lines.append({"Amount": amount, "LinkedTxn": [{"TxnId": key, "TxnType": kind}]})
    body = _payment(context, found[0][1], account, lines, total) | {"TxnDate": day_in(context, "date", date)}
    return writes.write(context, ENTITIES["BillPayment"], body | ({"DocNumber": number} if number else {}))


def _payment(context: Context, bill: Json, account: str, lines: list[Json], total: Decimal) -> Json:
    source = stored(context, "Account", account)
    if source["AccountType"] not in _PAYERS:
        raise ValueError(f"account: {source['Name']} is neither a bank account nor a card")
    kind, holder, name = _PAYERS[source["AccountType"]]
    body = {
        "VendorRef": bill["VendorRef"],
        "APAccountRef": bill["APAccountRef"],
        "PayType": kind,
        holder: {name: reference(account)},
        "TotalAmt": max(total, ZERO),
        "Line": lines,
    }
    if context.company.multicurrency:
        body |= {name: bill[name] for name in ("CurrencyRef", "ExchangeRate") if name in bill}
    return body


def void_payment(context: Context, *, id: str) -> Json:  # noqa: A002
    """Void a payment: it stays with amount zero, and its bills are open again."""
    token = stored(context, "BillPayment", id)["SyncToken"]
    return writes.void(context, ENTITIES["BillPayment"], {"Id": id, "SyncToken": token})


def apply_credit(context: Context, *, credit: str, bill: str, account: str, amount: Any = None, date: str = "") -> Json:
    """Settle a bill with a vendor credit alone, as far as both are open: a payment of zero."""
    most = min(
        amount_of(stored(context, kind, key), "Balance") for kind, key in (("VendorCredit", credit), ("Bill", bill))
    )
    part = most if amount is None else amount_in("amount", amount)
    return pay_bills(
        context, bills=[bill], credits=[credit], account=account, amounts={bill: part, credit: part}, date=date
    )


def create_order(
    context: Context, *, vendor: str, lines: list[Json], number: str = "", date: str = "", note: str = ""
) -> Json:
    """Create a purchase order. A line has `item` or `account`, `quantity` and `price` or `amount`, and `description`."""
    owner = stored(context, "Vendor", vendor)
    body: Json = {
        "VendorRef": reference(vendor),
        "TxnDate": day_in(context, "date", date),
        "Line": [_order_line(line) for line in objects_in("lines", lines)],
    }
    currency = owner["CurrencyRef"]["value"]
    payable = context.company.payable_accounts(currency)
    if not payable:
        raise ValueError(f"vendor: there is no payable account in {currency}")
    body["APAccountRef"] = reference(payable[0]["Id"])
    if currency != context.company.home_currency:
        body |= _foreign(context, currency, body["TxnDate"])
    texts = {"DocNumber": number, "PrivateNote": note}
    return writes.write(context, ENTITIES["PurchaseOrder"], body | {name: text for name, text in texts.items() if text})


def _foreign(context: Context, currency: str, day: str) -> Json:
    rates = context.company.tables["ExchangeRate"].records.values()
    known = [each for each in rates if each["SourceCurrencyCode"] == currency and each["AsOfDate"] <= day]
    if not known:
        raise ValueError(f"vendor: there is no exchange rate of {currency} on {day}")
    return {
        "CurrencyRef": reference(currency),
        "ExchangeRate": max(known, key=lambda each: str(each["AsOfDate"]))["Rate"],
    }


def _order_line(line: Json) -> Json:
    unknown = sorted(line.keys() - {"item", "account", "quantity", "price", "amount", "description"})
    if unknown:
        raise ValueError(f"lines: a line has no {', '.join(unknown)}")
    counted = {"Qty": amount_in("lines.quantity", line["quantity"])} if "quantity" in line else {}
    if "price" in line:
        counted["UnitPrice"] = amount_in("lines.price", line["price"])
    if "amount" not in line and len(counted) < 2:
        raise ValueError("lines: a line needs an amount, or quantity and price")
    amount = (
        amount_in("lines.amount", line["amount"]) if "amount" in line else cents(counted["Qty"] * counted["UnitPrice"])
    )
    text = {"Description": line["description"]} if "description" in line else {}
    if "item" in line:
        detail = {"ItemRef": reference(line["item"]), **counted}
        return {**text, "Amount": amount, "DetailType": ITEM_DETAIL, ITEM_DETAIL: detail}
    if "account" not in line:
        raise ValueError("lines: a line needs an item or an account")
    return {
        **text,
        "Amount": amount,
        "DetailType": ACCOUNT_DETAIL,
        ACCOUNT_DETAIL: {"AccountRef": reference(line["account"])},
    }


def close_order(context: Context, *, id: str) -> Json:  # noqa: A002
    """Close an order by hand, whatever is billed of it."""
    return change(context, "PurchaseOrder", id, {"POStatus": "Closed"})


def reopen_order(context: Context, *, id: str) -> Json:  # noqa: A002
    """Open an order again that was closed by hand."""
    return change(context, "PurchaseOrder", id, {"POStatus": "Open"})


def create_journal_entry(
    context: Context, *, lines: list[Json], date: str = "", number: str = "", note: str = ""
) -> Json:
    """Make a journal entry. A line has `side` (Debit or Credit), `account`, `amount`, and `vendor`, `class`, `location`, `text`."""
    body: Json = {
        "TxnDate": day_in(context, "date", date),
        "Line": [_entry_line(line) for line in objects_in("lines", lines)],
    }
    texts = {"DocNumber": number, "PrivateNote": note}
    return writes.write(context, ENTITIES["JournalEntry"], body | {name: text for name, text in texts.items() if text})


def _entry_line(line: Json) -> Json:
    unknown = sorted(line.keys() - {"side", "account", "amount", "vendor", "class", "location", "text"})
    absent = [name for name in ("side", "account", "amount") if name not in line]
    if unknown or absent:
        raise ValueError(f"lines: a line {'has no ' + ', '.join(unknown) if unknown else 'needs ' + ', '.join(absent)}")
    detail: Json = {"PostingType": line["side"], "AccountRef": reference(line["account"])}
    if "vendor" in line:
        detail["Entity"] = {"Type": "Vendor", "EntityRef": reference(line["vendor"])}
    for name, field in (("class", "ClassRef"), ("location", "DepartmentRef")):
        if name in line:
            detail[field] = reference(line[name])
    text = {"Description": line["text"]} if "text" in line else {}
    amount = amount_in("lines.amount", line["amount"])
    return {**text, "Amount": amount, "DetailType": _JOURNAL_DETAIL, _JOURNAL_DETAIL: detail}
