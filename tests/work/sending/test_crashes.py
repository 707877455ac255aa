"""The job that gives Basware QuickBooks' lists crashes before and after its steps, and loses answers. In the end Basware has every
record once, and every code leads back.

The steps are those of the crash matrix, commits and requests, as far as they are this job's own and come for the first time.
"""

import dataclasses

import pytest

from crash_matrix import ON_COMMITS, Crash, SabotagedDatabase, SabotagedTransport, Saboteur
from ml_connector.app import App
from ml_connector.model.mapping import Dimension
from ml_connector.work.engine import TRY_LATER
from ml_connector.work.jobs import Job
from ml_connector.work.registry import PERFORM
from ml_connector.work.tenure import LONG, ConnectionBusyError, StoppedError
from sent_lists import SentLists, nothing_in_basware
from world import build_world

FAULTS = ("crash before", "crash after", "answer lost", "sent twice")
BOSTON = {
    "externalCode": "old", "costCenterCode": "BOS", "text1": "reviewed",
    "costCenterNames": [{"language": "en-US", "translation": "Boston"}],
    "companies": [{"companyCode": "US10", "active": True}],
}  # fmt: skip


def begin(url: str) -> SentLists:
    """A company that gives locations, whose lists were read; Basware has one of them already."""
    off = {
        "accounts": False,
        "classes": "",
        "customers": "",
        "payment_terms": False,
        "tax_codes": False,
        "exchange_rates": False,
    }
    firm = SentLists(build_world(url, company=nothing_in_basware(costCenters=[BOSTON]), mapping=False), **off)
    firm.do(Job.CHANGES)
    return firm


def live(firm: SentLists, url: str, saboteur: Saboteur) -> None:
    """Send and hear in one process after another, until nothing is left to do, twice in a row."""
    quiet = 0
    for life in range(30):
        database = SabotagedDatabase.open(url)
        database.saboteur = saboteur
        transport = SabotagedTransport(firm.world.transport, saboteur)
        app = App(database, firm.world.vault, clock=firm.world.clock, transport=transport, worker=f"life {life}")
        try:
            sent = _do(app, Job.MASTER_DATA).counts["sent"]
            firm.world.clock.advance(61)
            _do(app, Job.OUTCOMES)
            quiet = quiet + 1 if not sent and firm.states() <= {"done"} else 0
        except (Crash, ConnectionBusyError, *TRY_LATER):
            quiet = 0
        finally:
            database.close()
        if quiet == 2:
            return
        firm.world.clock.sleep(LONG + 1)
        if "sent" in firm.states() and life > 3:
            firm.world.clock.advance(90_000)  # a call that Basware never got is given up after a day
    raise AssertionError("it never came to an end")


def _do(app: App, job: Job):
    desk = app.desk(app.connection(""))
    desk.take_lease()
    report = PERFORM[job](desk)
    desk.release_lease()
    return report


def right(firm: SentLists) -> None:
    """Whether both books and the mapping are as they have to be."""
    assert firm.states() == {"done"}
    there = [row.entity for row in firm.tenant.intake.p2p.rows("costCenters")]
    assert sorted(one["costCenterCode"] for one in there) == ["1", "3", "4", "5", "BOS"]
    [boston] = [one for one in there if one["costCenterCode"] == "BOS"]
    assert (boston["externalCode"], boston["text1"]) == ("old", "reviewed")
    assert [firm.target(Dimension.LOCATION, code) for code in ("BOS", "5")] == ["2", "5"]
    assert firm.world.check() == []


def steps_of_a_quiet_day(sqlite) -> list[str]:
    saboteur = Saboteur()
    with sqlite.fresh() as url:
        firm = begin(url)
        live(firm, url, saboteur)
        right(firm)
        firm.world.database.close()
    return list(saboteur.steps)


def own_steps(steps: list[str]) -> dict[int, str]:
    """The steps of sending and hearing, each where it comes first, by number."""
    first: dict[str, int] = {}
    for number, label in enumerate(steps):
        if "/v1/" in label or any(
            f" {part}." in label for part in ("listed", "dimensions", "sender", "request_status")
        ):
            first.setdefault(label, number)
    return {number: label for label, number in first.items()}


@pytest.mark.parametrize("fault", FAULTS)
def test_every_step_may_crash_or_lose_its_answer(sqlite, fault):
    told = 0
    for number, label in own_steps(steps_of_a_quiet_day(sqlite)).items():
        if label.startswith("commit") and fault not in ON_COMMITS:
            continue
        with sqlite.fresh() as url:
            firm = begin(url)
            live(firm, url, Saboteur(number, fault))
            right(firm)
            firm.world.database.close()
        told += 1
    assert told >= 4


def test_a_load_that_was_stopped_goes_on_where_it_was(sqlite):
    with sqlite.fresh() as url:
        firm = SentLists(build_world(url, company=nothing_in_basware(), mapping=False))
        firm.do(Job.CHANGES)
        looks = iter(range(1000))
        desk = dataclasses.replace(firm.world.desk(), stopping=lambda: next(looks) > 4)
        desk.take_lease()
        with pytest.raises(StoppedError):
            PERFORM[Job.MASTER_DATA](desk)
        desk.release_lease()
        assert firm.states() > {"ready"}
        stopped_at = len(firm.rows())

        firm.go()
        assert firm.states() == {"done"}
        assert len(firm.rows()) > stopped_at > 0
        firm.world.database.close()
