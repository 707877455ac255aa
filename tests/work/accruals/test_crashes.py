"""An accrual and its reversal crash before and after each step, and lose each answer: each is made once, and never forgotten.

The steps are those of the crash matrix: every commit to the database and every request.
"""

import pytest

from crash_matrix import ON_COMMITS, Crash, SabotagedDatabase, SabotagedTransport, Saboteur
from ledgers import ACCRUED, Ledger, accruing_world
from ml_connector.app import App
from ml_connector.work.engine import TRY_LATER
from ml_connector.work.jobs import Job
from ml_connector.work.registry import PERFORM
from ml_connector.work.tenure import LONG, ConnectionBusyError

FAULTS = ("crash after", "answer lost", "sent twice")
"""A crash before a step is one after the step before it."""
SUPPLIES, PAYABLE = "55", "33"
STRIDE = 7
"""Every so many steps are struck; the steps in between are of the same kinds."""


def live(ledger: Ledger, url: str, saboteur: Saboteur) -> None:
    """Run in one process after another until two runs went through; the cost is never in the books twice for good."""
    world, through = ledger.world, 0
    for life in range(12):
        database = SabotagedDatabase.open(url)
        database.saboteur = saboteur
        transport = SabotagedTransport(world.transport, saboteur)
        app = App(database, world.vault, clock=world.clock, transport=transport, worker=f"life {life}")
        try:
            desk = app.desk(app.connection(""))
            desk.take_lease()
            PERFORM[Job.INVOICES](desk)
            desk.release_lease()
            through += 1
        except (Crash, ConnectionBusyError, *TRY_LATER):
            pass
        finally:
            database.close()
        assert len(ledger.entries()) <= 1, "accrued twice"
        assert len(ledger.reversals()) <= 1, "reversed twice"
        if through == 2:
            return
        world.clock.sleep(LONG + 16 * 60)
    raise AssertionError("the job never went through")


@pytest.mark.parametrize("end", ["posted", "cancelled"])
def test_whatever_breaks_an_accrual_is_posted_and_reversed_once(sqlite, end: str) -> None:
    def story(saboteur: Saboteur) -> None:
        with sqlite.fresh() as url:
            ledger = Ledger(accruing_world(url))
            invoice_id = ledger.prebook("A-1")
            live(ledger, url, saboteur)
            assert (ledger.balance(SUPPLIES), ledger.balance(ACCRUED)) == (100, -100)
            assert ledger.world.in_basware("A-1")["processingStatus"] == "Prebooked"
            if end == "posted":
                ledger.release("A-1")
            else:
                ledger.world.basware.act("ask", invoice_id=invoice_id, request="cancel prebook")
            ledger.world.clock.sleep(16 * 60)
            live(ledger, url, saboteur)
            posted = 100 if end == "posted" else 0
            assert (ledger.balance(SUPPLIES), ledger.balance(ACCRUED), ledger.balance(PAYABLE)) == (posted, 0, -posted)
            assert (len(ledger.entries()), len(ledger.reversals())) == (1, 1)
            assert len({one["externalCode"] for one in ledger.world.in_basware("A-1")["prebookResponses"]}) == 1
            assert ledger.world.check() == []
            ledger.world.database.close()

    undisturbed = Saboteur()
    story(undisturbed)
    told = 0
    for number, label in enumerate(undisturbed.steps):
        fault = FAULTS[number % len(FAULTS)]
        if number % STRIDE and "batch" not in label:
            continue
        if label.startswith("commit") and fault not in ON_COMMITS:
            fault = "crash after"
        story(Saboteur(number, fault))
        told += 1
    assert told > 8
