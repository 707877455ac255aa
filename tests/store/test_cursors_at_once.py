"""How far an entity is known never goes back, whoever moves it at the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import datetime

import pytest

from ml_connector.store import books
from ml_connector.store.database import Database

EARLIER, LATER = "2026-11-01T08:00:00+00:00", "2026-11-02T08:00:00+00:00"


@pytest.mark.parametrize("move", [books.put_cursor, books.move_cursor])
def test_of_two_that_move_a_cursor_at_once_the_later_moment_stays(
    database: Database, north: str, now: datetime, move: Callable[..., None]
) -> None:
    with database.write() as tx:
        books.put_cursor(tx, north, "Bill", "2026-10-01T08:00:00+00:00", now)

    def fall_behind() -> None:
        with database.write() as tx:
            move(tx, north, "Bill", EARLIER, now)

    with ThreadPoolExecutor(1) as pool:
        with database.write() as tx:
            move(tx, north, "Bill", LATER, now)
            slower = pool.submit(fall_behind)
            # However slow the machine: waiting too shortly can only hide a fault, never report one that is not there.
            wait([slower], timeout=0.5)
        slower.result(timeout=60)
    with database.read() as tx:
        known = books.cursor(tx, north, "Bill")
    assert known is not None
    assert known.cursor == LATER


def test_a_fraction_of_a_second_is_later_than_the_whole_second(database: Database, north: str, now: datetime) -> None:
    """Whatever language the database sorts texts by."""
    with database.write() as tx:
        books.put_cursor(tx, north, "Bill", "2026-11-01T08:00:00.500000+00:00", now)
        books.put_cursor(tx, north, "Bill", EARLIER, now)
        known = books.cursor(tx, north, "Bill")
    assert known is not None
    assert known.cursor == "2026-11-01T08:00:00.500000+00:00"
