"""The tables of an extract: their columns, and the rows a tenant has in them.

The names of the tables are Basware's (Data Access manual). Its columns are not published; those here are of the same manner, and
clients take them from the table definition or from settings. Values are texts and numbers as a database would export them.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from twins.basware.p2p_store import VENDORS, Row
from twins.basware.state import Record, Tenant
from twins.basware.values import stamp

Values = dict[str, Any]


@dataclass(frozen=True)
class Column:
    """One column: its name, its type in the words of the definition, what it means, an example."""

    name: str
    type: str
    meaning: str
    example: str


@dataclass(frozen=True)
class Table:
    """One table, and how to find its rows, each with the instant of its last change."""

    name: str
    columns: tuple[Column, ...]
    rows: Callable[[Tenant], Iterator[tuple[datetime, Values]]]


def _columns(text: str) -> tuple[Column, ...]:
    """Columns from lines of name, type, example and meaning."""
    parts = (line.split(None, 3) for line in text.strip().splitlines())
    return tuple(Column(name, kind, meaning, example) for name, kind, example, meaning in parts)


_INVOICE = _columns("""
INVOICE_ID NVARCHAR2 5f0c1d6b9a7e identity of the invoice, as in the interface
COMPANY_CODE NVARCHAR2 US10 company the invoice is for
SUPPLIER_CODE NVARCHAR2 V-10023 supplier's code
INVOICE_NUMBER NVARCHAR2 NW-1001 supplier's number
INVOICE_DATE DATE 2026-11-02 date on the invoice
VOUCHER_DATE DATE 2026-11-04 accounting date
DUE_DATE DATE 2026-12-02 day it is due
CURRENCY_CODE NVARCHAR2 USD currency of the sums
NET_SUM NUMBER 1000.00 total before tax
TAX_SUM NUMBER 80.00 payable tax
GROSS_SUM NUMBER 1080.00 payable total
PROCESSING_STATUS NVARCHAR2 Transferred where it stands
LAST_UPDATED TIMESTAMP 2026-11-20T06:00:00.000Z last change, in UTC
""")
_CODING_ROW = _columns("""
INVOICE_ID NVARCHAR2 5f0c1d6b9a7e invoice the row belongs to
ROW_INDEX NUMBER 1 position, may have gaps
ACCOUNT_CODE NVARCHAR2 6150 account
COST_CENTER_CODE NVARCHAR2 CC200 cost center
PROJECT_CODE NVARCHAR2 P-2601 project
NET_SUM NUMBER 600.00 amount before tax
GROSS_SUM NUMBER 648.00 amount with tax
LAST_UPDATED TIMESTAMP 2026-11-20T06:00:00.000Z last change of the invoice, in UTC
""")
_ORDER_NUMBER = _columns("""
INVOICE_ID NVARCHAR2 5f0c1d6b9a7e invoice
ORDER_NUMBER NVARCHAR2 PO-7701 order it was matched to
LAST_UPDATED TIMESTAMP 2026-11-20T06:00:00.000Z last change of the invoice, in UTC
""")
_ACTION = _columns("""
INVOICE_ID NVARCHAR2 5f0c1d6b9a7e invoice
POSITION NUMBER 1 order of the entries
ACTION NVARCHAR2 Transferred what was done
LAST_UPDATED TIMESTAMP 2026-11-20T06:00:00.000Z last change of the invoice, in UTC
""")
_SUPPLIER = _columns("""
SUPPLIER_ID NVARCHAR2 QBO-417 key of the record
SUPPLIER_CODE NVARCHAR2 V-00417 code people and invoices use
SUPPLIER_NAME NVARCHAR2 Northwind name
ORGANIZATION_CODE NVARCHAR2 US10 company it is kept for
SOURCE_SYSTEM NVARCHAR2 QBO system it came from
ORIGIN NVARCHAR2 MANUAL IMPORTED or MANUAL
IS_ACTIVE NUMBER 1 1 for active, 0 for inactive
IS_PAYMENT_DENIED NUMBER 0 1 when payments are blocked
PAYMENT_TERM_CODE NVARCHAR2 NET30 usual terms
CURRENCY_CODE NVARCHAR2 USD currency of the default payment means
EMAIL NVARCHAR2 ap@firm.example first contact's address
STREET NVARCHAR2 Harbor-St-12 postal address
CITY NVARCHAR2 Portland postal address
POSTAL_CODE NVARCHAR2 97201 postal address
COUNTRY_CODE NVARCHAR2 US postal address
TAX_ID NVARCHAR2 98-7654321 first identifier
LAST_UPDATED TIMESTAMP 2026-11-20T06:00:00.000Z last change, in UTC
""")
_ORGANIZATION = _columns("""
ORGANIZATION_CODE NVARCHAR2 US10 code of the company
ORGANIZATION_NAME NVARCHAR2 Holdings name
IS_ACTIVE NUMBER 1 1 for active, 0 for inactive
LAST_UPDATED TIMESTAMP 2026-11-20T06:00:00.000Z last change, in UTC
""")


def _documents(tenant: Tenant) -> Iterator[Record]:
    return tenant.after("", None)


def _invoices(tenant: Tenant) -> Iterator[tuple[datetime, Values]]:
    for record in _documents(tenant):
        entity = record.entity
        yield (
            record.updated,
            {
                "INVOICE_ID": record.invoice_id,
                "COMPANY_CODE": entity.get("companyCode"),
                "SUPPLIER_CODE": entity.get("supplierCode"),
                "INVOICE_NUMBER": entity.get("invoiceNumber"),
                "INVOICE_DATE": _day(entity, "invoiceDate"),
                "VOUCHER_DATE": _day(entity, "voucherDate"),
                "DUE_DATE": _day(entity, "dueDate"),
                "CURRENCY_CODE": entity.get("currencyCode"),
                "NET_SUM": entity.get("netSum"),
                "TAX_SUM": entity.get("taxSum1"),
                "GROSS_SUM": entity.get("grossSum"),
                "PROCESSING_STATUS": record.status,
                "LAST_UPDATED": stamp(record.updated),
            },
        )


def _coding_rows(tenant: Tenant) -> Iterator[tuple[datetime, Values]]:
    for record in _documents(tenant):
        for row in record.entity.get("codingRows") or ():
            yield (
                record.updated,
                {
                    "INVOICE_ID": record.invoice_id,
                    "ROW_INDEX": row.get("rowIndex"),
                    "ACCOUNT_CODE": row.get("accountCode"),
                    "COST_CENTER_CODE": row.get("costCenterCode"),
                    "PROJECT_CODE": row.get("projectCode"),
                    "NET_SUM": row.get("netTotal"),
                    "GROSS_SUM": row.get("grossTotal"),
                    "LAST_UPDATED": stamp(record.updated),
                },
            )


def _order_numbers(tenant: Tenant) -> Iterator[tuple[datetime, Values]]:
    for record in _documents(tenant):
        for number in record.entity.get("orderNumbers") or ():
            row = {"INVOICE_ID": record.invoice_id, "ORDER_NUMBER": number, "LAST_UPDATED": stamp(record.updated)}
            yield record.updated, row


def _actions(tenant: Tenant) -> Iterator[tuple[datetime, Values]]:
    for record in _documents(tenant):
        for position, text in enumerate(record.log, 1):
            yield (
                record.updated,
                {
                    "INVOICE_ID": record.invoice_id,
                    "POSITION": position,
                    "ACTION": text,
                    "LAST_UPDATED": stamp(record.updated),
                },
            )


def _suppliers(tenant: Tenant) -> Iterator[tuple[datetime, Values]]:
    for row in tenant.intake.p2p.rows(VENDORS):
        for company in row.entity.get("companies") or ():
            yield row.updated, _supplier(row, str(company["companyCode"]))


def _supplier(row: Row, company: str) -> Values:
    entity = row.entity
    standing = entity.get("processingStatus") or {}
    address = _first(entity, "addresses")
    means = [each for each in entity.get("paymentMeans") or () if each.get("default")]
    return {
        "SUPPLIER_ID": row.key,
        "SUPPLIER_CODE": entity.get("vendorCode"),
        "SUPPLIER_NAME": entity.get("name"),
        "ORGANIZATION_CODE": company,
        "SOURCE_SYSTEM": entity.get("sourceSystem"),
        "ORIGIN": "MANUAL" if row.origin == "person" else "IMPORTED",
        "IS_ACTIVE": int(standing.get("active") is not False),
        "IS_PAYMENT_DENIED": int(standing.get("paymentDenied") is True),
        "PAYMENT_TERM_CODE": (entity.get("paymentTerms") or {}).get("paymentTermCode"),
        "CURRENCY_CODE": means[0].get("currencyCode") if means else None,
        "EMAIL": _first(entity, "contacts").get("email"),
        "STREET": address.get("streetName"),
        "CITY": address.get("cityName"),
        "POSTAL_CODE": address.get("postalZone"),
        "COUNTRY_CODE": address.get("countryId"),
        "TAX_ID": _first(entity, "identifiers").get("id"),
        "LAST_UPDATED": stamp(row.updated),
    }


def _organizations(tenant: Tenant) -> Iterator[tuple[datetime, Values]]:
    for _, stored in tenant.intake.records("companies").after(None):
        company = stored.entity
        yield (
            stored.updated,
            {
                "ORGANIZATION_CODE": company["companyCode"],
                "ORGANIZATION_NAME": company["name"],
                "IS_ACTIVE": int(company["active"]),
                "LAST_UPDATED": stamp(stored.updated),
            },
        )


def _day(entity: Mapping[str, Any], name: str) -> str | None:
    value = entity.get(name)
    return str(value)[:10] if value else None


def _first(entity: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The first of some inner records, or none."""
    return next(iter(entity.get(name) or ()), {})


TABLES = (
    Table("IA_INVOICE", _INVOICE, _invoices),
    Table("IA_CODING_ROW", _CODING_ROW, _coding_rows),
    Table("IA_INVOICE_ORDER_NUMBER", _ORDER_NUMBER, _order_numbers),
    Table("IA_ACTION_LOG", _ACTION, _actions),
    Table("ADM_SUPPLIER", _SUPPLIER, _suppliers),
    Table("ADM_ORGANIZATION_ELEMENT", _ORGANIZATION, _organizations),
)

CHANGES: tuple[tuple[str, tuple[str, ...], Mapping[str, tuple[str, ...]]], ...] = (
    ("1.0", ("IA_INVOICE", "IA_CODING_ROW", "ADM_SUPPLIER", "ADM_ORGANIZATION_ELEMENT"), {}),
    ("1.1", ("IA_INVOICE_ORDER_NUMBER", "IA_ACTION_LOG"), {"ADM_SUPPLIER": ("IS_PAYMENT_DENIED",)}),
)
"""The change log of the definition: version, tables that came, columns that came by table."""
