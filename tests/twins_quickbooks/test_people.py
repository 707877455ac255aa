"""What people do in QuickBooks' own pages, behind the back of whoever uses the API."""

from decimal import Decimal

import pytest

from twins.quickbooks.acts import ACTIONS


def test_every_act_says_what_it_does_and_takes_named_details():
    assert len(ACTIONS) >= 20
    for name, act in ACTIONS.items():
        assert act.__doc__, name
        assert act.__code__.co_argcount == 1, f"{name}: everything but the context is named"


def test_an_unknown_act_is_an_error_that_lists_the_known_ones(qbo):
    with pytest.raises(ValueError, match="close_books"):
        qbo.act("dance")


@pytest.mark.parametrize(
    ("act", "details", "complaint"),
    [
        ("rename", {"entity": "Account", "id": "20"}, "rename: name must be given"),
        ("rename", {"entity": "Account", "id": "20", "name": "x", "colour": "red"}, "rename: takes no colour"),
        ("inactivate", {"entity": "Spaceship", "id": "20"}, "inactivate: entity: there is no Spaceship"),
        ("close_books", {"date": "yesterday"}, "close_books: date: 'yesterday' is no day"),
        (
            "set_preference",
            {"path": "Colour", "value": "red"},
            "set_preference: path: 'Colour' does not name a setting",
        ),
        ("edit", {"entity": "Bill", "id": "1", "changes": "x"}, "edit: changes: 'x' is no object"),
        ("pay_bills", {"bills": [], "account": "10"}, "pay_bills: bills: name at least one"),
        ("edit_company", {"changes": {"Colour": "red"}}, "edit_company: changes: CompanyInfo has no Colour"),
        ("create_order", {"vendor": "50", "lines": [{}]}, "create_order: lines: a line needs an amount"),
        ("create_order", {"vendor": "50", "lines": [{"amount": 1}]}, "lines: a line needs an item or an account"),
        ("create_journal_entry", {"lines": [{"side": "Debit"}]}, "create_journal_entry: lines: a line needs account"),
        ("set_exchange_rate", {"currency": "EUR", "rate": "much"}, "set_exchange_rate: rate: 'much' is no amount"),
    ],
)
def test_an_act_told_wrongly_says_which_and_what(qbo, act, details, complaint):
    with pytest.raises(ValueError, match=complaint):
        qbo.act(act, **details)


def test_a_person_may_use_a_number_twice(qbo):
    qbo.post("Bill", qbo.bill(DocNumber="INV-1"))
    qbo.act("enter", entity="Bill", body=qbo.bill(DocNumber="INV-1"))
    made = qbo.query("select * from Bill")["Bill"]
    assert [each["DocNumber"] for each in made] == ["INV-1", "INV-1"]
    qbo.act("edit", entity="Bill", id=made[1]["Id"], changes={"PrivateNote": "by hand"})
    qbo.act("delete", entity="Bill", id=made[0]["Id"])
    assert [each["PrivateNote"] for each in qbo.query("select * from Bill")["Bill"]] == ["by hand"]


def test_a_bill_is_paid_in_full_or_in_part(qbo):
    bill = qbo.post("Bill", qbo.bill(qbo.line("670")))
    assert qbo.act("pay", id=bill["Id"], account="10", amount="70", number="1001")["DocNumber"] == "1001"
    assert qbo.get("Bill", bill["Id"])["Balance"] == 600
    assert qbo.act("pay", id=bill["Id"], account="15")["PayType"] == "CreditCard"
    assert qbo.get("Bill", bill["Id"])["Balance"] == 0
    with pytest.raises(ValueError, match="neither a bank account nor a card"):
        qbo.act("pay", id=bill["Id"], account="20")


