"""Extracts that Basware counts as delivered and that are not here: those a person asked for from a day on, and those that failed.

Basware offers an acknowledged extract no more by itself, but keeps it for a year (Data Access manual). So one that could not be
loaded stays due here until it is loaded, a later complete one makes it needless, or Basware has it no longer.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from ml_connector.basware.extracts import Extract, ExtractsClient
from ml_connector.store import alerts
from ml_connector.store import extracts as store
from ml_connector.store.database import Tx
from ml_connector.store.extracts import ExtractRow
from ml_connector.store.schema import ExtractState, Severity
from ml_connector.work.desk import Desk
from ml_connector.work.feeds.reading_again import ReadingAgain

ALERT = "extract"
"""The alert of an extract that could not be loaded; its subject is the extract's id."""

HERE = frozenset({ExtractState.LOADED, ExtractState.ACKNOWLEDGED})
"""States of extracts whose rows are here."""


def delivered_elsewhere(
    desk: Desk, client: ExtractsClient, waiting: Sequence[Extract], again: ReadingAgain | None
) -> tuple[Extract, ...]:
    """Acknowledged extracts that are to be loaded all the same. `waiting`: what Basware offers by itself.

    One whose end cannot be read is among them when a person asks: loading it says so. Raises what the client raises.
    """
    offered = {one.id for one in waiting}
    with desk.database.read() as tx:
        left = {row.extract_id: row for row in store.failed(tx, desk.connection_id) if row.extract_id not in offered}
    if again is None and not left:
        return ()
    exported = [one for one in client.exported() if one.id not in offered]
    _settle_gone(desk, [row for row in left.values() if row.extract_id not in {one.id for one in exported}])
    return tuple(one for one in exported if one.id in left or _is_asked_for(desk, one, again))


def _is_asked_for(desk: Desk, extract: Extract, again: ReadingAgain | None) -> bool:
    if again is None or not (extract.as_of is None or extract.as_of >= again.since):
        return False
    with desk.database.read() as tx:
        row = store.get(tx, desk.connection_id, extract.id)
    return row is None or row.state not in HERE


def _settle_gone(desk: Desk, rows: Collection[ExtractRow]) -> None:
    """What Basware neither offers nor keeps any more cannot be loaded: say what to do instead, unless nothing has to be done."""
    now = desk.clock.now()
    for row in rows:
        with desk.write(durable=True) as tx:
            floor = store.newest_initial(tx, desk.connection_id)
            problem = f"{row.problem.rstrip('.')}. Basware has it no longer"
            store.set_state(tx, desk.connection_id, row.extract_id, ExtractState.GONE, now, problem=problem)
            if row.as_of is not None and floor is not None and row.as_of <= floor:
                alerts.clear(tx, desk.connection_id, kind=ALERT, subject=row.extract_id, now=now)
                continue
            message = (
                f"The extract {row.extract_id} ({row.kind}, up to {row.end_date}) could not be loaded, and Basware has it no "
                f"longer. {row.problem.rstrip('.')}. Order a complete extract (Initial) in Basware: it brings everything, and "
                "this alert goes once it is loaded."
            )
            alerts.raise_(
                tx, desk.connection_id, kind=ALERT, subject=row.extract_id, message=message,
                severity=Severity.ERROR, now=now,
            )  # fmt: skip


def settle_needless(tx: Tx, desk: Desk, as_of: datetime) -> None:
    """A complete extract was loaded: whatever Basware has no longer of before that moment is not missed any more."""
    for row in store.gone(tx, desk.connection_id, until=as_of):
        alerts.clear(tx, desk.connection_id, kind=ALERT, subject=row.extract_id, now=desk.clock.now())
