"""Reads out of the copies what pays documents: many documents in a handful of statements, and no call to anybody.

Which records may be outdated is told to the caller, who has them read again, all in one go.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from ml_connector.basware.payment_responses import own_payment
from ml_connector.model.changes import RecordKey
from ml_connector.model.money import ZERO
from ml_connector.model.payments import OwnWords, Part, Payment, Target
from ml_connector.quickbooks import wire
from ml_connector.quickbooks.records import text
from ml_connector.quickbooks.translation_payments import (
    PAYABLES,
    accounts_of,
    part_from,
    payment_from,
    payment_lines,
    payments_of,
)
from ml_connector.store import books as book_store
from ml_connector.store import inbox, payments
from ml_connector.store.books import BookRow
from ml_connector.store.database import Tx
from ml_connector.store.documents import DocumentRow
from ml_connector.store.links import LinkRow
from ml_connector.store.payments import PAYMENT
from ml_connector.work.desk import Desk

_PAYABLE_ACCOUNT = "Accounts Payable"
"""QuickBooks' AccountType of what is owed to vendors."""


class Accounts(msgspec.Struct, frozen=True, kw_only=True):
    """Accounts that decide what a line means, by id: those of what is owed to vendors, and those of discounts taken."""

    payable: frozenset[str]
    discount: frozenset[str]


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """Everything known of one document's payments. `records` are all copies it was worked out from; `missing` has those that
    ought to be there and are not."""

    document: DocumentRow
    parts: tuple[Part, ...]
    payments: tuple[Payment, ...]
    own: OwnWords
    records: frozenset[RecordKey]
    missing: bool


Copies = Mapping[str, Mapping[str, BookRow]]
"""Copies by entity and id."""


def accounts_in(tx: Tx, desk: Desk) -> Accounts:
    """The accounts of the company that matter here; a discount account is named by id, number or name."""
    named = {name.casefold() for name in desk.settings.basware.payments.discount_accounts}
    payable, discount = set[str](), set[str]()
    for row in book_store.all_of(tx, desk.connection_id, "Account"):
        account = wire.decode(row.payload.encode())
        if text(account, "AccountType") == _PAYABLE_ACCOUNT:
            payable.add(row.quickbooks_id)
        names = (
            row.quickbooks_id,
            text(account, "AcctNum"),
            text(account, "FullyQualifiedName"),
            text(account, "Name"),
        )
        if named & {name.casefold() for name in names if name}:
            discount.add(row.quickbooks_id)
    return Accounts(payable=frozenset(payable), discount=frozenset(discount))


def facts_of(tx: Tx, desk: Desk, invoice_ids: Sequence[str], accounts: Accounts) -> dict[str, Facts | str]:
    """What is known of each document, or in words why its records cannot be read. Documents that are gone are left out."""
    found = payments.documents_named(tx, desk.connection_id, invoice_ids)
    linked = payments.links_of(tx, desk.connection_id, list(found))
    targets = {(link.quickbooks_type, link.quickbooks_id) for some in linked.values() for link in some}
    settling = payments.settling(tx, desk.connection_id, targets)
    copies = _copies(tx, desk, targets, settling)
    raw = inbox.payloads(tx, desk.connection_id, [row.inbox_id for row in found.values()])
    result: dict[str, Facts | str] = {}
    for invoice_id, row in found.items():
        try:
            result[invoice_id] = _facts(
                row, linked.get(invoice_id, []), settling, copies, raw.get(row.inbox_id, "{}"), accounts
            )
        except ValueError as error:  # of either translation
            result[invoice_id] = str(error)
    return result


def _copies(tx: Tx, desk: Desk, targets: Collection[Target], settling: Mapping[Target, Collection[str]]) -> Copies:
    """The transactions of documents, the payments that settle them, and what else these settle as far as it says what they mean."""
    payment_ids = sorted({one for ids in settling.values() for one in ids})
    paying = book_store.some_of(tx, desk.connection_id, PAYMENT, payment_ids)
    wanted = set(targets)
    for row in paying.values():
        if not row.deleted:
            lines = payment_lines(wire.decode(row.payload.encode()))
            wanted |= {target for target, _ in lines if target[0] != "Bill"}
    found = {
        kind: book_store.some_of(tx, desk.connection_id, kind, sorted(id_ for own, id_ in wanted if own == kind))
        for kind in PAYABLES
    }
    return {**found, PAYMENT: paying}


def _facts(  # noqa: PLR0917
    row: DocumentRow,
    linked: Iterable[LinkRow],
    settling: Mapping[Target, Collection[str]],
    copies: Copies,
    raw: str,
    accounts: Accounts,
) -> Facts:
    parts, records, paying, missing = list[Part](), set[RecordKey](), set[str](), False
    for link in linked:
        target = (link.quickbooks_type, link.quickbooks_id)
        records.add(target)
        paying.update(settling.get(target, ()))
        copy = copies.get(link.quickbooks_type, {}).get(link.quickbooks_id)
        if copy is None:
            missing = True
            continue
        record = wire.decode(copy.payload.encode())
        part = part_from(link.quickbooks_type, record, accounts.payable)
        if copy.deleted:
            part = msgspec.structs.replace(part, open=part.total if part.open is not None else None)
        else:
            paying.update(payments_of(record))
        parts.append(part)
    records |= {(PAYMENT, one) for one in paying}
    known = {one: copy for one in sorted(paying) if (copy := copies[PAYMENT].get(one)) is not None and not copy.deleted}
    own = own_payment(raw.encode())
    return Facts(
        document=row,
        parts=tuple(parts),
        payments=tuple(_payment(copy, copies, accounts) for copy in known.values()),
        own=OwnWords(
            currency=row.currency,
            total=row.total,
            term_code=own.payment_term_code or "",
            method=own.payment_method or "",
            message=own.payment_message or "",
            payment_block=bool(own.payment_block),
        ),
        records=frozenset(records),
        missing=missing,
    )


def _payment(copy: BookRow, copies: Copies, accounts: Accounts) -> Payment:
    record = wire.decode(copy.payload.encode())
    targets = {target for target, _ in payment_lines(record)}
    owed = {target for target in targets if target[0] == "JournalEntry" and _is_credit(target, copies, accounts)}
    discounts = {target for target in targets if target[0] == "VendorCredit" and _is_discount(target, copies, accounts)}
    return payment_from(record, owed_to_us=owed, discounts=discounts)


def _is_credit(target: Target, copies: Copies, accounts: Accounts) -> bool:
    copy = copies[target[0]].get(target[1])
    if copy is None:
        return False
    part = part_from(target[0], _record(copy), accounts.payable)
    return part.is_credit and part.total != ZERO


def _is_discount(target: Target, copies: Copies, accounts: Accounts) -> bool:
    """A vendor credit that was booked to nothing but discount accounts."""
    copy = copies[target[0]].get(target[1])
    if copy is None or not accounts.discount:
        return False
    booked = accounts_of(_record(copy))
    return bool(booked) and booked <= accounts.discount


def _record(copy: BookRow) -> dict[str, Any]:
    return wire.decode(copy.payload.encode())