def test_several_bills_are_paid_at_once_with_a_credit_and_partly(qbo):
    bills = [qbo.post("Bill", qbo.bill(qbo.line(amount)))["Id"] for amount in ("100", "200")]
    credit = qbo.post("VendorCredit", qbo.bill(qbo.line("30")))["Id"]
    payment = qbo.act("pay_bills", bills=bills, credits=[credit], account="10", amounts={bills[1]: "150"})
    assert payment["TotalAmt"] == 220
    assert [qbo.get("Bill", key)["Balance"] for key in bills] == [0, 50]
    assert qbo.get("VendorCredit", credit)["Balance"] == 0
    assert qbo.get("Vendor", "50")["Balance"] == 50
    voided = qbo.act("void_payment", id=payment["Id"])
    assert (voided["TotalAmt"], voided["PrivateNote"]) == (0, "Voided")
    assert qbo.get("Vendor", "50")["Balance"] == 270


def test_a_credit_settles_a_bill_without_money(qbo):
    bill = qbo.post("Bill", qbo.bill(qbo.line("100")))["Id"]
    credit = qbo.post("VendorCredit", qbo.bill(qbo.line("130")))["Id"]
    assert qbo.act("apply_credit", credit=credit, bill=bill, account="10")["TotalAmt"] == 0
    assert (qbo.get("Bill", bill)["Balance"], qbo.get("VendorCredit", credit)["Balance"]) == (0, 30)


def test_a_deleted_payment_opens_its_bill_again(qbo):
    bill = qbo.post("Bill", qbo.bill())["Id"]
    payment = qbo.act("pay", id=bill, account="10")
    qbo.act("delete", entity="BillPayment", id=payment["Id"])
    assert qbo.get("Bill", bill)["Balance"] == 100


def test_a_bill_is_changed_in_amount_account_number_vendor_and_dates(qbo):
    bill = qbo.post("Bill", qbo.bill(qbo.line("100"), qbo.line("50")))
    changed = qbo.act(
        "change_bill",
        id=bill["Id"],
        amount="170.50",
        account="21",
        number="N-2",
        vendor="51",
        date="2026-10-21",
        due_date="2026-11-30",
        note="corrected",
    )
    assert changed["TotalAmt"] == Decimal("170.50")
    assert [line["Amount"] for line in changed["Line"]] == [Decimal("120.50"), 50]
    assert changed["Line"][0]["AccountBasedExpenseLineDetail"]["AccountRef"]["value"] == "21"
    found = [changed[name] for name in ("DocNumber", "TxnDate", "DueDate", "PrivateNote")]
    assert found == ["N-2", "2026-10-21", "2026-11-30", "corrected"]
    assert changed["VendorRef"] == {"value": "51", "name": "Café Zoë"}


def test_a_person_chooses_a_new_vendors_currency_whatever_the_api_does(world):
    made = world.act("create_vendor", name="Jura SA", number="V-9", email="ap@jura.example", currency="EUR")
    assert (made["CurrencyRef"]["value"], made["AcctNum"]) == ("EUR", "V-9")
    edited = world.act("edit_vendor", id=made["Id"], changes={"CompanyName": "Jura SA Fribourg"})
    assert edited["CompanyName"] == "Jura SA Fribourg"


def test_currencies_and_rates_are_added(world):
    world.act("add_currency", code="SEK")
    world.act("set_exchange_rate", currency="SEK", rate="0.095", date="2026-10-01")
    status, body = world.call("GET", "exchangerate", sourcecurrencycode="SEK", asofdate="2026-10-09")
    assert (status, body["ExchangeRate"]["Rate"]) == (200, Decimal("0.095"))
    known = world.query("select * from CompanyCurrency where Code = 'SEK'")["CompanyCurrency"][0]
    world.post("CompanyCurrency", known | {"Active": False})
    assert world.act("add_currency", code="SEK")["Active"] is True


def test_orders_are_created_with_items_and_accounts(world):
    lines = [
        {"item": "40", "quantity": 3, "price": "9.99", "description": "toner"},
        {"account": "20", "amount": 5},
    ]
    made = world.act("create_order", vendor="50", lines=lines, note="urgent")
    assert (made["TotalAmt"], made["DocNumber"]) == (Decimal("34.97"), "1001")
    foreign = world.act("create_order", vendor="53", lines=lines[1:], date="2026-10-16")
    assert (foreign["CurrencyRef"]["value"], foreign["ExchangeRate"]) == ("EUR", Decimal("1.0911"))
    with pytest.raises(ValueError, match="there is no exchange rate of EUR on 2026-01-01"):
        world.act("create_order", vendor="53", lines=lines[1:], date="2026-01-01")


