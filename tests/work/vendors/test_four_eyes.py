"""Bank details that money goes to take two people, whichever way the first one went and however close the second comes."""

from threading import Thread

import pytest

from ml_connector.model.mapping import Dimension
from ml_connector.model.people import PROGRAM
from ml_connector.store import vendor_pairs
from ml_connector.work import mapping_tables
from ml_connector.work.decisions import DecisionError
from ml_connector.work.lists import load_books
from ml_connector.work.vendors import decisions
from ml_connector.work.vendors.keeping import bank_digest
from ml_connector.work.vendors.pairing import join, store_joined
from vendor_scenes import Vendors, bank

CODE = "V-10011"


@pytest.fixture
def waiting(vendors: Vendors) -> Vendors:
    """New bank details wait for approval."""
    vendors.edit(CODE, lambda one: one.update(paymentMeans=bank("021-1")))
    vendors.sync()
    vendors.edit(CODE, lambda one: one.update(paymentMeans=bank("666-9")))
    vendors.sync()
    return vendors


def approve(vendors: Vendors, actor: str, seen: str | None = None) -> None:
    decisions.approve_bank(vendors.world.desk(), CODE, reason="called them", actor=actor, seen=seen)


@pytest.mark.parametrize("linked_by", ["anna", f"anna{PROGRAM}robot)"])
@pytest.mark.parametrize("approved_by", ["anna", f"anna{PROGRAM}robot)", f"anna{PROGRAM}another robot)"])
def test_a_token_is_not_a_second_person(waiting: Vendors, linked_by: str, approved_by: str) -> None:
    decisions.link(waiting.world.desk(), CODE, waiting.pair(CODE).quickbooks_id, actor=linked_by)

    with pytest.raises(DecisionError, match="somebody else"):
        approve(waiting, approved_by)
    approve(waiting, f"ben{PROGRAM}robot)")


def test_who_says_by_a_rule_who_a_vendor_is_does_not_approve_its_bank_details(waiting: Vendors) -> None:
    desk = waiting.world.desk()
    rule = mapping_tables.rule_for_code(load_books(desk), Dimension.VENDOR, CODE, waiting.pair(CODE).quickbooks_id, "")
    mapping_tables.set_rule(desk, rule, actor="anna")

    with pytest.raises(DecisionError, match="somebody else"):
        approve(waiting, "anna")
    approve(waiting, "ben")


def test_details_that_came_after_somebody_looked_are_not_approved_with_those_they_saw(waiting: Vendors) -> None:
    seen = bank_digest(waiting.pair(CODE))
    waiting.edit(CODE, lambda one: one.update(paymentMeans=bank("999-0")))
    waiting.sync()

    with pytest.raises(DecisionError, match="changed since you looked"):
        approve(waiting, "ben", seen)
    approve(waiting, "ben", bank_digest(waiting.pair(CODE)))


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
def test_of_linking_and_approving_at_the_same_moment_by_one_person_one_fails(waiting: Vendors) -> None:
    """SQLite has one writer at a time; on PostgreSQL the vendor's row decides who comes first."""
    desk, own, said = waiting.world.desk(), waiting.world.connection_id, list[str]()

    def approving() -> None:
        try:
            approve(waiting, "anna")
        except DecisionError as error:
            said.append(str(error))

    with waiting.world.database.write() as tx:
        pair = vendor_pairs.held_fast(tx, own, [CODE])[CODE]
        made, joined = join(pair, pair.quickbooks_id, "linked by anna", by="anna")
        other = Thread(target=approving)
        other.start()
        while other.is_alive() and not _somebody_waits(waiting):
            other.join(0.01)
        store_joined(tx, desk, [joined])
        vendor_pairs.put_many(tx, own, [made], desk.clock.now())
    other.join()

    assert len(said) == 1
    assert "somebody else" in said[0]
    assert waiting.pair(CODE).bank_found


def _somebody_waits(vendors: Vendors) -> bool:
    with vendors.world.database.read() as tx:
        return bool(tx.exec_driver_sql("SELECT count(*) FROM pg_locks WHERE NOT granted").scalar_one())
