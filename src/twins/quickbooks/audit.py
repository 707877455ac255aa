"""Checks a company's books against themselves: what must hold whatever anybody sent.

Everything is computed anew from the records and compared with what the twin keeps and shows.
"""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from twins.quickbooks import orders
from twins.quickbooks.catalogue import ENTITIES, Entity
from twins.quickbooks.company import Company
from twins.quickbooks.indexes import name_of
from twins.quickbooks.ledger import Posting, Target, applications, payable_amount, postings, signed
from twins.quickbooks.values import ZERO, Json, amount_of

_TRANSACTIONS = ("Bill", "VendorCredit", "JournalEntry", "BillPayment")

Ledger = dict[Target, list[Posting]]


def violations(company: Company) -> list[str]:
    """Everything that is wrong with the books, in words; empty when they are sound."""
    ledger: Ledger = {
        (kind, key): postings(kind, record, company)
        for kind in _TRANSACTIONS
        for key, record in company.tables[kind].records.items()
    }
    return [
        *_transactions(company, ledger),
        *_kept_totals(company, ledger),
        *_vendors(company, ledger),
        *_open_amounts(company),
        *_order_links(company),
        *_names(company),
    ]


def _transactions(company: Company, ledger: Ledger) -> Iterator[str]:
    """Each transaction balances, in its own currency and in home currency, and stands on accounts that exist."""
    for (kind, key), lines in ledger.items():
        amount = sum((each.debit - each.credit for each in lines), ZERO)
        home = sum((each.home for each in lines), ZERO)
        if amount:
            yield f"{kind} {key} does not balance: {amount}"
        if home:
            yield f"{kind} {key} does not balance in home currency: {home}"
        for each in lines:
            if company.get("Account", each.account) is None:
                yield f"{kind} {key} posts to account {each.account}, which does not exist"
            if each.payable and company.get("Vendor", each.vendor) is None:
                yield f"{kind} {key} owes vendor {each.vendor or 'nobody'}, who does not exist"
        if company.books.booked.get((kind, key), []) != lines:
            yield f"{kind} {key} is booked otherwise than it stands"


def _kept_totals(company: Company, ledger: Ledger) -> Iterator[str]:
    """The trial balance is zero, and running totals are what the postings come to; nothing is booked that is gone."""
    by_account: dict[str, Decimal] = defaultdict(Decimal)
    by_vendor: dict[str, Decimal] = defaultdict(Decimal)
    for each in (posting for lines in ledger.values() for posting in lines):
        by_account[each.account] += each.home
        if each.payable:
            by_vendor[each.vendor] += each.credit - each.debit
    books = company.books
    if trial := sum(books.by_account.values(), ZERO):
        yield f"the trial balance is {trial}"
    for kind, key in books.booked.keys() - ledger.keys():
        yield f"{kind} {key} is booked, but does not exist"
    for what, kept, found in (("account", books.by_account, by_account), ("vendor", books.by_vendor, by_vendor)):
        for key in sorted({*kept, *found}):
            if kept.get(key, ZERO) != found.get(key, ZERO):
                yield f"{what} {key} is kept at {kept.get(key, ZERO)}, but its postings come to {found.get(key, ZERO)}"


def _vendors(company: Company, ledger: Ledger) -> Iterator[str]:
    """What the ledger owes a vendor is open bills less credits, entries, and what payments did not apply."""
    owed: dict[str, Decimal] = defaultdict(Decimal)
    still_open: dict[str, Decimal] = defaultdict(Decimal)
    for each in (posting for lines in ledger.values() for posting in lines):
        if each.payable:
            owed[each.vendor] += each.credit - each.debit
    for kind, sign in (("Bill", 1), ("VendorCredit", -1)):
        for record in company.tables[kind].records.values():
            still_open[record["VendorRef"]["value"]] += sign * amount_of(record, "Balance")
    for entry in company.tables["JournalEntry"].records.values():
        for vendor in {each.vendor for each in ledger["JournalEntry", entry["Id"]] if each.payable}:
            still_open[vendor] += payable_amount(company, entry, vendor)
    for payment in company.tables["BillPayment"].records.values():
        vendor = payment["VendorRef"]["value"]
        still_open[vendor] -= amount_of(payment, "TotalAmt")
        for target, amount in applications(payment):
            if target[0] != "JournalEntry":
                still_open[vendor] += signed(company, vendor, target, amount)
    for vendor in sorted({*owed, *still_open}):
        if owed[vendor] != still_open[vendor]:
            yield f"the ledger owes vendor {vendor} {owed[vendor]}, but {still_open[vendor]} is open"