def test_entries_are_made_line_by_line(qbo):
    lines = [
        {"side": "Debit", "account": "20", "amount": "12.50", "class": "5000000000000142240", "text": "accrual"},
        {"side": "Credit", "account": "31", "amount": "12.50", "vendor": "50", "location": "2"},
    ]
    made = qbo.act("create_journal_entry", lines=lines, number="J-7", note="October")
    assert (made["DocNumber"], made["Line"][0]["Description"]) == ("J-7", "accrual")
    assert qbo.get("Vendor", "50")["Balance"] == Decimal("12.50")


def test_company_facts_change_and_can_be_taken_away(qbo):
    qbo.act("edit_company", changes={"LegalName": "Trial Company Inc."})
    changed = qbo.act("edit_company", changes={"LegalName": None, "CompanyName": "Trial"})
    assert (changed["CompanyName"], changed["SyncToken"]) == ("Trial", "2")
    assert "LegalName" not in changed
    assert qbo.act("set_preference", path="TaxPrefs.PaySalesTax", value=None)["SyncToken"] == "0"


# merging


def test_merged_vendors_become_one_with_all_their_transactions(qbo):
    changes = []
    bill = qbo.post("Bill", qbo.bill(vendor="51"))
    order = qbo.act("create_order", vendor="51", lines=[{"account": "20", "amount": 5}])
    debits = [qbo.side("Debit", "10", "20"), qbo.side("Credit", "10", "31", vendor="51")]
    entry = qbo.post("JournalEntry", {"TxnDate": "2026-10-20", "Line": debits})
    qbo.post(
        "BillPayment", qbo.payment("110", ("Bill", bill["Id"], "100"), ("JournalEntry", entry["Id"], "10"), vendor="51")
    )
    qbo.post("Item", {"Name": "Paper", "ExpenseAccountRef": {"value": "20"}, "PrefVendorRef": {"value": "51"}})
    qbo.post("Bill", qbo.bill(qbo.line("7"), vendor="51"))
    qbo.twin.companies[qbo.realm].listeners.append(changes.append)
    survivor = qbo.act("merge", entity="Vendor", id="50", vanishing="51")
    assert (survivor["Id"], survivor["DisplayName"]) == ("50", "Nordlys Print")
    merged = [each for each in changes if each.operation == "Merge"]
    assert [(each.entity, each.record_id, each.deleted_id) for each in merged] == [("Vendor", "50", "51")]
    assert qbo.call("GET", "vendor/51")[0] == 400
    assert qbo.get("Vendor", "50")["Balance"] == 7
    books = qbo.twin.books(qbo.realm)
    for kind in ("Bill", "BillPayment", "PurchaseOrder"):
        assert {each["VendorRef"]["value"] for each in books[kind]} == {"50"}
    assert qbo.get("PurchaseOrder", order["Id"])["VendorRef"]["name"] == "Nordlys Print"
    assert books["Item"][-1]["PrefVendorRef"] == {"value": "50", "name": "Nordlys Print"}
    assert qbo.get("Bill", bill["Id"])["SyncToken"] == "2", "paid, then merged"
    assert qbo.post("Vendor", {"DisplayName": "Café Zoë"})["Id"] != "51", "the name is free"


def test_a_merge_can_leave_the_transactions_tokens_alone(qbo):
    bill = qbo.post("Bill", qbo.bill(vendor="51"))
    qbo.twin.switches.merging_touches_records = False
    qbo.act("merge", entity="Vendor", id="50", vanishing="51")
    found = qbo.get("Bill", bill["Id"])
    assert (found["VendorRef"]["value"], found["SyncToken"]) == ("50", "0")


def test_merged_accounts_take_postings_and_children_along(qbo):
    other = qbo.post("Account", {"Name": "Supplies", "AccountType": "Expense"})
    child = qbo.post("Account", {"Name": "Pens", "AccountType": "Expense", "ParentRef": {"value": other["Id"]}})
    qbo.post("Bill", qbo.bill(qbo.line("30", other["Id"])))
    qbo.act("merge", entity="Account", id="20", vanishing=other["Id"])
    assert qbo.get("Account", "20")["CurrentBalance"] == 30
    assert qbo.get("Account", child["Id"])["FullyQualifiedName"] == "Office:Pens"


