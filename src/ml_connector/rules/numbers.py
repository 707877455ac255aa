"""The DocNumber of what we post, and whether QuickBooks already has a transaction under it.

QuickBooks refuses a repeated number only if the company asked for the warning, and does not say how far it looks. Here a number
is taken when the same vendor has it, whatever the spelling of its letters.
"""

from collections.abc import Sequence

from ml_connector.model.books import ExistingTransaction, Preferences, TransactionType
from ml_connector.model.documents import AccountingDocument
from ml_connector.model.holds import Cause
from ml_connector.model.money import format_money
from ml_connector.model.policy import PostingPolicy, SeveralLocations
from ml_connector.rules.findings import Findings, Task
from ml_connector.rules.marker import find_marker
from ml_connector.rules.texts import part_number, shorten_number


def numbers_to_look_up(document: AccountingDocument, policy: PostingPolicy) -> tuple[str, ...]:
    """Every DocNumber the document could get, so that all documents' duplicates can be asked for at once before planning.

    Rows with equal codes go to the same location, so a document has at most as many parts as it has different rows.
    """
    if not has_number(document):
        return ()
    most = 1
    if policy.several_locations is SeveralLocations.ONE_BILL_PER_LOCATION:
        most = max(1, len({(row.order_number, tuple(sorted(row.codes.items()))) for row in document.rows}))
    numbers: dict[str, None] = {}
    for parts in _lengths(most):
        for part in range(parts):
            for latin1_only in (True, False):
                numbers[part_number(document.invoice_number, part, parts, latin1_only=latin1_only)] = None
    return tuple(numbers)


def has_number(document: AccountingDocument) -> bool:
    """Whether anything of the invoice number is left once it is cleaned."""
    return bool(shorten_number(document.invoice_number))


def _lengths(most: int) -> list[int]:
    """Numbers of parts that cover every number up to `most`: what a number looks like depends on the digits of the count."""
    ends = [10**digits - 1 for digits in range(1, len(str(most))) if 10**digits - 1 > 1]
    return [1, *ends, most] if most > 1 else [1]


def doc_number(task: Task, part: int, parts: int, findings: Findings) -> str:
    """The DocNumber of one part; "" when the document has no usable number, which is held."""
    given = task.document.invoice_number
    if not has_number(task.document):
        findings.hold(Cause.MISSING_INVOICE_NUMBER, task.document.supplier_code)
        return ""
    number = part_number(given, part, parts, latin1_only=task.latin1_only)
    if parts > 1:
        rule = f"one number per part, {part + 1} of {parts}"
    elif number == given:
        rule = "as on the invoice"
    else:
        rule = "shortened or spelled to fit QuickBooks; the full number is in the memo"
    findings.explain(f"part {part + 1}: number" if parts > 1 else "number", f"invoice number {given}", rule, number)
    return number


def conflicting(
    existing: Sequence[ExistingTransaction],
    *,
    own: Sequence[ExistingTransaction],
    kind: TransactionType,
    vendor_id: str,
    numbers: Sequence[str],
    preferences: Preferences,
) -> list[ExistingTransaction]:
    """Transactions under one of the numbers that are not this document's own.

    Bills, vendor credits and journal entries of the same vendor count, since an invoice may have been entered as any of
    them. Journal entries of others count for a journal entry if the company wants each number only once.
    """
    wanted = {number.casefold() for number in numbers if number}
    ours = {(found.type, found.id) for found in own}
    return [
        found
        for found in existing
        if found.doc_number.strip().casefold() in wanted
        and (found.type, found.id) not in ours
        and (
            (vendor_id != "" and found.vendor_id == vendor_id)
            or (
                preferences.warn_duplicate_journal_number
                and found.type is TransactionType.JOURNAL_ENTRY
                and kind is TransactionType.JOURNAL_ENTRY
            )
        )
    ]


def hold_duplicates(task: Task, found: Sequence[ExistingTransaction], reason: str, findings: Findings) -> None:
    """Hold the document for each transaction under its number, naming what a person needs to choose."""
    for one in found:
        marker = find_marker(one.memo)
        findings.hold(
            Cause.DUPLICATE_NUMBER,
            one.doc_number,
            number=one.doc_number,
            type=one.type.value,
            id=one.id,
            date=one.txn_date.isoformat() if one.txn_date else "no date",
            amount=format_money(one.total, one.currency or task.document.currency),
            entered=f"for Basware invoice {marker.invoice_id}" if marker else "by hand",
            decision=reason,
        )