def _open_amounts(company: Company) -> Iterator[str]:
    """Totals are those of the lines, and what is open of each bill and credit is its total less what payments settle."""
    applied: dict[Target, Decimal] = defaultdict(Decimal)
    payments: dict[Target, set[str]] = defaultdict(set)
    for payment in company.tables["BillPayment"].records.values():
        for target, amount in applications(payment):
            applied[target] += amount
            payments[target].add(payment["Id"])
    if dict(applied) != company.applied:
        yield "what payments settle is kept otherwise than they say"
    for kind in ("Bill", "VendorCredit"):
        for key, record in company.tables[kind].records.items():
            lines = sum((amount_of(line, "Amount") for line in record["Line"]), ZERO)
            total = lines + amount_of(record.get("TxnTaxDetail", {}), "TotalTax")
            if total != amount_of(record, "TotalAmt"):
                yield f"{kind} {key} shows a total of {record['TotalAmt']}, but its lines come to {total}"
            expected = amount_of(record, "TotalAmt") - applied[kind, key]
            if expected != amount_of(record, "Balance") or expected < 0:
                yield f"{kind} {key} shows {record['Balance']} open, expected {expected}"
    for target, keys in payments.items():
        settled = company.get(*target)
        if settled is None:
            yield f"a payment settles {target[0]} {target[1]}, which does not exist"
        elif keys != {link["TxnId"] for link in settled.get("LinkedTxn", ()) if link["TxnType"] == "BillPaymentCheck"}:
            yield f"{target[0]} {target[1]} does not show the payments that settle it"
        elif target[0] == "JournalEntry":
            vendor = company.tables["BillPayment"].records[min(keys)]["VendorRef"]["value"]
            if applied[target] > abs(payable_amount(company, settled, vendor)):
                yield f"payments settle more of JournalEntry {target[1]} than it owes vendor {vendor}"


def _order_links(company: Company) -> Iterator[str]:
    """Bills and orders name each other, and a bill's lines name lines of an order of the same vendor."""
    billed_by: dict[str, set[str]] = defaultdict(set)
    for bill in company.tables["Bill"].records.values():
        linked = {link["TxnId"] for line in bill["Line"] for link in line["LinkedTxn"]}
        if linked != set(orders.linked_orders(bill)):
            yield f"Bill {bill['Id']} links other orders in its head than on its lines"
        for key in linked:
            billed_by[key].add(bill["Id"])
            yield from _broken_links(company.get("PurchaseOrder", key), bill, key)
    for order in company.tables["PurchaseOrder"].records.values():
        if {link["TxnId"] for link in order.get("LinkedTxn", ())} != billed_by[order["Id"]]:
            yield f"PurchaseOrder {order['Id']} does not show the bills that link it"


def _broken_links(order: Json | None, bill: Json, key: str) -> Iterator[str]:
    if order is None or order["VendorRef"]["value"] != bill["VendorRef"]["value"]:
        yield f"Bill {bill['Id']} links order {key}, which is no order of its vendor"
        return
    lines = {line["Id"] for line in order["Line"]}
    named = [link["TxnLineId"] for line in bill["Line"] for link in line["LinkedTxn"] if link["TxnId"] == key]
    for line_id in named:
        if line_id not in lines:
            yield f"Bill {bill['Id']} links line {line_id} of order {key}, which has no such line"


def _full_name(company: Company, entity: Entity, record: Json) -> str:
    """The names of all records above a record, and its own."""
    own = str(record[entity.name_field])
    above = company.get(entity.name, record["ParentRef"]["value"]) if "ParentRef" in record else None
    return own if above is None else f"{_full_name(company, entity, above)}:{own}"


def _names(company: Company) -> Iterator[str]:
    """Every name is held by exactly one record of its name space, and full names are those of the levels."""
    held = 0
    for entity in ENTITIES.values():
        for key, record in company.tables[entity.name].records.items():
            name = name_of(entity, record)
            if name is None:
                continue
            held += 1
            if (known := _full_name(company, entity, record)) != record.get("FullyQualifiedName", known):
                yield f"{entity.name} {key} is called {record['FullyQualifiedName']}, but stands at {known}"
            if company.name_owner(entity, name) != (entity.name, key):
                yield f"{entity.name} {key} does not hold its name {name}"
    if held != len(company.indexes.names):
        yield f"{len(company.indexes.names)} names are held by {held} records"
