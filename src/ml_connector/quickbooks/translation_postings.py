"""A posting as the JSON QuickBooks takes: bills, vendor credits, journal entries, updates of them, and new vendors.

The last check before anything leaves: amounts are exact, lines add up to the total, texts fit. Shapes and limits follow Intuit's
API reference of Bill, VendorCredit, JournalEntry and Vendor. Decides nothing about accounting; that was done before.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ml_connector.model.books import TransactionType
from ml_connector.model.money import ZERO
from ml_connector.model.postings import NewVendor, Posting, PostingLine, Side, TaxAmount, TaxMode
from ml_connector.quickbooks.records import reference, required
from ml_connector.quickbooks.wire import (
    MAX_COMPANY_NAME,
    MAX_DESCRIPTION,
    MAX_DIGITS,
    MAX_DISPLAY_NAME,
    MAX_DOC_NUMBER,
    MAX_LINES,
    MAX_PRIVATE_NOTE,
    MAX_VENDOR_NUMBER,
    UnsendableError,
)

Body = dict[str, Any]

_CENT = Decimal("0.01")
_HALF_CENT = Decimal("0.005")

# Writable members of Bill, VendorCredit and JournalEntry that a posting does not decide: people and other apps fill them.
# Members nobody has published are not sent back, because QuickBooks refuses a whole request for one it does not take (2010).
# Links are not either: they belong to lines, and all lines are replaced.
_OTHERS = frozenset(
    {
        "Adjustment", "AttachableRef", "BillEmail", "CustomField", "EnteredInHomeCurrency", "HomeCurrencyAdjustment",
        "IncludeInAnnualTPAR", "LessCIS", "Memo", "PayerRef", "ProjectRef", "RemitToAddr", "ReplyEmail", "ShipAddr", "Tag",
        "TaxFormNum", "TaxFormType", "TransactionLocationType", "TxnStatus", "VendorAddr",
    }
)  # fmt: skip
_VENDOR_ADDRESSES = frozenset({"VendorAddr", "RemitToAddr"})


def posting_body(posting: Posting) -> Body:
    """The JSON that creates a transaction. Raises UnsendableError for a posting that is not right to the cent."""
    _check(posting)
    journal = posting.type is TransactionType.JOURNAL_ENTRY
    body = _head(posting) if journal else _bill_head(posting)
    line_body = _journal_line if journal else _bill_line
    body["Line"] = [line_body(line) for line in posting.lines]
    if orders := dict.fromkeys(line.order_id for line in posting.lines if line.order_id):
        body["LinkedTxn"] = [_order_link(order_id) for order_id in orders]
    if posting.tax_amounts:
        body["TxnTaxDetail"] = {"TaxLine": [_tax_line(tax) for tax in posting.tax_amounts]}
    return body


def update_body(posting: Posting, existing: Mapping[str, Any]) -> Body:
    """The JSON that brings an existing transaction, as just read, to the posting.

    A full update: what the posting decides is replaced, lines altogether; what others entered beside it is sent back as read,
    because QuickBooks clears every writable member that an update leaves out.
    """
    vendor_changed = reference(existing, "VendorRef") not in {"", posting.vendor_id}
    others = _OTHERS - _VENDOR_ADDRESSES if vendor_changed else _OTHERS
    kept = {name: value for name, value in existing.items() if name in others}
    return {
        **kept,
        "Id": required(existing, "Id"),
        "SyncToken": required(existing, "SyncToken"),
        **posting_body(posting),
    }


def vendor_body(vendor: NewVendor, multicurrency: bool) -> Body:
    """The JSON that creates a vendor. The currency is named only in companies that use several; it is fixed for life."""
    name = fitting("display name", vendor.display_name, MAX_DISPLAY_NAME)
    if not name.strip() or any(character in name for character in ":\t\r\n"):
        raise UnsendableError(f"not a vendor name in QuickBooks: {name!r}")
    return _present(
        DisplayName=name,
        CompanyName=fitting("company name", vendor.company_name, MAX_COMPANY_NAME),
        AcctNum=fitting("vendor number", vendor.number, MAX_VENDOR_NUMBER),
        CurrencyRef=_ref(vendor.currency) if multicurrency else None,
    )


def _head(posting: Posting) -> Body:
    foreign_rate = posting.exchange_rate if posting.multicurrency else None
    return _present(
        TxnDate=posting.txn_date.isoformat(),
        DocNumber=fitting("number", posting.doc_number, MAX_DOC_NUMBER),
        PrivateNote=fitting("memo", posting.memo, MAX_PRIVATE_NOTE),
        CurrencyRef=_ref(posting.currency) if posting.multicurrency else None,
        ExchangeRate=foreign_rate,
        GlobalTaxCalculation=posting.tax_mode.value,
    )


def _bill_head(posting: Posting) -> Body:
    is_bill = posting.type is TransactionType.BILL
    return {
        "VendorRef": {"value": _named("vendor", posting.vendor_id)},
        "APAccountRef": {"value": _named("payable account", posting.payable_account_id)},
        **_head(posting),
        **_present(
            DepartmentRef=_ref(posting.location_id),
            SalesTermRef=_ref(posting.term_id) if is_bill else None,
            DueDate=posting.due_date.isoformat() if is_bill and posting.due_date else None,
        ),
    }


def _bill_line(line: PostingLine) -> Body:
    detail = _present(
        **_bought(line),
        ClassRef=_ref(line.class_id),
        CustomerRef=_ref(line.customer_id),
        BillableStatus=("Billable" if line.billable else "NotBillable") if line.customer_id else None,
        MarkupInfo=_markup(line),
        TaxCodeRef=_ref(line.tax_code_id),
        TaxInclusiveAmt=_exact(line.with_tax) if line.with_tax is not None else None,
    )
    link = [_order_link(line.order_id, line.order_line_id)] if line.order_id else None
    kind = "ItemBasedExpenseLineDetail" if line.item_id else "AccountBasedExpenseLineDetail"
    return {**_line(kind, line, detail), **_present(LinkedTxn=link)}


def _bought(line: PostingLine) -> Body:
    """What a line is for: an account, or pieces of an item, whose amount QuickBooks wants to be quantity times price (6070)."""
    if not line.item_id:
        return {"AccountRef": {"value": _named("account", line.account_id)}}
    if line.quantity is None or line.unit_price is None:
        raise UnsendableError("an item line says how many pieces it is for and what one costs")
    if abs(line.quantity * line.unit_price - line.amount) >= _HALF_CENT:
        raise UnsendableError(f"{line.quantity} x {line.unit_price} is not {line.amount}")
    return {"ItemRef": {"value": line.item_id}, "Qty": line.quantity, "UnitPrice": line.unit_price}


def _markup(line: PostingLine) -> Body | None:
    if line.markup_percent is None:
        return None
    if not line.billable:
        raise UnsendableError("only what is billed on to a customer has a markup")
    return {"PercentBased": True, "Percent": line.markup_percent}


def _order_link(order_id: str, line_id: str = "") -> Body:
    """A link to a purchase order: on a line with all three members, and in the head once more (Intuit's reference, Bill)."""
    return {"TxnId": order_id, "TxnType": "PurchaseOrder", **_present(TxnLineId=line_id)}


def _journal_line(line: PostingLine) -> Body:
    if line.side is None or line.tax_code_id or line.item_id:
        raise UnsendableError(
            "a journal line needs a side, is for no item, and carries tax as an amount on a line of its own, not as a code"
        )
    detail = _present(
        PostingType=line.side.value,
        AccountRef={"value": _named("account", line.account_id)},
        ClassRef=_ref(line.class_id),
        DepartmentRef=_ref(line.location_id),
        Entity=_entity(line),
        BillableStatus="Billable" if line.customer_id and line.billable else None,
    )
    return _line("JournalEntryLineDetail", line, detail)


def _entity(line: PostingLine) -> Body | None:
    """The name a journal line stands for: the vendor on the payable line, else the customer."""
    if line.vendor_id:
        return {"Type": "Vendor", "EntityRef": {"value": line.vendor_id}}
    if line.customer_id:
        return {"Type": "Customer", "EntityRef": {"value": line.customer_id}}
    return None


def _line(detail_type: str, line: PostingLine, detail: Body) -> Body:
    return {
        "DetailType": detail_type,
        "Amount": _exact(line.amount),
        **_present(Description=fitting("line description", line.description, MAX_DESCRIPTION)),
        detail_type: detail,
    }


def _tax_line(tax: TaxAmount) -> Body:
    return {
        "DetailType": "TaxLineDetail",
        "Amount": _exact(tax.amount),
        "TaxLineDetail": {
            "TaxRateRef": {"value": _named("tax rate", tax.rate_id)},
            "PercentBased": True,
            "TaxPercent": tax.percent,
            "NetAmountTaxable": _exact(tax.net),
        },
    }


def _check(posting: Posting) -> None:
    """Refuse a posting that would not come to its total, whatever its origin."""
    total = _exact(posting.total)
    if not 1 <= len(posting.lines) <= MAX_LINES:
        raise UnsendableError(f"a transaction has 1 to {MAX_LINES} lines, not {len(posting.lines)}")
    rate = posting.exchange_rate
    if rate is not None and not (rate.is_finite() and rate > 0):
        raise UnsendableError(f"{rate} is not an exchange rate")
    if posting.tax_amounts and posting.tax_mode in {TaxMode.NONE, TaxMode.NOT_APPLICABLE}:
        raise UnsendableError("tax amounts are sent only where QuickBooks keeps tax on the transaction")
    if posting.type is TransactionType.JOURNAL_ENTRY:
        _check_journal(posting, total)
        return
    inclusive = posting.tax_mode is TaxMode.INCLUSIVE
    if any((line.with_tax is not None) is not inclusive for line in posting.lines):
        raise UnsendableError("lines say what they come to with tax exactly where amounts are shown that way")
    tax = sum((_exact(tax.amount) for tax in posting.tax_amounts), ZERO)
    lines = sum((_exact(line.amount) for line in posting.lines), ZERO)
    computed_there = posting.tax_mode is TaxMode.EXCLUDED and not posting.tax_amounts
    if lines + tax != total and not computed_there:
        raise UnsendableError(f"the lines come to {lines} and tax to {tax}, the total is {total}")


def _check_journal(posting: Posting, total: Decimal) -> None:
    sides = {
        side: sum((_exact(line.amount) for line in posting.lines if line.side is side), ZERO)
        for side in (Side.DEBIT, Side.CREDIT)
    }
    if sides[Side.DEBIT] != sides[Side.CREDIT]:
        raise UnsendableError(f"debits of {sides[Side.DEBIT]} do not equal credits of {sides[Side.CREDIT]}")
    if any(line.amount < 0 for line in posting.lines):
        raise UnsendableError("amounts of a journal entry are positive; the side tells the direction")
    if not posting.vendor_id:  # an accrual owes nobody in particular yet
        if not any((line.account_id, line.amount) == (posting.payable_account_id, total) for line in posting.lines):
            raise UnsendableError("an accrual has a line with its total on the account of what is owed")
        return
    payable = [line for line in posting.lines if line.vendor_id]
    wanted = [(posting.vendor_id, posting.payable_account_id, total)]
    if [(line.vendor_id, line.account_id, line.amount) for line in payable] != wanted:
        raise UnsendableError("a journal entry has one payable line, with the vendor and the total")


def _exact(amount: Decimal) -> Decimal:
    """The amount with two decimals; refused when that would change it."""
    if not isinstance(amount, Decimal) or not amount.is_finite():
        raise UnsendableError(f"{amount!r} is not an amount")
    if amount.adjusted() >= MAX_DIGITS:
        raise UnsendableError(f"{amount} has more digits than QuickBooks keeps")
    cents = amount.quantize(_CENT)
    if cents != amount:
        raise UnsendableError(f"{amount} has a fraction of a cent")
    return cents


def fitting(what: str, value: str, limit: int) -> str:
    """A text that fits. Raises UnsendableError for one that does not: cutting it was decided before."""
    if len(value) > limit:
        raise UnsendableError(f"the {what} has {len(value)} characters, {limit} fit")
    return value


def _named(what: str, record_id: str) -> str:
    if not record_id:
        raise UnsendableError(f"the {what} is missing")
    return record_id


def _ref(record_id: str) -> Body | None:
    return {"value": record_id} if record_id else None


def _present(**members: Any) -> Body:
    """The members that have a value: QuickBooks wants absent ones left out, not null."""
    return {name: value for name, value in members.items() if value not in (None, "")}
