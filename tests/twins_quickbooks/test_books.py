"""Whatever is sent, in whatever order, the books of the twin stay sound."""

import xml.etree.ElementTree as ET
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

amounts = st.decimals(min_value="-500", max_value="5000", places=2)
vendors = st.sampled_from(["50", "51"])
steps = st.lists(
    st.one_of(
        st.tuples(st.just("Bill"), vendors, st.lists(amounts, min_size=1, max_size=4)),
        st.tuples(st.just("VendorCredit"), vendors, st.lists(amounts, min_size=1, max_size=3)),
        st.tuples(st.just("JournalEntry"), vendors, st.lists(amounts, min_size=1, max_size=3)),
        st.tuples(st.just("pay"), vendors, st.lists(amounts, min_size=1, max_size=3)),
        st.tuples(st.just("change"), vendors, st.lists(amounts, min_size=1, max_size=3)),
        st.tuples(st.just("delete"), vendors, st.lists(amounts, min_size=1, max_size=1)),
    ),
    max_size=14,
)


def take(qbo, step):
    """One step of a careless user; refusals are part of the game."""
    action, vendor, values = step
    records = {
        kind: qbo.query(f"select * from {kind}").get(kind, []) for kind in ("Bill", "VendorCredit", "BillPayment")
    }
    if action in {"Bill", "VendorCredit"}:
        return action, qbo.bill(*(qbo.line(value) for value in values), vendor=vendor), {}
    if action == "JournalEntry":
        debits = [qbo.side("Debit", value, "20") for value in values]
        credit = qbo.side("Credit", sum(values), "31", vendor=vendor)
        return action, {"TxnDate": "2026-10-20", "Line": [*debits, credit]}, {}
    own = [
        (kind, each)
        for kind in ("Bill", "VendorCredit")
        for each in records[kind]
        if each["VendorRef"]["value"] == vendor
    ]
    if action == "pay":
        links = [(kind, each["Id"], abs(value)) for (kind, each), value in zip(own, values, strict=False)]
        total = sum((value if kind == "Bill" else -value for kind, _key, value in links), Decimal(0))
        return "BillPayment", qbo.payment(max(total, Decimal(0)), *links, vendor=vendor), {}
    if action == "change" and own:
        kind, record = own[int(abs(values[0])) % len(own)]
        return kind, record | {"Line": [qbo.line(value) for value in values]}, {}
    every = [("BillPayment", each) for each in records["BillPayment"]] + own
    if action == "delete" and every:
        kind, record = every[int(abs(values[0])) % len(every)]
        return kind, {"Id": record["Id"], "SyncToken": record["SyncToken"]}, {"operation": "delete"}
    return None


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps)
def test_the_ledger_balances_after_any_history(make_caller, steps):
    qbo = make_caller()
    for step in steps:
        move = take(qbo, step)
        if move is not None:
            entity, body, query = move
            status, answer = qbo.call("POST", entity.lower(), body, **query)
            assert status in {200, 400}, answer
            assert qbo.twin.check(qbo.realm) == []
    debits = sum(Decimal(each["debit"]) for each in qbo.twin.ledger(qbo.realm))
    credited = sum(Decimal(each["credit"]) for each in qbo.twin.ledger(qbo.realm))
    assert debits == credited


lines = st.lists(
    st.tuples(st.decimals(min_value="0.01", max_value="999", places=2), st.sampled_from(["5", "9"])),
    min_size=1,
    max_size=6,
)


@settings(max_examples=60, deadline=None)
@given(lines=lines, mode=st.sampled_from(["TaxExcluded", "TaxInclusive"]))
def test_taxed_bills_balance_and_inclusive_totals_stay_to_the_cent(nordic_company, lines, mode):
    body = nordic_company.bill(
        *(nordic_company.line(amount, TaxCodeRef=code) for amount, code in lines), GlobalTaxCalculation=mode
    )
    bill = nordic_company.post("Bill", body)
    assert nordic_company.twin.check(nordic_company.realm) == []
    if mode == "TaxInclusive":
        assert bill["TotalAmt"] == sum(amount for amount, _code in lines)
    assert nordic_company.post("Bill", bill) == bill


def test_the_books_are_told_whole(qbo):
    qbo.post("Bill", qbo.bill())
    books = qbo.twin.books(qbo.realm)
    assert books["CompanyInfo"]["CompanyName"] == "Trial Company"
    assert len(books["Bill"]) == 1
    assert {each["Id"] for each in books["Vendor"]} == {"50", "51", "52"}


def test_a_ledger_that_does_not_add_up_is_reported(qbo):
    bill = qbo.post("Bill", qbo.bill())
    company = qbo.twin.companies[qbo.realm]
    company.tables["Bill"].records[bill["Id"]] = bill | {"TotalAmt": Decimal("99.00")}
    found = qbo.twin.check(qbo.realm)
    assert any("does not balance: 1.00" in each for each in found)
    assert any("Accounts Payable in USD is 99.00, but 100.00 is open" in each for each in found)


def test_xml_answers_hold_lists_and_batches_too(qbo):
    body = {"BatchItemRequest": [{"bId": "7", "Query": "select * from Vendor"}]}
    root = ET.fromstring(qbo.raw("POST", "batch", body, headers={"accept": "text/xml"}).body)
    space = "{http://schema.intuit.com/finance/v3}"
    item = root.find(f"{space}BatchItemResponse")
    assert item.get("bId") == "7"
    assert len(item.findall(f"{space}QueryResponse/{space}Vendor")) == 2
