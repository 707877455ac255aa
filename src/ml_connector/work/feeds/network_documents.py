"""Reading one document of the Network with its files, and keeping all of it in one commit.

Says what a document is; what is told to its sender and when its notification goes is decided in `network.py`.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from hashlib import sha256

import msgspec

from ml_connector.basware.errors import AddressRefused, Refused, TooLarge
from ml_connector.basware.network import NetworkClient, Notification
from ml_connector.basware.network_documents import UnreadableMessage, read_message
from ml_connector.model.network import FileRef, NetworkDocument
from ml_connector.store import alerts, audit, inbox, network
from ml_connector.store.schema import NetworkState, Severity
from ml_connector.work.desk import Desk

DOCUMENTS = "basware.network.documents"
NOTIFICATIONS = "basware.network.notifications"
"""The inbox's names for what arrives from the Network."""

FILE_ALERT = "network file"
"""The alert of a document whose files could not all be had; its subject is the bumId."""


class NotTaken(Exception):  # noqa: N818  named as what it is
    """A document cannot be taken over for a reason of its own; the text says why."""


@contextmanager
def refusals(what: str) -> Iterator[None]:
    """What the Network refuses of one document concerns that document only."""
    try:
        yield
    except (Refused, TooLarge, AddressRefused) as error:
        raise NotTaken(f"{what}: {str(error).rstrip('.')}") from error


def take_over(desk: Desk, client: NetworkClient, bum_id: str) -> network.NetworkRow:
    """Read a document and its files, and keep them. Raises NotTaken, and what the client raises."""
    own = desk.settings.basware.network
    raw = _read(client, bum_id)
    document, problem = _understood(raw, bum_id, own.credit_note_codes)
    if problem:
        # An answer that was cut short on its way looks like this too, and its sender would be told wrongly.
        again = _read(client, bum_id)
        document, problem = _understood(again, bum_id, own.credit_note_codes)
        if problem and again != raw:
            raise NotTaken("The Network gave the document differently each time")
        raw = again
    files = [] if problem else _files(desk, client, document)
    return _keep(desk, document, raw, files, problem)


def complete_files(desk: Desk, client: NetworkClient, bum_id: str) -> None:
    """Read the files of a document that could not be had before.

    Raises NotTaken when some still cannot, and what the client raises.
    """
    document, problem = _understood(_read(client, bum_id), bum_id, desk.settings.basware.network.credit_note_codes)
    if problem:
        raise NotTaken(f"The document cannot be read any more: {problem}")
    with desk.database.read() as tx:
        missing = {one.ref_id for one in network.files_of(tx, desk.connection_id, bum_id) if one.problem}
    wanted = msgspec.structs.replace(document, files=tuple(ref for ref in document.files if ref.ref_id in missing))
    files, now = _files(desk, client, wanted), desk.clock.now()
    lacking = [file.problem for file in files if file.problem]
    lacking += [f"the document no longer names the file {one}" for one in missing - {file.ref_id for file in files}]
    with desk.write(durable=True) as tx:
        network.put_files(tx, desk.connection_id, bum_id, files)
        if not lacking:
            alerts.clear(tx, desk.connection_id, kind=FILE_ALERT, subject=bum_id, now=now)
            audit.record(
                tx, desk.connection_id, at=now, actor=desk.worker, action="network files received", subject=bum_id
            )
    if lacking:
        raise NotTaken("; ".join(lacking))


def _read(client: NetworkClient, bum_id: str) -> bytes:
    with refusals("The document could not be read"):
        raw = client.document(bum_id)
    if raw is None:
        raise NotTaken("The Network announced the document and has none by this id")
    return raw


def _understood(raw: bytes, bum_id: str, credit_note_codes: Collection[str]) -> tuple[NetworkDocument, str]:
    """What a message says, and why it cannot be read, empty if it can."""
    try:
        return read_message(raw, bum_id, credit_note_codes), ""
    except UnreadableMessage as error:
        return NetworkDocument(bum_id=bum_id), str(error)


