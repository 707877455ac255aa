"""Journal entries: they balance, every side is named, and the payable line knows its vendor."""

from decimal import Decimal

import pytest


def entry(*lines, **fields):
    return {"TxnDate": "2026-10-20", "Line": list(lines), **fields}


def test_an_entry_carries_location_and_class_on_every_line(qbo):
    where = {"DepartmentRef": {"value": "2"}, "ClassRef": {"value": "5000000000000142240"}}
    made = qbo.post(
        "JournalEntry",
        entry(qbo.side("Debit", "420.00", "21", **where), qbo.side("Credit", "420.00", "31", vendor="50", **where)),
    )
    assert [line["Id"] for line in made["Line"]] == ["0", "1"]
    assert made["TotalAmt"] == 0
    assert made["Line"][1]["JournalEntryLineDetail"]["Entity"]["EntityRef"] == {"value": "50", "name": "Nordlys Print"}
    postings = qbo.twin.ledger(qbo.realm)
    assert {(each["department"], each["class"]) for each in postings} == {("2", "5000000000000142240")}
    assert postings[1]["vendor"] == "50"
    assert qbo.get("Vendor", "50")["Balance"] == Decimal("420.00")
    assert qbo.twin.check(qbo.realm) == []


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([("Debit", "10", "20"), ("Credit", "9.99", "10")], "2300"),
        ([("Debit", "-10", "20"), ("Credit", "-10", "10")], "2290"),
        ([("Debit", "10", "20")], "6000"),
        ([], "2250"),
        ([("Debet", "10", "20"), ("Credit", "10", "10")], "2260"),
        ([("Debit", "10", "777"), ("Credit", "10", "10")], "2500"),
    ],
)
def test_an_entry_that_is_no_entry_is_refused(qbo, lines, code):
    assert qbo.code("JournalEntry", entry(*(qbo.side(*line) for line in lines))) == code


def test_a_line_without_a_side_is_refused(qbo):
    line = qbo.side("Debit", "10", "20")
    del line["JournalEntryLineDetail"]["PostingType"]
    assert qbo.code("JournalEntry", entry(line, qbo.side("Credit", "10", "10"))) == "2260"


def test_the_payable_line_needs_a_vendor_by_id(qbo):
    nobody = qbo.side("Credit", "10", "31")
    assert qbo.code("JournalEntry", entry(qbo.side("Debit", "10", "20"), nobody)) == "6000"
    by_name = qbo.side("Credit", "10", "31", Entity={"Type": "Vendor", "EntityRef": {"name": "Nordlys Print"}})
    assert qbo.code("JournalEntry", entry(qbo.side("Debit", "10", "20"), by_name)) == "6000"
    customer = qbo.side("Credit", "10", "31", customer="60")
    assert qbo.code("JournalEntry", entry(qbo.side("Debit", "10", "20"), customer)) == "6000"


def test_the_receivable_line_needs_a_customer(qbo):
    assert (
        qbo.code("JournalEntry", entry(qbo.side("Debit", "10", "11", vendor="50"), qbo.side("Credit", "10", "20")))
        == "6000"
    )
    qbo.post("JournalEntry", entry(qbo.side("Debit", "10", "11", customer="60"), qbo.side("Credit", "10", "20")))


def test_an_entry_has_at_most_one_control_line(qbo):
    two = entry(
        qbo.side("Debit", "20", "20"),
        qbo.side("Credit", "10", "31", vendor="50"),
        qbo.side("Credit", "10", "31", vendor="51"),
    )
    assert qbo.code("JournalEntry", two) == "6000"


def test_an_entrys_number_is_unique_in_the_company_whoever_the_vendor(qbo):
    lines = (qbo.side("Debit", "10", "20"), qbo.side("Credit", "10", "31", vendor="50"))
    first = qbo.post("JournalEntry", entry(*lines, DocNumber="J-1"))
    other = (qbo.side("Debit", "10", "20"), qbo.side("Credit", "10", "31", vendor="51"))
    error = qbo.refused("JournalEntry", entry(*other, DocNumber="J-1"))
    assert error["code"] == "6140"
    assert f"TxnId={first['Id']}" in error["Detail"]
    qbo.post("Bill", qbo.bill(DocNumber="J-1"))
    qbo.post("JournalEntry", entry(*other, DocNumber="J-1"), include="allowduplicatedocnum")


def test_an_entry_can_be_sparsely_updated_and_deleted(qbo):
    made = qbo.post("JournalEntry", entry(qbo.side("Debit", "10", "20"), qbo.side("Credit", "10", "10")))
    changed = qbo.post("JournalEntry", {"Id": made["Id"], "SyncToken": "0", "sparse": True, "PrivateNote": "seen"})
    assert changed["Line"] == made["Line"]
    qbo.post("JournalEntry", {"Id": made["Id"], "SyncToken": "1"}, operation="delete")
    assert qbo.twin.ledger(qbo.realm) == []


def test_tax_on_an_entry_needs_its_direction_and_its_amount(nordic):
    def with_tax(**detail):
        taxed = nordic.side("Debit", "100", "20", TaxCodeRef={"value": "5"}, **detail)
        return entry(taxed, nordic.side("Credit", "125", "31", vendor="50"))

    assert nordic.code("JournalEntry", with_tax()) == "2270"
    assert nordic.code("JournalEntry", with_tax(TaxApplicableOn="Purchase")) == "2280"
    assert nordic.code("JournalEntry", with_tax(TaxApplicableOn="Purchase", TaxAmount=24)) == "2300"
    nordic.post("JournalEntry", with_tax(TaxApplicableOn="Purchase", TaxAmount=25))
    assert ("25", "25.00") in [(each["account"], each["debit"]) for each in nordic.twin.ledger(nordic.realm)]
    assert nordic.twin.check(nordic.realm) == []


