"""What people are shown of contracts: each with what is spent on it and the documents that name it. Read only."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any

import msgspec

from ml_connector.store import contract_documents, copies
from ml_connector.store.copies import CopyContent
from ml_connector.store.database import Tx
from ml_connector.work.desk import Desk
from ml_connector.work.feeds import contracts
from ml_connector.work.feeds.contracts import CONTRACTS, SPENDS
from ml_connector.work.listing import Listing

_ALL = 1_000_000
_INVOICE = "AccountingDocument"
_NUMBER = "referenceCode"


class ContractLine(msgspec.Struct, frozen=True, kw_only=True):
    """A contract. `spent`: net of its invoices, `reserved`: net of its orders and spend plans, which Basware exports again as spent
    with the invoice; both in `currency`, without what is cancelled. `unknown`: spends whose amount Basware gives in another
    currency only, in neither sum. `documents`: invoices that name it."""

    number: str
    external_code: str
    title: str
    company_code: str
    suppliers: tuple[str, ...]
    active: bool
    total: Decimal
    spent: Decimal
    reserved: Decimal
    unknown: int
    currency: str
    documents: tuple[str, ...]
    acknowledged: bool


class SpendLine(msgspec.Struct, frozen=True, kw_only=True):
    """What one document spends on a contract. `net` is in the contract's currency, None where Basware gives it in another one only;
    `document_net` is in `document_currency`, empty where Basware names none. Orders and plans reserve, invoices spend."""

    document_type: str
    document_number: str
    net: Decimal | None
    document_net: Decimal | None
    document_currency: str
    cancelled: bool


class ContractView(msgspec.Struct, frozen=True, kw_only=True):
    """A contract with its spends."""

    contract: ContractLine
    spends: tuple[SpendLine, ...]


def contract_list(desk: Desk, *, text: str = "") -> Listing[str, ContractView]:
    """Contracts, last arrived first, with their spends; `text` is looked for in everything a contract says."""
    found = copies.ordered(desk.connection_id, CONTRACTS, text=text)
    return Listing(desk.database, found, partial(_these, desk))


def _these(desk: Desk, external_ids: Sequence[str]) -> list[ContractView]:
    with desk.database.read() as tx:
        return _views(tx, desk, copies.these(tx, desk.connection_id, CONTRACTS, external_ids))


def contracts_named(desk: Desk, name: str) -> list[ContractView]:
    """Contracts with this external code, or else with this number."""
    with desk.database.read() as tx:
        exact = copies.content(tx, desk.connection_id, CONTRACTS, name)
        if exact is not None:
            return _views(tx, desk, [exact])
        every = copies.listing(tx, desk.connection_id, CONTRACTS, limit=_ALL)
        return _views(tx, desk, [one for one in every if _number(one) == name])


def _views(tx: Tx, desk: Desk, found: Sequence[CopyContent]) -> list[ContractView]:
    """These contracts with their spends and documents, and nothing of any other."""
    numbers = [number for one in found if (number := _number(one))]
    wholes = {contracts.by_code(one.external_id) for one in found} | {contracts.by_number(number) for number in numbers}
    spends = [_fields(one) for one in copies.parts_of(tx, desk.connection_id, SPENDS, wholes)]
    documents = contract_documents.by_contract(tx, desk.connection_id, numbers)
    by_code: dict[str, list[dict[str, Any]]] = {}
    by_number: dict[str, list[dict[str, Any]]] = {}
    for spend in spends:
        if code := _text(spend, "contractExternalCode"):
            by_code.setdefault(code, []).append(spend)
        else:
            by_number.setdefault(_text(spend, "contractNumber"), []).append(spend)
    return [_view(one, by_code, by_number, documents) for one in found]


def _view(
    one: CopyContent,
    by_code: Mapping[str, Sequence[dict[str, Any]]],
    by_number: Mapping[str, Sequence[dict[str, Any]]],
    documents: Mapping[str, Sequence[str]],
) -> ContractView:
    fields = _fields(one)
    number = _text(fields, _NUMBER)
    # Numbers may repeat from company to company, and Basware need not say which contract it means.
    own = [*by_code.get(one.external_id, ()), *(by_number.get(number, ()) if number else ())]
    lines = tuple(_spend(spend, _text(fields, "currencyCode")) for spend in own)
    counted = [spend for spend in lines if not spend.cancelled]
    contract = ContractLine(
        number=number,
        external_code=one.external_id,
        title=_text(fields, "title"),
        company_code=_text(fields, "companyCode"),
        suppliers=tuple(_text(each, "supplierCode") for each in fields.get("suppliers") or ()),
        active=fields.get("active") is True,
        total=_amount(fields.get("total")) or Decimal(0),
        spent=_sum(spend for spend in counted if spend.document_type == _INVOICE),
        reserved=_sum(spend for spend in counted if spend.document_type != _INVOICE),
        unknown=sum(spend.net is None for spend in counted),
        currency=_text(fields, "currencyCode"),
        documents=tuple(documents.get(number, ())),
        acknowledged=one.acknowledged,
    )
    return ContractView(contract=contract, spends=lines)


def _spend(fields: dict[str, Any], currency: str) -> SpendLine:
    in_contracts = _text(fields, "currencyCodeContract") in {"", currency}
    return SpendLine(
        document_type=_text(fields, "documentType"),
        document_number=_text(fields, "documentNumber"),
        net=_amount(fields.get("netSumContract")) if in_contracts else None,
        document_net=_amount(fields.get("netSumDocument")),
        document_currency=_text(fields, "currencyCodeDocument"),
        cancelled=fields.get("isCancelled") is True,
    )


def _number(one: CopyContent) -> str:
    return _text(_fields(one), _NUMBER)


def _sum(spends: Any) -> Decimal:
    return sum((spend.net for spend in spends if spend.net is not None), Decimal(0))


def _fields(one: CopyContent) -> dict[str, Any]:
    fields: dict[str, Any] = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal).decode(one.payload)
    return fields


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    return value if isinstance(value, str) else ""


def _amount(value: object) -> Decimal | None:
    return Decimal(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else None