def failed_row(desk: Desk, notification: Notification, inbox_id: int) -> network.NetworkRow:
    """The row of a document that was announced and could not be had; `inbox_id` is where its notification is kept."""
    document = NetworkDocument(bum_id=notification.bum_id)
    return _row(desk, document, inbox_id, NetworkState.FAILED, "")


def _files(desk: Desk, client: NetworkClient, document: NetworkDocument) -> list[network.NewFile]:
    """Every file of a document; one that cannot be had says why instead."""
    found: list[network.NewFile] = []
    room = desk.settings.basware.network.largest_files
    for ref in document.files:
        file = _file(client, ref, room)
        room -= len(file.content or b"")
        found.append(file)
    return found


def _file(client: NetworkClient, ref: FileRef, room: int) -> network.NewFile:
    problem, content, content_type = "", None, ""
    try:
        with refusals(f"the file {ref.ref_id} could not be read"):
            file = client.file(ref, room) if room > 0 else None
        if file is not None:
            content, content_type = file.content, file.content_type
        elif room > 0:
            problem = f"the Network has no file {ref.ref_id}"
        else:
            problem = f"the file {ref.ref_id} was left out: the document's files are larger than the limit"
    except NotTaken as error:
        problem = str(error)
    return network.NewFile(
        ref_id=ref.ref_id,
        file_type=ref.file_type,
        name=ref.name,
        content_type=content_type,
        digest=sha256(content).hexdigest() if content is not None else "",
        content=content,
        problem=problem,
    )


def _keep(
    desk: Desk, document: NetworkDocument, raw: bytes, files: list[network.NewFile], problem: str
) -> network.NetworkRow:
    """One durable commit of the message, what is shown of it, its files and what has to be said about them."""
    now, bum_id = desk.clock.now(), document.bum_id
    reject = bool(problem) and desk.settings.basware.network.unreadable == "reject"
    state = NetworkState.REJECTED if reject else NetworkState.ON_THE_WAY
    lacking = [file.problem for file in files if file.problem]
    with desk.write(durable=True) as tx:
        inbox_id, _ = inbox.store(
            tx,
            desk.connection_id,
            feed=DOCUMENTS,
            external_id=bum_id,
            content_hash=sha256(raw).hexdigest(),
            last_updated="",
            payload=raw.decode("utf-8", errors="backslashreplace"),
            problem=problem,
            received_at=now,
        )
        row = _row(desk, document, inbox_id, state, problem or "; ".join(document.remarks))
        network.put(tx, row)
        network.put_files(tx, desk.connection_id, bum_id, files)
        audit.record(
            tx, desk.connection_id, at=now, actor=desk.worker, action="network document received", subject=bum_id,
            reason=problem,
        )  # fmt: skip
        if lacking:
            message = (
                f"The document {document.number or bum_id} of {document.supplier_name or 'an unnamed supplier'} was taken over "
                f"without all of its files: {'; '.join(lacking)}. Look at it in Basware."
            )
            alerts.raise_(
                tx, desk.connection_id, kind=FILE_ALERT, subject=bum_id, message=message,
                severity=Severity.WARNING, now=now,
            )  # fmt: skip
        if problem and not reject:
            alerts.raise_(
                tx, desk.connection_id, kind="network document unreadable", subject=bum_id,
                message=f"The document {bum_id} of the Basware Network was accepted although it cannot be read: {problem}. "
                f"See it with `ml-connector network show {bum_id} --raw`.",
                severity=Severity.WARNING, now=now,
            )  # fmt: skip
    return row


def _row(desk: Desk, document: NetworkDocument, inbox_id: int, state: NetworkState, problem: str) -> network.NetworkRow:
    now = desk.clock.now()
    return network.NetworkRow(
        connection_id=desk.connection_id,
        bum_id=document.bum_id,
        kind=document.kind.value,
        number=document.number,
        supplier_name=document.supplier_name,
        order_number=document.order_number,
        currency=document.currency,
        total=document.total,
        issue_date=document.issue_date,
        state=state,
        inbox_id=inbox_id,
        invoice_id=None,
        matched_by="",
        problem=problem,
        tries=0,
        confirmed_at=None,
        received_at=now,
        updated_at=now,
    )
