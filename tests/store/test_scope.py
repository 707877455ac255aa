"""Nothing of one connection is ever seen or changed through another."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy.exc import DBAPIError

from ml_connector.model.mapping import Dimension, MappingRule
from ml_connector.store import (
    audit,
    batches,
    books,
    deliveries,
    document_lists,
    document_rounds,
    documents,
    inbox,
    intents,
    leases,
    links,
    mappings,
    notices,
    own_writes,
    secrets,
    webhook_keys,
)
from ml_connector.store.books import BookRow
from ml_connector.store.database import Database, Tx
from ml_connector.store.intents import NewIntent
from ml_connector.store.links import LinkRow
from ml_connector.store.notices import NewNotice
from ml_connector.store.schema import BatchState, DocumentState, IntentState, NoticeState, Operation, System, metadata
from ml_connector.store.vault import Vault

Arrive = Callable[..., document_rounds.Arrival]


SHARED = {
    "connections": "the registry itself",
    "deliveries": "one webhook call may speak of several companies; its notices are scoped",
    "budgets": "of a QuickBooks company, which several connections may share",
    "message_targets": "one of the whole installation is told of every connection; messages are scoped",
    "budget_slots": "of a QuickBooks company, which several connections may share",
    "people": "somebody may have roles in several connections, and signs in before it is known which they want to see",
    "roles": "a role may count in every connection, also in those added later",
    "sessions": "of a person",
    "welcome_links": "of a person, or of nobody yet",
    "api_tokens": "of a person; what one may do is narrowed to what the person may do",
    "sign_in_tries": "of a login or an address that may be nobody's",
    "provider_tries": "of somebody who is still to show who they are",
    "people_audit": "what was done to people; who is given a role in a connection is in that connection's audit as well",
    "people_audit_chain": "the seal of what was done to people",
    "idempotency_keys": "of whoever calls the API",
}


def test_every_table_belongs_to_a_connection_but_those_that_cannot() -> None:
    for table in metadata.sorted_tables:
        if table.name not in SHARED:
            assert any(key.column.table.name == "connections" for key in table.c.connection_id.foreign_keys), table.name
            assert not table.c.connection_id.nullable, table.name


def test_secrets_are_scoped(database: Database, vault: Vault, north: str, south: str, now: datetime) -> None:
    with database.write() as tx:
        secrets.put(tx, vault, north, "token", "ours", now)
        assert secrets.get(tx, vault, south, "token") is None
        assert secrets.fields(tx, south) == []
        assert not secrets.put_if_version(tx, vault, south, "token", "theirs", 1, now)
        assert not secrets.remove(tx, south, "token")
        assert secrets.fields(tx, north) == ["token"]


def test_the_inbox_is_scoped(database: Database, north: str, south: str, arrive: Arrive) -> None:
    with database.write() as tx:
        arrive(tx, north, "1")
        row = inbox.latest(tx, north, "documents", "1")
        assert row is not None
        assert inbox.get(tx, south, row.id) is None
        assert inbox.latest(tx, south, "documents", "1") is None
        assert inbox.payloads(tx, south, [row.id]) == {}


def test_documents_are_scoped(database: Database, north: str, south: str, arrive: Arrive, now: datetime) -> None:
    with database.write() as tx:
        arrive(tx, north, "1", number="A")
        assert documents.get(tx, south, "1") is None
        assert documents.find(tx, south, "A") is None
        assert documents.in_state(tx, south, list(DocumentState)) == []
        assert document_lists.listing(tx, south, limit=9) == []
        assert document_lists.counts(tx, south) == {}
        assert not documents.set_state(tx, south, "1", DocumentState.HELD, now)
        assert not documents.set_columns(tx, south, "1", now, note="x")
        assert not document_rounds.next_round(tx, south, "1", now, expected="received")
        arrive(tx, south, "1", number="B", content="other")
        ours, theirs = documents.get(tx, north, "1"), documents.get(tx, south, "1")
        assert ours is not None
        assert theirs is not None
        assert (ours.invoice_number, theirs.invoice_number) == ("A", "B")


def test_a_document_cannot_point_into_another_connections_inbox(
    database: Database, north: str, south: str, arrive: Arrive, now: datetime
) -> None:
    with database.write() as tx:
        arrive(tx, north, "1")
        row = inbox.latest(tx, north, "documents", "1")
    assert row is not None
    with pytest.raises(DBAPIError, match=r"(?i)foreign key"), database.write() as tx:
        document_rounds.upsert_received(
            tx,
            south,
            invoice_id="1",
            inbox_id=row.id,
            content_hash="",
            last_updated="",
            acknowledged=False,
            facts=None,
            now=now,
        )


def test_links_are_scoped(database: Database, north: str, south: str, now: datetime) -> None:
    link = LinkRow(kind="vendor", basware_id="S1", quickbooks_type="Vendor", quickbooks_id="56")
    with database.write() as tx:
        links.put(tx, north, link, now)
        assert links.for_record(tx, south, "vendor", "S1") == []
        assert links.all_of_kind(tx, south, "vendor") == []
        assert links.by_quickbooks(tx, south, "vendor", "Vendor", "56") == []
        assert not links.remove(tx, south, "vendor", "S1", 0)
        assert len(links.all_of_kind(tx, north, "vendor")) == 1


def test_mappings_are_scoped(database: Database, north: str, south: str, now: datetime) -> None:
    rule = MappingRule(id="r", dimension=Dimension.ACCOUNT, code="6000", target_id="7")
    with database.write() as tx:
        mappings.set_rule(tx, north, rule, by="ann", now=now)
        assert mappings.load(tx, south).rules == ()
        assert mappings.history(tx, south) == []
        assert not mappings.remove_rule(tx, south, "r", by="bob", now=now)
        assert mappings.replace_all(tx, south, [rule], by="bob", now=now) == 1
        mappings.replace_all(tx, south, [], by="bob", now=now)
        assert mappings.load(tx, north).rules == (rule,)


def test_own_writes_are_scoped(database: Database, north: str, south: str, now: datetime) -> None:
    write = own_writes.OwnWriteRow(entity="Bill", quickbooks_id="1", sync_token="0", written_at=now)
    with database.write() as tx:
        assert own_writes.note(tx, north, write)
        assert own_writes.of_records(tx, south, [("Bill", "1")]) == []
        own_writes.announced(tx, south, [write])
        assert own_writes.forget_old(tx, south, now + timedelta(days=1)) == 0
        assert own_writes.of_records(tx, north, [("Bill", "1")]) == [write]


def test_books_are_scoped(database: Database, north: str, south: str, now: datetime) -> None:
    with database.write() as tx:
        books.put_many(tx, north, "Vendor", [BookRow(quickbooks_id="1", payload="ours")], now)
        books.put_cursor(tx, north, "Vendor", "c", now)
        assert books.all_of(tx, south, "Vendor") == []
        assert books.cursor(tx, south, "Vendor") is None
        assert books.mark_deleted(tx, south, "Vendor", ["1"], now, now) == 0
        assert books.some_of(tx, south, "Vendor", ["1"]) == {}
        assert books.count(tx, south, "Vendor") == 0
        assert books.unseen_since(tx, south, "Vendor", now, "", 9) == []
        assert books.summaries(tx, south) == {}
        books.put_many(tx, south, "Vendor", [BookRow(quickbooks_id="1", payload="theirs")], now)
        assert [row.payload for row in books.all_of(tx, north, "Vendor")] == ["ours"]


def test_the_outbox_is_scoped(database: Database, north: str, south: str, now: datetime) -> None:
    new = NewIntent(
        id="i", system=System.QUICKBOOKS, operation=Operation.CREATE, entity="Bill", body="{}", request_id="i",
        invoice_id="1", subject="S",
    )  # fmt: skip
    with database.write() as tx:
        intents.add(tx, north, new, now)
        assert intents.get(tx, south, "i") is None
        assert intents.ready(tx, south, System.QUICKBOOKS) == []
        assert intents.for_document(tx, south, "1") == []
        assert intents.for_subject(tx, south, Operation.CREATE, "S") == []
        assert intents.busy_documents(tx, south) == set()
        assert intents.mark(tx, south, ["i"], now, expected="ready", state=IntentState.DONE) == 0
        batches.record_batch(tx, north, "b", System.QUICKBOOKS, "{}", ["i"], "w", now)
        assert batches.open_batches(tx, south, System.QUICKBOOKS) == []
        assert batches.intents_of_batch(tx, south, "b") == []
        assert not batches.set_batch(tx, south, "b", now, expected="sending", state=BatchState.DONE)
        intents.mark(tx, north, ["i"], now, expected="sending", state=IntentState.DONE)
        assert intents.ended_count(tx, south, Operation.CREATE, "S") == 0
        assert intents.add(tx, south, new, now)


def test_leases_are_scoped(database: Database, north: str, south: str, now: datetime) -> None:
    with database.write() as tx:
        assert leases.acquire(tx, north, "deliver", "one", now, 60) == 1
        assert not leases.is_current(tx, south, "deliver", 1)
        assert not leases.extend(tx, south, "deliver", 1, now, 60)
        assert not leases.give_back(tx, south, "deliver", 1)
        assert not leases.release(tx, south, "deliver", "one")
        assert leases.acquire(tx, south, "deliver", "two", now, 60) == 1


def test_notices_of_a_delivery_wait_again_for_one_connection_only(
    database: Database, north: str, south: str, now: datetime
) -> None:
    new = NewNotice(system=System.QUICKBOOKS, event_id="e", entity="Bill", entity_id="1", operation="updated")
    with database.write() as tx:
        for connection in (north, south):
            notices.add_many(tx, connection, [new], now)
            ids = [row.id for row in notices.waiting(tx, connection, System.QUICKBOOKS)]
            notices.settle(tx, connection, ids, NoticeState.DONE, now)
        assert deliveries.wait_again(tx, north, System.QUICKBOOKS, ["e"]) == 1
        assert deliveries.wait_again(tx, north, System.BASWARE, ["e"]) == 0
        assert len(notices.waiting(tx, north, System.QUICKBOOKS)) == 1
        assert notices.waiting(tx, south, System.QUICKBOOKS) == []


def test_a_pinned_form_is_one_connections(
    database: Database, vault: Vault, north: str, south: str, now: datetime
) -> None:
    with database.write() as tx:
        for connection in (north, south):
            secrets.put(tx, vault, connection, "basware.webhook_token", "shared", now)
        webhook_keys.pin_form(tx, north, System.BASWARE, "hex", now)
        webhook_keys.pin_form(tx, north, System.BASWARE, "base64", now)
        assert {state.connection_id: state.form for state in webhook_keys.states(tx)} == {north: "hex", south: ""}
        webhook_keys.forget_form(tx, north, System.BASWARE)
        assert {state.form for state in webhook_keys.states(tx)} == {""}


def test_the_audit_is_scoped(database: Database, north: str, south: str, now: datetime) -> None:
    with database.write() as tx:
        audit.record(tx, north, at=now, actor="ann", action="hold ignored", subject="1")
        assert audit.listing(tx, south) == []


def test_totals_are_never_added_across_connections(database: Database, north: str, south: str, arrive: Arrive) -> None:
    def total(tx: Tx, connection_id: str) -> Decimal:
        return document_lists.counts(tx, connection_id)[DocumentState.RECEIVED][1]["USD"]

    with database.write() as tx:
        arrive(tx, north, "1", total="1.00")
        arrive(tx, south, "1", total="2.00", content="other")
        assert (total(tx, north), total(tx, south)) == (Decimal("1.00"), Decimal("2.00"))
