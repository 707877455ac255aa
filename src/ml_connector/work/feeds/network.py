"""The job `network`: documents that suppliers send through the Basware Network are taken over while they wait for approval.

For each notification: read the document and its files, keep all of it in one commit, confirm it to the sender, put the
notification away. A run may end anywhere; the next one finds the notification again and goes on behind the step that was
recorded last, so at worst a confirmation is sent twice, which says the same. What cannot be had is kept as such with its
problem, and never holds the others up.
"""

from hashlib import sha256

import msgspec

from ml_connector.basware.errors import BaswareError, NoAnswer, ScopeMissing, Unavailable
from ml_connector.basware.network import DOCUMENT, NetworkClient, Notification
from ml_connector.store import alerts, audit, inbox, network
from ml_connector.store.database import Tx
from ml_connector.store.schema import NetworkState, Severity
from ml_connector.work.desk import Desk
from ml_connector.work.feeds import network_documents
from ml_connector.work.feeds.network_again import Mended, read_network_again
from ml_connector.work.feeds.network_documents import NOTIFICATIONS
from ml_connector.work.feeds.network_telling import ALERT, confirm
from ml_connector.work.feeds.on_the_way import match_documents
from ml_connector.work.jobs import JobReport

_TROUBLE = (Unavailable, NoAnswer, ScopeMissing)
"""Errors that may be the Network's and not the document's: they count against a document only while others go through."""
_MOST_TROUBLE = 3


class _Tally(msgspec.Struct):
    taken: int = 0
    rejected: int = 0
    known: int = 0
    other: int = 0
    failed: int = 0
    trouble: list[tuple[Notification, BaswareError]] = []

    @property
    def done(self) -> int:
        return self.taken + self.rejected + self.known


def take_from_network(desk: Desk) -> JobReport:
    """Take over everything the Network announces, and match it with invoices that were approved meanwhile.

    Raises what the client raises when the Network cannot be used; what could be taken over is by then.
    """
    client = desk.network
    if client is None:
        return JobReport(outcome="the Basware Network is not switched on")
    tally = _Tally()
    try:
        finished = _follow_all(desk, client, tally)
        mended = read_network_again(desk, client) if finished else Mended()
    finally:
        with desk.write() as tx:
            matched = match_documents(tx, desk.connection_id, desk.clock.now())
    _settle_trouble(desk, client, tally)
    tally.taken += mended.taken
    tally.failed += mended.failed
    counts = {"taken": tally.taken, "rejected": tally.rejected, "known": tally.known, "other": tally.other,
              "failed": tally.failed, "matched": matched}  # fmt: skip
    outcome = f"{tally.taken} taken over, {tally.rejected} rejected, {tally.failed} failed, {matched} matched"
    if mended.completed:
        outcome += f", {mended.completed} got files that were missing"
    return JobReport(outcome=outcome, counts=counts, partial=not finished or tally.failed > 0)


def _follow_all(desk: Desk, client: NetworkClient, tally: _Tally) -> bool:
    """Every notification once; whether all were seen. Putting some away brings up the next."""
    seen: set[str] = set()
    while fresh := [one for one in client.notifications() if _mark(one) not in seen]:
        for notification in fresh:
            if desk.stopping():
                return False
            seen.add(_mark(notification))
            desk.keep_lease()
            _follow(desk, client, notification, tally)
            desk.watch("taking over from the Basware Network", tally.done, 0)
    return True


def _mark(notification: Notification) -> str:
    return notification.id or sha256(notification.raw).hexdigest()


def _follow(desk: Desk, client: NetworkClient, notification: Notification, tally: _Tally) -> None:
    """Do what a notification asks for. Raises what concerns the whole Network: sign-in, pauses, and trouble that goes on."""
    if notification.problem or notification.kind != DOCUMENT:
        _keep_other(desk, client, notification, tally)
        return
    try:
        _take(desk, client, notification, tally)
    except network_documents.NotTaken as failed:
        _note_failure(desk, client, notification, str(failed), tally)
    except _TROUBLE as error:
        tally.trouble.append((notification, error))
        if not tally.done and len(tally.trouble) >= _MOST_TROUBLE:
            raise


