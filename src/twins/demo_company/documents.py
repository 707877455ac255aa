"""Turns an invoice as a bookkeeper would describe it into the full accounting document Basware hands over.

Sums are exact: each row's tax is rounded to the cent and the document's tax is the sum of its rows. Nothing here knows
QuickBooks. Field names and lengths follow the Basware P2P specification, AccountingDocumentEntity.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID, uuid5

from twins.demo_company.currencies import HOME
from twins.demo_company.dimensions import OFFICE, PRACTICE, PROJECT, TERM
from twins.demo_company.products import PRODUCT
from twins.demo_company.vendors import Supplier

COMPANY_CODE = "US10"
COMPANY_NAME = "Calloway Thorne Advisors LLP"

_ID_SPACE = UUID("6d5a2f0e-2c1b-4d39-9d0a-7b1f30c5e4a8")
_CENT = Decimal("0.01")
_ZERO = Decimal("0.00")
_ONE = Decimal("1.0")


@dataclass(frozen=True)
class Row:
    """One coding row. `net` is before tax, negative on credit notes; empty codes stay empty in the document. A row on a `product`
    says how many `pieces` of it were matched."""

    account: str
    net: Decimal
    office: str
    practice: str
    text: str
    project: str = ""
    product: str = ""
    pieces: int = 0


@dataclass(frozen=True)
class Invoice:
    """One approved invoice. The voucher date is two days after the invoice date unless given, the terms the supplier's.

    `taxed` adds the sales tax of each row's office. `surplus` is what the stated total exceeds the rows by, zero on a
    correct document. `rate` is US dollars for one unit of `currency`.
    """

    supplier: str
    number: str
    dated: date
    text: str
    rows: tuple[Row, ...]
    order: str = ""
    taxed: bool = False
    terms: str = ""
    voucher_date: date | None = None
    blocked: bool = False
    with_image: bool = False
    surplus: Decimal = _ZERO
    currency: str = HOME
    rate: Decimal = _ONE


def row(
    account: str,
    net: str,
    office: str,
    practice: str,
    text: str,
    *,
    project: str = "",
    product: str = "",
    pieces: int = 0,
) -> Row:
    """A coding row with its amount as written on paper, thousands separators allowed."""
    return Row(account, Decimal(net.replace(",", "")), office, practice, text, project, product, pieces)


def stable_id(*parts: str) -> str:
    """The same 32 hexadecimal digits for the same parts, for ever."""
    return uuid5(_ID_SPACE, "/".join(parts)).hex


def invoice_id(supplier_code: str, number: str) -> str:
    """Basware's id of a supplier's invoice in the demo company."""
    return stable_id("invoice", supplier_code, number)


def row_tax(line: Row) -> Decimal:
    """Sales tax of a row at its office, to the cent, halves away from zero."""
    return (line.net * OFFICE[line.office].tax_percent / 100).quantize(_CENT, ROUND_HALF_UP)


def accounting_document(
    invoice: Invoice, supplier: Supplier, account_names: Mapping[str, str], last_updated: datetime
) -> dict[str, Any]:
    """The invoice as Basware's AccountingDocumentEntity, waiting for transfer. `last_updated` is in UTC."""
    identity = invoice_id(invoice.supplier, invoice.number)
    step = 10 if invoice.order else 1  # rows taken over from an order keep its line numbers, which leave gaps
    rows = [
        _coding_row(invoice, line, identity, index * step, account_names) for index, line in enumerate(invoice.rows, 1)
    ]
    net = sum((line["netTotal"] for line in rows), _ZERO) + invoice.surplus
    tax = sum((line["taxSum"] for line in rows), _ZERO)
    credit = net < 0
    return {
        "invoiceId": identity,
        "bumid": stable_id("bum", identity),
        "p2pProcessingMode": "Standard",
        "processingStatus": "WaitingForTransfer",
        "originService": 2,
        "invoiceNumber": invoice.number,
        "voucherNumber1": None,
        **_dates(invoice, net + tax, supplier),
        **_company(),
        "supplierCode": supplier.code,
        "supplierName": supplier.name,
        "supplierSourceSystemId": "QBO",
        **_bank(supplier),
        **_amounts(invoice, net, tax),
        "invoiceTypeCode": "CREDIT" if credit else "PO" if invoice.order else "NONPO",
        "invoiceTypeName": _type_name(credit=credit, order=invoice.order),
        "description": invoice.text,
        "referenceNumber": str(int(identity[:8], 16)).zfill(10),
        "referencePerson": "Dana Whitfield",
        "contractNumber": "",
        "paymentBlock": invoice.blocked,
        "prebooked": False,
        "paymentMethod": "Check",
        "orderNumbers": [invoice.order] if invoice.order else [],
        "text1": "",
        "numeric1": _ZERO,
        "invoiceImageURL": "https://p2p.example.test/image?token=",
        "invoiceImageToken": stable_id("image", identity),
        "lastUpdated": last_updated.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "codingRows": rows,
        "attachments": [_attachment(invoice, identity, last_updated)] if invoice.with_image else [],
        "transferParameters": [{"key": "InvoiceBatchId", "value": stable_id("batch", last_updated.date().isoformat())}],
        "prebookResponses": [],
        "transferResponses": [],
        "paymentResponses": [],
    }


