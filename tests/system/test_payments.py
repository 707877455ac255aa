"""Payments from end to end on both twins: whatever happens to them in QuickBooks, Basware's last word is QuickBooks' own truth."""

import random
from collections.abc import Callable
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from databases import SqliteFiles
from ml_connector.model.policy import PostingPolicy, SeveralLocations
from ml_connector.store.database import Database
from paperwork import BEACON, CORVID, invoice, line
from payday import CARD, Payday, without_code
from twins.demo_company import Wishes, generate
from world import Build, build_world


def tied_out(payday: Payday, documents: list[str]) -> None:
    """Both books by their own data: what Basware was told last is what QuickBooks has, and nothing was said twice."""
    for document in documents:
        assert payday.paid(document) == payday.truth(document), document
        told = [without_code(one) for one in payday.responses(document)]
        assert all(before != after for before, after in pairwise(told)), document


def test_a_month_of_payments_ends_with_both_books_agreeing(build: Build):
    payday = Payday(build())
    payday.follow()
    rent, paper, chairs = payday.posted(
        invoice("RENT", line("2000.00")), invoice("PAPER", line("300.00")), invoice("CHAIRS", line("450.00"))
    )
    both = payday.posted(invoice("BOTH", line("60.00"), line("40.00", "BOS")))[0]
    (credit,) = payday.posted(invoice("CREDIT", line("-50.00")))
    other = payday.posted(invoice("OTHER", line("99.00"), supplier=CORVID))[0]
    every = [rent, paper, chairs, both, credit, other]

    payday.pay(rent, amounts={payday.in_quickbooks(rent): "500.00"}, number="1001")
    payday.follow()
    run = payday.pay(rent, paper, chairs, credits=[payday.in_quickbooks(credit)], number="1002")
    payday.follow()
    tied_out(payday, every)
    assert {payday.world.in_basware(one)["processingStatus"] for one in (rent, paper, chairs, credit)} == {"Paid"}

    kind, entry = payday.world.only_transaction(both)
    assert kind == "JournalEntry"
    vendor = next(
        one["JournalEntryLineDetail"]["Entity"]["EntityRef"]
        for one in entry["Line"]
        if "Entity" in one["JournalEntryLineDetail"]
    )
    lines = [{"Amount": Decimal(100), "LinkedTxn": [{"TxnId": entry["Id"], "TxnType": "JournalEntry"}]}]
    body = {
        "VendorRef": {"value": vendor["value"]},
        "PayType": "Check",
        "CheckPayment": {"BankAccountRef": {"value": payday.account()}},
        "TotalAmt": Decimal(100),
        "Line": lines,
        "DocNumber": "1003",
    }
    payday.world.act("enter", entity="BillPayment", body=body)
    payday.pay(other, account=CARD)
    payday.follow()
    tied_out(payday, every)
    assert payday.last(both)["checkNumber"] == "1003"

    payday.world.act("void_payment", id=run)
    payday.follow()
    tied_out(payday, every)
    assert [payday.paid(one) for one in (rent, paper, chairs, credit)] == [500, 0, 0, 0]
    assert payday.last(rent)["paymentReversalDocument"] == f"BillPayment {run}"
    payday.hear()
    assert payday.world.check() == []


def test_a_document_in_several_bills_is_paid_when_all_of_them_are(build: Build):
    policy = PostingPolicy(several_locations=SeveralLocations.ONE_BILL_PER_LOCATION)
    payday = Payday(build(policy=policy))
    (both,) = payday.posted(invoice("BOTH", line("60.00"), line("40.00", "BOS")))
    parts = [str(record["Id"]) for _, record in payday.world.posted(both)]
    assert len(parts) == 2
    for part, paid, status in zip(parts, (60, 100), ("Transferred", "Paid"), strict=True):
        payday.world.act("pay", id=part, account=payday.account())
        payday.follow()
        assert (payday.paid(both), payday.world.in_basware(both)["processingStatus"]) == (paid, status)
    tied_out(payday, [both])


def test_payments_in_a_foreign_currency_are_told_in_the_invoices(fast_files: SqliteFiles):
    firm = generate(Wishes(40, seed=23, vendors=30, foreign=0.6))
    with fast_files.fresh() as url:
        database = Database.open(url)
        payday = Payday(build_world(database, company=(firm.quickbooks, firm.basware)))
        payday.world.settle()
        payday.follow()
        foreign = {
            record["CurrencyRef"]["value"]: (number, record)
            for number, expected in firm.expected.items()
            if expected.kind == "Bill" and expected.currency != "USD"
            for _, record in [payday.world.only_transaction(number)]
        }
        assert len(foreign) == 3
        for currency, (number, bill) in foreign.items():
            body = {
                "VendorRef": bill["VendorRef"],
                "PayType": "Check",
                "CheckPayment": {"BankAccountRef": {"value": payday.account(currency="USD")}},
                "CurrencyRef": bill["CurrencyRef"],
                "ExchangeRate": Decimal(str(bill["ExchangeRate"])) + Decimal("0.05"),
                "TotalAmt": bill["TotalAmt"],
                "Line": [{"Amount": bill["TotalAmt"], "LinkedTxn": [{"TxnId": bill["Id"], "TxnType": "Bill"}]}],
            }
            payday.world.act("enter", entity="BillPayment", body=body)
            payday.follow()
            document = payday.world.in_basware(number)["invoiceId"]
            assert payday.paid(document) == payday.truth(document) == Decimal(str(bill["TotalAmt"]))
            assert f" {currency}" in payday.last(document)["responseMessage"]
            assert payday.world.in_basware(number)["processingStatus"] == "Paid"
        assert payday.world.check() == []
        database.close()


