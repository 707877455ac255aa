"""The job crashes before and after each of its steps, loses each answer, sends each request twice: Basware hears everything once.

The steps are those of the crash matrix: every commit to the database and every request.
"""

from itertools import pairwise

import pytest

from crash_matrix import ON_COMMITS, Crash, SabotagedDatabase, SabotagedTransport, Saboteur
from databases import SqliteFiles
from ml_connector.app import App
from ml_connector.work.engine import TRY_LATER
from ml_connector.work.jobs import Job
from ml_connector.work.registry import PERFORM
from ml_connector.work.tenure import LONG, ConnectionBusyError
from paperwork import invoice, line
from payday import Payday, without_code
from world import build_world

FAULTS = ("crash before", "crash after", "answer lost", "sent twice")


def begun(url: str) -> tuple[Payday, list[str]]:
    """One document whose payment was told and is voided by now, and two that are newly paid."""
    payday = Payday(build_world(url, company="empty"))
    documents = payday.posted(*(invoice(f"C-{n}", line("40.00")) for n in range(3)))
    payment = payday.pay(documents[0])
    payday.follow()
    payday.world.act("void_payment", id=payment)
    payday.pay(*documents[1:])
    payday.world.clock.advance(61)
    payday.do(Job.CHANGES)
    return payday, documents


def live(payday: Payday, url: str, saboteur: Saboteur) -> int:
    """Do the job in one process after another, until it went through twice; how many steps it took to the first time."""
    through = steps = 0
    for life in range(12):
        database = SabotagedDatabase.open(url)
        database.saboteur = saboteur
        transport = SabotagedTransport(payday.world.transport, saboteur)
        app = App(database, payday.world.vault, clock=payday.world.clock, transport=transport, worker=f"life {life}")
        try:
            desk = app.desk(app.connection(""))
            desk.take_lease()
            PERFORM[Job.PAYMENTS](desk)
            desk.release_lease()
            through += 1
            steps = steps or len(saboteur.steps)
        except (Crash, ConnectionBusyError, *TRY_LATER):
            pass
        finally:
            database.close()
        if through == 2:
            return steps
        payday.world.clock.sleep(LONG + 1)
    raise AssertionError("the job never went through")


def story(payday: Payday, documents: list[str], url: str, saboteur: Saboteur) -> int:
    steps = live(payday, url, saboteur)
    assert [payday.paid(one) for one in documents] == [payday.truth(one) for one in documents] == [0, 40, 40]
    assert [len(payday.responses(one)) for one in documents] == [2, 1, 1]
    assert {payday.state(one) for one in documents} == {"told"}
    for one in documents:
        told = [without_code(response) for response in payday.responses(one)]
        assert all(before != after for before, after in pairwise(told))
    return steps


def is_struck(label: str, fault: str) -> bool:
    """Requests are struck by every fault; commits by a crash, but those that only prolong the lease."""
    if not label.startswith("commit"):
        return True
    return fault in ON_COMMITS and not label.startswith(("commit: desk.", "commit: tenure."))


@pytest.mark.parametrize("fault", FAULTS)
def test_whatever_happens_at_any_step_every_payment_is_told_once(sqlite: SqliteFiles, fault: str):
    first = Saboteur()
    with sqlite.fresh() as url:
        last = story(*begun(url), url, first)
    steps = [n for n, label in enumerate(first.steps[:last]) if is_struck(label, fault)]
    assert len(steps) >= (12 if fault in ON_COMMITS else 3)
    for number in steps:
        with sqlite.fresh() as url:
            payday, documents = begun(url)
            story(payday, documents, url, Saboteur(number, fault))
            payday.world.database.close()
