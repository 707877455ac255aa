"""Links, mapping rules, cached lists and the audit trail."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

import msgspec
import pytest
from sqlalchemy.exc import IntegrityError

from ml_connector.model.mapping import Condition, Dimension, MappingRule
from ml_connector.store import audit, books, links, mappings
from ml_connector.store.books import BookRow
from ml_connector.store.database import Database
from ml_connector.store.errors import MappingConflictError
from ml_connector.store.links import LinkRow
from ml_connector.store.schema import mappings as mapping_table

BILL = LinkRow(
    kind="invoice", basware_id="1", quickbooks_type="Bill", quickbooks_id="145", sync_token="0", doc_number="A-1",
    txn_date="2026-11-02", amount=Decimal("12.30"), currency="USD", content_hash="h",
)  # fmt: skip


def account(rule_id: str, code: str = "", **changes: object) -> MappingRule:
    fields: dict[str, object] = {"id": rule_id, "dimension": Dimension.ACCOUNT, "code": code, "target_id": "7"}
    return MappingRule(**(fields | changes))  # type: ignore[arg-type]


def test_a_link_stored_twice_is_one_and_keeps_its_first_moment(database: Database, north: str, now: datetime) -> None:
    later = now + timedelta(hours=1)
    with database.write() as tx:
        links.put(tx, north, BILL, now)
        links.put(tx, north, msgspec.structs.replace(BILL, sync_token="1", amount=Decimal("12.31")), later)
        (stored,) = links.for_record(tx, north, "invoice", "1")
    expected = {"sync_token": "1", "amount": Decimal("12.31"), "created_at": now, "updated_at": later}
    assert stored == msgspec.structs.replace(BILL, **expected)


def test_one_invoice_can_be_several_transactions(database: Database, north: str, now: datetime) -> None:
    with database.write() as tx:
        links.put(tx, north, msgspec.structs.replace(BILL, part=1, quickbooks_id="146"), now)
        links.put(tx, north, BILL, now)
        assert [link.quickbooks_id for link in links.for_record(tx, north, "invoice", "1")] == ["145", "146"]
        assert links.remove(tx, north, "invoice", "1", 0)
        assert [link.quickbooks_id for link in links.all_of_kind(tx, north, "invoice")] == ["146"]


def test_one_transaction_cannot_be_two_parts_of_an_invoice(database: Database, north: str, now: datetime) -> None:
    with database.write() as tx:
        links.put(tx, north, BILL, now)
    with pytest.raises(IntegrityError), database.write() as tx:
        links.put(tx, north, msgspec.structs.replace(BILL, part=1), now)


def test_one_vendor_can_stand_for_several_suppliers(database: Database, north: str, now: datetime) -> None:
    with database.write() as tx:
        for code in ("S2", "S1"):
            links.put(
                tx, north, LinkRow(kind="vendor", basware_id=code, quickbooks_type="Vendor", quickbooks_id="56"), now
            )
        found = links.by_quickbooks(tx, north, "vendor", "Vendor", "56")
    assert [link.basware_id for link in found] == ["S1", "S2"]


def test_mapping_rules_come_back_as_they_were_in_the_order_they_are_tried(
    database: Database, north: str, now: datetime
) -> None:
    condition = Condition(field="accountCode", low="6000", high="6999")
    rules = [
        account("b", conditions=(condition,), priority=20, note="travel"),
        account("a", conditions=(condition,), priority=20),
        account("c", conditions=(condition, Condition(field="companyCode", equals="100")), priority=10),
        account("d", "6100", target_name="6100 Travel"),
        account("e", is_default=True),
    ]
    with database.write() as tx:
        for number, rule in enumerate(rules, start=1):
            assert mappings.set_rule(tx, north, rule, by="ann", now=now) == number
        mapping = mappings.load(tx, north)
    assert mapping.version == 5
    assert {rule.id: rule for rule in mapping.rules} == {rule.id: rule for rule in rules}
    assert [rule.id for rule in mapping.rules if rule.conditions] == ["c", "a", "b"]


def test_two_rules_cannot_claim_one_code_nor_a_dimension_have_two_defaults(
    database: Database, north: str, now: datetime
) -> None:
    with database.write() as tx:
        mappings.set_rule(tx, north, account("a", "6000"), by="ann", now=now)
        mappings.set_rule(tx, north, account("b", is_default=True), by="ann", now=now)
        for wrong in (account("c", "6000"), account("c", is_default=True)):
            with pytest.raises(MappingConflictError, match=r"set twice, by rule '[ab]' and rule 'c'"):
                mappings.set_rule(tx, north, wrong, by="ann", now=now)
        for fine in (
            account("c", "6000", dimension=Dimension.CLASS),
            account("d", is_default=True, dimension=Dimension.CLASS),
        ):
            mappings.set_rule(tx, north, fine, by="ann", now=now)
        assert mappings.load(tx, north).version == 4


@pytest.mark.parametrize("changes", [{"code": "6000"}, {"is_default": True}])
def test_the_database_itself_refuses_contradicting_rules(
    database: Database, north: str, now: datetime, changes: dict[str, Any]
) -> None:
    with database.write() as tx:
        mappings.set_rule(tx, north, account("a", **changes), by="ann", now=now)
    with database.read() as tx:
        copy = tx.execute(mapping_table.select()).one()._asdict() | {"id": "b"}
    with pytest.raises(IntegrityError), database.write() as tx:
        tx.execute(mapping_table.insert().values(**copy))


@pytest.mark.parametrize(
    "wrong", [account("a"), account("a", "6000", is_default=True), account("a", "", conditions=())]
)
def test_a_rule_must_say_exactly_one_thing(database: Database, north: str, now: datetime, wrong: MappingRule) -> None:
    with (
        database.write() as tx,
        pytest.raises(MappingConflictError, match="either a code, or conditions, or be the default"),
    ):
        mappings.set_rule(tx, north, wrong, by="ann", now=now)


def test_each_change_of_the_mapping_is_remembered_and_no_change_is_none(
    database: Database, north: str, now: datetime
) -> None:
    with database.write() as tx:
        mappings.set_rule(tx, north, account("a", "6000"), by="ann", now=now)
        assert mappings.set_rule(tx, north, account("a", "6000"), by="ann", now=now) == 1
        assert mappings.set_rule(tx, north, account("a", "6000", target_id="8"), by="bob", now=now) == 2
        assert mappings.remove_rule(tx, north, "a", by="cat", now=now)
        assert not mappings.remove_rule(tx, north, "a", by="cat", now=now)
        history = mappings.history(tx, north)
    assert [(entry.version, entry.changed_by) for entry in history] == [(3, "cat"), (2, "bob"), (1, "ann")]
    change = msgspec.json.decode(history[1].change)
    assert change["removed"][0]["target_id"] == "7"
    assert change["added"][0]["target_id"] == "8"


class Looked(MappingRule, frozen=True, eq=False):
    """A rule that counts how often it is compared."""

    times: ClassVar[list[str]] = []

    def __eq__(self, other: object) -> bool:
        self.times.append(self.id)
        return isinstance(other, MappingRule) and other.target_id == self.target_id

    __hash__ = None  # type: ignore[assignment]


def test_a_large_table_is_compared_with_the_mapping_rule_by_rule(database: Database, north: str, now: datetime) -> None:
    def table(target: str) -> list[MappingRule]:
        return [
            Looked(id=f"r{number}", dimension=Dimension.ACCOUNT, target_id=target, code=f"{number}")
            for number in range(600)
        ]

    with database.write() as tx:
        mappings.replace_all(tx, north, table("7"), by="ann", now=now)
        Looked.times.clear()
        assert mappings.replace_all(tx, north, table("8"), by="ann", now=now) == 2
        assert {rule.target_id for rule in mappings.load(tx, north).rules} == {"8"}
    assert len(Looked.times) <= 2 * 600


def test_an_import_replaces_the_mapping_as_one_change(database: Database, north: str, now: datetime) -> None:
    with database.write() as tx:
        for rule in (account("a", "1"), account("b", "2"), account("c", "3")):
            mappings.set_rule(tx, north, rule, by="ann", now=now)
        # Two rules exchange their codes: only taking both away first makes room for both.
        wanted = [account("a", "2"), account("b", "1"), account("c", "3")]
        assert mappings.replace_all(tx, north, wanted, by="ann", now=now) == 4
        assert mappings.replace_all(tx, north, wanted, by="ann", now=now) == 4
        assert {rule.id: rule.code for rule in mappings.load(tx, north).rules} == {"a": "2", "b": "1", "c": "3"}
        with pytest.raises(MappingConflictError, match="id 'a'"):
            mappings.replace_all(tx, north, [account("a", "1"), account("a", "2")], by="ann", now=now)
        assert mappings.replace_all(tx, north, [], by="ann", now=now) == 5
        assert mappings.load(tx, north).rules == ()


def test_a_list_is_refreshed_by_what_changed(database: Database, north: str, now: datetime) -> None:
    def vendor(vendor_id: str, name: str, *, active: bool = True) -> BookRow:
        return BookRow(
            quickbooks_id=vendor_id, payload=f'{{"DisplayName":"{name}"}}', sync_token="1", active=active, name=name
        )

    with database.write() as tx:
        assert books.put_many(tx, north, "Vendor", [vendor("1", "Acme"), vendor("2", "Bolt")], now) == 2
        assert (
            books.put_many(tx, north, "Vendor", [vendor("2", "Bolt (deleted)", active=False), vendor("3", "Cog")], now)
            == 2
        )
        assert books.put_many(tx, north, "Vendor", [], now) == 0
        assert books.put_many(tx, north, "Vendor", [vendor("4", "first"), vendor("4", "last")], now) == 1
        stored = {row.quickbooks_id: row for row in books.all_of(tx, north, "Vendor")}
        assert {key: (row.name, row.active) for key, row in stored.items()} == {
            "1": ("Acme", True),
            "2": ("Bolt (deleted)", False),
            "3": ("Cog", True),
            "4": ("last", True),
        }
        assert stored["3"] == vendor("3", "Cog")
        assert books.mark_deleted(tx, north, "Vendor", ["1", "9"], now, now) == 1
        assert [row.quickbooks_id for row in books.all_of(tx, north, "Vendor")] == ["2", "3", "4"]
        assert books.all_of(tx, north, "Account") == []


def test_a_long_list_is_stored_whole(database: Database, north: str, now: datetime) -> None:
    rows = [BookRow(quickbooks_id=str(number), payload="{}", name=f"Customer {number}") for number in range(12_345)]
    with database.write() as tx:
        assert books.put_many(tx, north, "Customer", rows, now) == 12_345
        assert books.put_many(tx, north, "Customer", reversed(rows), now) == 12_345
        assert len(books.all_of(tx, north, "Customer")) == 12_345


def test_how_far_a_list_was_read_is_remembered(database: Database, north: str, now: datetime) -> None:
    with database.write() as tx:
        assert books.cursor(tx, north, "Vendor") is None
        books.put_cursor(tx, north, "Vendor", "2026-11-01T00:00:00-08:00", now)
        books.put_cursor(tx, north, "Vendor", "2026-11-02T00:00:00-08:00", now + timedelta(days=1))
        cursor = books.cursor(tx, north, "Vendor")
    assert cursor is not None
    assert (cursor.cursor, cursor.refreshed_at) == ("2026-11-02T00:00:00-08:00", now + timedelta(days=1))


def test_the_audit_is_read_newest_first_and_by_what_it_is_about(database: Database, north: str, now: datetime) -> None:
    with database.write() as tx:
        for number, (actor, action, subject) in enumerate(
            [("ann", "hold ignored", "1"), ("worker", "written to QuickBooks", "1"), ("ann", "hold ignored", "2")]
        ):
            audit.record(
                tx, north, at=now + timedelta(minutes=number), actor=actor, action=action, subject=subject, reason="r"
            )

        def subjects(**wanted: object) -> list[tuple[str, str]]:
            return [(row.actor, row.subject) for row in audit.listing(tx, north, **wanted)]  # type: ignore[arg-type]

        assert subjects() == [("ann", "2"), ("worker", "1"), ("ann", "1")]
        assert subjects(subject="1") == [("worker", "1"), ("ann", "1")]
        assert subjects(action="hold ignored", actor="ann") == [("ann", "2"), ("ann", "1")]
        assert subjects(since=now + timedelta(minutes=1)) == [("ann", "2"), ("worker", "1")]
        (newest,) = audit.listing(tx, north, limit=1)
        assert [row.subject for row in audit.listing(tx, north, before_id=newest.id)] == ["1", "1"]
        assert (newest.before, newest.after, newest.reason, newest.request_id, newest.trace) == ("", "", "r", "", "")
