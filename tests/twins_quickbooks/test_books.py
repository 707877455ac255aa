"""Whatever is sent, in whatever order, the books of the twin stay sound."""

import xml.etree.ElementTree as ET
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

amounts = st.lists(st.decimals(min_value="-500", max_value="5000", places=2), min_size=1, max_size=4)
vendors = st.sampled_from(["50", "51", "53"])
rates = st.sampled_from(["1.0825", "0.9", "1.33333"])
actions = st.sampled_from(
    ["Bill", "VendorCredit", "JournalEntry", "order", "bill the order", "pay", "change", "void", "delete"]
)
steps = st.lists(st.tuples(actions, vendors, amounts, rates), max_size=14)
KINDS = ("Bill", "VendorCredit", "JournalEntry", "PurchaseOrder", "BillPayment")


class Careless:
    """A user who does not look at what is there; refusals are part of the game."""

    def __init__(self, world):
        self.world = world

    def records(self, vendor):
        """All transactions of a vendor, by entity."""
        found = []
        for kind in KINDS:
            for each in self.world.query(f"select * from {kind}").get(kind, []):
                if kind == "JournalEntry" or each["VendorRef"]["value"] == vendor:
                    found.append((kind, each))
        return found

    def move(self, action, vendor, values, rate):
        """What to send: entity, body, query; None when there is nothing to do it to."""
        world, foreign = self.world, vendor == "53"
        money = {"CurrencyRef": {"value": "EUR"}, "ExchangeRate": Decimal(rate)} if foreign else {}
        payable = "32" if foreign else "31"
        lines = [world.line(value) for value in values]
        own = self.records(vendor)
        if action in {"Bill", "VendorCredit"}:
            return action, world.bill(*lines, vendor=vendor, **money), {}
        if action == "order":
            return "PurchaseOrder", world.bill(*lines, vendor=vendor, APAccountRef={"value": payable}, **money), {}
        if action == "JournalEntry":
            debits = [world.side("Debit", value, "20") for value in values]
            credit = world.side("Credit", sum(values), payable, vendor=vendor)
            return action, {"TxnDate": "2026-10-20", "Line": [*debits, credit], **money}, {}
        orders = [each for kind, each in own if kind == "PurchaseOrder"]
        if action == "bill the order" and orders:
            links = {"TxnId": orders[-1]["Id"], "TxnType": "PurchaseOrder"}
            linked = [line | {"LinkedTxn": [links | {"TxnLineId": "1"}]} for line in lines]
            return "Bill", world.bill(*linked, vendor=vendor, LinkedTxn=[links], **money), {}
        if action == "pay":
            open_ones = [(kind, each) for kind, each in own if kind in KINDS[:3]]
            links = [(kind, each["Id"], abs(value)) for (kind, each), value in zip(open_ones, values, strict=False)]
            total = sum((-value if kind == "VendorCredit" else value for kind, _key, value in links), Decimal(0))
            return "BillPayment", world.payment(max(total, Decimal(0)), *links, vendor=vendor, **money), {}
        return self.change(action, own, lines, int(abs(values[0])), money)

    def change(self, action, own, lines, number, money):
        kinds = {"change": KINDS[:2] + KINDS[3:4], "void": KINDS[4:], "delete": KINDS}.get(action, ())
        chosen = [(kind, each) for kind, each in own if kind in kinds]
        if not chosen:
            return None
        kind, record = chosen[number % len(chosen)]
        named = {"Id": record["Id"], "SyncToken": record["SyncToken"]}
        if action == "change":
            return kind, record | {"Line": [*record["Line"][:1], *lines], **money}, {}
        return kind, named, {"include": "void"} if action == "void" else {"operation": "delete"}


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps)
def test_the_ledger_balances_after_any_history(make_caller, steps):
    world = make_caller(multicurrency=True)
    for step in steps:
        move = Careless(world).move(*step)
        if move is not None:
            entity, body, query = move
            status, answer = world.call("POST", entity.lower(), body, **query)
            assert status in {200, 400}, answer
            assert world.twin.check(world.realm) == []
    ledger = world.twin.ledger(world.realm)
    for side, other in (("debit", "credit"), ("home_debit", "home_credit")):
        assert sum(Decimal(each[side]) for each in ledger) == sum(Decimal(each[other]) for each in ledger)


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
    assert qbo.twin.check(qbo.realm) == [
        "Bill 1 does not balance: 1.00",
        "Bill 1 does not balance in home currency: 1.00",
        "Bill 1 is booked otherwise than it stands",
        "account 31 is kept at -100.00, but its postings come to -99.00",
        "vendor 50 is kept at 100.00, but its postings come to 99.00",
        "the ledger owes vendor 50 99.00, but 100.00 is open",
        "Bill 1 shows a total of 99.00, but its lines come to 100.00",
        "Bill 1 shows 100.00 open, expected 99.00",
    ]


def test_xml_answers_hold_lists_and_batches_too(qbo):
    body = {"BatchItemRequest": [{"bId": "7", "Query": "select * from Vendor"}]}
    root = ET.fromstring(qbo.raw("POST", "batch", body, headers={"accept": "text/xml"}).body)
    space = "{http://schema.intuit.com/finance/v3}"
    item = root.find(f"{space}BatchItemResponse")
    assert item.get("bId") == "7"
    assert len(item.findall(f"{space}QueryResponse/{space}Vendor")) == 2


def test_names_that_do_not_follow_their_levels_are_reported(qbo):
    tables = qbo.twin.companies[qbo.realm].tables
    tables["Account"].records["21"] |= {"FullyQualifiedName": "Elsewhere:Software"}
    assert "Account 21 is called Elsewhere:Software, but stands at Office:Software" in qbo.twin.check(qbo.realm)


def test_an_entry_that_is_paid_twice_is_reported(qbo):
    sides = [qbo.side("Debit", "10", "20"), qbo.side("Credit", "10", "31", vendor="50")]
    entry = qbo.post("JournalEntry", {"Line": sides})
    payment = qbo.post("BillPayment", qbo.payment("10", ("JournalEntry", entry["Id"], "10")))
    tables = qbo.twin.companies[qbo.realm].tables
    tables["BillPayment"].records[payment["Id"]] = payment | {"Line": payment["Line"] * 2}
    complaint = f"payments settle more of JournalEntry {entry['Id']} than it owes vendor 50"
    assert complaint in qbo.twin.check(qbo.realm)
