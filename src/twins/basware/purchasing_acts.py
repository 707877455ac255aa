"""What people do in P2P Purchase: orders, requisitions, contracts and spend plans. Each leaves a record to be exported."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal

from twins.basware.contracts import Spend, contract_numbered, spend_on, spend_on_order, update_totals
from twins.basware.document_acts import owner_named
from twins.basware.exports import CONTRACTS, ORDERS, REQUISITIONS, SPENDS, Export, hand_over, held
from twins.basware.goods_receipts import book
from twins.basware.purchasing import GONE, Rates, order_line, priced, requisition_line, totals
from twins.basware.state import Tenant, World
from twins.basware.values import new_uuid, stamp, to_decimal

_FINAL = frozenset({"Canceled", "Closed"})
_BUYER = {"userName": "Purchase, Pat", "loginAccount": "pat.purchase"}


def purchase_order(
    world: World, *, document: Mapping[str, Any], lines: Sequence[Mapping[str, Any]], tenant: str = ""
) -> str:
    """Send a purchase order to its supplier. What the document leaves out is made up; returns its external code."""
    owner = owner_named(world, tenant)
    header = _order_header(world, document)
    if held(owner, ORDERS, header["externalCode"]):
        raise ValueError(f"there is an order {header['externalCode']} already")
    rows = [order_line(header, number, line) for number, line in enumerate(lines, 1)]
    return _export_order(world, owner, {**header, **totals(rows), "orderLines": rows})


def change_purchase_order(
    world: World,
    *,
    order: str,
    changes: Mapping[str, Any] | None = None,
    lines: Mapping[str, Mapping[str, Any]] | None = None,
    new_lines: Sequence[Mapping[str, Any]] = (),
) -> str:
    """Change fields of an order, fields of its lines (by external code), or add lines. Sums follow, and it is exported again."""
    owner, known = _open_order(world, order)
    header = {**known, **(changes or {})}
    if unknown := set(lines or ()) - {line["externalCode"] for line in known["orderLines"]}:
        raise KeyError(f"order {order} has no line {', '.join(sorted(unknown))}")
    rates = Rates.of(header)
    rows = [priced({**line, **(lines or {}).get(line["externalCode"], {})}, rates) for line in known["orderLines"]]
    rows += [order_line(header, number, line) for number, line in enumerate(new_lines, len(rows) + 1)]
    if header.get("contractNumber") != known.get("contractNumber"):
        spend_on_order(world, owner, known, withdrawn=True)
    return _export_order(world, owner, {**header, **totals(rows), "orderLines": rows})


def confirm_purchase_order(world: World, *, order: str, confirmed: bool = True, note: str = "") -> str:
    """Enter the supplier's answer to an order: confirmed or rejected."""
    status = "SupplierConfirmed" if confirmed else "SupplierRejected"
    owner, known = _open_order(world, order)
    return _export_order(world, owner, {**_with_status(known, status), "noteFromSupplier": note or None})


def cancel_purchase_order(world: World, *, order: str, note: str = "") -> str:
    """Cancel an order and its lines. Raises ValueError once something was received."""
    owner, known = _open_order(world, order)
    if any(line["receivedQuantity"] for line in known["orderLines"]):
        raise ValueError(f"goods were received for order {order}, so it can't be cancelled")
    return _export_order(world, owner, {**_with_status(known, "Canceled"), "cancellationNote": note or None})


def close_purchase_order(world: World, *, order: str) -> str:
    """Close an order: nothing more is expected for it."""
    owner, known = _open_order(world, order)
    return _export_order(world, owner, _with_status(known, "Closed"))


def receive_purchase_order(
    world: World, *, order: str, lines: Mapping[str, Decimal], measure: str = "receivedQuantity", number: str = ""
) -> str:
    """Enter a receipt of goods in P2P's own screen: how much of each line (by external code). Returns the order's code."""
    owner, known = _open_order(world, order)
    code = new_uuid(world.source)
    receipt = {
        "externalCode": code,
        "externalGRNumber": number or f"GR-{code[:8]}",
        "orderExternalCode": known["externalCode"],
        "receiveDate": stamp(world.clock.now()),
        "receiver": {"loginAccount": _BUYER["loginAccount"]},
        "lineReceivings": [
            {"externalCode": f"{code}-{index}", "orderLineExternalCode": line, measure: to_decimal(amount)}
            for index, (line, amount) in enumerate(lines.items(), 1)
        ],
    }
    book(world, owner, receipt)
    return order


def requisition(
    world: World,
    *,
    document: Mapping[str, Any],
    lines: Sequence[Mapping[str, Any]],
    tenant: str = "",
    status: Literal["Approved", "Rejected", "Canceled"] = "Approved",
) -> str:
    """Decide on a purchase requisition, which exports it. What the document leaves out is made up; returns its external code."""
    owner = owner_named(world, tenant)
    now, code = stamp(world.clock.now()), _code(world, document)
    company = document.get("companyCode", "US10")
    header = {
        "requisitionNumber": f"PR-{code[:8]}",
        "requisitionStatus": status,
        "companyCode": company,
        "companyName": f"Company {company}",
        "organizationUnitCode": company,
        "organizationUnitName": f"Company {company}",
        "requisitionCreationTime": now,
        "documentSource": "P2P",
        **_money_and_people(document),
        **document,
        "externalCode": code,
    }
    rows = [requisition_line(header, number, line) for number, line in enumerate(lines, 1)]
    return hand_over(world, owner, REQUISITIONS, {**header, **totals(rows), "lines": rows})


