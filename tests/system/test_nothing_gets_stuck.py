"""Rare courses of events after which a document could wait for ever, stop the others, or be told wrongly to Basware."""

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from ml_connector.app import OtherCompanyError
from ml_connector.model.holds import Cause
from ml_connector.model.policy import PostingPolicy, SeveralLocations, UnknownVendor
from ml_connector.model.postings import DuplicateChoice
from ml_connector.store import documents, links
from ml_connector.store.documents import DocumentRow
from ml_connector.work import decisions
from ml_connector.work.engine import SIGN_IN, Step
from paperwork import invoice, line
from twins.faults import FaultKind, FaultRule
from world import Build, World

WRITES = {"path": "/batch$", "contains": '"operation"'}
REFUSED = '{"Fault":{"Error":[{"Message":"Business Validation Error","Detail":"The moon is full","code":"6000"}]}}'
STALE = '{"Fault":{"Error":[{"Message":"Invalid Reference Id","code":"2500"}],"type":"ValidationFault"}}'
PER_LOCATION = PostingPolicy(several_locations=SeveralLocations.ONE_BILL_PER_LOCATION)


def _one_write_a_batch(world: World) -> None:
    """So that a refused call is one refused write."""
    own = msgspec.structs.replace(world.desk().settings.quickbooks, batch_size=1)
    world.change_settings(lambda known: msgspec.structs.replace(known, quickbooks=own))


def _refuse_writes(world: World, text: str, times: int | None) -> None:
    world.quickbooks_faults.add(FaultRule(kind=FaultKind.STATUS, status=400, text=text, times=times, **WRITES))


def _arrives(world: World, document: Mapping[str, Any], **changes: Any) -> None:
    """A document with fields the twin would not let a person enter."""
    invoice_id = world.approve(dict(document))
    text = {**document, "invoiceId": invoice_id, "processingStatus": "WaitingForTransfer", **changes}
    encoded = msgspec.json.Encoder(decimal_format="number").encode(text)
    world.basware.act("corrupt", invoice_id=invoice_id, text=encoded.decode())


def _held(world: World) -> list[DocumentRow]:
    with world.database.read() as tx:
        return documents.in_state(tx, world.connection_id, {"held"})


@pytest.mark.parametrize("length", [101, 301])
@pytest.mark.parametrize("policy", list(UnknownVendor))
def test_a_supplier_code_no_vendor_could_have_holds_its_own_document_only(
    build: Build, length: int, policy: UnknownVendor
) -> None:
    world = build(policy=PostingPolicy(unknown_vendor=policy))
    world.approve(invoice("GOOD"))
    _arrives(world, invoice("BAD"), supplierCode="V" * length, supplierName="Alder Legal LLP")

    world.settle()

    world.only_transaction("GOOD")
    assert (world.state("BAD"), len(world.row("BAD").holds)) == ("held", 1)


def test_an_endless_time_stamp_stops_nobody(world: World) -> None:
    world.approve(invoice("GOOD"))
    _arrives(world, invoice("BAD"), lastUpdated="x" * 400)

    world.settle()

    world.only_transaction("GOOD")
    assert Cause.UNREADABLE_DOCUMENT in world.causes(world.in_basware("BAD")["invoiceId"])


@pytest.mark.parametrize("invoice_id", ["..", "a\tb", "a\u200bb"])
def test_a_retry_of_a_document_without_a_usable_id_leaves_it_held(world: World, invoice_id: str) -> None:
    _arrives(world, invoice("BAD"), invoiceId=invoice_id)
    world.settle()
    decisions.retry(world.desk(), _held(world), actor="Dana")
    world.approve(invoice("GOOD"))

    world.settle()

    world.only_transaction("GOOD")
    assert [[hold.cause for hold in row.holds] for row in _held(world)] == [[Cause.UNREADABLE_DOCUMENT]]


def test_a_part_whose_marker_was_removed_stays_the_part_it_was(build: Build) -> None:
    world = build(policy=PER_LOCATION)
    world.approve(invoice("A-1", line("60.00"), line("40.00", "BOS")))
    world.settle()
    (_, first), (_, second) = world.posted("A-1")
    world.act("delete", entity="Bill", id=first["Id"])
    world.act("edit", entity="Bill", id=second["Id"], changes={"PrivateNote": "checked"})
    world.send_again("A-1")
    world.settle()
    assert world.causes("A-1") == [Cause.POSTED_TRANSACTION_GONE]

    decisions.decide_duplicate(
        world.desk(),
        world.row("A-1"),
        DuplicateChoice.POST_ANYWAY,
        link_to="",
        reason="deleted by mistake",
        actor="Dana",
    )
    world.settle()

    assert world.state("A-1") == "confirmed"
    with world.database.read() as tx:
        own = links.for_record(tx, world.connection_id, "invoice", world.row("A-1").invoice_id)
    assert [(link.part, link.quickbooks_id == second["Id"]) for link in own] == [(0, False), (1, True)]


def test_a_refused_part_of_an_earlier_plan_does_not_count_against_the_present_one(build: Build) -> None:
    world = build(policy=PER_LOCATION)
    _one_write_a_batch(world)
    _refuse_writes(world, REFUSED, times=2)
    world.approve(invoice("A-1", line("60.00"), line("40.00", "BOS")))
    world.settle()
    assert world.causes("A-1") == [Cause.QUICKBOOKS_REFUSED]

    world.change_settings(lambda known: msgspec.structs.replace(known, policy=PostingPolicy()))
    world.settle()

    assert world.only_transaction("A-1")[0] == "JournalEntry"
    assert [answer["success"] for answer in world.answers("A-1")] == [True]


