"""Scenes of payments: a company whose people pay bills in QuickBooks, and what Basware hears of it, by both twins' own books."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from ml_connector.store import alerts, payments
from ml_connector.store.payments import PaymentRow
from ml_connector.work.jobs import Job, JobReport
from ml_connector.work.registry import PERFORM
from paperwork import invoice, line
from world import World, payable

BANK, CARD = "Bank", "Credit Card"


class Payday:
    """A connected company, its accountant in QuickBooks, and the jobs one at a time."""

    def __init__(self, world: World) -> None:
        self.world = world

    # the product

    def do(self, job: Job) -> JobReport:
        """Do one job as an engine does: with its lease."""
        desk = self.world.desk()
        desk.take_lease()
        try:
            return PERFORM[job](desk)
        finally:
            desk.release_lease()

    def follow(self) -> JobReport:
        """Read what changed in QuickBooks, then tell Basware what is to be told."""
        self.world.clock.advance(61)
        self.do(Job.CHANGES)
        return self.do(Job.PAYMENTS)

    def hear(self) -> JobReport:
        """Ask Basware some time later what became of what it was sent."""
        self.world.clock.advance(61)
        return self.do(Job.OUTCOMES)

    def posted(self, *documents: dict[str, Any]) -> list[str]:
        """Approve invoices in Basware and have them posted and answered; their ids."""
        ids = [self.world.approve(document) for document in documents]
        self.world.settle()
        self.world.clock.advance(61)
        self.do(Job.CHANGES)
        return ids

    def bill(self, number: str = "P-1", amount: str = "1080.00", **fields: Any) -> str:
        """One posted invoice; its id in Basware."""
        return self.posted(invoice(number, line(amount), **fields))[0]

    def row(self, invoice_id: str) -> PaymentRow:
        """What is kept of a document's payments."""
        with self.world.database.read() as tx:
            row = payments.get(tx, self.world.connection_id, invoice_id)
        assert row is not None
        return row

    def state(self, invoice_id: str) -> str:
        """How far telling Basware has come."""
        return self.row(invoice_id).state.value

    def alerts(self) -> list[str]:
        """What a person is told about payments."""
        with self.world.database.read() as tx:
            return [one.message for one in alerts.listing(tx, self.world.connection_id) if one.kind == "payments"]

    # QuickBooks

    @property
    def books(self) -> dict[str, list[dict[str, Any]]]:
        """QuickBooks' own books."""
        return self.world.quickbooks.books(self.world.realm_id)

    def account(self, kind: str = BANK, currency: str = "") -> str:
        """An account money is paid from."""
        return next(
            str(one["Id"])
            for one in self.books["Account"]
            if one["AccountType"] == kind and (not currency or one["CurrencyRef"]["value"] == currency)
        )

    def in_quickbooks(self, document: str) -> str:
        """The id of the one transaction of a document."""
        return str(self.world.only_transaction(document)[1]["Id"])

    def pay(self, *documents: str, account: str = BANK, **details: Any) -> str:
        """Pay the bills of documents with one payment; its id."""
        bills = [str(record["Id"]) for one in documents for _, record in self.world.posted(one)]
        done = self.world.act("pay_bills", bills=bills, account=self.account(account), **details)
        return str(done["Id"])

    def vendor_credit(self, document: str, amount: str, account: str = "") -> str:
        """A credit note that somebody enters in QuickBooks for the vendor of a document; its id."""
        _, bill = self.world.only_transaction(document)
        detail = {
            "AccountRef": {"value": account or bill["Line"][0]["AccountBasedExpenseLineDetail"]["AccountRef"]["value"]}
        }
        body = {
            "VendorRef": bill["VendorRef"],
            "APAccountRef": bill["APAccountRef"],
            "Line": [
                {
                    "Amount": Decimal(amount),
                    "DetailType": "AccountBasedExpenseLineDetail",
                    "AccountBasedExpenseLineDetail": detail,
                }
            ],
        }
        return str(self.world.act("enter", entity="VendorCredit", body=body)["Id"])

    def truth(self, invoice_id: str) -> Decimal:
        """How much of a document is settled, by QuickBooks' own books, in Basware's sign."""
        total = Decimal(str(self.world.in_basware(invoice_id)["grossSum"]))
        settled = Decimal(0)
        for kind, record in self.world.posted(invoice_id):
            if kind == "JournalEntry":
                part = sum(self._lines(kind, record["Id"]), Decimal(0))
                assert part <= payable(kind, record)
            else:
                part = Decimal(str(record["TotalAmt"])) - Decimal(str(record["Balance"]))
            settled += part
        return settled.copy_sign(total) if settled else settled

    def _lines(self, kind: str, id_: str) -> Iterable[Decimal]:
        for payment in self.books["BillPayment"]:
            for one in payment.get("Line", ()):
                if any(link["TxnType"] == kind and link["TxnId"] == id_ for link in one["LinkedTxn"]):
                    yield Decimal(str(one["Amount"]))

    # Basware

    def responses(self, invoice_id: str) -> list[dict[str, Any]]:
        """Every payment response Basware holds of a document, oldest first."""
        return list(self.world.in_basware(invoice_id).get("paymentResponses") or [])

    def last(self, invoice_id: str) -> dict[str, Any]:
        """The newest of them."""
        return self.responses(invoice_id)[-1]

    def paid(self, invoice_id: str) -> Decimal:
        """How much is settled of a document as Basware knows it; nothing when it was never told."""
        told = self.responses(invoice_id)
        return (
            sum((Decimal(str(told[-1].get(name) or 0)) for name in ("paidTotal", "cashDiscount")), Decimal(0))
            if told
            else Decimal(0)
        )


def without_code(response: dict[str, Any]) -> dict[str, Any]:
    """A response as what it says, whatever it is called."""
    return {name: value for name, value in response.items() if name != "externalCode"}
