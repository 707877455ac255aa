"""Objects of python-quickbooks for tests: one unsaved record of every entity, what can be changed on it, and how it is found.

They are made the way the library's own examples make them, with every default the library puts in.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from quickbooks.objects import (
    Account,
    Bill,
    BillPayment,
    Class,
    Department,
    JournalEntry,
    PurchaseOrder,
    Term,
    Vendor,
    VendorCredit,
)
from quickbooks.objects.base import Ref
from quickbooks.objects.billpayment import BillPaymentLine, CheckPayment
from quickbooks.objects.detailline import (
    AccountBasedExpenseLine,
    AccountBasedExpenseLineDetail,
    ItemBasedExpenseLine,
    ItemBasedExpenseLineDetail,
)
from quickbooks.objects.journalentry import JournalEntryLine, JournalEntryLineDetail

from quickbooks import QuickBooks

CLASSES: Mapping[str, Any] = {
    "Vendor": Vendor,
    "Bill": Bill,
    "VendorCredit": VendorCredit,
    "JournalEntry": JournalEntry,
    "PurchaseOrder": PurchaseOrder,
    "BillPayment": BillPayment,
    "Department": Department,
    "Class": Class,
    "Account": Account,
    "Term": Term,
}
NAME_FIELDS: Mapping[str, str] = {
    "Vendor": "DisplayName",
    "Bill": "DocNumber",
    "VendorCredit": "DocNumber",
    "JournalEntry": "DocNumber",
    "PurchaseOrder": "DocNumber",
    "BillPayment": "DocNumber",
    "Department": "Name",
    "Class": "Name",
    "Account": "Name",
    "Term": "Name",
}
"""By which property a record made here is found."""

CHANGES: Mapping[str, tuple[str, Any]] = {
    "Vendor": ("CompanyName", "Another Ltd"),
    "Bill": ("PrivateNote", "changed"),
    "VendorCredit": ("PrivateNote", "changed"),
    "JournalEntry": ("PrivateNote", "changed"),
    "PurchaseOrder": ("PrivateNote", "changed"),
    "BillPayment": ("PrivateNote", "changed"),
    "Department": ("Name", "Another place"),
    "Class": ("Name", "Another class"),
    "Account": ("Description", "changed"),
    "Term": ("DueDays", 45),
}
"""A property to change, and its new value."""


def unsaved(entity: str, client: QuickBooks, number: int = 1) -> Any:
    """A record that is not in the books yet; `number` keeps several apart."""
    return _MAKERS[entity](client, number)


def saved(entity: str, client: QuickBooks, number: int = 1) -> Any:
    """A record in the books, as the service answered it."""
    return unsaved(entity, client, number).save(qb=client)


def reference(value: str) -> Ref:
    """A reference by id."""
    made = Ref()
    made.value = value
    return made


def _expense(amount: str) -> AccountBasedExpenseLine:
    line = AccountBasedExpenseLine()
    line.Amount = Decimal(amount)
    line.AccountBasedExpenseLineDetail = AccountBasedExpenseLineDetail()
    line.AccountBasedExpenseLineDetail.AccountRef = reference("20")
    return line


def _side(posting: str, account: str) -> JournalEntryLine:
    line = JournalEntryLine()
    line.Amount = Decimal("75.00")
    line.JournalEntryLineDetail = JournalEntryLineDetail()
    line.JournalEntryLineDetail.PostingType = posting
    line.JournalEntryLineDetail.AccountRef = reference(account)
    return line


def _named(kind: Any, field: str, name: str) -> Any:
    made = kind()
    setattr(made, field, name)
    return made


def _vendor(_: QuickBooks, number: int) -> Any:
    return _named(Vendor, "DisplayName", f"Library vendor {number}")


def _department(_: QuickBooks, number: int) -> Any:
    return _named(Department, "Name", f"Library place {number}")


def _class(_: QuickBooks, number: int) -> Any:
    return _named(Class, "Name", f"Library class {number}")


def _account(_: QuickBooks, number: int) -> Any:
    account = _named(Account, "Name", f"Library costs {number}")
    account.AccountType, account.AccountSubType = "Expense", "OfficeGeneralAdministrativeExpenses"
    return account


def _term(_: QuickBooks, number: int) -> Any:
    term = _named(Term, "Name", f"Library term {number}")
    term.DueDays = 20
    return term


def _purchase(kind: Any, number: int, line: Any) -> Any:
    made = _named(kind, "DocNumber", f"LIB-{number}")
    made.VendorRef = reference("50")
    made.TxnDate = "2026-06-01"
    made.Line = [line]
    return made


def _bill(_: QuickBooks, number: int) -> Any:
    return _purchase(Bill, number, _expense("100.00"))


def _vendor_credit(_: QuickBooks, number: int) -> Any:
    return _purchase(VendorCredit, number, _expense("40.00"))


def _purchase_order(_: QuickBooks, number: int) -> Any:
    line = ItemBasedExpenseLine()
    line.Amount = Decimal("30.00")
    line.ItemBasedExpenseLineDetail = ItemBasedExpenseLineDetail()
    line.ItemBasedExpenseLineDetail.ItemRef = reference("40")
    line.ItemBasedExpenseLineDetail.Qty, line.ItemBasedExpenseLineDetail.UnitPrice = 3, 10
    order = _purchase(PurchaseOrder, number, line)
    order.APAccountRef = reference("31")
    return order


def _journal_entry(_: QuickBooks, number: int) -> Any:
    entry = _named(JournalEntry, "DocNumber", f"LIB-{number}")
    entry.TxnDate = "2026-06-01"
    entry.Line = [_side("Debit", "20"), _side("Credit", "10")]
    return entry


def _bill_payment(client: QuickBooks, number: int) -> Any:
    bill = _bill(client, 500 + number).save(qb=client)
    line = BillPaymentLine()
    line.Amount = Decimal("100.00")
    line.LinkedTxn = [bill.to_linked_txn()]
    payment = _named(BillPayment, "DocNumber", f"LIB-{number}")
    payment.VendorRef, payment.PayType, payment.TotalAmt = reference("50"), "Check", Decimal("100.00")
    payment.CheckPayment = CheckPayment()
    payment.CheckPayment.BankAccountRef = reference("10")
    payment.Line = [line]
    return payment


_MAKERS: Mapping[str, Callable[[QuickBooks, int], Any]] = {
    "Vendor": _vendor,
    "Bill": _bill,
    "VendorCredit": _vendor_credit,
    "JournalEntry": _journal_entry,
    "PurchaseOrder": _purchase_order,
    "BillPayment": _bill_payment,
    "Department": _department,
    "Class": _class,
    "Account": _account,
    "Term": _term,
}
