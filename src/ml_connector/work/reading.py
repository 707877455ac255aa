"""Documents as they arrived, read where one that nobody can read is no error: it is held with a cause of its own."""

from ml_connector.basware.translation import UnreadableDocument, read_document
from ml_connector.model.documents import AccountingDocument


def readable(payload: str) -> AccountingDocument | None:
    """A document by its JSON; None for one that nobody can read."""
    return read_or_why(payload.encode())[0]


def read_or_why(raw: bytes) -> tuple[AccountingDocument | None, str]:
    """A document by its JSON, or why nobody can read it."""
    try:
        return read_document(raw), ""
    except UnreadableDocument as error:
        return None, "; ".join(error.problems)
