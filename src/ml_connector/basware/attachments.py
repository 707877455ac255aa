"""Files of documents: reading which there are, and fetching one to disk.

The address a file lies at is good for 15 minutes and belongs to nobody but us: it is followed at once and kept nowhere (Basware P2P
specification, GET /v1/accountingDocuments/{invoiceId}/attachments/{attachmentExternalCode}).
"""

from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

import httpx2
import msgspec

from ml_connector.basware.auth import Authorization
from ml_connector.basware.exchange import OnCall
from ml_connector.basware.extract_downloads import Downloads
from ml_connector.basware.hosts import KnownHosts
from ml_connector.basware.pauses import Pauses
from ml_connector.basware.translation import UnreadableDocument
from ml_connector.model.attachments import Attachment
from ml_connector.model.clock import Clock

_LONGEST_CODE = 100


class _FileOnWire(msgspec.Struct, frozen=True, rename="camel"):
    external_code: str | None = None
    filename: str | None = None
    category: str | None = None
    is_confidential: bool | None = None


class _Files(msgspec.Struct, frozen=True):
    attachments: list[_FileOnWire] | None = None


def attachments_of(raw: bytes) -> tuple[Attachment, ...]:
    """The files a document lists, whatever else of it cannot be read; one without a code cannot be asked for and is left out.

    Raises UnreadableDocument when the list cannot be made out.
    """
    try:
        listed = msgspec.json.decode(raw, type=_Files).attachments or []
    except (ValueError, RecursionError) as error:
        raise UnreadableDocument((f"attachments cannot be read: {error}",), "") from error
    return tuple(
        Attachment(
            code=one.external_code,
            filename=one.filename or one.external_code,
            category=one.category or "",
            confidential=bool(one.is_confidential),
        )
        for one in listed
        if one.external_code and len(one.external_code) <= _LONGEST_CODE
    )


class AttachmentsClient:
    """Files of one tenant's documents. Every call raises the errors of `errors.py`."""

    def __init__(
        self,
        http: httpx2.Client,
        *,
        base_url: str,
        authorization: Authorization,
        clock: Clock,
        on_call: OnCall | None = None,
        pauses: Pauses | None = None,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._downloads = Downloads(
            http, hosts=KnownHosts(base_url), authorization=authorization, clock=clock, on_call=on_call, pauses=pauses
        )

    def fetch(self, invoice_id: str, code: str, target: Path, *, largest: int) -> int:
        """Stream a file to `target`, which is overwritten; its size in bytes.

        Raises TooLarge, Refused when Basware has no such file (any more), Unavailable when it broke off.
        """
        path = f"/v1/accountingDocuments/{quote(invoice_id, safe='')}/attachments/{quote(code, safe='')}"
        self._downloads.fetch(self._base_url + path, target, largest=largest, watch=lambda _size: None, digest=sha256())
        return target.stat().st_size
