"""The general ledger a transaction makes, line by line. Pure: it reads finished records and changes nothing.

A bill debits its lines and credits the payable account, a vendor credit the other way round, a journal entry as written. A payment
debits the payable account at the rates of what it settles, credits the bank at its own, and the difference is an exchange gain or
loss. Purchase orders post nothing.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Protocol

from twins.quickbooks.values import ZERO, Json, amount_of, cents

Target = tuple[str, str]
"""A transaction that a payment settles: entity and id."""


@dataclass(frozen=True)
class Posting:
    """One line of the ledger: `debit` or `credit` in the transaction's currency, `home` (debit less credit) in home currency.

    Exchange differences and adjustments of home values have nothing but `home`.
    """

    txn_type: str
    txn_id: str
    doc_number: str
    txn_date: str
    account: str
    debit: Decimal
    credit: Decimal
    home: Decimal
    vendor: str
    class_id: str
    department: str
    customer: str
    currency: str
    exchange_rate: Decimal
    payable: bool

    def body(self) -> Json:
        """The posting for people and tests; amounts as text, exact."""
        return {
            "txn_type": self.txn_type,
            "txn_id": self.txn_id,
            "doc_number": self.doc_number,
            "date": self.txn_date,
            "account": self.account,
            "debit": str(self.debit),
            "credit": str(self.credit),
            "home_debit": str(max(self.home, ZERO)),
            "home_credit": str(max(-self.home, ZERO)),
            "vendor": self.vendor,
            "class": self.class_id,
            "department": self.department,
            "customer": self.customer,
            "currency": self.currency,
            "exchange_rate": str(self.exchange_rate),
        }


class Chart(Protocol):
    """What posting asks of the books."""

    def get(self, name: str, record_id: str) -> Json | None:
        """A record by entity and id."""
        ...

    def tax_account(self) -> str:
        """The account purchase tax is booked to."""
        ...

    def exchange_account(self) -> str:
        """The account exchange differences are booked to."""
        ...

    def is_payable(self, account_id: str) -> bool:
        """Whether the account is an Accounts Payable account."""
        ...


def _ref(record: Json, name: str) -> str:
    reference: Json = record.get(name) or {}
    return str(reference.get("value", ""))


def rate_of(record: Json) -> Decimal:
    """Home units for one unit of the transaction's currency."""
    return Decimal(record.get("ExchangeRate", 1))


def _line(
    kind: str,
    record: Json,
    account: str,
    amount: Decimal,
    *,
    detail: Json | None = None,
    department: str = "",
    vendor: str = "",
    payable: bool = False,
    home: Decimal | None = None,
) -> Posting:
    """One posting of a transaction; the sign of `amount` decides the side."""
    rate = rate_of(record)
    return Posting(
        txn_type=kind,
        txn_id=record["Id"],
        doc_number=record.get("DocNumber", ""),
        txn_date=record["TxnDate"],
        account=account,
        debit=max(amount, ZERO),
        credit=max(-amount, ZERO),
        home=cents(amount * rate) if home is None else home,
        vendor=vendor,
        class_id=_ref(detail or {}, "ClassRef"),
        department=department,
        customer=_ref(detail or {}, "CustomerRef"),
        currency=_ref(record, "CurrencyRef"),
        exchange_rate=rate,
        payable=payable,
    )


def _purchase(kind: str, record: Json, chart: Chart) -> list[Posting]:
    sign = Decimal(1 if kind == "Bill" else -1)
    department, vendor = _ref(record, "DepartmentRef"), _ref(record, "VendorRef")
    found = []
    for line in record.get("Line", ()):
        detail: Json = line.get(line["DetailType"], {})
        account = _ref(detail, "AccountRef") or _ref(detail, "ItemAccountRef")
        if account and (amount := amount_of(line, "Amount")):
            found.append(
                _line(kind, record, account, sign * amount, detail=detail, department=department, vendor=vendor)
            )
    if tax := amount_of(record.get("TxnTaxDetail", {}), "TotalTax"):
        found.append(_line(kind, record, chart.tax_account(), sign * tax, department=department, vendor=vendor))
    if total := amount_of(record, "TotalAmt"):
        account = _ref(record, "APAccountRef")
        found.append(_line(kind, record, account, -sign * total, department=department, vendor=vendor, payable=True))
    return _balanced(found)


def _balanced(found: list[Posting]) -> list[Posting]:
    """The postings with the cents that rounding to home currency leaves over put on the largest of the costs."""
    rest = sum((each.home for each in found), ZERO)
    if not rest or sum((each.debit - each.credit for each in found), ZERO):
        return found
    largest = max((each for each in found if not each.payable), key=lambda each: abs(each.home), default=found[-1])
    return [replace(each, home=each.home - rest) if each is largest else each for each in found]


