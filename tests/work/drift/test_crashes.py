"""Noticing and restoring crash before and after each step, and lose each answer: brought back once, never twice, never forgotten.

How they crash: bench/crashes.py.
"""

from decimal import Decimal
from functools import partial

import pytest

from crashes import Saboteur, every_fault, live
from frozen import copied_at
from ml_connector.app import App
from ml_connector.store.database import Database
from ml_connector.work.drift import deciding
from ml_connector.work.drift.views import cases_of, to_decide
from ml_connector.work.jobs import Job
from ml_connector.work.registry import PERFORM
from paperwork import invoice
from world import World, build_world

FAULTS = ("crash after", "answer lost", "sent twice")
"""A crash before a step is one after the step before it."""


def begin(database: Database, act: str) -> World:
    """A posted bill of 100.00 that somebody changed or deleted, which nobody has noticed yet."""
    world = build_world(database, company="empty")
    PERFORM[Job.CHANGES](world.desk())
    world.approve(invoice("A-1"))
    world.settle()
    bill = world.only_transaction("A-1")[1]["Id"]
    if act == "delete":
        world.act("delete", entity="Bill", id=bill)
    else:
        world.act("change_bill", id=bill, amount="120.00")
    world.clock.advance(120)
    return world


def noticed_and_restored(world: World, app: App) -> None:
    """Notice, decide and restore, as a person would who is there all the time."""
    desk = app.desk(app.connection(""))
    desk.take_lease()
    PERFORM[Job.CHANGES](desk)
    row = world.row("A-1")
    if [one.state for one in cases_of(desk, row)] == ["open"]:
        deciding.restore(desk, to_decide(desk, row, None), reason="typed by mistake", actor="Ann")
    PERFORM[Job.INVOICES](desk)
    desk.release_lease()


@pytest.mark.parametrize("act", ["change", "delete"])
def test_whatever_breaks_a_restoration_is_done_once(sqlite, act) -> None:
    def story(saboteur: Saboteur) -> None:
        with sqlite.fresh() as url:
            world = copied_at(url, ("a bill to restore", act), partial(begin, act=act))

            def restored(app: App) -> bool:
                noticed_and_restored(world, app)
                return True

            def never_twice(_life: int) -> None:
                assert len(world.posted("A-1")) <= 1, "posted twice"

            live(world, url, saboteur, restored, after=never_twice)
            _, bill = world.only_transaction("A-1")
            assert Decimal(str(bill["TotalAmt"])) == 100
            (case,) = cases_of(world.desk(), world.row("A-1"))
            assert case.state in {"restored", "undone"}
            assert case.quickbooks_id == bill["Id"] or case.state == "undone"
            assert len(world.answers("A-1")) == 1
            assert world.check() == []
            world.database.close()

    def strikes(label: str, fault: str) -> bool:
        # a question that changed nothing: the commit after it is the same crash
        return not ("GET" in label and fault == "crash after")

    assert every_fault(story, FAULTS, strikes) > 40