def attachments(invoices: tuple[Invoice, ...]) -> dict[str, dict[str, dict[str, str]]]:
    """The invoice images, by invoice id and then by attachment code, as the Basware twin's seed wants them."""
    files: dict[str, dict[str, dict[str, str]]] = {}
    for invoice in invoices:
        if invoice.with_image:
            identity = invoice_id(invoice.supplier, invoice.number)
            content = base64.b64encode(_pdf(f"{invoice.supplier} {invoice.number}")).decode()
            files[identity] = {
                stable_id("file", identity): {
                    "filename": f"{_file_stem(invoice.number)}.pdf",
                    "content_base64": content,
                    "content_type": "application/pdf",
                }
            }
    return files


def _dates(invoice: Invoice, gross: Decimal, supplier: Supplier) -> dict[str, Any]:
    term = TERM[invoice.terms or supplier.terms]
    voucher = invoice.voucher_date or invoice.dated + timedelta(days=2)
    fields: dict[str, Any] = {
        "invoiceDate": _day(invoice.dated),
        "voucherDate": _day(voucher),
        "baseLineDate": _day(invoice.dated),
        "dueDate": _day(invoice.dated + timedelta(days=term.days)),
        "paymentTermCode": term.code,
        "paymentTermName": term.name,
        "paymentTermExternalCode": f"PT-{term.code}",
        "accountingPeriod": f"{voucher:%Y-%m}",
        "accountingGroup": f"{voucher:%B %Y}",
    }
    if term.discount_percent:
        share = Decimal(term.discount_percent) / 100
        fields["cashDate"] = _day(invoice.dated + timedelta(days=term.discount_days))
        fields["cashPercent"] = Decimal(term.discount_percent)
        fields["cashSum"] = (gross * share).quantize(_CENT, ROUND_HALF_UP)
    return fields


def _company() -> dict[str, Any]:
    return {
        "companyCode": COMPANY_CODE,
        "companyName": COMPANY_NAME,
        "organizationCode": COMPANY_CODE,
        "organizationName": COMPANY_NAME,
        "organizationElementCode": COMPANY_CODE,
        "organizationElementName": COMPANY_NAME,
    }


def _bank(supplier: Supplier) -> dict[str, Any]:
    return {
        "supplierBankBBAN": f"000000000-{supplier.code.removeprefix('V-').zfill(9)}",
        "supplierBankIBAN": "",
        "supplierBankBIC": "",
        "supplierBankName": f"{supplier.city} Example Bank",
    }


