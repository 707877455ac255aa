"""A larger firm of the demo company's form: as many suppliers and waiting documents as asked for, the same for the same seed.

Amounts are drawn in cents, so sums are exact. It knows both twins' seed shapes through `quickbooks_books` and `basware_tenant`.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from twins.demo_company import basware_tenant, quickbooks_books
from twins.demo_company.chart import CHART, UNKNOWN_ACCOUNT
from twins.demo_company.dimensions import OFFICES, PRACTICES, PROJECT, TERMS
from twins.demo_company.documents import Invoice, Row, row_tax
from twins.demo_company.expected import Expected
from twins.demo_company.vendors import SUPPLIERS, Supplier

_COST_TYPES = {"Expense", "Cost of Goods Sold"}
_COST_ACCOUNTS = tuple(line for line in CHART if line.active and line.type in _COST_TYPES)
_FIRST_DAY = date(2026, 10, 1)
_DAYS = 45
_ADJECTIVES = (
    "Amber",
    "Blue Ridge",
    "Cedar",
    "Dover",
    "Evergreen",
    "Foxhall",
    "Granite",
    "Hudson",
    "Ironwood",
    "Juniper",
)
_TRADES = (
    "Analytics",
    "Builders",
    "Catering",
    "Data Services",
    "Electric",
    "Facilities",
    "Graphics",
    "Labs",
    "Logistics",
    "Media",
)
_FORMS = ("Inc.", "LLC", "Co.", "Group", "Partners")
_CITIES = (("Albany", "NY"), ("Boston", "MA"), ("Chicago", "IL"), ("Austin", "TX"), ("Newark", "NJ"))
_INACTIVE = SUPPLIERS[-1]


@dataclass(frozen=True)
class Generated:
    """A generated firm: both seeds, and the right outcome of each document by invoice number."""

    quickbooks: dict[str, Any]
    basware: dict[str, Any]
    expected: dict[str, Expected]


def generate(count: int, seed: int, vendors: int = 40, problems: float = 0.0) -> tuple[dict[str, Any], dict[str, Any]]:
    """The QuickBooks and the Basware seed of a firm with `count` waiting documents from `vendors` suppliers.

    `problems` is the share of documents that cannot be posted as they are, rounded to whole documents; the five kinds of
    the demo company take turns. Credentials, accounts, offices and codes are those of the demo company's `setup`.
    Raises ValueError when the share is outside 0 to 1, or there is no supplier.
    """
    firm = generate_with_expectations(count, seed, vendors, problems)
    return firm.quickbooks, firm.basware


def generate_with_expectations(count: int, seed: int, vendors: int = 40, problems: float = 0.0) -> Generated:
    """As `generate`, with the outcome a careful accountant would reach for each document."""
    if not 0 <= problems <= 1:
        raise ValueError(f"the share of problems must lie between 0 and 1, not {problems}")
    if vendors < 1 or count < 0:
        raise ValueError(f"need at least one supplier and no negative count, not {vendors} and {count}")
    rng = Random(seed)
    suppliers = tuple(_supplier(index) for index in range(vendors))
    by_code = {supplier.code: supplier for supplier in (*SUPPLIERS, *suppliers)}
    spoiled = sorted(rng.sample(range(count), round(count * problems)))
    turns = {index: _SPOILERS[turn % len(_SPOILERS)] for turn, index in enumerate(spoiled)}

    invoices: list[Invoice] = []
    expected: dict[str, Expected] = {}
    bills: list[dict[str, Any]] = []
    for index in range(count):
        invoice, kind = _invoice(rng, index, suppliers, plain=index in turns)
        cause = ""
        if index in turns:
            cause, spoil = turns[index]
            kind, invoice = "held", spoil(invoice)
            if cause == "duplicate-number":
                bills.append(_typed_in(invoice, by_code[invoice.supplier], 100_000 + index))
        invoices.append(invoice)
        expected[invoice.number] = Expected(kind, abs(_gross(invoice)), cause)
    return Generated(
        quickbooks=quickbooks_books.company_seed((*SUPPLIERS, *suppliers), bills),
        basware=basware_tenant.tenant_seed(tuple(invoices), by_code),
        expected=expected,
    )


def _supplier(index: int) -> Supplier:
    combination, series = index % 500, index // 500
    name = " ".join((_ADJECTIVES[combination % 10], _TRADES[combination // 10 % 10], _FORMS[combination // 100]))
    city, state = _CITIES[index % len(_CITIES)]
    return Supplier(
        code=f"V-{20_001 + index}",
        vendor_id=str(1_001 + index),
        name=f"{name} No. {series + 1}" if series else name,
        terms=TERMS[index % len(TERMS)].code,
        city=city,
        state=state,
    )


def _invoice(rng: Random, index: int, suppliers: tuple[Supplier, ...], *, plain: bool) -> tuple[Invoice, str]:
    """One postable invoice and the kind of transaction it becomes; `plain` ones are bills without tax."""
    chance = 1.0 if plain else rng.random()
    kind = "VendorCredit" if chance < 0.06 else "JournalEntry" if chance < 0.10 else "Bill"
    office_count = rng.choice((2, 2, 3)) if kind == "JournalEntry" else 1
    offices = [office.code for office in rng.sample(OFFICES, office_count)]
    row_count = 30 if 0.10 <= chance < 0.11 else max(office_count, rng.choice((1, 1, 1, 2, 2, 3, 4, 6)))
    sign = -1 if kind == "VendorCredit" else 1
    number = f"{rng.choice(('INV', 'R', 'SI'))}-{500_000 + index}"
    if chance > 0.97 and not plain:
        number = f"{number}-2026-CONTRACT-{rng.randrange(10_000):04d}"
    dated = _FIRST_DAY + timedelta(days=rng.randrange(_DAYS))
    invoice = Invoice(
        supplier=rng.choice(suppliers).code,
        number=number,
        dated=dated,
        text=f"{rng.choice(('Services', 'Supplies', 'Delivery', 'Subscription'))} {dated:%B %Y}",
        rows=tuple(_row(rng, offices[place % office_count], sign) for place in range(row_count)),
        order=f"PO-{70_000 + index}" if rng.random() < 0.4 else "",
        taxed=not plain and rng.random() < 0.3,
    )
    return invoice, kind


def _row(rng: Random, office: str, sign: int) -> Row:
    account = rng.choice(_COST_ACCOUNTS)
    return Row(
        account=account.number,
        net=Decimal(sign * rng.randint(500, 900_000)).scaleb(-2),
        office=office,
        practice=rng.choice(PRACTICES).code,
        text=f"{account.name}, item {rng.randrange(1_000)}",
        project=rng.choice(tuple(PROJECT)) if rng.random() < 0.15 else "",
    )


def _gross(invoice: Invoice) -> Decimal:
    tax = sum((row_tax(line) for line in invoice.rows), Decimal(0)) if invoice.taxed else Decimal(0)
    return sum((line.net for line in invoice.rows), tax) + invoice.surplus


def _unknown_account(invoice: Invoice) -> Invoice:
    first, *rest = invoice.rows
    return replace(invoice, rows=(replace(first, account=UNKNOWN_ACCOUNT[0]), *rest))


def _inactive_vendor(invoice: Invoice) -> Invoice:
    return replace(invoice, supplier=_INACTIVE.code)


def _closed_period(invoice: Invoice) -> Invoice:
    return replace(invoice, dated=date(2026, 9, 25), voucher_date=date(2026, 9, 28))


def _lines_differ(invoice: Invoice) -> Invoice:
    return replace(invoice, surplus=Decimal("10.00"))


def _unchanged(invoice: Invoice) -> Invoice:
    return invoice


# Cause and what spoils a good invoice; a duplicate stays as it is, the bookkeeper has typed it in as well.
_SPOILERS: tuple[tuple[str, Callable[[Invoice], Invoice]], ...] = (
    ("account-not-mapped", _unknown_account),
    ("vendor-inactive", _inactive_vendor),
    ("period-closed", _closed_period),
    ("duplicate-number", _unchanged),
    ("lines-differ-from-total", _lines_differ),
)


def _typed_in(invoice: Invoice, supplier: Supplier, bill_id: int) -> dict[str, Any]:
    first = invoice.rows[0]
    day = invoice.dated.isoformat()
    return quickbooks_books.bill(
        str(bill_id), vendor_id=supplier.vendor_id, number=invoice.number, day=day, due=day, office=first.office,
        account=first.account, practice=first.practice, amount=_gross(invoice), text=invoice.text,
    )  # fmt: skip
