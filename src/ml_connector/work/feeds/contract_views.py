"""What people are shown of contracts: each with what is spent on it and the documents that name it. Read only."""

from decimal import Decimal
from typing import Any

import msgspec

from ml_connector.store import contract_documents, copies
from ml_connector.store.copies import CopyContent
from ml_connector.store.database import Tx
from ml_connector.work.desk import Desk
from ml_connector.work.feeds.contracts import CONTRACTS, SPENDS

_ALL = 100_000


class ContractLine(msgspec.Struct, frozen=True, kw_only=True):
    """A contract. `spent`: net, in `currency`, of all spends that are not cancelled. `documents`: invoices that name it."""

    number: str
    external_code: str
    title: str
    company_code: str
    suppliers: tuple[str, ...]
    active: bool
    total: Decimal
    spent: Decimal
    currency: str
    documents: tuple[str, ...]
    acknowledged: bool


class SpendLine(msgspec.Struct, frozen=True, kw_only=True):
    """What one document spends on a contract; `net` in the contract's currency. Orders and plans reserve, invoices spend."""

    document_type: str
    document_number: str
    net: Decimal
    cancelled: bool


class ContractView(msgspec.Struct, frozen=True, kw_only=True):
    """A contract with its spends."""

    contract: ContractLine
    spends: tuple[SpendLine, ...]


def contract_views(desk: Desk, *, text: str = "") -> list[ContractView]:
    """Contracts, last arrived first, with their spends; `text` is looked for in everything a contract says."""
    with desk.database.read() as tx:
        found = copies.listing(tx, desk.connection_id, CONTRACTS, text=text, limit=_ALL)
        spends = [_fields(one) for one in copies.listing(tx, desk.connection_id, SPENDS, limit=_ALL)]
        return [_view(tx, desk, one, spends) for one in found]


def _view(tx: Tx, desk: Desk, one: CopyContent, spends: list[dict[str, Any]]) -> ContractView:
    fields = _fields(one)
    number = str(fields.get("referenceCode") or "")
    own = tuple(
        SpendLine(
            document_type=str(spend.get("documentType") or ""),
            document_number=str(spend.get("documentNumber") or ""),
            net=_amount(spend.get("netSumContract")),
            cancelled=spend.get("isCancelled") is True,
        )
        for spend in spends
        if spend.get("contractNumber") == number
    )
    line = ContractLine(
        number=number,
        external_code=one.external_id,
        title=str(fields.get("title") or ""),
        company_code=str(fields.get("companyCode") or ""),
        suppliers=tuple(str(each.get("supplierCode")) for each in fields.get("suppliers") or ()),
        active=fields.get("active") is True,
        total=_amount(fields.get("total")),
        spent=sum((spend.net for spend in own if not spend.cancelled), Decimal(0)),
        currency=str(fields.get("currencyCode") or ""),
        documents=tuple(name or id_ for name, id_ in contract_documents.naming(tx, desk.connection_id, number)),
        acknowledged=one.acknowledged,
    )
    return ContractView(contract=line, spends=own)


def _fields(one: CopyContent) -> dict[str, Any]:
    fields: dict[str, Any] = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal).decode(one.payload)
    return fields


def _amount(value: object) -> Decimal:
    return Decimal(value) if isinstance(value, (int, Decimal)) else Decimal(0)
