"""What is said about changes in the books, before anything was read: announcements, and our own writes that cause some."""

from datetime import datetime

import msgspec

RecordKey = tuple[str, str]
"""Entity and QuickBooks id."""


class Announcement(msgspec.Struct, frozen=True, kw_only=True):
    """A notice that says "read this again". `occurred_at` is by QuickBooks' clock, None if the notice does not say.

    `merged_id`: the record that vanished in a merge into `record_id`.
    """

    notice_id: int
    entity: str
    record_id: str
    operation: str
    merged_id: str = ""
    occurred_at: datetime | None = None


class OwnWrite(msgspec.Struct, frozen=True, kw_only=True):
    """A write of ours that was answered and not announced yet. `written_at` is by QuickBooks' clock, in whole seconds."""

    key: RecordKey
    sync_token: str
    written_at: datetime

    @property
    def is_creation(self) -> bool:
        """Whether the write made the record: a new record has the sync token 0."""
        return self.sync_token == "0"
