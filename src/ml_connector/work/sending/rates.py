"""The step that gives Basware QuickBooks' exchange rates: once a day, by the company's calendar, while it has several currencies.

QuickBooks announces neither currencies nor rates, so they are asked for: two reads a day.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from ml_connector.basware.master_data_bodies import for_companies, record_body
from ml_connector.flows.exchange_rates_out import KnownRate, plan_exchange_rates
from ml_connector.model.books import Preferences
from ml_connector.quickbooks import wire
from ml_connector.quickbooks.errors import Refused
from ml_connector.quickbooks.queries import currencies_in_use, rates_on
from ml_connector.quickbooks.records import number, text
from ml_connector.quickbooks.translation import preferences_from
from ml_connector.store import alerts, cursors, outgoing
from ml_connector.store import books as book_store
from ml_connector.store.database import Tx
from ml_connector.store.outgoing import NewOutgoing
from ml_connector.store.schema import Severity
from ml_connector.work.desk import Desk
from ml_connector.work.sending.dimensions import audience_of, mark_of, read_first
from ml_connector.work.sending.steps import Step

RESOURCE = "exchangeRates"
CURSOR = "exchange rates"
"""Where it is kept of which day rates were read last; the kind of alert, too, when they cannot be."""

COMPANIES = "exchange rates, companies"
"""Where it is kept for which companies the rates were given."""

_SUBJECT = "Exchange rate "
_ALL = 1_000_000


def plan_rates(desk: Desk) -> None:
    """Read the rates of today unless that was done, and store which of them Basware is to have."""
    read_first(desk, ())
    _follow_companies(desk)
    day = desk.today()
    with desk.database.read() as tx:
        preferences = _preferences(tx, desk)
        done = cursors.get(tx, desk.connection_id, CURSOR) == day.isoformat()
    if done or preferences is None or not preferences.multicurrency:
        return
    try:
        rates = _rates(desk, day)
    except Refused as refused:
        _cannot(desk, str(refused))
        return
    now = desk.clock.now()
    with desk.write() as tx:
        known = _known(tx, desk)
        planned = plan_exchange_rates(preferences.home_currency, day, rates, known, mark_of(desk))
        audience = audience_of(desk)
        records = [
            NewOutgoing(
                resource=RESOURCE,
                external_code=one.external_code,
                subject=one.subject,
                name=one.name,
                body=record_body(one.record, audience),
            )
            for one in planned
            if one.record is not None
        ]
        outgoing.plan(tx, desk.connection_id, records, now)
        cursors.put(tx, desk.connection_id, CURSOR, day.isoformat(), now)
        alerts.clear(tx, desk.connection_id, kind=CURSOR, subject=RESOURCE, now=now)


def _follow_companies(desk: Desk) -> None:
    """Rates that were given follow the companies of the connection: out of use in one that it let go, and the rate that holds now
    in one that is new. Done once for each change of the companies."""
    audience = audience_of(desk)
    mine = ",".join(audience.companies)
    with desk.database.read() as tx:
        before = cursors.get(tx, desk.connection_id, COMPANIES)
        rows = outgoing.listing(tx, desk.connection_id, resource=RESOURCE, limit=_ALL) if before != mine else []
    if before == mine:
        return
    newest = dict[str, tuple[str, str]]()
    for row in rows:
        newest[row.subject] = max(newest.get(row.subject, ("", "")), (_valid_from(row.body), row.external_code))
    changed = [
        NewOutgoing(
            resource=RESOURCE,
            external_code=row.external_code,
            subject=row.subject,
            name=row.name,
            body=for_companies(row.body, audience, newest=newest[row.subject][1] == row.external_code),
        )
        for row in rows
    ]
    now = desk.clock.now()
    with desk.write() as tx:
        outgoing.plan(tx, desk.connection_id, changed, now)
        cursors.put(tx, desk.connection_id, COMPANIES, mine, now)


def _valid_from(body: str) -> str:
    return str(wire.decode(body.encode())["validFrom"])


def _preferences(tx: Tx, desk: Desk) -> Preferences | None:
    """The company's preferences, None while they were never read."""
    rows = {entity: book_store.all_of(tx, desk.connection_id, entity) for entity in ("Preferences", "CompanyInfo")}
    if not all(rows.values()):
        return None
    preferences, company = (wire.decode(rows[entity][0].payload.encode()) for entity in ("Preferences", "CompanyInfo"))
    return preferences_from(preferences, company)


def _rates(desk: Desk, day: date) -> dict[str, Decimal]:
    """Home units for one unit of every currency the company uses."""
    desk.keep_lease()
    used = sorted({text(one, "Code") for one in desk.quickbooks.query(currencies_in_use())} - {""})
    found = dict[str, Decimal]()
    for statement in rates_on(day, used):
        for record in desk.quickbooks.query(statement):
            rate = number(record, "Rate")
            if rate is not None:
                found[text(record, "SourceCurrencyCode")] = rate
    return found


def _known(tx: Tx, desk: Desk) -> dict[str, KnownRate]:
    """The newest rate of each currency that was planned for Basware."""
    found = dict[str, KnownRate]()
    for row in outgoing.listing(tx, desk.connection_id, resource=RESOURCE, limit=100_000):
        body: dict[str, Any] = wire.decode(row.body.encode())
        currency = row.subject.removeprefix(_SUBJECT)
        one = KnownRate(rate=Decimal(body["rate"]), valid_from=datetime.fromisoformat(body["validFrom"]).date())
        if currency not in found or found[currency].valid_from < one.valid_from:
            found[currency] = one
    return found


def _cannot(desk: Desk, problem: str) -> None:
    """QuickBooks does not show its rates: people are told, everything else goes on, and the next run asks again."""
    message = f"QuickBooks does not show its exchange rates: {problem} Basware keeps the rates it has until it does."
    with desk.write() as tx:
        alerts.raise_(
            tx, desk.connection_id, kind=CURSOR, subject=RESOURCE, severity=Severity.WARNING, message=message,
            now=desk.clock.now(),
        )  # fmt: skip


RATE_STEPS: tuple[Step, ...] = (
    Step(
        label="exchange rates",
        resources=lambda _: (RESOURCE,),
        plan=plan_rates,
        wanted=lambda settings: settings.basware.master_data.enabled and settings.basware.master_data.exchange_rates,
    ),
)
"""One step: rates need nothing else."""
