"""What differs between what we posted and what QuickBooks has now, whether it may be brought back, and when a case opens again.

Only what a posting decides is compared: a payment, an attachment or a custom field moves a transaction's version and is nobody's
mistake. What we left to QuickBooks (a due date counted from terms, a rate of its own) is not compared either.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal

import msgspec

from ml_connector.model.books import ExistingTransaction
from ml_connector.model.drift import Difference, DriftKind, DriftState, Refusal
from ml_connector.model.money import ZERO
from ml_connector.model.postings import Posting, PostingLine, TaxMode
from ml_connector.rules.dates import is_closed

ACCRUALS_STAY = Refusal(
    why="An accrual stands only until its invoice is posted, and is reversed as it then is in QuickBooks: nothing of it is left,"
    " whatever was changed.",
    what_to_do="Correct it in QuickBooks, or accept or ignore the difference.",
)
"""Why accruals are not restored."""


def compare(ours: Posting, theirs: Posting) -> tuple[Difference, ...]:
    """Every field in which QuickBooks' transaction is not what we posted: the head first, then the lines."""
    return (*_head(ours, theirs), *_lines(ours.lines, _undecided_left_out(ours, theirs)))


def compare_summary(amount: Decimal | None, txn_date: str, doc_number: str, theirs: Posting) -> tuple[Difference, ...]:
    """The same for a transaction that somebody else made and we only linked: its amount, date and number are all we know."""
    pairs = [("total", _plain(amount), _plain(theirs.total)), ("date", txn_date, theirs.txn_date.isoformat())]
    pairs.append(("number", doc_number, theirs.doc_number))
    return tuple(Difference(field=name, ours=own, theirs=other) for name, own, other in pairs if own and own != other)


def _head(ours: Posting, theirs: Posting) -> Iterator[Difference]:
    pairs = [
        ("vendor", ours.vendor_id, theirs.vendor_id),
        ("date", ours.txn_date.isoformat(), theirs.txn_date.isoformat()),
        ("number", ours.doc_number, theirs.doc_number),
        ("currency", ours.currency, theirs.currency),
        ("total", _plain(ours.total), _plain(theirs.total)),
        ("payable account", ours.payable_account_id, theirs.payable_account_id),
        ("location", ours.location_id, theirs.location_id),
        ("memo", ours.memo.strip(), theirs.memo.strip()),
    ]
    if ours.due_date is not None:
        pairs.append(("due date", ours.due_date.isoformat(), theirs.due_date.isoformat() if theirs.due_date else ""))
    if ours.term_id:
        pairs.append(("terms", ours.term_id, theirs.term_id))
    if ours.exchange_rate is not None and ours.multicurrency:
        pairs.append(("exchange rate", _plain(ours.exchange_rate), _plain(theirs.exchange_rate)))
    if ours.tax_mode is TaxMode.EXCLUDED and ours.tax_amounts:
        pairs.append(("tax", _plain(_tax(ours)), _plain(_tax(theirs))))
    for name, own, other in pairs:
        if own != other:
            yield Difference(field=name, ours=own, theirs=other)


def _tax(posting: Posting) -> Decimal:
    return sum((one.amount for one in posting.tax_amounts), ZERO)


def _undecided_left_out(ours: Posting, theirs: Posting) -> tuple[PostingLine, ...]:
    """Their lines without tax codes where we named none, and without markups where we named none: QuickBooks puts its own there
    (`NON` in US companies, the company's usual markup)."""
    lines = theirs.lines
    if not any(line.tax_code_id for line in ours.lines):
        lines = tuple(msgspec.structs.replace(line, tax_code_id="") for line in lines)
    if not any(line.markup_percent is not None for line in ours.lines):
        lines = tuple(msgspec.structs.replace(line, markup_percent=None) for line in lines)
    return lines


def _lines(ours: Sequence[PostingLine], theirs: Sequence[PostingLine]) -> Iterator[Difference]:
    """Line by line. Lines that somebody only put into another order are no difference."""
    if sorted(map(_line_key, ours)) == sorted(map(_line_key, theirs)):
        return
    for number in range(max(len(ours), len(theirs))):
        own = ours[number] if number < len(ours) else None
        other = theirs[number] if number < len(theirs) else None
        for name, mine, yours in _line_pairs(own, other):
            if mine != yours:
                yield Difference(field=name, ours=mine, theirs=yours, line=number + 1)


