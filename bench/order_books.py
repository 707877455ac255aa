"""Purchase orders, their bills and contracts as both twins' own books have them, in a form that two runs can be compared by.

Left out is what says when and how often something was written, not what: time stamps, sync tokens, and the mark by which records
are told apart that are sent again unchanged.
"""

from collections.abc import Mapping
from typing import Any

from ml_connector.rules.marker import find_marker
from world import World

_WHEN = frozenset({"MetaData", "SyncToken", "lastUpdated", "created", "transferDate", "text10"})
_EXPORTED = ("exportedPurchaseOrders", "exportedContracts", "exportedContractSpends")

Books = dict[str, Any]


def order_books(world: World) -> Books:
    """What both systems have of orders, bills and contracts, by kind."""
    quickbooks = world.quickbooks.books(world.realm_id)
    tenant = next(iter(world.basware._world.tenants.values()))
    heads = [row.entity for row in tenant.intake.p2p.rows("matchingOrders")]
    lines = [row.entity for head in heads for row in tenant.intake.p2p.lines(head["externalCode"])]
    exported = {
        name: {code: one.entity for code, one in tenant.intake.records(name).stored.items()} for name in _EXPORTED
    }
    documents = {one["invoiceId"]: one for one in world.basware.documents()}
    return {
        "PurchaseOrder": _timeless(quickbooks["PurchaseOrder"]),
        "Bill": _timeless(quickbooks["Bill"]),
        "matchingOrders": _timeless(heads),
        "matchingOrderLines": _timeless(lines),
        **_timeless(exported),
        "accountingDocuments": _timeless(documents),
    }


def _timeless(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _timeless(one) for name, one in value.items() if name not in _WHEN}
    if isinstance(value, list | tuple):
        return [_timeless(one) for one in value]
    return value


def given_differences(world: World) -> list[str]:
    """Where QuickBooks' own orders and those of Purchase-to-Pay differ: number, status, lines and their amounts."""
    tenant = next(iter(world.basware._world.tenants.values()))
    heads = {_last(row.entity["externalCode"]): row.entity for row in tenant.intake.p2p.rows("matchingOrders")}
    orders = {
        one["Id"]: one
        for one in world.quickbooks.books(world.realm_id)["PurchaseOrder"]
        if find_marker(one.get("PrivateNote", "")) is None
    }
    found = list[str]()
    for key in sorted(heads.keys() | orders.keys()):
        head, order = heads.get(key), orders.get(key)
        if head is None:
            found += [f"order {key} is not in Basware"] if order is not None and order["POStatus"] == "Open" else []
            continue
        rows = [row.entity for row in tenant.intake.p2p.lines(head["externalCode"])]
        there = {_last(row["externalCode"]): row["netSum"] for row in rows if not row["isDeleted"]}
        wanted: Books = {"number": head["orderNumber"], "closed": True, "lines": {}}
        if order is not None:
            lines = {line["Id"]: line["Amount"] for line in order["Line"]}
            number = order.get("DocNumber") or order["Id"]
            wanted = {"number": number, "closed": order["POStatus"] == "Closed", "lines": lines}
        got = {"number": head["orderNumber"], "closed": head["isClosed"], "lines": there}
        found += differences(got, wanted, f"order {key}")
    return found


def taken_differences(world: World) -> list[str]:
    """Where the orders that Basware exported and those in QuickBooks' own books differ: how many, status, and the sum."""
    tenant = next(iter(world.basware._world.tenants.values()))
    made: dict[str, list[dict[str, Any]]] = {}
    for one in world.quickbooks.books(world.realm_id)["PurchaseOrder"]:
        if (marker := find_marker(one.get("PrivateNote", ""))) is not None:
            made.setdefault(marker.invoice_id, []).append(one)
    found = list[str]()
    for code, kept in tenant.intake.records("exportedPurchaseOrders").stored.items():
        order, there = kept.entity, made.get(code, [])
        over = order["orderStatus"] in {"Canceled", "Closed", "SupplierRejected"}
        if len(there) != 1:
            found += [f"{code} is in QuickBooks {len(there)} times"] if there or not over else []
            continue
        live = [line["netSum"] for line in order["orderLines"] if line["lineStatus"] not in {"Canceled", "Deleted"}]
        if live and sum(live) != there[0]["TotalAmt"]:
            found.append(f"{code} comes to {sum(live)} in Basware and to {there[0]['TotalAmt']} in QuickBooks")
        if over and there[0]["POStatus"] != "Closed":
            found.append(f"{code} is {order['orderStatus']} in Basware and open in QuickBooks")
    return found


def billed_differences(world: World) -> list[str]:
    """Where what Basware matched with order lines and what QuickBooks' bills take of them differ. A bill without any link is left
    to the product, which has to tell of it."""
    books = world.quickbooks.books(world.realm_id)
    lines = {
        (order["Id"], line["Id"]): (order["DocNumber"], _number_in_basware(world, order, line))
        for order in books["PurchaseOrder"]
        for line in order["Line"]
    }
    documents = {one["invoiceId"]: one for one in world.basware.documents()}
    found = list[str]()
    for bill in books["Bill"]:
        marker = find_marker(bill.get("PrivateNote", ""))
        taken: dict[tuple[str, str], Any] = {}
        for line in bill["Line"]:
            for link in line["LinkedTxn"]:
                key = lines[link["TxnId"], link["TxnLineId"]]
                taken[key] = taken.get(key, 0) + line["Amount"]
        if marker is None or not taken:
            continue
        matched: dict[tuple[str, str], Any] = {}
        for row in documents[marker.invoice_id]["codingRows"]:
            if row.get("orderNumber"):
                key = row["orderNumber"], row["orderLineNumber"]
                matched[key] = matched.get(key, 0) + row["netTotal"]
        found += differences(_named(taken), _named(matched), bill["DocNumber"])
    return found


def _number_in_basware(world: World, order: Books, line: Books) -> str:
    """The number Basware knows a line under: of an order that it has from QuickBooks as it stands there, else by the order of the
    lines, each of which has one coding row."""
    tenant = next(iter(world.basware._world.tenants.values()))
    for head in tenant.intake.p2p.rows("matchingOrders"):
        if _last(head.entity["externalCode"]) == order["Id"]:
            rows = [row.entity for row in tenant.intake.p2p.lines(head.entity["externalCode"])]
            return next(str(row["lineNumber"]) for row in rows if _last(row["externalCode"]) == line["Id"])
    return str(line["LineNum"])


def _named(sums: Mapping[tuple[str, str], Any]) -> Books:
    return {f"{order} line {number}": amount for (order, number), amount in sums.items()}


def _last(code: str) -> str:
    """The QuickBooks id in one of our own keys."""
    return code.rpartition("-")[2]


def differences(got: Any, wanted: Any, where: str = "") -> list[str]:
    """Where two such books differ, each place with what is there and what was to be; empty when they are equal."""
    if isinstance(got, Mapping) and isinstance(wanted, Mapping):
        names = dict.fromkeys([*wanted, *got])
        return [
            one
            for name in names
            for one in differences(got.get(name, "nothing"), wanted.get(name, "nothing"), f"{where}/{name}")
        ]
    if isinstance(got, list) and isinstance(wanted, list) and len(got) == len(wanted):
        pairs = enumerate(zip(got, wanted, strict=True))
        return [one for number, pair in pairs for one in differences(*pair, f"{where}/{number}")]
    return [] if got == wanted else [f"{where}: {got!r} instead of {wanted!r}"]
