"""The small firm of the showcase: one currency, no locations, no classes; its purchase orders go both ways."""

from decimal import Decimal

from twins.demo_company.showcase.paper import BEACON, CORVID, Clerk, line

GOOD = {"HL-8001": BEACON, "HL-8002": CORVID, "HL-8003": BEACON, "HL-8004": CORVID}
"""Invoices that are posted as they are, each with its supplier."""

_BEACON, _CORVID, _SUPPLIES = "101", "102", "55"
_MANY = 10_050
"""Rows of the longest invoice: more than a transaction of QuickBooks has lines."""

_PLAIN = {"costCenterCode": "", "businessUnitCode": ""}


def open_the_books(clerk: Clerk) -> None:
    """A customer whose name a supplier has too, and two vendors with one number."""
    clerk.enter("Customer", DisplayName="Greenway Mills")
    for name in ("Anchor Linen East", "Anchor Linen West"):
        clerk.quickbooks("create_vendor", name=name, number="V-40001")


def first_papers(clerk: Clerk) -> None:
    """Invoices that are posted."""
    for place, (number, supplier) in enumerate(GOOD.items()):
        clerk.approve(number, line(f"{180 + 35 * place}.00", **_PLAIN), supplier=supplier)


def papers(clerk: Clerk) -> None:
    """One invoice for each thing that these books do not keep, or that nobody set up."""
    clerk.approve("HL-8101", line("60.00", **(_PLAIN | {"costCenterCode": "NYC"})))
    clerk.approve("HL-8102", line("60.00", **(_PLAIN | {"businessUnitCode": "TECH"})))
    clerk.approve("HL-8103", line("45.00", projectCode="P-2601", text1="yes", **_PLAIN))
    taxed = line("200.00", taxSum=Decimal("17.75"), grossTotal=Decimal("217.75"), **_PLAIN)
    clerk.approve("HL-8104", taxed, taxSum1=Decimal("17.75"), grossSum=Decimal("217.75"))
    clerk.approve("HL-8105", line("140.00", **_PLAIN), supplier="V-40001", name="Anchor Linen")
    clerk.approve("HL-8106", line("310.00", **_PLAIN), supplier="V-40002", name="Greenway Mills")
    clerk.approve(
        "HL-8107", line("25.00", **_PLAIN), invoiceDate="2020-03-02T00:00:00", voucherDate="2020-03-04T00:00:00"
    )
    clerk.basware("prebook", document=clerk.document("HL-8108", line("520.00", **_PLAIN)))


def a_very_long_invoice(clerk: Clerk) -> None:
    """A statement with more rows than a bill can have lines."""
    rows = [
        {"rowIndex": place, "externalCode": f"HL-8201-{place}", "accountCode": "6110", "netTotal": Decimal("0.40")}
        for place in range(1, _MANY + 1)
    ]
    total = Decimal("0.40") * _MANY
    clerk.approve("HL-8201", codingRows=rows, netSum=total, grossSum=total)


def orders_in_quickbooks(clerk: Clerk) -> None:
    """Purchase orders for Basware's matching: one that goes, and one for each reason why one waits."""
    order = [{"account": _SUPPLIES, "amount": Decimal(420), "description": "Flour sacks"}]
    clerk.quickbooks("create_order", vendor=_BEACON, lines=order, number="3001")
    nameless = str(clerk.quickbooks("create_vendor", name="Corner Eggs")["Id"])
    clerk.quickbooks("create_order", vendor=nameless, lines=order, number="3002")
    uncoded = clerk.enter("Account", Name="Oven spares", AccountType="Expense")
    clerk.quickbooks("create_order", vendor=_CORVID, lines=[{"account": uncoded, "amount": Decimal(95)}], number="3003")
    clerk.quickbooks("create_order", vendor=_CORVID, lines=order, number="3001")
    clerk.quickbooks(
        "create_order", vendor=_BEACON, lines=[{"account": _SUPPLIES, "amount": Decimal(0)}], number="3004"
    )


def an_order_basware_refuses(clerk: Clerk) -> None:
    """An order of a supplier that Purchase-to-Pay does not have."""
    bags = str(clerk.quickbooks("create_vendor", name="Marigold Bags", number="V-77777")["Id"])
    order = [{"account": _SUPPLIES, "amount": Decimal(77), "description": "Paper bags"}]
    clerk.quickbooks("create_order", vendor=bags, lines=order, number="3005")


def orders_in_basware(clerk: Clerk) -> None:
    """Orders people send from Basware: one that becomes an order in QuickBooks, and one that cannot be read."""
    wanted = {
        "quantity": 10,
        "netUnitPrice": Decimal(20),
        "description": "Baking paper",
        "coding": [{"accountCode": "6110"}],
    }
    for code, more in (("PO-9001", {}), ("PO-9002", {"purchaseCurrency": ""})):
        document = {"externalCode": code, "orderNumber": code, "companyCode": "US30", "supplierCode": BEACON, **more}
        clerk.basware("purchase_order", document=document, lines=[wanted])
