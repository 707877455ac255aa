"""The job crashes before and after each of its steps, loses each answer, sends each request twice: Basware hears everything once.

How it crashes: bench/crashes.py.
"""

from itertools import pairwise

from crashes import Saboteur, every_fault, live, perform
from databases import SqliteFiles
from frozen import copied_at
from ml_connector.app import App
from ml_connector.store.database import Database
from ml_connector.work.jobs import Job
from paperwork import invoice, line
from payday import Payday, without_code
from world import World, build_world


def begun(database: Database) -> World:
    """One document whose payment was told and is voided by now, and two that are newly paid."""
    payday = Payday(build_world(database, company="empty"))
    documents = payday.posted(*(invoice(f"C-{n}", line("40.00")) for n in range(3)))
    payment = payday.pay(documents[0])
    payday.follow()
    payday.world.act("void_payment", id=payment)
    payday.pay(*documents[1:])
    payday.world.clock.advance(61)
    payday.do(Job.CHANGES)
    return payday.world


def struck(saboteur: Saboteur, sqlite: SqliteFiles) -> None:
    """The job is done until it went through twice; then everybody knows of every payment, and was told once."""
    with sqlite.fresh() as url:
        payday = Payday(copied_at(url, "payments to tell", begun))
        documents = [payday.world.in_basware(f"C-{n}")["invoiceId"] for n in range(3)]

        def act(app: App) -> bool:
            perform(app, Job.PAYMENTS)
            return True

        live(payday.world, url, saboteur, act)
        assert [payday.paid(one) for one in documents] == [payday.truth(one) for one in documents] == [0, 40, 40]
        assert [len(payday.responses(one)) for one in documents] == [2, 1, 1]
        assert {payday.state(one) for one in documents} == {"told"}
        for one in documents:
            told = [without_code(response) for response in payday.responses(one)]
            assert all(before != after for before, after in pairwise(told))
        payday.world.database.close()


def test_whatever_happens_at_any_step_every_payment_is_told_once(sqlite: SqliteFiles):
    def strikes(label: str, _fault: str) -> bool:
        return not label.startswith(("commit: desk.", "commit: tenure."))  # those only prolong the lease

    assert every_fault(lambda saboteur: struck(saboteur, sqlite), strikes=strikes) > 30
