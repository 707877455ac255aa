"""The job that gives Basware QuickBooks' lists crashes before and after its steps, and loses answers. In the end Basware has every
record once, and every code leads back.

How it crashes: bench/crashes.py; steps that are this job's own, each where it comes for the first time.
"""

import dataclasses

import pytest

from crashes import Saboteur, every_fault, live, perform
from frozen import copied_at
from ml_connector.app import App
from ml_connector.model.mapping import Dimension
from ml_connector.store.database import Database
from ml_connector.work.jobs import Job
from ml_connector.work.registry import PERFORM
from ml_connector.work.tenure import StoppedError
from sent_lists import SentLists, nothing_in_basware
from world import World, build_world

BOSTON = {
    "externalCode": "old", "costCenterCode": "BOS", "text1": "reviewed",
    "costCenterNames": [{"language": "en-US", "translation": "Boston"}],
    "companies": [{"companyCode": "US10", "active": True}],
}  # fmt: skip


OFF = {
    "accounts": False,
    "classes": "",
    "customers": "",
    "payment_terms": False,
    "tax_codes": False,
    "exchange_rates": False,
}


def begin(database: Database) -> World:
    """A company that gives locations, whose lists were read; Basware has one of them already."""
    firm = SentLists(build_world(database, company=nothing_in_basware(costCenters=[BOSTON]), mapping=False), **OFF)
    firm.do(Job.CHANGES)
    return firm.world


def lived(firm: SentLists, url: str, saboteur: Saboteur) -> None:
    """Send and hear in one process after another, until nothing is left to do, twice in a row."""

    def act(app: App) -> bool:
        sent = perform(app, Job.MASTER_DATA).counts["sent"]
        firm.world.clock.advance(61)
        perform(app, Job.OUTCOMES)
        return not sent and firm.states() <= {"done"}

    def after(life: int) -> None:
        if "sent" in firm.states() and life > 3:
            firm.world.clock.advance(90_000)  # a call that Basware never got is given up after a day

    live(firm.world, url, saboteur, act, after=after)


def right(firm: SentLists) -> None:
    """Whether both books and the mapping are as they have to be."""
    assert firm.states() == {"done"}
    there = [row.entity for row in firm.tenant.intake.p2p.rows("costCenters")]
    assert sorted(one["costCenterCode"] for one in there) == ["1", "3", "4", "5", "BOS"]
    [boston] = [one for one in there if one["costCenterCode"] == "BOS"]
    assert (boston["externalCode"], boston["text1"]) == ("old", "reviewed")
    assert [firm.target(Dimension.LOCATION, code) for code in ("BOS", "5")] == ["2", "5"]
    assert firm.world.check() == []


def test_every_step_may_crash_or_lose_its_answer(sqlite):
    def story(saboteur: Saboteur) -> None:
        with sqlite.fresh() as url:
            firm = SentLists(copied_at(url, "locations to send", begin), **OFF)
            lived(firm, url, saboteur)
            right(firm)
            firm.world.database.close()

    seen: set[tuple[str, str]] = set()

    def strikes(label: str, fault: str) -> bool:
        """The steps of sending and hearing, each where it comes first."""
        parts = ("listed", "dimensions", "sender", "request_status")
        own = "/v1/" in label or any(f" {part}." in label for part in parts)
        first = (label, fault) not in seen
        seen.add((label, fault))
        return own and first

    assert every_fault(story, strikes=strikes) > 8


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
