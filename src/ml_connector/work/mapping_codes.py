"""Which codes of a document a mapping rule may lead somewhere. What they lead to is not known here."""

from collections.abc import Iterable

from ml_connector.model.documents import AccountingDocument, CodingRow, row_name
from ml_connector.model.mapping import Dimension
from ml_connector.model.policy import PostingPolicy
from ml_connector.rules.mapping import NO_ROW

Code = tuple[Dimension, str, str]
"""A code a document uses, with Basware's name for it."""


def codes_of(document: AccountingDocument, policy: PostingPolicy) -> Iterable[tuple[Dimension, str, str, CodingRow]]:
    """Every code of a document that a mapping rule may lead somewhere: dimension, code, Basware's name for it, and its row."""
    yield Dimension.VENDOR, document.supplier_code, document.supplier_name, NO_ROW
    if document.payment_term_code and policy.sources.term:
        yield Dimension.TERM, document.payment_term_code, document.payment_term_name, NO_ROW
    sources = sources_of(policy)
    for row in document.rows:
        for dimension, field in sources.items():
            if code := row.codes.get(field, ""):
                yield dimension, code, row_name(row, field), row


def sources_of(policy: PostingPolicy) -> dict[Dimension, str]:
    """The field of coding rows that feeds each dimension; dimensions that are switched off are left out."""
    sources = policy.sources
    found = {
        Dimension.ACCOUNT: sources.account,
        Dimension.LOCATION: sources.location,
        Dimension.CLASS: sources.class_,
        Dimension.CUSTOMER: sources.customer,
        Dimension.ITEM: sources.item,
        Dimension.TAX_CODE: sources.tax_code,
    }
    return {dimension: field for dimension, field in found.items() if field}
