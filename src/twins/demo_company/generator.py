"""A firm of the demo company's form and of any size: suppliers and waiting documents as many as asked for, the same for one seed.

Amounts are drawn in cents, so sums are exact. It knows both twins' seed shapes through `quickbooks_books` and `basware_tenant`.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from twins.demo_company import basware_tenant, quickbooks_books
from twins.demo_company.chart import BY_NUMBER
from twins.demo_company.currencies import HOME, rate
from twins.demo_company.dimensions import OFFICES, PRACTICES, PROJECT, TERMS
from twins.demo_company.documents import Invoice, Row, row_tax
from twins.demo_company.expected import Expected
from twins.demo_company.mistakes import MISTAKES, NOBODY, TYPED_IN, Mistake
from twins.demo_company.trades import ABROAD, UNITED_STATES, supplier_name, trade_of
from twins.demo_company.vendors import SUPPLIERS, Supplier

_FIRST_DAY = date(2026, 10, 1)
_DAYS = 45
_LEAST, _MOST = 500, 25_000_000
_FIRST_CODE, _FIRST_VENDOR, _FIRST_BILL = 20_001, 1_001, 1_000_000


@dataclass(frozen=True)
class Wishes:
    """How large a firm, and how much of its paper is difficult.

    `problems` is the share of documents that cannot be posted as they are, `foreign` that of suppliers abroad who invoice in
    their own currency (all of theirs can be posted). Both lie between 0 and 1.
    """

    documents: int
    seed: int = 0
    vendors: int = 40
    problems: float = 0.0
    foreign: float = 0.0

    def __post_init__(self) -> None:
        """Raises ValueError for a wish that no firm can meet."""
        for name in ("problems", "foreign"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"the share of {name} must lie between 0 and 1, not {getattr(self, name)}")
        if self.vendors < 1 or self.documents < 0:
            raise ValueError(
                f"need at least one supplier and no negative count, not {self.vendors} and {self.documents}"
            )


@dataclass(frozen=True)
class Generated:
    """A generated firm: both seeds, and the right outcome of each document by invoice number."""

    quickbooks: dict[str, Any]
    basware: dict[str, Any]
    expected: dict[str, Expected]


def generate(wishes: Wishes) -> Generated:
    """The QuickBooks and the Basware seed of the firm wished for, and what a careful accountant would make of its documents.

    Credentials, accounts, offices and codes are those of the demo company's `setup`; the mistakes take turns.
    """
    rng = Random(wishes.seed)
    suppliers = _suppliers(wishes)
    by_code = {supplier.code: supplier for supplier in (*SUPPLIERS, NOBODY, *suppliers)}
    turns = _turns(rng, wishes)
    invoices: list[Invoice] = []
    expected: dict[str, Expected] = {}
    bills: list[dict[str, Any]] = []
    at_home = tuple(supplier for supplier in suppliers if supplier.currency == HOME) or SUPPLIERS[:1]
    for index in range(wishes.documents):
        mistake = turns.get(index)
        supplier = _pick(rng, at_home if mistake else suppliers)
        invoice, kind = _invoice(rng, index, supplier, plain=mistake is not None)
        if mistake:
            kind, invoice = "held", mistake.spoil(invoice)
        if mistake is TYPED_IN:
            bills.append(_typed_in(invoice, supplier, _FIRST_BILL + index))
        invoices.append(invoice)
        expected[invoice.number] = Expected(
            kind, abs(_gross(invoice)), mistake.cause if mistake else "", invoice.currency
        )
    return Generated(
        quickbooks=quickbooks_books.company_seed((*SUPPLIERS, *suppliers), bills, multicurrency=wishes.foreign > 0),
        basware=basware_tenant.tenant_seed(tuple(invoices), by_code),
        expected=expected,
    )


def _suppliers(wishes: Wishes) -> tuple[Supplier, ...]:
    """The firm's suppliers; those abroad are spread evenly among the others."""
    abroad = 0
    found = []
    for index in range(wishes.vendors):
        due = int((index + 1) * wishes.foreign)
        found.append(_supplier(index, abroad if due > abroad else None))
        abroad = max(abroad, due)
    return tuple(found)