def _journal(kind: str, record: Json, chart: Chart) -> list[Posting]:
    home_only = bool(record.get("HomeCurrencyAdjustment"))
    found = []
    for line in record["Line"]:
        detail: Json = line.get("JournalEntryLineDetail", {})
        if not detail:
            continue
        sign = 1 if detail["PostingType"] == "Debit" else -1
        entity: Json = detail.get("Entity", {})
        party = _ref(entity, "EntityRef")
        where: Json = {**detail, "CustomerRef": {"value": party}} if entity.get("Type") == "Customer" else detail
        account = _ref(detail, "AccountRef")
        parts = [(account, amount_of(line, "Amount"), chart.is_payable(account))]
        if tax := amount_of(detail, "TaxAmount"):
            parts.append((chart.tax_account(), tax, False))
        found += [
            _line(
                kind,
                record,
                target,
                ZERO if home_only else sign * amount,
                detail=where,
                department=_ref(detail, "DepartmentRef"),
                vendor=party if entity.get("Type") == "Vendor" else "",
                payable=payable and not home_only,
                home=sign * amount if home_only else None,
            )
            for target, amount, payable in parts
            if amount
        ]
    return _balanced(found)


def payable_amount(chart: Chart, entry: Json, vendor_id: str) -> Decimal:
    """What a journal entry owes a vendor on its payable line; negative when it lowers the debt."""
    owed = ZERO
    if entry.get("HomeCurrencyAdjustment"):
        return owed
    for line in entry["Line"]:
        detail = line.get("JournalEntryLineDetail")
        if detail is None or not chart.is_payable(detail["AccountRef"]["value"]):
            continue
        if detail.get("Entity", {}).get("EntityRef", {}).get("value") == vendor_id:
            owed += amount_of(line, "Amount") if detail["PostingType"] == "Credit" else -amount_of(line, "Amount")
    return owed


def applications(payment: Json | None) -> list[tuple[Target, Decimal]]:
    """What a payment settles: transaction and amount, always positive."""
    found = []
    for line in payment.get("Line", ()) if payment is not None else ():
        link = line["LinkedTxn"][0]
        found.append(((link["TxnType"], link["TxnId"]), amount_of(line, "Amount")))
    return found


def signed(chart: Chart, vendor_id: str, target: Target, amount: Decimal) -> Decimal:
    """What settling a transaction takes off the vendor's balance: bills and debts do, credits add to it."""
    kind, key = target
    if kind != "JournalEntry":
        return amount if kind == "Bill" else -amount
    entry = chart.get(kind, key) or {"Line": []}
    return amount if payable_amount(chart, entry, vendor_id) >= 0 else -amount


def _payment(kind: str, record: Json, chart: Chart) -> list[Posting]:
    total, rate = amount_of(record, "TotalAmt"), rate_of(record)
    department, vendor = _ref(record, "DepartmentRef"), _ref(record, "VendorRef")
    by_rate: dict[Decimal, Decimal] = defaultdict(Decimal, {rate: total})
    for target, amount in applications(record):
        taken = signed(chart, vendor, target, amount)
        by_rate[rate_of(chart.get(*target) or record)] += taken
        by_rate[rate] -= taken
    relieved = sum((cents(amount * each) for each, amount in by_rate.items()), ZERO)
    paid = cents(total * rate)
    if not total and not relieved:
        return []
    payer: Json = record.get("CheckPayment") or record.get("CreditCardPayment") or {}
    source = _ref(payer, "BankAccountRef") or _ref(payer, "CCAccountRef")
    found = [
        _line(
            kind,
            record,
            _ref(record, "APAccountRef"),
            total,
            department=department,
            vendor=vendor,
            payable=True,
            home=relieved,
        )
    ]
    if total:
        found.append(_line(kind, record, source, -total, department=department, vendor=vendor, home=-paid))
    if paid != relieved:
        account = chart.exchange_account()
        found.append(_line(kind, record, account, ZERO, department=department, vendor=vendor, home=paid - relieved))
    return found


_RULES: dict[str, Callable[[str, Json, Chart], list[Posting]]] = {
    "Bill": _purchase,
    "VendorCredit": _purchase,
    "JournalEntry": _journal,
    "BillPayment": _payment,
}


def postings(kind: str, record: Json, chart: Chart) -> list[Posting]:
    """The ledger lines of one finished record; none for lists and purchase orders."""
    rule = _RULES.get(kind)
    return [] if rule is None else rule(kind, record, chart)
