"""The British firm of the showcase: value added tax, foreign currencies, one class and one location for a whole invoice."""

from decimal import Decimal
from typing import Any

from twins.demo_company.showcase.firms import BILLED_ON, VAT
from twins.demo_company.showcase.paper import BEACON, CORVID, LAKESHORE, STERLING, Clerk, Line, line

GOOD = {"TR-7001": BEACON, "TR-7002": CORVID, "TR-7003": LAKESHORE, "TR-7004": BEACON, "TR-7005": STERLING}
"""Invoices that are posted as they are, each with its supplier."""

SALES_CODE = "VATS"
"""A tax code of Basware's that leads to one of QuickBooks' for sales alone."""


def open_the_books(clerk: Clerk) -> None:
    """Suppliers abroad are entered, each with its currency."""
    clerk.quickbooks("create_vendor", name="Atelier Lumen SARL", number="V-30001", currency="EUR")
    clerk.quickbooks("create_vendor", name="Maple Survey Instruments", number="V-30002", currency="CAD")


def first_papers(clerk: Clerk) -> None:
    """Invoices with VAT that are posted, and one from abroad."""
    for place, (number, supplier) in enumerate(GOOD.items()):
        approve(clerk, number, (line(f"{500 + 125 * place}.00"), "VAT20"), supplier=supplier)
    abroad(clerk, "TR-7007", "EUR", rate="0.8530")


def papers_with_tax(clerk: Clerk) -> None:
    """One invoice for each way in which its tax does not fit."""
    approve(clerk, "TR-7101", (line("100.00"), "", "20.00"))
    approve(clerk, "TR-7102", (line("100.00"), "VAT17", "17.50"))
    approve(clerk, "TR-7103", (line("100.00"), SALES_CODE, "20.00"))
    approve(clerk, "TR-7104", (line("100.00"), "VAT20"), short="1.50")


def papers_from_abroad(clerk: Clerk) -> None:
    """One invoice for each way in which its currency does not fit."""
    abroad(clerk, "TR-7201", "EUR", supplier=BEACON, rate="0.8530")
    abroad(clerk, "TR-7202", "EUR", rate="0")
    abroad(clerk, "TR-7203", "CAD", supplier="V-30002", rate="0.5690")


def several_of_what_there_is_one(clerk: Clerk) -> None:
    """Invoices over two classes, over two locations, and without either."""
    approve(clerk, "TR-7301", (line("90.00", practice="AUDIT"), "VAT20"), (line("60.00", practice="RISK"), "VAT20"))
    approve(clerk, "TR-7302", (line("90.00"), "VAT20"), (line("60.00", office="BOS"), "VAT20"))
    approve(clerk, "TR-7303", (line("85.00", office=""), "VAT20"))
    approve(clerk, "TR-7304", (line("85.00", practice=""), "VAT20"))
    approve(clerk, BILLED_ON, (line("700.00"), "VAT0"))


def papers_for_review(clerk: Clerk) -> None:
    """Good invoices that come when people want to see what will be written."""
    for place, supplier in enumerate((BEACON, CORVID, STERLING), 1):
        approve(clerk, f"TR-740{place}", (line(f"{210 * place}.00"), "VAT20"), supplier=supplier)


def take_back_what_was_billed_on(clerk: Clerk) -> None:
    """Basware takes an invoice back whose cost was billed to a customer already."""
    clerk.ask_to_remove(BILLED_ON)


def approve(clerk: Clerk, number: str, *lines: tuple[Any, ...], supplier: str = BEACON, short: str = "0") -> None:
    """Approve an invoice of lines with a tax code and, unless it follows from the code, the tax. `short`: by how much the rows'
    tax is less than the invoice's."""
    document = clerk.document(number, *(_coded(one) for one in lines), supplier=supplier)
    for coded, (_, code, *given) in zip(document["codingRows"], lines, strict=True):
        percent = Decimal(VAT[code][0]) if code in VAT else Decimal(20)
        coded["taxCode"], coded["taxPercent"] = code, percent
        coded["taxSum"] = Decimal(given[0]) if given else (coded["netTotal"] * percent / 100).quantize(Decimal("0.01"))
        coded["grossTotal"] = coded["netTotal"] + coded["taxSum"]
    document["taxSum1"] = sum((one["taxSum"] for one in document["codingRows"]), Decimal(short))
    document["grossSum"] = document["netSum"] + document["taxSum1"]
    clerk.basware("approve", document=document)


def _coded(one: tuple[Any, ...]) -> Line:
    coded: Line = one[0]
    return coded


def abroad(clerk: Clerk, number: str, currency: str, *, supplier: str = "V-30001", rate: str) -> None:
    """Approve an invoice in another currency, without tax."""
    clerk.approve(
        number, line("1,240.00"), supplier=supplier, name="Supplier abroad", currencyCode=currency,
        exchangeRateCompany=Decimal(rate), exchangeRateOrganization=Decimal(rate),
    )  # fmt: skip
