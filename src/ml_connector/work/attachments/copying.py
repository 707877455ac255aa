"""Copying one file: from Basware to disk, from there to every transaction its document became, and never twice.

The call is written down before it is made. Where its answer got lost, QuickBooks is asked for the note that each file of ours
carries, once its own time limit has passed; what is not there then is copied again. No failure of a file concerns its document.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from ml_connector.basware import errors as basware
from ml_connector.model.attachments import FileState
from ml_connector.quickbooks import errors as quickbooks
from ml_connector.quickbooks.queries import changed_since
from ml_connector.quickbooks.uploads import Target, Upload
from ml_connector.quickbooks.wire import MAX_PAGE
from ml_connector.rules.attachments import content_type_of, mark, name_for
from ml_connector.store import attachments, audit, links
from ml_connector.store.attachments import FileRow
from ml_connector.work.desk import Desk

_TOGETHER = 50
_FIRST_WAIT, _LONGEST_WAIT = timedelta(minutes=10), timedelta(hours=24)
_CLOCKS_APART = timedelta(minutes=10)


class Copied(msgspec.Struct, kw_only=True):
    """What one run came to."""

    done: int = 0
    failed: int = 0
    again: int = 0


def copy_files(desk: Desk) -> Copied:
    """Copy every file that is due. Raises what a client raises when a system cannot be used at all."""
    copied = Copied()
    _settle(desk, copied)
    while True:
        with desk.database.read() as tx:
            rows = attachments.due(tx, desk.connection_id, desk.clock.now(), _TOGETHER)
        if not rows:
            return copied
        for row in rows:
            desk.keep_lease()
            desk.watch("files to QuickBooks", copied.done, 0)
            _copy(desk, row, copied)


def _copy(desk: Desk, row: FileRow, copied: Copied) -> None:
    with desk.database.read() as tx:
        own = links.for_record(tx, desk.connection_id, "invoice", row.invoice_id)
    targets = [
        Target(one.quickbooks_type, one.quickbooks_id)
        for one in own
        if f" {one.quickbooks_type}:{one.quickbooks_id} " not in row.attached_to
    ]
    if not targets:
        _put_aside(desk, row, "" if own else "its document is not in QuickBooks at present")
        return
    file = _spool(desk, row)
    try:
        size = desk.files.fetch(row.invoice_id, row.code, file, largest=desk.settings.basware.attachments.largest)
        if size == 0:
            _leave_out(desk, row, "it is empty", copied)
            return
        _send(desk, msgspec.structs.replace(row, size=size), file, targets, copied)
    except basware.TooLarge as error:
        _leave_out(desk, row, str(error), copied)
    except (basware.Refused, basware.AddressRefused) as error:
        _put_off(desk, row, str(error), copied)
    except basware.Unavailable as error:
        _put_off(desk, row, str(error), copied)
    finally:
        file.unlink(missing_ok=True)


def _send(desk: Desk, row: FileRow, file: Path, targets: Sequence[Target], copied: Copied) -> None:
    now, wait = desk.clock.now(), timedelta(seconds=desk.settings.quickbooks.settle_after)
    attempt = f"{row.tries}" + (f"/{row.copies}" if row.copies else "")
    request_id = sha256(f"{desk.connection_id}/{row.invoice_id}/{row.code}/{attempt}".encode()).hexdigest()[:36]
    sending_to = "".join(f" {one.type}:{one.id} " for one in targets)
    with desk.write(durable=True) as tx:
        begun = attachments.change(
            tx, row, now, expected={FileState.WAITING}, state=FileState.SENDING, request_id=request_id, sent_at=now,
            size=row.size, next_at=now + wait, sending_to=sending_to,
        )  # fmt: skip
    if not begun:
        return
    name = name_for(row.filename)
    note = mark(row.invoice_id, row.code, row.copies)
    upload = Upload(file, name=name, kind=content_type_of(name), note=note, targets=targets)
    row = msgspec.structs.replace(row, sending_to=sending_to)
    try:
        record, trace = desk.quickbooks.upload(upload, request_id)
    except quickbooks.NoAnswer:
        copied.again += 1
    except quickbooks.Refused as error:
        _put_off(desk, row, str(error), copied)
    except quickbooks.QuickBooksError:
        _take_back(desk, row)
        raise
    else:
        _done(desk, row, record, trace, copied)


def _take_back(desk: Desk, row: FileRow) -> None:
    """Nothing was sent, and it is not the file's fault: it waits as before."""
    with desk.write() as tx:
        attachments.change(
            tx, row, desk.clock.now(), expected={FileState.SENDING}, state=FileState.WAITING, next_at=row.next_at
        )


