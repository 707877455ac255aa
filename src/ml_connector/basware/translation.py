"""Basware's accounting document on the wire becomes ours: exact amounts, dates without time zone, every problem named at once.

Fields we do not know are left in the raw document; values of enumerations are plain texts, so that a new one breaks nothing.
"""

from decimal import Decimal
from typing import Any

import msgspec

from ml_connector.basware.fields import Fields, shown
from ml_connector.basware.fingerprint import fingerprint
from ml_connector.basware.responses import TransferResponse, transfer_response_body
from ml_connector.model.documents import AccountingDocument, Attachment, CodingRow

__all__ = [
    "TransferResponse",
    "UnreadableDocument",
    "answered_codes",
    "content_hash",
    "read_document",
    "transfer_response_body",
]

_MOST_PROBLEMS = 50
_LONGEST_BUM_ID = 36  # Basware P2P spec, AccountingDocumentEntity.bumid
_DECODER = msgspec.json.Decoder(float_hook=Decimal)

_STEMS = (
    "account", "costCenter", "profitCenter", "businessUnit", "businessArea", "project", "projectSub", "internalOrder",
    "employee", "salesOrder", "salesOrderSub", "customer", "accAssignmentCategory", "budget", "service", "product",
    "fixedAsset", "fixedAssetSub", "workOrder", "workOrderSub", "organizationElement",
)  # fmt: skip
_CODES = frozenset(
    {f"{stem}Code" for stem in _STEMS}
    | {f"dimCode{number}" for number in range(1, 11)}
    | {f"text{number}" for number in (1, 2, 3, 4, 5, 84, 85)}
    | {
        "taxCode", "taxJurisdictionCode", "vehicleNumber", "plant", "partnerProfitCenter", "materialGroup", "conditionType",
        "commitmentItem", "controllingArea", "functionalArea", "network", "networkActivity", "contractNumber", "fiscalYear",
    }
)  # fmt: skip
"""Fields of StandardCodingEntity that say where a row belongs (Basware P2P spec)."""
_TEXTS = frozenset(f"text{number}" for number in range(1, 61))
"""Texts of a document's head, which mean what a company makes of them."""
_QUANTITIES = frozenset({"matchedQuantity", "allocatedQuantity"} | {f"num{number}" for number in range(1, 6)})
"""Where the same rows may tell how many pieces they are about; `num1` to `num5` mean what a company makes of them."""
_PRICES = frozenset({"orderedNetPrice", "receivedNetPrice"})
_NAMES = frozenset(
    {f"{stem}Name" for stem in _STEMS}
    | {f"dimName{number}" for number in range(1, 11)}
    | {"vehicleName", "buyerName", "ownerName"}
)


class UnreadableDocument(ValueError):  # noqa: N818  named as the hold it becomes
    """A document cannot be posted as it came. `problems` names every field at fault, what was found and what was expected."""

    def __init__(self, problems: tuple[str, ...], invoice_id: str) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems
        self.invoice_id = invoice_id


def read_document(raw: bytes) -> AccountingDocument:
    """One AccountingDocumentEntity. Raises UnreadableDocument with all that is wrong with it.

    Rows keep Basware's row index; a row whose index is missing or taken gets the next number after the highest, in order.
    """
    tree = _decode(raw)
    problems: list[str] = []
    fields = Fields(tree, problems)
    document = AccountingDocument(
        invoice_id=fields.text("invoiceId", required=True, longest=36),
        company_code=fields.text("companyCode", required=True, longest=32),
        supplier_code=fields.text("supplierCode", required=True),
        supplier_name=fields.text("supplierName"),
        supplier_source_system=fields.text("supplierSourceSystemId"),
        currency=fields.text("currencyCode", required=True, longest=3).upper(),
        processing_status=fields.text("processingStatus", required=True),
        content_hash="",
        invoice_number=fields.text("invoiceNumber"),
        bum_id=_bum_id(tree, "bumid"),
        parent_bum_id=_bum_id(tree, "parentInvoiceBumId"),
        texts=fields.named(_TEXTS),
        invoice_date=fields.day("invoiceDate"),
        voucher_date=fields.day("voucherDate"),
        due_date=fields.day("dueDate"),
        company_currency=fields.text("currencyCodeCompany").upper(),
        exchange_rate=fields.amount("exchangeRateCompany"),
        net_sum=fields.amount("netSum"),
        gross_sum=fields.amount("grossSum"),
        tax_sum=fields.amount("taxSum1"),
        tax_excluded_sum=fields.amount("taxSum2"),
        invoice_type_code=fields.text("invoiceTypeCode"),
        description=fields.text("description"),
        reference_number=fields.text("referenceNumber"),
        contract_number=fields.text("contractNumber"),
        payment_block=fields.flag("paymentBlock"),
        payment_term_code=fields.text("paymentTermCode"),
        payment_term_name=fields.text("paymentTermName"),
        order_numbers=fields.texts("orderNumbers"),
        voucher_number=fields.text("voucherNumber1"),
        last_updated=fields.instant("lastUpdated"),
        rows=_rows(fields),
        attachments=_attachments(fields),
        transfer_responses=tuple(
            code for one in fields.objects("transferResponses") if (code := one.text("externalCode"))
        ),
    )
    if problems:
        more = len(problems) - _MOST_PROBLEMS
        listed = (
            (*problems[:_MOST_PROBLEMS], f"and {more} more problems of these kinds") if more > 0 else tuple(problems)
        )
        raise UnreadableDocument(listed, document.invoice_id)
    return msgspec.structs.replace(document, content_hash=fingerprint(document))