def _amounts(invoice: Invoice, net: Decimal, tax: Decimal) -> dict[str, Any]:
    office = OFFICE.get(invoice.rows[0].office)
    return {
        "currencyCode": invoice.currency,
        "currencyCodeCompany": HOME,
        "currencyCodeOrganization": HOME,
        "exchangeRateCompany": invoice.rate,
        "exchangeRateOrganization": invoice.rate,
        "exchangeRateBaseDate": _day(invoice.dated),
        "netSum": net,
        "taxSum1": tax,
        "taxSum2": _ZERO,
        "grossSum": net + tax,
        "netSumCompany": _in_dollars(net, invoice),
        "taxSum1Company": _in_dollars(tax, invoice),
        "grossSumCompany": _in_dollars(net + tax, invoice),
        "taxCode": f"ST-{invoice.rows[0].office}" if invoice.taxed else "",
        "taxPercent1": office.tax_percent if invoice.taxed and office else _ZERO,
        "taxPercent2": _ZERO,
    }


def _in_dollars(amount: Decimal, invoice: Invoice) -> Decimal:
    return amount if invoice.currency == HOME else (amount * invoice.rate).quantize(_CENT, ROUND_HALF_UP)


def _coding_row(
    invoice: Invoice, line: Row, identity: str, index: int, account_names: Mapping[str, str]
) -> dict[str, Any]:
    tax = row_tax(line) if invoice.taxed else _ZERO
    return {
        "externalCode": stable_id("row", identity, str(index)),
        "rowIndex": index,
        "accountCode": line.account,
        "accountName": account_names[line.account],
        "costCenterCode": line.office,
        "costCenterName": OFFICE[line.office].name if line.office in OFFICE else line.office,
        "businessUnitCode": line.practice,
        "businessUnitName": PRACTICE[line.practice].name if line.practice else "",
        "projectCode": line.project,
        "projectName": PROJECT[line.project].name if line.project else "",
        "netTotal": line.net,
        "taxCode": f"ST-{line.office}" if invoice.taxed else "",
        "taxPercent": OFFICE[line.office].tax_percent if invoice.taxed else _ZERO,
        "taxSum": tax,
        "grossTotal": line.net + tax,
        "netTotalCompany": _in_dollars(line.net, invoice),
        "taxSumCompany": _in_dollars(tax, invoice),
        "grossTotalCompany": _in_dollars(line.net + tax, invoice),
        "orderNumber": invoice.order,
        "orderLineNumber": str(index) if invoice.order else "",
        "orderLineDescription": line.text,
        "goodsReceiptNumber": f"GR-{identity[:6].upper()}" if invoice.order else "",
        **(_product(line) if line.product else {}),
        "matchingType": 0,
        "text1": "",
        "lastComment": "",
    }


def _product(line: Row) -> dict[str, Any]:
    return {
        "productCode": line.product,
        "productName": PRODUCT[line.product].name,
        "matchedQuantity": Decimal(line.pieces),
        "orderedNetPrice": line.net / line.pieces,
    }


def _type_name(*, credit: bool, order: str) -> str:
    if credit:
        return "Credit note"
    return "Purchase order invoice" if order else "Expense invoice"


def _attachment(invoice: Invoice, identity: str, last_updated: datetime) -> dict[str, Any]:
    return {
        "externalCode": stable_id("file", identity),
        "category": "ORIGINALIMAGE",
        "filename": f"{_file_stem(invoice.number)}.pdf",
        "isConfidential": False,
        "creationTime": (last_updated - timedelta(hours=4)).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }


def _file_stem(number: str) -> str:
    return "".join(letter if letter.isalnum() or letter == "-" else "-" for letter in number)


def _day(day: date) -> str:
    return f"{day.isoformat()}T00:00:00"


def _pdf(text: str) -> bytes:
    """The smallest one-page PDF that a viewer opens, with one line of plain text."""
    stream = f"BT /F1 14 Tf 60 720 Td ({text}) Tj ET".encode("latin-1")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 5 0 R /Resources << /Font << /F1 4 0 R >> >> >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
    ]
    body, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        offsets.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    trailer = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(body))
    return body + head + table + trailer