def test_three_parts_refused_once_are_one_try(build: Build) -> None:
    world = build(policy=PER_LOCATION)
    _one_write_a_batch(world)
    _refuse_writes(world, STALE, times=3)
    world.approve(invoice("A-1", line("60.00"), line("40.00", "BOS"), line("30.00", "CHI")))

    world.settle()

    assert world.state("A-1") == "confirmed"
    assert len(world.posted("A-1")) == 3


def test_the_hold_time_goes_on_while_quickbooks_refuses_every_day(world: World) -> None:
    _refuse_writes(world, REFUSED, times=None)
    world.approve(invoice("A-1"))
    for _ in range(world.desk().policy.hold_days):
        world.settle()
        assert world.answers("A-1") == []
        world.clock.advance(24 * 3600)

    world.settle()

    assert [answer["success"] for answer in world.answers("A-1")] == [False]


def test_a_correction_that_came_while_the_old_content_was_being_posted_is_posted_when_that_is_refused(
    world: World,
) -> None:
    world.quickbooks_faults.add(FaultRule(kind=FaultKind.LOST_BEFORE, **WRITES))
    world.approve(invoice("A-1", line("60.00")))
    world.run()
    fresh = invoice("A-1", line("65.00"))
    world.send_again("A-1", **{name: fresh[name] for name in ("codingRows", "netSum", "grossSum")})
    _refuse_writes(world, REFUSED, times=1)

    world.settle()
    world.settle()

    assert world.only_transaction("A-1")[1]["TotalAmt"] == 65


def test_a_person_may_link_to_a_transaction_entered_under_another_number(world: World) -> None:
    world.approve(invoice("A-1", supplier="V-77001", supplier_name="Alder Legal LLP"))
    world.settle()
    detail = {"AccountRef": {"value": "56"}}
    entered = {
        "VendorRef": {"value": next(iter(world.books().vendors))},
        "DocNumber": "A/1",
        "Line": [
            {"DetailType": "AccountBasedExpenseLineDetail", "Amount": 100, "AccountBasedExpenseLineDetail": detail}
        ],
    }
    made = world.act("enter", entity="Bill", body=entered)

    decisions.decide_duplicate(
        world.desk(), world.row("A-1"), DuplicateChoice.LINK, link_to=f"Bill:{made['Id']}", reason="typed", actor="Dana"
    )
    world.settle()

    (answer,) = world.answers("A-1")
    assert (answer["success"], answer["voucherNumber1"]) == (True, made["Id"])


def test_a_link_to_what_is_no_id_is_refused_before_it_reaches_quickbooks(world: World) -> None:
    world.approve(invoice("A-1", supplier="V-77001"))
    world.settle()

    with pytest.raises(decisions.DecisionError, match="whole numbers"):
        decisions.decide_duplicate(
            world.desk(), world.row("A-1"), DuplicateChoice.LINK, link_to="INV-145", reason="", actor="Dana"
        )


@pytest.mark.parametrize("text", ['{"accountingDocuments": [{"invoiceId": "ID", "transferResponses": 5}]}', "nonsense"])
def test_a_document_that_does_not_tell_of_its_answer_stops_no_other_answer(world: World, text: str) -> None:
    broken = world.approve(invoice("A-1"))
    world.approve(invoice("A-2"))
    world.basware_faults.add(FaultRule(kind=FaultKind.LOST_AFTER, path=f"{broken}/transferResponses$"))
    reading = FaultRule(
        kind=FaultKind.STATUS, status=200, times=None, text=text.replace("ID", broken), path=f"{broken}$", method="GET"
    )
    unreadable = world.basware_faults.add(reading)

    assert world.run().answered.unclear == 1
    assert [answer["success"] for answer in world.answers("A-2")] == [True]

    world.basware_faults.remove(unreadable)
    world.settle()
    assert [answer["success"] for answer in world.answers("A-1")] == [True]
    assert world.state("A-1") == "confirmed"


def test_an_acknowledgement_that_cannot_be_looked_up_stops_no_page_behind_it(build: Build) -> None:
    world = build(page_size=1)
    broken = world.approve(invoice("A-1"))
    world.approve(invoice("A-2"))
    world.basware_faults.add(FaultRule(kind=FaultKind.STATUS, status=405, times=None, path=f"{broken}/acknowledge$"))
    world.basware_faults.add(
        FaultRule(kind=FaultKind.STATUS, status=200, times=None, text="nonsense", path=f"{broken}$", method="GET")
    )

    report = world.run([Step.INTAKE])

    assert (report.intake.new, report.intake.not_acknowledged) == (2, 1)


def test_a_missing_sign_in_is_told_before_what_ends_by_itself(world: World) -> None:
    world.approve(invoice("A-1"))
    world.run([Step.INTAKE])
    world.basware_faults.add(FaultRule(kind=FaultKind.STATUS, status=503, times=None))
    world.quickbooks.sign_in.disconnect(world.realm_id)

    with pytest.raises(SIGN_IN):
        world.run()


def test_a_connection_is_not_moved_to_another_company_whose_ids_mean_something_else(world: World) -> None:
    with pytest.raises(OtherCompanyError, match="another name"):
        world.change_settings(lambda known: known, {"quickbooks.realm_id": "9341453900126999"})

    world.approve(invoice("A-1"))
    world.settle()
    world.only_transaction("A-1")


def test_company_codes_given_later_are_shown_with_the_connection(world: World) -> None:
    own = msgspec.structs.replace(world.desk().settings.basware, company_codes=("US10", "US20"))

    world.change_settings(lambda known: msgspec.structs.replace(known, basware=own))

    assert world.connection.company_code == "US10,US20"
