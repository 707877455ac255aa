"""A connected company with accounts to give to Basware, and what Basware made of them."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from elsewhere import post_elsewhere
from ml_connector.store import jobs, outcomes, outgoing
from ml_connector.store.database import Database
from ml_connector.store.outgoing import NewOutgoing
from ml_connector.work.jobs import Job, JobReport
from ml_connector.work.registry import PERFORM
from ml_connector.work.sending.sender import Sent, send_records
from world import World, build_world


def account(code: str, name: str = "Office supplies", **more: Any) -> NewOutgoing:
    """An expense account as Basware is to hold it."""
    body = {
        "externalCode": code,
        "accountCode": f"N{code}",
        "accountNames": [{"language": "en-US", "translation": name}],
        "companies": [{"companyCode": "US10", "inherit": False, "active": True}],
        **more,
    }
    return NewOutgoing(
        resource="accounts",
        external_code=code,
        subject=f"Account {code}",
        name=name,
        body=msgspec.json.encode(body).decode(),
    )


class Sender:
    """The connector giving accounts to Basware, one step at a time."""

    def __init__(self, world: World) -> None:
        self.world = world

    account = staticmethod(account)

    def plan(self, *records: NewOutgoing) -> None:
        """What Basware is to hold from now on."""
        with self.world.database.write() as tx:
            outgoing.plan(tx, self.world.connection_id, records, self.world.clock.now())

    def send(self) -> Sent:
        """Send what is ready, as the job does."""
        desk = self.world.desk()
        desk.take_lease()
        try:
            return send_records(desk, "accounts", label="accounts")
        finally:
            desk.release_lease()

    def hear(self, seconds: float = 61) -> JobReport:
        """Ask Basware some time later what became of it."""
        self.world.clock.advance(seconds)
        desk = self.world.desk()
        desk.take_lease()
        try:
            return PERFORM[Job.OUTCOMES](desk)
        finally:
            desk.release_lease()

    def post_elsewhere(self, record: NewOutgoing) -> None:
        """Another program with all rights gives Basware a record."""
        post_elsewhere(self.world, "/v1/accounts", f"[{record.body}]".encode())

    def rows(self) -> dict[str, outgoing.OutgoingRow]:
        """Every record as it is kept, by external code."""
        with self.world.database.read() as tx:
            return {row.external_code: row for row in outgoing.listing(tx, self.world.connection_id, limit=10_000)}

    def states(self) -> dict[str, str]:
        """How far each record has come."""
        return {code: row.state.value for code, row in self.rows().items()}

    def open_requests(self) -> int:
        """How many calls Basware has still to tell of."""
        with self.world.database.read() as tx:
            return outcomes.still_open(tx, self.world.connection_id).number

    def due(self) -> Any:
        """When the job that sends is to run again by itself."""
        with self.world.database.read() as tx:
            return jobs.get(tx, self.world.connection_id, Job.MASTER_DATA).again_at

    @property
    def in_p2p(self) -> dict[str, Any]:
        """The accounts Purchase-to-Pay has, by external code, in Basware's own books."""
        tenant = next(iter(self.world.basware._world.tenants.values()))
        return {row.key: row.entity for row in tenant.intake.p2p.rows("accounts")}

    def posts(self) -> int:
        """How many calls gave accounts to Basware."""
        tenant = next(iter(self.world.basware._world.tenants.values()))
        return sum(1 for one in tenant.intake.requests.values() if one.entity_type == "Account")


@pytest.fixture
def sender(database: Database) -> Iterator[Sender]:
    """The demo company with nothing given to Basware yet."""
    made = Sender(build_world(database, company="empty"))
    yield made
    assert made.world.basware.check() == []
