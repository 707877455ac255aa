"""Credit notes that name an invoice: what is open in QuickBooks' own books afterwards, and what Basware is told of it."""

from decimal import Decimal

import msgspec
import pytest
from tests.work.credits.conftest import APPLY, Clerk, credit_note

from ml_connector.model.holds import Cause
from ml_connector.model.policy import PostingPolicy, SeveralLocations, TakenBack
from ml_connector.quickbooks.errors import Unavailable
from ml_connector.rules.marker import find_credit
from ml_connector.work import decisions
from ml_connector.work.decisions import Choice
from ml_connector.work.views import document_view
from paperwork import CORVID, invoice, line
from twins.demo_company import Wishes, generate
from twins.faults import FaultKind, FaultRule
from world import build_world

WRITES = {"path": "/batch$", "contains": '"BillPayment"'}


def policy(clerk, **changes):
    known = msgspec.structs.replace(APPLY, **changes)
    clerk.world.change_settings(lambda settings: msgspec.structs.replace(settings, policy=known))


def test_a_credit_note_settles_the_bill_it_names_and_leaves_no_money_out(clerk):
    bill = clerk.bill("A-1", "1000.00")
    (credit,) = clerk.posted(credit_note("C-1", "90.00", names="a-1"))
    (payment,) = clerk.payments()
    assert (payment["TotalAmt"], len(payment["Line"])) == (0, 2)
    assert find_credit(payment["PrivateNote"]) == (credit, clerk.in_quickbooks("C-1"))
    assert (clerk.open_of("A-1"), clerk.open_of("C-1")) == (910, 0)
    shown = clerk.credit("C-1")
    assert (shown.state, shown.names, shown.amount, shown.payment_id) == ("applied", "a-1", 90, payment["Id"])

    clerk.follow()
    assert (clerk.paid(bill), clerk.paid(credit)) == (90, -90) == (clerk.truth(bill), clerk.truth(credit))
    assert (clerk.last(bill)["paymentMethod"], len(clerk.responses(bill)), len(clerk.responses(credit))) == (
        "Credit",
        1,
        1,
    )


def test_a_bill_that_is_paid_after_its_credit_is_told_as_paid_once_and_in_full(clerk):
    bill = clerk.bill("A-1", "1000.00")
    clerk.posted(credit_note("C-1", "90.00", names="A-1"))
    clerk.follow()
    clerk.pay(bill)
    clerk.follow()
    clerk.follow()
    assert clerk.paid(bill) == clerk.truth(bill) == 1000
    assert [Decimal(str(one["paidTotal"])) for one in clerk.responses(bill)] == [90, 1000]


def test_what_the_bill_does_not_need_stays_open_on_the_credit(clerk):
    clerk.bill("A-1", "40.00")
    clerk.posted(credit_note("C-1", "90.00", names="A-1"))
    assert (clerk.open_of("A-1"), clerk.open_of("C-1")) == (0, 50)


def test_a_credit_note_that_comes_first_waits_for_its_bill(clerk):
    clerk.posted(credit_note("C-1", "90.00", names="A-1"))
    assert (clerk.credit("C-1").state, clerk.payments()) == ("waiting", [])
    before = dict(clerk.world.quickbooks.calls)
    clerk.world.settle()
    assert dict(clerk.world.quickbooks.calls) == before, "nothing is asked while there is no bill"
    clerk.bill("A-1", "1000.00")
    assert clerk.open_of("A-1") == 910
    assert clerk.credit("C-1").state == "applied"


def test_basware_s_own_field_comes_before_the_agreed_one(clerk):
    clerk.bill("A-1", "1000.00")
    clerk.bill("A-2", "1000.00")
    parent = clerk.world.in_basware("A-2")["bumid"]
    clerk.posted(credit_note("C-1", "90.00", names="A-1", parentInvoiceBumId=parent))
    assert (clerk.open_of("A-1"), clerk.open_of("A-2")) == (1000, 910)


