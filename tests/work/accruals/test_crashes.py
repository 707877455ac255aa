"""An accrual and its reversal crash before and after each step, and lose each answer: each is made once, and never forgotten.

How they crash: bench/crashes.py.
"""

import pytest

from crashes import Saboteur, every_fault, live, perform
from ledgers import ACCRUED, Ledger, accruing_world
from ml_connector.app import App
from ml_connector.work.jobs import Job

SUPPLIES, PAYABLE = "55", "33"
_LATER = 16 * 60


def posted_in(ledger: Ledger, url: str, saboteur: Saboteur) -> None:
    """The job `invoices` in one process after another; nothing is ever accrued or reversed twice on the way."""

    def run(app: App) -> bool:
        return perform(app, Job.INVOICES).again_at is None

    def never_twice(_life: int) -> None:
        assert len(ledger.entries()) <= 1, "accrued twice"
        assert len(ledger.reversals()) <= 1, "reversed twice"
        ledger.world.clock.sleep(_LATER)

    live(ledger.world, url, saboteur, run, after=never_twice)


@pytest.mark.parametrize("end", ["posted", "cancelled"])
def test_whatever_breaks_an_accrual_is_posted_and_reversed_once(sqlite, end: str) -> None:
    def story(saboteur: Saboteur) -> None:
        with sqlite.fresh() as url:
            ledger = Ledger(accruing_world(url))
            invoice_id = ledger.prebook("A-1")
            posted_in(ledger, url, saboteur)
            assert (ledger.balance(SUPPLIES), ledger.balance(ACCRUED)) == (100, -100)
            assert ledger.world.in_basware("A-1")["processingStatus"] == "Prebooked"
            if end == "posted":
                ledger.release("A-1")
            else:
                ledger.world.basware.act("ask", invoice_id=invoice_id, request="cancel prebook")
            posted_in(ledger, url, saboteur)
            posted = 100 if end == "posted" else 0
            assert (ledger.balance(SUPPLIES), ledger.balance(ACCRUED), ledger.balance(PAYABLE)) == (posted, 0, -posted)
            assert (len(ledger.entries()), len(ledger.reversals())) == (1, 1)
            assert len({one["externalCode"] for one in ledger.world.in_basware("A-1")["prebookResponses"]}) == 1
            assert ledger.world.check() == []
            ledger.world.database.close()

    assert every_fault(story) > 40
