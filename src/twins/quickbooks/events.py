"""What happened to a company's records, as the rest of the twin is told: the source of every webhook.

A write announces it once it is stored; whoever wants to know is in `Company.listeners`.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Operation(StrEnum):
    """What was done to a record, in the words of Intuit's notifications."""

    CREATE = "Create"
    UPDATE = "Update"
    DELETE = "Delete"
    MERGE = "Merge"
    VOID = "Void"


@dataclass(frozen=True)
class Change:
    """One record of one company was changed. `deleted_id` is the record that vanished in a merge into `record_id`."""

    realm_id: str
    entity: str
    record_id: str
    operation: Operation
    at: datetime
    deleted_id: str = ""