@pytest.mark.parametrize(
    ("entity", "kept", "vanishing", "complaint"),
    [
        ("Vendor", "50", "50", "merged with itself"),
        ("Vendor", "50", "53", "same currency"),
        ("Account", "20", "10", "same type"),
        ("Account", "21", "20", "the one above it"),
        ("Term", "3", "4", "merge is not supported"),
        ("Vendor", "50", "999", "610"),
    ],
)
def test_what_does_not_fit_together_is_not_merged(world, entity, kept, vanishing, complaint):
    before = world.twin.books(world.realm)
    with pytest.raises(Exception, match=complaint):
        world.act("merge", entity=entity, id=kept, vanishing=vanishing)
    assert world.twin.books(world.realm) == before


def test_a_merge_gives_all_levels_below_their_new_names(qbo):
    pens = qbo.post("Account", {"Name": "Pens", "AccountType": "Expense", "ParentRef": {"value": "21"}})
    other = qbo.post("Account", {"Name": "Supplies", "AccountType": "Expense"})
    bill = qbo.post("Bill", qbo.bill(qbo.line("1", "20"), qbo.line("2", "21"), qbo.line("4", pens["Id"])))
    qbo.act("merge", entity="Account", id=other["Id"], vanishing="20")
    names = [
        line["AccountBasedExpenseLineDetail"]["AccountRef"]["name"] for line in qbo.get("Bill", bill["Id"])["Line"]
    ]
    assert names == ["Supplies", "Supplies:Software", "Supplies:Software:Pens"]
    assert qbo.get("Account", pens["Id"])["FullyQualifiedName"] == "Supplies:Software:Pens"


def test_a_merge_makes_no_circle_and_no_more_levels_than_there_may_be(qbo):
    levels = ["1", "2"]
    for name in ("Sentrum", "Havn", "Kai"):
        made = qbo.post("Department", {"Name": name, "ParentRef": {"value": levels[-1]}})
        levels.append(made["Id"])
    top = qbo.post("Department", {"Name": "Sweden"})["Id"]
    qbo.post("Department", {"Name": "Malmö", "ParentRef": {"value": top}})
    before = qbo.twin.books(qbo.realm)
    with pytest.raises(Exception, match="the one above it"):
        qbo.act("merge", entity="Department", id=levels[2], vanishing="1")
    with pytest.raises(Exception, match="Up to 5 levels"):
        qbo.act("merge", entity="Department", id=levels[4], vanishing=top)
    assert qbo.twin.books(qbo.realm) == before


def test_an_address_gets_an_id_and_keeps_it(qbo):
    first = qbo.post("Vendor", {"DisplayName": "Bryggen", "BillAddr": {"Line1": "Bryggen 1"}})
    second = qbo.post("Vendor", {"DisplayName": "Kaien", "BillAddr": {"Line1": "Kaien 2", "Id": "1"}})
    assert first["BillAddr"]["Id"] != second["BillAddr"]["Id"], "nobody chooses the id"
    moved = qbo.post("Vendor", first | {"BillAddr": {"Line1": "Bryggen 3"}})
    assert moved["BillAddr"] == {"Line1": "Bryggen 3", "Id": first["BillAddr"]["Id"]}
    assert qbo.post("Vendor", moved)["SyncToken"] == moved["SyncToken"], "nothing changed"


def test_an_address_keeps_the_id_a_seed_gives_it(make_seeded):
    qbo = make_seeded(Vendor=[{"Id": "90", "DisplayName": "Old", "BillAddr": {"Id": "311", "City": "Oslo"}}])
    made = qbo.post("Vendor", {"DisplayName": "New", "BillAddr": {"City": "Bergen"}})
    assert (qbo.get("Vendor", "90")["BillAddr"]["Id"], made["BillAddr"]["Id"]) == ("311", "312")
