"""Offices, practices, customers with their projects, and payment terms, under their codes in Basware and ids in QuickBooks.

Basware's cost centres are QuickBooks' locations (Department on the wire), its business units are classes, its projects are
jobs below a customer. Plain data; nothing here knows about documents.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any


@dataclass(frozen=True)
class Office:
    """A cost centre in Basware and a location in QuickBooks. `tax_percent` is the local sales tax on what is bought there."""

    code: str
    id: str
    name: str
    tax_percent: Decimal
    parent: str = ""


@dataclass(frozen=True)
class Practice:
    """A business unit in Basware and a class in QuickBooks, whose class ids have 19 digits."""

    code: str
    id: str
    name: str


@dataclass(frozen=True)
class CustomerLine:
    """A customer, or with `parent` (an id) a project below one. Only projects have a Basware `code`."""

    id: str
    name: str
    code: str = ""
    parent: str = ""


@dataclass(frozen=True)
class TermLine:
    """Payment terms. Days are calendar days from the invoice date; the discount is a percentage of the payable amount."""

    code: str
    id: str
    name: str
    days: int
    discount_percent: int = 0
    discount_days: int = 0


OFFICES = (
    Office("NYC", "1", "New York", Decimal("8.875")),
    Office("BOS", "2", "Boston", Decimal("6.25")),
    Office("CHI", "3", "Chicago", Decimal("10.25")),
    Office("NAP", "4", "Naperville", Decimal("7.75"), parent="CHI"),
    Office("AUS", "5", "Austin", Decimal("8.25")),
)

PRACTICES = (
    Practice("AUDIT", "5000000000000142201", "Audit and Assurance"),
    Practice("TAX-ADV", "5000000000000142202", "Tax Advisory"),
    Practice("RISK", "5000000000000142203", "Risk Consulting"),
    Practice("TECH", "5000000000000142204", "Technology Consulting"),
    Practice("VAL", "5000000000000142205", "Valuation Services"),
    Practice("FIRM", "5000000000000142206", "Firm Operations"),
)

CUSTOMERS = (
    CustomerLine("201", "Brightwater Utilities"),
    CustomerLine("202", "Brightwater 2026 Audit", "P-2601", "201"),
    CustomerLine("203", "Kestrel Medical Group"),
    CustomerLine("204", "Kestrel ERP Selection", "P-2614", "203"),
    CustomerLine("205", "Kestrel Tax Compliance 2026", "P-2615", "203"),
    CustomerLine("206", "Meridian Property Group"),
    CustomerLine("207", "Northgate Travel Holdings"),
    CustomerLine("208", "Ashford Foods"),
    CustomerLine("209", "Ashford Plant Valuation", "P-2622", "208"),
    CustomerLine("210", "Old Mill Brewing"),
)

TERMS = (
    TermLine("IMMED", "1", "Due on receipt", 0),
    TermLine("NET15", "2", "Net 15", 15),
    TermLine("NET30", "3", "Net 30", 30),
    TermLine("NET45", "4", "Net 45", 45),
    TermLine("NET60", "5", "Net 60", 60),
    TermLine("2-10NET30", "6", "2% 10 Net 30", 30, discount_percent=2, discount_days=10),
)

OFFICE = {office.code: office for office in OFFICES}
PRACTICE = {practice.code: practice for practice in PRACTICES}
PROJECT = {customer.code: customer for customer in CUSTOMERS if customer.code}
TERM = {term.code: term for term in TERMS}
TERM_IDS = {term.code: term.id for term in TERMS}


def quickbooks_departments() -> list[dict[str, Any]]:
    """Offices in QuickBooks' Department shape, the branch office below its main office."""
    return [_department(office) for office in OFFICES]


def _department(office: Office) -> dict[str, Any]:
    department: dict[str, Any] = {
        "Id": office.id,
        "Name": office.name,
        "FullyQualifiedName": f"{OFFICE[office.parent].name}:{office.name}" if office.parent else office.name,
        "SubDepartment": bool(office.parent),
        "Active": True,
    }
    if office.parent:
        department["ParentRef"] = {"value": OFFICE[office.parent].id}
    return department


def quickbooks_classes() -> list[dict[str, Any]]:
    """Practices in QuickBooks' Class shape."""
    return [
        {"Id": unit.id, "Name": unit.name, "FullyQualifiedName": unit.name, "SubClass": False, "Active": True}
        for unit in PRACTICES
    ]


def quickbooks_customers() -> list[dict[str, Any]]:
    """Customers and their projects in QuickBooks' Customer shape."""
    names = {customer.id: customer.name for customer in CUSTOMERS}
    return [_customer(customer, names) for customer in CUSTOMERS]


def _customer(customer: CustomerLine, names: dict[str, str]) -> dict[str, Any]:
    parent = customer.parent
    record: dict[str, Any] = {
        "Id": customer.id,
        "DisplayName": customer.name,
        "FullyQualifiedName": f"{names[parent]}:{customer.name}" if parent else customer.name,
        "Job": bool(parent),
        "Active": True,
        "CurrencyRef": {"value": "USD", "name": "United States Dollar"},
    }
    if parent:
        record |= {"ParentRef": {"value": parent}, "BillWithParent": True}
    return record


def quickbooks_terms() -> list[dict[str, Any]]:
    """Payment terms in QuickBooks' Term shape."""
    return [_term(term) for term in TERMS]


def _term(term: TermLine) -> dict[str, Any]:
    record: dict[str, Any] = {
        "Id": term.id,
        "Name": term.name,
        "Type": "STANDARD",
        "DueDays": term.days,
        "Active": True,
    }
    if term.discount_percent:
        record |= {"DiscountPercent": term.discount_percent, "DiscountDays": term.discount_days}
    return record
