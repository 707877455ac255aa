"""Files of a document: what Basware lists, and how far each has come on its way to QuickBooks."""

from enum import StrEnum
from typing import Literal

import msgspec


class Attachment(msgspec.Struct, frozen=True, kw_only=True):
    """A file as Basware lists it at a document. `category` is Basware's own word, such as ORIGINALIMAGE or ATTACHMENT."""

    code: str
    filename: str
    category: str = ""
    confidential: bool = False


class FileState(StrEnum):
    """How far a file has come. `sending`: handed to a call that was written down first; only a look may settle it.

    `left out`: it is not wanted, or QuickBooks cannot hold it; `failed`: given up after several tries.
    """

    WAITING = "waiting"
    SENDING = "sending"
    DONE = "done"
    LEFT_OUT = "left out"
    FAILED = "failed"


Which = Literal["all", "image", "none"]
"""Which files are copied: all, the invoice image only, or none."""
