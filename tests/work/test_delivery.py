"""What goes into one call to QuickBooks: full batches, but none too heavy, and none with a document that needs an exception."""

import pytest

from ml_connector.model.postings import DuplicateChoice
from ml_connector.store import intents
from ml_connector.store.schema import IntentState, System
from ml_connector.work import decisions
from ml_connector.work.engine import Step
from paperwork import invoice, line
from world import World


def _writes(world: World) -> int:
    before = world.quickbooks_seen.writes
    world.settle()
    return world.quickbooks_seen.writes - before


@pytest.mark.parametrize(("documents", "calls"), [(1, 1), (30, 1), (31, 2), (61, 3)])
def test_thirty_documents_go_in_one_call(world: World, documents: int, calls: int) -> None:
    for number in range(documents):
        world.approve(invoice(f"A-{number}"))

    assert _writes(world) == calls
    assert len(world.transactions()) == documents


def test_heavy_documents_share_a_call_with_fewer_others(world: World) -> None:
    for number in range(4):
        world.approve(invoice(f"A-{number}", *(line("1.00", text=f"Row {row}") for row in range(400))))

    assert _writes(world) == 2
    assert len(world.transactions()) == 4


def test_a_document_heavier_than_the_limit_still_goes_alone(world: World) -> None:
    world.approve(invoice("A-1", *(line("1.00", text=f"Row {row}") for row in range(1200))))
    world.approve(invoice("A-2"))

    assert _writes(world) == 2
    assert len(world.transactions()) == 2


def test_a_second_bill_with_one_number_goes_alone_with_its_exception(world: World) -> None:
    world.approve(invoice("A-1"))
    second = world.approve({**invoice("A-1", line("20.00")), "invoiceId": "f" * 32})
    world.settle()
    decisions.decide_duplicate(
        world.desk(), world.row(second), DuplicateChoice.POST_ANYWAY, link_to="", reason="two", actor="Dana"
    )
    world.approve(invoice("A-3"))
    world.approve(invoice("A-4"))

    assert _writes(world) == 2
    assert len(world.transactions()) == 4


def test_nothing_is_sent_that_was_not_stored_before(world: World) -> None:
    world.approve(invoice("A-1"))
    world.run([Step.INTAKE, Step.PLAN])
    with world.database.read() as tx:
        (intent,) = intents.in_state(tx, world.connection_id, {IntentState.READY}, system=System.QUICKBOOKS)
    assert world.transactions() == []

    world.run([Step.POST])

    _, bill = world.only_transaction("A-1")
    assert f'"PrivateNote":"{bill["PrivateNote"]}"' in intent.body