def test_a_bill_entered_by_hand_is_found_by_its_number_among_those_of_the_vendor(clerk):
    clerk.bill("A-1", "10.00")
    head = {name: clerk.world.only_transaction("A-1")[1][name] for name in ("VendorRef", "APAccountRef")}
    lines = [{"Amount": 500, "DetailType": "AccountBasedExpenseLineDetail",
              "AccountBasedExpenseLineDetail": {"AccountRef": {"value": "55"}}}]  # fmt: skip
    clerk.world.act("enter", entity="Bill", body={**head, "DocNumber": "HAND-7", "Line": lines})
    clerk.follow()
    clerk.posted(credit_note("C-1", "90.00", names="hand-7"))
    (bill,) = [one for one in clerk.books["Bill"] if one.get("DocNumber") == "HAND-7"]
    assert bill["Balance"] == 410


@pytest.mark.parametrize(
    ("names", "why"), [("", "names no invoice"), ("A-2", "no bill in QuickBooks yet"), ("A-1", "paid already")]
)
def test_a_credit_that_has_no_open_bill_stays_as_it_is_and_says_why(clerk, names, why):
    bill = clerk.bill("A-1", "100.00")
    clerk.pay(bill)
    clerk.posted(credit_note("C-1", "90.00", names=names))
    assert clerk.open_of("C-1") == 90
    assert why in clerk.credit("C-1").why
    assert clerk.payments() == clerk.told() == []


def test_an_invoice_of_another_supplier_with_the_number_is_not_meant(clerk):
    clerk.posted(invoice("A-1", line("100.00"), supplier=CORVID))
    clerk.posted(credit_note("C-1", "90.00", names="A-1"))
    assert (clerk.open_of("A-1"), clerk.open_of("C-1"), clerk.credit("C-1").state) == (100, 90, "waiting")


def test_an_invoice_that_became_a_journal_entry_takes_no_credit_and_a_person_is_told(clerk):
    clerk.posted(invoice("A-1", line("60.00"), line("40.00", "BOS")))
    clerk.posted(credit_note("C-1", "90.00", names="A-1"))
    assert (clerk.credit("C-1").state, clerk.open_of("C-1")) == ("open", 90)
    (message,) = clerk.told()
    assert "is in QuickBooks as a JournalEntry" in message
    assert "in Pay bills" in message


def test_a_credit_settles_the_parts_of_its_invoice_one_after_the_other(clerk):
    policy(clerk, several_locations=SeveralLocations.ONE_BILL_PER_LOCATION)
    clerk.posted(invoice("A-1", line("60.00"), line("40.00", "BOS")))
    clerk.posted(credit_note("C-1", "90.00", names="A-1"))
    assert [bill["Balance"] for _, bill in clerk.world.posted("A-1")] == [0, 10]
    assert (clerk.open_of("C-1"), len(clerk.payments())) == (0, 1)


def test_a_corrected_credit_note_is_for_the_invoice_it_names_now(clerk):
    clerk.bill("A-2", "1000.00")
    clerk.posted(credit_note("C-1", "90.00", names="A-9"))
    assert clerk.credit("C-1").state == "waiting"
    clerk.world.send_again("C-1", text1="A-2")
    clerk.world.settle()
    assert (clerk.credit("C-1").state, clerk.open_of("A-2")) == ("applied", 910)


