"""What people are to be told of a connection at this moment: alerts, causes that were not there before, the digest of the day.

Stores messages and sends none. Safe to repeat by any number of processes: a message is unique by its target and its cause.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from ml_connector.rules.behind import is_behind
from ml_connector.store import alerts, jobs, messages
from ml_connector.store.alerts import AlertRow
from ml_connector.store.audit_chain import Chain
from ml_connector.store.connections import ConnectionRow
from ml_connector.store.database import Tx
from ml_connector.store.document_lists import counts
from ml_connector.store.figures import held_together, posted_since
from ml_connector.store.jobs import JobRow
from ml_connector.store.messages import NewMessage, TargetRow
from ml_connector.store.schema import DocumentState, Severity
from ml_connector.work.company import company_of
from ml_connector.work.messages.settings import MessageSettings
from ml_connector.work.messages.words import Digest, HeldBy, Place, Text, of_alert, of_cause, of_digest
from ml_connector.work.schedule import paused_why, plans_of, stretch_of
from ml_connector.work.sealing import head_of
from ml_connector.work.settings import ConnectionSettings, SettingsError, decode_settings

BEHIND = "books behind"
"""Alert: a planned run did not happen for so long that what is known of the other system is old."""

UNDELIVERED = "message not delivered"
"""Alert: a target of messages does not take them. Its subject is the target, which is not told of itself."""

_UNDER_WAY = (DocumentState.RECEIVED, DocumentState.VENDOR_PENDING, DocumentState.POSTING)


def settings_of(row: ConnectionRow) -> ConnectionSettings | None:
    """The connection's settings; None when nobody can read them, of which an alert tells."""
    try:
        return decode_settings(row.settings)
    except SettingsError:
        return None


def place_of(tx: Tx, row: ConnectionRow, settings: ConnectionSettings | None, address: str) -> Place:
    """The company as messages name it."""
    if settings is None:
        return Place(connection=row.name, address=address)
    company = company_of(tx, row.id, settings)
    return Place(connection=row.name, company=company.name, zone=company.time_zone, address=address)


def notice(tx: Tx, row: ConnectionRow, told: Sequence[TargetRow], address: str, now: datetime) -> None:
    """Store what the targets of a connection have to be told of it by now."""
    settings = settings_of(row)
    wishes = settings.messages if settings else MessageSettings()
    place = place_of(tx, row, settings, address)
    if settings is not None:
        _note_behind(tx, row, wishes, now)
    found = dict(_of_alerts(tx, row, wishes, place))
    _store(tx, row, told, found, now)
    groups = held_by(tx, row.id)
    fresh = set(messages.note_causes(tx, row.id, (_pair(one) for one in groups), now))
    if wishes.causes:
        new = [one for one in groups if _pair(one) in fresh]
        said = {f"held {' '.join(_pair(one))} {now.isoformat()}"[:300]: of_cause(place, one) for one in new}
        _store(tx, row, told, {cause: (now, text) for cause, text in said.items()}, now)
    begins = digest_begins(wishes, place.zone, now)
    if begins is not None:
        _digest(tx, row, told, place, begins, now)


def digest_begins(wishes: MessageSettings, zone: str, now: datetime) -> datetime | None:
    """The moment of the last digest that is due by now; None where the company wants none."""
    if not wishes.digest_at:
        return None
    local = now.astimezone(ZoneInfo(zone))
    today = datetime.combine(local.date(), time.fromisoformat(wishes.digest_at), ZoneInfo(zone))
    return today if today <= now else today - timedelta(days=1)


def held_by(tx: Tx, connection_id: str) -> list[HeldBy]:
    """The causes that hold documents, most documents first."""
    found: dict[tuple[str, str], HeldBy] = {}
    for holds, currency, number, total, oldest in held_together(tx, connection_id):
        for hold in holds:
            before = found.get((hold.cause.value, hold.subject), HeldBy(hold=hold, documents=0, money={}))
            money = dict(before.money)
            if total is not None:
                money[currency] = money.get(currency, Decimal(0)) + total
            since = min((at for at in (before.oldest, oldest) if at is not None), default=None)
            found[hold.cause.value, hold.subject] = HeldBy(
                hold=before.hold, documents=before.documents + number, money=money, oldest=since
            )
    return sorted(found.values(), key=lambda one: (-one.documents, one.hold.cause.value, one.hold.subject))


