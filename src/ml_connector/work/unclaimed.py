"""Looks for what belongs to company codes that no connection takes over, which otherwise nobody would ever hear of: approved
documents, prebooked invoices, orders, vendors of other programs.

Everything else asks Basware company by company. This asks without a company, now and then, and of several connections with the
same sign-in only one does. An alert ends when a connection takes the code, or when nothing of it waits any more.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

import msgspec

from ml_connector.basware.errors import Refused, ScopeMissing, UnreadablePage
from ml_connector.basware.feeds import WAITING as WAITING_FOR_EXPORT
from ml_connector.basware.feeds import companies_of
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

_VENDORS = "basware.vendors, all companies"
_WAITING, _PREBOOK = "WaitingForTransfer", "WaitingForPrebook"

_VENDORS_EVERY = timedelta(days=1)
"""How often all vendors are counted: a long list, of which nothing stands still."""


class _Counted(msgspec.Struct, frozen=True):
    """How many vendors each company without a connection had, and when that was read."""

    at: datetime
    vendors: dict[str, int]


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
        waiting, whole = _waiting(desk, taken_care_of(claims))
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
                tx, desk.connection_id, kind=UNCLAIMED, subject=code,
                severity=Severity.ERROR if some.waits else Severity.WARNING,
                message=unclaimed_message(code, some), now=now,
            )  # fmt: skip
        if whole:
            for one in told:
                if one.subject not in found:
                    alerts.clear(tx, desk.connection_id, kind=UNCLAIMED, subject=one.subject, now=now)
        cursors.put(tx, desk.connection_id, FEED, now.isoformat(), now)
    return len(found)


def _waiting(desk: Desk, known: frozenset[str]) -> tuple[dict[str, Waiting], bool]:
    """What is in Basware of companies that are not known, by company, and whether all of it could be read. What names no company
    is left to its own feed."""
    found = dict[str, Waiting]()
    whole = [
        _add(found, "documents", _documents(desk, _WAITING), known),
        _add(found, "prebookings", _documents(desk, _PREBOOK), known),
    ]
    if desk.settings.basware.orders.enabled:
        whole.append(_add(found, "orders", _orders(desk), known))
    if desk.settings.basware.vendors.enabled:
        whole.append(_count_vendors(desk, found, known))
    return found, all(whole)


def _add(found: dict[str, Waiting], kind: str, read: Iterable[tuple[str, str]], known: frozenset[str]) -> bool:
    """Count records of a kind, each a company and an id, once each; whether all could be read."""
    seen, whole = set[tuple[str, str]](), True
    try:
        for code, id_ in read:
            if code and code not in known:
                seen.add((code, id_))
    except UnreadablePage:  # the job of these records says so of its own
        whole = False
    except ScopeMissing:
        if kind in {"documents", "prebookings"}:
            raise  # then nobody looks, and people have to know
        whole = False
    for code, number in Counter(code for code, _ in seen).items():
        found[code] = found.get(code, Waiting()) + Waiting(**{kind: number})
    return whole


def _documents(desk: Desk, status: str) -> Iterator[tuple[str, str]]:
    size = desk.settings.basware.page_size
    for page in to_the_end(lambda: desk.basware.documents(status, page_size=size)):
        desk.keep_lease()
        yield from ((company_of(one.raw), one.invoice_id) for one in page.documents)


def _orders(desk: Desk) -> Iterator[tuple[str, str]]:
    for page in to_the_end(lambda: desk.feeds.exported_orders(WAITING_FOR_EXPORT)):
        desk.keep_lease()
        yield from ((company_of(one.raw), one.id) for one in page.records)


def _vendors(desk: Desk) -> Iterator[tuple[str, str]]:
    """Vendors by each company of theirs. One that a company hands down concerns every connection, and none is missing it."""
    for page in to_the_end(desk.feeds.vendors):
        desk.keep_lease()
        for one in page.records:
            companies = companies_of(one)
            if not any(company.inherit_to_child_units for company in companies):
                yield from ((company.company_code or "", one.id) for company in companies)


def _count_vendors(desk: Desk, found: dict[str, Waiting], known: frozenset[str]) -> bool:
    """Vendors as they were counted last, counted anew once a day; whether that could be done."""
    now = desk.clock.now()
    with desk.database.read() as tx:
        text = cursors.get(tx, desk.connection_id, _VENDORS)
    counted = msgspec.json.decode(text, type=_Counted) if text else None
    if counted is None or now >= counted.at + _VENDORS_EVERY:
        fresh = dict[str, Waiting]()
        if not _add(fresh, "vendors", _vendors(desk), frozenset()):
            return False
        counted = _Counted(at=now, vendors={code: one.vendors for code, one in fresh.items()})
        with desk.write() as tx:
            cursors.put(tx, desk.connection_id, _VENDORS, msgspec.json.encode(counted).decode(), now)
    for code, number in counted.vendors.items():
        if code not in known:
            found[code] = found.get(code, Waiting()) + Waiting(vendors=number)
    return True