def test_a_foreign_credit_settles_its_bill_in_their_currency_at_the_bills_rate(database):
    firm = generate(Wishes(40, seed=23, vendors=30, foreign=0.6))
    clerk = Clerk(build_world(database, company=(firm.quickbooks, firm.basware), policy=APPLY))
    clerk.world.settle()
    clerk.follow()
    number = next(one for one in sorted(firm.expected) if is_foreign_bill(clerk, firm, one))
    original = clerk.world.in_basware(number)
    sums = {name: -original[name] for name in ("netSum", "taxSum1", "grossSum")}
    rows = [
        row
        | {"externalCode": f"c{row['rowIndex']}"}
        | {name: -row[name] for name in ("netTotal", "taxSum", "grossTotal")}
        for row in original["codingRows"]
    ]
    own = {"invoiceId": "credit-1", "bumid": "bum-credit-1", "invoiceNumber": "C-1", "text1": number,
           "processingStatus": "WaitingForTransfer", "transferResponses": [], "codingRows": rows, "orderNumbers": []}  # fmt: skip
    rate = {"exchangeRateCompany": original["exchangeRateCompany"] + Decimal("0.01")}
    clerk.posted(original | sums | rate | own)
    assert (clerk.open_of(number), clerk.open_of("C-1")) == (0, 0)
    (payment,) = clerk.payments()
    bill = clerk.world.only_transaction(number)[1]
    assert (payment["CurrencyRef"], payment["ExchangeRate"]) == (bill["CurrencyRef"], bill["ExchangeRate"])
    assert clerk.world.check() == []


def is_foreign_bill(clerk, firm, number):
    posted = firm.expected[number].kind == "Bill" and firm.expected[number].currency != "USD"
    return posted and len(clerk.world.posted(number)) == 1


def test_of_two_invoices_with_the_number_none_is_chosen_and_a_person_is_told(clerk):
    clerk.bill("A-1", "1000.00")
    again = invoice("A-1", line("500.00"), changes={"invoiceId": "another", "bumid": "another-bum"})
    clerk.world.approve(again)
    clerk.world.settle()
    decisions.decide(
        clerk.world.desk(),
        clerk.world.row("another"),
        Choice.POST_ANYWAY,
        link_to="",
        reason="two of them",
        actor="Ann",
    )
    clerk.world.settle()
    clerk.posted(credit_note("C-1", "90.00", names="A-1"))
    assert clerk.open_of("C-1") == 90
    (message,) = clerk.told()
    assert "2 invoices of this supplier have the number A-1" in message


def test_by_default_credits_are_left_to_people(clerk):
    clerk.world.change_settings(lambda settings: msgspec.structs.replace(settings, policy=PostingPolicy()))
    clerk.bill("A-1", "100.00")
    clerk.posted(credit_note("C-1", "90.00", names="A-1"))
    assert (clerk.open_of("C-1"), clerk.payments()) == (90, [])


def test_one_bank_account_too_many_is_told_and_the_credit_goes_on_once_one_is_named(clerk):
    bank = {"Name": "Savings", "AccountType": "Bank", "AccountSubType": "Savings"}
    other = str(clerk.world.act("enter", entity="Account", body=bank)["Id"])
    clerk.follow()
    clerk.bill("A-1", "100.00")
    clerk.posted(credit_note("C-1", "90.00", names="A-1"))
    (message,) = clerk.told()
    assert "credit_bank_account_id" in message
    policy(clerk, credit_bank_account_id=other)
    clerk.world.settle()
    assert (clerk.open_of("A-1"), clerk.told()) == (10, [])
    assert clerk.payments()[0]["CheckPayment"]["BankAccountRef"]["value"] == other


@pytest.mark.parametrize("kind", [FaultKind.LOST_AFTER, FaultKind.LOST_BEFORE])
def test_a_lost_answer_leaves_one_payment_and_no_question(clerk, kind):
    clerk.bill("A-1", "1000.00")
    clerk.world.quickbooks_faults.add(FaultRule(kind=kind, times=1, **WRITES))
    clerk.posted(credit_note("C-1", "90.00", names="A-1"))
    clerk.world.settle()
    assert len(clerk.payments()) == 1
    assert (clerk.open_of("A-1"), clerk.credit("C-1").state, clerk.told()) == (910, "applied", [])


