"""Of two versions of a QuickBooks record the newer one is kept, whoever stores it last, and a deleted record stays deleted."""

from datetime import datetime, timedelta

import pytest

from ml_connector.store import books
from ml_connector.store.books import BookRow
from ml_connector.store.database import Database


@pytest.fixture
def later(now: datetime) -> datetime:
    return now + timedelta(minutes=5)


def _bill(token: str, as_of: datetime | None, name: str = "") -> BookRow:
    return BookRow(quickbooks_id="145", payload="{}", sync_token=token, as_of=as_of, name=name or f"version {token}")


def _kept(database: Database, connection: str) -> BookRow:
    with database.read() as tx:
        return books.some_of(tx, connection, "Bill", ["145"])["145"]


def _put(database: Database, connection: str, now: datetime, *rows: BookRow, afresh: bool = False) -> None:
    for row in rows:
        with database.write() as tx:
            books.put_many(tx, connection, "Bill", [row], now, afresh=afresh)


def test_an_older_version_that_arrives_late_is_not_kept(
    database: Database, north: str, now: datetime, later: datetime
) -> None:
    _put(database, north, now, _bill("10", now), _bill("9", later))

    assert _kept(database, north).sync_token == "10"


def test_of_one_version_the_state_seen_last_is_kept(
    database: Database, north: str, now: datetime, later: datetime
) -> None:
    _put(database, north, now, _bill("3", later, "paid"), _bill("3", now, "open"))

    assert _kept(database, north).name == "paid"


def test_a_company_set_back_to_an_older_state_is_taken_as_it_is_when_somebody_asks_for_that(
    database: Database, north: str, now: datetime, later: datetime
) -> None:
    _put(database, north, now, _bill("10", now))

    _put(database, north, now, _bill("4", later), afresh=True)

    assert _kept(database, north).sync_token == "4"


def test_a_deleted_record_is_not_revived_by_what_was_read_before(
    database: Database, north: str, now: datetime, later: datetime
) -> None:
    _put(database, north, now, _bill("1", now))
    with database.write() as tx:
        assert books.mark_deleted(tx, north, "Bill", ["145"], later, now) == 1
        assert books.mark_deleted(tx, north, "Bill", ["145"], later, now) == 0

    _put(database, north, now, _bill("2", now))

    kept = _kept(database, north)
    assert (kept.deleted, kept.sync_token) == (True, "1")


def test_a_record_seen_after_it_was_said_to_be_deleted_is_there(
    database: Database, north: str, now: datetime, later: datetime
) -> None:
    _put(database, north, now, _bill("1", now))
    with database.write() as tx:
        books.mark_deleted(tx, north, "Bill", ["145"], now, now)

    _put(database, north, now, _bill("1", later))

    assert not _kept(database, north).deleted


def test_a_record_seen_after_a_deletion_was_asked_about_stays(
    database: Database, north: str, now: datetime, later: datetime
) -> None:
    _put(database, north, now, _bill("1", later))

    with database.write() as tx:
        assert books.mark_deleted(tx, north, "Bill", ["145"], now, now) == 0

    assert not _kept(database, north).deleted


def test_what_a_merged_record_became_part_of_is_noted_even_if_its_end_was_known(
    database: Database, north: str, now: datetime, later: datetime
) -> None:
    _put(database, north, now, _bill("1", now))
    with database.write() as tx:
        books.mark_deleted(tx, north, "Bill", ["145"], now, now)
        assert books.mark_deleted(tx, north, "Bill", ["145"], later, now, merged_into="7") == 1

    assert _kept(database, north).merged_into == "7"


def test_how_far_an_entity_was_read_never_goes_back(database: Database, north: str, now: datetime) -> None:
    with database.write() as tx:
        books.put_cursor(tx, north, "Bill", "2026-11-02T08:00:00+00:00", now)
        books.put_progress(tx, north, "Bill", "page 3", now)
        assert books.cursors(tx, north)["Bill"].progress == "page 3"
        books.put_cursor(tx, north, "Bill", "2026-11-01T08:00:00+00:00", now)
        kept = books.cursors(tx, north)["Bill"]

    assert (kept.cursor, kept.progress) == ("2026-11-02T08:00:00+00:00", "")
