"""Bill payments: what they settle, and what they change on the bills."""

from decimal import Decimal

import pytest


@pytest.fixture
def bill(qbo):
    return qbo.post("Bill", qbo.bill(qbo.line("670.00")))


@pytest.mark.row("Q3")
def test_a_payment_lowers_the_bill_bumps_its_token_and_shows_on_it(qbo, bill):
    qbo.clock.advance(5)
    payment = qbo.post("BillPayment", qbo.payment("400", ("Bill", bill["Id"], "400")))
    paid = qbo.get("Bill", bill["Id"])
    assert paid["Balance"] == Decimal("270.00")
    assert paid["SyncToken"] == "1"
    assert paid["MetaData"]["LastUpdatedTime"] > bill["MetaData"]["LastUpdatedTime"]
    assert paid["LinkedTxn"] == [{"TxnId": payment["Id"], "TxnType": "BillPaymentCheck"}]
    assert qbo.code("Bill", bill | {"PrivateNote": "stale"}) == "5010"
    assert qbo.twin.check(qbo.realm) == []


def test_a_credit_and_money_settle_a_bill_together(qbo, bill):
    credit = qbo.post("VendorCredit", qbo.bill(qbo.line("90")))
    qbo.post("BillPayment", qbo.payment("580", ("Bill", bill["Id"], "670"), ("VendorCredit", credit["Id"], "90")))
    assert qbo.get("Bill", bill["Id"])["Balance"] == 0
    assert qbo.get("VendorCredit", credit["Id"])["Balance"] == 0
    assert qbo.get("Vendor", "50")["Balance"] == 0
    assert qbo.twin.check(qbo.realm) == []


def test_a_journal_entrys_payable_line_can_be_paid(qbo):
    lines = [qbo.side("Debit", "100", "20"), qbo.side("Credit", "100", "31", vendor="50")]
    entry = qbo.post("JournalEntry", {"TxnDate": "2026-10-20", "Line": lines})
    qbo.post("BillPayment", qbo.payment("100", ("JournalEntry", entry["Id"], "100")))
    assert qbo.get("JournalEntry", entry["Id"])["SyncToken"] == "1"
    changed = [qbo.side("Debit", "90", "20"), qbo.side("Credit", "90", "31", vendor="50")]
    body = {"Id": entry["Id"], "SyncToken": "1", "TxnDate": "2026-10-20", "Line": changed}
    assert qbo.code("JournalEntry", body) == "6000"
    assert qbo.twin.check(qbo.realm) == []


def test_a_paid_bill_may_change_but_not_its_vendor_nor_below_what_was_paid(qbo, bill):
    qbo.post("BillPayment", qbo.payment("400", ("Bill", bill["Id"], "400")))
    paid = qbo.get("Bill", bill["Id"])
    assert qbo.code("Bill", paid | {"VendorRef": {"value": "51"}}) == "6000"
    assert qbo.code("Bill", paid | {"Line": [qbo.line("399.99")]}) == "6000"
    changed = qbo.post("Bill", paid | {"Line": [qbo.line("500")]})
    assert changed["Balance"] == 100
    assert changed["LinkedTxn"] == paid["LinkedTxn"]
    assert qbo.twin.check(qbo.realm) == []


def test_a_bill_with_a_payment_cannot_be_deleted_before_the_payment(qbo, bill):
    payment = qbo.post("BillPayment", qbo.payment("670", ("Bill", bill["Id"], "670")))
    assert qbo.code("Bill", {"Id": bill["Id"], "SyncToken": "1"}, operation="delete") == "6000"
    qbo.post("BillPayment", {"Id": payment["Id"], "SyncToken": "0"}, operation="delete")
    reopened = qbo.get("Bill", bill["Id"])
    assert reopened["Balance"] == Decimal("670.00")
    assert "LinkedTxn" not in reopened
    qbo.post("Bill", {"Id": bill["Id"], "SyncToken": reopened["SyncToken"]}, operation="delete")
    assert qbo.twin.check(qbo.realm) == []


def test_voiding_a_payment_opens_its_bills_again(qbo, bill):
    payment = qbo.post("BillPayment", qbo.payment("670", ("Bill", bill["Id"], "670")))
    void = qbo.post("BillPayment", {"Id": payment["Id"], "SyncToken": "0"}, operation="update", include="void")
    assert (void["TotalAmt"], void["Line"], void["PrivateNote"], void["SyncToken"]) == (0, [], "Voided", "1")
    assert qbo.get("Bill", bill["Id"])["Balance"] == Decimal("670.00")
    assert qbo.twin.check(qbo.realm) == []


def test_changing_a_payment_moves_the_bills_balance(qbo, bill):
    payment = qbo.post("BillPayment", qbo.payment("670", ("Bill", bill["Id"], "670")))
    body = qbo.payment("600", ("Bill", bill["Id"], "600"), Id=payment["Id"], SyncToken="0")
    qbo.post("BillPayment", body)
    assert qbo.get("Bill", bill["Id"])["Balance"] == 70
    assert qbo.twin.check(qbo.realm) == []


def test_paying_a_paid_bill_leaves_a_voided_payment(qbo, bill):
    qbo.post("BillPayment", qbo.payment("670", ("Bill", bill["Id"], "670")))
    second = qbo.post("BillPayment", qbo.payment("670", ("Bill", bill["Id"], "670")))
    assert (second["TotalAmt"], second["Line"]) == (0, [])
    assert "Voided" in second["PrivateNote"]
    assert qbo.twin.check(qbo.realm) == []


