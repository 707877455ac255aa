"""A world whose changes in QuickBooks are followed, and how far its copies are from QuickBooks' own books.

Used by the tests of reading and by `make outage`.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from announcements import Mailbag
from ml_connector.quickbooks import wire
from ml_connector.store import books as book_store
from ml_connector.store import jobs, notices
from ml_connector.store.books import BookRow
from ml_connector.store.schema import NoticeState, System
from ml_connector.work.changes.reading import read_changes
from ml_connector.work.jobs import JobReport
from world import World


@dataclass
class Followed:
    """A world with the job `changes`, and questions a test asks about it."""

    world: World
    mail: Mailbag

    def read(self) -> JobReport:
        """Run the job once, as the engine does: a good run is noted."""
        report = read_changes(self.world.desk())
        now = self.world.clock.now()
        with self.world.database.write() as tx:
            jobs.change(tx, self.world.connection_id, "changes", now, finished_at=now, succeeded_at=now)
        return report

    def read_announced(self) -> JobReport:
        """Deliver what was announced, let it get quiet, and read."""
        self.mail.deliver()
        self.world.clock.advance(self.world.desk().settings.changes.quiet_seconds)
        return self.read()

    def calls(self, act: Callable[[], Any]) -> dict[str, int]:
        """How many calls of each kind QuickBooks gets from something."""
        before = Counter(self.world.quickbooks.calls)
        act()
        return {kind: number for kind, number in (Counter(self.world.quickbooks.calls) - before).items() if number}

    def copy(self, entity: str, key: str) -> BookRow | None:
        """The copy of a record, None if there is none."""
        with self.world.database.read() as tx:
            return book_store.some_of(tx, self.world.connection_id, entity, [key]).get(key)

    def known(self, entity: str, key: str) -> BookRow:
        """The copy of a record that there is."""
        found = self.copy(entity, key)
        assert found is not None, f"no copy of {entity} {key}"
        return found

    def states(self) -> dict[NoticeState, int]:
        """How many notices are in each state."""
        with self.world.database.read() as tx:
            return notices.counts(tx, self.world.connection_id, System.QUICKBOOKS)

    def differences(self) -> list[str]:
        """Where the copies are not what QuickBooks' own books say."""
        return differences(self.world)


def differences(world: World) -> list[str]:
    """Where the copies of what is watched are not what QuickBooks' own books say."""
    own = world.quickbooks.books(world.realm_id)
    wrong = list[str]()
    for entity in world.desk().settings.changes.captured:
        with world.database.read() as tx:
            kept = {row.quickbooks_id: row for row in book_store.all_of(tx, world.connection_id, entity)}
        theirs = {record["Id"]: record for record in own.get(entity, ())}
        wrong += [f"{entity} {key} is not known" for key in theirs.keys() - kept.keys()]
        wrong += [f"{entity} {key} is gone" for key in kept.keys() - theirs.keys()]
        for key in theirs.keys() & kept.keys():
            ours = wire.decode(kept[key].payload.encode())
            if (ours["SyncToken"], _text(ours)) != (theirs[key]["SyncToken"], _text(theirs[key])):
                wrong.append(f"{entity} {key} differs")
    return wrong


def _text(record: dict[str, Any]) -> tuple[Any, ...]:
    names = ("DisplayName", "Name", "DocNumber", "PrivateNote", "Active", "TotalAmt", "TxnDate", "VendorRef")
    return tuple(str(record.get(name)) for name in names)
