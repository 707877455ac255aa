"""Documents for a scene: invoices of the demo company's form, as Basware would hand them over once they are approved.

A scene says what matters about an invoice; everything else is filled in as on the demo company's own documents.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from twins.demo_company.chart import BASWARE_ACCOUNTS
from twins.demo_company.documents import Invoice, Row, accounting_document, row
from twins.demo_company.vendors import BY_CODE, Supplier

BEACON = "V-10011"
CORVID = "V-10012"
APPROVED = datetime(2026, 11, 19, 9, 0, tzinfo=UTC)
DAY = date(2026, 11, 5)


def line(net: str, office: str = "NYC", *, account: str = "6110", practice: str = "FIRM", text: str = "Paper") -> Row:
    """A coding row; the codes are Basware's."""
    return row(account, net, office, practice, text)


def invoice(
    number: str,
    *rows: Row,
    supplier: str = BEACON,
    supplier_name: str = "",
    day: date = DAY,
    changes: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """An approved invoice, of 100.00 USD for New York unless rows are given.

    A supplier code nobody knows makes a new supplier of that name. `changes` replace fields of the finished document.
    """
    known = BY_CODE.get(supplier) or Supplier(supplier, "", supplier_name or supplier, "NET30", "Albany", "NY")
    plain = Invoice(supplier, number, day, f"Invoice {number}", rows or (line("100.00"),), voucher_date=day)
    return {**accounting_document(plain, known, BASWARE_ACCOUNTS, APPROVED), **(changes or {})}
