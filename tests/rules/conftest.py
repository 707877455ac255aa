"""A small firm whose invoices the rules decide about: its books, its mapping, and short ways to say "an invoice with …"."""

from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from ml_connector.model.books import (
    Account,
    Books,
    ClassTracking,
    Customer,
    ExistingTransaction,
    Item,
    Location,
    Preferences,
    TaxCode,
    TaxRateUse,
    Term,
    TrackingClass,
    TransactionType,
    Vendor,
)
from ml_connector.model.documents import AccountingDocument, CodingRow
from ml_connector.model.mapping import Dimension, Mapping, MappingRule
from ml_connector.model.policy import PostingPolicy
from ml_connector.model.postings import DocumentPlan, Side
from ml_connector.rules.posting import plan_document

CODES = {
    Dimension.ACCOUNT: {"6100": "10", "6200": "11", "6900": "12", "2000": "33", "1200": "34"},
    Dimension.LOCATION: {"NYC": "1", "BOS": "2", "OLD": "3"},
    Dimension.CLASS: {"AUD": "5000000000000000100", "TAX": "5000000000000000200", "OLD": "5000000000000000300"},
    Dimension.CUSTOMER: {"P1": "80", "P9": "89"},
    Dimension.ITEM: {
        "CONS": "301",
        "TONER": "302",
        "CHAIR": "303",
        "OLD": "304",
        "CAT": "305",
        "SET": "306",
        "SALES": "307",
        "LOST": "308",
    },
    Dimension.TERM: {"NET30": "3", "NET99": "9"},
    Dimension.TAX_CODE: {"V25": "5", "V0": "6", "S25": "7", "GRP": "8", "RC": "9"},
}
FIELDS = {
    "account": "accountCode",
    "location": "costCenterCode",
    "klass": "businessUnitCode",
    "customer": "projectCode",
    "item": "productCode",
    "bill_on": "text1",
    "tax_code": "taxCode",
}


def money(amount: Any) -> Decimal | None:
    return None if amount is None else Decimal(str(amount))


def by_id(*records: Any) -> dict[str, Any]:
    return {record.id: record for record in records}


