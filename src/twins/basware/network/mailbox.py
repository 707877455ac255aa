"""What one company has in the Network: documents received and sent, files, notifications that wait, confirmations given.

Shapes are pieced together from published excerpts and other people's clients; there is no published specification.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

CONFIRMATIONS = frozenset({"Delivered", "DeliveryConfirmed", "Undelivered", "DocumentAccepted", "DocumentRejected"})
"""Action codes: technical accept (newer and older spelling), technical reject, business accept and reject."""

KINDS = frozenset({"Invoice", "CreditNote", "PaymentReceipt"})
"""Business documents that can be sent."""


@dataclass(frozen=True)
class NetworkFile:
    """An image, an attachment or the data file of a document."""

    ref_id: str
    file_type: str
    filename: str
    content_type: str
    content: bytes


@dataclass
class Document:
    """A business document: `bum_id` is its identity in the whole Network. `data` is its content, of UBL's manner."""

    bum_id: str
    kind: str
    data: dict[str, Any]
    at: datetime
    files: tuple[str, ...] = ()
    custom_fields: tuple[dict[str, Any], ...] = ()
    confirmations: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Notification:
    """Something to look at: a document that came, or what became of one that was sent."""

    id: str
    kind: str
    bum_id: str
    at: datetime


@dataclass
class Mailbox:
    """One company's side of the Network; it has an account there when `user` is not empty."""

    user: str = ""
    password: str = ""
    received: dict[str, Document] = field(default_factory=dict)
    sent: dict[str, Document] = field(default_factory=dict)
    files: dict[str, NetworkFile] = field(default_factory=dict)
    notifications: dict[str, Notification] = field(default_factory=dict)
    requests: set[str] = field(default_factory=set)
    """Request ids seen; each must be new."""
    document_tokens: dict[str, str] = field(default_factory=dict)
    file_tokens: dict[str, str] = field(default_factory=dict)
    """The identity of what was sent under a client token, so that sending it again adds nothing."""

    def receive(self, document: Document, notification_id: str) -> None:
        """Take in a document from a sender and announce it. Raises ValueError for one that is there already."""
        if document.bum_id in self.received:
            raise ValueError(f"document {document.bum_id} is in the Network already")
        if missing := [ref for ref in document.files if ref not in self.files]:
            raise ValueError(f"document {document.bum_id} names unknown files: {', '.join(missing)}")
        self.received[document.bum_id] = document
        self.notifications[notification_id] = Notification(
            notification_id, "BusinessDocument", document.bum_id, document.at
        )
