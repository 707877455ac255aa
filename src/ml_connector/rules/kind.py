"""What a document becomes: a bill, a vendor credit or a journal entry, whole or one transaction per location.

Knows the document's sums and the locations its rows go to; amounts of lines are none of its business.
"""

from collections.abc import Sequence
from decimal import Decimal

import msgspec

from ml_connector.model.books import TransactionType
from ml_connector.model.documents import AccountingDocument
from ml_connector.model.holds import Cause
from ml_connector.model.policy import PostingPolicy, SeveralLocations
from ml_connector.rules.findings import Findings


class Direction(msgspec.Struct, frozen=True, kw_only=True):
    """Whether we owe the supplier or the supplier owes us. `sign` turns Basware's amounts into positive ones."""

    credit: bool
    sign: int


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """The transaction type, and whether there is one transaction per location."""

    type: TransactionType
    split: bool = False


def direction(document: AccountingDocument, total: Decimal, policy: PostingPolicy, findings: Findings) -> Direction:
    """Invoice or credit note: by the sign of the total, or by an invoice type that the policy calls a credit note.

    Basware's documents carry no such mark of their own, so a total of zero and sums of opposite signs are held.
    """
    if not total:
        findings.hold(Cause.ZERO_TOTAL, document.invoice_number)
    elif document.net_sum is not None and (document.net_sum < 0) != (total < 0) and document.net_sum:
        findings.hold(
            Cause.MIXED_SIGNS,
            document.invoice_number,
            what=f"the net sum is {document.net_sum} {document.currency}, the total {total} {document.currency}",
        )
    by_type = document.invoice_type_code != "" and document.invoice_type_code in policy.credit_note_type_codes
    return Direction(credit=total < 0 or by_type, sign=-1 if total < 0 else 1)


def transaction_kind(
    document: AccountingDocument,
    way: Direction,
    locations: Sequence[str],
    policy: PostingPolicy,
    findings: Findings,
) -> Kind:
    """The transaction type. `locations` are the names of the different locations of the rows, in the order of the rows.

    A bill and a vendor credit have one location, in the head; a journal entry has one on each line (Intuit's entity
    reference, Bill.DepartmentRef and JournalEntryLineDetail.DepartmentRef).
    """
    plain = TransactionType.VENDOR_CREDIT if way.credit else TransactionType.BILL
    kind, rule = Kind(type=plain), "credit notes become vendor credits" if way.credit else "default"
    if document.invoice_type_code and document.invoice_type_code in policy.journal_entry_type_codes:
        kind = Kind(type=TransactionType.JOURNAL_ENTRY)
        rule = "policy: this invoice type becomes a journal entry"
    elif len(locations) > 1:
        rule = f"policy for several locations: {policy.several_locations.value}"
        match policy.several_locations:
            case SeveralLocations.JOURNAL_ENTRY:
                kind = Kind(type=TransactionType.JOURNAL_ENTRY)
            case SeveralLocations.ONE_BILL_PER_LOCATION:
                kind = Kind(type=plain, split=True)
            case SeveralLocations.HOLD:
                findings.hold(Cause.SEVERAL_LOCATIONS, document.invoice_number, locations=", ".join(locations))
    findings.explain("type", _source(document, way, policy), rule, kind.type.value)
    return kind


def _source(document: AccountingDocument, way: Direction, policy: PostingPolicy) -> str:
    if way.sign < 0:
        return "negative invoice total"
    if way.credit:
        return f"invoice type {document.invoice_type_code}, in the policy's list of credit notes"
    if document.invoice_type_code in policy.journal_entry_type_codes:
        return f"invoice type {document.invoice_type_code}"
    return (
        f"invoice total {document.gross_sum} {document.currency}" if document.gross_sum is not None else "invoice total"
    )
