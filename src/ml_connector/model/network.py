"""A document of the Basware Network: an invoice on its way from a supplier, before anybody approved it in Purchase-to-Pay."""

from decimal import Decimal
from enum import StrEnum

import msgspec


class NetworkKind(StrEnum):
    """What a document of the Network is, as far as we tell them apart."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit note"
    OTHER = "other"


class FileRef(msgspec.Struct, frozen=True, kw_only=True):
    """A file that belongs to a document: by its `ref_id`, or, where the document gives none, by the address in `href`."""

    ref_id: str
    file_type: str = ""
    name: str = ""
    href: str = ""


class NetworkDocument(msgspec.Struct, frozen=True, kw_only=True):
    """What is shown of a document on its way. Texts are as the sender wrote them, empty where nothing was written.

    `total` is what is to be paid, in `currency`, with the sender's sign; `issue_date` is written as a date. `remarks` name what
    could not be read of an otherwise readable document.
    """

    bum_id: str
    kind: NetworkKind = NetworkKind.OTHER
    number: str = ""
    supplier_name: str = ""
    order_number: str = ""
    currency: str = ""
    total: Decimal | None = None
    issue_date: str = ""
    files: tuple[FileRef, ...] = ()
    remarks: tuple[str, ...] = ()