def _settle(desk: Desk, copied: Copied) -> None:
    """Find out what became of uploads without an answer, all in one look."""
    with desk.database.read() as tx:
        rows = attachments.sending(tx, desk.connection_id)
    ripe = [row for row in rows if row.next_at is not None and row.next_at <= desk.clock.now()]
    sent = [row.sent_at for row in ripe if row.sent_at is not None]
    if not sent:
        return
    desk.keep_lease()
    there = _files_since(desk, min(sent) - _CLOCKS_APART)
    for row in ripe:
        record = there.get(mark(row.invoice_id, row.code, row.copies))
        if record is not None:
            _done(desk, row, record, "", copied)
        else:
            _put_off(desk, row, "QuickBooks did not answer, and does not have it", copied)


def _files_since(desk: Desk, since: datetime) -> dict[str, dict[str, Any]]:
    """Attachables changed since a moment, by their notes."""
    found: dict[str, dict[str, Any]] = {}
    start = 1
    while True:
        rows = desk.quickbooks.query(changed_since("Attachable", since, start=start, size=MAX_PAGE - 1))
        found.update((str(row.get("Note", "")), row) for row in rows)
        if len(rows) < MAX_PAGE - 1:
            return found
        start += len(rows)


def _done(desk: Desk, row: FileRow, record: dict[str, Any], trace: str, copied: Copied) -> None:
    key, now = str(record.get("Id", "")), desk.clock.now()
    with desk.write() as tx:
        attachments.change(
            tx, row, now, expected=_OPEN, state=FileState.DONE, quickbooks_id=key, problem="", next_at=None,
            attached_to=row.attached_to + row.sending_to, sending_to="", copies=row.copies + 1, tries=0,
        )  # fmt: skip
        audit.record(
            tx, desk.connection_id, at=now, actor=desk.worker, action="file attached in QuickBooks",
            subject=row.invoice_id, after=f"{row.filename} ({row.size} bytes) is Attachable {key}", trace=trace,
        )  # fmt: skip
    copied.done += 1


def follow_documents(desk: Desk) -> int:
    """Have files copied again to transactions that their documents became since: posted anew, or in more parts. How many."""
    now = desk.clock.now()
    with desk.write() as tx:
        return sum(
            attachments.change(
                tx, row, now, expected={FileState.DONE, FileState.WAITING}, state=FileState.WAITING, next_at=now,
                problem="",
            )
            for row in attachments.to_follow(tx, desk.connection_id)
        )  # fmt: skip


def _put_aside(desk: Desk, row: FileRow, why: str) -> None:
    """Nothing to attach it to: it waits until its document is in QuickBooks again, which is no failure of the file. Without a
    reason every transaction has it already."""
    state = FileState.WAITING if why else FileState.DONE
    with desk.write() as tx:
        attachments.change(tx, row, desk.clock.now(), expected=_OPEN, state=state, problem=why, next_at=None)


def _leave_out(desk: Desk, row: FileRow, why: str, copied: Copied) -> None:
    with desk.write() as tx:
        attachments.change(
            tx, row, desk.clock.now(), expected=_OPEN, state=FileState.LEFT_OUT, problem=why, next_at=None
        )
    copied.failed += 1


def _put_off(desk: Desk, row: FileRow, why: str, copied: Copied) -> None:
    """Try again later, ever more seldom; after enough tries the file is given up, its document stays as it is."""
    now, tries = desk.clock.now(), row.tries + 1
    given_up = tries >= desk.settings.basware.attachments.tries
    wait = min(_FIRST_WAIT * 4 ** (tries - 1), _LONGEST_WAIT)
    with desk.write() as tx:
        attachments.change(
            tx, row, now, expected=_OPEN, state=FileState.FAILED if given_up else FileState.WAITING, problem=why,
            tries=tries, next_at=None if given_up else now + wait,
        )  # fmt: skip
        if given_up:
            audit.record(
                tx, desk.connection_id, at=now, actor=desk.worker, action="file given up", subject=row.invoice_id,
                after=row.filename, reason=why,
            )  # fmt: skip
    copied.failed += given_up
    copied.again += not given_up


def _spool(desk: Desk, row: FileRow) -> Path:
    """Where a file lies while it is copied: names from outside never become paths."""
    folder = desk.spool / "attachments"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder / sha256(f"{row.invoice_id}/{row.code}".encode()).hexdigest()[:32]


_OPEN: Collection[FileState] = (FileState.WAITING, FileState.SENDING)
