"""Basware removes, returns or cancels invoices after they were posted: what QuickBooks holds then, by the twins' own books."""

from decimal import Decimal

import pytest

from ml_connector.model.holds import Cause
from ml_connector.model.mapping import Dimension
from ml_connector.model.policy import PostingPolicy, TakenBack
from ml_connector.rules.marker import find_undo
from ml_connector.store import notices
from ml_connector.store.schema import System
from ml_connector.work import decisions
from ml_connector.work.decisions import Choice
from ml_connector.work.views import document_view
from paperwork import invoice, line
from twins.faults import FaultKind, FaultRule
from world import Build, World

WRITES = {"path": "/batch$", "contains": '"operation"'}


def posted(build: Build, policy: TakenBack = TakenBack.HOLD, *rows, **choices) -> World:
    """The invoice A-1 of 100.00, posted and confirmed, under a policy."""
    return post(build(policy=PostingPolicy(taken_back=policy, **choices)), *rows)


def post(world: World, *rows) -> World:
    """The invoice A-1, posted and confirmed."""
    world.approve(invoice("A-1", *(rows or (line("60.00"), line("40.00", practice="TECH")))))
    world.settle()
    assert world.state("A-1") == "confirmed"
    return world


def take_back(world: World, request: str = "remove", document: str = "A-1") -> None:
    """Somebody in Basware asks for it, and the next look comes."""
    world.clock.advance(16 * 60)
    world.basware.act("ask", invoice_id=world.in_basware(document)["invoiceId"], request=request)
    world.settle()


def owed(world: World) -> Decimal:
    """What the payable accounts of QuickBooks' own ledger owe in all."""
    books = world.quickbooks.books(world.realm_id)
    payable = {one["Id"] for one in books["Account"] if one["AccountType"] == "Accounts Payable"}
    return sum((Decimal(str(one["CurrentBalance"])) for one in books["Account"] if one["Id"] in payable), Decimal(0))


def reversals(world: World) -> list[tuple[str, dict]]:
    """Everything in QuickBooks' own books that says it reverses something of ours."""
    books = world.quickbooks.books(world.realm_id)
    kinds = ("Bill", "VendorCredit", "JournalEntry")
    return [(kind, one) for kind in kinds for one in books[kind] if find_undo(one.get("PrivateNote", ""))]


@pytest.mark.parametrize("request_", ["remove", "return"])
def test_by_default_a_document_taken_back_is_held_and_nothing_is_touched(build: Build, request_: str) -> None:
    world = posted(build)

    take_back(world, request_)

    assert (world.state("A-1"), world.causes("A-1")) == ("held", [Cause.TAKEN_BACK])
    world.only_transaction("A-1")
    assert len(world.answers("A-1")) == 1


def test_by_policy_the_bill_is_deleted_once_and_everything_is_told(build: Build) -> None:
    world = posted(build, TakenBack.DELETE)
    _, bill = world.only_transaction("A-1")

    take_back(world)

    assert (world.state("A-1"), world.posted("A-1")) == ("withdrawn", [])
    view = document_view(world.desk(), world.row("A-1"))
    assert [(one.type, one.id) for one in view.taken_back] == [("Bill", bill["Id"])]
    assert f"Bill {bill['Id']} deleted" in view.note
    assert [event.action for event in view.history][-3:-1] == ["to be undone in QuickBooks", "written to QuickBooks"]
    assert world.check() == []


def test_by_policy_a_bill_is_reversed_by_a_credit_of_the_same_day_and_both_come_to_nothing(build: Build) -> None:
    world = build(policy=PostingPolicy(taken_back=TakenBack.REVERSE))
    before = owed(world)
    world = post(world)
    _, bill = world.only_transaction("A-1")

    take_back(world)

    ((kind, credit),) = reversals(world)
    assert (kind, credit["TotalAmt"], credit["TxnDate"]) == ("VendorCredit", bill["TotalAmt"], bill["TxnDate"])
    assert credit["VendorRef"]["value"] == bill["VendorRef"]["value"]
    assert credit["DocNumber"] == f"REV-{bill['Id']}"
    assert owed(world) == before
    assert world.state("A-1") == "withdrawn"
    assert world.check() == []