def contract(world: World, *, document: Mapping[str, Any], tenant: str = "") -> str:
    """Put a contract in force that came through the interface. What the document leaves out is made up; returns its code."""
    owner = owner_named(world, tenant)
    code = _code(world, document)
    before = held(owner, CONTRACTS, code)
    entity = {
        "referenceCode": f"C-{code[:8]}",
        "companyCode": "US10",
        "title": "Contract",
        "validFrom": "2026-01-01T00:00:00",
        "validTo": "2026-12-31T00:00:00",
        "total": Decimal(0),
        "amountType": "Net",
        "currencyCode": "USD",
        "owner": _BUYER["userName"],
        "active": True,
        "suppliers": [],
        "orderSpend": True,
        "spendPlanSpend": True,
        "invoiceSpend": True,
        **(before or {}),
        **document,
        "externalCode": code,
    }
    return hand_over(world, owner, CONTRACTS, entity)


def plan_spend(
    world: World,
    *,
    contract: str,
    plan: str,
    net_sum: Decimal,
    gross_sum: Decimal,
    tenant: str = "",
    active: bool = True,
) -> str:
    """Activate a spend plan on the contract of that number, or deactivate it. Returns the spend's code, empty for none."""
    owner = owner_named(world, tenant)
    known = contract_numbered(owner, contract)
    if known is None:
        raise KeyError(f"no contract {contract}")
    currency = known["currencyCode"]
    net, gross = to_decimal(net_sum), to_decimal(gross_sum)
    spend = Spend("SpendPlan", plan, plan, {}, net, gross, currency, net, gross, currency)
    return spend_on(world, owner, contract, spend, cancelled=not active)


def cancel_spend(world: World, *, spend: str) -> str:
    """Withdraw a spend, as when a document was linked to the wrong contract: it is exported again as cancelled."""
    owner, known = _find(world, SPENDS, spend)
    code = hand_over(world, owner, SPENDS, {**known, "isCancelled": True})
    update_totals(world, owner, _find(world, CONTRACTS, known["contractExternalCode"])[1])
    return code


def _find(world: World, export: Export, code: str) -> tuple[Tenant, dict[str, Any]]:
    for tenant in world.tenants.values():
        if found := held(tenant, export, code):
            return tenant, found
    raise KeyError(f"no {export.resource} {code}")


def _open_order(world: World, code: str) -> tuple[Tenant, dict[str, Any]]:
    owner, known = _find(world, ORDERS, code)
    if known["orderStatus"] in _FINAL:
        raise ValueError(f"order {code} is {known['orderStatus']}")
    return owner, known


def _export_order(world: World, owner: Tenant, entity: dict[str, Any]) -> str:
    code = hand_over(world, owner, ORDERS, entity)
    spend_on_order(world, owner, entity)
    return code


def _with_status(known: Mapping[str, Any], status: str) -> dict[str, Any]:
    """An order in another status, its open lines with it."""
    kept = GONE | {"Closed"}
    lines: Iterable[dict[str, Any]] = known["orderLines"]
    rows = [line if line["lineStatus"] in kept else {**line, "lineStatus": status} for line in lines]
    return {**known, "orderStatus": status, "orderLines": rows}


def _order_header(world: World, document: Mapping[str, Any]) -> dict[str, Any]:
    now, code = stamp(world.clock.now()), _code(world, document)
    number = document.get("orderNumber", f"PO-{code[:8]}")
    return {
        "orderNumber": number,
        "requisitionNumber": f"PR-{code[:8]}",
        "orderStatus": "Ordered",
        "orderType": "Standard",
        "documentSource": "P2P",
        "sendingMethod": "Email",
        "requisitionCreationTime": now,
        "orderCreationTime": now,
        "orderExportTimestamp": now,
        "companyCode": "US10",
        "releaseOrdersRequired": False,
        "hidePricesFromSupplier": False,
        **_money_and_people(document),
        **document,
        "externalCode": code,
    }


def _money_and_people(document: Mapping[str, Any]) -> dict[str, Any]:
    currency = document.get("purchaseCurrency", "USD")
    return {
        "purchaseCurrency": currency,
        "companyCurrency": currency,
        "groupCurrency": document.get("companyCurrency", currency),
        "exchangeRateComp": Decimal(1),
        "exchangeRateOrg": Decimal(1),
        "creator": _BUYER,
        "owner": _BUYER,
        "deliveryAddress": {"name": "Main office"},
    }


def _code(world: World, document: Mapping[str, Any]) -> str:
    return str(document.get("externalCode") or new_uuid(world.source).replace("-", ""))


ACTS: Mapping[str, Callable[..., str]] = {
    "purchase_order": purchase_order,
    "change_purchase_order": change_purchase_order,
    "confirm_purchase_order": confirm_purchase_order,
    "cancel_purchase_order": cancel_purchase_order,
    "close_purchase_order": close_purchase_order,
    "receive_purchase_order": receive_purchase_order,
    "requisition": requisition,
    "contract": contract,
    "plan_spend": plan_spend,
    "cancel_spend": cancel_spend,
}
