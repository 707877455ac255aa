"""The log of calls: newest first, failures apart, and not kept for ever."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event

from ml_connector.store import calls, links
from ml_connector.store.calls import CallRow
from ml_connector.store.database import Database
from ml_connector.store.schema import System


def call(at: datetime, path: str, status: int = 200) -> CallRow:
    return CallRow(
        at=at,
        system=System.QUICKBOOKS,
        method="POST",
        path=path,
        status=status,
        trace="1-abc",
        request_id="r1",
        milliseconds=12,
    )


def test_calls_are_listed_newest_first_with_both_references(
    database: Database, north: str, south: str, now: datetime
) -> None:
    with database.write() as tx:
        calls.record(tx, north, [call(now, "bill"), call(now, "batch")])
        calls.record(tx, north, [])
        assert [row.path for row in calls.listing(tx, north)] == ["batch", "bill"]
        assert calls.listing(tx, north, limit=1)[0] == call(now, "batch")
        assert calls.listing(tx, south) == []


def test_failed_calls_are_those_refused_broken_or_never_answered(database: Database, north: str, now: datetime) -> None:
    with database.write() as tx:
        statuses = {"fine": 200, "nothing there": 404, "refused": 400, "broken": 503, "no answer": 0}
        calls.record(tx, north, [call(now, path, status) for path, status in statuses.items()])
        found = {row.path for row in calls.listing(tx, north, failed_only=True)}
        assert found == {"refused", "broken", "no answer"}


def test_old_calls_are_forgotten_and_the_others_kept(database: Database, north: str, now: datetime) -> None:
    with database.write() as tx:
        calls.record(tx, north, [call(now - timedelta(days=31), "old"), call(now, "new")])
        assert calls.forget_before(tx, north, now - timedelta(days=30)) == 1
        assert [row.path for row in calls.listing(tx, north)] == ["new"]


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_calls_of_a_write_and_links_of_a_number_are_found_by_index_without_statistics(
    database: Database, north: str
) -> None:
    """SQLite is never told how many rows there are: told, it reads the whole outbox for the few of one state. So an index has to
    be the best one by its columns alone. PostgreSQL chooses by the number of rows, and has the same indexes."""
    asked: list[tuple[str, Any]] = []
    with database.read() as tx:
        event.listen(tx, "before_cursor_execute", lambda *said: asked.append((said[2], said[3])))
        calls.with_requests(tx, north, ["r1", "r2"])
        links.numbered(tx, north, "invoice", "145")
        for (statement, values), index in zip(
            list(asked), ("ix_calls_request", "ix_links_number", "ix_links_quickbooks_id"), strict=True
        ):
            plan = [str(row.detail) for row in tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]
            assert index in plan[0], plan
