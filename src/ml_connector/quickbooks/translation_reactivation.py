"""Making a list record of QuickBooks active again: the sparse update, from the record as it was just read.

Lists cannot be deleted in QuickBooks, only made inactive; the name then gets the suffix ` (deleted)`, which frees the name itself.
Making the record active leaves the suffix where it is, so the name is written along (recorded from the service; Intuit's reference
of sparse updates).
"""

from typing import Any

from ml_connector.quickbooks.records import Record, name_of, required, text

_PEOPLE = frozenset({"Vendor", "Customer"})


def reactivation_body(entity: str, record: Record) -> dict[str, Any]:
    """What makes this record active under its own name: nothing else of it changes, and only while nobody else changes it.

    Raises UnreadableError for a record without id or name.
    """
    field = "DisplayName" if entity in _PEOPLE else "Name"
    body: dict[str, Any] = {
        "sparse": True,
        "Id": required(record, "Id"),
        "SyncToken": text(record, "SyncToken"),
        "Active": True,
    }
    own = name_of(record, field)
    return body if own == required(record, field) else body | {field: own}
