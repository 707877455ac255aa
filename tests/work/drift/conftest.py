"""A connected company on both databases whose posted invoices somebody tampers with in QuickBooks."""

from collections.abc import Iterator

import pytest

from frozen import copied
from ml_connector.store import alerts
from ml_connector.store.database import Database
from ml_connector.work.drift import deciding
from ml_connector.work.drift.views import DriftCase, cases_of, to_decide
from ml_connector.work.jobs import Job
from ml_connector.work.registry import PERFORM
from paperwork import invoice
from world import World, build_world

ANN = "Ann"


class Tampered:
    """A world, and what a person asks of it about drift."""

    def __init__(self, world: World) -> None:
        self.world = world

    def post(self, number: str, *rows, **changes) -> str:
        """Approve an invoice and have it posted; the QuickBooks id of its one transaction."""
        self.world.approve(invoice(number, *rows, **changes))
        self.world.settle()
        return str(self.world.only_transaction(number)[1]["Id"])

    def look(self) -> None:
        """Read what changed in QuickBooks, as the job does."""
        self.world.clock.advance(120)
        PERFORM[Job.CHANGES](self.world.desk())

    def cases(self, number: str) -> list[DriftCase]:
        return cases_of(self.world.desk(), self.world.row(number))

    def case(self, number: str) -> DriftCase:
        (found,) = self.cases(number)
        return found

    def fields(self, number: str) -> dict[str, tuple[str, str]]:
        return {one.field: (one.ours, one.theirs) for one in self.case(number).differences}

    def decide(self, how: str, number: str, reason: str = "so agreed") -> None:
        desk = self.world.desk()
        getattr(deciding, how)(desk, to_decide(desk, self.world.row(number), None), reason=reason, actor=ANN)

    def alerts(self) -> list[str]:
        with self.world.database.read() as tx:
            return [one.message for one in alerts.listing(tx, self.world.connection_id) if one.kind == "drift"]


@pytest.fixture
def tampered(database: Database) -> Iterator[Tampered]:
    """The demo company, with its changes read once."""

    def looked() -> World:
        office = Tampered(build_world(database, company="empty"))
        office.look()
        return office.world

    office = Tampered(copied(database, "changes read once", looked))
    yield office
    assert office.world.check() == []