class Office:
    """Builds what a test needs and asks the rules."""

    def preferences(self, **changes: Any) -> Preferences:
        usual = {"track_locations": True, "class_tracking": ClassTracking.LINE, "book_close_date": date(2026, 9, 30)}
        return Preferences(**(usual | changes))

    def books(self, **changes: Any) -> Books:
        """The firm's books. Names of preferences may be given directly; lists replace the usual ones."""
        known = set(Preferences.__struct_fields__)
        preferences = self.preferences(**{name: value for name, value in changes.items() if name in known})
        lists: dict[str, Any] = {
            "accounts": by_id(
                Account(id="10", name="Office supplies", number="6100", type="Expense"),
                Account(id="11", name="Travel", number="6200", type="Expense"),
                Account(id="12", name="Old expenses", number="6900", type="Expense", active=False),
                Account(id="33", name="Accounts Payable (A/P)", number="2000", type="Accounts Payable"),
                Account(id="34", name="Accounts Receivable (A/R)", number="1200", type="Accounts Receivable"),
                Account(id="40", name="Sales tax paid", number="6800", type="Expense"),
                Account(id="41", name="Rounding", number="6990", type="Other Expense"),
                Account(id="42", name="Stock", number="1300", type="Other Current Asset"),
            ),
            "locations": by_id(
                Location(id="1", name="New York"),
                Location(id="2", name="Boston"),
                Location(id="3", name="Old", active=False),
            ),
            "classes": by_id(
                TrackingClass(id="5000000000000000100", name="Audit"),
                TrackingClass(id="5000000000000000200", name="Tax"),
                TrackingClass(id="5000000000000000300", name="Old", active=False),
            ),
            "customers": by_id(
                Customer(id="80", name="Big client"), Customer(id="89", name="Former client", active=False)
            ),
            "items": by_id(
                Item(id="301", name="Consulting", type="Service", account_id="11"),
                Item(id="302", name="Toner", sku="T-1", type="NonInventory", account_id="10"),
                Item(id="303", name="Chair", type="Inventory", account_id="42"),
                Item(id="304", name="Typewriter", type="NonInventory", account_id="10", active=False),
                Item(id="305", name="Furniture", type="Category"),
                Item(id="306", name="Office set", type="Group"),
                Item(id="307", name="Audit hours", type="Service"),
                Item(id="308", name="Lost", type="NonInventory", account_id="12"),
            ),
            "vendors": by_id(
                Vendor(id="71", name="Northwind Paper", number="V-1"),
                Vendor(id="72", name="Sleeping Ltd", number="V-2", active=False),
            ),
            "terms": by_id(Term(id="3", name="Net 30", due_days=30), Term(id="9", name="Net 99", active=False)),
            "tax_codes": by_id(
                TaxCode(id="5", name="25%", purchase_rates=(TaxRateUse(rate_id="r25", percent=Decimal(25)),)),
                TaxCode(id="6", name="0%", purchase_rates=(TaxRateUse(rate_id="r0", percent=Decimal(0)),)),
                TaxCode(id="7", name="25% sales only"),
                TaxCode(
                    id="8",
                    name="GST and PST",
                    purchase_rates=(
                        TaxRateUse(rate_id="gst", percent=Decimal(5)),
                        TaxRateUse(rate_id="pst", percent=Decimal(7)),
                    ),
                ),
                TaxCode(
                    id="9",
                    name="Reverse charge",
                    purchase_rates=(
                        TaxRateUse(rate_id="rc+", percent=Decimal(25)),
                        TaxRateUse(rate_id="rc-", percent=Decimal(-25)),
                    ),
                ),
            ),
        }
        lists |= {name: value for name, value in changes.items() if name not in known}
        return Books(company_name="Test Firm", preferences=preferences, **lists)

    def mapping(self, *rules: MappingRule) -> Mapping:
        usual = [
            MappingRule(id=f"{dimension.value}-{code}", dimension=dimension, code=code, target_id=target)
            for dimension, codes in CODES.items()
            for code, target in codes.items()
        ]
        return Mapping(rules=(*usual, *rules), version=1)

    def row(self, gross: Any = None, *, index: int = 1, account: str = "6100", **given: Any) -> CodingRow:
        """A coding row. Dimensions by their QuickBooks names, amounts as text or numbers."""
        amounts = {name: money(given.pop(name, None)) for name in ("net", "tax", "tax_excluded", "tax_percent")}
        codes = {field: given.pop(name) for name, field in FIELDS.items() if name in given}
        codes |= given.pop("codes", {})
        if account:
            codes["accountCode"] = account
        return CodingRow(row_index=index, gross=money(gross), codes=codes, **amounts, **given)

    def invoice(self, *rows: CodingRow, total: Any = "sum", **given: Any) -> AccountingDocument:
        """An invoice over the sum of its rows' gross amounts unless a total is given."""
        rows = rows or (self.row("100.00"),)
        if total == "sum":
            total = sum((row.gross or Decimal(0) for row in rows), Decimal(0))
        amounts = {
            name: money(given.pop(name, None)) for name in ("net_sum", "tax_sum", "tax_excluded_sum", "exchange_rate")
        }
        numbered = tuple(msgspec.structs.replace(row, row_index=number) for number, row in enumerate(rows, 1))
        usual: dict[str, Any] = {
            "invoice_id": "5f0c1d6b9a7e4c4f8b21d3e07a64f912",
            "company_code": "US10",
            "supplier_code": "V-1",
            "supplier_name": "Northwind Paper LLC",
            "currency": "USD",
            "processing_status": "WaitingForTransfer",
            "content_hash": "hash-1",
            "invoice_number": "INV-1",
            "invoice_date": date(2026, 11, 2),
            "voucher_date": date(2026, 11, 5),
            "due_date": date(2026, 12, 2),
            "description": "Paper",
        }
        return AccountingDocument(**(usual | given), gross_sum=money(total), rows=numbered, **amounts)

    def existing(self, **given: Any) -> ExistingTransaction:
        """A transaction in QuickBooks: by default a bill of the usual vendor under the usual number, entered by hand."""
        usual: dict[str, Any] = {
            "type": TransactionType.BILL,
            "id": "900",
            "sync_token": "0",
            "doc_number": "INV-1",
            "vendor_id": "71",
            "txn_date": date(2026, 11, 5),
            "currency": "USD",
            "total": Decimal("100.00"),
            "balance": Decimal("100.00"),
        }
        return ExistingTransaction(**(usual | given))

    def plan(self, document: AccountingDocument, **given: Any) -> DocumentPlan:
        policy = given.pop("policy", {})
        usual: dict[str, Any] = {
            "books": self.books(),
            "mapping": self.mapping(),
            "policy": PostingPolicy(**policy) if isinstance(policy, dict) else policy,
            "vendor_links": {},
            "existing": (),
            "linked": (),
            "posted_hash": "",
            "decision": None,
            "today": date(2026, 11, 20),
            "quickbooks_rates": {},
        }
        return plan_document(document, **(usual | given))

    def posted(self, document: AccountingDocument, **given: Any) -> Any:
        """The one posting of a document that nothing holds."""
        plan = self.plan(document, **given)
        assert plan.holds == ()
        assert len(plan.postings) == 1
        return plan.postings[0]

    def causes(self, document: AccountingDocument, **given: Any) -> set[str]:
        return {hold.cause.value for hold in self.plan(document, **given).holds}

    def explained(self, plan: DocumentPlan, field: str) -> Any:
        return next(one for one in plan.explanations if one.field == field)

    def balance(self, posting: Any) -> Decimal:
        """Debits less credits of a journal entry."""
        return sum((line.amount if line.side is Side.DEBIT else -line.amount for line in posting.lines), Decimal(0))


@pytest.fixture(scope="session")
def office() -> Office:
    return Office()