def test_what_is_paid_beyond_the_bills_stays_as_credit_with_the_vendor(qbo, bill):
    qbo.post("BillPayment", qbo.payment("700", ("Bill", bill["Id"], "700")))
    assert qbo.get("Bill", bill["Id"])["Balance"] == 0
    assert qbo.get("Vendor", "50")["Balance"] == -30
    assert qbo.twin.check(qbo.realm) == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"TotalAmt": None}, "6000"),
        ({"TotalAmt": -1}, "6000"),
        ({"TotalAmt": 1}, "6000"),
        ({"PayType": None}, "2020"),
        ({"PayType": "Cash"}, "2170"),
        ({"CheckPayment": {"BankAccountRef": {"value": "20"}}}, "6000"),
        ({"CheckPayment": None}, "2020"),
        ({"VendorRef": {"value": "51"}}, "6000"),
        ({"Line": [{"Amount": 670, "LinkedTxn": [{"TxnId": "999", "TxnType": "Bill"}]}]}, "6000"),
        ({"Line": [{"Amount": 670}]}, "2020"),
    ],
)
def test_a_payment_that_makes_no_sense_is_refused(qbo, bill, change, code):
    assert qbo.code("BillPayment", qbo.payment("670", ("Bill", bill["Id"], "670")) | change) == code
    assert qbo.get("Bill", bill["Id"]) == bill


def test_a_card_can_pay_as_well(qbo, bill):
    body = qbo.payment("670", ("Bill", bill["Id"], "670")) | {
        "PayType": "CreditCard",
        "CheckPayment": None,
        "CreditCardPayment": {"CCAccountRef": {"value": "15"}},
    }
    qbo.post("BillPayment", body)
    assert ("15", "670.00") in [(each["account"], each["credit"]) for each in qbo.twin.ledger(qbo.realm)]


@pytest.mark.parametrize("code", ["6000", "620", "800"])
def test_the_code_that_protects_a_paid_bill_is_a_switch(qbo, bill, code):
    qbo.twin.switches.paid_delete_code = code
    qbo.post("BillPayment", qbo.payment("1", ("Bill", bill["Id"], "1")))
    assert qbo.code("Bill", {"Id": bill["Id"], "SyncToken": "1"}, operation="delete") == code
    assert qbo.get("Bill", bill["Id"])["Balance"] == 669


def test_a_credit_may_be_written_as_a_negative_amount(qbo, bill):
    credit = qbo.post("VendorCredit", qbo.bill(qbo.line("90")))
    made = qbo.post(
        "BillPayment", qbo.payment("580", ("Bill", bill["Id"], "670"), ("VendorCredit", credit["Id"], "-90"))
    )
    assert [line["Amount"] for line in made["Line"]] == [670, 90]
    assert qbo.get("VendorCredit", credit["Id"])["Balance"] == 0
    assert qbo.code("BillPayment", qbo.payment("1", ("Bill", bill["Id"], "-1"))) == "2290"


@pytest.mark.row("Q3")
def test_voiding_twice_changes_nothing_the_second_time(qbo, bill):
    payment = qbo.post("BillPayment", qbo.payment("670", ("Bill", bill["Id"], "670")))
    once = qbo.post("BillPayment", {"Id": payment["Id"], "SyncToken": "0"}, include="void")
    qbo.clock.advance(60)
    assert qbo.post("BillPayment", {"Id": payment["Id"], "SyncToken": "1"}, include="void") == once
    assert qbo.code("BillPayment", {"Id": payment["Id"], "SyncToken": "0"}, include="void") == "5010"


def test_a_payment_may_change_from_check_to_card(qbo, bill):
    payment = qbo.post("BillPayment", qbo.payment("670", ("Bill", bill["Id"], "670")))
    card = {"PayType": "CreditCard", "CreditCardPayment": {"CCAccountRef": {"value": "15"}}}
    changed = qbo.post("BillPayment", payment | card)
    assert "CheckPayment" not in changed
    assert ("15", "670.00") in [(each["account"], each["credit"]) for each in qbo.twin.ledger(qbo.realm)]


@pytest.mark.parametrize("target", ["Bill", "JournalEntry"])
def test_lines_for_the_same_transaction_settle_it_once(qbo, target):
    sides = [qbo.side("Debit", "100", "20"), qbo.side("Credit", "100", "31", vendor="50")]
    owed = qbo.post(target, qbo.bill() if target == "Bill" else {"Line": sides})
    payment = qbo.post("BillPayment", qbo.payment("200", (target, owed["Id"], "70"), (target, owed["Id"], "100")))
    assert [line["Amount"] for line in payment["Line"]] == [70, 30]
    assert qbo.get("Vendor", "50")["Balance"] == -100, "the rest is a credit with the vendor"
    again = qbo.post("BillPayment", qbo.payment("50", (target, owed["Id"], "50")))
    assert (again["TotalAmt"], again["Line"]) == (0, [])


def test_an_entry_that_lowers_a_debt_pays_a_bill_as_a_credit_does(qbo, bill):
    sides = [qbo.side("Debit", "30", "31", vendor="50"), qbo.side("Credit", "30", "20")]
    entry = qbo.post("JournalEntry", {"Line": sides})
    links = ("Bill", bill["Id"], "670"), ("JournalEntry", entry["Id"], "30")
    assert qbo.code("BillPayment", qbo.payment("639", *links)) == "6000"
    qbo.post("BillPayment", qbo.payment("640", *links))
    assert (qbo.get("Bill", bill["Id"])["Balance"], qbo.get("Vendor", "50")["Balance"]) == (0, 0)
    assert qbo.get("Account", "10")["CurrentBalance"] == -640
