"""What is spent on contracts: by orders as they are sent, by spend plans, and by invoices once they are in the ledger.

Source: Basware P2P specification, exportedContracts and exportedContractSpends: each kind is collected only where the contract says
so, spend on an order or plan is a reservation and is exported again with the invoice, a withdrawn spend is marked as cancelled.
"""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from twins.basware.exports import CONTRACTS, SPENDS, hand_over, in_p2p
from twins.basware.state import Record, Tenant, World
from twins.basware.values import to_decimal

_COLLECTED = {"AccountingDocument": "invoiceSpend", "PurchaseOrder": "orderSpend", "SpendPlan": "spendPlanSpend"}
_IDS = uuid.UUID("c0f0a4d2-6a9e-4f0b-8a44-1f3f5f6f2a10")


@dataclass(frozen=True)
class Spend:
    """An amount that one document spends on a contract, in the document's and the company's currency."""

    document_type: str
    document_code: str
    document_number: str
    supplier: Mapping[str, Any]
    net: Decimal
    gross: Decimal
    currency: str
    company_net: Decimal
    company_gross: Decimal
    company_currency: str


def contract_numbered(tenant: Tenant, number: str) -> dict[str, Any] | None:
    """The contract of that number, if it was exported."""
    contracts = in_p2p(tenant, CONTRACTS) if number else ()
    return next((entity for entity in contracts if entity["referenceCode"] == number), None)


def spend_on(world: World, tenant: Tenant, number: str, spend: Spend, *, cancelled: bool = False) -> str:
    """Export what a document spends on the contract of that number; empty where the contract isn't known or doesn't collect it."""
    contract = contract_numbered(tenant, number)
    if contract is None or not contract.get(_COLLECTED[spend.document_type]):
        return ""
    code = uuid.uuid5(_IDS, f"{contract['externalCode']}/{spend.document_type}/{spend.document_code}").hex
    entity = {
        "externalCode": code,
        "contractNumber": contract["referenceCode"],
        "contractExternalCode": contract["externalCode"],
        "companyCode": contract["companyCode"],
        "companyName": contract.get("companyName"),
        **spend.supplier,
        "documentType": spend.document_type,
        "documentExternalCode": spend.document_code,
        "documentNumber": spend.document_number,
        **_sums("Document", spend.net, spend.gross, spend.currency),
        **_sums("Company", spend.company_net, spend.company_gross, spend.company_currency),
        **_in_contract_currency(spend, contract["currencyCode"]),
        "isCancelled": cancelled,
    }
    hand_over(world, tenant, SPENDS, entity)
    update_totals(world, tenant, contract)
    return code


def spend_on_invoice(world: World, tenant: Tenant, record: Record) -> None:
    """What an invoice spends, now that the ledger has it."""
    entity = record.entity
    number = str(entity.get("contractNumber") or "")
    if contract_numbered(tenant, number) is None:
        return
    company = entity.get("currencyCodeCompany") or entity["currencyCode"]
    net, gross = to_decimal(entity.get("netSum")), to_decimal(entity.get("grossSum"))
    spend_on(
        world,
        tenant,
        number,
        Spend(
            "AccountingDocument",
            record.invoice_id,
            str(entity.get("invoiceNumber") or ""),
            {"supplierCode": entity["supplierCode"], "supplierName": entity.get("supplierName")},
            net,
            gross,
            entity["currencyCode"],
            to_decimal(entity["netSumCompany"]) if entity.get("netSumCompany") is not None else net,
            to_decimal(entity["grossSumCompany"]) if entity.get("grossSumCompany") is not None else gross,
            company,
        ),
    )


def spend_on_order(world: World, tenant: Tenant, order: Mapping[str, Any], *, withdrawn: bool = False) -> None:
    """What an order reserves, as it stands; nothing any more once it is cancelled, or its contract was another one."""
    spend = Spend(
        "PurchaseOrder",
        order["externalCode"],
        order["orderNumber"],
        {"supplierCode": order.get("supplierCode"), "supplierName": order.get("supplierName")},
        order["netSum"],
        order["grossSum"],
        order["purchaseCurrency"],
        order["netSumComp"],
        order["grossSumComp"],
        order["companyCurrency"],
    )
    number = str(order.get("contractNumber") or "")
    spend_on(world, tenant, number, spend, cancelled=withdrawn or order["orderStatus"] == "Canceled")


def update_totals(world: World, tenant: Tenant, contract: Mapping[str, Any]) -> None:
    """Add up the spend of a contract by kind of document, and export the contract with it."""
    totals = [_total(kind, list(_valid(tenant, contract["externalCode"], kind))) for kind in _COLLECTED]
    hand_over(world, tenant, CONTRACTS, {**contract, "spendTotals": [total for total in totals if total]})


def _valid(tenant: Tenant, contract: str, kind: str) -> Iterator[dict[str, Any]]:
    for spend in in_p2p(tenant, SPENDS):
        if spend["contractExternalCode"] == contract and spend["documentType"] == kind and not spend["isCancelled"]:
            yield spend


def _total(kind: str, spends: list[dict[str, Any]]) -> dict[str, Any]:
    """The total of one kind; empty without any. The company's gross sum and currency are spelt as Basware spells them."""
    if not spends:
        return {}

    def added(name: str) -> Decimal:
        return sum((to_decimal(spend.get(name)) for spend in spends), Decimal(0))

    return {
        "documentType": kind,
        "netSumContract": added("netSumContract"),
        "grossSumContract": added("grossSumContract"),
        "currencyCodeContract": spends[0].get("currencyCodeContract"),
        "netSumCompany": added("netSumCompany"),
        "grossSumcompany": added("grossSumCompany"),
        "currencyCodecompany": spends[0].get("currencyCodeCompany"),
    }


def _in_contract_currency(spend: Spend, currency: str) -> dict[str, Any]:
    """The sums in the contract's currency, where that is one of those the document knows."""
    if currency == spend.currency:
        return _sums("Contract", spend.net, spend.gross, currency)
    if currency == spend.company_currency:
        return _sums("Contract", spend.company_net, spend.company_gross, currency)
    return {}


def _sums(where: str, net: Decimal, gross: Decimal, currency: str) -> dict[str, Any]:
    return {f"netSum{where}": net, f"grossSum{where}": gross, f"currencyCode{where}": currency}