def test_a_credit_note_is_reversed_by_a_bill(build: Build) -> None:
    world = posted(build, TakenBack.REVERSE, line("-60.00"))
    kind, credit = world.only_transaction("A-1")
    assert kind == "VendorCredit"

    take_back(world)

    ((kind, bill),) = reversals(world)
    assert (kind, bill["TotalAmt"]) == ("Bill", credit["TotalAmt"])


def test_a_journal_entry_is_reversed_by_one_with_its_sides_swapped(build: Build) -> None:
    world = posted(build, TakenBack.REVERSE, line("60.00"), line("40.00", "BOS"))
    kind, entry = world.only_transaction("A-1")
    assert kind == "JournalEntry"

    take_back(world)

    ((kind, reversal),) = reversals(world)
    assert kind == "JournalEntry"
    assert _sums(reversal) == {(account, _OTHER[side]): amount for (account, side), amount in _sums(entry).items()}


_OTHER = {"Debit": "Credit", "Credit": "Debit"}


def _sums(entry: dict) -> dict[tuple[str, str], Decimal]:
    sums: dict[tuple[str, str], Decimal] = {}
    for one in entry["Line"]:
        detail = one["JournalEntryLineDetail"]
        key = (detail["AccountRef"]["value"], detail["PostingType"])
        sums[key] = sums.get(key, Decimal(0)) + Decimal(str(one["Amount"]))
    return sums


@pytest.mark.parametrize("policy", [TakenBack.DELETE, TakenBack.REVERSE])
def test_a_paid_bill_is_never_touched_neither_by_policy_nor_by_decision(build: Build, policy: TakenBack) -> None:
    world = posted(build, policy)
    _, bill = world.only_transaction("A-1")
    world.act("pay", id=bill["Id"], account="31", amount="10.00")

    take_back(world)
    assert world.causes("A-1") == [Cause.TAKEN_BACK_PAID]
    decide(world, Choice.DELETE)

    assert world.causes("A-1") == [Cause.TAKEN_BACK_PAID]
    assert world.only_transaction("A-1")[1]["Balance"] == Decimal("90.00")
    assert reversals(world) == []


def decide(world: World, choice: Choice) -> None:
    decisions.decide(world.desk(), world.row("A-1"), choice, link_to="", reason="agreed with AP", actor="Dana")
    world.settle()


@pytest.mark.parametrize(("choice", "left"), [(Choice.DELETE, 0), (Choice.REVERSE, 1), (Choice.KEEP, 1)])
def test_a_person_decides_what_becomes_of_a_held_one(build: Build, choice: Choice, left: int) -> None:
    world = posted(build)
    take_back(world)

    decide(world, choice)

    assert world.state("A-1") == ("ignored" if choice is Choice.KEEP else "withdrawn")
    assert len(world.posted("A-1")) == left
    assert len(reversals(world)) == (choice is Choice.REVERSE)
    assert any(event.actor == "Dana" for event in document_view(world.desk(), world.row("A-1")).history)


def test_in_closed_books_nothing_is_deleted_and_a_reversal_is_dated_today(build: Build) -> None:
    world = posted(build, TakenBack.DELETE)
    world.act("close_books", date="2026-11-10")
    take_back(world)
    assert world.causes("A-1") == [Cause.TAKEN_BACK_IN_CLOSED_PERIOD]
    world.only_transaction("A-1")

    decide(world, Choice.REVERSE)

    ((_, credit),) = reversals(world)
    assert credit["TxnDate"] == world.clock.now().date().isoformat()


