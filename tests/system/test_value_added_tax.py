"""VAT in a British company: what is owed is what was invoiced, and what QuickBooks would have computed is shown beside it."""

from decimal import Decimal
from typing import Any

import pytest

from abroad import CODES, british_seeds, with_vat
from announcements import Mailbag
from followed import Followed
from ml_connector.model.mapping import Dimension
from ml_connector.model.policy import NonUsTax, PostingPolicy
from ml_connector.store import alerts
from ml_connector.store.alerts import AlertRow
from ml_connector.store.schema import Severity
from ml_connector.work.tax_check import TaxView
from ml_connector.work.views import document_view
from paperwork import line
from world import Build, World


def _british(build: Build, policy: PostingPolicy | None = None, *, sales_tax: bool = True) -> World:
    world = build(company=british_seeds(sales_tax=sales_tax), policy=policy or PostingPolicy())
    for code, target in CODES.items():
        world.map(Dimension.TAX_CODE, code, target)
    return world


def _tax(world: World, document: str) -> TaxView:
    (tax,) = document_view(world.desk(), world.row(document)).tax
    return tax


def _alerts(world: World) -> list[AlertRow]:
    with world.database.read() as tx:
        return [one for one in alerts.listing(tx, world.connection_id) if one.kind == "tax"]


def _owed(world: World, document: str) -> tuple[Decimal, Decimal]:
    """What Basware says is owed, and what QuickBooks' own books have open."""
    _, bill = world.only_transaction(document)
    return world.in_basware(document)["grossSum"], Decimal(str(bill["Balance"]))


ROUNDED_BY_ROW = [(line("10.02"), "VAT20", "2.01"), (line("10.02"), "VAT20", "2.01"), (line("10.02"), "VAT20", "2.01")]


def test_the_suppliers_rounding_is_booked_and_quickbooks_own_sum_is_shown_beside_it(build: Build) -> None:
    world = _british(build)
    world.approve(with_vat("A-1", *ROUNDED_BY_ROW))
    world.settle()

    assert _owed(world, "A-1") == (Decimal("36.09"), Decimal("36.09"))
    tax = _tax(world, "A-1")
    assert (tax.invoiced, tax.booked, tax.computed) == (Decimal("6.03"), Decimal("6.03"), Decimal("6.01"))
    assert (tax.difference, tax.beyond_tolerance) == (Decimal("0.02"), False)
    assert _alerts(world) == []
    history = document_view(world.desk(), world.row("A-1")).history
    assert "difference 0.02 USD" in next(event.reason for event in history if event.action == "tax differs")
    assert world.check() == []


def test_tax_far_from_the_code_is_posted_as_invoiced_and_told_until_a_correction_takes_it_back(build: Build) -> None:
    world = _british(build)
    world.approve(with_vat("A-1", (line("100.00"), "VAT20", "5.00")))
    world.settle()

    assert _owed(world, "A-1") == (Decimal("105.00"), Decimal("105.00"))
    assert [answer["success"] for answer in world.answers("A-1")] == [True]
    (alert,) = _alerts(world)
    assert alert.severity is Severity.WARNING
    assert all(told in alert.message for told in ("A-1", "5.00 USD", "20.00 USD", "tax codes"))
    assert _tax(world, "A-1").beyond_tolerance

    right = with_vat("A-1", (line("100.00"), "VAT5", "5.00"))
    world.send_again("A-1", codingRows=right["codingRows"])
    world.settle()

    assert _alerts(world) == []
    assert _tax(world, "A-1").difference == 0
    assert _owed(world, "A-1") == (Decimal("105.00"), Decimal("105.00"))


def test_a_company_sets_its_own_tolerance(build: Build) -> None:
    world = _british(build, PostingPolicy(tax_tolerance=Decimal("0.01")))
    world.approve(with_vat("A-1", *ROUNDED_BY_ROW))
    world.settle()

    assert [alert.severity for alert in _alerts(world)] == [Severity.WARNING]
    assert _owed(world, "A-1") == (Decimal("36.09"), Decimal("36.09"))


def test_books_that_did_not_take_the_invoiced_tax_are_an_error_told_with_both_amounts(build: Build) -> None:
    world = _british(build, sales_tax=False)
    world.approve(with_vat("A-1", *ROUNDED_BY_ROW))
    world.settle()

    assert _owed(world, "A-1") == (Decimal("36.09"), Decimal("36.07"))
    (alert,) = _alerts(world)
    assert alert.severity is Severity.ERROR
    assert all(told in alert.message for told in ("invoiced 6.03 USD", "in QuickBooks 6.01 USD", "switched on"))
    assert [answer["success"] for answer in world.answers("A-1")] == [True]


def test_what_a_person_corrects_in_quickbooks_is_what_is_shown_later(build: Build) -> None:
    world = _british(build, sales_tax=False)
    world.approve(with_vat("A-1", (line("100.00"), "VAT20", "5.00")))
    world.settle()
    before = _tax(world, "A-1")
    assert (before.invoiced, before.booked) == (Decimal(5), Decimal(20))

    _, bill = world.only_transaction("A-1")
    code = {"AccountBasedExpenseLineDetail": {**bill["Line"][0]["AccountBasedExpenseLineDetail"]}}
    code["AccountBasedExpenseLineDetail"]["TaxCodeRef"] = {"value": CODES["VAT5"]}
    world.act("edit", entity="Bill", id=bill["Id"], changes={"Line": [{**bill["Line"][0], **code}]})
    Followed(world, Mailbag(world)).read()

    after = _tax(world, "A-1")
    assert (after.invoiced, after.booked, after.difference) == (Decimal(5), Decimal(5), Decimal(0))
    assert _owed(world, "A-1") == (Decimal("105.00"), Decimal("105.00"))


@pytest.mark.parametrize("sign", [1, -1], ids=["bill", "credit"])
def test_lines_shown_with_tax_come_to_the_same_total(build: Build, sign: int) -> None:
    world = _british(build, PostingPolicy(non_us_tax=NonUsTax.INCLUSIVE))
    rows = [("100.03", "VAT20", "20.01"), ("10.00", "VAT5", "0.50"), ("5.00", "VAT0", "0.00")]
    signed = [(line(str(sign * Decimal(net))), code, str(sign * Decimal(tax))) for net, code, tax in rows]
    world.approve(with_vat("A-1", *signed))
    world.settle()

    kind, record = world.only_transaction("A-1")
    assert kind == ("Bill" if sign > 0 else "VendorCredit")
    assert record["GlobalTaxCalculation"] == "TaxInclusive"
    assert [_shown(one) for one in record["Line"]] == [
        (Decimal("100.03"), Decimal("120.04"), "31"),
        (Decimal("10.00"), Decimal("10.50"), "32"),
        (Decimal("5.00"), Decimal("5.00"), "33"),
    ]
    assert Decimal(str(record["TotalAmt"])) == abs(world.in_basware("A-1")["grossSum"]) == Decimal("135.54")
    assert _tax(world, "A-1").difference == 0
    assert world.check() == []


def _shown(one: dict[str, Any]) -> tuple[Decimal, Decimal, str]:
    detail = one["AccountBasedExpenseLineDetail"]
    return (
        Decimal(str(one["Amount"])),
        Decimal(str(detail["TaxInclusiveAmt"])),
        detail["TaxCodeRef"]["value"],
    )
