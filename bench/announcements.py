"""QuickBooks' notices without a network: what changes in a twin becomes notices of the product, when the scene says so.

How a webhook is verified and read is tested elsewhere; here it counts what is done about what it says.
"""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from ml_connector.store import notices
from ml_connector.store.notices import NewNotice
from ml_connector.store.schema import System
from twins.quickbooks.events import Change
from twins.quickbooks.webhook_format import OPERATIONS
from world import World

_WORDS = {"Create": "created", "Update": "updated", "Delete": "deleted", "Merge": "merged", "Void": "voided"}


class Mailbag:
    """Hears of every change in a world's QuickBooks company and delivers notices of them."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.changes: list[Change] = []
        world.quickbooks.companies[world.realm_id].listeners.append(self._hear)

    def _hear(self, change: Change) -> None:
        if change.operation in OPERATIONS.get(change.entity, ()):
            self.changes.append(change)

    def lose(self) -> None:
        """What was announced until now never arrives."""
        self.changes.clear()

    def deliver(self, changes: Sequence[Change] | None = None) -> int:
        """Put what was announced into the product's notices, now; how many."""
        given = list(self.changes if changes is None else changes)
        new = [_notice(change) for change in given]
        with self._world.database.write() as tx:
            notices.add_many(tx, self._world.connection_id, new, self._world.clock.now())
        self.changes = [one for one in self.changes if one not in given]
        return len(new)


def moved(change: Change, seconds: float) -> Change:
    """The same change as another clock of QuickBooks would date it."""
    return replace(change, at=change.at + timedelta(seconds=seconds))


def _notice(change: Change) -> NewNotice:
    return NewNotice(
        system=System.QUICKBOOKS,
        event_id=str(uuid.uuid4()),
        entity=change.entity,
        entity_id=change.record_id,
        operation=_WORDS[change.operation.value],
        merged_id=change.deleted_id,
        occurred_at=change.at,
    )