def test_in_australia_amounts_with_tax_say_so_on_every_line(make_caller):
    qbo = make_caller(country="AU", home="AUD")

    def body(**detail):
        taxed = qbo.side(
            "Debit", "100", "20", TaxCodeRef={"value": "5"}, TaxApplicableOn="Purchase", TaxAmount=25, **detail
        )
        return entry(taxed, qbo.side("Credit", "125", "31", vendor="50"), GlobalTaxCalculation="TaxInclusive")

    error = qbo.refused("JournalEntry", body())
    assert (error["code"], error["element"]) == ("2020", "Line.JournalEntryLineDetail.TaxInclusiveAmt")
    assert qbo.post("JournalEntry", body(TaxInclusiveAmt=125))["TotalAmt"] == 0


def test_tax_details_of_an_entry_have_to_agree_with_its_lines(nordic):
    taxed = nordic.side("Debit", "100", "20", TaxCodeRef={"value": "5"}, TaxApplicableOn="Purchase", TaxAmount=25)
    detail = {"TaxRateRef": {"value": "6"}, "PercentBased": True, "TaxPercent": 25, "NetAmountTaxable": 100}
    lines = taxed, nordic.side("Credit", "125", "31", vendor="50")

    def body(amount):
        line = {"Amount": amount, "DetailType": "TaxLineDetail", "TaxLineDetail": detail}
        return entry(*lines, TxnTaxDetail={"TotalTax": amount, "TaxLine": [line]})

    assert nordic.code("JournalEntry", body(24)) == "2300"
    assert nordic.post("JournalEntry", body(25))["TxnTaxDetail"]["TotalTax"] == 25


def test_several_control_lines_can_be_allowed(qbo):
    qbo.twin.switches.one_control_line = False
    two = entry(
        qbo.side("Debit", "20", "20"),
        qbo.side("Credit", "10", "31", vendor="50"),
        qbo.side("Credit", "10", "31", vendor="51"),
    )
    made = qbo.post("JournalEntry", two)
    qbo.post("BillPayment", qbo.payment("10", ("JournalEntry", made["Id"], "10"), vendor="51"))
    assert [qbo.get("Vendor", key)["Balance"] for key in ("50", "51")] == [10, 0]


def test_a_line_for_a_customer_may_be_passed_on_but_not_as_billed(qbo):
    def body(**detail):
        return entry(qbo.side("Debit", "10", "20", **detail), qbo.side("Credit", "10", "10"))

    assert qbo.code("JournalEntry", body(BillableStatus="HasBeenBilled")) == "2170"
    assert qbo.code("JournalEntry", body(BillableStatus="Billable")) == "6310"
    customer = {"Entity": {"Type": "Customer", "EntityRef": {"value": "60"}}}
    made = qbo.post("JournalEntry", body(BillableStatus="Billable", **customer))
    assert made["Line"][0]["JournalEntryLineDetail"]["BillableStatus"] == "Billable"


def test_only_a_description_is_no_detail_line(qbo):
    text = {"DetailType": "DescriptionOnly", "Description": "why"}
    assert qbo.code("JournalEntry", entry(text, qbo.side("Debit", "0", "20"))) == "6000"
    made = qbo.post("JournalEntry", entry(text, qbo.side("Debit", "1", "20"), qbo.side("Credit", "1", "10")))
    assert [line.get("Amount") for line in made["Line"]] == [None, 1, 1]


@pytest.fixture
def paid_entry(world):
    """A foreign entry that owes a vendor 100, which were paid at the entry's own rate."""
    euros = {"CurrencyRef": {"value": "EUR"}, "ExchangeRate": Decimal("1.1")}
    sides = [world.side("Debit", "100", "20"), world.side("Credit", "100", "32", vendor="53")]
    entry = world.post("JournalEntry", {"Line": sides, **euros})
    payment = world.payment("100", ("JournalEntry", entry["Id"], "100"), vendor="53", **euros)
    world.post("BillPayment", payment | {"CheckPayment": {"BankAccountRef": {"value": "12"}}})
    return world.get("JournalEntry", entry["Id"])


def test_a_new_rate_of_a_paid_entry_moves_the_exchange_difference(world, paid_entry):
    world.post("JournalEntry", paid_entry | {"ExchangeRate": Decimal("1.2")})
    made = world.query("select * from Account where Name = 'Exchange Gain or Loss'")["Account"][0]
    assert made["CurrentBalance"] == -10


def test_a_paid_entry_cannot_become_one_that_owes_nothing(world, paid_entry):
    assert world.code("JournalEntry", paid_entry | {"HomeCurrencyAdjustment": True}) == "6000"
    lines = [world.side("Debit", "100", "20"), world.side("Credit", "100", "32")]
    assert world.code("JournalEntry", paid_entry | {"HomeCurrencyAdjustment": True, "Line": lines}) == "6000"
    assert world.get("JournalEntry", paid_entry["Id"]) == paid_entry


@pytest.mark.row("Q9")
def test_us_entries_have_no_tax_with_or_without_a_code(qbo):
    sides = [qbo.side("Debit", "100", "20", TaxAmount=5), qbo.side("Credit", "100", "10", TaxAmount=5)]
    entry = qbo.post("JournalEntry", {"Line": sides})
    assert not any("TaxAmount" in line["JournalEntryLineDetail"] for line in entry["Line"])
    assert {each["account"] for each in qbo.twin.ledger(qbo.realm)} == {"20", "10"}
