"""Many vendors are decided in portions: no difference to the books, and a person who decides meanwhile is not overruled."""

import pytest
from sqlalchemy import event

from ml_connector.work.jobs import Job
from ml_connector.work.registry import PERFORM
from ml_connector.work.tenure import StoppedError
from ml_connector.work.vendors import decisions, planning

pytestmark = pytest.mark.both_databases


def test_portions_of_any_size_come_to_the_same(vendors, monkeypatch):
    monkeypatch.setattr(planning, "PORTION", 3)
    vendors.sync(3)

    assert len(vendors.pairs()) > 2 * planning.PORTION
    for code, pair in vendors.pairs().items():
        assert pair.state.value == "linked"
        assert vendors.in_quickbooks(pair.quickbooks_id)["DisplayName"].removesuffix(" (deleted)") == pair.name
        assert vendors.posted(code)["name"] == pair.name


def test_a_run_stopped_after_every_few_steps_still_comes_to_its_end(vendors, monkeypatch):
    monkeypatch.setattr(planning, "PORTION", 1)
    vendors.perform(Job.CHANGES)
    asked = list[int]()

    def stopping() -> bool:
        asked.append(1)
        return len(asked) % 8 == 0

    stops = 0
    while stops < 40:
        desk = vendors.world.app.desk(vendors.world.connection, job=Job.MASTER_DATA, stopping=stopping)
        desk.take_lease()
        try:
            PERFORM[Job.MASTER_DATA](desk)
            break
        except StoppedError:
            stops += 1
        finally:
            desk.release_lease()
            desk.close()
    assert 0 < stops < 40
    assert {pair.state.value for pair in vendors.pairs().values()} <= {"linked", "create"}
    assert len(vendors.pairs()) > 12


def test_what_a_person_decided_while_vendors_were_compared_stands(vendors, monkeypatch):
    vendors.sync()
    compare = planning.pair_up

    def meanwhile(*everything):
        paired = compare(*everything)
        decisions.unlink(vendors.world.desk(), "V-10012", reason="another branch", actor="anna")
        return paired

    monkeypatch.setattr(planning, "pair_up", meanwhile)
    vendors.act("edit_vendor", id="102", changes={"DisplayName": "Another Branch"})
    vendors.perform(Job.CHANGES)
    vendors.perform(Job.MASTER_DATA)
    assert (vendors.pair("V-10012").state.value, vendors.pair("V-10012").quickbooks_id) == ("review", "")

    monkeypatch.setattr(planning, "pair_up", compare)
    vendors.sync(3)
    assert vendors.posted("V-10012")["name"] == "Corvid Cloud Hosting, Inc."
    assert vendors.pair("V-10012").state.value == "review"


def test_comparing_takes_no_statement_for_each_vendor(vendors):
    vendors.sync(3)
    made = list[str]()
    engine = vendors.world.database.engine
    event.listen(engine, "before_cursor_execute", lambda _c, _u, statement, *_: made.append(statement))
    before = len(made)
    vendors.perform(Job.MASTER_DATA)
    few = len(made) - before
    for number in range(60):
        vendors.new_in_quickbooks(f"Harbor Paper {number} LLC", number=f"V-{3000 + number}")
    vendors.sync(3)
    before = len(made)
    vendors.perform(Job.MASTER_DATA)

    assert len(made) - before <= few + 5
