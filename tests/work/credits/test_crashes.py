"""The job crashes before and after each of its steps, loses each answer, sends each request twice: each credit is used once.

How it crashes: bench/crashes.py.
"""

from tests.work.credits.conftest import APPLY, Clerk, credit_note

from crashes import Saboteur, every_fault, live, perform
from databases import SqliteFiles
from frozen import copied_at
from ml_connector.app import App
from ml_connector.store.database import Database
from ml_connector.work.jobs import Job
from world import World, build_world


def begun(database: Database) -> World:
    """A posted bill, and a credit note that names it."""
    clerk = Clerk(build_world(database, company="empty", policy=APPLY))
    clerk.bill("A-1", "1000.00")
    clerk.world.approve(credit_note("C-1", "90.00", names="A-1"))
    return clerk.world


def struck(saboteur: Saboteur, sqlite: SqliteFiles) -> None:
    """A credit note is taken over, posted and applied; then bill and credit say so, each once."""
    with sqlite.fresh() as url:
        clerk = Clerk(copied_at(url, "a credit to use", begun))

        def act(app: App) -> bool:
            perform(app, Job.INVOICES)
            return True

        live(clerk.world, url, saboteur, act)
        clerk.world.settle()
        assert len(clerk.payments()) == 1
        assert (clerk.open_of("A-1"), clerk.open_of("C-1")) == (910, 0)
        assert (clerk.credit("C-1").state, clerk.told()) == ("applied", [])
        assert clerk.world.check() == []
        clerk.world.database.close()


def test_whatever_happens_at_any_step_every_credit_is_used_once(sqlite: SqliteFiles):
    def strikes(label: str, _fault: str) -> bool:
        return not label.startswith(("commit: desk.", "commit: tenure."))  # those only prolong the lease

    assert every_fault(lambda saboteur: struck(saboteur, sqlite), strikes=strikes) > 30
