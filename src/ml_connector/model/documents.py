"""An approved invoice as Basware hands it over for posting, in our terms.

`basware/` translates the wire into these types; the rules read them. A field that Basware left out is None, never a
default: the rules decide what a missing value means.
"""

from datetime import date, datetime
from decimal import Decimal

import msgspec


class CodingRow(msgspec.Struct, frozen=True, kw_only=True):
    """One coding row: an amount and where it belongs.

    `codes` holds every dimension code of the row by Basware's own field name (`accountCode`, `costCenterCode`,
    `businessUnitCode`, `projectCode`, `dimCode1`, `taxCode`, …), blank ones left out; `names` the names for people, by
    Basware's names of their fields (`costCenterName`, `dimName1`, …).
    Amounts are in the document's currency with Basware's sign (credit notes are negative by default). `quantities` and `prices`
    (for one piece) hold what the row says of pieces, by Basware's field name (`matchedQuantity`, `orderedNetPrice`, …).
    """

    row_index: int
    net: Decimal | None = None
    gross: Decimal | None = None
    tax: Decimal | None = None
    """First tax of the row, part of the payable amount."""
    tax_excluded: Decimal | None = None
    """Second tax (Basware's taxSum2), outside the payable amount, such as reverse charge."""
    tax_percent: Decimal | None = None
    description: str = ""
    order_number: str = ""
    order_line_number: str = ""
    codes: dict[str, str] = {}
    names: dict[str, str] = {}
    quantities: dict[str, Decimal] = {}
    prices: dict[str, Decimal] = {}


class Attachment(msgspec.Struct, frozen=True, kw_only=True):
    """A file Basware holds for the document: the invoice image or something a person added."""

    external_code: str
    category: str = ""
    filename: str = ""


class AccountingDocument(msgspec.Struct, frozen=True, kw_only=True):
    """An approved invoice or credit note, as released by Basware for transfer to accounting.

    Business dates are calendar dates without a time zone. `invoice_id` is the document's identity, stable across transfers;
    `content_hash` changes when anything we post from changes, and not when only the transfer status does.
    """

    invoice_id: str
    company_code: str
    supplier_code: str
    currency: str
    processing_status: str
    content_hash: str
    invoice_number: str = ""
    bum_id: str = ""
    """The document's identity in the Basware Network, empty when it did not come that way."""
    parent_bum_id: str = ""
    """The identity of the original invoice of a credit note or chargeback; Basware fills it in special cases only."""
    texts: dict[str, str] = {}
    """The customer-specific texts of the head, by Basware's field name (`text1` to `text60`), blank ones left out."""
    supplier_name: str = ""
    supplier_source_system: str = ""
    invoice_date: date | None = None
    voucher_date: date | None = None
    due_date: date | None = None
    company_currency: str = ""
    exchange_rate: Decimal | None = None
    """Units of company currency for one unit of document currency (Basware's exchangeRateCompany)."""
    net_sum: Decimal | None = None
    gross_sum: Decimal | None = None
    tax_sum: Decimal | None = None
    """Tax inside the payable amount (taxSum1)."""
    tax_excluded_sum: Decimal | None = None
    """Tax outside the payable amount (taxSum2), such as reverse charge."""
    invoice_type_code: str = ""
    description: str = ""
    reference_number: str = ""
    contract_number: str = ""
    payment_block: bool = False
    payment_term_code: str = ""
    payment_term_name: str = ""
    order_numbers: tuple[str, ...] = ()
    voucher_number: str = ""
    """Basware's own voucher number, when it has one."""
    last_updated: datetime | None = None
    rows: tuple[CodingRow, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    transfer_responses: tuple[str, ...] = ()
    """External codes of the transfer responses Basware already holds for this document."""


def header_value(document: AccountingDocument, field: str) -> str:
    """A text of the document's head by Basware's name of its field; "" where it is blank."""
    known = {"referenceNumber": document.reference_number, "contractNumber": document.contract_number}
    return known.get(field) or document.texts.get(field, "")


def row_value(document: AccountingDocument, row: CodingRow, field: str) -> str:
    """The value of a Basware field for a row: the row's own code, or the document's where the row has none."""
    if field in row.codes:
        return row.codes[field]
    return {
        "companyCode": document.company_code,
        "supplierCode": document.supplier_code,
        "invoiceTypeCode": document.invoice_type_code,
        "paymentTermCode": document.payment_term_code,
        "currencyCode": document.currency,
        "orderNumber": row.order_number,
    }.get(field, "")


def row_name(row: CodingRow, field: str) -> str:
    """What Basware calls the code in a field of a row: `costCenterName` beside `costCenterCode`, `dimName1` beside `dimCode1`."""
    return row.names.get(field.replace("Code", "Name").replace("Number", "Name"), "")
