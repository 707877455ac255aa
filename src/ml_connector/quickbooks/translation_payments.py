"""Bill payments and what they settle, from QuickBooks' JSON into the model's terms.

Shapes follow Intuit's API reference of BillPayment, Bill, VendorCredit and JournalEntry. Transactions that something was applied
to name the payment themselves, too; only the payment says how much.
"""

from collections.abc import Collection
from decimal import Decimal

from ml_connector.model.money import ZERO
from ml_connector.model.payments import Part, Payment, Settled, Target
from ml_connector.quickbooks.records import Record, day, instant, members, number, reference, required, text
from ml_connector.quickbooks.wire import UnreadableError

PAYABLES = ("Bill", "VendorCredit", "JournalEntry")
"""What a bill payment may settle (Intuit's API reference, BillPayment.Line.LinkedTxn)."""

_PAYMENTS = frozenset({"BillPayment", "BillPaymentCheck", "BillPaymentCreditCard"})
"""How a bill names a payment: by its kind. Payments by card were seen called BillPaymentCheck as well."""


def payment_lines(record: Record) -> list[tuple[Target, Decimal]]:
    """What a payment settles: type and id, with an amount that is positive whatever sign a credit's line has. None once voided."""
    found = list[tuple[Target, Decimal]]()
    for line in members(record, "Line"):
        amount = abs(number(line, "Amount") or ZERO)
        for link in members(line, "LinkedTxn"):
            kind, id_ = text(link, "TxnType"), text(link, "TxnId")
            if kind in PAYABLES and id_ and amount:
                found.append(((kind, id_), amount))
    return found


def payment_from(record: Record, *, owed_to_us: Collection[Target] = (), discounts: Collection[Target] = ()) -> Payment:
    """A payment. `owed_to_us` are journal entries among its lines that count for us; vendor credits are known by their type.

    `discounts` are the credits that stand for a discount. Raises UnreadableError.
    """
    lines = tuple(
        Settled(
            target=target, amount=amount, is_credit=target[0] == "VendorCredit" or target in owed_to_us,
            is_discount=target in discounts,
        )
        for target, amount in payment_lines(record)
    )  # fmt: skip
    return Payment(
        id=required(record, "Id"),
        method=text(record, "PayType"),
        day=day(record, "TxnDate"),
        number=text(record, "DocNumber"),
        money=number(record, "TotalAmt") or ZERO,
        lines=lines,
        changed_at=instant(record, "MetaData", "LastUpdatedTime"),
    )


def part_from(kind: str, record: Record, payable_accounts: Collection[str]) -> Part:
    """A transaction that may be paid. A journal entry counts with its payable lines. Raises UnreadableError."""
    target, changed_at = (kind, required(record, "Id")), instant(record, "MetaData", "LastUpdatedTime")
    if kind == "JournalEntry":
        owed = _owed(record, payable_accounts)
        return Part(target=target, total=abs(owed), is_credit=owed < 0, changed_at=changed_at)
    total, left = number(record, "TotalAmt"), number(record, "Balance")
    if total is None or left is None:
        raise UnreadableError(f"{kind} {target[1]} has no {'total' if total is None else 'balance'}")
    return Part(target=target, total=total, open=left, is_credit=kind == "VendorCredit", changed_at=changed_at)


def _owed(record: Record, payable_accounts: Collection[str]) -> Decimal:
    owed = ZERO
    for line in members(record, "Line"):
        detail = line.get("JournalEntryLineDetail") or {}
        if reference(detail, "AccountRef") in payable_accounts:
            amount = number(line, "Amount") or ZERO
            owed += amount if text(detail, "PostingType") == "Credit" else -amount
    return owed


def payments_of(record: Record) -> list[str]:
    """The ids of the bill payments a transaction says were applied to it."""
    links = members(record, "LinkedTxn")
    return [text(link, "TxnId") for link in links if text(link, "TxnType") in _PAYMENTS and text(link, "TxnId")]


def accounts_of(record: Record) -> set[str]:
    """The accounts on the lines of a bill or vendor credit; an empty text stands for a line that names none."""
    return {
        reference(line.get("AccountBasedExpenseLineDetail") or {}, "AccountRef") for line in members(record, "Line")
    }
