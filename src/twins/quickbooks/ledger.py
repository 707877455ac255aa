"""The general ledger a transaction makes, line by line. Pure: it reads finished records and changes nothing.

A bill debits its lines and credits the payable account, a vendor credit the other way round, a journal entry as written,
a payment debits the payable account and credits the bank. Amounts are in the transaction's currency; exchange gains of a
payment at another rate are not booked. Purchase orders post nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from twins.quickbooks.values import ZERO, Json, amount_of, cents


@dataclass(frozen=True)
class Posting:
    """One line of the ledger. Exactly one of `debit` and `credit` is not zero."""

    txn_type: str
    txn_id: str
    doc_number: str
    txn_date: str
    account: str
    debit: Decimal
    credit: Decimal
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
            "vendor": self.vendor,
            "class": self.class_id,
            "department": self.department,
            "customer": self.customer,
            "currency": self.currency,
            "exchange_rate": str(self.exchange_rate),
        }


class Chart(Protocol):
    """What posting asks of the chart of accounts."""

    def tax_account(self) -> str:
        """The account purchase tax is booked to."""
        ...

    def is_payable(self, account_id: str) -> bool:
        """Whether the account is an Accounts Payable account."""
        ...


def _ref(record: Json, name: str) -> str:
    reference: Json = record.get(name) or {}
    return str(reference.get("value", ""))


def _line(  # one posting of a transaction; the sign of `debit` decides the side
    kind: str, record: Json, account: str, debit: Decimal, *, detail: Json, department: str, vendor: str, payable: bool
) -> Posting:
    return Posting(
        txn_type=kind,
        txn_id=record["Id"],
        doc_number=record.get("DocNumber", ""),
        txn_date=record["TxnDate"],
        account=account,
        debit=max(debit, ZERO),
        credit=max(-debit, ZERO),
        vendor=vendor,
        class_id=_ref(detail, "ClassRef"),
        department=department,
        customer=_ref(detail, "CustomerRef"),
        currency=_ref(record, "CurrencyRef"),
        exchange_rate=Decimal(record.get("ExchangeRate", 1)),
        payable=payable,
    )


def _purchase(kind: str, record: Json, chart: Chart) -> Iterator[Posting]:
    sign = Decimal(1 if kind == "Bill" else -1)
    department, vendor = _ref(record, "DepartmentRef"), _ref(record, "VendorRef")
    for line in record.get("Line", ()):
        detail = line.get(line["DetailType"], {})
        account = _ref(detail, "AccountRef") or _ref(detail, "ItemAccountRef")
        if account and amount_of(line, "Amount"):
            amount = sign * amount_of(line, "Amount")
            yield _line(
                kind, record, account, amount, detail=detail, department=department, vendor=vendor, payable=False
            )
    tax = sign * amount_of(record.get("TxnTaxDetail", {}), "TotalTax")
    if tax:
        yield _line(
            kind, record, chart.tax_account(), tax, detail={}, department=department, vendor=vendor, payable=False
        )
    total = -sign * amount_of(record, "TotalAmt")
    if total:
        account = _ref(record, "APAccountRef")
        yield _line(kind, record, account, total, detail={}, department=department, vendor=vendor, payable=True)


def _journal(kind: str, record: Json, chart: Chart) -> Iterator[Posting]:
    for line in record["Line"]:
        detail: Json = line.get("JournalEntryLineDetail", {})
        if not detail:
            continue
        sign = Decimal(1 if detail["PostingType"] == "Debit" else -1)
        entity: Json = detail.get("Entity", {})
        party = _ref(entity, "EntityRef")
        vendor = party if entity.get("Type") == "Vendor" else ""
        where: Json = {**detail, "CustomerRef": {"value": party}} if entity.get("Type") == "Customer" else detail
        account, department = _ref(detail, "AccountRef"), _ref(detail, "DepartmentRef")
        payable = chart.is_payable(account)
        for target, amount in (
            (account, amount_of(line, "Amount")),
            (chart.tax_account(), amount_of(detail, "TaxAmount")),
        ):
            if amount:
                yield _line(
                    kind,
                    record,
                    target,
                    sign * amount,
                    detail=where,
                    department=department,
                    vendor=vendor,
                    payable=payable and target == account,
                )


def _payment(kind: str, record: Json) -> Iterator[Posting]:
    total = amount_of(record, "TotalAmt")
    if not total:
        return
    department, vendor = _ref(record, "DepartmentRef"), _ref(record, "VendorRef")
    payer: Json = record.get("CheckPayment") or record.get("CreditCardPayment") or {}
    source = _ref(payer, "BankAccountRef") or _ref(payer, "CCAccountRef")
    account = _ref(record, "APAccountRef")
    yield _line(kind, record, account, total, detail={}, department=department, vendor=vendor, payable=True)
    yield _line(kind, record, source, -total, detail={}, department=department, vendor=vendor, payable=False)


def postings(kind: str, record: Json, chart: Chart) -> list[Posting]:
    """The ledger lines of one finished record; none for lists and purchase orders."""
    if kind in {"Bill", "VendorCredit"}:
        return list(_purchase(kind, record, chart))
    if kind == "JournalEntry":
        return list(_journal(kind, record, chart))
    if kind == "BillPayment":
        return list(_payment(kind, record))
    return []


def home_amount(posting: Posting) -> Decimal:
    """Debit less credit in home currency, to the cent."""
    return cents((posting.debit - posting.credit) * posting.exchange_rate)
