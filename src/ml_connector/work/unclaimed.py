"""Looks for documents of company codes that no connection takes over, which otherwise nobody would ever hear of.

Everything else asks Basware company by company. This asks without a company, now and then, and of several connections with the
same sign-in only one does. An alert ends when a connection takes the code, or when nothing of it waits any more.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from ml_connector.basware.errors import Refused, ScopeMissing, UnreadablePage
from ml_connector.basware.feeds import WAITING as WAITING_FOR_EXPORT
from ml_connector.basware.pages import company_of
from ml_connector.flows.unclaimed import Claim, Waiting, nobodys, spokesman, taken_care_of, unclaimed_message
from ml_connector.store import alerts, cursors
from ml_connector.store.alerts import AlertRow
from ml_connector.store.connections import ConnectionRow
from ml_connector.store.schema import ConnectionState, Severity
from ml_connector.work.desk import Desk
from ml_connector.work.feeds.reading import to_the_end
from ml_connector.work.settings import SettingsError, decode_settings

FEED = "basware.accountingDocuments, all companies"
UNCLAIMED, NOT_LOOKED = "company without a connection", "companies not looked at"
"""Kinds of alerts: a company nobody takes over (its subject is the code), and Basware not letting us look for any."""

_WAITING = "WaitingForTransfer"


def look_for_unclaimed(desk: Desk) -> int:
    """Tell of companies that wait for nobody, if a look is due; how many there are. An alert that is over ends at any time."""
    now, own = desk.clock.now(), desk.settings.basware.unclaimed
    with desk.database.read() as tx:
        text = cursors.get(tx, desk.connection_id, FEED)
        told = alerts.of_kind(tx, desk.connection_id, UNCLAIMED)
    due = own.enabled and (not text or now >= datetime.fromisoformat(text) + timedelta(minutes=own.look_minutes))
    if not due and not told:
        return 0
    claims = [_claim(row) for row in desk.tenant()]
    if not own.enabled or spokesman(claims) != desk.connection_id:
        _end(desk, told, looked=due)
        return 0
    known = taken_care_of(claims)
    _end(desk, [one for one in told if one.subject in known])
    return _look(desk, claims, told) if due else 0


def _claim(row: ConnectionRow) -> Claim:
    try:
        own = decode_settings(row.settings).basware
    except SettingsError:  # its own jobs say so; what it takes over is nobody else's all the same
        return Claim(connection_id=row.id, companies=row.company_codes, works=False)
    return Claim(
        connection_id=row.id,
        companies=own.company_codes,
        works=row.paused_at is None
        and row.setup_since is None
        and row.state is not ConnectionState.PAUSED
        and own.unclaimed.enabled,
        elsewhere=own.unclaimed.elsewhere,
    )


def _end(desk: Desk, told: Iterable[AlertRow], *, looked: bool = False) -> None:
    """Close alerts that are over. `looked`: this connection need not ask itself again before its next look."""
    now = desk.clock.now()
    with desk.write() as tx:
        for one in told:
            alerts.clear(tx, desk.connection_id, kind=UNCLAIMED, subject=one.subject, now=now)
        if looked:
            cursors.put(tx, desk.connection_id, FEED, now.isoformat(), now)


def _look(desk: Desk, claims: list[Claim], told: Iterable[AlertRow]) -> int:
    now = desk.clock.now()
    try:
        waiting, whole = _waiting(desk)
    except Refused as refusal:
        with desk.write() as tx:
            message = (
                f"Basware does not list what waits for all companies at once: {refusal} Documents of a company that no connection "
                f"takes over would not be noticed. Ask Basware's consultant for that right, or set enabled = false in "
                f"[basware.unclaimed]."
            )
            alerts.raise_(tx, desk.connection_id, kind=NOT_LOOKED, severity=Severity.WARNING, message=message, now=now)
            cursors.put(tx, desk.connection_id, FEED, now.isoformat(), now)
        return 0
    found = nobodys(waiting, claims)
    with desk.write() as tx:
        alerts.clear(tx, desk.connection_id, kind=NOT_LOOKED, now=now)
        for code, some in found.items():
            alerts.raise_(
                tx, desk.connection_id, kind=UNCLAIMED, subject=code, severity=Severity.ERROR,
                message=unclaimed_message(code, some), now=now,
            )  # fmt: skip
        if whole:
            for one in told:
                if one.subject not in found:
                    alerts.clear(tx, desk.connection_id, kind=UNCLAIMED, subject=one.subject, now=now)
        cursors.put(tx, desk.connection_id, FEED, now.isoformat(), now)
    return len(found)


def _waiting(desk: Desk) -> tuple[dict[str, Waiting], bool]:
    """What waits in Basware, by company, and whether all of it could be read. What names no company is left to its own feed."""
    found, whole = dict[str, Waiting](), True
    size = desk.settings.basware.page_size
    documents, orders = set[tuple[str, str]](), set[tuple[str, str]]()
    try:
        for page in to_the_end(lambda: desk.basware.documents(_WAITING, page_size=size)):
            desk.keep_lease()
            documents |= {(company_of(one.raw), one.invoice_id) for one in page.documents}
    except UnreadablePage:
        whole = False
    if desk.settings.basware.orders.enabled:
        try:
            for listed in to_the_end(lambda: desk.feeds.exported_orders(WAITING_FOR_EXPORT)):
                desk.keep_lease()
                orders |= {(company_of(one.raw), one.id) for one in listed.records}
        except (UnreadablePage, ScopeMissing):  # the job of the orders says so of its own
            whole = False
    for code, number in Counter(code for code, _ in documents).items():
        found[code] = Waiting(documents=number)
    for code, number in Counter(code for code, _ in orders).items():
        found[code] = found.get(code, Waiting()) + Waiting(orders=number)
    return {code: one for code, one in found.items() if code}, whole
