"""Two connections side by side, a vault, and an invoice that arrives: what most tests of the store begin with."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from ml_connector.model.documents import AccountingDocument
from ml_connector.model.holds import Hold
from ml_connector.store import connections, document_rounds, inbox
from ml_connector.store.database import Database, Tx
from ml_connector.store.vault import MasterKeys, Vault

Arrive = Callable[..., document_rounds.Arrival]


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 11, 2, 8, 30, tzinfo=UTC)


@pytest.fixture
def vault() -> Vault:
    return Vault(MasterKeys(b"k" * 32))


@pytest.fixture
def north(database: Database, now: datetime) -> str:
    """The id of a connection."""
    with database.write() as tx:
        return connections.add(tx, connection_id="c-north", name="North", settings="{}", now=now).id


@pytest.fixture
def south(database: Database, now: datetime) -> str:
    """The id of another connection in the same database."""
    with database.write() as tx:
        return connections.add(tx, connection_id="c-south", name="South", settings="{}", now=now).id


@pytest.fixture
def arrive(now: datetime) -> Arrive:
    """Lets an invoice arrive from Basware, through the inbox."""

    def arrival(
        tx: Tx,
        connection_id: str,
        invoice_id: str,
        *,
        content: str = "first",
        number: str = "",
        total: str | None = "100.00",
        currency: str = "USD",
        supplier: str = "Acme",
        holds: tuple[Hold, ...] = (),
    ) -> document_rounds.Arrival:
        inbox_id, _ = inbox.store(
            tx, connection_id, feed="documents", external_id=invoice_id, content_hash=content, last_updated=content,
            payload=content, received_at=now,
        )  # fmt: skip
        facts = AccountingDocument(
            invoice_id=invoice_id, company_code="100", supplier_code="S1", supplier_name=supplier, currency=currency,
            processing_status="WaitingForTransfer", content_hash=content, invoice_number=number or f"N-{invoice_id}",
            gross_sum=None if total is None else Decimal(total),
        )  # fmt: skip
        return document_rounds.upsert_received(
            tx, connection_id, invoice_id=invoice_id, inbox_id=inbox_id, content_hash=content, last_updated=content,
            acknowledged=False, facts=None if holds else facts, holds=holds, now=now,
        )  # fmt: skip

    return arrival