def _take(desk: Desk, client: NetworkClient, notification: Notification, tally: _Tally) -> None:
    """One document, from wherever an earlier run left it."""
    bum_id = notification.bum_id
    with desk.database.read() as tx:
        row = network.get(tx, desk.connection_id, bum_id)
    is_known = row is not None and row.state is not NetworkState.FAILED
    if row is None or not is_known:
        row = network_documents.take_over(desk, client, bum_id)
    if row.confirmed_at is None:
        confirm(desk, client, row)
    client.delete_notification(notification.id)
    with desk.write() as tx:
        alerts.clear(tx, desk.connection_id, kind=ALERT, subject=bum_id, now=desk.clock.now())
    tally.known += is_known
    tally.taken += not is_known and row.state is not NetworkState.REJECTED
    tally.rejected += not is_known and row.state is NetworkState.REJECTED


def _keep_other(desk: Desk, client: NetworkClient, notification: Notification, tally: _Tally) -> None:
    """A notification that announces no document, or that cannot be followed, is kept as it came and put away."""
    now = desk.clock.now()
    with desk.write(durable=True) as tx:
        _store_notification(tx, desk, notification)
        if notification.problem:
            message = (
                f"A notification of the Basware Network could not be followed: {notification.problem}. It is kept as it came. "
                "If a document is missing, ask Basware to announce it again."
            )
            alerts.raise_(
                tx, desk.connection_id, kind=ALERT, subject=_mark(notification), message=message,
                severity=Severity.WARNING, now=now,
            )  # fmt: skip
    tally.failed += bool(notification.problem)
    tally.other += not notification.problem
    if notification.id:
        client.delete_notification(notification.id)


def _store_notification(tx: Tx, desk: Desk, notification: Notification) -> int:
    row_id, _ = inbox.store(
        tx,
        desk.connection_id,
        feed=NOTIFICATIONS,
        external_id=_mark(notification),
        content_hash=sha256(notification.raw).hexdigest(),
        last_updated="",
        payload=notification.raw.decode("utf-8", errors="backslashreplace"),
        problem=notification.problem,
        received_at=desk.clock.now(),
    )
    return row_id


def _settle_trouble(desk: Desk, client: NetworkClient, tally: _Tally) -> None:
    """Where others went through, trouble is the document's own; where nothing did, it is the Network's, and raised."""
    if not tally.trouble:
        return
    if not tally.done:
        raise tally.trouble[0][1]
    for notification, error in tally.trouble:
        _note_failure(desk, client, notification, str(error), tally)


def _note_failure(desk: Desk, client: NetworkClient, notification: Notification, problem: str, tally: _Tally) -> None:
    """Keep what could not be taken over, tell a person, and after many runs put its notification away."""
    now, bum_id, most = desk.clock.now(), notification.bum_id, desk.settings.basware.network.give_up_after
    with desk.write(durable=True) as tx:
        if network.get(tx, desk.connection_id, bum_id) is None:
            inbox_id = _store_notification(tx, desk, notification)
            network.put(tx, network_documents.failed_row(desk, notification, inbox_id))
        tries = network.note_try(tx, desk.connection_id, bum_id, problem, now)
        given_up = tries >= most
        end = (
            "It is not tried again. Ask the supplier or Basware to send it again."
            if given_up
            else f"It is tried again in every run, {most} times in all. If it stays, tell Basware the bumId."
        )
        message = f"The document {bum_id} of the Basware Network could not be dealt with ({tries}x). {problem.rstrip('.')}. {end}"
        severity = Severity.ERROR if given_up else Severity.WARNING
        alerts.raise_(
            tx, desk.connection_id, kind=ALERT, subject=bum_id, message=message, severity=severity, now=now
        )  # fmt: skip
        if given_up:
            audit.record(
                tx, desk.connection_id, at=now, actor=desk.worker, action="network document given up", subject=bum_id,
                reason=problem,
            )  # fmt: skip
    tally.failed += 1
    if given_up:
        client.delete_notification(notification.id)
