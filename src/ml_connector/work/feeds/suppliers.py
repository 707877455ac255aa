"""Suppliers as Basware's Data Access shows them, imported and typed in alike: typed access to the rows of ADM_SUPPLIER."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from ml_connector.store import extracts
from ml_connector.store.database import Tx
from ml_connector.work.feed_settings import SupplierColumns

TABLE = "ADM_SUPPLIER"
_NO = frozenset({"0", "false", "n", "no", "f"})


class Supplier(msgspec.Struct, frozen=True, kw_only=True):
    """One supplier for one company. Texts are empty where Basware has none; one that does not say so is active."""

    id: str
    code: str
    name: str
    organization: str
    source_system: str
    origin: str
    active: bool
    payment_denied: bool
    payment_term: str
    currency: str
    email: str
    street: str
    city: str
    postal_code: str
    country: str
    tax_id: str
    last_updated: str


def suppliers(tx: Tx, connection_id: str, columns: SupplierColumns = SupplierColumns()) -> Iterator[Supplier]:  # noqa: B008
    """Every supplier, one at a time, in the order of their keys."""
    for row in extracts.rows_of(tx, connection_id, TABLE):
        values = msgspec.json.decode(row.payload)
        texts = {name: _text(values, getattr(columns, name)) for name in SupplierColumns.__struct_fields__}
        active, denied = texts.pop("active"), texts.pop("payment_denied")
        yield Supplier(
            active=active.lower() not in _NO, payment_denied=bool(denied) and denied.lower() not in _NO, **texts
        )


def _text(values: Mapping[str, Any], column: str) -> str:
    value = values.get(column)
    return "" if value is None else re.sub(r"\s+", " ", str(value)).strip()