def content_hash(raw: bytes) -> str:
    """The document's content as a hash: equal as long as nothing we post from differs, however the JSON is written.

    The same value as `read_document(raw).content_hash`; raises UnreadableDocument like it.
    """
    return read_document(raw).content_hash


def answered_codes(raw: bytes) -> frozenset[str]:
    """External codes of the transfer responses Basware holds for a document, whatever else of the document cannot be read.

    Raises UnreadableDocument when not even these can be made out.
    """
    try:
        listed = msgspec.json.decode(raw, type=_Answered).transfer_responses or []
    except (ValueError, RecursionError) as error:
        raise UnreadableDocument((f"transferResponses cannot be read: {error}",), "") from error
    return frozenset(one.external_code for one in listed if one.external_code)


class _Answer(msgspec.Struct, frozen=True, rename="camel"):
    external_code: str | None = None


class _Answered(msgspec.Struct, frozen=True, rename="camel"):
    transfer_responses: list[_Answer] | None = None


def _decode(raw: bytes) -> dict[str, Any]:
    try:
        tree = _DECODER.decode(raw)
    except (ValueError, ArithmeticError, RecursionError) as error:  # of msgspec, UTF-8 and Decimal
        raise UnreadableDocument((f"the document is not readable JSON: {error}",), "") from error
    if not isinstance(tree, dict):
        raise UnreadableDocument((f"the document: {shown(tree)} was found, an object was expected",), "")
    return tree


def _bum_id(tree: dict[str, Any], name: str) -> str:
    """A document's identity in the Network, if it has one. Nothing is posted from it, so an odd value is no problem."""
    value = tree.get(name)
    if not isinstance(value, str) or len(value) > _LONGEST_BUM_ID or not value.isprintable():
        return ""
    return value.strip()


def _rows(fields: Fields) -> tuple[CodingRow, ...]:
    found = [(one, one.whole("rowIndex")) for one in fields.objects("codingRows")]
    free = max((index for _, index in found if index is not None), default=0) + 1
    taken: set[int] = set()
    rows = []
    for one, index in found:
        if index is None or index in taken:
            index, free = free, free + 1  # noqa: PLW2901  the row's own index is unusable
        taken.add(index)
        rows.append(_row(one, index))
    return tuple(rows)


def _row(fields: Fields, index: int) -> CodingRow:
    return CodingRow(
        row_index=index,
        net=fields.amount("netTotal"),
        gross=fields.amount("grossTotal"),
        tax=fields.amount("taxSum"),
        tax_excluded=fields.amount("taxSum2"),
        tax_percent=fields.amount("taxPercent"),
        description=fields.text("orderLineDescription"),
        order_number=fields.text("orderNumber"),
        order_line_number=fields.text("orderLineNumber"),
        codes=fields.named(_CODES),
        names=fields.named(_NAMES),
        quantities=fields.numbers(_QUANTITIES),
        prices=fields.numbers(_PRICES),
    )


def _attachments(fields: Fields) -> tuple[Attachment, ...]:
    return tuple(
        Attachment(external_code=code, category=one.text("category"), filename=one.text("filename"))
        for one in fields.objects("attachments")
        if (code := one.text("externalCode"))
    )
