"""A posted transaction that is no longer what both sides agreed on, in an accountant's terms: what differs, what becomes of it."""

from enum import StrEnum

import msgspec


class DriftKind(StrEnum):
    """What somebody did to a posted transaction in QuickBooks. A void leaves a transaction of zero, and so is a change."""

    CHANGED = "changed"
    DELETED = "deleted"


class DriftState(StrEnum):
    """How far a case has come.

    `open` waits for a person. `asked`: it is to be restored in the next run; `restoring`: the write is stored and on its way.
    `accepted`, `ignored`, `restored`: decided. `undone`: the difference is gone without us. Another difference opens the case anew.
    """

    OPEN = "open"
    ASKED = "asked"
    RESTORING = "restoring"
    ACCEPTED = "accepted"
    IGNORED = "ignored"
    RESTORED = "restored"
    UNDONE = "undone"


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One field in which QuickBooks' transaction is not the one we posted.

    `line` counts from 1, 0 for the head of the transaction. `ours` and `theirs` as QuickBooks keeps them: ids, ISO dates, plain
    amounts; empty where a side has nothing.
    """

    field: str
    ours: str
    theirs: str
    line: int = 0


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """Why a transaction cannot be restored, and what a person can do instead."""

    why: str
    what_to_do: str

    def __str__(self) -> str:
        return f"{self.why} {self.what_to_do}"