class Months:
    """An accountant who pays, corrects and takes back, as dice fall; every act is one QuickBooks' own pages allow."""

    def __init__(self, payday: Payday) -> None:
        self.payday = payday
        suppliers = (BEACON, BEACON, CORVID)
        self.documents = payday.posted(
            *(invoice(f"D-{n}", line("300.00"), supplier=supplier) for n, supplier in enumerate(suppliers))
        )
        self.documents += payday.posted(invoice("D-C", line("-120.00")))

    def act(self, name: str, dice: random.Random) -> None:
        """Do one thing, where there is something to do it to."""
        acts: dict[str, Callable[[random.Random], None]] = {
            "pay": self.pay, "part": self.part, "run": self.run, "credit": self.credit, "void": self.void,
            "edit": self.edit, "delete": self.delete, "change bill": self.change_bill, "follow": self.follow,
        }  # fmt: skip
        acts[name](dice)

    def pay(self, dice: random.Random) -> None:
        """Pay what is open of a bill."""
        if bills := self._open():
            self.payday.world.act("pay", id=dice.choice(bills)["Id"], account=self.payday.account())

    def part(self, dice: random.Random) -> None:
        """Pay a part of it, by card."""
        if bills := self._open():
            bill = dice.choice(bills)
            amount = max(1, int(Decimal(str(bill["Balance"])) / dice.randint(2, 4)))
            self.payday.world.act("pay", id=bill["Id"], account=self.payday.account(CARD), amount=amount)

    def run(self, dice: random.Random) -> None:
        """Pay all open bills of one vendor at once."""
        if bills := self._open():
            vendor = dice.choice(bills)["VendorRef"]["value"]
            ids = [one["Id"] for one in bills if one["VendorRef"]["value"] == vendor]
            self.payday.world.act(
                "pay_bills", bills=ids, account=self.payday.account(), number=f"R{dice.randint(1, 99)}"
            )

    def credit(self, dice: random.Random) -> None:
        """Settle a bill with the credit note, as far as both are open."""
        own = self.payday.world.only_transaction(self.documents[-1])[1]
        bills = [one for one in self._open() if one["VendorRef"]["value"] == own["VendorRef"]["value"]]
        if bills and Decimal(str(own["Balance"])):
            bill = dice.choice(bills)["Id"]
            self.payday.world.act("apply_credit", credit=own["Id"], bill=bill, account=self.payday.account())

    def void(self, dice: random.Random) -> None:
        """Void a payment."""
        if payments := self._payments():
            self.payday.world.act("void_payment", id=dice.choice(payments)["Id"])

    def delete(self, dice: random.Random) -> None:
        """Delete one."""
        if payments := self._payments():
            self.payday.world.act("delete", entity="BillPayment", id=dice.choice(payments)["Id"])

    def edit(self, dice: random.Random) -> None:
        """Make a payment of money alone smaller, or only write into its memo."""
        plain = [one for one in self._payments() if len(one["Line"]) == 1]
        if not plain:
            return
        payment = dice.choice(plain)
        if dice.random() < 0.3:
            changes = {"PrivateNote": f"seen {dice.randint(1, 9)}"}
        else:
            amount = max(1, int(Decimal(str(payment["Line"][0]["Amount"])) / 2))
            changes = {"Line": [{**payment["Line"][0], "Amount": amount}], "TotalAmt": amount}
        self.payday.world.act("edit", entity="BillPayment", id=payment["Id"], changes=changes)

    def change_bill(self, dice: random.Random) -> None:
        """Make a bill larger, so that one that was paid no longer is."""
        document = dice.choice(self.documents[:-1])
        bill = self.payday.world.only_transaction(document)[1]
        amount = Decimal(str(bill["TotalAmt"])) + 10
        self.payday.world.act("change_bill", id=bill["Id"], amount=str(amount))

    def follow(self, _dice: random.Random) -> None:
        """The connector follows, and everything has to tie out."""
        self.payday.follow()
        tied_out(self.payday, self.documents)

    def _open(self) -> list[dict]:
        found = [self.payday.world.only_transaction(one)[1] for one in self.documents[:-1]]
        return [bill for bill in found if Decimal(str(bill["Balance"]))]

    def _payments(self) -> list[dict]:
        ours = {self.payday.in_quickbooks(one) for one in self.documents}
        return [
            one
            for one in self.payday.books["BillPayment"]
            if any(link["TxnId"] in ours for part in one.get("Line", ()) for link in part["LinkedTxn"])
        ]


ACTS = st.sampled_from(
    ["pay", "part", "part", "run", "credit", "void", "edit", "edit", "delete", "change bill", "follow", "follow"]
)


@settings(max_examples=6, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(acts=st.lists(ACTS, min_size=8, max_size=24), seed=st.integers(0, 10_000))
def test_after_any_sequence_of_acts_the_last_response_is_quickbooks_truth(
    fast_files: SqliteFiles, acts: list[str], seed: int
):
    dice = random.Random(seed)
    with fast_files.fresh() as url:
        database = Database.open(url)
        months = Months(Payday(build_world(database, company="empty")))
        months.payday.follow()
        for name in [*acts, "follow", "follow"]:
            months.act(name, dice)
        assert months.payday.world.check() == []
        database.close()


@pytest.mark.parametrize("seed", range(2))
def test_a_year_of_such_acts_ties_out_too(fast_files: SqliteFiles, seed: int):
    dice = random.Random(seed)
    names = ["pay", "part", "run", "credit", "void", "edit", "delete", "change bill", "follow"]
    with fast_files.fresh() as url:
        database = Database.open(url)
        months = Months(Payday(build_world(database, company="empty")))
        for _ in range(80):
            months.act(dice.choice(names), dice)
        months.act("follow", dice)
        assert sum(len(months.payday.responses(one)) for one in months.documents) > 10
        database.close()