def test_a_returned_invoice_that_comes_back_corrected_is_posted_anew(build: Build) -> None:
    world = posted(build, TakenBack.DELETE)
    take_back(world, "return")
    world.basware.act("settle", invoice_id=world.in_basware("A-1")["invoiceId"])

    world.send_again("A-1")
    world.settle()

    assert world.state("A-1") == "confirmed"
    world.only_transaction("A-1")
    assert world.in_basware("A-1")["processingStatus"] == "Transferred"


def test_after_a_reversal_the_number_is_taken_and_a_person_is_asked(build: Build) -> None:
    world = posted(build, TakenBack.REVERSE)
    _, first = world.only_transaction("A-1")
    take_back(world, "return")

    world.send_again("A-1")
    world.settle()
    assert world.causes("A-1") == [Cause.DUPLICATE_NUMBER]
    decide(world, Choice.POST_ANYWAY)

    assert world.state("A-1") == "confirmed"
    assert first["Id"] in {one["Id"] for _, one in world.posted("A-1")}
    assert len(world.posted("A-1")) == 2


def test_basware_changing_its_mind_before_anything_was_undone_leaves_all_as_it_was(build: Build) -> None:
    world = posted(build)
    take_back(world)
    world.basware.act("move", invoice_id=world.in_basware("A-1")["invoiceId"], status="Transferred")

    decide(world, Choice.DELETE)

    assert world.state("A-1") == "confirmed"
    world.only_transaction("A-1")


def test_a_document_removed_before_it_was_posted_is_never_posted(build: Build) -> None:
    world = build()
    world.approve(invoice("A-1", line("60.00", account="6470")))
    world.settle()
    assert world.state("A-1") == "held"
    world.clock.advance(16 * 60)
    world.basware.act("remove", invoice_id=world.in_basware("A-1")["invoiceId"])
    world.settle()
    assert world.state("A-1") == "withdrawn"

    world.map(Dimension.ACCOUNT, "6470", "6410")
    world.settle()

    assert world.posted("A-1") == []


def test_what_somebody_deleted_in_quickbooks_already_is_simply_over(build: Build) -> None:
    world = posted(build, TakenBack.DELETE)
    _, bill = world.only_transaction("A-1")
    world.act("delete", entity="Bill", id=bill["Id"])

    take_back(world)

    assert world.state("A-1") == "withdrawn"


def test_a_bill_somebody_else_entered_and_linked_is_left_to_a_person(build: Build) -> None:
    world = posted(build, TakenBack.DELETE)
    _, bill = world.only_transaction("A-1")
    world.act("edit", entity="Bill", id=bill["Id"], changes={"PrivateNote": "entered by hand"})

    take_back(world)

    assert world.causes("A-1") == [Cause.TAKEN_BACK]


@pytest.mark.parametrize("policy", [TakenBack.DELETE, TakenBack.REVERSE])
def test_an_answer_that_got_lost_undoes_nothing_twice(build: Build, policy: TakenBack) -> None:
    world = posted(build, policy)
    world.quickbooks_faults.add(FaultRule(kind=FaultKind.LOST_AFTER, **WRITES))

    take_back(world)

    assert world.state("A-1") == "withdrawn"
    assert len(reversals(world)) == (policy is TakenBack.REVERSE)
    assert len(world.posted("A-1")) == (policy is TakenBack.REVERSE)
    assert world.check() == []


def test_a_notification_has_it_looked_for_at_once(build: Build) -> None:
    world = posted(build, TakenBack.DELETE)
    world.basware.act("ask", invoice_id=world.in_basware("A-1")["invoiceId"], request="remove")
    world.settle()
    assert world.state("A-1") == "confirmed", "the lists were asked for a moment ago"
    announce(world)

    world.settle()

    assert world.state("A-1") == "withdrawn"


def announce(world: World) -> None:
    """A push notification arrives, as the receiver keeps it."""
    new = notices.NewNotice(
        system=System.BASWARE,
        event_id="push-1",
        entity="AccountingDocuments",
        entity_id="x",
        operation="WaitingToBeRemoved",
    )
    with world.database.write() as tx:
        notices.add_many(tx, world.connection_id, [new], world.clock.now())
