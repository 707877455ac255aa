"""Settings of the two feeds that are not part of Purchase-to-Pay: the Basware Network and Data Access.

Paths, codes and column names are settings wherever Basware publishes none or its sources disagree; the defaults follow the
better source. Nothing here reads or calls anything.
"""

from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import msgspec

from ml_connector.work.addresses import checked_address

Seconds = Annotated[float, msgspec.Meta(gt=0)]
Bytes = Annotated[int, msgspec.Meta(ge=1)]
Count = Annotated[int, msgspec.Meta(ge=1)]
Path = Annotated[str, msgspec.Meta(pattern=r"^/[!-~]*[^/]$")]

MEGABYTE = 1024 * 1024


class NetworkSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The Basware Network. Off by default: a company with an account there switches it on."""

    enabled: bool = False
    auth: Literal["basic", "oauth2"] = "basic"
    """Network guide and working clients: HTTP Basic. One derived source says OAuth2, which then uses the Basware client."""
    notifications_path: Path = "/v1.1/notifications"
    documents_path: Path = "/v1/invoices"
    files_path: Path = "/v2/files"
    allowed_hosts: tuple[str, ...] = ()
    """Hosts besides the Network's own, and those below it, to which a link in a document or a redirect may lead."""
    accept_code: Literal["Delivered", "DeliveryConfirmed"] = "Delivered"
    """The action code of our technical accept; the second is the spelling of the Network's older documents."""
    unreadable: Literal["reject", "accept"] = "reject"
    """What the sender of a document that cannot be read is told."""
    reason_field: str = "description"
    """The field of a reject that carries the reason; no source names it. Empty: the reason is not sent."""
    credit_note_codes: tuple[str, ...] = ("381",)
    """Document type codes (UNTDID 1001) that mean a credit note, whatever the document calls itself."""
    largest_document: Bytes = 20 * MEGABYTE
    largest_file: Bytes = 20 * MEGABYTE
    largest_files: Bytes = 60 * MEGABYTE
    """All files of one document together."""
    give_up_after: Count = 10
    """Runs in which a document could not be taken over before its notification is put away, with an alert that stays."""
    read_timeout: Seconds = 60.0
    connect_timeout: Seconds = 10.0


class SupplierColumns(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Columns of ADM_SUPPLIER. Basware gives its customers the names; these are the defaults until they are compared."""

    id: str = "SUPPLIER_ID"
    code: str = "SUPPLIER_CODE"
    name: str = "SUPPLIER_NAME"
    organization: str = "ORGANIZATION_CODE"
    source_system: str = "SOURCE_SYSTEM"
    origin: str = "ORIGIN"
    active: str = "IS_ACTIVE"
    payment_denied: str = "IS_PAYMENT_DENIED"
    payment_term: str = "PAYMENT_TERM_CODE"
    currency: str = "CURRENCY_CODE"
    email: str = "EMAIL"
    street: str = "STREET"
    city: str = "CITY"
    postal_code: str = "POSTAL_CODE"
    country: str = "COUNTRY_CODE"
    tax_id: str = "TAX_ID"
    last_updated: str = "LAST_UPDATED"


def _default_keys() -> dict[str, tuple[str, ...]]:
    return {
        "ADM_SUPPLIER": ("SUPPLIER_ID", "ORGANIZATION_CODE"),
        "IA_INVOICE": ("INVOICE_ID",),
        "IA_INVOICE_ROW": ("INVOICE_ID", "ROW_INDEX"),
        "IA_CODING_ROW": ("INVOICE_ID", "ROW_INDEX"),
        "IA_INVOICE_ORDER_NUMBER": ("INVOICE_ID", "ORDER_NUMBER"),
    }


class ExtractsSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Data Access, which Basware licenses separately. Off by default."""

    enabled: bool = False
    base_url: str = ""
    """Empty: the address of region and environment."""
    scopes: tuple[str, ...] = ("accountingDocuments.read",)
    """Rights asked for with the token; none of its own is published for Data Access."""
    tables: tuple[str, ...] = (
        "ADM_SUPPLIER", "IA_INVOICE", "IA_INVOICE_ROW", "IA_CODING_ROW", "IA_INVOICE_ORDER_NUMBER",
    )  # fmt: skip
    """Tables that are loaded. The files of all others are left where they are."""
    keys: dict[str, tuple[str, ...]] = msgspec.field(default_factory=_default_keys)
    """By table the columns that tell its rows apart. Every loaded table needs some."""
    suppliers: SupplierColumns = SupplierColumns()
    timezone: str = "UTC"
    """In which zone Basware writes the times of extracts, which carry none."""
    csv_encoding: str = "utf-8-sig"
    csv_delimiter: str = ""
    """Empty: found out from the header line."""
    spool: str = ""
    """Folder for downloaded files until they are loaded. Empty: `spool` in the home folder."""
    spool_limit: Bytes = 4096 * MEGABYTE
    """Most bytes that may lie in the spool folder of a connection."""
    largest_file: Bytes = 1024 * MEGABYTE
    """As downloaded."""
    largest_unpacked: Bytes = 8192 * MEGABYTE
    """The same file unpacked: more is taken for a decompression bomb."""
    largest_row: Bytes = MEGABYTE
    most_downloads: Annotated[int, msgspec.Meta(ge=1, le=5)] = 4
    """How often we fetch one file. Basware allows five; what is left is for a person."""
    portion: Count = 1000
    """Rows stored in one transaction."""
    read_timeout: Seconds = 60.0
    connect_timeout: Seconds = 10.0

    def __post_init__(self) -> None:
        """Refuse what could only fail later, in the middle of a load."""
        checked_address("base_url", self.base_url)
        for table in self.tables:
            if not self.keys.get(table):
                raise ValueError(f"the table {table} is to be loaded, but keys names no column for it")
        try:
            ZoneInfo(self.timezone)
        except (KeyError, ValueError, OSError):
            raise ValueError(f"there is no time zone {self.timezone!r}; use a name such as Europe/Helsinki") from None
        try:
            "".encode(self.csv_encoding)
        except LookupError:
            raise ValueError(f"there is no text encoding {self.csv_encoding!r}") from None
        if len(self.csv_delimiter) > 1:
            raise ValueError("csv_delimiter is one character, or empty to find it out")