def _pair(held: HeldBy) -> tuple[str, str]:
    return held.hold.cause.value, held.hold.subject[:300]


def _of_alerts(
    tx: Tx, row: ConnectionRow, wishes: MessageSettings, place: Place
) -> Iterable[tuple[str, tuple[datetime, Text]]]:
    """Open alerts by what makes a message of each unique: an alert that is raised again is another one."""
    if wishes.alerts == "none":
        return
    for alert in reversed(alerts.listing(tx, row.id)):
        if alert.severity is Severity.ERROR or wishes.alerts == "all":
            yield _cause_of(alert), (alert.raised_at, of_alert(place, alert))


def _cause_of(alert: AlertRow) -> str:
    about = f" {alert.subject}" if alert.kind == UNDELIVERED else ""
    return f"alert {alert.id}{about}"


def _store(
    tx: Tx,
    row: ConnectionRow,
    told: Sequence[TargetRow],
    found: Mapping[str, tuple[datetime, Text]],
    now: datetime,
) -> None:
    """Store messages for each target that does not know yet: of what began since it is there, and never of itself."""
    known = messages.known_causes(tx, row.id, found)
    for target in told:
        for cause, (since, text) in found.items():
            if (target.id, cause) in known or since < target.created_at or cause.endswith(f" {target.id}"):
                continue
            fresh = NewMessage(connection_id=row.id, target_id=target.id, cause=cause, title=text.title, body=text.body)
            messages.add(tx, fresh, now)


def _digest(  # noqa: PLR0917
    tx: Tx, row: ConnectionRow, told: Sequence[TargetRow], place: Place, begins: datetime, now: datetime
) -> None:
    cause = f"digest {begins.date()}"
    lacking = [
        one
        for one in told
        if (one.id, cause) not in messages.known_causes(tx, row.id, [cause]) and one.created_at < begins
    ]
    if lacking:
        text = of_digest(place, digest_of(tx, row.id, begins - timedelta(days=1)))
        _store(tx, row, lacking, {cause: (begins, text)}, now)


def digest_of(tx: Tx, connection_id: str, since: datetime) -> Digest:
    """How the books stand, with what was posted since a moment."""
    posted, money = posted_since(tx, connection_id, since)
    states = counts(tx, connection_id)
    return Digest(
        since=since,
        posted=posted,
        posted_money=money,
        held=held_by(tx, connection_id),
        alerts=alerts.listing(tx, connection_id),
        audit_head=head_of(tx, Chain(connection_id)),
        people_head=head_of(tx, Chain()).partition(":")[2],
        under_way=sum(states.get(state, (0, {}))[0] for state in _UNDER_WAY),
    )


def _note_behind(tx: Tx, row: ConnectionRow, wishes: MessageSettings, now: datetime) -> None:
    """Raise an alert for each job whose planned run did not happen for too long, and end those that are over.

    Of a job that fails, another alert tells.
    """
    patience = timedelta(minutes=wishes.behind_after)
    past = jobs.of_connection(tx, row.id)
    for job, plan in plans_of(row).items():
        one = past.get(job, JobRow(connection_id=row.id, job=job))
        last = one.succeeded_at or one.planned_from or row.created_at
        stretch = stretch_of(tx, row, job, now)
        if not one.failures and not paused_why(row, one) and is_behind(plan, last, now, patience, stretch):
            message = (
                f"The job {job} of {row.name} should have run and has not been done since "
                f"{last:%Y-%m-%d %H:%M} UTC. See why on the screen of polling; if every job is behind, nothing is working: "
                "start `ml-connector work`."
            )
            alerts.raise_(tx, row.id, kind=BEHIND, subject=job, message=message, severity=Severity.WARNING, now=now)
        else:
            alerts.clear(tx, row.id, kind=BEHIND, subject=job, now=now)
