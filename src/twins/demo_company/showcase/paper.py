"""A clerk of one firm: approves invoices in Basware, and does with posted ones what people do in QuickBooks.

Documents are dated around the moment at which they are approved, so that the story can be told at any time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import msgspec

from twins.demo_company.chart import BASWARE_ACCOUNTS
from twins.demo_company.documents import Invoice, Row, accounting_document, attachments, invoice_id, row
from twins.demo_company.showcase.firms import Firm
from twins.demo_company.showcase.hands import Hands, Json
from twins.demo_company.vendors import BY_CODE, Supplier

BEACON, CORVID, MERIDIAN, LAKESHORE = "V-10011", "V-10012", "V-10015", "V-10018"
HARTWELL, NORTHGATE, STERLING = "V-10021", "V-10023", "V-10026"

Line = tuple[Row, Mapping[str, Any]]
"""A coding row, and what its finished form has besides, or instead, by Basware's names."""


class _Names(dict[str, str]):
    """Names of accounts; a code that Basware's list lacks has none."""

    def __missing__(self, code: str) -> str:
        return ""


_NAMES = _Names(BASWARE_ACCOUNTS)


def line(
    net: str, account: str = "6110", office: str = "NYC", practice: str = "FIRM", text: str = "Supplies", **more: Any
) -> Line:
    """A coding row by the demo company's codes."""
    return row(account, net, office, practice, text), more


@dataclass(frozen=True)
class Clerk:
    """The people of one firm."""

    firm: Firm
    hands: Hands

    @property
    def today(self) -> date:
        """The day of the story."""
        return self.hands.now().date()

    # Basware

    def basware(self, action: str, **details: Any) -> Any:
        """Do something in Basware."""
        return self.hands.basware(self.firm.client_id, action, details)

    def approve(self, number: str, *lines: Line, supplier: str = BEACON, name: str = "", **changes: Any) -> str:
        """Approve an invoice, of 100.00 unless it has lines; its id. `changes` replace fields of the document."""
        document = self.document(number, *lines, supplier=supplier, name=name)
        document |= {field: self.firm.told(value) for field, value in changes.items()}
        return str(self.basware("approve", document=document))

    def document(self, number: str, *lines: Line, supplier: str = BEACON, name: str = "") -> Json:
        """An invoice in the form in which Basware hands it over."""
        known = BY_CODE.get(supplier) or Supplier(supplier, "", name or supplier, "NET30", "Albany", "NY")
        wanted = lines or (line("100.00"),)
        dated = Invoice(
            supplier, number, self.today - timedelta(days=4), f"Invoice {number}", tuple(coded for coded, _ in wanted),
            voucher_date=self.today - timedelta(days=2),
        )  # fmt: skip
        made = accounting_document(dated, known, _NAMES, self.hands.now())
        for coded, (_, more) in zip(made["codingRows"], wanted, strict=True):
            coded.update(more)
        told: Json = self.firm.told(made)
        return told

    def approve_demo(self, invoice: Invoice, *, voucher_date: date | None = None) -> None:
        """Approve one of the demo company's own invoices, dated around today."""
        voucher = voucher_date or self.today - timedelta(days=1)
        moved = replace(invoice, dated=voucher - timedelta(days=2), voucher_date=voucher)
        document = accounting_document(moved, BY_CODE[invoice.supplier], _NAMES, self.hands.now())
        files = attachments((moved,)).get(invoice_id(invoice.supplier, invoice.number), {})
        self.basware("approve", document=self.firm.told(document), files=files)

    def send_broken(self, number: str, text: str) -> None:
        """Approve an invoice whose JSON the interface breaks; ID stands for its id."""
        made = self.approve(number)
        self.basware("corrupt", invoice_id=made, text=text.replace("ID", made))

    def send_again(self, number: str, *lines: Line, **changes: Any) -> None:
        """Send an invoice to accounting again, with these rows instead if there are any."""
        if lines:
            fresh = self.document(number, *lines)
            changes |= {name: fresh[name] for name in _SUMS}
        self.basware("retransfer", invoice_id=self.in_basware(number)["invoiceId"], changes=changes)

    def ask_to_remove(self, number: str) -> None:
        """Have accounting asked to remove an invoice that it has posted."""
        self.basware("ask", invoice_id=self.in_basware(number)["invoiceId"], request="remove")

    def in_basware(self, number: str) -> Json:
        """A document of the tenant by invoice number. Raises KeyError."""
        for one in self.hands.documents(self.firm.client_id):
            if one.get("invoiceNumber") == number:
                return one
        raise KeyError(f"{self.firm.name} has no invoice {number}")

    # QuickBooks

    def quickbooks(self, action: str, **details: Any) -> Any:
        """Do something in QuickBooks."""
        return self.hands.quickbooks(self.firm.realm_id, action, details)

    def enter(self, entity: str, **body: Any) -> str:
        """Enter a record by hand; its id."""
        return str(self.quickbooks("enter", entity=entity, body=body)["Id"])

    def find(self, entity: str, text: str) -> Json:
        """A record by number, name or document number. Raises KeyError."""
        for one in self.hands.books(self.firm.realm_id).get(entity, ()):
            if text in {one.get(name) for name in ("AcctNum", "Name", "DisplayName", "DocNumber", "Id")}:
                return one
        raise KeyError(f"{self.firm.name} has no {entity} {text} in QuickBooks")

    def inactivate(self, entity: str, text: str) -> None:
        """Take a record of a list out of use."""
        self.quickbooks("inactivate", entity=entity, id=self.find(entity, text)["Id"])

    def pay(self, number: str, amount: str = "") -> str:
        """Pay a posted bill from the bank, in full or in part; the payment's id."""
        part = {"amount": Decimal(amount)} if amount else {}
        return str(self.quickbooks("pay", id=self.find("Bill", number)["Id"], account=BANK, **part)["Id"])


_SUMS = ("codingRows", "netSum", "grossSum", "netSumCompany", "grossSumCompany")

BANK = "31"
"""The account bills are paid from."""


def in_json(document: Mapping[str, Any], without: Sequence[str] = ()) -> str:
    """A document as text, without some of its fields."""
    kept = {name: value for name, value in document.items() if name not in without}
    return msgspec.json.Encoder(decimal_format="number").encode(kept).decode()
