"""Invoices that Basware sends for prebooking or enrichment: answered once, and never posted before they are approved."""

import msgspec
import pytest

from ml_connector.flows.early_answers import NOT_ENRICHED, NOTED
from ml_connector.model.policy import PostingPolicy, Prebook
from ml_connector.store import alerts
from ml_connector.work.jobs import Job
from ml_connector.work.p2p_settings import EarlyFeed
from ml_connector.work.registry import PERFORM
from ml_connector.work.views import document_lines, early_line, early_view
from paperwork import invoice, line
from twins.faults import FaultKind, FaultRule
from world import Build, World

ENRICHMENT = {"act": "enrich", "list": "enrichmentResponses", "done": "EnrichmentTransferFailed"}
PREBOOK = {"act": "prebook", "list": "prebookResponses", "done": "Prebooked"}
KINDS = {"prebook": "PrebookResponse", "enrich": "EnrichmentTransferResponse"}
BOTH = pytest.mark.parametrize("stage", [PREBOOK, ENRICHMENT], ids=["prebook", "enrichment"])


@pytest.fixture
def asked(build: Build) -> World:
    """A connection that answers both."""
    world = build(policy=PostingPolicy(prebook=Prebook.ANSWER))
    world.change_settings(
        lambda known: msgspec.structs.replace(
            known, basware=msgspec.structs.replace(known.basware, early=EarlyFeed(refuse_enrichment=True))
        )
    )
    return world


def wait(world: World, stage: dict, number: str = "A-1", **changes) -> None:
    world.basware.act(stage["act"], document=invoice(number, line("60.00"), changes=changes))


def test_a_prebooking_is_noted_and_nothing_is_posted(asked: World) -> None:
    wait(asked, PREBOOK, paymentBlock=True)
    asked.settle()

    document = asked.in_basware("A-1")
    (answer,) = document["prebookResponses"]
    assert (answer["success"], answer["responseMessage"], answer["paymentBlock"]) == (True, NOTED, True)
    assert (document["processingStatus"], document["paymentBlock"]) == ("Prebooked", True)
    assert asked.transactions() == []


def test_the_prebooked_invoice_is_posted_once_when_it_is_transferred(asked: World) -> None:
    wait(asked, PREBOOK)
    asked.settle()
    asked.clock.advance(60)
    asked.basware.act("release", invoice_id=asked.in_basware("A-1")["invoiceId"])
    asked.settle()

    asked.only_transaction("A-1")
    assert asked.in_basware("A-1")["processingStatus"] == "Transferred"
    assert len(asked.in_basware("A-1")["prebookResponses"]) == 1


def test_a_prebooking_that_is_cancelled_needs_nothing(asked: World) -> None:
    wait(asked, PREBOOK)
    asked.settle()
    asked.clock.advance(16 * 60)
    asked.basware.act("ask", invoice_id=asked.in_basware("A-1")["invoiceId"], request="cancel prebook")
    asked.settle()

    assert asked.transactions() == []


def test_enrichment_is_refused_with_what_to_do(asked: World) -> None:
    wait(asked, ENRICHMENT)
    asked.settle()

    document = asked.in_basware("A-1")
    (answer,) = document["enrichmentResponses"]
    assert (answer["success"], answer["responseMessage"]) == (False, NOT_ENRICHED)
    assert document["processingStatus"] == "EnrichmentTransferFailed"
    assert len(NOT_ENRICHED) <= 250
    assert asked.transactions() == []


@BOTH
def test_by_default_it_is_left_alone(build: Build, stage: dict) -> None:
    world = build()
    wait(world, stage)
    world.settle()

    assert world.in_basware("A-1")[stage["list"]] == []


@BOTH
@pytest.mark.parametrize("kind", [FaultKind.LOST_AFTER, FaultKind.LOST_BEFORE, FaultKind.DUPLICATE])
def test_a_lost_or_doubled_answer_leaves_one_response(asked: World, stage: dict, kind: FaultKind) -> None:
    wait(asked, stage)
    asked.basware_faults.add(FaultRule(kind=kind, path=f"{stage['list']}$"))
    asked.settle()

    assert len(asked.in_basware("A-1")[stage["list"]]) == 1
    assert asked.in_basware("A-1")["processingStatus"] == stage["done"]


@BOTH
def test_each_sending_is_answered_once(asked: World, stage: dict) -> None:
    wait(asked, stage)
    asked.settle()
    asked.basware.act("move", invoice_id=asked.in_basware("A-1")["invoiceId"], status=stage["done"])
    asked.clock.advance(16 * 60)
    asked.settle()
    assert len(asked.in_basware("A-1")[stage["list"]]) == 1

    waiting = {"prebook": "WaitingForPrebook", "enrich": "WaitingForEnrichmentTransfer"}[stage["act"]]
    asked.basware.act("move", invoice_id=asked.in_basware("A-1")["invoiceId"], status=waiting)
    asked.clock.advance(16 * 60)
    asked.settle()

    codes = [one["externalCode"] for one in asked.in_basware("A-1")[stage["list"]]]
    assert len(set(codes)) == 2


@BOTH
def test_where_basware_wants_it_acknowledged_first_it_is(asked: World, stage: dict) -> None:
    asked.basware.switches.answer_without_acknowledge = False
    wait(asked, stage)
    asked.settle()

    assert len(asked.in_basware("A-1")[stage["list"]]) == 1


def test_a_refusal_is_told_to_a_person_and_not_repeated(asked: World) -> None:
    wait(asked, ENRICHMENT)
    asked.basware_faults.add(
        FaultRule(kind=FaultKind.STATUS, status=400, times=None, path="enrichmentResponses$|acknowledge$")
    )
    for _ in range(2):
        asked.settle()
        asked.clock.advance(16 * 60)

    with asked.database.read() as tx:
        (alert,) = alerts.listing(tx, asked.connection_id)
    assert alert.times == 1
    assert asked.in_basware("A-1")["invoiceId"] in alert.message
    assert asked.in_basware("A-1")["enrichmentResponses"] == []


@BOTH
def test_an_answer_that_p2p_refuses_afterwards_is_shown_with_its_invoice(asked: World, stage: dict) -> None:
    wait(asked, stage)
    asked.basware.act("refuse_imports", message="Voucher series is closed", entity_type=KINDS[stage["act"]], times=1)
    asked.settle()
    asked.clock.advance(60)
    PERFORM[Job.OUTCOMES](asked.desk())

    invoice_id = asked.in_basware("A-1")["invoiceId"]
    (shown,) = document_lines(asked.desk())
    assert (shown.invoice_id, shown.state) == (invoice_id, "before transfer")
    assert "Voucher series is closed" in shown.answer_problem
    line_ = early_line(asked.desk(), invoice_id)
    assert line_ == shown
    assert early_view(asked.desk(), shown).document == shown


def test_a_refused_answer_is_shown_with_its_invoice(asked: World) -> None:
    wait(asked, ENRICHMENT)
    asked.basware_faults.add(
        FaultRule(kind=FaultKind.STATUS, status=400, times=None, path="enrichmentResponses$|acknowledge$")
    )
    asked.settle()

    (shown,) = document_lines(asked.desk())
    assert shown.answer_problem.startswith("Basware refused the answer")