def test_a_payment_that_somebody_voids_opens_both_again_and_is_not_made_a_second_time(clerk):
    bill = clerk.bill("A-1", "1000.00")
    (credit,) = clerk.posted(credit_note("C-1", "90.00", names="A-1"))
    clerk.follow()
    clerk.world.act("void_payment", id=clerk.payments()[0]["Id"])
    clerk.world.settle()
    clerk.follow()
    assert (clerk.open_of("A-1"), clerk.open_of("C-1")) == (1000, 90)
    assert (clerk.paid(bill), clerk.paid(credit)) == (0, 0)


def test_a_credit_note_that_was_used_up_is_not_changed_or_taken_back(clerk):
    policy(clerk, taken_back=TakenBack.DELETE)
    clerk.bill("A-1", "1000.00")
    clerk.posted(credit_note("C-1", "90.00", names="A-1"))
    clerk.world.clock.advance(16 * 60)
    clerk.world.basware.act("ask", invoice_id=clerk.world.in_basware("C-1")["invoiceId"], request="remove")
    clerk.world.settle()
    assert clerk.world.causes("C-1") == [Cause.TAKEN_BACK_PAID]
    assert clerk.open_of("A-1") == 910


@pytest.mark.parametrize("amount", ["100.00", "-100.00"])
def test_a_reversal_and_what_it_reverses_settle_each_other_and_basware_hears_of_no_payment(clerk, amount):
    policy(clerk, taken_back=TakenBack.REVERSE)
    (document,) = clerk.posted(invoice("A-1", line(amount)))
    clerk.world.clock.advance(16 * 60)
    clerk.world.basware.act("ask", invoice_id=document, request="remove")
    clerk.world.settle()
    assert clerk.world.state("A-1") == "withdrawn"
    (payment,) = clerk.payments()
    targets = {(link["TxnType"], link["TxnId"]) for one in payment["Line"] for link in one["LinkedTxn"]}
    assert {kind for kind, _ in targets} == {"Bill", "VendorCredit"}
    balances = {(kind, one["Id"]): one["Balance"] for kind in ("Bill", "VendorCredit") for one in clerk.books[kind]}
    assert [balances[target] for target in targets] == [0, 0]
    shown = document_view(clerk.world.desk(), clerk.world.row("A-1")).credits
    assert [(one.origin, one.state, one.amount) for one in shown if one.origin == "reversal"] == [
        ("reversal", "applied", 100)
    ]
    clerk.follow()
    clerk.follow()
    assert clerk.responses(document) == []


def test_a_payment_made_in_the_same_moment_is_told_to_a_person(clerk):
    """QuickBooks cuts the line of a bill that was paid meanwhile; nothing else would show it."""
    bill = clerk.bill("A-1", "1000.00")
    clerk.world.quickbooks_faults.add(FaultRule(kind=FaultKind.LOST_BEFORE, times=1, **WRITES))
    clerk.world.approve(credit_note("C-1", "90.00", names="A-1"))
    clerk.world.run()
    clerk.pay(bill, amounts={clerk.in_quickbooks("A-1"): 950})
    clerk.world.settle()
    (message,) = clerk.told()
    assert "50" in message
    assert "otherwise than asked" in message


def test_what_quickbooks_refuses_is_tried_three_times_and_then_left_to_a_person(clerk):
    clerk.bill("A-1", "1000.00")
    clerk.world.act("inactivate", entity="Account", id=clerk.account())
    clerk.posted(credit_note("C-1", "90.00", names="A-1"))
    assert clerk.open_of("C-1") == 90
    assert len(clerk.told()) == 1


def test_a_service_that_is_down_loses_no_credit(clerk):
    clerk.bill("A-1", "1000.00")
    clerk.world.approve(credit_note("C-1", "90.00", names="A-1"))
    clerk.world.quickbooks_faults.add(FaultRule(kind=FaultKind.STATUS, status=503, times=20, path="/batch$"))
    with pytest.raises(Unavailable):
        clerk.world.run()
    clerk.world.quickbooks_faults.clear()
    clerk.world.settle()
    assert clerk.open_of("A-1") == 910
