"""The calls of the Basware Network, in its own terms: notifications, documents, files, confirmations.

Documents and files come out as the bytes that arrived; nothing here decides what they mean or what the sender is told.
"""

from collections.abc import Collection
from datetime import UTC, datetime
from urllib.parse import quote

import msgspec

from ml_connector.basware.auth import Authorization
from ml_connector.basware.errors import UnreadablePage
from ml_connector.basware.exchange import OnCall
from ml_connector.basware.hosts import KnownHosts
from ml_connector.basware.network_exchange import NetworkExchange
from ml_connector.basware.network_http import NetworkHttp
from ml_connector.basware.pauses import Pauses
from ml_connector.model.clock import Clock
from ml_connector.model.network import FileRef

DOCUMENT = "BusinessDocument"
"""The type of a notification that announces a document."""

_LARGEST_LIST = 5_000_000
_LONGEST_ID = 100


class Paths(msgspec.Struct, frozen=True, kw_only=True):
    """Where the Network keeps its resources; versions differ between its documents, so all three are settings."""

    notifications: str = "/v1.1/notifications"
    documents: str = "/v1/invoices"
    files: str = "/v2/files"


class Notification(msgspec.Struct, frozen=True, kw_only=True):
    """Something to look at. `raw` is its own JSON; `problem` says why it cannot be followed, empty if it can.

    Without a usable id it cannot be deleted either, and `id` is empty.
    """

    id: str
    kind: str
    bum_id: str
    at: datetime | None
    raw: bytes
    problem: str = ""


class File(msgspec.Struct, frozen=True, kw_only=True):
    """A file's bytes and what the Network says they are."""

    content: bytes
    content_type: str


class NetworkClient:
    """One account. Every call raises the errors of `errors.py`."""

    def __init__(
        self,
        http: NetworkHttp,
        *,
        base_url: str,
        authorization: Authorization,
        clock: Clock,
        paths: Paths = Paths(),  # noqa: B008  frozen
        allowed_hosts: Collection[str] = (),
        largest_document: int,
        largest_file: int,
        on_call: OnCall | None = None,
        pauses: Pauses | None = None,
    ) -> None:
        self._exchange = NetworkExchange(
            http,
            base_url=base_url,
            authorization=authorization,
            hosts=KnownHosts(base_url, allowed_hosts),
            clock=clock,
            on_call=on_call,
            pauses=pauses,
        )
        self._paths = paths
        self._largest_document = largest_document
        self._largest_file = largest_file

    def notifications(self) -> tuple[Notification, ...]:
        """Those that wait, oldest first; deleting some brings up the next. Raises UnreadablePage."""
        answer = self._exchange.get(self._paths.notifications, largest=_LARGEST_LIST)
        if answer.status == 404 or not answer.body.strip():
            return ()
        return tuple(_notification(bytes(raw)) for raw in _items(answer.body, answer.request_id))

    def document(self, bum_id: str) -> bytes | None:
        """A document as it came, or None when the Network has none by this id. Raises TooLarge."""
        answer = self._exchange.get(f"{self._paths.documents}/{_step(bum_id)}", largest=self._largest_document)
        return None if answer.status == 404 else answer.body

    def file(self, ref: FileRef, room: int) -> File | None:
        """A file of a document, at most `room` bytes of it or the client's own limit, or None when there is none.

        Raises TooLarge, and AddressRefused for a link to a host that is not called.
        """
        largest = min(self._largest_file, room)
        if ref.href:
            answer = self._exchange.get_file(ref.href, largest=largest)
        else:
            answer = self._exchange.get(f"{self._paths.files}/{_step(ref.ref_id)}", largest=largest, accept="*/*")
        return None if answer.status == 404 else File(content=answer.body, content_type=answer.content_type)

    def confirm(self, bum_id: str, action_code: str, **details: str) -> None:
        """Tell the sender what became of a document. Raises NoAnswer when nobody knows whether that arrived."""
        body = {"bumId": bum_id, "actionCode": action_code, **details}
        self._exchange.post(self._paths.notifications, msgspec.json.encode(body))

    def delete_notification(self, notification_id: str) -> bool:
        """Put a notification away; whether it was still there."""
        return self._exchange.delete(f"{self._paths.notifications}/{_step(notification_id)}").status != 404


def _items(body: bytes, request_id: str) -> list[msgspec.Raw]:
    try:
        tree = msgspec.json.decode(body.removeprefix(b"\xef\xbb\xbf"), type=dict[str, msgspec.Raw] | list[msgspec.Raw])
        if isinstance(tree, list):
            return tree
        return msgspec.json.decode(tree["notifications"], type=list[msgspec.Raw] | None) or []
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, KeyError) as error:
        text = "The Basware Network's list of notifications cannot be read."
        raise UnreadablePage(text, body=body, continuation="", request_id=request_id) from error


class _Head(msgspec.Struct, frozen=True, rename="camel"):
    id: str | int | None = None
    type: str | None = None
    bum_id: str | None = msgspec.field(default=None, name="bumId")
    timestamp: str | None = None


def _notification(raw: bytes) -> Notification:
    try:
        head = msgspec.json.decode(raw, type=_Head)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return Notification(
            id="", kind="", bum_id="", at=None, raw=raw, problem=f"the notification cannot be read: {error}"
        )
    own, bum_id, kind = str(head.id or ""), head.bum_id or "", head.type or ""
    problem = ""
    if not _usable(own):
        own, problem = "", "the notification has no id by which it could be put away"
    if kind == DOCUMENT and not _usable(bum_id):
        bum_id, problem = "", problem or "the notification names no document"
    return Notification(
        id=own, kind=kind[:_LONGEST_ID], bum_id=bum_id, at=_instant(head.timestamp), raw=raw, problem=problem
    )


def _usable(text: str) -> bool:
    """Whether a text can be a key and a step of an address."""
    return 0 < len(text) <= _LONGEST_ID and text.isprintable() and bool(text.strip(". "))


def _instant(text: str | None) -> datetime | None:
    try:
        instant = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


def _step(text: str) -> str:
    return quote(text, safe="")
