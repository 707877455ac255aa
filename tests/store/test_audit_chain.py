"""The chains over the audits: nothing that was sealed can be changed or removed unseen, whoever writes beside whoever seals."""

import threading
from datetime import datetime

import msgspec
import pytest
from sqlalchemy import text

from ml_connector.store import audit, people
from ml_connector.store.audit_chain import Chain, Verdict
from ml_connector.store.database import Database


def write(database: Database, connection_id: str, now: datetime, *subjects: str) -> None:
    with database.write() as tx:
        for one in subjects:
            audit.record(tx, connection_id, at=now, actor="Ada", action="decided", subject=one, reason="because")


def seal(database: Database, connection_id: str) -> int:
    with database.write() as tx:
        return Chain(connection_id).seal(tx)


def check(database: Database, connection_id: str, expected: tuple[int, str] | None = None) -> Verdict:
    with database.read() as tx:
        return Chain(connection_id).verify(tx, expected)


@pytest.fixture
def sealed(database: Database, north: str, south: str, now: datetime) -> Database:
    """Five sealed entries in the north, one in the south."""
    write(database, north, now, "a", "b")
    write(database, south, now, "z")
    assert (seal(database, north), seal(database, south)) == (2, 1)
    write(database, north, now, "c", "d", "e")
    assert (seal(database, north), seal(database, north)) == (3, 0)
    return database


def test_what_nobody_touched_is_as_it_was(sealed: Database, north: str, south: str, now: datetime) -> None:
    before = check(sealed, north)
    assert (before.sealed, before.position, before.unsealed, before.problems) == (5, 5, 0, ())
    write(sealed, north, now, "f")
    assert check(sealed, north).unsealed == 1
    seal(sealed, north)
    assert check(sealed, north, (before.position, before.hash)).problems == ()
    assert check(sealed, south).sealed == 1


@pytest.mark.parametrize(
    ("forgery", "found"),
    [
        ("UPDATE audit SET reason = 'another' WHERE subject = 'c'", "is not what was sealed"),
        ("UPDATE audit SET actor = 'Bob' WHERE subject = 'a'", "is not what was sealed"),
        ("DELETE FROM audit WHERE subject = 'b'", "is gone"),
        (
            "UPDATE audit SET subject = CASE subject WHEN 'd' THEN 'e' ELSE 'd' END WHERE subject IN ('d', 'e')",
            "not what",
        ),
        ("DELETE FROM audit_chain WHERE position = 2", "are gone"),
        ("UPDATE audit_chain SET hash = 'f00d' WHERE position = 3", "is not what was sealed"),
    ],
)
def test_whatever_is_forged_shows(sealed: Database, north: str, forgery: str, found: str) -> None:
    with sealed.write() as tx:
        tx.execute(text(forgery))
    problems = check(sealed, north).problems
    assert problems
    assert any(found in one for one in problems)


def test_a_chain_cut_off_at_its_end_shows_against_a_head_that_was_noted_down(sealed: Database, north: str) -> None:
    noted = check(sealed, north)
    with sealed.write() as tx:
        tx.execute(text("DELETE FROM audit WHERE subject = 'e'"))
        tx.execute(text("DELETE FROM audit_chain WHERE position = 5"))
    assert check(sealed, north).problems == ()
    (problem,) = check(sealed, north, (noted.position, noted.hash)).problems
    assert "cut off or written anew" in problem


@pytest.fixture
def peoples(database: Database, north: str, now: datetime) -> Database:
    """Three sealed entries of what was done to people, beside one of the north."""
    write(database, north, now, "a")
    for subject in ("ann", "bea", "cai"):
        note(database, now, subject)
    assert (seal(database, ""), seal(database, "")) == (3, 0)
    return database


def note(database: Database, now: datetime, *subjects: str) -> None:
    with database.write() as tx:
        for one in subjects:
            people.note(tx, at=now, actor="Ada", action="role given", subject=one, detail="viewer", address="::1")


@pytest.mark.parametrize(
    ("forgery", "found"),
    [
        ("UPDATE people_audit SET detail = 'administrator' WHERE subject = 'bea'", "is not what was sealed"),
        ("DELETE FROM people_audit WHERE subject = 'bea'", "is gone"),
        ("DELETE FROM people_audit_chain WHERE position = 2", "are gone"),
    ],
)
def test_what_was_done_to_people_is_sealed_in_the_same_way(peoples: Database, forgery: str, found: str) -> None:
    with peoples.write() as tx:
        tx.execute(text(forgery))
    assert any(found in one for one in check(peoples, "").problems)


def test_an_audit_that_was_written_and_sealed_anew_shows_against_the_hash_that_was_noted_down(
    peoples: Database, now: datetime
) -> None:
    noted = check(peoples, "")
    note(peoples, now, "dee")
    seal(peoples, "")
    assert check(peoples, "", (0, noted.hash)).problems == ()
    with peoples.write() as tx:
        tx.execute(text("UPDATE people_audit SET detail = 'administrator' WHERE subject = 'bea'"))
        tx.execute(text("DELETE FROM people_audit_chain"))
    seal(peoples, "")
    assert check(peoples, "").problems == ()
    (problem,) = check(peoples, "", (0, noted.hash)).problems
    assert "cut off or written anew" in problem


@pytest.mark.parametrize("whose", ["a connection", "people"])
def test_writers_and_sealers_beside_each_other_leave_one_whole_chain(
    database: Database, north: str, now: datetime, whose: str
) -> None:
    chain = north if whose == "a connection" else ""
    start, failed = threading.Barrier(6), list[BaseException]()

    def work(number: int) -> None:
        start.wait()
        try:
            for turn in range(8):
                if number % 2:
                    seal(database, chain)
                elif chain:
                    write(database, chain, now, f"{number}-{turn}", f"{number}-{turn}+")
                else:
                    note(database, now, f"{number}-{turn}", f"{number}-{turn}+")
        except BaseException as error:  # noqa: BLE001 - told below, in the test's own thread
            failed.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert failed == []
    seal(database, chain)
    found = check(database, chain)
    assert (found.sealed, found.unsealed, found.problems) == (48, 0, ())


def test_an_entry_whose_transaction_ends_late_is_sealed_later(database: Database, north: str, now: datetime) -> None:
    write(database, north, now, "early", "late", "last")
    with database.write() as tx:
        rows = {row.subject: row for row in audit.listing(tx, north)}
        tx.execute(text("DELETE FROM audit WHERE subject = 'late'"))  # as others see it while its transaction is open
    seal(database, north)
    with database.write() as tx:
        tx.execute(audit.audit.insert().values(**msgspec.structs.asdict(rows["late"])))
    assert seal(database, north) == 1
    found = check(database, north)
    assert (found.sealed, found.problems) == (3, ())