def _supplier(index: int, abroad: int | None) -> Supplier:
    country = UNITED_STATES if abroad is None else ABROAD[abroad % len(ABROAD)]
    town, state = country.towns[index // 7 % len(country.towns)]
    return Supplier(
        code=f"V-{_FIRST_CODE + index}",
        vendor_id=str(_FIRST_VENDOR + index),
        name=supplier_name(index, country),
        terms=TERMS[index % len(TERMS)].code,
        city=town,
        state=state,
        country=country.code,
        currency=country.currency,
    )


def _turns(rng: Random, wishes: Wishes) -> dict[int, Mistake]:
    """Which documents are spoiled, and how."""
    spoiled = sorted(rng.sample(range(wishes.documents), round(wishes.documents * wishes.problems)))
    return {index: MISTAKES[turn % len(MISTAKES)] for turn, index in enumerate(spoiled)}


def _pick(rng: Random, suppliers: tuple[Supplier, ...]) -> Supplier:
    """A supplier; a few send most of the invoices."""
    return suppliers[int(len(suppliers) * rng.random() ** 2)]


def _invoice(rng: Random, index: int, supplier: Supplier, *, plain: bool) -> tuple[Invoice, str]:
    """One postable invoice and the kind of transaction it becomes; `plain` ones are bills without tax."""
    at_home = supplier.currency == HOME
    chance = 1.0 if plain else rng.random()
    kind = "VendorCredit" if chance < 0.06 else "JournalEntry" if chance < 0.10 and at_home else "Bill"
    office_count = rng.choice((2, 2, 3)) if kind == "JournalEntry" else 1
    offices = [office.code for office in rng.sample(OFFICES, office_count)]
    row_count = 30 if 0.10 <= chance < 0.11 else max(office_count, rng.choice((1, 1, 1, 2, 2, 3, 4, 6)))
    sign = -1 if kind == "VendorCredit" else 1
    dated = _FIRST_DAY + timedelta(days=rng.randrange(_DAYS))
    rows = tuple(_row(rng, supplier, offices[place % office_count], sign) for place in range(row_count))
    invoice = Invoice(
        supplier=supplier.code,
        number=_number(rng, index, long=chance > 0.97 and not plain),
        dated=dated,
        text=f"{rows[0].text.partition(',')[0]} {dated:%B %Y}",
        rows=rows,
        order=f"PO-{70_000 + index}" if rng.random() < 0.4 else "",
        terms=supplier.terms,
        taxed=not plain and at_home and rng.random() < 0.3,
        currency=supplier.currency,
        rate=rate(supplier.currency, dated),
    )
    return invoice, kind


def _number(rng: Random, index: int, *, long: bool) -> str:
    """An invoice number as firms write them; a long one is beyond what QuickBooks keeps."""
    form = rng.choice(("INV-{0}", "R{0}", "SI/{0}", "26-{0}", "{0}/11"))
    number = form.format(500_000 + index)
    return f"{number}-2026-CONTRACT-{rng.randrange(10_000):04d}" if long else number


def _row(rng: Random, supplier: Supplier, office: str, sign: int) -> Row:
    trade = trade_of(int(supplier.code.removeprefix("V-")) - _FIRST_CODE)
    account = BY_NUMBER[rng.choice(trade.accounts)]
    return Row(
        account=account.number,
        net=sign * _amount(rng),
        office=office,
        practice=rng.choice(PRACTICES).code,
        text=f"{rng.choice(trade.goods)}, item {rng.randrange(1_000)}",
        project=rng.choice(tuple(PROJECT)) if rng.random() < 0.15 else "",
    )


def _amount(rng: Random) -> Decimal:
    """An amount as they occur: many small ones, few large ones, some round, some just below a round one; 5 to 250 000."""
    cents = min(max(int(rng.lognormvariate(10.7, 1.3)), _LEAST), _MOST)
    habit = rng.random()
    if habit < 0.25:
        cents = cents // 100 * 100
    elif habit < 0.35:
        cents = cents // 100 * 100 + 99
    return Decimal(cents).scaleb(-2)


def _gross(invoice: Invoice) -> Decimal:
    tax = sum((row_tax(line) for line in invoice.rows), Decimal(0)) if invoice.taxed else Decimal(0)
    return sum((line.net for line in invoice.rows), tax) + invoice.surplus


def _typed_in(invoice: Invoice, supplier: Supplier, bill_id: int) -> dict[str, Any]:
    first = invoice.rows[0]
    day = invoice.dated.isoformat()
    return quickbooks_books.bill(
        str(bill_id), vendor_id=supplier.vendor_id, number=invoice.number, day=day, due=day, office=first.office,
        account=first.account, practice=first.practice, amount=_gross(invoice), text=invoice.text,
    )  # fmt: skip
