"""A transaction as it stands in QuickBooks, read as the posting that would make it: what a posted one is compared with.

Shapes follow Intuit's API reference of Bill, VendorCredit and JournalEntry.
"""

from collections.abc import Collection
from datetime import datetime

from ml_connector.model.books import TransactionType
from ml_connector.model.money import ZERO
from ml_connector.model.postings import Posting, PostingLine, Side, TaxAmount, TaxMode
from ml_connector.quickbooks.records import Record, day, instant, members, number, reference, text
from ml_connector.quickbooks.translation_existing import existing_transaction
from ml_connector.quickbooks.wire import UnreadableError

_BILLABLE = frozenset({"Billable", "HasBeenBilled"})
_DETAILS = ("AccountBasedExpenseLineDetail", "ItemBasedExpenseLineDetail", "JournalEntryLineDetail")


def standing_posting(
    kind: TransactionType, record: Record, *, payable_account_ids: Collection[str], home_currency: str
) -> Posting:
    """The posting that would leave this record in QuickBooks. Raises UnreadableError for a record that makes no sense.

    Lines that are sums or tax of QuickBooks' own are left out.
    """
    one = existing_transaction(kind, record, payable_account_ids=payable_account_ids, home_currency=home_currency)
    if one.txn_date is None:
        raise UnreadableError(f"transaction {one.id} has no date")
    lines = tuple(_line(line) for line in members(record, "Line") if _detail_of(line))
    payable = next((line.account_id for line in lines if line.vendor_id), "")
    return Posting(
        type=kind,
        vendor_id=one.vendor_id,
        txn_date=one.txn_date,
        doc_number=one.doc_number,
        memo=one.memo,
        currency=one.currency,
        total=one.total,
        payable_account_id=reference(record, "APAccountRef") or payable,
        lines=lines,
        due_date=day(record, "DueDate"),
        term_id=reference(record, "SalesTermRef"),
        location_id=reference(record, "DepartmentRef"),
        exchange_rate=number(record, "ExchangeRate"),
        multicurrency=bool(reference(record, "CurrencyRef")),
        tax_mode=_tax_mode(record),
        tax_amounts=tuple(_tax_amount(line) for line in members(record.get("TxnTaxDetail") or {}, "TaxLine")),
    )


def changed_in_quickbooks(record: Record) -> tuple[datetime | None, str]:
    """When a record was changed last, and by whom: QuickBooks names the person by id, and only in some answers."""
    return instant(record, "MetaData", "LastUpdatedTime"), text(record, "MetaData", "LastModifiedByRef", "value")


def _tax_mode(record: Record) -> TaxMode:
    try:
        return TaxMode(text(record, "GlobalTaxCalculation"))
    except ValueError:
        return TaxMode.NONE


def _detail_of(line: Record) -> str:
    kind = text(line, "DetailType")
    return kind if kind in _DETAILS else ""


def _line(line: Record) -> PostingLine:
    detail = line.get(_detail_of(line)) or {}
    side = text(detail, "PostingType")
    entity_type, entity = text(detail, "Entity", "Type"), text(detail, "Entity", "EntityRef", "value")
    account = reference(detail, "AccountRef")
    return PostingLine(
        amount=number(line, "Amount") or ZERO,
        account_id=account,
        description=text(line, "Description"),
        class_id=reference(detail, "ClassRef"),
        customer_id=entity if entity_type == "Customer" else reference(detail, "CustomerRef"),
        billable=text(detail, "BillableStatus") in _BILLABLE,
        tax_code_id=reference(detail, "TaxCodeRef"),
        location_id=reference(detail, "DepartmentRef"),
        side=Side(side) if side else None,
        vendor_id=entity if entity_type == "Vendor" else "",
        item_id=reference(detail, "ItemRef"),
        quantity=number(detail, "Qty"),
        unit_price=number(detail, "UnitPrice"),
        markup_percent=number(detail, "MarkupInfo", "Percent"),
    )


def _tax_amount(line: Record) -> TaxAmount:
    detail = line.get("TaxLineDetail") or {}
    return TaxAmount(
        rate_id=reference(detail, "TaxRateRef"),
        percent=number(detail, "TaxPercent") or ZERO,
        net=number(detail, "NetAmountTaxable") or ZERO,
        amount=number(line, "Amount") or ZERO,
    )
