"""Foreign currency in the books: what is worth how much at home, and what is gained or lost between bill and payment."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

EUR = {"CurrencyRef": {"value": "EUR"}}


def foreign_bill(world, rate, *amounts, **fields):
    lines = [world.line(amount) for amount in amounts]
    return world.post("Bill", world.bill(*lines, vendor="53", ExchangeRate=Decimal(rate), **EUR, **fields))


def pay(world, rate, total, *links, bank="12", **fields):
    body = world.payment(total, *links, vendor="53", ExchangeRate=Decimal(rate), **EUR, **fields)
    return body | {"CheckPayment": {"BankAccountRef": {"value": bank}}}


def home(world):
    """What each account comes to at home: debits less credits by name."""
    found = {}
    for each in world.twin.ledger(world.realm):
        name = world.get("Account", each["account"])["Name"]
        found[name] = found.get(name, 0) + Decimal(each["home_debit"]) - Decimal(each["home_credit"])
    return {name: amount for name, amount in found.items() if amount}


def test_a_loss_between_bill_and_payment_is_booked(world):
    bill = foreign_bill(world, "1.10", "100")
    world.post("BillPayment", pay(world, "1.25", "100", ("Bill", bill["Id"], "100")))
    assert home(world) == {"Office": 110, "Bank EUR": -125, "Exchange Gain or Loss": 15}
    made = world.query("select * from Account where Name = 'Exchange Gain or Loss'")["Account"][0]
    assert (made["AccountType"], made["AccountSubType"]) == ("Other Expense", "ExchangeGainOrLoss")
    assert made["CurrentBalance"] == 15


def test_a_gain_with_a_credit_and_a_part_payment_from_a_home_bank(world):
    bill = foreign_bill(world, "1.20", "100")
    credit = world.post("VendorCredit", world.bill(world.line("10"), vendor="53", ExchangeRate=Decimal("1.30"), **EUR))
    links = ("Bill", bill["Id"], "60"), ("VendorCredit", credit["Id"], "10")
    world.post("BillPayment", pay(world, "1.00", "50", *links, bank="10"))
    assert home(world) == {
        "Office": 107,
        "Accounts Payable (A/P) - EUR": -48,
        "Checking": -50,
        "Exchange Gain or Loss": -9,
    }
    assert world.get("Vendor", "53")["Balance"] == 40


def test_payment_at_the_bills_rate_gains_and_loses_nothing(world):
    bill = foreign_bill(world, "1.10", "100")
    world.post("BillPayment", pay(world, "1.10", "100", ("Bill", bill["Id"], "100")))
    assert home(world) == {"Office": 110, "Bank EUR": -110}
    assert world.query("select count(*) from Account where AccountSubType = 'ExchangeGainOrLoss'") == {"totalCount": 0}


def test_a_voided_or_deleted_payment_takes_its_difference_back(world):
    bill = foreign_bill(world, "1.10", "100")
    first = world.post("BillPayment", pay(world, "1.25", "100", ("Bill", bill["Id"], "100")))
    world.post("BillPayment", {"Id": first["Id"], "SyncToken": "0"}, include="void")
    assert home(world) == {"Office": 110, "Accounts Payable (A/P) - EUR": -110}
    second = world.post("BillPayment", pay(world, "1.25", "100", ("Bill", bill["Id"], "100")))
    world.post("BillPayment", {"Id": second["Id"], "SyncToken": "0"}, operation="delete")
    assert home(world) == {"Office": 110, "Accounts Payable (A/P) - EUR": -110}


def test_a_new_rate_on_a_paid_bill_moves_the_difference(world):
    bill = foreign_bill(world, "1.25", "100")
    world.post("BillPayment", pay(world, "1.25", "100", ("Bill", bill["Id"], "100")))
    paid = world.get("Bill", bill["Id"])
    world.post("Bill", paid | {"ExchangeRate": Decimal("1.20")})
    assert home(world) == {"Office": 120, "Bank EUR": -125, "Exchange Gain or Loss": 5}


def test_foreign_accounts_show_their_own_currency_and_home_accounts_home(world):
    bill = foreign_bill(world, "1.10", "100")
    world.post("BillPayment", pay(world, "1.25", "40", ("Bill", bill["Id"], "40")))
    assert world.get("Account", "12")["CurrentBalance"] == -40
    assert world.get("Account", "32")["CurrentBalance"] == 60
    assert world.get("Account", "20")["CurrentBalance"] == 110
    found = world.get("Bill", bill["Id"])
    assert (found["Balance"], found["HomeBalance"]) == (60, 66)


def test_cents_that_rounding_leaves_over_go_to_the_largest_cost(world):
    bill = foreign_bill(world, "1.115", "0.10", "0.10", "0.20")
    postings = [each for each in world.twin.ledger(world.realm) if each["txn_id"] == bill["Id"]]
    assert [each["home_debit"] for each in postings[:3]] == ["0.11", "0.11", "0.23"]
    assert postings[3]["home_credit"] == "0.45"


def test_the_first_transaction_in_a_currency_opens_its_payable_account(world):
    vendor = world.act("create_vendor", name="Leeds Ltd", currency="GBP")
    body = world.bill(vendor=vendor["Id"], CurrencyRef={"value": "GBP"}, ExchangeRate=Decimal("1.3"))
    bill = world.post("Bill", body)
    opened = world.get("Account", bill["APAccountRef"]["value"])
    assert opened["Name"] == "Accounts Payable (A/P) - GBP"
    assert (opened["CurrencyRef"]["value"], opened["CurrentBalance"], opened["SyncToken"]) == ("GBP", 100, "0")
    assert world.post("Bill", body)["APAccountRef"] == bill["APAccountRef"]


def test_a_refused_transaction_opens_no_account(world):
    vendor = world.act("create_vendor", name="Leeds Ltd", currency="GBP")
    world.act("close_books", date="2026-12-31")
    before = world.query("select count(*) from Account")
    assert world.code("Bill", world.bill(vendor=vendor["Id"], CurrencyRef={"value": "GBP"}, ExchangeRate=2)) == "6210"
    assert world.query("select count(*) from Account") == before


def test_a_payable_account_of_another_currency_is_refused_or_replaced(world):
    body = world.bill(vendor="53", ExchangeRate=2, APAccountRef={"value": "31"}, **EUR)
    assert world.code("Bill", body) == "6000"
    world.twin.switches.payable_account_currency = False
    assert world.post("Bill", body)["APAccountRef"]["value"] == "32"


def test_a_revaluation_changes_what_a_currency_is_worth_and_nothing_else(world):
    foreign_bill(world, "1.10", "100")
    entry = world.act("revalue", currency="EUR", rate="1.20", date="2026-10-31")
    assert entry["HomeCurrencyAdjustment"] is True
    assert home(world) == {"Office": 110, "Accounts Payable (A/P) - EUR": -120, "Exchange Gain or Loss": 10}
    assert world.get("Account", "32")["CurrentBalance"] == 100
    assert world.get("Vendor", "53")["Balance"] == 100
    with pytest.raises(ValueError, match="nothing of EUR changes its worth"):
        world.act("revalue", currency="EUR", rate="1.20")


rates = st.decimals(min_value="0.5", max_value="20", places=5)
amounts = st.lists(st.decimals(min_value="0.01", max_value="999", places=2), min_size=1, max_size=4)


@pytest.fixture(scope="module")
def shared(make_world):
    """A company with several currencies that many generated documents share."""
    return make_world()


@settings(max_examples=60, deadline=None)
@given(bill_rate=rates, payment_rate=rates, given_amounts=amounts, part=st.integers(1, 100))
def test_whatever_the_rates_everything_balances_at_home(shared, bill_rate, payment_rate, given_amounts, part):
    bill = foreign_bill(shared, bill_rate, *given_amounts)
    paid = (Decimal(bill["TotalAmt"]) * part / 100).quantize(Decimal("0.01"))
    shared.post("BillPayment", pay(shared, payment_rate, paid, ("Bill", bill["Id"], paid)))
    assert shared.get("Bill", bill["Id"])["Balance"] == bill["TotalAmt"] - paid
    ledger = shared.twin.ledger(shared.realm)
    assert sum(Decimal(each["home_debit"]) - Decimal(each["home_credit"]) for each in ledger) == 0
