"""Checks a company's books against themselves: what must hold whatever anybody sent."""

from collections import defaultdict
from decimal import Decimal

from twins.quickbooks.company import Company
from twins.quickbooks.values import ZERO, amount_of


def violations(company: Company) -> list[str]:
    """Everything that is wrong with the books, in words; empty when they are sound."""
    return [*_unbalanced(company), *_control_account(company), *_balances(company), *_kept_totals(company)]


def _unbalanced(company: Company) -> list[str]:
    sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    found = []
    for posting in company.ledger():
        sums[posting.txn_type, posting.txn_id] += posting.debit - posting.credit
        if posting.account != "tax" and company.get("Account", posting.account) is None:
            found.append(
                f"{posting.txn_type} {posting.txn_id} posts to account {posting.account}, which does not exist"
            )
    found += [f"{kind} {key} does not balance: {amount}" for (kind, key), amount in sums.items() if amount]
    return found


def _control_account(company: Company) -> list[str]:
    """Accounts Payable per currency must equal what is open: bills less credits, plus entries, less unapplied payments."""
    ledger: dict[str, Decimal] = defaultdict(Decimal)
    still_open: dict[str, Decimal] = defaultdict(Decimal)
    entries: dict[str, Decimal] = defaultdict(Decimal)
    for posting in company.ledger():
        if posting.payable:
            ledger[posting.currency] += posting.credit - posting.debit
            if posting.txn_type == "JournalEntry":
                entries[posting.txn_id] += posting.credit - posting.debit
                still_open[posting.currency] += posting.credit - posting.debit
    for kind, sign in (("Bill", 1), ("VendorCredit", -1)):
        for record in company.tables[kind].records.values():
            still_open[record["CurrencyRef"]["value"]] += sign * amount_of(record, "Balance")
    for payment in company.tables["BillPayment"].records.values():
        currency, unapplied = payment["CurrencyRef"]["value"], amount_of(payment, "TotalAmt")
        for line in payment["Line"]:
            link, amount = line["LinkedTxn"][0], amount_of(line, "Amount")
            if link["TxnType"] == "JournalEntry":
                sign = 1 if entries[link["TxnId"]] >= 0 else -1
                still_open[currency] -= sign * amount
                unapplied -= sign * amount
            else:
                unapplied -= amount if link["TxnType"] == "Bill" else -amount
        still_open[currency] -= unapplied
    return [
        f"Accounts Payable in {currency} is {ledger[currency]}, but {still_open[currency]} is open"
        for currency in sorted({*ledger, *still_open})
        if ledger[currency] != still_open[currency]
    ]


def _balances(company: Company) -> list[str]:
    """The open balance of each bill and credit must be its total less what payments settle."""
    applied: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for payment in company.tables["BillPayment"].records.values():
        for line in payment["Line"]:
            link = line["LinkedTxn"][0]
            applied[link["TxnType"], link["TxnId"]] += amount_of(line, "Amount")
    found = []
    for kind in ("Bill", "VendorCredit"):
        for key, record in company.tables[kind].records.items():
            expected = amount_of(record, "TotalAmt") - applied.pop((kind, key), ZERO)
            if expected != amount_of(record, "Balance") or expected < 0:
                found.append(f"{kind} {key} shows {record['Balance']} open, expected {expected}")
    gone = [target for target in applied if company.get(*target) is None]
    return found + [f"a payment settles {kind} {key}, which does not exist" for kind, key in gone]


def _kept_totals(company: Company) -> list[str]:
    """The running balance kept per vendor must equal the ledger's."""
    owed: dict[str, Decimal] = defaultdict(Decimal)
    for posting in company.ledger():
        if posting.payable and posting.vendor:
            owed[posting.vendor] += posting.credit - posting.debit
    return [
        f"vendor {vendor} owes {company.vendor_balance.get(vendor, ZERO)}, but its ledger says {owed[vendor]}"
        for vendor in sorted({*owed, *company.vendor_balance})
        if owed[vendor] != company.vendor_balance.get(vendor, ZERO)
    ]