def _line_key(line: PostingLine) -> tuple[str, ...]:
    return tuple(value for _, value in _line_values(line))


def _line_values(line: PostingLine) -> list[tuple[str, str]]:
    return [
        ("amount", _plain(line.amount)),
        ("side", line.side.value if line.side else ""),
        # An item brings its own account with it, which may have been changed there since.
        ("account", "" if line.item_id else line.account_id),
        ("item", line.item_id),
        ("quantity", _plain(line.quantity) if line.item_id else ""),
        ("class", line.class_id),
        ("customer", line.customer_id),
        ("location", line.location_id),
        ("vendor", line.vendor_id),
        ("tax code", line.tax_code_id),
        ("billable", "yes" if line.billable else "no"),
        ("markup", _plain(line.markup_percent)),
        ("description", line.description.strip()),
    ]


def _line_pairs(ours: PostingLine | None, theirs: PostingLine | None) -> Iterator[tuple[str, str, str]]:
    own = dict(_line_values(ours)) if ours else {}
    other = dict(_line_values(theirs)) if theirs else {}
    for name in own or other:
        mine, yours = own.get(name, ""), other.get(name, "")
        yield name, mine, yours


def _plain(amount: Decimal | None) -> str:
    """An amount or rate without meaningless zeros: 100.00 and 100 are the same."""
    if amount is None:
        return ""
    whole = amount == amount.to_integral_value()
    return f"{amount.quantize(Decimal(1)):f}" if whole else f"{amount.normalize():f}"


def opens_again(
    state: DriftState,
    known: tuple[DriftKind, Sequence[Difference]],
    seen: tuple[DriftKind, Sequence[Difference]],
) -> bool:
    """Whether a decided case waits for a person again.

    What was accepted has become what was agreed, and what was restored is as agreed: any difference from it is a new one. Only
    what was ignored goes on differing, and a deletion that was accepted goes on being one.
    """
    if state is DriftState.IGNORED:
        return (known[0], tuple(known[1])) != (seen[0], tuple(seen[1]))
    if state is DriftState.ACCEPTED:
        return not known[0] is seen[0] is DriftKind.DELETED
    return state in {DriftState.RESTORED, DriftState.UNDONE}


def may_restore(ours: Posting | None, present: ExistingTransaction | None, close_date: date | None) -> Refusal | None:
    """Why a posted transaction cannot be brought back to what was agreed; None when it can.

    `present` is the transaction as QuickBooks has it now, None when it was deleted and would be posted anew.
    """
    if ours is None:
        return Refusal(
            why="This transaction was linked by a person or found again, so there is no version of ours to bring back.",
            what_to_do="Correct it in QuickBooks, or accept or ignore the difference.",
        )
    if present is not None and _is_paid(present):
        return Refusal(
            why=f"{present.type.value} {present.id} is paid or partly paid, and its payment would no longer fit.",
            what_to_do="Void the payment in QuickBooks first, or accept or ignore the difference.",
        )
    days = [ours.txn_date, *([present.txn_date] if present is not None and present.txn_date else [])]
    closed = next((day for day in days if is_closed(day, close_date)), None)
    if closed is not None:
        return Refusal(
            why=f"The date {closed.isoformat()} lies in closed books (closed through {close_date}).",
            what_to_do="Reopen the period in QuickBooks first, or accept or ignore the difference.",
        )
    return None


def _is_paid(one: ExistingTransaction) -> bool:
    return one.settled or (one.balance is not None and one.balance != one.total)


def number_taken(ours: Posting, others: Sequence[ExistingTransaction]) -> Refusal | None:
    """Why a deleted transaction cannot be posted anew: its vendor has the number on another one by now, of whatever kind."""
    for one in others:
        same = one.doc_number.casefold() == ours.doc_number.casefold() and one.vendor_id == ours.vendor_id
        if same and ours.doc_number:
            return Refusal(
                why=f"Number {ours.doc_number} of this vendor is on {one.type.value} {one.id} by now.",
                what_to_do="If that one replaces the deleted one, accept the deletion; else change its number in QuickBooks.",
            )
    return None
